//! The looks of fields (ISO 32000-2, 12.5.5) that are objects of their own. A program that fills a
//! form in may write a new one beside the old or over it; the latter shows wherever the old one did.

use std::collections::{BTreeSet, HashMap};

use lopdf::{Object, ObjectId, Stream};

use super::rules::Rules;
use crate::pades::error::Refusal;
use crate::pades::reader::Pdf;

/// What the fields of the signed revision are shown with.
#[derive(Default)]
pub(super) struct Looks {
    each: HashMap<ObjectId, Look>,
    /// How many entries were walked for them.
    walked: usize,
}

/// An object below the `/AP` of fields.
#[derive(Default)]
struct Look {
    fields: BTreeSet<ObjectId>,
    /// Where it is referred to for that.
    places: BTreeSet<Place>,
}

/// An object, and the way in it from its outside: by whatever it is come to, the place is one.
type Place = (ObjectId, Vec<u8>);

impl Looks {
    /// The looks of these fields.
    pub(super) fn of(
        pdf: &Pdf<'_>,
        fields: impl Iterator<Item = ObjectId>,
    ) -> Result<Self, Refusal> {
        let mut looks = Self::default();
        for id in fields {
            if let Object::Dictionary(field) = readable(pdf, id)?
                && let Ok(appearance) = field.get(b"AP")
            {
                looks.add(pdf, id, (id, b"/AP".to_vec()), appearance, LEVELS)?;
            }
        }
        Ok(looks)
    }

    /// The numbers of all of them.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        self.each.keys().map(|(number, _)| *number)
    }

    /// Takes in an object and what it leads to. A reference is counted where it stands, once,
    /// however many fields come by it.
    fn add(
        &mut self,
        pdf: &Pdf<'_>,
        field: ObjectId,
        (mut inside, mut way): Place,
        object: &Object,
        levels: usize,
    ) -> Result<(), Refusal> {
        let target = match object {
            Object::Reference(id) => {
                let look = self.each.entry(*id).or_default();
                look.fields.insert(field);
                look.places.insert((inside, way));
                (inside, way) = (*id, Vec::new());
                readable(pdf, *id)?
            }
            object => object.clone(),
        };
        if let Object::Dictionary(dictionary) = target
            && levels > 0
        {
            self.walked = self.walked.saturating_add(dictionary.len());
            if self.walked > WALKED_MAX {
                let what = "the fields have too many looks";
                return Err(Refusal::PdfTooComplex(what.into()));
            }
            for (key, below) in &dictionary {
                let way = [&way, b"/".as_slice(), key].concat();
                self.add(pdf, field, (inside, way), below, levels - 1)?;
            }
        }
        Ok(())
    }
}

/// An object; where it cannot be read, nothing is known of what it leads to.
fn readable(pdf: &Pdf<'_>, id: ObjectId) -> Result<Object, Refusal> {
    match pdf.object(id) {
        Err(Refusal::PdfDamaged(_)) => Ok(Object::Null),
        object => object,
    }
}

/// Fields may share their states, which are walked for each of them.
const WALKED_MAX: usize = 200_000;

/// `/AP` has looks or dictionaries of looks, one for each state (12.5.5, table 170).
const LEVELS: usize = 2;

impl Rules<'_, '_> {
    /// A look may become another if it shows nothing but fields that get another value.
    pub(super) fn permit_look(
        &self,
        id: ObjectId,
        old: &Object,
        new: &Object,
    ) -> Result<bool, Refusal> {
        let is_look = match (old, new) {
            (Object::Dictionary(_), Object::Dictionary(_)) => true,
            (Object::Stream(old), Object::Stream(new)) => is_form(old) && is_form(new),
            _ => false,
        };
        let Some(look) = self.looks.each.get(&id) else {
            return Ok(false);
        };
        if !is_look || !self.shows_fields_alone(id, look, LEVELS) {
            return Ok(false);
        }
        for field in &look.fields {
            if !self.permit_filled(*field)? {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Whether nothing but fields leads to a look, by no way.
    fn shows_fields_alone(&self, id: ObjectId, look: &Look, levels: usize) -> bool {
        let alone =
            |inside: &ObjectId| {
                look.fields.contains(inside)
                    || levels > 0
                        && self.looks.each.get(inside).is_some_and(|above| {
                            self.shows_fields_alone(*inside, above, levels - 1)
                        })
            };
        look.places.len() == self.uses.of(id.0)
            && look.places.iter().all(|(inside, _)| alone(inside))
    }
}

fn is_form(stream: &Stream) -> bool {
    matches!(stream.dict.get(b"Subtype"), Ok(Object::Name(kind)) if kind == b"Form")
}
