//! Files that are read from their front (linearised: ISO 32000-2, annex F). Their first object says how
//! long they are, and some readers that find them so long begin with the section behind it, whatever
//! stands at the end: to a file that comes to that length by what is appended they show another
//! document than the one that was sealed.

use lopdf::{Dictionary, Object};

use super::escapes::unescape_name;
use super::{Pdf, damaged};
use crate::pades::error::Refusal;
use crate::pades::source;

/// What a file says of itself in its first object.
pub(super) struct Front {
    /// What `/L` is, or may be to some reader, in order.
    lengths: Vec<u64>,
    /// Where something stands behind that object: its first section, as it should be. Nothing where
    /// the object is such that readers differ in it.
    behind: Option<u64>,
}

impl Pdf<'_> {
    /// Whether some readers may begin at the front of the file if it were this long.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub(in crate::pades) fn is_linearized_at(&self, length: u64) -> Result<bool, Refusal> {
        let front = self.front()?;
        // With something before the header the file begins with either.
        let lengths = [length, length.saturating_sub(self.header_offset)];
        let is_said = |front: &Front| {
            lengths
                .iter()
                .any(|length| front.lengths.binary_search(length).is_ok())
        };
        Ok(front.as_ref().is_some_and(is_said))
    }

    /// Refuses a file that some readers read from its front, and others from its end.
    pub(super) fn check_front(&self) -> Result<(), Refusal> {
        if !self.is_linearized_at(self.received.len())? {
            return Ok(());
        }
        let newest = self.startxref().checked_add(self.shift());
        match self.front()? {
            Some(front) if front.behind != newest => Err(damaged(
                "it is linearised, and its newest section is not its first",
            )),
            _ => Ok(()),
        }
    }

    fn front(&self) -> Result<&Option<Front>, Refusal> {
        if let Some(known) = self.front.get() {
            return Ok(known);
        }
        let front = self.read_front()?;
        Ok(self.front.get_or_init(|| front))
    }

    fn read_front(&self) -> Result<Option<Front>, Refusal> {
        let begin = self.header_offset;
        let first = self.read_growing(begin, self.limits.object_bytes, |window| {
            let mut lexer = self.lexer(window);
            lexer.skip_space();
            // Some readers begin within the line of the header.
            let comments = window.get(..lexer.position()).unwrap_or_default();
            let is_hidden = memchr::memchr(b'/', comments).is_some();
            lexer.note_oddities();
            lexer.object_header()?;
            let object = lexer.object()?;
            let is_doubtful = is_hidden || lexer.oddities().has_double;
            lexer.keyword(b"endobj");
            lexer.skip_space();
            Ok((object, is_doubtful, lexer.position() as u64))
        });
        match first {
            Ok((Object::Dictionary(first), false, length)) if first.has(WORD) => {
                match said(&first) {
                    Some(said) => Ok(Some(Front {
                        lengths: vec![said],
                        behind: Some(begin + length),
                    })),
                    None => self.doubtful_front(),
                }
            }
            Ok((_, false, _)) => Ok(None),
            // Other readers may make a dictionary of it, or another one.
            Ok((_, true, _)) | Err(Refusal::PdfDamaged(_) | Refusal::PdfTooComplex(_)) => {
                self.doubtful_front()
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// Every number that stands near the front of the file, if it may be a linearised one.
    fn doubtful_front(&self) -> Result<Option<Front>, Refusal> {
        let left = self.source.len().saturating_sub(self.header_offset);
        let take = usize::try_from(left).map_or(FRONT_BYTES_MAX, |left| left.min(FRONT_BYTES_MAX));
        let bytes = source::read(self.source, self.header_offset, take)?;
        let has_word = memchr::memchr_iter(b'/', &bytes)
            .filter_map(|slash| bytes.get(slash + 1..))
            .any(begins_with_word);
        Ok(has_word.then(|| Front {
            lengths: numbers(&bytes),
            behind: None,
        }))
    }
}

/// Letters of a name may be written as numbers (7.3.5).
fn begins_with_word(name: &[u8]) -> bool {
    let most = name.len().min(3 * WORD.len());
    let name = name.get(..most).unwrap_or_default();
    name.starts_with(WORD) || (name.contains(&b'#') && unescape_name(name).starts_with(WORD))
}

const WORD: &[u8] = b"Linearized";

fn said(dictionary: &Dictionary) -> Option<u64> {
    match dictionary.get(b"L") {
        Ok(Object::Integer(length)) => u64::try_from(*length).ok(),
        _ => None,
    }
}

/// The numbers in these bytes. Some readers pass over a hyphen within one.
fn numbers(bytes: &[u8]) -> Vec<u64> {
    let is_digit = |byte: &u8| byte.is_ascii_digit() || *byte == b'-';
    let runs = bytes.split(|byte| !is_digit(byte));
    let number = |run: &[u8]| {
        let mut digits = run.iter().filter(|byte| byte.is_ascii_digit());
        digits.try_fold(0_u64, |number, digit| {
            number.checked_mul(10)?.checked_add(u64::from(digit - b'0'))
        })
    };
    let mut numbers: Vec<_> = runs
        .filter(|run| !run.is_empty())
        .filter_map(number)
        .collect();
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

/// So much of a file is looked at where its first object leaves doubt.
const FRONT_BYTES_MAX: usize = 1 << 20;
