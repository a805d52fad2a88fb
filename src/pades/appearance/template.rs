//! What a mark is made of and where it stands, as data: TOML in the hands of an agency. The forms
//! that Decree 30/2020/ND-CP asks for are templates too (`assets/appearances`).

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::facts::Language;
use super::place::Spot;
use super::rules;

/// A mark's form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Template {
    /// What people call it where they choose one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<Localised>,
    /// Where words wrap, in points; without it lines are as long as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<f64>,
    /// What is shown, one below the other unless it says where it stands.
    #[serde(rename = "item")]
    pub items: Vec<Item>,
    /// Where the mark stands.
    #[serde(default)]
    pub place: Placement,
}

/// One thing that a mark shows: exactly one of `text`, `image` and `qr`.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Item {
    /// Lines of text with `{placeholders}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Localised>,
    /// `seal`: the picture that comes with the template.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub image: Option<ImageName>,
    /// What a QR code says, with `{placeholders}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub qr: Option<String>,
    /// The letters' size in points.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size: Option<f64>,
    /// The letters' or the code's colour, `#RRGGBB`; black unless set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub color: Option<String>,
    /// The picture's width on the page, in millimetres: a seal is shown in its real size.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width_mm: Option<f64>,
    /// The code's side, in millimetres.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub side_mm: Option<f64>,
    /// How it stands in the mark's width.
    #[serde(default)]
    pub align: Align,
    /// Its left and upper edge, in points from the mark's upper left corner.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<[f64; 2]>,
}

/// A text in one language for all readers, or in each of ours.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Localised {
    /// The same for all.
    One(String),
    /// By language.
    Each {
        /// Vietnamese.
        vi: String,
        /// English.
        en: String,
    },
}

/// Pictures that a template may name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ImageName {
    /// The image of the agency's seal.
    Seal,
}

/// How an item stands in the mark's width.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Align {
    /// At its left edge.
    #[default]
    Left,
    /// In its middle.
    Center,
    /// At its right edge.
    Right,
}

/// Where a mark stands, on the page as people see it. At most one of `rect`, `field`, `over` and
/// `beside` is set; else the mark stands `at` a spot of the page.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Placement {
    /// Which page.
    pub page: PageChoice,
    /// A corner, an edge's middle or the page's middle.
    #[serde(skip_serializing_if = "is_usual")]
    pub at: Spot,
    /// Points between the mark and the page's edges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub margin: Option<f64>,
    /// Left, upper edge, width, height in points from the upper left corner of the page as shown;
    /// the mark is scaled into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rect: Option<[f64; 4]>,
    /// An empty signature field: its name in full. The signature goes into it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// `signature`: a third over the newest visible signature, on its left.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over: Option<Over>,
    /// Words of the page that it stands beside.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beside: Option<Anchor>,
}

/// Whether a spot need not be written: beside a rectangle or a field it must not stand.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_usual(spot: &Spot) -> bool {
    *spot == Spot::default()
}

/// Words that a mark stands beside. Where the page has them more than once, those lowest on it count.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Anchor {
    /// The words; white space counts for nothing.
    pub text: String,
    /// On which side of them.
    #[serde(default)]
    pub side: Side,
    /// Points between them and the mark.
    #[serde(default = "usual_gap")]
    pub gap: f64,
}

/// A side of some words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Below, middle under middle.
    #[default]
    Below,
    /// Above, middle over middle.
    Above,
    /// To the left, level with their middle.
    Left,
    /// To the right, level with their middle.
    Right,
    /// Over them.
    Over,
}

fn usual_gap() -> f64 {
    6.0
}

/// Which page a mark stands on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum PageChoice {
    /// By its number, from 1.
    Number(u32),
    /// By a word.
    Word(PageWord),
}

/// A page by a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum PageWord {
    /// The last one.
    Last,
}

impl Default for PageChoice {
    fn default() -> Self {
        Self::Number(1)
    }
}

