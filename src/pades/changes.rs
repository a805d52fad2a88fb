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

/// Compares the signed revision with the file as it is now.
pub(super) fn compare(before: &Pdf<'_>, now: &Pdf<'_>) -> Result<Comparison, Refusal> {
    let roles = Roles::of(before)?;
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
        if !is_permitted(before, now, roles.role(id), &old, &new)? {
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

fn is_permitted(
    before: &Pdf<'_>,
    now: &Pdf<'_>,
    role: Role,
    old: &Object,
    new: &Object,
) -> Result<bool, Refusal> {
    match (role, old, new) {
        (Role::Catalog, Object::Dictionary(old), Object::Dictionary(new)) => {
            // DSS (12.8.4.3) and its extension mark; the form is judged for itself.
            Ok(
                differs_only_in(old, new, &[b"AcroForm", b"DSS", b"Extensions", b"Metadata"])
                    && metadata_is_permitted(now, new)?
                    && form_is_permitted(before, now, old, new)?,
            )
        }
        (Role::Form, Object::Dictionary(old), Object::Dictionary(new)) => {
            form_entries_are_permitted(before, now, old, new)
        }
        (Role::Page, Object::Dictionary(old), Object::Dictionary(new)) => {
            Ok(differs_only_in(old, new, &[b"Annots"])
                && list_grew(before, now, old, new, b"Annots")?)
        }
        (Role::List, Object::Array(old), Object::Array(new)) => grew_by_fields(now, old, new),
        (Role::Field, Object::Dictionary(old), Object::Dictionary(new)) => {
            // Filling a form in is what forms are for; a widget keeps its place.
            Ok(differs_only_in(
                old,
                new,
                &[b"V", b"AP", b"AS", b"M", b"F", b"DA", b"MK", b"Lock"],
            ))
        }
        (Role::Info, Object::Dictionary(old), Object::Dictionary(new)) => {
            Ok(differs_only_in(old, new, &[b"ModDate", b"Producer"]))
        }
        (Role::Metadata, Object::Stream(old), Object::Stream(new)) => {
            Ok([old, new].into_iter().all(is_metadata))
        }
        // The container of compressed objects or of the table; its objects are judged themselves.
        (_, Object::Stream(old), Object::Null | Object::Stream(_)) => {
            Ok(matches!(old.dict.get(b"Type"), Ok(Object::Name(kind)) if kind == b"XRef"))
        }
        _ => Ok(false),
    }
}

fn is_metadata(stream: &Stream) -> bool {
    matches!(stream.dict.get(b"Type"), Ok(Object::Name(kind)) if kind == b"Metadata")
}

/// A catalog may get metadata, or other metadata.
fn metadata_is_permitted(now: &Pdf<'_>, new: &Dictionary) -> Result<bool, Refusal> {
    Ok(match now.get(new, b"Metadata")? {
        Object::Null => true,
        Object::Stream(stream) => is_metadata(&stream),
        _ => false,
    })
}

fn form_is_permitted(
    before: &Pdf<'_>,
    now: &Pdf<'_>,
    old: &Dictionary,
    new: &Dictionary,
) -> Result<bool, Refusal> {
    match (before.get(old, b"AcroForm")?, now.get(new, b"AcroForm")?) {
        (Object::Null, Object::Dictionary(form)) => {
            Ok(differs_only_in(
                &Dictionary::new(),
                &form,
                &[b"Fields", b"SigFlags", b"DR", b"DA"],
            ) && list_grew(before, now, &Dictionary::new(), &form, b"Fields")?)
        }
        (Object::Dictionary(old), Object::Dictionary(new)) => {
            form_entries_are_permitted(before, now, &old, &new)
        }
        (old, new) => Ok(same(&old, &new)),
    }
}

fn form_entries_are_permitted(
    before: &Pdf<'_>,
    now: &Pdf<'_>,
    old: &Dictionary,
    new: &Dictionary,
) -> Result<bool, Refusal> {
    Ok(differs_only_in(
        old,
        new,
        &[b"Fields", b"SigFlags", b"DR", b"DA", b"NeedAppearances"],
    ) && list_grew(before, now, old, new, b"Fields")?)
}

fn differs_only_in(old: &Dictionary, new: &Dictionary, keys: &[&[u8]]) -> bool {
    let may = |key: &[u8]| keys.contains(&key);
    old.iter()
        .all(|(key, value)| may(key) || new.get(key).is_ok_and(|other| other == value))
        && new.iter().all(|(key, _)| may(key) || old.has(key))
}

/// Whether the list under `key` kept what it had and got signature fields at most.
fn list_grew(
    before: &Pdf<'_>,
    now: &Pdf<'_>,
    old: &Dictionary,
    new: &Dictionary,
    key: &[u8],
) -> Result<bool, Refusal> {
    match (before.get(old, key)?, now.get(new, key)?) {
        (Object::Null, Object::Null) => Ok(true),
        (Object::Null, Object::Array(new)) => grew_by_fields(now, &[], &new),
        (Object::Array(old), Object::Array(new)) => grew_by_fields(now, &old, &new),
        _ => Ok(false),
    }
}

fn grew_by_fields(now: &Pdf<'_>, old: &[Object], new: &[Object]) -> Result<bool, Refusal> {
    let Some(added) = new.strip_prefix(old) else {
        return Ok(false);
    };
    for item in added {
        let Object::Dictionary(field) = now.resolve(item)? else {
            return Ok(false);
        };
        let inherits = match now.get(&field, b"Parent")? {
            Object::Dictionary(parent) => parent,
            _ => Dictionary::new(),
        };
        let is_signature = [&field, &inherits]
            .into_iter()
            .any(|node| matches!(now.get(node, b"FT"), Ok(Object::Name(kind)) if kind == b"Sig"));
        if !is_signature {
            return Ok(false);
        }
    }
    Ok(true)
}
