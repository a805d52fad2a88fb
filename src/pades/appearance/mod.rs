//! What a seal shows on the page (Decree 30/2020/ND-CP, Annex I): a template as data (`template`),
//! filled with facts, laid out, and drawn as one form `XObject` at its place on the page. Nothing
//! here knows signatures or revisions.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use lopdf::{Dictionary, Object, ObjectId, Stream};
use serde::{Deserialize, Serialize};

use super::error::Refusal;
use layout::Layout;
use place::Place;

mod colour;
mod facts;
mod font;
mod image;
mod layout;
pub(super) mod place;
mod qr;
mod rules;
mod template;
mod text;

pub use facts::{Facts, Language};
pub use place::Spot;
pub use template::{
    Align, Anchor, ImageName, Item, Localised, Over, PageChoice, PageWord, Placement, Side,
    Template, TemplateError,
};

/// What the seal shows on the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "snake_case")]
pub enum Appearance {
    /// Nothing: the signature is found in the reader's signature panel only.
    #[default]
    None,
    /// A mark by a template.
    Mark(Box<MarkOrder>),
}

/// A mark to be drawn.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarkOrder {
    /// Its form.
    pub template: Template,
    /// What its placeholders stand for; the signing time is added when it is drawn.
    pub facts: Facts,
    /// The language of its texts.
    pub language: Language,
    /// The picture that the template shows, a PNG.
    #[serde(with = "image_text")]
    pub image: Option<Vec<u8>>,
}

impl Appearance {
    /// A mark in Vietnamese without a picture.
    #[must_use]
    pub fn mark(template: Template, facts: Facts) -> Self {
        Self::Mark(Box::new(MarkOrder {
            template,
            facts,
            language: Language::default(),
            image: None,
        }))
    }

    /// The mark of an attachment in a file of its own.
    ///
    /// # Errors
    /// None: its template is built in.
    pub fn attachment(document_number: &str) -> Result<Self, TemplateError> {
        let facts = Facts::default().with("document_number", document_number);
        Ok(Self::mark(Template::attachment()?, facts))
    }

    /// Whether something is drawn.
    #[must_use]
    pub fn is_visible(&self) -> bool {
        *self != Self::None
    }
}

/// Whether a template can be drawn: laid out in each language with a letter for every fact and, where
/// it shows a picture, with this one (none: the picture's place is left out).
///
/// # Errors
/// `FieldInvalid` when a letter is not in the font, or the picture is no PNG of ours.
pub fn try_out(template: &Template, image: Option<&[u8]>) -> Result<(), Refusal> {
    let facts = facts::NAMES.iter();
    let facts = facts.fold(Facts::default(), |facts, name| facts.with(name, "0"));
    let mut template = template.clone();
    if image.is_none() {
        template.items.retain(|item| item.image.is_none());
    }
    for language in [Language::Vietnamese, Language::English] {
        let order = MarkOrder {
            template: template.clone(),
            facts: facts.clone(),
            language,
            image: image.map(<[u8]>::to_vec),
        };
        Layout::of(&order, &facts)?;
    }
    Ok(())
}

/// Width and height, in pixels, of a picture that a mark can show.
///
/// # Errors
/// `FieldInvalid` when it is no PNG, or too large.
pub fn picture_size(png: &[u8]) -> Result<(usize, usize), Refusal> {
    image::Picture::from_png(png).map(|picture| picture.size())
}

/// The names of the letters of our own typeface.
///
/// # Errors
/// `Unavailable` when the typeface cannot be used.
pub(super) fn glyph_names() -> Result<std::collections::HashMap<String, char>, Refusal> {
    Ok(font::Typeface::embedded()?.names())
}

/// How far letters advance in our own typeface, which measures as Times does, in thousandths of
/// their size.
///
/// # Errors
/// `Unavailable` when the typeface cannot be used.
pub(super) fn advances(letters: &[Option<char>]) -> Result<Vec<Option<i32>>, Refusal> {
    let typeface = font::Typeface::embedded()?;
    let advance = |letter: char| Some(typeface.width(typeface.glyph(letter)?));
    Ok(letters
        .iter()
        .map(|letter| letter.and_then(advance))
        .collect())
}

/// A mark measured and ready to be drawn.
pub(super) struct Drawing {
    layout: Layout,
}

impl Drawing {
    /// Fills and lays out a mark.
    ///
    /// # Errors
    /// `FieldInvalid` when a fact or the picture is missing, or a text cannot be written with the
    /// font.
    pub(super) fn of(order: &MarkOrder, facts: &Facts) -> Result<Self, Refusal> {
        let checked = order.template.check();
        checked.map_err(|error| Refusal::FieldInvalid(error.to_string()))?;
        Ok(Self {
            layout: Layout::of(order, facts)?,
        })
    }

    /// Its width and height in points.
    pub(super) fn size(&self) -> [f64; 2] {
        self.layout.size()
    }

    /// Takes the form and what it needs into the file; gives the `XObject` for `/AP /N`.
    ///
    /// The form's own space is the page as people see it, scaled to user space; its matrix turns it
    /// the way the page is turned, so that the mark stands upright (12.5.5, algorithm for /AP).
    pub(super) fn draw(
        &self,
        place: &Place,
        add: &mut dyn FnMut(Object) -> Result<ObjectId, Refusal>,
    ) -> Result<ObjectId, Refusal> {
        let [left, bottom, right, top] = place.bounds;
        let mut dictionary = Dictionary::new();
        dictionary.set("Type", Object::Name(b"XObject".to_vec()));
        dictionary.set("Subtype", Object::Name(b"Form".to_vec()));
        dictionary.set("BBox", numbers(&[left, bottom, right, top]));
        dictionary.set("Matrix", numbers(&place.matrix));
        dictionary.set("Resources", self.layout.resources(add)?);
        let content = self.layout.content(place.scale);
        add(Object::Stream(Stream::new(
            dictionary,
            content.into_bytes(),
        )))
    }
}

impl MarkOrder {
    /// The facts with the signing time and what the request says of itself.
    pub(super) fn facts_at(&self, at: time::OffsetDateTime) -> Facts {
        self.facts.clone().at(at)
    }
}

/// A picture on its way to another process: base64 is a third of what a list of numbers takes.
mod image_text {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer, de::Error as _};

    #[expect(clippy::ref_option, reason = "serde hands the field over by reference")]
    pub(super) fn serialize<S: Serializer>(
        image: &Option<Vec<u8>>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text = image.as_ref().map(|bytes| STANDARD.encode(bytes));
        text.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<Vec<u8>>, D::Error> {
        let text = Option::<String>::deserialize(deserializer)?;
        let decoded = text.map(|text| STANDARD.decode(text)).transpose();
        decoded.map_err(D::Error::custom)
    }
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

/// A stream of these bytes, compressed.
fn deflated(mut dictionary: Dictionary, bytes: &[u8]) -> Result<Object, Refusal> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    dictionary.set("Filter", Object::Name(b"FlateDecode".to_vec()));
    Ok(Object::Stream(Stream::new(dictionary, encoder.finish()?)))
}

/// For the fuzz targets: takes a picture into a file, and says how many objects it becomes.
#[cfg(any(test, fuzzing))]
pub(super) fn probe_picture(png: &[u8]) -> Result<usize, Refusal> {
    let mut objects = 0;
    let mut add = |_| {
        objects += 1;
        Ok((objects, 0))
    };
    image::Picture::from_png(png)?.embed(&mut add)?;
    Ok(usize::try_from(objects).unwrap_or(usize::MAX))
}
