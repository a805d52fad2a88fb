//! Walks over every object of a file.

use lopdf::{Dictionary, Object, ObjectId};

use super::view::View;
use super::{ENDS_WITHIN, Pdf, WINDOW_BYTES, XrefEntry, damaged, objects};
use crate::pades::error::Refusal;
use crate::pades::source;

impl Pdf<'_> {
    /// Refuses a file of which something reaches beyond its end: what is appended would become a part
    /// of that, so a seal would change what it seals.
    ///
    /// # Errors
    /// `PdfDamaged`; `PdfTooComplex` when there is more to look at than the limits allow.
    pub(in crate::pades) fn check_ends(&self) -> Result<(), Refusal> {
        self.check_last_end()?;
        self.look_at_each(|entry| matches!(entry, XrefEntry::At { .. }))
    }

    /// The same, and looks at every object for what [`Pdf::is_awaited`] says. What cannot be read says
    /// nothing.
    ///
    /// # Errors
    /// As [`Pdf::check_ends`].
    pub(in crate::pades) fn look_at_all(&self) -> Result<(), Refusal> {
        self.check_last_end()?;
        self.look_at_each(|_| true)
    }

    /// Refuses a file that ends within a revision: the one before is not what was sent.
    ///
    /// # Errors
    /// `PdfDamaged`.
    fn check_last_end(&self) -> Result<(), Refusal> {
        if self.xref.is_cut_off {
            return Err(damaged("it ends within a revision"));
        }
        Ok(())
    }

    fn look_at_each(&self, is_wanted: impl Fn(XrefEntry) -> bool) -> Result<(), Refusal> {
        let mut look = Look {
            pdf: self,
            view: View::new(self),
            before: 0,
            last_end: None,
        };
        for (id, entry) in self.placed(is_wanted) {
            let looked = match entry {
                XrefEntry::At { offset, .. } => look.at(id, offset)?,
                _ => self.object(id).map(drop),
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

/// A look at the objects that stand in the file itself, in their order.
struct Look<'p, 's> {
    pdf: &'p Pdf<'s>,
    view: View<'p, 's>,
    /// Where the object before this one begins.
    before: u64,
    /// Where the file's last `endstream` stands, once that was looked for.
    last_end: Option<u64>,
}

impl Look<'_, '_> {
    /// Looks at one object; an outer error is the file's.
    fn at(&mut self, id: ObjectId, offset: u64) -> Result<Result<(), Refusal>, Refusal> {
        if offset >= self.pdf.source.len() {
            return Err(damaged("an object stands behind its end"));
        }
        let placed = match self.read(offset) {
            Err(Refusal::PdfDamaged(why)) if why == ENDS_WITHIN => {
                return Err(damaged(ENDS_WITHIN));
            }
            Err(refusal) => return Ok(Err(refusal)),
            Ok(placed) => placed,
        };
        if placed.id == id {
            self.pdf.note_references(&placed.object);
        }
        if let Object::Stream(stream) = &placed.object {
            self.check_end(placed.end, &stream.dict)?;
        }
        Ok(Ok(()))
    }

    /// Many small objects are read together, a few between long streams each by itself.
    fn read(&mut self, offset: u64) -> Result<objects::Placed, Refusal> {
        let gap = offset.saturating_sub(self.before);
        self.before = offset;
        if gap < WINDOW_BYTES as u64 && self.pdf.source.lent(offset, 1).is_none() {
            let window = self.view.from(offset, WINDOW_BYTES)?;
            if let Ok(placed) = objects::place(&mut self.pdf.lexer(window), window, offset) {
                self.pdf.budget.spend_object()?;
                return Ok(placed);
            }
        }
        self.pdf.object_at(offset)
    }

    /// A stream that begins here ends before the file does: by its length or, where that is wrong, at
    /// an `endstream` that readers find behind it.
    fn check_end(&mut self, begin: u64, dictionary: &Dictionary) -> Result<(), Refusal> {
        let length = match self.pdf.get(dictionary, b"Length") {
            Ok(Object::Integer(length)) => u64::try_from(length).unwrap_or_default(),
            Ok(_) | Err(Refusal::PdfDamaged(_)) => 0,
            Err(refusal) => return Err(refusal),
        };
        let last = match self.last_end {
            Some(last) => last,
            None => *self.last_end.insert(self.last_end_of_stream()?),
        };
        match begin.checked_add(length) {
            Some(end) if end <= last => Ok(()),
            _ => Err(damaged("a stream reaches beyond its end")),
        }
    }

    /// Where the last `endstream` of the file stands; 0 where it has none.
    fn last_end_of_stream(&self) -> Result<u64, Refusal> {
        let mut end = self.pdf.source.len();
        while end > 0 {
            let begin = end.saturating_sub(BLOCK_BYTES);
            let block = usize::try_from(end - begin).unwrap_or_default();
            if end < self.pdf.source.len() {
                self.pdf.budget.spend_bytes(block)?;
            }
            let block = source::read(self.pdf.source, begin, block)?;
            if let Some(at) = memchr::memmem::rfind(&block, END_OF_STREAM) {
                return Ok(begin + at as u64);
            }
            if begin == 0 {
                break;
            }
            // The word may stand across two blocks.
            end = begin + END_OF_STREAM.len() as u64 - 1;
        }
        Ok(0)
    }
}

const END_OF_STREAM: &[u8] = b"endstream";

/// So much is searched at once, from the end on.
const BLOCK_BYTES: u64 = 16 << 10;
