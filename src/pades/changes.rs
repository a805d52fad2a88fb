//! What later revisions did to a signed one. Permitted is what is listed here; everything else is
//! suspicious, for a change that nobody foresaw is just what an attack looks like.
//!
//! An object that is new can be seen only through one that was there before, so it is the changed
//! ones that are judged: each may differ in certain entries alone.

use std::collections::BTreeSet;

use lopdf::{Dictionary, Object, ObjectId, Stream};

use super::error::Refusal;
use super::finding::Finding;
use super::reader::{Pdf, XrefEntry};
use super::signatures::ChangesAfter;

/// The verdict on what came after a signature, and what led to it.
pub(super) struct Comparison {
    pub(super) verdict: ChangesAfter,
    pub(super) findings: Vec<Finding>,
}

/// What an object that was there before is to the document.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Catalog,
    Form,
    /// An array of annotations or of fields that stands by itself.
    List,
    Page,
    Field,
    /// The document information dictionary, which every writer stamps with its name and the time.
    Info,
    /// The XMP packet of the document, which says the same and is never shown as content.
    Metadata,
    Other,
}

/// Compares the signed revision with the file as it is now. `permission` is the signature's own
/// DocMDP permission, if it is a certification.
pub(super) fn compare(
    before: &Pdf<'_>,
    now: &Pdf<'_>,
    permission: Option<u8>,
) -> Result<Comparison, Refusal> {
    let rules = Rules {
        before,
        now,
        locked: permission == Some(1),
    };
    let cast = Roles::of(before)?;
    let mut findings = Vec::new();
    if before.catalog_id()? != now.catalog_id()? {
        findings.push(Finding::new("content_changed_after", "another catalog"));
    }
    for number in changed_numbers(before, now) {
        let id = (number, generation(before, number));
        let (old, new) = (before.object(id)?, now.object(id)?);
        if same(&old, &new) && !has_stream_changed(before, now, &old, &new)? {
            continue;
        }
        if !rules.permit(cast.role(id), &old, &new)? {
            let detail = format!("object {number} was changed");
            findings.push(Finding::new("content_changed_after", detail));
        }
        if findings.len() >= 20 {
            break;
        }
    }
    let verdict = if findings.is_empty() {
        ChangesAfter::Permitted
    } else {
        ChangesAfter::Suspicious
    };
    Ok(Comparison { verdict, findings })
}

/// The objects in use before whose place is another one now.
fn changed_numbers(before: &Pdf<'_>, now: &Pdf<'_>) -> BTreeSet<u32> {
    before
        .numbers()
        .filter(|(number, entry)| now.entry(*number) != Some(*entry))
        .map(|(number, _)| number)
        .collect()
}

fn generation(pdf: &Pdf<'_>, number: u32) -> u16 {
    match pdf.entry(number) {
        Some(XrefEntry::At { generation, .. }) => generation,
        _ => 0,
    }
}

/// Whether two objects say the same; of streams the dictionaries.
fn same(one: &Object, other: &Object) -> bool {
    match (one, other) {
        (Object::Stream(one), Object::Stream(other)) => one.dict == other.dict,
        _ => one == other,
    }
}

fn has_stream_changed(
    before: &Pdf<'_>,
    now: &Pdf<'_>,
    old: &Object,
    new: &Object,
) -> Result<bool, Refusal> {
    match (old, new) {
        (Object::Stream(old), Object::Stream(new)) => {
            Ok(before.stream_raw(old)? != now.stream_raw(new)?)
        }
        _ => Ok(false),
    }
}

/// Who is who in the signed revision.
struct Roles {
    catalog: ObjectId,
    form: Option<ObjectId>,
    info: Option<ObjectId>,
    metadata: Option<ObjectId>,
    lists: BTreeSet<ObjectId>,
    fields: BTreeSet<ObjectId>,
    pages: BTreeSet<ObjectId>,
}

