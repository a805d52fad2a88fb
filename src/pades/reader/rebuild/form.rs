//! Whether the form of a rebuilt file is all there. A lost picture is seen by whoever opens the file; a
//! lost signature is not, nor is a certification that forbids to seal it. So every part of the form and
//! of what its signatures say must be what it has to be (ISO 32000-2, 12.7 and 12.8): one byte more
//! makes an array of a signature, and who looks for a signature finds none.

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId};

use super::is_of_type;
use crate::pades::error::Refusal;
use crate::pades::reader::{Pdf, XrefEntry, damaged};

/// Refuses a file whose signatures or what they forbid may be lost: every part of the form and of the
/// signatures in it must be there, none of those that can be read in two ways, and every object that
/// looks like a signature must be one of these.
pub(super) fn check(
    pdf: &Pdf<'_>,
    signatures: &[(ObjectId, XrefEntry)],
    ambiguous: &[ObjectId],
) -> Result<(), Refusal> {
    let mut walk = Walk {
        pdf,
        seen: HashSet::from([pdf.catalog_id()?]),
        fields: Vec::new(),
    };
    walk.catalog(&pdf.catalog()?)?;
    while let Some((field, is_signature)) = walk.fields.pop() {
        walk.field(&field, is_signature)?;
    }
    if ambiguous.iter().any(|id| walk.seen.contains(id)) {
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

struct Walk<'p, 's> {
    pdf: &'p Pdf<'s>,
    /// All objects that the form and its signatures are made of.
    seen: HashSet<ObjectId>,
    /// Fields that are still to be looked at, and whether those above say that they are signatures'.
    fields: Vec<(Dictionary, bool)>,
}

impl Walk<'_, '_> {
    fn catalog(&mut self, catalog: &Dictionary) -> Result<(), Refusal> {
        if let Some(permissions) = self.dictionary(catalog, b"Perms")? {
            for key in [b"DocMDP".as_slice(), b"UR3", b"UR"] {
                if let Some(signature) = self.dictionary(&permissions, key)? {
                    self.signature(&signature)?;
                }
            }
        }
        if let Some(form) = self.dictionary(catalog, b"AcroForm")? {
            self.fields_of(&form, b"Fields", false)?;
        }
        Ok(())
    }

    fn field(&mut self, field: &Dictionary, is_signature: bool) -> Result<(), Refusal> {
        let is_signature = match self.part(field, b"FT")? {
            Object::Name(kind) => kind == b"Sig",
            Object::Null => is_signature,
            _ => false,
        };
        if is_signature {
            if let Some(signature) = self.dictionary(field, b"V")? {
                self.signature(&signature)?;
            }
        } else if holds_signature(&self.part(field, b"V")?) {
            return Err(lost());
        }
        if let Some(lock) = self.dictionary(field, b"Lock")? {
            self.rule(&lock)?;
        }
        self.dictionary(field, b"SV")?;
        // The page of a widget is no part of the form.
        if let Ok(page @ Object::Reference(_)) = field.get(b"P")
            && self.pdf.resolve(page)? == Object::Null
        {
            return Err(lost());
        }
        self.fields_of(field, b"Kids", is_signature)
    }

    fn fields_of(
        &mut self,
        above: &Dictionary,
        key: &[u8],
        is_signature: bool,
    ) -> Result<(), Refusal> {
        for item in self.list(above, key)? {
            let is_new = match &item {
                Object::Reference(id) => !self.seen.contains(id),
                _ => true,
            };
            let field = self.taken(&item)?;
            let Object::Dictionary(field) = field else {
                return Err(lost());
            };
            if is_new {
                self.fields.push((field, is_signature));
            }
        }
        Ok(())
    }

    /// What a signature says of itself and of what it forbids (12.8.1).
    fn signature(&mut self, signature: &Dictionary) -> Result<(), Refusal> {
        for key in [b"Type".as_slice(), b"SubFilter", b"ByteRange", b"Contents"] {
            self.part(signature, key)?;
        }
        for reference in self.list(signature, b"Reference")? {
            let Object::Dictionary(reference) = self.taken(&reference)? else {
                return Err(lost());
            };
            if !matches!(self.part(&reference, b"TransformMethod")?, Object::Name(_)) {
                return Err(lost());
            }
            if let Some(rule) = self.dictionary(&reference, b"TransformParams")? {
                self.rule(&rule)?;
            }
        }
        Ok(())
    }

    /// What a certification allows, or which fields are locked (12.8.2, 12.7.5.5).
    fn rule(&mut self, rule: &Dictionary) -> Result<(), Refusal> {
        let level = self.part(rule, b"P")?;
        let action = self.part(rule, b"Action")?;
        let is_right = matches!(level, Object::Integer(_) | Object::Real(_) | Object::Null)
            && matches!(action, Object::Name(_) | Object::Null);
        self.list(rule, b"Fields")?;
        is_right.then_some(()).ok_or_else(lost)
    }

    /// A dictionary, where there is one; it is lost where there is something else.
    fn dictionary(
        &mut self,
        holder: &Dictionary,
        key: &[u8],
    ) -> Result<Option<Dictionary>, Refusal> {
        match self.part(holder, key)? {
            Object::Dictionary(dictionary) => Ok(Some(dictionary)),
            Object::Null => Ok(None),
            _ => Err(lost()),
        }
    }

    fn list(&mut self, holder: &Dictionary, key: &[u8]) -> Result<Vec<Object>, Refusal> {
        match self.part(holder, key)? {
            Object::Array(items) => Ok(items),
            Object::Null => Ok(Vec::new()),
            _ => Err(lost()),
        }
    }

    /// An entry with references followed; null where there is none.
    fn part(&mut self, holder: &Dictionary, key: &[u8]) -> Result<Object, Refusal> {
        holder
            .get(key)
            .map_or(Ok(Object::Null), |object| self.taken(object))
    }

    /// What an object is, or leads to: it must lead somewhere.
    fn taken(&mut self, object: &Object) -> Result<Object, Refusal> {
        let Object::Reference(id) = object else {
            return Ok(object.clone());
        };
        self.seen.insert(*id);
        if self.seen.len() > self.pdf.limits.fields {
            return Err(Refusal::PdfTooComplex(
                "there are too many form fields".into(),
            ));
        }
        match self.pdf.follow(*id)? {
            (_, Object::Null) => Err(lost()),
            (end, object) => {
                self.seen.insert(end);
                Ok(object)
            }
        }
    }
}

fn lost() -> Refusal {
    damaged("a part of its form is lost")
}