/// What a mark stands over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Over {
    /// The image of the newest visible signature.
    Signature,
}

/// Why a template cannot be used; says which part of it.
#[derive(Debug, Error)]
pub enum TemplateError {
    /// It is no TOML, or has a key that none of ours is.
    #[error("line {line}: {what}")]
    Syntax {
        /// From 1.
        line: usize,
        /// What is wrong there, on one line.
        what: String,
    },
    /// A value is not what it should be.
    #[error("{0}")]
    Value(&'static str),
    /// It names something that no mark knows.
    #[error("there is no placeholder {{{0}}}")]
    Placeholder(String),
}

impl Template {
    /// The mark of an attachment in a file of its own, as it is built in.
    pub const ATTACHMENT: &'static str =
        include_str!("../../../assets/appearances/attachment.toml");
    /// The image of the seal on the document itself, as it is built in.
    pub const SEAL: &'static str = include_str!("../../../assets/appearances/seal.toml");
    /// The mark of an electronic copy, as it is built in.
    pub const COPY: &'static str = include_str!("../../../assets/appearances/copy.toml");

    /// Reads a template.
    ///
    /// # Errors
    /// [`TemplateError`].
    pub fn from_toml(text: &str) -> Result<Self, TemplateError> {
        let template: Self = toml::from_str(text).map_err(|error| {
            let before = error.span().and_then(|place| text.get(..place.start));
            TemplateError::Syntax {
                line: before.unwrap_or_default().matches('\n').count() + 1,
                what: error.message().replace('\n', ", "),
            }
        })?;
        template.check()?;
        rules::check_place(text)?;
        Ok(template)
    }

    /// The mark of an attachment in a file of its own.
    ///
    /// # Errors
    /// None: it is built in.
    pub fn attachment() -> Result<Self, TemplateError> {
        Self::from_toml(Self::ATTACHMENT)
    }

    /// The image of the seal on the document itself.
    ///
    /// # Errors
    /// None: it is built in.
    pub fn seal() -> Result<Self, TemplateError> {
        Self::from_toml(Self::SEAL)
    }

    /// The mark of an electronic copy.
    ///
    /// # Errors
    /// None: it is built in.
    pub fn copy() -> Result<Self, TemplateError> {
        Self::from_toml(Self::COPY)
    }

    /// Whether it shows the picture that comes with it.
    #[must_use]
    pub fn needs_image(&self) -> bool {
        self.items.iter().any(|item| item.image.is_some())
    }

    /// Whether it shows this fact.
    #[must_use]
    pub fn names(&self, fact: &str) -> bool {
        let placeholder = format!("{{{fact}}}");
        self.texts().any(|text| text.contains(&placeholder))
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = &str> {
        self.items.iter().flat_map(|item| {
            let texts = item.text.iter().flat_map(Localised::all);
            texts.chain(item.qr.as_deref())
        })
    }
}

impl Localised {
    /// The text for a language.
    #[must_use]
    pub fn of(&self, language: Language) -> &str {
        match (self, language) {
            (Self::One(text), _) => text,
            (Self::Each { vi, .. }, Language::Vietnamese) => vi,
            (Self::Each { en, .. }, Language::English) => en,
        }
    }

    pub(super) fn all(&self) -> impl Iterator<Item = &str> {
        let (first, second) = match self {
            Self::One(text) => (text, None),
            Self::Each { vi, en } => (vi, Some(en)),
        };
        [Some(first), second]
            .into_iter()
            .flatten()
            .map(String::as_str)
    }
}

/// Red, green and blue of `#RRGGBB`, each from 0 to 1.
pub(super) fn rgb(color: &str) -> Option<[f64; 3]> {
    let bytes = hex::decode(color.strip_prefix('#')?).ok()?;
    let bytes: [u8; 3] = bytes.try_into().ok()?;
    Some(bytes.map(|byte| f64::from(byte) / 255.0))
}
