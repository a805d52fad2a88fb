//! What may become of an object after a signature.

use lopdf::{Dictionary, Object, ObjectId, Stream};

use super::roles::Role;
use super::same;
use super::uses::Uses;
use crate::pades::error::Refusal;
use crate::pades::reader::Pdf;

/// What may change, given the two states of the file.
pub(super) struct Rules<'p, 's> {
    pub(super) before: &'p Pdf<'s>,
    pub(super) now: &'p Pdf<'s>,
    /// The signature is a certification that allows no changes (P=1): validation data and document
    /// time-stamps may follow it all the same (ISO 32000-2, 12.8.2.2), nothing else.
    pub(super) locked: bool,
    pub(super) uses: Uses,
}

impl Rules<'_, '_> {
    pub(super) fn permit(
        &self,
        role: Role,
        id: ObjectId,
        old: &Object,
        new: &Object,
    ) -> Result<bool, Refusal> {
        match (role, old, new) {
            (Role::Catalog, Object::Dictionary(old), Object::Dictionary(new)) => {
                self.permit_catalog(old, new)
            }
            (Role::Form, Object::Dictionary(old), Object::Dictionary(new)) => {
                self.permit_form_entries(old, new)
            }
            (Role::Page, Object::Dictionary(old), Object::Dictionary(new)) => {
                Ok(differs_only_in(old, new, &[b"Annots"])
                    && self.list_grew(old, new, b"Annots")?)
            }
            (Role::List, Object::Array(old), Object::Array(new)) => self.grew_by_fields(old, new),
            (Role::Field, Object::Dictionary(old), Object::Dictionary(new)) => {
                self.permit_field(old, new)
            }
            (Role::Info, Object::Dictionary(old), Object::Dictionary(new)) => {
                Ok(differs_only_in(old, new, &[b"ModDate", b"Producer"]))
            }
            // A stream that is metadata and, say, a page's content as well would let the page
            // change under that name; so would the others below.
            (Role::Metadata, Object::Stream(old), Object::Stream(new)) => {
                Ok(is_metadata(old) && is_metadata(new) && self.uses.of(id) == 1)
            }
            (Role::Validation, Object::Dictionary(_), Object::Dictionary(_))
            | (Role::Validation, Object::Array(_), Object::Array(_)) => Ok(self.uses.of(id) == 1),
            // The container of the table; what it points to is judged itself.
            (_, Object::Stream(old), Object::Null | Object::Stream(_)) => {
                let is_xref = matches!(old.dict.get(b"Type"), Ok(Object::Name(n)) if n == b"XRef");
                Ok(is_xref && self.uses.of(id) == 0)
            }
            _ => Ok(false),
        }
    }

    /// DSS (12.8.4.3), its extension mark and metadata may come; the form is judged for itself.
    fn permit_catalog(&self, old: &Dictionary, new: &Dictionary) -> Result<bool, Refusal> {
        let keys: &[&[u8]] = &[b"AcroForm", b"DSS", b"Extensions", b"Metadata"];
        let metadata = self.now.get(new, b"Metadata")?;
        let metadata_is_permitted = match &metadata {
            Object::Null => true,
            Object::Stream(stream) => is_metadata(stream),
            _ => false,
        };
        Ok(differs_only_in(old, new, keys)
            && metadata_is_permitted
            && self.permit_form(old, new)?)
    }

    fn permit_form(&self, old: &Dictionary, new: &Dictionary) -> Result<bool, Refusal> {
        let forms = (
            self.before.get(old, b"AcroForm")?,
            self.now.get(new, b"AcroForm")?,
        );
        match forms {
            (Object::Null, Object::Dictionary(form)) => {
                let none = Dictionary::new();
                let keys: &[&[u8]] = &[b"Fields", b"SigFlags", b"DR", b"DA"];
                Ok(differs_only_in(&none, &form, keys)
                    && self.list_grew(&none, &form, b"Fields")?)
            }
            (Object::Dictionary(old), Object::Dictionary(new)) => {
                self.permit_form_entries(&old, &new)
            }
            (old, new) => Ok(same(&old, &new)),
        }
    }

    fn permit_form_entries(&self, old: &Dictionary, new: &Dictionary) -> Result<bool, Refusal> {
        let keys: &[&[u8]] = &[b"Fields", b"SigFlags", b"DR", b"DA", b"NeedAppearances"];
        Ok(differs_only_in(old, new, keys) && self.list_grew(old, new, b"Fields")?)
    }

    /// Filling a form in is what forms are for, and a widget keeps its place. A field that is
    /// signed already is left alone: its look is part of what was signed.
    fn permit_field(&self, old: &Dictionary, new: &Dictionary) -> Result<bool, Refusal> {
        let value = self.before.get(old, b"V")?;
        let is_signed = matches!(&value, Object::Dictionary(value) if value.has(b"ByteRange"));
        let keys: &[&[u8]] = &[b"V", b"AP", b"AS", b"M", b"F", b"DA", b"MK", b"Lock"];
        Ok(!is_signed
            && differs_only_in(old, new, keys)
            && (!self.locked || self.is_time_stamp(new)?))
    }

    /// Whether the list under `key` kept what it had and got signature fields at most.
    fn list_grew(&self, old: &Dictionary, new: &Dictionary, key: &[u8]) -> Result<bool, Refusal> {
        match (self.before.get(old, key)?, self.now.get(new, key)?) {
            (Object::Null, Object::Null) => Ok(true),
            (Object::Null, Object::Array(new)) => self.grew_by_fields(&[], &new),
            (Object::Array(old), Object::Array(new)) => self.grew_by_fields(&old, &new),
            _ => Ok(false),
        }
    }

    fn grew_by_fields(&self, old: &[Object], new: &[Object]) -> Result<bool, Refusal> {
        let Some(added) = new.strip_prefix(old) else {
            return Ok(false);
        };
        for item in added {
            let Object::Dictionary(field) = self.now.resolve(item)? else {
                return Ok(false);
            };
            if !self.is_signature_field(&field)? || (self.locked && !self.is_time_stamp(&field)?) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    fn is_signature_field(&self, field: &Dictionary) -> Result<bool, Refusal> {
        let inherits = match self.now.get(field, b"Parent")? {
            Object::Dictionary(parent) => parent,
            _ => Dictionary::new(),
        };
        Ok([field, &inherits].into_iter().any(
            |node| matches!(self.now.get(node, b"FT"), Ok(Object::Name(kind)) if kind == b"Sig"),
        ))
    }

    fn is_time_stamp(&self, field: &Dictionary) -> Result<bool, Refusal> {
        Ok(match self.now.get(field, b"V")? {
            Object::Dictionary(value) => {
                matches!(self.now.get(&value, b"Type")?, Object::Name(kind) if kind == b"DocTimeStamp")
            }
            _ => false,
        })
    }
}

fn differs_only_in(old: &Dictionary, new: &Dictionary, keys: &[&[u8]]) -> bool {
    let may = |key: &[u8]| keys.contains(&key);
    old.iter()
        .all(|(key, value)| may(key) || new.get(key).is_ok_and(|other| other == value))
        && new.iter().all(|(key, _)| may(key) || old.has(key))
}

fn is_metadata(stream: &Stream) -> bool {
    matches!(stream.dict.get(b"Type"), Ok(Object::Name(kind)) if kind == b"Metadata")
}
