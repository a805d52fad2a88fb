//! What may become of an object after a signature.

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId, Stream};

use super::looks::Looks;
use super::roles::{Role, Roles};
use super::sameness::{differs_only_in, same};
use super::uses::Uses;
use crate::pades::error::Refusal;
use crate::pades::judged_fields::JudgedFields;
use crate::pades::reader::Pdf;
use crate::pades::restrictions::Restrictions;

/// What may change, given the two states of the file.
pub(super) struct Rules<'p, 's> {
    pub(super) before: &'p Pdf<'s>,
    pub(super) now: &'p Pdf<'s>,
    /// What the signature forbids. Validation data and document time-stamps may follow even level 1
    /// (ISO 32000-2, 12.8.2.2), nothing else.
    pub(super) restrictions: Restrictions,
    /// The signed fields of the form as it is now.
    pub(super) judged: JudgedFields,
    pub(super) roles: Roles,
    pub(super) uses: Uses,
    pub(super) looks: Looks,
    /// The object streams, before and now.
    pub(super) containers: HashSet<u32>,
}

impl Rules<'_, '_> {
    /// Whether an object says what it said, a stream by its data too.
    pub(super) fn says_same(&self, old: &Object, new: &Object) -> Result<bool, Refusal> {
        Ok(same(old, new)
            && match (old, new) {
                (Object::Stream(old), Object::Stream(new)) => {
                    self.before.stream_raw(old)? == self.now.stream_raw(new)?
                }
                _ => true,
            })
    }

    pub(super) fn permit(&self, id: ObjectId, old: &Object, new: &Object) -> Result<bool, Refusal> {
        match (self.roles.role(id), old, new) {
            (Role::Catalog, Object::Dictionary(old), Object::Dictionary(new)) => {
                Ok(self.is_nothing_else(id) && self.permit_catalog(old, new)?)
            }
            (Role::Form, Object::Dictionary(old), Object::Dictionary(new)) => {
                Ok(self.is_nothing_else(id) && self.permit_form_entries(old, new)?)
            }
            // A page may have the same for its own.
            (Role::FormResources, Object::Dictionary(_), Object::Dictionary(_)) => {
                Ok(self.is_nothing_else(id) && self.form_resources_grew()?)
            }
            (Role::Page, Object::Dictionary(old), Object::Dictionary(new)) => {
                Ok(differs_only_in(old, new, &[b"Annots"])
                    && self.list_grew(old, new, b"Annots")?)
            }
            (Role::List, Object::Array(old), Object::Array(new)) => self.grew_by_fields(old, new),
            (Role::Field, Object::Dictionary(old), Object::Dictionary(new)) => {
                self.permit_field(id, old, new)
            }
            (Role::Info, Object::Dictionary(old), Object::Dictionary(new)) => {
                Ok(self.uses.are_under(id.0, &[b"Info"])
                    && differs_only_in(old, new, &[b"ModDate", b"Producer"]))
            }
            // A stream that is metadata and, say, a page's content as well would let the page
            // change under that name; so would the others below.
            (Role::Metadata, Object::Stream(old), Object::Stream(new)) => {
                Ok(is_metadata(old) && is_metadata(new) && self.is_nothing_else(id))
            }
            (Role::Validation, Object::Dictionary(_), Object::Dictionary(_))
            | (Role::Validation, Object::Array(_), Object::Array(_)) => {
                Ok(self.is_nothing_else(id))
            }
            (Role::Other, ..) if self.permit_look(id, old, new)? => Ok(true),
            // The container of the table; what it points to is judged itself.
            (_, Object::Stream(old), Object::Null | Object::Stream(_)) => {
                let is_xref = matches!(old.dict.get(b"Type"), Ok(Object::Name(n)) if n == b"XRef");
                Ok(is_xref && self.uses.of(id.0) == 0)
            }
            _ => Ok(false),
        }
    }

    /// Whether an object has its role alone, and so have those that lead to it: what is referred to
    /// once is the page's all the same where the page has what refers to it.
    fn is_nothing_else(&self, id: ObjectId) -> bool {
        let mut way = self.roles.way_to(id);
        way.all(|id| match self.roles.role(id) {
            Role::Catalog => self.uses.are_under(id.0, &[b"Root", b"Data"]),
            Role::Form => self.uses.are_under(id.0, &[b"AcroForm", b"Data"]),
            _ => self.uses.of(id.0) == 1,
        })
    }

    /// DSS (12.8.4.3), its extension mark, the version that has it and metadata may come; the form
    /// is judged for itself.
    fn permit_catalog(&self, old: &Dictionary, new: &Dictionary) -> Result<bool, Refusal> {
        let keys: &[&[u8]] = &[b"AcroForm", b"DSS", b"Extensions", b"Metadata", b"Version"];
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
                self.permit_form_entries(&Dictionary::new(), &form)
            }
            (Object::Dictionary(old), Object::Dictionary(new)) => {
                self.permit_form_entries(&old, &new)
            }
            (old, new) => Ok(same(&old, &new)),
        }
    }

    /// Whether the list under `key` kept what it had and got signature fields at most.
    pub(super) fn list_grew(
        &self,
        old: &Dictionary,
        new: &Dictionary,
        key: &[u8],
    ) -> Result<bool, Refusal> {
        match (self.before.get(old, key)?, self.now.get(new, key)?) {
            (Object::Null, Object::Null) => Ok(true),
            (Object::Null, Object::Array(new)) => self.grew_by_fields(&[], &new),
            (Object::Array(old), Object::Array(new)) => self.grew_by_fields(&old, &new),
            _ => Ok(false),
        }
    }
}

fn is_metadata(stream: &Stream) -> bool {
    matches!(stream.dict.get(b"Type"), Ok(Object::Name(kind)) if kind == b"Metadata")
}
