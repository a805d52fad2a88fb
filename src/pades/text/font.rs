//! Fonts as far as finding words needs them (ISO 32000-2, 9.5 to 9.10): what a code stands for, and
//! how far it advances.

use std::collections::HashMap;

use lopdf::{Dictionary, Object};

use super::cmap::{self, CMap};
use super::encoding::Encoding;
use super::matrix;
use crate::pades::appearance::advances;
use crate::pades::error::Refusal;
use crate::pades::reader::Pdf;

/// A font.
pub(super) struct Font {
    kind: Kind,
    to_unicode: Option<CMap>,
    /// Advances by code or glyph number, in units of glyph space.
    widths: HashMap<u32, f64>,
    width_else: f64,
    /// Units of text space for one of glyph space.
    unit: f64,
}

enum Kind {
    Simple(Encoding),
    /// The map from codes to glyph numbers; none: two bytes are the number.
    Composite(Option<CMap>),
}

/// A code of a string.
pub(super) struct Code {
    /// The letters that it stands for.
    pub(super) text: String,
    /// How far it advances at size 1.
    pub(super) advance: f64,
    /// Whether word spacing counts for it (9.3.3).
    pub(super) is_space: bool,
}

impl Font {
    /// Reads a font.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn read(pdf: &Pdf<'_>, font: &Dictionary) -> Result<Self, Refusal> {
        let to_unicode = map(pdf, font, b"ToUnicode")?;
        let is_composite =
            matches!(pdf.get(font, b"Subtype")?, Object::Name(kind) if kind == b"Type0");
        if is_composite {
            Self::composite(pdf, font, to_unicode)
        } else {
            Self::simple(pdf, font, to_unicode)
        }
    }

    /// The codes of a string, one after the other.
    pub(super) fn codes<'s>(&'s self, string: &'s [u8]) -> impl Iterator<Item = Code> + 's {
        let mut rest = string;
        std::iter::from_fn(move || {
            let length = self.length(rest).clamp(1, rest.len().max(1));
            let (code, behind) = rest.split_at_checked(length)?;
            rest = behind;
            Some(self.code(code))
        })
    }

    fn simple(pdf: &Pdf<'_>, font: &Dictionary, to_unicode: Option<CMap>) -> Result<Self, Refusal> {
        let encoding = Encoding::read(pdf, font)?;
        let (widths, width_else) = match pdf.get(font, b"Widths")? {
            Object::Array(list) => told_widths(pdf, font, &list)?,
            _ => usual_widths(pdf, font, &encoding)?,
        };
        let unit = match pdf.get(font, b"FontMatrix")? {
            Object::Array(items) => matrix::of(&items).map(|[a, ..]| a.abs()),
            _ => None,
        };
        Ok(Self {
            kind: Kind::Simple(encoding),
            to_unicode,
            widths,
            width_else,
            unit: unit.unwrap_or(0.001),
        })
    }

    fn composite(
        pdf: &Pdf<'_>,
        font: &Dictionary,
        to_unicode: Option<CMap>,
    ) -> Result<Self, Refusal> {
        let descendant = match pdf.get(font, b"DescendantFonts")? {
            Object::Array(fonts) => fonts.first().map(|font| pdf.resolve(font)).transpose()?,
            _ => None,
        };
        let descendant = match descendant {
            Some(Object::Dictionary(descendant)) => descendant,
            _ => Dictionary::new(),
        };
        Ok(Self {
            kind: Kind::Composite(map(pdf, font, b"Encoding")?),
            to_unicode,
            widths: glyph_widths(pdf, &pdf.get(&descendant, b"W")?)?,
            width_else: matrix::number(&pdf.get(&descendant, b"DW")?).unwrap_or(1000.0),
            unit: 0.001,
        })
    }

    fn length(&self, string: &[u8]) -> usize {
        match &self.kind {
            Kind::Simple(_) => 1,
            Kind::Composite(map) => {
                let length = map.as_ref().and_then(|map| map.length(string));
                length.unwrap_or(2)
            }
        }
    }

    fn code(&self, code: &[u8]) -> Code {
        let number = cmap::number(code);
        let text = self.to_unicode.as_ref().and_then(|map| map.letters(number));
        let (glyph, text) = match &self.kind {
            Kind::Simple(encoding) => {
                let letter = code.first().and_then(|code| encoding.letter(*code));
                (number, text.or_else(|| letter.map(String::from)))
            }
            Kind::Composite(map) => {
                let glyph = map.as_ref().and_then(|map| map.glyph(number));
                (glyph.unwrap_or(number), text)
            }
        };
        let width = self.widths.get(&glyph).copied().unwrap_or(self.width_else);
        Code {
            text: text.unwrap_or_default(),
            advance: width * self.unit,
            is_space: code == b" ",
        }
    }
}

