//! A cross-reference table (ISO 32000-2, 7.5.4).

use super::lexer::{LexError, Lexer};
use super::places::XrefEntry;
use super::section::{Listed, NUMBER_TOO_LARGE, Section, Sections, check_numbers, check_plain};
use crate::pades::error::Refusal;

impl Sections<'_, '_> {
    pub(super) fn table_section(&self, place: u64) -> Result<Section, Refusal> {
        let bytes_max = self.pdf.limits.objects.saturating_mul(ENTRY_BYTES) + (1 << 20);
        self.pdf.read_growing(place, bytes_max, |window| {
            let mut lexer = self.pdf.lexer(window);
            lexer.keyword(b"xref");
            let mut listed = Listed::default();
            while !lexer.keyword(b"trailer") {
                self.subsection(&mut lexer, window, &mut listed)?;
            }
            let trailer = lexer.dictionary()?;
            check_plain(lexer.oddities(), &trailer).map_err(LexError::Bad)?;
            let extent = place..place + lexer.position() as u64;
            Ok(Section::new(listed, trailer, false, extent))
        })
    }

    /// `first count`, then `count` entries `offset generation n|f`.
    fn subsection(
        &self,
        lexer: &mut Lexer<'_>,
        window: &[u8],
        listed: &mut Listed,
    ) -> Result<(), LexError> {
        let Listed {
            entries,
            oddity,
            is_loose,
        } = listed;
        lexer.skip_space();
        let left = window.get(lexer.position()..).unwrap_or_default();
        if left.len() < b"trailer ".len() {
            return Err(LexError::End);
        }
        let mut first = lexer.unsigned()?;
        let count = lexer.unsigned()?;
        check_numbers(first, count).map_err(LexError::Bad)?;
        let room = self.pdf.limits.objects.saturating_sub(entries.len());
        if count > room as u64 {
            return Err(LexError::TooMuch("there are too many objects"));
        }
        for index in 0..count {
            lexer.skip_space();
            let begin = lexer.position();
            let strict = window.get(begin..).and_then(strict_entry);
            let (offset, generation) = match strict {
                Some((offset, generation, _)) => (offset, generation),
                None => (lexer.unsigned()?, lexer.unsigned()?),
            };
            let is_head = (index, offset, generation) == (0, 0, u64::from(u16::MAX));
            if is_head && first == 1 && entries.is_empty() {
                // The head of the free list is object 0 (7.5.4); some writers count from 1.
                first = 0;
                *oddity = Some("a cross-reference table counts from 1");
            }
            let number = first
                .checked_add(index)
                .and_then(|number| u32::try_from(number).ok());
            let number = number.ok_or(LexError::Bad(NUMBER_TOO_LARGE))?;
            let used = if let Some((_, _, used)) = strict {
                lexer.pass(STRICT_BYTES);
                used
            } else if lexer.keyword(b"n") {
                true
            } else if lexer.keyword(b"f") {
                false
            } else if window.len() - lexer.position() < 4 {
                return Err(LexError::End);
            } else {
                return Err(LexError::Bad("a cross-reference entry is malformed"));
            };
            let generation = u16::try_from(generation).unwrap_or(u16::MAX);
            let entry = match offset.checked_add(self.shift) {
                // Offset 0 is no place for an object; writers say "free" with it.
                Some(place) if used && offset != 0 => XrefEntry::At {
                    offset: place,
                    generation,
                },
                _ => XrefEntry::Free,
            };
            entries.push((number, entry.into()));
            if lexer.position() - begin != STRICT_BYTES {
                *is_loose = true;
            }
        }
        Ok(())
    }
}

/// What an entry of a table takes, its end of line included (7.5.4).
const ENTRY_BYTES: usize = 20;

/// The same without it.
const STRICT_BYTES: usize = ENTRY_BYTES - b"\r\n".len();

/// An entry that is written as it must be, `nnnnnnnnnn ggggg n`: offset, generation, whether it is in
/// use. A table may have millions.
fn strict_entry(window: &[u8]) -> Option<(u64, u64, bool)> {
    let (entry, behind) = window.split_first_chunk::<STRICT_BYTES>()?;
    let (offset, rest) = entry.split_first_chunk::<10>()?;
    let [b' ', generation @ .., b' ', kind] = rest else {
        return None;
    };
    let used = match kind {
        b'n' => true,
        b'f' => false,
        _ => return None,
    };
    let is_end = behind.first().is_some_and(|&next| super::is_space(next));
    is_end.then_some((digits(offset)?, digits(generation)?, used))
}

fn digits(text: &[u8]) -> Option<u64> {
    let plain = text.iter().all(u8::is_ascii_digit);
    let add = |number, digit: &u8| number * 10 + u64::from(digit - b'0');
    plain.then(|| text.iter().fold(0, add))
}
