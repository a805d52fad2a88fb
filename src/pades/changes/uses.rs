//! How often the objects of the signed revision refer to certain others, and by which entries.

use std::collections::{BTreeSet, HashMap, HashSet};

use lopdf::{Dictionary, Object};

use crate::pades::error::Refusal;
use crate::pades::reader::Pdf;

/// The references to some objects, counted over a whole revision. The number alone counts: of
/// compressed objects, some readers do not look at the generation.
pub(super) struct Uses {
    of: HashMap<u32, Use>,
    is_complete: bool,
}

#[derive(Default)]
struct Use {
    count: usize,
    /// The entries of dictionaries that refer to it; an empty one for an object that does so itself.
    keys: BTreeSet<Vec<u8>>,
}

impl Uses {
    /// Counts the references to `wanted` in every object and in the trailer.
    pub(super) fn count(before: &Pdf<'_>, wanted: HashSet<u32>) -> Result<Self, Refusal> {
        let unused = |number| (number, Use::default());
        let mut uses = Self {
            of: wanted.into_iter().map(unused).collect(),
            is_complete: true,
        };
        uses.count_in(before.trailer());
        for id in before.in_the_order_of_the_file() {
            match before.object(id) {
                Ok(object) => uses.look_at(&object, Some(b"")),
                Err(Refusal::PdfDamaged(_)) => uses.is_complete = false,
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(uses)
    }

    /// Whether every object could be read.
    pub(super) fn is_complete(&self) -> bool {
        self.is_complete
    }

    /// The references to one of those that were wanted.
    pub(super) fn of(&self, number: u32) -> usize {
        self.of.get(&number).map_or(0, |used| used.count)
    }

    /// Whether items of arrays and these entries of dictionaries alone refer to one of those that
    /// were wanted. Where any entry may, its own entries could be resources: a page that finds its
    /// external objects in a field draws with whatever becomes the field's look.
    pub(super) fn are_under(&self, number: u32, keys: &[&[u8]]) -> bool {
        let used = self.of.get(&number);
        used.is_some_and(|used| used.keys.iter().all(|key| keys.contains(&key.as_slice())))
    }

    /// The parser bounds how deep an object nests.
    fn look_at(&mut self, object: &Object, key: Option<&[u8]>) {
        match object {
            Object::Reference((number, _)) => {
                if let Some(used) = self.of.get_mut(number) {
                    used.count += 1;
                    used.keys.extend(key.map(<[u8]>::to_vec));
                }
            }
            Object::Array(items) => items.iter().for_each(|item| self.look_at(item, None)),
            Object::Dictionary(dictionary) => self.count_in(dictionary),
            Object::Stream(stream) => self.count_in(&stream.dict),
            _ => {}
        }
    }

    fn count_in(&mut self, dictionary: &Dictionary) {
        for (key, value) in dictionary {
            self.look_at(value, Some(key));
        }
    }
}
