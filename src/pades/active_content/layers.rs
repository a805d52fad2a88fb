//! Optional content that is hidden, or can come to be without anybody's click on a layer (ISO
//! 32000-2, 8.11).

use lopdf::{Dictionary, Object};

use super::{Role, Search, dictionary_of};
use crate::pades::error::Refusal;
use crate::pades::finding::Seen;

impl Search<'_, '_> {
    /// The configuration that a reader begins with, and those that it may begin with instead: which
    /// one is the viewer's choice or the printing shop's (8.11.4.2), so whoever decides about the
    /// file is told where any of them hides something.
    pub(super) fn layers(&mut self, catalog: &Dictionary, place: &str) -> Result<(), Refusal> {
        let Some(optional) = self.dictionary(catalog, b"OCProperties")? else {
            return Ok(());
        };
        let mut configurations: Vec<Object> =
            optional.get(b"D").ok().cloned().into_iter().collect();
        if let Object::Array(others) = self.pdf.get(&optional, b"Configs")? {
            configurations.extend(others);
        }
        for configuration in &configurations {
            let configuration = self.unseen(Role::Layers, configuration)?;
            if let Some(configuration) = configuration.and_then(dictionary_of)
                && self.hides_content(&configuration)?
            {
                self.found(Seen::OptionalContentHidden, place);
            }
        }
        Ok(())
    }

    fn hides_content(&self, configuration: &Dictionary) -> Result<bool, Refusal> {
        let base = self.pdf.get(configuration, b"BaseState")?;
        let mut hides = matches!(base, Object::Name(state) if state == b"OFF");
        // What is off from the start, and what goes on or off with printing or zooming (8.11.4.4).
        for key in [b"OFF".as_slice(), b"AS"] {
            let list = self.pdf.get(configuration, key)?;
            hides |= matches!(list, Object::Array(groups) if !groups.is_empty());
        }
        Ok(hides)
    }

    /// Content that is not seen although every layer is on, or only while one is off (8.11.2.2).
    pub(super) fn membership(&mut self, drawn: &Dictionary, place: &str) -> Result<(), Refusal> {
        let kind = self.pdf.get(drawn, b"Type")?;
        if !matches!(kind, Object::Name(kind) if kind == b"OCMD") {
            return Ok(());
        }
        let policy = self.pdf.get(drawn, b"P")?;
        let wants_off = matches!(policy.as_name(), Ok(b"AllOff" | b"AnyOff"));
        if wants_off || drawn.has(b"VE") {
            self.found(Seen::OptionalContentHidden, place);
        }
        Ok(())
    }
}
