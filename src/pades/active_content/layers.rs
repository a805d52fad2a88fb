//! Optional content that is hidden, or can come to be without anybody's click on a layer (ISO
//! 32000-2, 8.11).

use lopdf::{Dictionary, Object};

use super::Search;
use crate::pades::error::Refusal;
use crate::pades::finding::Seen;

impl Search<'_, '_> {
    /// The configuration that a reader begins with.
    pub(super) fn layers(&mut self, catalog: &Dictionary, place: &str) -> Result<(), Refusal> {
        if let Some(optional) = self.dictionary(catalog, b"OCProperties")?
            && let Some(configuration) = self.dictionary(&optional, b"D")?
            && self.hides_content(&configuration)?
        {
            self.found(Seen::OptionalContentHidden, place);
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
}
