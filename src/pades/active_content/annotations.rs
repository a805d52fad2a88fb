//! What stands on pages beside their content: annotations, those of fields among them (ISO 32000-2,
//! 12.5).

use lopdf::{Dictionary, Object};

use super::{Role, Search, dictionary_of};
use crate::pades::error::Refusal;
use crate::pades::finding::Seen;

impl Search<'_, '_> {
    pub(super) fn annotations(&mut self, page: &Dictionary, place: &str) -> Result<(), Refusal> {
        let annotations = page.get(b"Annots").unwrap_or(&Object::Null);
        let Some(Object::Array(annotations)) = self.unseen(Role::Annotation, annotations)? else {
            return Ok(());
        };
        for annotation in &annotations {
            let annotation = self.unseen(Role::Annotation, annotation)?;
            if let Some(annotation) = annotation.and_then(dictionary_of) {
                self.annotation(&annotation, place)?;
            }
        }
        Ok(())
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
        for key in [b"AP".as_slice(), b"OC"] {
            if let Ok(drawn) = annotation.get(key) {
                self.drawn(drawn, place)?;
            }
        }
        self.action(annotation.get(b"A").ok(), place, None)?;
        self.triggers(annotation, place)?;
        self.triggers_above(annotation, place)
    }

    /// Flags Hidden and `NoView` (12.5.3).
    fn is_hidden(&self, annotation: &Dictionary) -> Result<bool, Refusal> {
        let flags = self.pdf.get(annotation, b"F")?;
        Ok(matches!(flags, Object::Integer(flags) if flags & (1 << 1 | 1 << 5) != 0))
    }

    fn is_signature(&self, annotation: &Dictionary) -> Result<bool, Refusal> {
        let mut kind = self.pdf.get(annotation, b"FT")?;
        if let (Object::Null, Some(parent)) = (&kind, self.dictionary(annotation, b"Parent")?) {
            kind = self.pdf.get(&parent, b"FT")?;
        }
        Ok(matches!(kind, Object::Name(kind) if kind == b"Sig"))
    }

    /// What the fields above a widget do when they are filled in.
    fn triggers_above(&mut self, widget: &Dictionary, place: &str) -> Result<(), Refusal> {
        let mut parent = widget.get(b"Parent").cloned().unwrap_or(Object::Null);
        while let Some(field) = self.unseen(Role::Above, &parent)?.and_then(dictionary_of) {
            self.triggers(&field, place)?;
            parent = match field.get(b"Parent") {
                Ok(Object::Reference(id)) => Object::Reference(*id),
                _ => return Ok(()),
            };
        }
        Ok(())
    }
}
