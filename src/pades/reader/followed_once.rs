//! What many nodes of a page tree share is looked at once: it may be long, and the nodes many.

use std::borrow::Cow;
use std::collections::HashSet;

use lopdf::{Object, ObjectId};

use super::Pdf;
use crate::pades::error::Refusal;

/// What a reference is followed for.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Sought {
    Dictionary,
    Rectangle,
    Number,
}

/// References that were followed, and what for.
#[derive(Default)]
pub(super) struct FollowedOnce(HashSet<(ObjectId, Sought)>);

impl FollowedOnce {
    /// What an object is, or leads to; none where it was followed for the same before.
    ///
    /// # Errors
    /// As [`Pdf::follow`].
    pub(super) fn follow<'o>(
        &mut self,
        pdf: &Pdf<'_>,
        object: &'o Object,
        sought: Sought,
    ) -> Result<Option<Cow<'o, Object>>, Refusal> {
        match object {
            Object::Reference(id) if !self.0.insert((*id, sought)) => Ok(None),
            Object::Reference(id) => Ok(Some(Cow::Owned(pdf.follow(*id)?.1))),
            object => Ok(Some(Cow::Borrowed(object))),
        }
    }
}
