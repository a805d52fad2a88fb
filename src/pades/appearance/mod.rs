//! What a seal shows on the page (domain of Decree 30/2020/ND-CP, Annex I): where the mark stands
//! and the form `XObject` that draws it. Nothing here knows signatures or revisions.

use lopdf::{Dictionary, Object, ObjectId, Stream};
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::error::Refusal;
use place::Sheet;

mod font;
mod text;
pub(super) mod place;

/// What the seal shows on the page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum Appearance {
    /// Nothing: the signature is found in the reader's signature panel only.
    #[default]
    None,
    /// The mark of an attachment in a file of its own: top right on the first page, without an
    /// image, the document's number and the signing time.
    Attachment {
        /// The number and symbol of the document that the file is attached to.
        document_number: String,
    },
}

impl Appearance {
    /// Whether something is drawn.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        *self != Self::None
    }
}

/// A mark ready to be put on its page.
pub(super) struct Mark {
    /// Left, bottom, right, top in the page's user space.
    pub(super) rect: [f64; 4],
    /// The `XObject` for `/AP /N`.
    pub(super) form: ObjectId,
}

/// Draws what the appearance shows on a sheet; `add` takes an object into the file and gives its
/// number. Nothing is drawn for [`Appearance::None`].
///
/// # Errors
/// `FieldInvalid` when the text cannot be written with the font or does not fit the page.
pub(super) fn draw(
    appearance: &Appearance,
    sheet: &Sheet,
    signed_at: OffsetDateTime,
    add: &mut dyn FnMut(Object) -> Result<ObjectId, Refusal>,
) -> Result<Option<Mark>, Refusal> {
    let Appearance::Attachment { document_number } = appearance else {
        return Ok(None);
    };
    let block = text::Block::new(&[document_number.as_str(), &printed_time(signed_at)])?;
    let place = sheet.top_right(block.width(), block.height())?;
    let font = block.font(add)?;
    let form = add(form(&block, &place, font))?;
    Ok(Some(Mark {
        rect: place.rect,
        form,
    }))
}

/// The signing time as it is printed, in its own offset: `25/11/2026 09:15:07 +07:00`.
fn printed_time(at: OffsetDateTime) -> String {
    let (hours, minutes, _) = at.offset().as_hms();
    let sign = if at.offset().is_negative() { '-' } else { '+' };
    format!(
        "{:02}/{:02}/{:04} {:02}:{:02}:{:02} {sign}{:02}:{:02}",
        at.day(),
        u8::from(at.month()),
        at.year(),
        at.hour(),
        at.minute(),
        at.second(),
        hours.unsigned_abs(),
        minutes.unsigned_abs(),
    )
}

// The form's own space is the sheet as people see it, scaled to user space; its matrix turns it
// the way the page is turned, so that the text stands upright (12.5.5, algorithm for /AP).
fn form(block: &text::Block, place: &place::Place, font: ObjectId) -> Object {
    let [left, bottom, right, top] = place.bounds;
    let mut fonts = Dictionary::new();
    fonts.set("F0", Object::Reference(font));
    let mut resources = Dictionary::new();
    resources.set("Font", Object::Dictionary(fonts));

    let mut dictionary = Dictionary::new();
    dictionary.set("Type", Object::Name(b"XObject".to_vec()));
    dictionary.set("Subtype", Object::Name(b"Form".to_vec()));
    dictionary.set("BBox", numbers(&[left, bottom, right, top]));
    dictionary.set("Matrix", numbers(&place.matrix));
    dictionary.set("Resources", Object::Dictionary(resources));
    Object::Stream(Stream::new(dictionary, block.content(place.scale)))
}

/// An array of numbers, each to a thousandth.
pub(super) fn numbers(values: &[f64]) -> Object {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a place on a page fits an f32"
    )]
    let number = |value: &f64| Object::Real(((value * 1000.0).round() / 1000.0) as f32);
    Object::Array(values.iter().map(number).collect())
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_printed_time_carries_its_offset() {
        let at = datetime!(2026-11-25 09:15:07 +07:00);
        assert_eq!(printed_time(at), "25/11/2026 09:15:07 +07:00");
        assert_eq!(
            printed_time(datetime!(2026-01-02 23:04:05 -03:30)),
            "02/01/2026 23:04:05 -03:30"
        );
    }
}