/// A stream that holds a map; none where there is no stream.
fn map(pdf: &Pdf<'_>, font: &Dictionary, key: &[u8]) -> Result<Option<CMap>, Refusal> {
    match pdf.get(font, key)? {
        Object::Stream(stream) => {
            CMap::read(pdf.stream_data(&stream)?, pdf.limits().depth).map(Some)
        }
        _ => Ok(None),
    }
}

/// `/Widths` from `/FirstChar` on, and the width of all other codes (9.6.2).
fn told_widths(
    pdf: &Pdf<'_>,
    font: &Dictionary,
    list: &[Object],
) -> Result<(HashMap<u32, f64>, f64), Refusal> {
    let first = match pdf.get(font, b"FirstChar")? {
        Object::Integer(first) => u32::try_from(first).unwrap_or_default(),
        _ => 0,
    };
    let mut widths = HashMap::new();
    for (code, width) in (first..=255).zip(list) {
        if let Some(width) = matrix::number(&pdf.resolve(width)?) {
            widths.insert(code, width);
        }
    }
    let missing = match pdf.get(font, b"FontDescriptor")? {
        Object::Dictionary(descriptor) => matrix::number(&pdf.get(&descriptor, b"MissingWidth")?),
        _ => None,
    };
    Ok((widths, missing.unwrap_or_default()))
}

/// A standard font tells no widths (9.6.2.2): Courier has one, the others are near those of Times.
fn usual_widths(
    pdf: &Pdf<'_>,
    font: &Dictionary,
    encoding: &Encoding,
) -> Result<(HashMap<u32, f64>, f64), Refusal> {
    let is_courier = match pdf.get(font, b"BaseFont")? {
        Object::Name(name) => name.windows(7).any(|part| part == b"Courier"),
        _ => false,
    };
    if is_courier {
        return Ok((HashMap::new(), 600.0));
    }
    let advances = advances(encoding.letters())?;
    let told = (0..)
        .zip(advances)
        .filter_map(|(code, advance)| Some((code, f64::from(advance?))));
    Ok((told.collect(), 500.0))
}

/// `/W` (9.7.4.3): `c [w1 w2 …]` or `first last w`. What is told beyond as many widths as a font may
/// have glyphs is left out, however often the same ones are told.
fn glyph_widths(pdf: &Pdf<'_>, told: &Object) -> Result<HashMap<u32, f64>, Refusal> {
    let mut widths = HashMap::new();
    let mut room = GLYPHS_MAX as usize;
    let Object::Array(told) = told else {
        return Ok(widths);
    };
    let mut items = told.iter();
    while let (Some(Object::Integer(first)), Some(second)) = (items.next(), items.next()) {
        let Some(first) = u32::try_from(*first)
            .ok()
            .filter(|glyph| *glyph <= GLYPHS_MAX)
        else {
            break;
        };
        let more: Vec<(u32, f64)> = match pdf.resolve(second)? {
            Object::Array(each) => {
                let each = each.iter().filter_map(matrix::number);
                (first..=GLYPHS_MAX).zip(each).take(room).collect()
            }
            Object::Integer(last) => {
                let last = u32::try_from(last).unwrap_or_default().min(GLYPHS_MAX);
                let width = items.next().and_then(matrix::number);
                let glyphs = (first..=last).zip(std::iter::repeat(width)).take(room);
                glyphs
                    .filter_map(|(glyph, width)| Some((glyph, width?)))
                    .collect()
            }
            _ => break,
        };
        room = room.saturating_sub(more.len());
        widths.extend(more);
    }
    Ok(widths)
}

/// Glyphs of a font, at most (9.7.4.2: two bytes number them).
const GLYPHS_MAX: u32 = 65_535;
