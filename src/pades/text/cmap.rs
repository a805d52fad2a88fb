//! Maps from codes to letters or to glyph numbers (ISO 32000-2, 9.7.5 and 9.10.3): as much of their
//! language as producers write.

use std::collections::BTreeMap;

use lopdf::Object;

use super::too_much;
use crate::pades::error::Refusal;
use crate::pades::reader::lexer::{LexError, Lexer};

/// A map of codes.
#[derive(Default)]
pub(super) struct CMap {
    /// By length, first and last: how many bytes a code takes.
    spaces: Vec<(usize, u32, u32)>,
    /// By first code: the last one, and what the first stands for.
    ranges: BTreeMap<u32, (u32, Meaning)>,
}

/// What a code stands for.
enum Meaning {
    /// Letters; the last counts up within a range.
    Letters(Vec<u16>),
    /// A glyph's number, counting up.
    Glyph(u32),
}

impl CMap {
    /// Reads a map's program; what is no map in it is passed over.
    ///
    /// # Errors
    /// `PdfTooComplex` when it has too many entries.
    pub(super) fn read(mut bytes: Vec<u8>, depth: usize) -> Result<Self, Refusal> {
        // A word at the very end would wait for more.
        bytes.push(b'\n');
        let mut lexer = Lexer::new(&bytes, depth, ENTRIES_MAX);
        let mut map = Self::default();
        let mut operands = Vec::new();
        loop {
            if let Some(word) = lexer.operator() {
                if word.starts_with(b"end") {
                    map.take(word, &operands);
                }
                operands.clear();
                continue;
            }
            match lexer.object() {
                Ok(object) => operands.push(object),
                Err(LexError::End) => return Ok(map),
                Err(LexError::Bad(_)) => lexer.skip(),
                Err(LexError::TooMuch(_)) => return Err(too_much("a map with too many codes")),
            }
        }
    }

    /// How many bytes the code at the beginning of a string takes, if the map says so.
    pub(super) fn length(&self, string: &[u8]) -> Option<usize> {
        let fits = |&(length, first, last): &(usize, u32, u32)| {
            let code = string.get(..length).map(number);
            code.is_some_and(|code| (first..=last).contains(&code))
        };
        self.spaces
            .iter()
            .filter(|space| fits(space))
            .map(|(length, ..)| *length)
            .min()
    }

    /// The letters that a code stands for.
    pub(super) fn letters(&self, code: u32) -> Option<String> {
        let (first, meaning) = self.meaning(code)?;
        let Meaning::Letters(units) = meaning else {
            return None;
        };
        let mut units = units.clone();
        let last = units.last_mut()?;
        *last = last.checked_add(u16::try_from(code - first).ok()?)?;
        Some(String::from_utf16_lossy(&units))
    }

    /// The number of the glyph that a code stands for.
    pub(super) fn glyph(&self, code: u32) -> Option<u32> {
        match self.meaning(code)? {
            (first, Meaning::Glyph(glyph)) => glyph.checked_add(code - first),
            _ => None,
        }
    }

    fn meaning(&self, code: u32) -> Option<(u32, &Meaning)> {
        let (first, (last, meaning)) = self.ranges.range(..=code).next_back()?;
        (code <= *last).then_some((*first, meaning))
    }

    fn take(&mut self, word: &[u8], operands: &[Object]) {
        match word {
            b"endcodespacerange" => {
                for pair in operands.chunks_exact(2) {
                    if let [Object::String(first, _), Object::String(last, _)] = pair
                        && (1..=4).contains(&first.len())
                        && self.spaces.len() < SPACES_MAX
                    {
                        self.spaces.push((first.len(), number(first), number(last)));
                    }
                }
            }
            b"endbfchar" | b"endcidchar" => {
                for pair in operands.chunks_exact(2) {
                    if let [Object::String(code, _), meaning] = pair {
                        self.set(number(code), number(code), meaning);
                    }
                }
            }
            b"endbfrange" | b"endcidrange" => {
                for triple in operands.chunks_exact(3) {
                    if let [Object::String(first, _), Object::String(last, _), meaning] = triple {
                        self.range(number(first), number(last), meaning);
                    }
                }
            }
            _ => {}
        }
    }

    fn range(&mut self, first: u32, last: u32, meaning: &Object) {
        match meaning {
            Object::Array(each) => {
                for (code, meaning) in (first..=last).zip(each) {
                    self.set(code, code, meaning);
                }
            }
            meaning => self.set(first, last, meaning),
        }
    }

    fn set(&mut self, first: u32, last: u32, meaning: &Object) {
        let meaning = match meaning {
            Object::String(text, _) => {
                let (pairs, rest) = text.as_chunks::<2>();
                let units = pairs.iter().map(|pair| u16::from_be_bytes(*pair));
                // One byte stands for a letter of Latin-1, against the standard.
                let odd = rest.iter().map(|byte| u16::from(*byte));
                Meaning::Letters(units.chain(odd).take(LETTERS_MAX).collect())
            }
            Object::Integer(glyph) => match u32::try_from(*glyph) {
                Ok(glyph) => Meaning::Glyph(glyph),
                Err(_) => return,
            },
            _ => return,
        };
        self.ranges.insert(first, (last, meaning));
    }
}

/// A code as a number.
pub(super) fn number(code: &[u8]) -> u32 {
    let bytes = code.iter().take(4);
    bytes.fold(0, |number, byte| number << 8 | u32::from(*byte))
}

/// Parts of a map's program, at most.
const ENTRIES_MAX: usize = 400_000;
/// Ranges of codes that a map tells the length of, at most; producers write a handful.
const SPACES_MAX: usize = 100;
/// UTF-16 units that one code stands for, at most.
const LETTERS_MAX: usize = 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_become_letters_one_by_one_and_by_ranges() {
        let map = "1 begincodespacerange <0000> <ffff> endcodespacerange \
            2 beginbfchar <0003> <0020> <0010> <00550031031B> endbfchar \
            2 beginbfrange <0041> <0043> <0061> <0050> <0051> [<1EE2> <D835DC00>] endbfrange end";
        let map = CMap::read(map.as_bytes().to_vec(), 10).unwrap();
        let letters = |code| map.letters(code);
        assert_eq!(letters(3).as_deref(), Some(" "));
        assert_eq!(letters(0x43).as_deref(), Some("c"));
        assert_eq!(letters(0x44), None);
        assert_eq!(letters(0x50).as_deref(), Some("Ợ"));
        assert_eq!(letters(0x51).as_deref(), Some("\u{1d400}"));
        assert_eq!(map.length(&[0, 3, 0, 16]), Some(2));
    }

    #[test]
    fn what_is_no_map_is_passed_over() {
        for odd in [
            "}}>> (",
            "<41> <42",
            "1 beginbfrange <00> <ffffffff> <ffff> endbfrange",
            "endbfchar endbfrange endcodespacerange",
        ] {
            let map = CMap::read(odd.as_bytes().to_vec(), 10).unwrap();
            assert_eq!(map.letters(9), None, "{odd}");
        }
        let cids = "1 begincidrange <20> <7e> 100 endcidrange ";
        let cids = CMap::read(cids.as_bytes().to_vec(), 10).unwrap();
        assert_eq!((cids.glyph(0x21), cids.glyph(0x7f)), (Some(101), None));
    }
}
