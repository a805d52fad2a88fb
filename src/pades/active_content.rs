//! What a file does by itself, carries along or hides: nothing of it stops a seal, all of it is
//! told to the person who decides. A link to a web address is no finding: half of all documents
//! have one, and a warning that is always there warns of nothing.

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId};

use super::error::Refusal;
use super::finding::Finding;
use super::reader::Pdf;

/// Looks through the catalog, the pages and their annotations (ISO 32000-2, 12.6 and 12.5). Each
/// kind of content is told once, with the first place where it was seen.
pub(super) fn active_content(pdf: &Pdf<'_>) -> Result<Vec<Finding>, Refusal> {
    let mut search = Search {
        pdf,
        seen: HashSet::new(),
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
    findings: Vec<Finding>,
}

impl Search<'_, '_> {
    fn found(&mut self, code: &str, place: &str) {
        if !self.findings.iter().any(|finding| finding.code == code) {
            self.findings.push(Finding::new(code, place));
        }
    }

    fn catalog(&mut self, catalog: &Dictionary) -> Result<(), Refusal> {
        let place = "the catalog";
        if let Object::Dictionary(action) = self.pdf.get(catalog, b"OpenAction")? {
            self.action(action, place, Some("open_action"))?;
        }
        self.triggers(catalog, place)?;
        if let Object::Dictionary(names) = self.pdf.get(catalog, b"Names")? {
            for (key, code) in [
                (b"JavaScript".as_slice(), "javascript"),
                (b"EmbeddedFiles", "embedded_files"),
            ] {
                if names.has(key) {
                    self.found(code, "the name tree");
                }
            }
        }
        if let Object::Array(files) = self.pdf.get(catalog, b"AF")?
            && !files.is_empty()
        {
            self.found("embedded_files", place);
        }
        if let Object::Dictionary(form) = self.pdf.get(catalog, b"AcroForm")?
            && form.has(b"XFA")
        {
            self.found("xfa", "the form");
        }
        if let Object::Dictionary(optional) = self.pdf.get(catalog, b"OCProperties")?
            && self.hides_content(&optional)?
        {
            self.found("optional_content_hidden", place);
        }
        Ok(())
    }

    fn hides_content(&self, optional: &Dictionary) -> Result<bool, Refusal> {
        let Object::Dictionary(default) = self.pdf.get(optional, b"D")? else {
            return Ok(false);
        };
        let base = self.pdf.get(&default, b"BaseState")?;
        let starts_off = matches!(base, Object::Name(state) if state == b"OFF");
        let off = self.pdf.get(&default, b"OFF")?;
        Ok(starts_off || matches!(off, Object::Array(groups) if !groups.is_empty()))
    }

    fn page(&mut self, id: ObjectId, place: &str) -> Result<(), Refusal> {
        let Object::Dictionary(page) = self.pdf.object(id)? else {
            return Ok(());
        };
        self.triggers(&page, place)?;
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
            b"FileAttachment" => self.found("embedded_files", place),
            b"RichMedia" | b"Screen" | b"Movie" | b"Sound" | b"3D" => {
                self.found("rich_media", place);
            }
            _ => {}
        }
        // A note's window is hidden until it is opened, and an invisible signature is no secret.
        if self.is_hidden(annotation)? && subtype != b"Popup" && !self.is_signature(annotation)? {
            self.found("hidden_annotation", place);
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
                self.action(action, place, Some("additional_action"))?;
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
        by_itself: Option<&str>,
    ) -> Result<(), Refusal> {
        let mut pending = vec![action];
        for _ in 0..ACTIONS_MAX {
            let Some(action) = pending.pop() else {
                return Ok(());
            };
            let kind = self.pdf.get(&action, b"S")?;
            let code = match kind.as_name().unwrap_or_default() {
                b"GoTo" | b"" => None,
                b"URI" if by_itself.is_none() => None,
                b"JavaScript" => Some("javascript"),
                b"Launch" => Some("launch_action"),
                b"URI" | b"SubmitForm" | b"GoToR" | b"GoToE" | b"ImportData" => {
                    Some("external_action")
                }
                b"Rendition" | b"Movie" | b"Sound" | b"RichMediaExecute" => Some("rich_media"),
                _ => by_itself,
            };
            if let Some(code) = code {
                self.found(code, place);
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

/// A chain of actions is followed so far; a longer one has shown what it does.
const ACTIONS_MAX: usize = 32;
