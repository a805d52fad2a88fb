//! The cross-reference of a file that was rebuilt: its own leads nowhere, so the new section names
//! every object and leads to no section before it (ISO 32000-2, 7.5.4). Every reader finds the objects
//! that were looked at when it was sealed, and none mends the file in its own way any more.

use super::damaged;
use super::xref::Entries;
use crate::pades::error::Refusal;
use crate::pades::reader::{Pdf, XrefEntry};

/// The objects of the received file, and object 0.
pub(super) fn entries(pdf: &Pdf<'_>) -> Result<Entries, Refusal> {
    let mut entries = Entries::from([(0, XrefEntry::Free)]);
    for (number, entry) in pdf.numbers() {
        let entry = match entry {
            XrefEntry::At { offset, generation } => XrefEntry::At {
                offset: offset
                    .checked_sub(pdf.shift())
                    .ok_or_else(|| damaged("an object stands before the header"))?,
                generation,
            },
            entry => entry,
        };
        entries.insert(number, entry);
    }
    Ok(entries)
}
