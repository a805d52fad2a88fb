//! What a file does by itself, carries along or hides: nothing of it stops a seal, all of it is
//! told to the person who decides. A link to a web address is no finding: half of all documents
//! have one, and a warning that is always there warns of nothing.

use std::collections::HashSet;

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
        fields: HashSet::new(),
        findings: Vec::new(),
    };
    search.catalog(&pdf.catalog()?)?;
    let mut pages = Vec::new();
    pdf.each_page(|id, _| pages.push(id))?;
    for (index, id) in pages.into_iter().enumerate() {
        search.page(id, &format!("page {}", index + 1))?;
    }
    Ok(search.findings)
}

struct Search<'p, 's> {
    pdf: &'p Pdf<'s>,
    /// Objects that were looked at: pages may share their annotations.
    seen: HashSet<ObjectId>,
    /// Fields that were looked at: they are annotations as well, and looked at again as such.
    fields: HashSet<ObjectId>,
    findings: Vec<Finding>,
}

impl Search<'_, '_> {
    fn found(&mut self, seen: Seen, place: &str) {
        let code = seen.code();
        if !self.findings.iter().any(|finding| finding.code == code) {
            self.findings.push(Finding::new(seen, place));
        }
    }

    fn catalog(&mut self, catalog: &Dictionary) -> Result<(), Refusal> {
        let place = "the catalog";
        if let Object::Dictionary(action) = self.pdf.get(catalog, b"OpenAction")? {
            self.action(action, place, Some(Seen::OpenAction))?;
        }
        self.triggers(catalog, place)?;
        if let Object::Dictionary(names) = self.pdf.get(catalog, b"Names")? {
            for (key, seen) in [
                (b"JavaScript".as_slice(), Seen::JavaScript),
                (b"EmbeddedFiles", Seen::EmbeddedFiles),
            ] {
                if names.has(key) {
                    self.found(seen, "the name tree");
                }
            }
        }
        if let Object::Array(files) = self.pdf.get(catalog, b"AF")?
            && !files.is_empty()
        {
            self.found(Seen::EmbeddedFiles, place);
        }
        if catalog.has(b"Collection") {
            self.found(Seen::EmbeddedFiles, place);
        }
        if let Object::Dictionary(permissions) = self.pdf.get(catalog, b"Perms")?
            && (permissions.has(b"UR3") || permissions.has(b"UR"))
        {
            self.found(Seen::UsageRights, place);
        }
        self.form(catalog)?;
        self.outline(catalog)?;
        if let Object::Dictionary(optional) = self.pdf.get(catalog, b"OCProperties")?
            && self.hides_content(&optional)?
        {
            self.found(Seen::OptionalContentHidden, place);
        }
        Ok(())
    }

    fn hides_content(&self, optional: &Dictionary) -> Result<bool, Refusal> {
        let Object::Dictionary(default) = self.pdf.get(optional, b"D")? else {
            return Ok(false);
        };
        let base = self.pdf.get(&default, b"BaseState")?;
        let starts_off = matches!(base, Object::Name(state) if state == b"OFF");
        // What is off from the start, and what goes on or off with printing or zooming (8.11.4.4).
        let lists = [b"OFF".as_slice(), b"AS"].map(|key| self.pdf.get(&default, key));
        let mut has_any = starts_off;
        for list in lists {
            has_any |= matches!(list?, Object::Array(groups) if !groups.is_empty());
        }
        Ok(has_any)
    }

    /// What the form is and what its fields do, those that are on no page among them.
    fn form(&mut self, catalog: &Dictionary) -> Result<(), Refusal> {
        let Object::Dictionary(form) = self.pdf.get(catalog, b"AcroForm")? else {
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
            if let Object::Reference(id) = field
                && !self.fields.insert(id)
            {
                continue;
            }
            if let Object::Dictionary(field) = self.pdf.resolve(&field)? {
                self.triggers(&field, "the form")?;
                if let Object::Array(kids) = self.pdf.get(&field, b"Kids")? {
                    pending.extend(kids);
                }
            }
        }
        Ok(())
    }

