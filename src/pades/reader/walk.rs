//! Walks over every object of a file.

use lopdf::{Object, ObjectId};

use super::skim::{Skimmed, skim};
use super::token::{END_OF_STREAM, ENDS_STREAM_BYTES, ends_stream};
use super::view::View;
use super::{Pdf, WINDOW_BYTES, XrefEntry, damaged, objects};
use crate::pades::error::Refusal;
use crate::pades::source;

impl Pdf<'_> {
    /// Refuses a file of which something reaches beyond its end: what is appended would become a part
    /// of that, so a seal would change what it seals. One that ends within a revision is none either:
    /// what stands before it is not what was sent.
    ///
    /// # Errors
    /// `PdfDamaged`; `PdfTooComplex` when there is more to look at than the limits allow.
    pub(in crate::pades) fn check_ends(&self) -> Result<(), Refusal> {
        self.check_last_revision()?;
        let mut ends = Ends {
            pdf: self,
            last: None,
        };
        let mut reader = InOrder::of(self);
        for (_, entry) in self.placed(|entry| matches!(entry, XrefEntry::At { .. })) {
            if let XrefEntry::At { offset, .. } = entry {
                ends.check(offset, &mut reader)?;
            }
        }
        Ok(())
    }

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

    /// Looks at every object that can be read.
    pub(super) fn look_at_each(&self, mut look: impl FnMut(&Object)) -> Result<(), Refusal> {
        let mut reader = InOrder::of(self);
        for (id, entry) in self.placed(|_| true) {
            let near = match entry {
                XrefEntry::At { offset, .. } => reader.window(offset)?.and_then(|window| {
                    objects::place(&mut self.lexer(window), window, offset).ok()
                }),
                _ => None,
            };
            let looked = match near.filter(|placed| placed.id == id) {
                Some(placed) => {
                    self.note_oddities(placed.oddities, id.0);
                    self.note_references(&placed.object);
                    look(&placed.object);
                    self.budget.spend_object()
                }
                None => self.object(id).map(|object| look(&object)),
            };
            match looked {
                Ok(()) | Err(Refusal::PdfDamaged(_)) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(())
    }

    /// All objects, those of an object stream one after the other: it is decoded once.
    pub(in crate::pades) fn in_the_order_of_the_file(&self) -> Vec<ObjectId> {
        self.placed(|_| true).map(|(id, _)| id).collect()
    }

    /// Those in the file itself come first.
    fn placed(
        &self,
        is_wanted: impl Fn(XrefEntry) -> bool,
    ) -> impl Iterator<Item = (ObjectId, XrefEntry)> {
        let wanted = self.numbers().filter(|(_, entry)| is_wanted(*entry));
        // There may be millions: no more is kept of each than sorting takes.
        let mut placed: Vec<_> = wanted
            .filter_map(|(number, entry)| match entry {
                XrefEntry::Free => None,
                XrefEntry::At { offset, .. } => Some((0, offset, number)),
                XrefEntry::In { stream, index } => Some((stream, u64::from(index), number)),
            })
            .collect();
        placed.sort_unstable();
        placed.into_iter().filter_map(|(_, _, number)| {
            let entry = self.entry(number)?;
            let generation = match entry {
                XrefEntry::At { generation, .. } => generation,
                _ => 0,
            };
            Some(((number, generation), entry))
        })
    }
}

/// Reads the objects that stand in the file itself, in their order: many small ones together, a few
/// between long streams each by itself.
struct InOrder<'p, 's> {
    pdf: &'p Pdf<'s>,
    view: View<'p, 's>,
    /// Where the object before this one begins.
    before: u64,
}

impl<'p, 's> InOrder<'p, 's> {
    fn of(pdf: &'p Pdf<'s>) -> Self {
        Self {
            pdf,
            view: View::new(pdf),
            before: 0,
        }
    }

    /// What begins at an object that has neighbours; nothing where it is better read by itself.
    fn window(&mut self, offset: u64) -> Result<Option<&[u8]>, Refusal> {
        let gap = offset.saturating_sub(self.before);
        self.before = offset;
        let source = self.pdf.source;
        if gap < WINDOW_BYTES as u64 && offset < source.len() && source.lent(offset, 1).is_none() {
            return self.view.from(offset, WINDOW_BYTES).map(Some);
        }
        Ok(None)
    }
}

/// Whether what stands in a file ends there.
struct Ends<'p, 's> {
    pdf: &'p Pdf<'s>,
    /// Where the file's last `endstream` stands, once that was looked for.
    last: Option<u64>,
}

impl Ends<'_, '_> {
    fn check(&mut self, offset: u64, reader: &mut InOrder<'_, '_>) -> Result<(), Refusal> {
        if offset >= self.pdf.source.len() {
            return Err(damaged("an object stands behind its end"));
        }
        if offset >= self.pdf.received.len() {
            // Written anew, with an end.
            return Ok(());
        }
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
        let near = reader.window(offset)?.map(&skim);
        let stream = match near {
            Some(Ok(stream)) => stream,
            None | Some(Err(_)) => {
                self.pdf
                    .read_growing(offset, self.pdf.limits.object_bytes, skim)?
            }
        };
        match stream {
            Some((begin, lengths)) => self.check_stream(begin, &lengths),
            None => Ok(()),
        }
    }

    fn written(&self, window: &[u8], at: usize) -> Object {
        let value = window.get(at..).unwrap_or_default();
        self.pdf.lexer(value).object().unwrap_or(Object::Null)
    }

    /// A stream that begins here ends before the file does: by its length or, where that is wrong, at
    /// an `endstream` that readers find behind it.
    fn check_stream(&mut self, begin: u64, lengths: &[Object]) -> Result<(), Refusal> {
        let last = match self.last {
            Some(last) => last,
            None => *self.last.insert(self.last_end_of_stream()?),
        };
        let mut longest = 0;
        for length in lengths {
            match self.pdf.resolve(length) {
                Ok(Object::Integer(length)) => {
                    longest = longest.max(u64::try_from(length).unwrap_or_default());
                }
                Ok(_) | Err(Refusal::PdfDamaged(_)) => {}
                Err(refusal) => return Err(refusal),
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
