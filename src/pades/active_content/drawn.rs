//! What is drawn on pages and what it is drawn with: content that is kept in another file, and
//! content that is seen only while a layer is off.

use lopdf::{Dictionary, Object};

use super::{Role, Search};
use crate::pades::error::Refusal;
use crate::pades::finding::Seen;

impl Search<'_, '_> {
    /// Looks at content streams, or at resources, and at all that they name: forms and patterns with
    /// resources of their own, pictures and their masks, fonts. What cannot be read is not drawn
    /// either.
    pub(super) fn drawn(&mut self, object: &Object, place: &str) -> Result<(), Refusal> {
        let mut pending = vec![object.clone()];
        while let Some(object) = pending.pop() {
            match self.unseen(Role::Drawn, &object) {
                Ok(Some(Object::Array(items))) => {
                    pending.extend(items.into_iter().filter(leads_on));
                }
                Ok(Some(Object::Dictionary(dictionary))) => {
                    self.membership(&dictionary, place)?;
                    pending.extend(named_by(&dictionary));
                }
                Ok(Some(Object::Stream(stream))) => {
                    // A stream with `/F` (7.3.8.2), a form with `/Ref` (8.10.4).
                    if stream.dict.has(b"F") || stream.dict.has(b"Ref") {
                        self.found(Seen::ExternalContent, place);
                    }
                    pending.extend(named_by(&stream.dict));
                }
                Ok(_) | Err(Refusal::PdfDamaged(_)) => {}
                Err(refusal) => return Err(refusal),
            }
        }
        Ok(())
    }
}

/// All of it: any name may be that of something drawn.
fn named_by(dictionary: &Dictionary) -> impl Iterator<Item = Object> {
    let values = dictionary.iter().map(|(_, value)| value);
    values.filter(|value| leads_on(value)).cloned()
}

fn leads_on(object: &Object) -> bool {
    matches!(
        object,
        Object::Reference(_) | Object::Array(_) | Object::Dictionary(_)
    )
}
