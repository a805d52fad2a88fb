//! What stands at the end of a file. Bytes that were appended without being a revision change
//! nothing for a strict reader, but a lenient one that repairs the file may find objects in them:
//! the incremental saving attack.

use crate::pades::error::Refusal;
use crate::pades::reader::Pdf;

/// The end of a file, as far as it matters to the signatures before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Tail {
    /// Where the newest cross-reference section stands.
    newest_section: u64,
    /// Whether `%%EOF` is the last word.
    ends_with_mark: bool,
}

impl Tail {
    pub(super) fn of(pdf: &Pdf<'_>) -> Result<Self, Refusal> {
        let source = pdf.source();
        let take = source.len().min(TAIL_BYTES as u64);
        let mut bytes = vec![0; usize::try_from(take).unwrap_or(TAIL_BYTES)];
        source.read_at(source.len() - take, &mut bytes)?;
        Ok(Self {
            newest_section: pdf.startxref().saturating_add(pdf.shift()),
            ends_with_mark: bytes.trim_ascii_end().ends_with(b"%%EOF"),
        })
    }

    /// Whether what follows a signature that covers the file up to `end` is made of revisions.
    pub(super) fn is_revisions_after(self, end: u64) -> bool {
        self.ends_with_mark && self.newest_section >= end
    }
}

/// Room for the mark and some white space.
const TAIL_BYTES: usize = 64;
