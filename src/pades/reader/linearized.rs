//! Files that are read from their front (linearised: ISO 32000-2, annex F). Their first object says how
//! long they are, and some readers that find them so long begin with the section behind it, whatever
//! stands at the end: to a file that comes to that length by what is appended they show another
//! document than the one that was sealed.

use lopdf::Object;

use super::{Pdf, WINDOW_BYTES, damaged};
use crate::pades::error::Refusal;
use crate::pades::source;

/// What a file says of itself in its first object.
struct Front {
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
        if !self.may_have_front()? {
            return Ok(None);
        }
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

    /// Most files have no such word in their first object: they are not looked at more closely.
    fn may_have_front(&self) -> Result<bool, Refusal> {
        let left = self.source.len().saturating_sub(self.header_offset);
        let take = usize::try_from(left).map_or(WINDOW_BYTES, |left| left.min(WINDOW_BYTES));
        let window = source::read(self.source, self.header_offset, take)?;
        let end = memchr::memmem::find(&window, b"obj")
            .and_then(|begin| Some(begin + memchr::memmem::find(window.get(begin..)?, b"endobj")?));
        let object = window.get(..end.unwrap_or(take)).unwrap_or_default();
        // Letters of a name may be written as numbers (7.3.5).
        let has_word = memchr::memmem::find(object, b"Linearized").is_some();
        Ok(has_word || object.contains(&b'#') || end.is_none())
    }
}