impl Roles {
    fn of(pdf: &Pdf<'_>) -> Result<Self, Refusal> {
        let catalog = pdf.catalog()?;
        let mut roles = Self {
            catalog: pdf.catalog_id()?,
            form: catalog.get(b"AcroForm").ok().and_then(reference),
            info: pdf.trailer().get(b"Info").ok().and_then(reference),
            metadata: catalog.get(b"Metadata").ok().and_then(reference),
            lists: BTreeSet::new(),
            fields: BTreeSet::new(),
            pages: BTreeSet::new(),
        };
        if let Object::Dictionary(form) = pdf.get(&catalog, b"AcroForm")? {
            roles
                .lists
                .extend(form.get(b"Fields").ok().and_then(reference));
            roles.add_fields(pdf, &form)?;
        }
        pdf.each_page(|id, page| {
            roles.pages.insert(id);
            roles
                .lists
                .extend(page.get(b"Annots").ok().and_then(reference));
        })?;
        Ok(roles)
    }

    fn add_fields(&mut self, pdf: &Pdf<'_>, form: &Dictionary) -> Result<(), Refusal> {
        let Object::Array(mut pending) = pdf.get(form, b"Fields")? else {
            return Ok(());
        };
        while let Some(node) = pending.pop() {
            if self.fields.len() > pdf.limits().fields {
                return Err(Refusal::PdfTooComplex(
                    "there are too many form fields".into(),
                ));
            }
            let Some(id) = reference(&node) else { continue };
            if !self.fields.insert(id) {
                continue;
            }
            if let Object::Dictionary(field) = pdf.object(id)?
                && let Object::Array(kids) = pdf.get(&field, b"Kids")?
            {
                pending.extend(kids);
            }
        }
        Ok(())
    }

    fn role(&self, id: ObjectId) -> Role {
        if id == self.catalog {
            Role::Catalog
        } else if Some(id) == self.form {
            Role::Form
        } else if self.lists.contains(&id) {
            Role::List
        } else if self.fields.contains(&id) {
            Role::Field
        } else if self.pages.contains(&id) {
            Role::Page
        } else if Some(id) == self.info {
            Role::Info
        } else if Some(id) == self.metadata {
            Role::Metadata
        } else {
            Role::Other
        }
    }
}

fn reference(object: &Object) -> Option<ObjectId> {
    match object {
        Object::Reference(id) => Some(*id),
        _ => None,
    }
}

/// What may change, given the two states of the file.
struct Rules<'p, 's> {
    before: &'p Pdf<'s>,
    now: &'p Pdf<'s>,
    /// The signature is a certification that allows no changes (P=1): validation data and document
    /// time-stamps may follow it all the same (ISO 32000-2, 12.8.2.2), nothing else.
    locked: bool,
}

impl Rules<'_, '_> {
    fn permit(&self, role: Role, old: &Object, new: &Object) -> Result<bool, Refusal> {
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
            (Role::Metadata, Object::Stream(old), Object::Stream(new)) => {
                let catalog = self.before.catalog()?;
                let is_metadata = is_metadata(old) && is_metadata(new);
                Ok(is_metadata && has_one_use(self.before, catalog.get(b"Metadata").ok())?)
            }
            // The container of the table; what it points to is judged itself.
            (_, Object::Stream(old), Object::Null | Object::Stream(_)) => {
                Ok(matches!(old.dict.get(b"Type"), Ok(Object::Name(kind)) if kind == b"XRef"))
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

/// Whether nothing but the catalog refers to the object. A stream that is metadata and, say, a
/// page's content as well would let the page change under the guise of metadata.
fn has_one_use(before: &Pdf<'_>, reference: Option<&Object>) -> Result<bool, Refusal> {
    let Some(Object::Reference(id)) = reference else {
        return Ok(false);
    };
    if before.numbers().count() > OBJECTS_SEARCHED_MAX {
        return Ok(false);
    }
    let mut uses = 0;
    for (number, _) in before.numbers() {
        uses += references(&before.object((number, generation(before, number)))?, *id);
    }
    Ok(uses == 1)
}

/// How often an object refers to another. The parser bounds how deep it nests.
fn references(object: &Object, id: ObjectId) -> usize {
    let among = |dictionary: &Dictionary| {
        dictionary
            .iter()
            .map(|(_, value)| references(value, id))
            .sum()
    };
    match object {
        Object::Reference(other) => usize::from(*other == id),
        Object::Array(items) => items.iter().map(|item| references(item, id)).sum(),
        Object::Dictionary(dictionary) => among(dictionary),
        Object::Stream(stream) => among(&stream.dict),
        _ => 0,
    }
}

/// A larger file's metadata may not change: looking for all its uses would take too long.
const OBJECTS_SEARCHED_MAX: usize = 100_000;
