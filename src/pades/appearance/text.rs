//! Lines of text, set right-aligned in ten-point letters.

use lopdf::{Object, ObjectId};
use unicode_normalization::UnicodeNormalization;

use super::font::{Glyphs, Typeface};
use crate::pades::error::Refusal;

/// A block of lines, measured and ready to be drawn.
pub(super) struct Block {
    lines: Vec<Line>,
    glyphs: Glyphs,
    width: f64,
}

struct Line {
    glyphs: Vec<u16>,
    width: f64,
}

impl Block {
    /// Sets lines of text, composed first (NFC): the font has Vietnamese letters whole.
    ///
    /// # Errors
    /// `FieldInvalid` for an empty or overlong line and for a letter that the font lacks.
    pub(super) fn new(lines: &[&str]) -> Result<Self, Refusal> {
        let typeface = Typeface::embedded()?;
        let mut glyphs = Glyphs::default();
        let set = |line: &&str| set_line(line, &typeface, &mut glyphs);
        let lines = lines.iter().map(set).collect::<Result<Vec<_>, _>>()?;
        let width = lines.iter().map(|line| line.width).fold(0.0, f64::max);
        Ok(Self {
            lines,
            glyphs,
            width,
        })
    }

    /// The block's width in points.
    pub(super) fn width(&self) -> f64 {
        self.width
    }

    /// The block's height in points.
    pub(super) fn height(&self) -> f64 {
        LEADING * f64::from(u32::try_from(self.lines.len()).unwrap_or(u32::MAX))
    }

    /// Takes the font's objects into the file and gives the font's own.
    pub(super) fn font(
        &self,
        add: &mut dyn FnMut(Object) -> Result<ObjectId, Refusal>,
    ) -> Result<ObjectId, Refusal> {
        Typeface::embedded()?.embed(&self.glyphs, add)
    }

    /// The content stream that draws the block with the font `F0`, its lower left corner at the
    /// origin, a point being `scale` units.
    pub(super) fn content(&self, scale: f64) -> Vec<u8> {
        let mut baseline = self.height() - ASCENT;
        let lines = self.lines.iter().map(|line| {
            let x = rounded((self.width - line.width) * scale);
            let y = rounded(baseline * scale);
            baseline -= LEADING;
            let codes = line.glyphs.iter().flat_map(|glyph| glyph.to_be_bytes());
            format!(
                "1 0 0 1 {x} {y} Tm\n<{}> Tj\n",
                hex::encode(codes.collect::<Vec<_>>())
            )
        });
        let lines = lines.collect::<Vec<_>>().concat();
        format!("q\nBT\n0 g\n/F0 {} Tf\n{lines}ET\nQ", rounded(SIZE * scale)).into_bytes()
    }
}

fn set_line(line: &str, typeface: &Typeface, glyphs: &mut Glyphs) -> Result<Line, Refusal> {
    let letters = line.trim().nfc().collect::<Vec<_>>();
    if letters.is_empty() || letters.len() > LETTERS_MAX {
        return Err(Refusal::FieldInvalid(format!(
            "a line of the visible mark takes 1 to {LETTERS_MAX} letters"
        )));
    }
    let mut set = Line {
        glyphs: Vec::with_capacity(letters.len()),
        width: 0.0,
    };
    for letter in letters {
        let glyph = typeface.glyph(letter).ok_or_else(|| {
            let code = u32::from(letter);
            Refusal::FieldInvalid(format!("the font of the visible mark lacks U+{code:04X}"))
        })?;
        set.width += f64::from(typeface.width(glyph)) * SIZE / 1000.0;
        set.glyphs.push(glyphs.number(glyph, letter));
    }
    Ok(set)
}

fn rounded(value: f64) -> f64 {
    (value * 1000.0).round() / 1000.0
}

/// The letters' size in points (Annex I).
const SIZE: f64 = 10.0;

/// From baseline to baseline, in points.
const LEADING: f64 = 12.0;

/// From a line's top to its baseline: the capitals' marks (Ễ) stay within the block.
const ASCENT: f64 = 9.5;

/// Letters in one line, at most.
const LETTERS_MAX: usize = 120;
