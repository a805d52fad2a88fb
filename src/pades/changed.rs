//! What a seal changes of what a file has already.

use std::collections::HashSet;

use lopdf::{Object, ObjectId};

use super::error::Refusal;
use super::reader::{Changed, Pdf, XrefEntry, damaged};

/// The catalog, the form and its list, and these pages with their lists of annotations, where those
/// are objects of their own.
///
/// # Errors
/// `PdfDamaged` where some readers find a list or a form that others do not.
pub(super) fn changed_on(
    pdf: &Pdf<'_>,
    pages: impl IntoIterator<Item = (ObjectId, Option<ObjectId>)>,
) -> Result<Vec<Changed>, Refusal> {
    let mut all = All {
        pdf,
        changed: vec![Changed::Undrawn(pdf.catalog_id()?)],
        followed: HashSet::new(),
    };
    for (id, annotations) in pages {
        all.changed.push(Changed::Undrawn(id));
        if let Some(annotations) = annotations {
            all.add(annotations)?;
        }
    }
    let catalog = pdf.catalog()?;
    let form = catalog.get(b"AcroForm");
    if let Ok(form) = form
        && pdf.hidden_from(form)?.is_some()
    {
        return Err(damaged("what a seal changes is hidden from some readers"));
    }
    let form = match form {
        Ok(Object::Reference(form)) => all.add(*form)?,
        Ok(form) => Some(form.clone()),
        Err(_) => None,
    };
    if let Some(Object::Dictionary(form)) = form
        && let Ok(Object::Reference(fields)) = form.get(b"Fields")
    {
        all.add(*fields)?;
    }
    Ok(all.changed)
}

struct All<'p, 's> {
    pdf: &'p Pdf<'s>,
    changed: Vec<Changed>,
    /// Many pages may share a long list.
    followed: HashSet<ObjectId>,
}

impl All<'_, '_> {
    /// Takes in what this leads to, and says what it is unless that was said before.
    fn add(&mut self, led_to: ObjectId) -> Result<Option<Object>, Refusal> {
        if !self.followed.insert(led_to) {
            return Ok(None);
        }
        let (id, object) = self.pdf.follow(led_to)?;
        let is_there = |entry| entry != XrefEntry::Free;
        if object == Object::Null && self.pdf.entry(id.0).is_some_and(is_there) {
            // Under another generation, where some readers find it.
            return Err(damaged("what a seal changes is there for some readers"));
        }
        self.changed.extend([led_to, id].map(Changed::Owned));
        Ok(Some(object))
    }
}
