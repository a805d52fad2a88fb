//! Text of a mark: lines of letters of the embedded typeface, measured and drawn.

use lopdf::{Object, ObjectId};
use unicode_normalization::UnicodeNormalization;

use super::font::{Glyphs, Typeface};
use crate::pades::error::Refusal;

/// Sets the texts of one mark: they share one subset of the font.
pub(super) struct Setter {
    typeface: Typeface,
    glyphs: Glyphs,
}

/// Lines of one size, ready to be drawn.
pub(super) struct Lines {
    pub(super) lines: Vec<Line>,
    /// The letters' size in points.
    pub(super) size: f64,
}

/// One line.
pub(super) struct Line {
    glyphs: Vec<u16>,
    /// In points.
    pub(super) width: f64,
}

impl Setter {
    /// With the typeface built into the program.
    pub(super) fn new() -> Result<Self, Refusal> {
        Ok(Self {
            typeface: Typeface::embedded()?,
            glyphs: Glyphs::default(),
        })
    }

    /// Sets a text, composed first (NFC): the font has Vietnamese letters whole. Words go to the
    /// next line where they would pass `wrap` points.
    ///
    /// # Errors
    /// `FieldInvalid` for an empty or overlong line and for a letter that the font lacks.
    pub(super) fn set(
        &mut self,
        text: &str,
        size: f64,
        wrap: Option<f64>,
    ) -> Result<Lines, Refusal> {
        let mut lines = Vec::new();
        for line in text.lines() {
            let letters: String = line.trim().nfc().collect();
            let count = letters.chars().count();
            let most = wrap.map_or(LETTERS_MAX, |_| WRAPPED_MAX);
            if count == 0 || count > most {
                return Err(Refusal::FieldInvalid(format!(
                    "a line of the visible mark takes 1 to {most} letters"
                )));
            }
            for part in self.wrapped(&letters, size, wrap)? {
                lines.push(self.line(&part, size)?);
            }
        }
        if lines.is_empty() || lines.len() > LINES_MAX {
            return Err(Refusal::FieldInvalid(format!(
                "a text of the visible mark takes 1 to {LINES_MAX} lines"
            )));
        }
        Ok(Lines { lines, size })
    }

    /// Takes the font's objects into the file and gives the font's own; none for a mark without
    /// letters.
    pub(super) fn embed(
        &self,
        add: &mut dyn FnMut(Object) -> Result<ObjectId, Refusal>,
    ) -> Result<Option<ObjectId>, Refusal> {
        if self.glyphs.is_empty() {
            return Ok(None);
        }
        self.typeface.embed(&self.glyphs, add).map(Some)
    }

    fn wrapped(&self, line: &str, size: f64, wrap: Option<f64>) -> Result<Vec<String>, Refusal> {
        let Some(wrap) = wrap else {
            return Ok(vec![line.to_owned()]);
        };
        let mut parts: Vec<String> = Vec::new();
        for word in line.split_whitespace() {
            let joined = parts.last().map(|last| format!("{last} {word}"));
            match joined {
                Some(joined) if self.width(&joined, size)? <= wrap => {
                    parts.pop();
                    parts.push(joined);
                }
                _ => parts.push(word.to_owned()),
            }
        }
        Ok(parts)
    }

    fn width(&self, text: &str, size: f64) -> Result<f64, Refusal> {
        text.chars().try_fold(0.0, |width, letter| {
            let glyph = self.typeface.glyph(letter).ok_or_else(|| lacking(letter))?;
            Ok(width + f64::from(self.typeface.width(glyph)) * size / 1000.0)
        })
    }

    fn line(&mut self, text: &str, size: f64) -> Result<Line, Refusal> {
        let width = self.width(text, size)?;
        let glyphs = text.chars().map(|letter| {
            let glyph = self.typeface.glyph(letter).ok_or_else(|| lacking(letter))?;
            Ok(self.glyphs.number(glyph, letter))
        });
        Ok(Line {
            glyphs: glyphs.collect::<Result<_, Refusal>>()?,
            width,
        })
    }
}

impl Lines {
    /// The width of the longest line in points.
    pub(super) fn width(&self) -> f64 {
        self.lines.iter().map(|line| line.width).fold(0.0, f64::max)
    }

    /// The height of all in points.
    pub(super) fn height(&self) -> f64 {
        let count = u32::try_from(self.lines.len()).unwrap_or(u32::MAX);
        LEADING * self.size * f64::from(count)
    }

    /// How far below the block's upper edge the `n`th line's letters stand, in points.
    pub(super) fn baseline(&self, n: usize) -> f64 {
        let n = u32::try_from(n).unwrap_or(u32::MAX);
        self.size * (ASCENT + LEADING * f64::from(n))
    }
}

impl Line {
    /// The operand of `Tj`.
    pub(super) fn codes(&self) -> String {
        let codes = self.glyphs.iter().flat_map(|glyph| glyph.to_be_bytes());
        hex::encode(codes.collect::<Vec<_>>())
    }
}

fn lacking(letter: char) -> Refusal {
    let code = u32::from(letter);
    Refusal::FieldInvalid(format!("the font of the visible mark lacks U+{code:04X}"))
}

/// From baseline to baseline, by the letters' size.
const LEADING: f64 = 1.2;

/// From a line's top to its baseline, by the letters' size: the capitals' marks (Ễ) stay within
/// the block.
const ASCENT: f64 = 0.95;

/// Letters in one line, at most …
const LETTERS_MAX: usize = 120;

/// … and before it wraps, where it does.
const WRAPPED_MAX: usize = 400;

/// Lines of one text, at most.
const LINES_MAX: usize = 40;
