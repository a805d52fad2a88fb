//! What is drawn on pages: content that is kept in another file.

use lopdf::{Dictionary, Object};

use super::{Role, Search};
use crate::pades::error::Refusal;
use crate::pades::finding::Seen;

impl Search<'_, '_> {
    /// Content that is kept in another file: a stream with `/F` (7.3.8.2), a form with `/Ref`
    /// (8.10.4). Looked at are the page's own content and what its resources name.
    pub(super) fn content(&mut self, page: &Dictionary, place: &str) -> Result<(), Refusal> {
        let mut streams = match page.get(b"Contents") {
            Ok(Object::Array(parts)) => parts.clone(),
            Ok(content) => vec![content.clone()],
            Err(_) => Vec::new(),
        };
        if let Some(resources) = self.dictionary(page, b"Resources")?
            && let Some(objects) = self.dictionary(&resources, b"XObject")?
        {
            streams.extend(objects.iter().map(|(_, object)| object.clone()));
        }
        for stream in streams {
            match self.unseen(Role::Drawn, &stream)? {
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
}
