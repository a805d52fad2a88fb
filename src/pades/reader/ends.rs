//! Whether what stands in a file ends there.

use lopdf::Object;

use super::objects::Placed;
use super::skim::{Skimmed, skim};
use super::token::{END_OF_STREAM, ENDS_STREAM_BYTES, ends_stream};
use super::walk::{InOrder, readable};
use super::{Pdf, XrefEntry, damaged};
use crate::pades::error::Refusal;
use crate::pades::source;

impl Pdf<'_> {
    /// Refuses a file that ends within a revision, which may have had signatures.
    ///
    /// # Errors
    /// `PdfDamaged`.
    pub(in crate::pades) fn check_last_revision(&self) -> Result<(), Refusal> {
        if self.xref.is_cut_off {
            return Err(damaged("it ends within a revision"));
        }
        Ok(())
    }
}

/// Looks where the objects of a file end, and what it finds once.
pub(super) struct Ends<'p, 's> {
    pdf: &'p Pdf<'s>,
    /// Where the file's last `endstream` stands, once that was looked for.
    last: Option<u64>,
}

impl<'p, 's> Ends<'p, 's> {
    pub(super) fn of(pdf: &'p Pdf<'s>) -> Self {
        Self { pdf, last: None }
    }

    /// Refuses a file of which something reaches beyond its end: what is appended would become a part
    /// of that, so a seal would change what it seals. What was read at a place is not read again.
    ///
    /// # Errors
    /// `PdfDamaged`, `PdfTooComplex`.
    pub(super) fn check(
        &mut self,
        offset: u64,
        read: Option<&Placed>,
        reader: &mut InOrder<'_, '_>,
    ) -> Result<(), Refusal> {
        if offset >= self.pdf.source.len() {
            return Err(damaged("an object stands behind its end"));
        }
        if offset >= self.pdf.received.len() {
            // Written anew, with an end.
            return Ok(());
        }
        // Of a key that stands twice only one value was kept.
        let plain = read.filter(|read| !read.oddities.has_repeated_key);
        match plain.map(|plain| (&plain.object, plain.end)) {
            Some((Object::Stream(stream), begin)) => {
                self.check_stream(begin, stream.dict.get(b"Length").into_iter())
            }
            Some((Object::Dictionary(_), _)) => Ok(()),
            // To some readers anything may be a stream.
            _ => match self.skimmed(offset, reader)? {
                Some((begin, lengths)) => self.check_stream(begin, lengths.iter()),
                None => Ok(()),
            },
        }
    }

    /// Where the data begin of the stream at a place of the file, and its lengths, if it is one.
    fn skimmed(
        &self,
        offset: u64,
        reader: &mut InOrder<'_, '_>,
    ) -> Result<Option<(u64, Vec<Object>)>, Refusal> {
        self.pdf.budget.spend_object()?;
        let skim = |window: &[u8]| {
            Ok(match skim(self.pdf.lexer(window), window)? {
                Skimmed::Stream { data, lengths } => {
                    let written = lengths.into_iter().map(|at| self.written(window, at));
                    Some((offset + data as u64, written.collect::<Vec<_>>()))
                }
                Skimmed::Nothing | Skimmed::Object => None,
            })
        };
        if let Some(Ok(stream)) = reader.window(offset)?.map(&skim) {
            return Ok(stream);
        }
        let bytes_max = self.pdf.limits.object_bytes;
        self.pdf.read_growing(offset, bytes_max, skim)
    }

    /// A length that stands elsewhere, as readers find it that go by the number alone.
    fn length(&self, length: &Object) -> Result<Object, Refusal> {
        let generation = |number| match self.pdf.entry(number) {
            Some(XrefEntry::At { generation, .. }) => generation,
            _ => 0,
        };
        match length {
            Object::Reference((number, _)) => {
                let id = (*number, generation(*number));
                self.pdf.follow(id).map(|(_, length)| length)
            }
            length => Ok(length.clone()),
        }
    }

    fn written(&self, window: &[u8], at: usize) -> Object {
        let value = window.get(at..).unwrap_or_default();
        self.pdf.lexer(value).object().unwrap_or(Object::Null)
    }

    /// A stream that begins here ends before the file does: by its length or, where that is wrong, at
    /// an `endstream` that readers find behind it.
    fn check_stream<'o>(
        &mut self,
        begin: u64,
        lengths: impl Iterator<Item = &'o Object>,
    ) -> Result<(), Refusal> {
        let last = match self.last {
            Some(last) => last,
            None => *self.last.insert(self.last_end_of_stream()?),
        };
        let mut longest = 0;
        for length in lengths {
            if let Some(Object::Integer(length)) = readable(self.length(length))? {
                longest = longest.max(u64::try_from(length).unwrap_or_default());
            }
        }
        if begin.saturating_add(longest) <= last {
            Ok(())
        } else {
            Err(damaged("a stream reaches beyond its end"))
        }
    }

    /// Where the last `endstream` of the file stands; 0 where it has none.
    fn last_end_of_stream(&self) -> Result<u64, Refusal> {
        let mut end = self.pdf.received.len();
        while end > 0 {
            let begin = end.saturating_sub(BLOCK_BYTES);
            // The word may stand across two blocks, and so may what shows that it is whole.
            let behind = (end + ENDS_STREAM_BYTES as u64).min(self.pdf.received.len());
            let block = usize::try_from(behind - begin).unwrap_or_default();
            if end < self.pdf.received.len() {
                self.pdf.budget.spend_bytes(block)?;
            }
            let block = source::read(self.pdf.received, begin, block)?;
            let is_end = |at: &usize| {
                begin + (*at as u64) < end && block.get(*at..).is_some_and(ends_stream)
            };
            if let Some(at) = memchr::memmem::rfind_iter(&block, END_OF_STREAM).find(is_end) {
                return Ok(begin + at as u64);
            }
            end = begin;
        }
        Ok(0)
    }
}

/// So much is searched at once, from the end on.
const BLOCK_BYTES: u64 = 16 << 10;
