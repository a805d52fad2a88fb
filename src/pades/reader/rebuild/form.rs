//! Whether the form of a rebuilt file is all there. A lost picture is seen by whoever opens the file; a
//! lost signature is not, nor is a certification that forbids to seal it.

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId};

use super::is_of_type;
use crate::pades::error::Refusal;
use crate::pades::reader::{Pdf, XrefEntry, damaged};

/// Refuses a file whose signatures or what they forbid may be lost: every part of the form and of the
/// signatures in it must be there, none in which a key stands twice, and every object that looks like
/// a signature must be one of these.
pub(super) fn check(
    pdf: &Pdf<'_>,
    signatures: &[(ObjectId, XrefEntry)],
    flawed: &[ObjectId],
) -> Result<(), Refusal> {
    let catalog = pdf.catalog()?;
    let mut walk = Walk {
        pdf,
        seen: HashSet::from([pdf.catalog_id()?]),
        pending: Vec::new(),
    };
    walk.go_down(&catalog, &["Perms", "AcroForm"])?;
    while let Some(at) = walk.pending.pop() {
        match at {
            Object::Array(items) => {
                for item in &items {
                    walk.take(item)?;
                }
            }
            Object::Dictionary(part) => walk.go_down(&part, &PARTS)?,
            _ => {}
        }
    }
    if flawed.iter().any(|id| walk.seen.contains(id)) {
        return Err(damaged("its form can be read in two ways"));
    }
    let is_reached = |(id, place): &(ObjectId, XrefEntry)| {
        walk.seen.contains(id) && pdf.entry(id.0) == Some(*place)
    };
    if signatures.iter().all(is_reached) {
        Ok(())
    } else {
        Err(damaged("a signature stands in it that its form has not"))
    }
}

/// Whether an object is or holds what looks like a signature. The parser bounds how deep it nests.
pub(super) fn holds_signature(object: &Object) -> bool {
    match object {
        Object::Array(items) => items.iter().any(holds_signature),
        Object::Dictionary(dictionary) => is_or_holds_signature(dictionary),
        _ => false,
    }
}

/// The same of a dictionary.
pub(super) fn is_or_holds_signature(dictionary: &Dictionary) -> bool {
    let is_signature = dictionary.has(b"ByteRange") && dictionary.has(b"Contents")
        || is_of_type(dictionary, b"Sig")
        || is_of_type(dictionary, b"DocTimeStamp");
    is_signature || dictionary.iter().any(|(_, value)| holds_signature(value))
}

/// What leads on in a form, its fields and their signatures (ISO 32000-2, 12.7 and 12.8) and says what a
/// signature covers and forbids.
const PARTS: [&str; 18] = [
    "DocMDP",
    "UR3",
    "UR",
    "Fields",
    "Kids",
    "FT",
    "V",
    "Lock",
    "SV",
    "Type",
    "SubFilter",
    "ByteRange",
    "Contents",
    "Reference",
    "TransformMethod",
    "TransformParams",
    LEVEL,
    "Action",
];

/// What a certification allows. In a widget it is the page, which is no part of the form.
const LEVEL: &str = "P";

fn lost() -> Refusal {
    damaged("a part of its form is lost")
}

struct Walk<'p, 's> {
    pdf: &'p Pdf<'s>,
    seen: HashSet<ObjectId>,
    pending: Vec<Object>,
}

impl Walk<'_, '_> {
    fn go_down(&mut self, part: &Dictionary, keys: &[&str]) -> Result<(), Refusal> {
        for key in keys {
            let Ok(object) = part.get(key.as_bytes()) else {
                continue;
            };
            if *key == LEVEL {
                self.refuse_if_lost(object)?;
            } else {
                self.take(object)?;
            }
        }
        Ok(())
    }

    fn refuse_if_lost(&self, object: &Object) -> Result<(), Refusal> {
        match object {
            Object::Reference(_) if self.pdf.resolve(object)? == Object::Null => Err(lost()),
            _ => Ok(()),
        }
    }

    /// Takes what an object is, or leads to; nothing where the walk was there before.
    fn take(&mut self, object: &Object) -> Result<(), Refusal> {
        let Object::Reference(id) = object else {
            self.pending.push(object.clone());
            return Ok(());
        };
        if !self.seen.insert(*id) {
            return Ok(());
        }
        if self.seen.len() > self.pdf.limits.fields {
            return Err(Refusal::PdfTooComplex(
                "there are too many form fields".into(),
            ));
        }
        match self.pdf.follow(*id)? {
            (_, Object::Null) => Err(lost()),
            (end, object) => {
                self.seen.insert(end);
                self.pending.push(object);
                Ok(())
            }
        }
    }
}
