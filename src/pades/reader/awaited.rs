//! Numbers that objects wait for: a new object of such a number would appear where nobody put it.

use std::collections::HashSet;

use lopdf::{Dictionary, Object};

use super::ends::Ends;
use super::{Pdf, XrefEntry};
use crate::pades::error::Refusal;
use crate::pades::source;

impl Pdf<'_> {
    /// Whether an object that was looked at refers to this number, though no object has it.
    pub(in crate::pades) fn is_awaited(&self, number: u32) -> bool {
        self.dangling.borrow().contains(&number)
    }

    /// Looks at every object, for what [`Pdf::is_awaited`] says. Where one cannot be read, or is another
    /// one to some readers, whatever stands in the file may be a number that it waits for.
    ///
    /// # Errors
    /// `PdfTooComplex` when there is more to look at than the limits allow.
    pub(in crate::pades) fn look_at_all(&self) -> Result<(), Refusal> {
        self.look_at_all_by(None, |_| {})
    }

    /// Whether an object that the table has could not be read by a walk over all, be it that nothing
    /// leads to it: nobody knows then what it leads to.
    pub(in crate::pades) fn has_unread(&self) -> bool {
        self.has_unread.get()
    }

    /// Whether whatever was looked at could be read, and is one thing to all readers.
    pub(in crate::pades) fn is_plain(&self) -> bool {
        self.unclear().is_none() && !self.has_unread.get()
    }

    /// The same, by somebody who wants to see each object that can be read, too, and to know whether
    /// what stands in the file ends there.
    ///
    /// # Errors
    /// As [`Pdf::look_at_each`].
    pub(super) fn look_at_all_by(
        &self,
        ends: Option<Ends<'_, '_>>,
        look: impl FnMut(&Object),
    ) -> Result<(), Refusal> {
        self.look_at_each(ends, look)?;
        if !self.is_plain() {
            self.note_every_number()?;
        }
        Ok(())
    }

    /// Remembers the numbers that an object refers to though no object has them: a new object of
    /// such a number would appear where nobody put it. The parser bounds how deep an object nests.
    pub(super) fn note_references(&self, object: &Object) {
        match object {
            Object::Reference((number, generation)) => match self.entry(*number) {
                None => drop(self.dangling.borrow_mut().insert(*number)),
                Some(XrefEntry::At { generation: is, .. }) if is != *generation => {
                    // Some readers go by the number alone.
                    self.unclear.set(Some(*number));
                }
                Some(XrefEntry::In { .. }) if *generation != 0 => self.unclear.set(Some(*number)),
                Some(_) => {}
            },
            Object::Array(items) => items.iter().for_each(|item| self.note_references(item)),
            Object::Dictionary(dictionary) => self.note_references_in(dictionary),
            Object::Stream(stream) => self.note_references_in(&stream.dict),
            _ => {}
        }
    }

    pub(super) fn note_references_in(&self, dictionary: &Dictionary) {
        dictionary
            .iter()
            .for_each(|(_, value)| self.note_references(value));
    }

    fn note_every_number(&self) -> Result<(), Refusal> {
        let (mut at, len) = (0, self.received.len());
        loop {
            let take = usize::try_from(len - at).map_or(BLOCK_BYTES, |left| left.min(BLOCK_BYTES));
            self.note_numbers_in(&source::read(self.received, at, take)?)?;
            if take < BLOCK_BYTES {
                break;
            }
            // A number that stands across the end of a block is found in the next.
            at += (BLOCK_BYTES - DIGITS_MAX) as u64;
        }
        let in_streams = self.numbers().filter_map(|(_, entry)| match entry {
            XrefEntry::In { stream, .. } => Some(stream),
            XrefEntry::Free | XrefEntry::At { .. } => None,
        });
        for stream in in_streams.collect::<HashSet<_>>() {
            match self.object_stream(stream) {
                Ok(stream) => self.note_numbers_in(stream.data())?,
                Err(Refusal::PdfDamaged(_)) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(())
    }

    fn note_numbers_in(&self, bytes: &[u8]) -> Result<(), Refusal> {
        self.budget.spend_bytes(bytes.len())?;
        let mut dangling = self.dangling.borrow_mut();
        for digits in bytes.split(|byte| !byte.is_ascii_digit()) {
            let number = std::str::from_utf8(digits).ok();
            let number = number.and_then(|digits| digits.parse().ok());
            let Some(number) = number.filter(|&number| self.entry(number).is_none()) else {
                continue;
            };
            dangling.insert(number);
            if dangling.len() > AWAITED_MAX {
                let what = "there are too many numbers to wait for";
                return Err(Refusal::PdfTooComplex(what.into()));
            }
        }
        Ok(())
    }
}

/// So much is looked through at once.
const BLOCK_BYTES: usize = 1 << 20;

/// No object's number has more.
const DIGITS_MAX: usize = 10;

/// So many numbers are remembered that nobody may wait for.
const AWAITED_MAX: usize = 1 << 20;
