//! What else in a file leads to an object that is about to be changed: who draws with it, or goes by it
//! as a list of something else, would show something else then.

use std::collections::{HashMap, HashSet};

use lopdf::{Object, ObjectId};

use super::ends::Ends;
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
    /// Looks at everything before a file is changed, as [`Pdf::look_at_all`] does: whether it ends,
    /// and what leads to what is changed. Where more than its owner may lead to one of the owned, all
    /// of them come back: they must stay as they are.
    ///
    /// # Errors
    /// `PdfDamaged` where something is drawn with one of the others, where some readers do not find
    /// one, where something reaches beyond the end of the file, and where that ends within a revision;
    /// `PdfTooComplex`.
    pub(in crate::pades) fn admit_changes(
        &self,
        changed: &[Changed],
    ) -> Result<Vec<ObjectId>, Refusal> {
        self.check_last_revision()?;
        let mut uses = Uses::of_none(changed);
        if uses.all().any(|number| self.is_hidden(number)) {
            return Err(damaged("what a seal changes is hidden from some readers"));
        }
        self.look_at_all_by(Some(Ends::of(self)), |object| match object {
            Object::Reference(id) => uses.through(*id),
            object => uses.within(object, b""),
        })?;
        if uses.is_drawn {
            return Err(damaged("what a seal changes is drawn with"));
        }
        // Where something cannot be read, more may lead to them; and one leads to the other.
        if !uses.owners.values().any(|owned| owned.owners > 1) && self.is_plain() {
            return Ok(Vec::new());
        }
        Ok(uses.owners.into_values().map(|owned| owned.id).collect())
    }
}

struct Uses {
    /// How many references lead to each that is owned, by its number, since some readers go by that
    /// alone.
    owners: HashMap<u32, Owned>,
    undrawn: HashSet<u32>,
    is_drawn: bool,
}

struct Owned {
    id: ObjectId,
    owners: usize,
}

impl Uses {
    fn of_none(changed: &[Changed]) -> Self {
        let owned = |id| Owned { id, owners: 0 };
        let (mut owners, mut undrawn) = (HashMap::new(), HashSet::new());
        for changed in changed {
            match *changed {
                Changed::Owned(id) => drop(owners.insert(id.0, owned(id))),
                Changed::Undrawn((number, _)) => drop(undrawn.insert(number)),
            }
        }
        Self {
            owners,
            undrawn,
            is_drawn: false,
        }
    }

    /// The numbers of all that is changed.
    fn all(&self) -> impl Iterator<Item = u32> + '_ {
        self.owners.keys().chain(&self.undrawn).copied()
    }

    /// What a value under a key leads to. The parser bounds how deep an object nests.
    fn within(&mut self, object: &Object, key: &[u8]) {
        match object {
            Object::Reference(id) => {
                self.is_drawn |= DRAWS.contains(&key) && self.is_undrawn(*id);
                if let Some(owned) = self.owners.get_mut(&id.0) {
                    owned.owners += 1;
                }
            }
            Object::Array(items) => items.iter().for_each(|item| self.within(item, key)),
            Object::Dictionary(dictionary) => {
                dictionary
                    .iter()
                    .for_each(|(key, value)| self.within(value, key));
            }
            Object::Stream(stream) => {
                stream
                    .dict
                    .iter()
                    .for_each(|(key, value)| self.within(value, key));
            }
            _ => {}
        }
    }

    /// An object that is nothing but a reference: whatever leads to it leads on.
    fn through(&mut self, to: ObjectId) {
        self.is_drawn |= self.is_undrawn(to);
        if let Some(owned) = self.owners.get_mut(&to.0) {
            owned.owners += 2;
        }
    }

    fn is_undrawn(&self, (number, _): ObjectId) -> bool {
        self.undrawn.contains(&number)
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
