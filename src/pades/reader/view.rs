//! A part of the file in memory that moves along with a walk over all of it: the file is read once,
//! and never held.

use crate::pades::error::Refusal;
use crate::pades::reader::Pdf;

/// The part that is in memory.
pub(super) struct View<'p, 's> {
    pdf: &'p Pdf<'s>,
    start: u64,
    bytes: Vec<u8>,
}

impl<'p, 's> View<'p, 's> {
    pub(super) fn new(pdf: &'p Pdf<'s>) -> Self {
        Self {
            pdf,
            start: 0,
            bytes: Vec::new(),
        }
    }

    /// The number of bytes of the file.
    pub(super) fn len(&self) -> u64 {
        self.pdf.source().len()
    }

    /// What begins at `at`, as far as it is in memory: so many bytes of it at least, or all there
    /// are.
    pub(super) fn from(&mut self, at: u64, wanted: usize) -> Result<&[u8], Refusal> {
        let left = self.len().saturating_sub(at);
        let wanted = left.min(wanted as u64);
        let end = self.start + self.bytes.len() as u64;
        if at < self.start || at + wanted > end {
            let size = left.min(wanted.max(BLOCK_BYTES));
            let size = usize::try_from(size).unwrap_or_default();
            self.pdf.budget.spend_bytes(size)?;
            self.bytes.resize(size, 0);
            self.pdf.source().read_at(at, &mut self.bytes)?;
            self.start = at;
        }
        let skip = usize::try_from(at - self.start).unwrap_or(usize::MAX);
        Ok(self.bytes.get(skip..).unwrap_or_default())
    }

    /// The first place from `at` on where something stands, and what. `find` is shown the file piece by piece;
    /// what it looks for is `longest` bytes long at most, so pieces have so many in common.
    pub(super) fn find<T>(
        &mut self,
        mut at: u64,
        longest: usize,
        find: impl Fn(&[u8]) -> Option<(usize, T)>,
    ) -> Result<Option<(u64, T)>, Refusal> {
        loop {
            let piece = self.from(at, PIECE_BYTES)?;
            let (found, length) = (find(piece), piece.len());
            if let Some((place, what)) = found {
                return Ok(Some((at + place as u64, what)));
            }
            if at + length as u64 >= self.len() {
                return Ok(None);
            }
            at += length.saturating_sub(longest) as u64;
        }
    }
}

/// So much is read at once.
const BLOCK_BYTES: u64 = 256 << 10;

/// A piece has so many bytes at least, unless the file ends before.
const PIECE_BYTES: usize = 4 << 10;
