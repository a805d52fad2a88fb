//! References that lead to another generation of an object than stands in the file. Some readers take
//! the object all the same, some find nothing, and some mend even a whole file because of it, with
//! objects that are none of the document.

use lopdf::{Object, ObjectId};

use crate::pades::error::Refusal;
use crate::pades::reader::{Pdf, XrefEntry, damaged};

/// Whether an object is or has a reference to a later generation than the first, which next to none has.
/// The parser bounds how deep it nests.
pub(super) fn names_later(object: &Object) -> bool {
    has_reference(object, &|(_, generation)| generation != 0)
}

/// Refuses a file with such a reference in anything that counts. Where no generation but the first is
/// named there is none, and nothing need be looked at.
pub(super) fn check(pdf: &Pdf<'_>, has_later: bool) -> Result<(), Refusal> {
    let misleads = |object: &Object| has_reference(object, &|id| is_another(pdf, id));
    let mut is_misled = pdf.trailer().iter().any(|(_, value)| misleads(value));
    if has_later {
        pdf.look_at_each(None, |object| is_misled |= misleads(object))?;
    }
    if is_misled {
        return Err(damaged(
            "a reference leads to another generation of an object",
        ));
    }
    Ok(())
}

fn is_another(pdf: &Pdf<'_>, (number, generation): ObjectId) -> bool {
    match pdf.entry(number) {
        None | Some(XrefEntry::Free) => false,
        Some(XrefEntry::At { generation: is, .. }) => is != generation,
        Some(XrefEntry::In { .. }) => generation != 0,
    }
}

fn has_reference(object: &Object, is_such: &impl Fn(ObjectId) -> bool) -> bool {
    match object {
        Object::Reference(id) => is_such(*id),
        Object::Array(items) => items.iter().any(|item| has_reference(item, is_such)),
        Object::Dictionary(entries) => {
            let mut values = entries.iter().map(|(_, value)| value);
            values.any(|value| has_reference(value, is_such))
        }
        Object::Stream(stream) => {
            let mut values = stream.dict.iter().map(|(_, value)| value);
            values.any(|value| has_reference(value, is_such))
        }
        _ => false,
    }
}
