//! Walks over every object of a file.

use lopdf::{Object, ObjectId};

use super::ends::Ends;
use super::objects::Placed;
use super::view::View;
use super::{Pdf, WINDOW_BYTES, XrefEntry, damaged};
use crate::pades::error::Refusal;

impl Pdf<'_> {
    /// Looks at every object that can be read, and whether those in the file itself end there, where
    /// somebody wants to know.
    ///
    /// # Errors
    /// `PdfDamaged` where one does not; `PdfTooComplex` when there is more to look at than the limits
    /// allow.
    pub(super) fn look_at_each(
        &self,
        mut ends: Option<Ends<'_, '_>>,
        mut look: impl FnMut(&Object),
    ) -> Result<(), Refusal> {
        let mut reader = InOrder::of(self);
        for (id, entry) in self.placed(|_| true) {
            let object = match entry {
                XrefEntry::At { offset, .. } => {
                    let placed = readable(self.next_placed(id, offset, &mut reader))?;
                    if placed.is_none() && self.xref.is_settled {
                        return Err(damaged("an object is not where the cross-reference has it"));
                    }
                    if let Some(ends) = &mut ends {
                        ends.check(offset, placed.as_ref(), &mut reader)?;
                    }
                    placed.map(|placed| placed.object)
                }
                XrefEntry::In { .. } | XrefEntry::Free => readable(self.object_listed(id))?,
            };
            if object.is_none() {
                self.has_unread.set(true);
            }
            if matches!(object, Some(Object::Reference(_))) {
                // Some readers follow one reference and no other.
                self.unclear.set(Some(id.0));
            }
            object.iter().for_each(&mut look);
        }
        Ok(())
    }

    /// The object that a walk comes to next.
    fn next_placed(
        &self,
        id: ObjectId,
        offset: u64,
        reader: &mut InOrder<'_, '_>,
    ) -> Result<Placed, Refusal> {
        let window = reader.window(offset)?;
        let near = window.map(|window| self.place(window, offset));
        match near {
            Some(Ok(placed)) if placed.id == id => {
                self.budget.spend_object()?;
                self.note_oddities(placed.oddities, id.0);
                self.note_references(&placed.object);
                Ok(placed)
            }
            _ => self.placed_listed(id, offset),
        }
    }

    /// All objects, those of an object stream one after the other: it is decoded once.
    pub(in crate::pades) fn in_the_order_of_the_file(&self) -> Vec<ObjectId> {
        self.placed(|_| true).map(|(id, _)| id).collect()
    }

    /// Those in the file itself come first.
    pub(super) fn placed(
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
pub(super) struct InOrder<'p, 's> {
    pdf: &'p Pdf<'s>,
    view: View<'p, 's>,
    /// Where the object before this one begins.
    before: u64,
}

impl<'p, 's> InOrder<'p, 's> {
    pub(super) fn of(pdf: &'p Pdf<'s>) -> Self {
        Self {
            pdf,
            view: View::new(pdf),
            before: 0,
        }
    }

    /// What begins at an object that has neighbours; nothing where it is better read by itself.
    pub(super) fn window(&mut self, offset: u64) -> Result<Option<&[u8]>, Refusal> {
        let gap = offset.saturating_sub(self.before);
        self.before = offset;
        let source = self.pdf.source;
        if gap < WINDOW_BYTES as u64 && offset < source.len() && source.lent(offset, 1).is_none() {
            return self.view.from(offset, WINDOW_BYTES).map(Some);
        }
        Ok(None)
    }
}

/// What could be read.
pub(super) fn readable<T>(read: Result<T, Refusal>) -> Result<Option<T>, Refusal> {
    match read {
        Ok(read) => Ok(Some(read)),
        Err(Refusal::PdfDamaged(_)) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}
