//! What else in a file leads to an object that is about to be changed: who draws with it, or goes by it
//! as a list of something else, would show something else then.

use lopdf::{Object, ObjectId};

use super::{Pdf, damaged};
use crate::pades::error::Refusal;

/// An object that is about to be changed.
#[derive(Clone, Copy)]
pub(in crate::pades) enum Changed {
    /// One that nothing but its owner leads to: a list, the form.
    Owned(ObjectId),
    /// One that much may lead to, but nothing that draws: the catalog, a page, a field.
    Undrawn(ObjectId),
}

impl Pdf<'_> {
    /// Looks at everything, as [`Pdf::look_at_all`] does. Where more than its owner may
    /// lead to one of the owned, all of them come back: they must stay as they are.
    ///
    /// # Errors
    /// `PdfDamaged` where something is drawn with one of the others; as [`Pdf::look_at_all`].
    pub(in crate::pades) fn look_at_all_uses(
        &self,
        changed: &[Changed],
    ) -> Result<Vec<ObjectId>, Refusal> {
        let mut uses = Uses {
            changed,
            owners: vec![0; changed.len()],
            is_drawn: false,
        };
        self.look_at_all_by(|object| match object {
            Object::Reference(id) => uses.through(*id),
            object => uses.of(object, b""),
        })?;
        if uses.is_drawn {
            return Err(damaged("what a seal changes is drawn with"));
        }
        let mut owners = changed.iter().zip(&uses.owners);
        let is_shared = |(changed, owners): (&Changed, &usize)| {
            matches!(changed, Changed::Owned(_)) && *owners > 1
        };
        // Where something cannot be read, more may lead to them; and one leads to the other.
        if !owners.any(is_shared) && self.unclear().is_none() {
            return Ok(Vec::new());
        }
        let owned = changed.iter().filter_map(|changed| match changed {
            Changed::Owned(id) => Some(*id),
            Changed::Undrawn(_) => None,
        });
        Ok(owned.collect())
    }
}

struct Uses<'c> {
    changed: &'c [Changed],
    /// How many references lead to each.
    owners: Vec<usize>,
    is_drawn: bool,
}

impl Uses<'_> {
    /// What a value under a key leads to. The parser bounds how deep an object nests.
    fn of(&mut self, object: &Object, key: &[u8]) {
        match object {
            Object::Reference(id) => self.reference(*id, key),
            Object::Array(items) => items.iter().for_each(|item| self.of(item, key)),
            Object::Dictionary(dictionary) => {
                dictionary
                    .iter()
                    .for_each(|(key, value)| self.of(value, key));
            }
            Object::Stream(stream) => {
                stream
                    .dict
                    .iter()
                    .for_each(|(key, value)| self.of(value, key));
            }
            _ => {}
        }
    }

    fn reference(&mut self, id: ObjectId, key: &[u8]) {
        for (changed, owners) in self.changed.iter().zip(&mut self.owners) {
            match changed {
                Changed::Owned(own) if *own == id => *owners += 1,
                Changed::Undrawn(own) if *own == id => self.is_drawn |= DRAWS.contains(&key),
                _ => {}
            }
        }
    }

    /// An object that is nothing but a reference: whatever leads to it leads on.
    fn through(&mut self, to: ObjectId) {
        for (changed, owners) in self.changed.iter().zip(&mut self.owners) {
            match changed {
                Changed::Owned(own) if *own == to => *owners += 2,
                Changed::Undrawn(own) if *own == to => self.is_drawn = true,
                _ => {}
            }
        }
    }
}

/// What stands under these is drawn, or drawn with by names that anybody may choose (ISO 32000-2, 7.8.3).
const DRAWS: [&[u8]; 10] = [
    b"Resources",
    b"Contents",
    b"ColorSpace",
    b"DR",
    b"ExtGState",
    b"Font",
    b"Pattern",
    b"Properties",
    b"Shading",
    b"XObject",
];
