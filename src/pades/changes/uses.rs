//! How often the objects of the signed revision refer to certain others.

use std::collections::{HashMap, HashSet};

use lopdf::{Dictionary, Object};

use crate::pades::error::Refusal;
use crate::pades::reader::Pdf;

/// The references to some objects, counted over a whole revision. The number alone counts: of
/// compressed objects, some readers do not look at the generation.
pub(super) struct Uses {
    counts: HashMap<u32, usize>,
    is_complete: bool,
}

impl Uses {
    /// Counts the references to `wanted` in every object and in the trailer.
    pub(super) fn count(before: &Pdf<'_>, wanted: HashSet<u32>) -> Result<Self, Refusal> {
        let mut uses = Self {
            counts: wanted.into_iter().map(|number| (number, 0)).collect(),
            is_complete: true,
        };
        uses.count_in(before.trailer());
        for id in before.in_the_order_of_the_file() {
            match before.object(id) {
                Ok(object) => uses.look_at(&object),
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
        self.counts.get(&number).copied().unwrap_or_default()
    }

    /// The parser bounds how deep an object nests.
    fn look_at(&mut self, object: &Object) {
        match object {
            Object::Reference((number, _)) => {
                if let Some(count) = self.counts.get_mut(number) {
                    *count += 1;
                }
            }
            Object::Array(items) => items.iter().for_each(|item| self.look_at(item)),
            Object::Dictionary(dictionary) => self.count_in(dictionary),
            Object::Stream(stream) => self.count_in(&stream.dict),
            _ => {}
        }
    }

    fn count_in(&mut self, dictionary: &Dictionary) {
        dictionary.iter().for_each(|(_, value)| self.look_at(value));
    }
}
