//! Walks over every object of a file.

use lopdf::ObjectId;

use super::view::View;
use super::{Pdf, WINDOW_BYTES, XrefEntry, objects};
use crate::pades::error::Refusal;

impl Pdf<'_> {
    /// Looks at every object, for what [`Pdf::is_awaited`] says. What cannot be read says nothing.
    ///
    /// # Errors
    /// `PdfTooComplex` when there is more to look at than the limits allow.
    pub(in crate::pades) fn look_at_all(&self) -> Result<(), Refusal> {
        let mut view = View::new(self);
        let mut before = 0;
        for id in self.in_the_order_of_the_file() {
            // Many small objects are read together, a few between long streams each by itself.
            let near = match self.entry(id.0) {
                Some(XrefEntry::At { offset, .. }) => {
                    let gap = offset.saturating_sub(before);
                    before = offset;
                    (gap < WINDOW_BYTES as u64 && offset < self.source.len()).then_some(offset)
                }
                _ => None,
            };
            match self.look_at(id, near, &mut view) {
                Ok(()) | Err(Refusal::PdfDamaged(_)) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(())
    }

    fn look_at(
        &self,
        id: ObjectId,
        near: Option<u64>,
        view: &mut View<'_, '_>,
    ) -> Result<(), Refusal> {
        if let Some(offset) = near {
            let window = view.from(offset, WINDOW_BYTES)?;
            if let Ok(placed) = objects::place(&mut self.lexer(window), window, offset)
                && placed.id == id
            {
                self.note_references(&placed.object);
                return self.budget.spend_object();
            }
        }
        self.object(id).map(drop)
    }

    /// All objects, those of an object stream one after the other: it is decoded once.
    pub(in crate::pades) fn in_the_order_of_the_file(&self) -> Vec<ObjectId> {
        let mut placed: Vec<_> = self
            .numbers()
            .filter_map(|(number, entry)| match entry {
                XrefEntry::Free => None,
                XrefEntry::At { offset, generation } => Some((0, offset, (number, generation))),
                XrefEntry::In { stream, index } => Some((stream, u64::from(index), (number, 0))),
            })
            .collect();
        placed.sort_unstable();
        placed.into_iter().map(|(_, _, id)| id).collect()
    }
}
