//! What a hybrid file hides from readers that do not know such files (ISO 32000-2, 7.5.8.4).

use std::collections::HashSet;

use lopdf::{Dictionary, Object};

use super::Pdf;
use super::walk::readable;
use crate::pades::error::Refusal;

impl Pdf<'_> {
    /// Whether only readers that know hybrid files see what the file says of this number.
    pub(super) fn is_hidden(&self, number: u32) -> bool {
        self.xref.hidden.contains(&number)
    }

    /// An object that is hidden and that this leads to. No key is passed over: it may be a name of
    /// somebody's choice.
    ///
    /// # Errors
    /// `PdfTooComplex`.
    pub(in crate::pades) fn hidden_from(&self, from: &Object) -> Result<Option<u32>, Refusal> {
        let mut seen = HashSet::new();
        let mut open = Vec::new();
        if !self.xref.hidden.is_empty() {
            open.push(from.clone());
        }
        while let Some(object) = open.pop() {
            match object {
                Object::Reference(id) if seen.insert(id) => {
                    if self.is_hidden(id.0) {
                        return Ok(Some(id.0));
                    }
                    open.extend(readable(self.object(id))?);
                }
                Object::Array(items) => open.extend(items),
                Object::Dictionary(dictionary) => open.extend(values(dictionary)),
                Object::Stream(stream) => open.extend(values(stream.dict)),
                _ => {}
            }
        }
        Ok(None)
    }
}

fn values(dictionary: Dictionary) -> impl Iterator<Item = Object> {
    dictionary.into_iter().map(|(_, value)| value)
}
