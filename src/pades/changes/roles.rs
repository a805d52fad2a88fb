//! What the objects of the signed revision are to the document.

use std::collections::{BTreeMap, BTreeSet};

use lopdf::{Dictionary, Object, ObjectId};

use crate::pades::error::Refusal;
use crate::pades::reader::Pdf;

/// What an object that was there before is to the document.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Catalog,
    Form,
    /// The form's resources or a category of them.
    FormResources,
    /// An array of annotations or of fields that stands by itself.
    List,
    Page,
    Field,
    /// The document information dictionary, which every writer stamps with its name and the time.
    Info,
    /// The XMP packet of the document, which says the same and is never shown as content.
    Metadata,
    /// The document security store or a part of it (12.8.4.3): certificates and revocation data.
    Validation,
    Other,
}

/// Who is who in the signed revision.
pub(super) struct Roles {
    catalog: ObjectId,
    form: Option<ObjectId>,
    form_resources: BTreeSet<ObjectId>,
    info: Option<ObjectId>,
    metadata: Option<ObjectId>,
    validation: BTreeSet<ObjectId>,
    lists: BTreeSet<ObjectId>,
    fields: BTreeSet<ObjectId>,
    pages: BTreeSet<ObjectId>,
    /// What refers to the form, the metadata and the parts of resources and store for what they are.
    above: BTreeMap<ObjectId, ObjectId>,
}

impl Roles {
    pub(super) fn of(pdf: &Pdf<'_>) -> Result<Self, Refusal> {
        let (root, catalog) = (pdf.catalog_id()?, pdf.catalog()?);
        let mut roles = Self {
            catalog: root,
            form: catalog.get(b"AcroForm").ok().and_then(reference),
            form_resources: BTreeSet::new(),
            info: pdf.trailer().get(b"Info").ok().and_then(reference),
            metadata: catalog.get(b"Metadata").ok().and_then(reference),
            validation: BTreeSet::new(),
            lists: BTreeSet::new(),
            fields: BTreeSet::new(),
            pages: BTreeSet::new(),
            above: BTreeMap::new(),
        };
        let below = roles.form.into_iter().chain(roles.metadata);
        roles.above.extend(below.map(|id| (id, root)));
        roles.add_validation(pdf, &catalog)?;
        if let Object::Dictionary(form) = pdf.get(&catalog, b"AcroForm")? {
            roles
                .lists
                .extend(form.get(b"Fields").ok().and_then(reference));
            roles.add_fields(pdf, &form)?;
            roles.add_resources(pdf, &form)?;
        }
        pdf.each_page(|id, page, _| {
            roles.pages.insert(id);
            roles
                .lists
                .extend(page.get(b"Annots").ok().and_then(reference));
        })?;
        Ok(roles)
    }

    fn add_resources(&mut self, pdf: &Pdf<'_>, form: &Dictionary) -> Result<(), Refusal> {
        let mut above = self.form.unwrap_or(self.catalog);
        if let Some(id) = form.get(b"DR").ok().and_then(reference) {
            self.form_resources.insert(id);
            self.above.insert(id, above);
            above = id;
        }
        if let Object::Dictionary(resources) = pdf.get(form, b"DR")? {
            for id in resources
                .iter()
                .filter_map(|(_, category)| reference(category))
            {
                self.form_resources.insert(id);
                self.above.insert(id, above);
            }
        }
        Ok(())
    }

    /// The store, its arrays, and the same below `/VRI` for single signatures.
    fn add_validation(&mut self, pdf: &Pdf<'_>, catalog: &Dictionary) -> Result<(), Refusal> {
        let root = self.catalog;
        let Some((store, at)) = self.add_store(pdf, catalog.get(b"DSS").ok(), root)? else {
            return Ok(());
        };
        let Some((each, at)) = self.add_store(pdf, store.get(b"VRI").ok(), at)? else {
            return Ok(());
        };
        for (_, single) in each.iter().take(pdf.limits().signatures) {
            self.add_store(pdf, Some(single), at)?;
        }
        Ok(())
    }

    /// Takes in a dictionary of the store and the arrays in it; it, and the object that it stands in.
    fn add_store(
        &mut self,
        pdf: &Pdf<'_>,
        object: Option<&Object>,
        above: ObjectId,
    ) -> Result<Option<(Dictionary, ObjectId)>, Refusal> {
        let Some(object) = object else {
            return Ok(None);
        };
        let Object::Dictionary(store) = pdf.resolve(object)? else {
            return Ok(None);
        };
        let at = reference(object).unwrap_or(above);
        let arrays = STORED.iter().filter_map(|key| store.get(key).ok());
        let parts = arrays.filter_map(reference).map(|id| (id, at));
        let all = reference(object).map(|id| (id, above)).into_iter();
        for (id, above) in all.chain(parts) {
            self.validation.insert(id);
            self.above.insert(id, above);
        }
        Ok(Some((store, at)))
    }

    fn add_fields(&mut self, pdf: &Pdf<'_>, form: &Dictionary) -> Result<(), Refusal> {
        let Object::Array(mut pending) = pdf.get(form, b"Fields")? else {
            return Ok(());
        };
        while let Some(node) = pending.pop() {
            if self.fields.len() + pending.len() > pdf.limits().fields {
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

    pub(super) fn fields(&self) -> impl Iterator<Item = ObjectId> {
        self.fields.iter().copied()
    }

    /// The numbers of what is asked about where it may change.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> {
        let parts = self.above.keys().chain(&self.fields);
        parts.chain([&self.catalog]).map(|(number, _)| *number)
    }

    /// An object and what leads to it from the catalog on, where that is known.
    pub(super) fn way_to(&self, id: ObjectId) -> impl Iterator<Item = ObjectId> {
        std::iter::successors(Some(id), |id| self.above.get(id).copied()).take(LEVELS_MAX)
    }

    pub(super) fn role(&self, id: ObjectId) -> Role {
        if id == self.catalog {
            Role::Catalog
        } else if Some(id) == self.form {
            Role::Form
        } else if self.form_resources.contains(&id) {
            Role::FormResources
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
        } else if self.validation.contains(&id) {
            Role::Validation
        } else {
            Role::Other
        }
    }
}

/// The arrays of the store and of what is in it for a single signature.
const STORED: [&[u8]; 6] = [b"Certs", b"OCSPs", b"CRLs", b"Cert", b"OCSP", b"CRL"];

/// The catalog, the store, `/VRI`, what is in it for a signature and an array of that.
const LEVELS_MAX: usize = 5;

fn reference(object: &Object) -> Option<ObjectId> {
    match object {
        Object::Reference(id) => Some(*id),
        _ => None,
    }
}
