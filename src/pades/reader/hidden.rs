//! What a hybrid file hides from readers that do not know such files (ISO 32000-2, 7.5.8.4).

use std::collections::HashSet;

use lopdf::Object;

use super::Pdf;
use super::walk::readable;
use crate::pades::error::Refusal;

impl Pdf<'_> {
    /// Whether only readers that know hybrid files see what the file says of this number.
    pub(super) fn is_hidden(&self, number: u32) -> bool {
        self.xref.hidden.contains(&number)
    }

    /// An object that is hidden and that this leads to, other than back to what has it.
    ///
    /// # Errors
    /// `PdfTooComplex`.
    pub(in crate::pades) fn hidden_below(&self, from: &Object) -> Result<Option<u32>, Refusal> {
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
                Object::Dictionary(dictionary) => open.extend(below(dictionary)),
                Object::Stream(stream) => open.extend(below(stream.dict)),
                _ => {}
            }
        }
        Ok(None)
    }
}

fn below(dictionary: lopdf::Dictionary) -> impl Iterator<Item = Object> {
    let leads_back = |key: &[u8]| matches!(key, b"P" | b"Parent");
    let entries = dictionary.into_iter();
    entries.filter_map(move |(key, value)| (!leads_back(&key)).then_some(value))
}