    /// What the entries of the table of contents do when they are clicked (12.3.3).
    fn outline(&mut self, catalog: &Dictionary) -> Result<(), Refusal> {
        let mut pending = vec![catalog.get(b"Outlines").cloned().unwrap_or(Object::Null)];
        for _ in 0..OUTLINE_MAX {
            let Some(entry) = pending.pop() else { break };
            let Some(Object::Dictionary(entry)) = self.unseen(&entry)? else {
                continue;
            };
            if let Object::Dictionary(action) = self.pdf.get(&entry, b"A")? {
                self.action(action, "the outline", None)?;
            }
            for key in [b"Next".as_slice(), b"First"] {
                pending.extend(entry.get(key).ok().cloned());
            }
        }
        Ok(())
    }

    /// Content that is kept in another file: a stream with `/F` (7.3.8.2), a form with `/Ref`
    /// (8.10.4). Looked at are the page's own content and what its resources name.
    fn content(&mut self, page: &Dictionary, place: &str) -> Result<(), Refusal> {
        let mut streams = match page.get(b"Contents") {
            Ok(Object::Array(parts)) => parts.clone(),
            Ok(content) => vec![content.clone()],
            Err(_) => Vec::new(),
        };
        if let Object::Dictionary(resources) = self.pdf.get(page, b"Resources")?
            && let Object::Dictionary(objects) = self.pdf.get(&resources, b"XObject")?
        {
            streams.extend(objects.iter().map(|(_, object)| object.clone()));
        }
        for stream in streams {
            match self.unseen(&stream)? {
                Some(Object::Stream(stream))
                    if stream.dict.has(b"F") || stream.dict.has(b"Ref") =>
                {
                    self.found(Seen::ExternalContent, place);
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn page(&mut self, id: ObjectId, place: &str) -> Result<(), Refusal> {
        let Object::Dictionary(page) = self.pdf.object(id)? else {
            return Ok(());
        };
        self.triggers(&page, place)?;
        self.content(&page, place)?;
        if let Object::Array(files) = self.pdf.get(&page, b"AF")?
            && !files.is_empty()
        {
            self.found(Seen::EmbeddedFiles, place);
        }
        let annotations = page.get(b"Annots").unwrap_or(&Object::Null);
        let Some(Object::Array(annotations)) = self.unseen(annotations)? else {
            return Ok(());
        };
        for annotation in &annotations {
            if let Some(Object::Dictionary(annotation)) = self.unseen(annotation)? {
                self.annotation(&annotation, place)?;
            }
        }
        Ok(())
    }

    /// Resolves an object unless it was looked at before.
    fn unseen(&mut self, object: &Object) -> Result<Option<Object>, Refusal> {
        if let Object::Reference(id) = object
            && !self.seen.insert(*id)
        {
            return Ok(None);
        }
        self.pdf.resolve(object).map(Some)
    }

    fn annotation(&mut self, annotation: &Dictionary, place: &str) -> Result<(), Refusal> {
        let subtype = self.pdf.get(annotation, b"Subtype")?;
        let subtype = subtype.as_name().unwrap_or_default();
        match subtype {
            b"FileAttachment" => self.found(Seen::EmbeddedFiles, place),
            b"RichMedia" | b"Screen" | b"Movie" | b"Sound" | b"3D" => {
                self.found(Seen::RichMedia, place);
            }
            _ => {}
        }
        // A note's window is hidden until it is opened, and an invisible signature is no secret.
        if self.is_hidden(annotation)? && subtype != b"Popup" && !self.is_signature(annotation)? {
            self.found(Seen::HiddenAnnotation, place);
        }
        if let Object::Dictionary(action) = self.pdf.get(annotation, b"A")? {
            self.action(action, place, None)?;
        }
        self.triggers(annotation, place)?;
        self.field_triggers(annotation, place)
    }

    /// Flags Hidden and `NoView` (12.5.3).
    fn is_hidden(&self, annotation: &Dictionary) -> Result<bool, Refusal> {
        let flags = self.pdf.get(annotation, b"F")?;
        Ok(matches!(flags, Object::Integer(flags) if flags & (1 << 1 | 1 << 5) != 0))
    }

    fn is_signature(&self, annotation: &Dictionary) -> Result<bool, Refusal> {
        let mut kind = self.pdf.get(annotation, b"FT")?;
        if let (Object::Null, Object::Dictionary(parent)) =
            (&kind, self.pdf.get(annotation, b"Parent")?)
        {
            kind = self.pdf.get(&parent, b"FT")?;
        }
        Ok(matches!(kind, Object::Name(kind) if kind == b"Sig"))
    }

    /// What the fields above a widget do when they are filled in.
    fn field_triggers(&mut self, widget: &Dictionary, place: &str) -> Result<(), Refusal> {
        let mut parent = widget.get(b"Parent").cloned().unwrap_or(Object::Null);
        while let Some(Object::Dictionary(field)) = self.unseen(&parent)? {
            self.triggers(&field, place)?;
            parent = match field.get(b"Parent") {
                Ok(Object::Reference(id)) => Object::Reference(*id),
                _ => return Ok(()),
            };
        }
        Ok(())
    }

    /// The actions on events in `/AA`.
    fn triggers(&mut self, holder: &Dictionary, place: &str) -> Result<(), Refusal> {
        let Object::Dictionary(triggers) = self.pdf.get(holder, b"AA")? else {
            return Ok(());
        };
        for (_, action) in &triggers {
            if let Object::Dictionary(action) = self.pdf.resolve(action)? {
                self.action(action, place, Some(Seen::AdditionalAction))?;
            }
        }
        Ok(())
    }

    /// An action and those that follow it. `by_itself` is the word for one that no click sets off,
    /// where its kind has none; going to a place of the same document needs no word.
    fn action(
        &mut self,
        action: Dictionary,
        place: &str,
        by_itself: Option<Seen>,
    ) -> Result<(), Refusal> {
        let mut pending = vec![action];
        for _ in 0..ACTIONS_MAX {
            let Some(action) = pending.pop() else {
                return Ok(());
            };
            let kind = self.pdf.get(&action, b"S")?;
            let seen = match kind.as_name().unwrap_or_default() {
                b"GoTo" | b"" => None,
                b"URI" if by_itself.is_none() => None,
                b"JavaScript" => Some(Seen::JavaScript),
                b"Rendition" if action.has(b"JS") => Some(Seen::JavaScript),
                b"Launch" => Some(Seen::LaunchAction),
                b"URI" | b"SubmitForm" | b"GoToR" | b"GoToE" | b"GoToDp" | b"ImportData"
                | b"Thread" => Some(Seen::ExternalAction),
                b"Rendition" | b"Movie" | b"Sound" | b"RichMediaExecute" | b"GoTo3DView" => {
                    Some(Seen::RichMedia)
                }
                // It switches layers or annotations on and off.
                b"SetOCGState" => Some(Seen::OptionalContentHidden),
                b"Hide" if by_itself.is_none() => Some(Seen::HiddenAnnotation),
                _ => by_itself,
            };
            if let Some(seen) = seen {
                self.found(seen, place);
            }
            let next = match self.pdf.get(&action, b"Next")? {
                Object::Array(actions) => actions,
                action => vec![action],
            };
            for action in next.iter().take(ACTIONS_MAX) {
                if let Object::Dictionary(action) = self.pdf.resolve(action)? {
                    pending.push(action);
                }
            }
        }
        Ok(())
    }
}

/// Entries of the table of contents that are looked at.
const OUTLINE_MAX: usize = 20_000;

/// A chain of actions is followed so far; a longer one has shown what it does.
const ACTIONS_MAX: usize = 32;
