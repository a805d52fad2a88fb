//! What a file does by itself, carries along or hides: nothing of it stops a seal, all of it is
//! told to the person who decides. A link to a web address is no finding: half of all documents
//! have one, and a warning that is always there warns of nothing.
//!
//! Every walk remembers what it has seen, so that a circle is its end and no error, and has a bound
//! far above what people make, beyond which the file is too complex: what was not looked at is not
//! called clean.

mod actions;
mod annotations;
mod drawn;
mod layers;

use std::collections::HashSet;
use std::rc::Rc;

use lopdf::{Dictionary, Object, ObjectId};

use super::error::Refusal;
use super::finding::{Finding, Seen};
use super::reader::Pdf;

/// Looks through the catalog, the pages and their annotations (ISO 32000-2, 12.6 and 12.5). Each
/// kind of content is told once, with the first place where it was seen.
pub(super) fn active_content(pdf: &Pdf<'_>) -> Result<Vec<Finding>, Refusal> {
    let mut search = Search {
        pdf,
        seen: HashSet::new(),
        drawn_on: HashSet::new(),
        steps: 0,
        findings: Vec::new(),
    };
    search.catalog(pdf.catalog()?.as_ref())?;
    let mut pages = Vec::new();
    pdf.each_page(|id, _, resources| pages.push((id, resources.cloned())))?;
    for (index, (id, resources)) in pages.iter().enumerate() {
        search.page(*id, resources.as_ref(), &format!("page {}", index + 1))?;
    }
    Ok(search.findings)
}

struct Search<'p, 's> {
    pdf: &'p Pdf<'s>,
    /// Objects that were looked at, and as what: one object may be an entry of the outline and an
    /// annotation, and does other things as each.
    seen: HashSet<(Role, ObjectId)>,
    /// Resources that were looked at and are no objects of their own: pages may inherit them.
    drawn_on: HashSet<*const Object>,
    /// Values looked at in all.
    steps: usize,
    findings: Vec<Finding>,
}

/// What an object is looked at as.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Role {
    /// An action; the word for it where it happens by itself.
    Action(Option<Seen>),
    /// An annotation, or a page's array of them.
    Annotation,
    /// A field of the form, from above.
    Field,
    /// A field above a widget.
    Above,
    /// A configuration of layers.
    Layers,
    /// An entry of the outline.
    Outline,
    /// Something that is drawn, or drawn with.
    Drawn,
}

impl Search<'_, '_> {
    fn found(&mut self, seen: Seen, place: &str) {
        let code = seen.code();
        if !self.findings.iter().any(|finding| finding.code == code) {
            self.findings.push(Finding::new(seen, place));
        }
    }

    /// Resolves an object unless it was looked at in this role before.
    fn unseen(&mut self, role: Role, object: &Object) -> Result<Option<Object>, Refusal> {
        self.steps += 1;
        if self.steps > self.pdf.limits().content {
            let what = "there is too much to look at for active content";
            return Err(Refusal::PdfTooComplex(what.into()));
        }
        if let Object::Reference(id) = object
            && !self.seen.insert((role, *id))
        {
            return Ok(None);
        }
        self.pdf.resolve(object).map(Some)
    }

    fn catalog(&mut self, catalog: &Dictionary) -> Result<(), Refusal> {
        let place = "the catalog";
        // Where it is an array, it is a place of the document.
        if self.dictionary(catalog, b"OpenAction")?.is_some() {
            self.action(
                catalog.get(b"OpenAction").ok(),
                place,
                Some(Seen::OpenAction),
            )?;
        }
        self.triggers(catalog, place)?;
        if let Some(names) = self.dictionary(catalog, b"Names")? {
            for (key, seen) in [
                (b"JavaScript".as_slice(), Seen::JavaScript),
                (b"EmbeddedFiles", Seen::EmbeddedFiles),
            ] {
                if names.has(key) {
                    self.found(seen, "the name tree");
                }
            }
        }
        self.associated_files(catalog, place)?;
        if catalog.has(b"Collection") {
            self.found(Seen::EmbeddedFiles, place);
        }
        if let Some(permissions) = self.dictionary(catalog, b"Perms")?
            && (permissions.has(b"UR3") || permissions.has(b"UR"))
        {
            self.found(Seen::UsageRights, place);
        }
        self.form(catalog)?;
        self.outline(catalog)?;
        self.layers(catalog, place)
    }

    /// What the form is and what its fields do, those that are on no page among them.
    fn form(&mut self, catalog: &Dictionary) -> Result<(), Refusal> {
        let Some(form) = self.dictionary(catalog, b"AcroForm")? else {
            return Ok(());
        };
        if form.has(b"XFA") {
            self.found(Seen::Xfa, "the form");
        }
        let Object::Array(mut pending) = self.pdf.get(&form, b"Fields")? else {
            return Ok(());
        };
        let mut visited = 0;
        while let Some(field) = pending.pop() {
            visited += 1;
            if visited + pending.len() > self.pdf.limits().fields {
                return Err(Refusal::PdfTooComplex(
                    "there are too many form fields".into(),
                ));
            }
            let field = self.unseen(Role::Field, &field)?;
            if let Some(field) = field.and_then(dictionary_of) {
                self.triggers(&field, "the form")?;
                if let Object::Array(kids) = self.pdf.get(&field, b"Kids")? {
                    pending.extend(kids);
                }
            }
        }
        Ok(())
    }

    fn page(
        &mut self,
        id: ObjectId,
        resources: Option<&Rc<Object>>,
        place: &str,
    ) -> Result<(), Refusal> {
        let Object::Dictionary(page) = self.pdf.object(id)? else {
            return Ok(());
        };
        self.triggers(&page, place)?;
        if let Ok(content) = page.get(b"Contents") {
            self.drawn(content, place)?;
        }
        if let Some(resources) = resources
            && self.drawn_on.insert(Rc::as_ptr(resources))
        {
            self.drawn(resources, place)?;
        }
        self.associated_files(&page, place)?;
        self.annotations(&page, place)
    }

    fn associated_files(&mut self, holder: &Dictionary, place: &str) -> Result<(), Refusal> {
        if let Object::Array(files) = self.pdf.get(holder, b"AF")?
            && !files.is_empty()
        {
            self.found(Seen::EmbeddedFiles, place);
        }
        Ok(())
    }

    /// The dictionary that an entry is, or leads to.
    fn dictionary(&self, holder: &Dictionary, key: &[u8]) -> Result<Option<Dictionary>, Refusal> {
        self.pdf.get(holder, key).map(dictionary_of)
    }
}

/// The dictionary that an object is or begins with: where a stream stands in its place, readers
/// follow the stream's own.
fn dictionary_of(object: Object) -> Option<Dictionary> {
    match object {
        Object::Dictionary(dictionary) => Some(dictionary),
        Object::Stream(stream) => Some(stream.dict),
        _ => None,
    }
}
