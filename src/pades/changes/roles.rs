//! What the objects of the signed revision are to the document.

use std::collections::BTreeSet;

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
}

impl Roles {
    pub(super) fn of(pdf: &Pdf<'_>) -> Result<Self, Refusal> {
        let catalog = pdf.catalog()?;
        let mut roles = Self {
            catalog: pdf.catalog_id()?,
            form: catalog.get(b"AcroForm").ok().and_then(reference),
            form_resources: BTreeSet::new(),
            info: pdf.trailer().get(b"Info").ok().and_then(reference),
            metadata: catalog.get(b"Metadata").ok().and_then(reference),
            validation: BTreeSet::new(),
            lists: BTreeSet::new(),
            fields: BTreeSet::new(),
            pages: BTreeSet::new(),
        };
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
        self.form_resources
            .extend(form.get(b"DR").ok().and_then(reference));
        if let Object::Dictionary(resources) = pdf.get(form, b"DR")? {
            let categories = resources.iter().map(|(_, category)| category);
            self.form_resources.extend(categories.filter_map(reference));
        }
        Ok(())
    }

    /// The store, its arrays, and the same below `/VRI` for single signatures.
    fn add_validation(&mut self, pdf: &Pdf<'_>, catalog: &Dictionary) -> Result<(), Refusal> {
        let Some(store) = self.add_store(pdf, catalog.get(b"DSS").ok())? else {
            return Ok(());
        };
        let Some(each) = self.add_store(pdf, store.get(b"VRI").ok())? else {
            return Ok(());
        };
        for (_, single) in each.iter().take(pdf.limits().signatures) {
            self.add_store(pdf, Some(single))?;
        }
        Ok(())
    }

    /// Takes in a dictionary of the store and the arrays in it.
    fn add_store(
        &mut self,
        pdf: &Pdf<'_>,
        object: Option<&Object>,
    ) -> Result<Option<Dictionary>, Refusal> {
        let Some(object) = object else {
            return Ok(None);
        };
        let Object::Dictionary(store) = pdf.resolve(object)? else {
            return Ok(None);
        };
        self.validation.extend(reference(object));
        for key in [
            b"Certs".as_slice(),
            b"OCSPs",
            b"CRLs",
            b"Cert",
            b"OCSP",
            b"CRL",
        ] {
            self.validation
                .extend(store.get(key).ok().and_then(reference));
        }
        Ok(Some(store))
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

fn reference(object: &Object) -> Option<ObjectId> {
    match object {
        Object::Reference(id) => Some(*id),
        _ => None,
    }
}
