//! Whether the form of a rebuilt file is all there. A lost picture is seen by whoever opens the file; a
//! lost signature is not, nor is a certification that forbids to seal it.

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId};

use crate::pades::error::Refusal;
use crate::pades::reader::{Pdf, damaged};

/// Refuses a file whose signatures or what they forbid may be lost.
pub(super) fn check(pdf: &Pdf<'_>) -> Result<(), Refusal> {
    let catalog = pdf.catalog()?;
    let mut walk = Walk {
        pdf,
        seen: HashSet::new(),
    };
    let mut pending = Vec::new();
    for (above, keys) in [("Perms", &["DocMDP", "UR3"][..]), ("AcroForm", &["Fields"])] {
        let Some(above) = walk.entry(&catalog, above)? else {
            continue;
        };
        for key in keys {
            pending.extend(walk.entry_of(&above, key)?);
        }
    }
    while let Some(at) = pending.pop() {
        match at {
            Object::Array(items) => {
                for item in items {
                    pending.extend(walk.unseen(&item)?);
                }
            }
            field => {
                for key in ["Kids", "V"] {
                    pending.extend(walk.entry_of(&field, key)?);
                }
            }
        }
    }
    Ok(())
}

struct Walk<'p, 's> {
    pdf: &'p Pdf<'s>,
    seen: HashSet<ObjectId>,
}

impl Walk<'_, '_> {
    /// What an object is, or leads to; nothing where the walk was there before.
    fn unseen(&mut self, object: &Object) -> Result<Option<Object>, Refusal> {
        let Object::Reference(id) = object else {
            return Ok(Some(object.clone()));
        };
        if !self.seen.insert(*id) {
            return Ok(None);
        }
        if self.seen.len() > self.pdf.limits.fields {
            return Err(Refusal::PdfTooComplex(
                "there are too many form fields".into(),
            ));
        }
        match self.pdf.follow(*id)? {
            (_, Object::Null) => Err(damaged("a part of its form is lost")),
            (_, object) => Ok(Some(object)),
        }
    }

    fn entry(&mut self, dictionary: &Dictionary, key: &str) -> Result<Option<Object>, Refusal> {
        let entry = dictionary.get(key.as_bytes());
        entry.map_or(Ok(None), |object| self.unseen(object))
    }

    fn entry_of(&mut self, holder: &Object, key: &str) -> Result<Option<Object>, Refusal> {
        match holder {
            Object::Dictionary(dictionary) => self.entry(dictionary, key),
            _ => Ok(None),
        }
    }
}
