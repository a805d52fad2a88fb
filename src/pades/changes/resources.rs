//! What may become of the form's resources (`/DR`) after a signature. Appearances that are made
//! from a field's value are made with them (ISO 32000-2, 12.7.4.3); pages and appearances that have
//! `/Resources` are not, so nobody sees by them what was signed.

use lopdf::{Dictionary, Object, Stream};

use super::rules::Rules;
use super::sameness::same;
use crate::pades::error::Refusal;
use crate::pades::reader::Pdf;

impl Rules<'_, '_> {
    /// Whether the resources of the forms that the two catalogs lead to grew.
    pub(super) fn form_resources_grew(&self) -> Result<bool, Refusal> {
        let forms = (
            self.before
                .get(self.before.catalog()?.as_ref(), b"AcroForm")?,
            self.now.get(self.now.catalog()?.as_ref(), b"AcroForm")?,
        );
        match forms {
            (Object::Dictionary(old), Object::Dictionary(new)) => self.resources_grew(&old, &new),
            _ => Ok(false),
        }
    }

    /// Whether the form's resources, category by category, kept what they had. External objects may
    /// become others where nothing that was signed is drawn with them: a default appearance names
    /// none, but there are writers that keep the picture of their newest signature there, always
    /// under one name.
    pub(super) fn resources_grew(
        &self,
        old: &Dictionary,
        new: &Dictionary,
    ) -> Result<bool, Refusal> {
        let Object::Dictionary(old) = self.before.get(old, b"DR")? else {
            return Ok(true);
        };
        let Object::Dictionary(new) = self.now.get(new, b"DR")? else {
            return Ok(false);
        };
        for (category, resources) in &old {
            let resources = self.before.resolve(resources)?;
            let now = self.now.get(&new, category)?;
            let is_permitted = match (&resources, &now) {
                (Object::Dictionary(old), Object::Dictionary(new)) => {
                    old.iter()
                        .all(|(name, old)| new.get(name).is_ok_and(|new| same(old, new)))
                        || category == b"XObject" && !draws_with_the_form(self.before)?
                }
                (old, new) => same(old, new),
            };
            if !is_permitted {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

/// Whether a signed appearance may be drawn with external objects of the form: one without
/// resources of its own, in some readers, or one that is made from a default appearance that is
/// none. What cannot be read may be such.
fn draws_with_the_form(before: &Pdf<'_>) -> Result<bool, Refusal> {
    for id in before.in_the_order_of_the_file() {
        let draws = before
            .object(id)
            .and_then(|object| object_draws(before, &object));
        match draws {
            Ok(false) => {}
            Ok(true) | Err(Refusal::PdfDamaged(_)) => return Ok(true),
            Err(refusal) => return Err(refusal),
        }
    }
    Ok(false)
}

/// The parser bounds how deep an object nests.
fn object_draws(pdf: &Pdf<'_>, object: &Object) -> Result<bool, Refusal> {
    match object {
        Object::Array(items) => items
            .iter()
            .try_fold(false, |found, item| Ok(found || object_draws(pdf, item)?)),
        Object::Dictionary(dictionary) => entry_draws(pdf, dictionary),
        Object::Stream(stream) => Ok(entry_draws(pdf, &stream.dict)? || borrows(pdf, stream)?),
        _ => Ok(false),
    }
}

fn entry_draws(pdf: &Pdf<'_>, dictionary: &Dictionary) -> Result<bool, Refusal> {
    let default = pdf.get(dictionary, b"DA")?;
    if draws(default.as_str().unwrap_or_default()) || shapes(pdf, dictionary)? {
        return Ok(true);
    }
    let mut values = dictionary.iter();
    values.try_fold(false, |found, (_, value)| {
        Ok(found || object_draws(pdf, value)?)
    })
}

/// Whether a form (8.10.1) draws with external objects and has no resources to find them in.
fn borrows(pdf: &Pdf<'_>, stream: &Stream) -> Result<bool, Refusal> {
    let is_form = stream.dict.has(b"BBox")
        || matches!(pdf.get(&stream.dict, b"Subtype")?, Object::Name(kind) if kind == b"Form");
    let has_resources = matches!(pdf.get(&stream.dict, b"Resources")?, Object::Dictionary(_));
    Ok(is_form && !has_resources && draws(&pdf.stream_data(stream)?))
}

/// Whether a font paints its letters by streams (9.6.4) and has no resources for them.
fn shapes(pdf: &Pdf<'_>, font: &Dictionary) -> Result<bool, Refusal> {
    let has_resources = matches!(pdf.get(font, b"Resources")?, Object::Dictionary(_));
    Ok(font.has(b"CharProcs") && !has_resources)
}

/// Whether the operator may be there that paints an external object (8.8.1).
fn draws(content: &[u8]) -> bool {
    content.windows(2).any(|word| word == b"Do")
}
