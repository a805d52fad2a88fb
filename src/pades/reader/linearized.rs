//! Files that are read from their front (linearised: ISO 32000-2, annex F). Their first object says how
//! long they are, and some readers that find them so long begin with the section behind it, whatever
//! stands at the end: to a file that comes to that length by what is appended they show another
//! document than the one that was sealed.

use lopdf::Object;

use super::{Pdf, damaged};
use crate::pades::error::Refusal;

/// What a file says of itself in its first object.
#[derive(Clone, Copy)]
pub(super) struct Front {
    /// `/L`.
    length: u64,
    /// Where something stands behind that object: its first section, as it should be.
    behind: u64,
}

impl Pdf<'_> {
    /// Whether some readers would begin at the front of the file if it were this long.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(in crate::pades) fn is_linearized_at(&self, length: u64) -> Result<bool, Refusal> {
        let front = self.front()?;
        // With something before the header the file begins with either.
        let lengths = [length, length.saturating_sub(self.header_offset)];
        Ok(front.is_some_and(|front| lengths.contains(&front.length)))
    }

    /// Refuses a file that some readers read from its front, and others from its end.
    pub(super) fn check_front(&self) -> Result<(), Refusal> {
        if !self.is_linearized_at(self.received.len())? {
            return Ok(());
        }
        let newest = self.startxref().checked_add(self.shift());
        match self.front()? {
            Some(front) if Some(front.behind) != newest => Err(damaged(
                "it is linearised, and its newest section is not its first",
            )),
            _ => Ok(()),
        }
    }

    fn front(&self) -> Result<Option<Front>, Refusal> {
        if let Some(known) = self.front.get() {
            return Ok(*known);
        }
        let front = self.read_front()?;
        Ok(*self.front.get_or_init(|| front))
    }

    fn read_front(&self) -> Result<Option<Front>, Refusal> {
        let begin = self.header_offset;
        let front = self.read_growing(begin, self.limits.object_bytes, |window| {
            let mut lexer = self.lexer(window);
            lexer.object_header()?;
            let dictionary = lexer.dictionary()?;
            lexer.keyword(b"endobj");
            lexer.skip_space();
            let behind = begin + lexer.position() as u64;
            let length = match dictionary.get(b"L") {
                Ok(Object::Integer(length)) => u64::try_from(*length).ok(),
                _ => None,
            };
            let length = length.filter(|_| dictionary.has(b"Linearized"));
            Ok(length.map(|length| Front { length, behind }))
        });
        match front {
            Ok(front) => Ok(front),
            // It does not begin with a dictionary.
            Err(Refusal::PdfDamaged(_) | Refusal::PdfTooComplex(_)) => Ok(None),
            Err(refusal) => Err(refusal),
        }
    }
}
