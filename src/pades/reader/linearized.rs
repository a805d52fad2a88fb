//! Files that are read from their front (linearised: ISO 32000-2, annex F). Their first object says how
//! long they are, and some readers that find them so long begin with the section behind it, whatever
//! stands at the end: to a file that comes to that length by what is appended they show another
//! document than the one that was sealed.

use super::first_object::{FirstObject, first_object};
use super::{Pdf, damaged};
use crate::pades::error::Refusal;
use crate::pades::source;

/// What the first object of a linearised file says.
#[derive(Clone, Copy)]
pub(super) struct Front {
    /// `/L`: how long the file is if it is read from its front.
    length: u64,
    /// Where its first section stands, then.
    section: u64,
}

impl Pdf<'_> {
    /// Whether some readers would begin at the front of the file if it were this long.
    ///
    /// # Errors
    /// `PdfDamaged` when nobody can say that for all of them; when the file cannot be read.
    pub(in crate::pades) fn is_linearized_at(&self, length: u64) -> Result<bool, Refusal> {
        // With something before the header readers do not agree where the file begins.
        let least = length.saturating_sub(self.header_offset);
        Ok(self
            .front()?
            .is_some_and(|front| (least..=length).contains(&front.length)))
    }

    /// Refuses a file that some readers read from its front, and others from its end.
    pub(super) fn check_front(&self) -> Result<(), Refusal> {
        if !self.is_linearized_at(self.received.len())? {
            return Ok(());
        }
        let newest = self.startxref().checked_add(self.shift());
        match self.front()? {
            Some(front) if Some(front.section) != newest => Err(damaged(
                "it is linearised, and its newest section is not its first",
            )),
            _ => Ok(()),
        }
    }

    /// What the front says, if any reader begins there.
    ///
    /// # Errors
    /// As [`Pdf::is_linearized_at`].
    pub(super) fn front(&self) -> Result<Option<Front>, Refusal> {
        if let Some(known) = self.front.get() {
            return Ok(*known);
        }
        let front = self.read_front()?;
        Ok(*self.front.get_or_init(|| front))
    }

    fn read_front(&self) -> Result<Option<Front>, Refusal> {
        let begin = self.header_offset;
        let before = source::read(self.source, 0, usize::try_from(begin).unwrap_or_default())?;
        let has = |word: &[u8]| memchr::memmem::find(&before, word).is_some();
        let first = if begin > JUNK_PLAIN_MAX || has(b"obj") || has(b"%PDF") {
            // Some readers begin there.
            Ok(FirstObject::Unclear)
        } else {
            self.read_growing(begin, self.limits.object_bytes, first_object)
        };
        match first {
            Ok(FirstObject::Other) => Ok(None),
            Ok(FirstObject::Linearized { length, end }) => Ok(Some(Front {
                length,
                section: begin + end,
            })),
            // Some readers begin within the line of the header, or read another object there.
            Ok(FirstObject::Unclear) | Err(Refusal::PdfDamaged(_) | Refusal::PdfTooComplex(_)) => {
                if self.may_be_linearized()? {
                    Err(damaged(
                        "it may be linearised, and nobody can say to what length",
                    ))
                } else {
                    Ok(None)
                }
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// Whether the word stands anywhere that makes a file a linearised one.
    fn may_be_linearized(&self) -> Result<bool, Refusal> {
        let mut at = 0;
        loop {
            let left = self.received.len().saturating_sub(at);
            let take = usize::try_from(left).map_or(BLOCK_BYTES, |left| left.min(BLOCK_BYTES));
            self.budget.spend_bytes(take / SEARCH_CHEAPER)?;
            let block = source::read(self.received, at, take)?;
            let mut names = memchr::memchr_iter(b'/', &block).filter_map(|at| block.get(at + 1..));
            if names.any(begins_with_word) {
                return Ok(true);
            }
            if take < BLOCK_BYTES {
                return Ok(false);
            }
            // A word that stands across the end of a block is found in the next.
            at += (BLOCK_BYTES - WORD_BYTES_MAX) as u64;
        }
    }
}

/// Letters of a name may be written as numbers (7.3.5).
fn begins_with_word(mut name: &[u8]) -> bool {
    WORD.iter().all(|&letter| {
        let (is_letter, behind) = match name {
            [b'#', high, low, behind @ ..] => {
                let digits = [*high, *low].map(|digit| char::from(digit).to_digit(16));
                let [Some(high), Some(low)] = digits else {
                    return false;
                };
                (16 * high + low == u32::from(letter), behind)
            }
            [first, behind @ ..] => (*first == letter, behind),
            [] => return false,
        };
        name = behind;
        is_letter
    })
}

const WORD: &[u8] = b"Linearized";

/// Every reader finds a header that begins here or before.
const JUNK_PLAIN_MAX: u64 = 1000;

/// So long is the word if each of its letters is written as a number, with what stands before it.
const WORD_BYTES_MAX: usize = 3 * WORD.len() + 1;

/// So much is searched at once.
const BLOCK_BYTES: usize = 1 << 20;

/// So much cheaper it is to search for a word than to read objects.
const SEARCH_CHEAPER: usize = 16;
