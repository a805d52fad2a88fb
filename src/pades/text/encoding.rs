//! What the codes of simple fonts stand for (ISO 32000-2, 9.6.5 and annex D).

use std::collections::HashMap;

use lopdf::{Dictionary, Object};

use crate::pades::appearance::glyph_names;
use crate::pades::error::Refusal;
use crate::pades::reader::Pdf;

/// Letters by code.
pub(super) struct Encoding {
    letters: Vec<Option<char>>,
}

impl Encoding {
    /// The encoding of a simple font.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(super) fn read(pdf: &Pdf<'_>, font: &Dictionary) -> Result<Self, Refusal> {
        let is_true_type =
            matches!(font.get(b"Subtype"), Ok(Object::Name(kind)) if kind == b"TrueType");
        let usual: &[u8] = if is_true_type {
            b"WinAnsiEncoding"
        } else {
            b"StandardEncoding"
        };
        match pdf.get(font, b"Encoding")? {
            Object::Name(name) => Ok(Self::named(&name)),
            Object::Dictionary(encoding) => {
                let base = match pdf.get(&encoding, b"BaseEncoding")? {
                    Object::Name(name) => Self::named(&name),
                    _ => Self::named(usual),
                };
                base.differing(&pdf.get(&encoding, b"Differences")?)
            }
            _ => Ok(Self::named(usual)),
        }
    }

    /// The letter of a code.
    pub(super) fn letter(&self, code: u8) -> Option<char> {
        self.letters.get(usize::from(code)).copied().flatten()
    }

    /// The letters of all codes.
    pub(super) fn letters(&self) -> &[Option<char>] {
        &self.letters
    }

    fn named(name: &[u8]) -> Self {
        let letter = match name {
            b"WinAnsiEncoding" => win_ansi,
            b"MacRomanEncoding" => mac_roman,
            _ => standard,
        };
        Self {
            letters: (0..=255).map(letter).collect(),
        }
    }

    /// With `/Differences`: a code, and the names from there on.
    fn differing(mut self, differences: &Object) -> Result<Self, Refusal> {
        let Object::Array(differences) = differences else {
            return Ok(self);
        };
        let known = glyph_names()?;
        let mut at = 0;
        for item in differences {
            match item {
                Object::Integer(code) => at = usize::try_from(*code).unwrap_or(usize::MAX),
                Object::Name(name) => {
                    if let Some(letter) = self.letters.get_mut(at) {
                        *letter = letter_of(name, &known);
                    }
                    at = at.saturating_add(1);
                }
                _ => {}
            }
        }
        Ok(self)
    }
}

/// The letter that a glyph's name says (Adobe Glyph List Specification): by the list, as far as our
/// own typeface goes, or by its number in Unicode.
fn letter_of(name: &[u8], known: &HashMap<String, char>) -> Option<char> {
    let name = std::str::from_utf8(name).ok()?;
    let name = name.split('.').next()?;
    let by_number = |digits: &str| {
        let number = u32::from_str_radix(digits, 16).ok()?;
        char::from_u32(number)
    };
    let known = known.get(name).copied();
    known
        .or_else(|| {
            by_number(
                name.strip_prefix("uni")
                    .filter(|digits| digits.len() == 4)?,
            )
        })
        .or_else(|| by_number(name.strip_prefix('u').filter(|digits| digits.len() >= 4)?))
}

fn win_ansi(code: u8) -> Option<char> {
    match code {
        0..=0x1f => None,
        0x80..=0x9f => WIN_ANSI_HIGH.chars().nth(usize::from(code - 0x80)),
        _ => Some(char::from(code)),
    }
}

fn mac_roman(code: u8) -> Option<char> {
    match code {
        0..=0x1f | 0x7f => None,
        0x80.. => MAC_ROMAN_HIGH.chars().nth(usize::from(code - 0x80)),
        _ => Some(char::from(code)),
    }
}

fn standard(code: u8) -> Option<char> {
    match code {
        b'\'' => Some('\u{2019}'),
        b'`' => Some('\u{2018}'),
        0x20..=0x7e => Some(char::from(code)),
        0xa1.. => {
            let letter = STANDARD_HIGH.chars().nth(usize::from(code - 0xa1));
            letter.filter(|letter| *letter != '\u{fffd}')
        }
        _ => None,
    }
}

/// From 0x80 to 0x9F; what no code means is a bullet (annex D.3, footnote 3).
const WIN_ANSI_HIGH: &str = "€•‚ƒ„…†‡ˆ‰Š‹Œ•Ž••‘’“”•–—˜™š›œ•žŸ";

/// From 0x80 to 0xFF.
const MAC_ROMAN_HIGH: &str = "ÄÅÇÉÑÖÜáàâäãåçéèêëíìîïñóòôöõúùûü†°¢£§•¶ß®©™´¨≠ÆØ∞±≤≥¥µ∂∑∏π∫ªºΩæø\
¿¡¬√ƒ≈∆«»…\u{a0}ÀÃÕŒœ–—“”‘’÷◊ÿŸ⁄€‹›ﬁﬂ‡·‚„‰ÂÊÁËÈÍÎÏÌÓÔ\u{f8ff}ÒÚÛÙıˆ˜¯˘˙˚¸˝˛ˇ";

/// From 0xA1 to 0xFF; `\u{fffd}` where no letter is.
const STANDARD_HIGH: &str = "¡¢£⁄¥ƒ§¤'“«‹›ﬁﬂ\u{fffd}–†‡·\u{fffd}¶•‚„”»…‰\u{fffd}¿\u{fffd}`´ˆ˜¯˘˙¨\u{fffd}˚¸\
\u{fffd}˝˛ˇ—\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}\
\u{fffd}\u{fffd}\u{fffd}\u{fffd}\u{fffd}Æ\u{fffd}ª\u{fffd}\u{fffd}\u{fffd}\u{fffd}ŁØŒº\u{fffd}\u{fffd}\
\u{fffd}\u{fffd}\u{fffd}æ\u{fffd}\u{fffd}\u{fffd}ı\u{fffd}\u{fffd}łøœß\u{fffd}\u{fffd}\u{fffd}\u{fffd}";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_stand_in_their_places() {
        assert_eq!(
            [WIN_ANSI_HIGH, MAC_ROMAN_HIGH, STANDARD_HIGH].map(|table| table.chars().count()),
            [32, 128, 95]
        );
        assert_eq!((win_ansi(0xd0), win_ansi(0x9f)), (Some('Ð'), Some('Ÿ')));
        assert_eq!(
            (mac_roman(0x8e), mac_roman(0xca)),
            (Some('é'), Some('\u{a0}'))
        );
        assert_eq!(
            (standard(0xe1), standard(0xf9), standard(0xfb)),
            (Some('Æ'), Some('ø'), Some('ß'))
        );
    }

    #[test]
    fn names_are_letters_by_the_list_or_by_number() {
        let known = glyph_names().unwrap();
        let letter = |name: &str| letter_of(name.as_bytes(), &known);
        assert_eq!(letter("Abreve"), Some('Ă'));
        assert_eq!(letter("uni1EDC"), Some('Ờ'));
        assert_eq!(letter("u01AF"), Some('Ư'));
        assert_eq!(letter("a.sc"), Some('a'));
        assert_eq!(letter("g27"), None);
    }
}
