//! Files that are read from their front (linearised: ISO 32000-2, annex F). Their first object says how
//! long they are, and some readers that find them so long begin with the section behind it, whatever
//! stands at the end: to a file that comes to that length by what is appended they show another
//! document than the one that was sealed.

use lopdf::{Dictionary, Object};

use super::escapes::unescape_name;
use super::token::is_regular;
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
        // With something before the header readers do not agree where the file begins.
        let least = length.saturating_sub(self.header_offset);
        let may_say = |front: &Front| {
            let first = front.lengths.partition_point(|&said| said < least);
            front.lengths.get(first).is_some_and(|&said| said <= length)
        };
        Ok(self.front()?.as_ref().is_some_and(may_say))
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
            let comments = window.get(..lexer.position()).unwrap_or_default();
            let is_doubtful = has_header(comments);
            lexer.note_oddities();
            lexer.object_header()?;
            let object = lexer.object()?;
            let is_unclear = lexer.oddities().is_unclear;
            lexer.keyword(b"endobj");
            lexer.skip_space();
            let said = match &object {
                Object::Dictionary(first) if first.has(WORD) => Some(said(first, is_unclear)),
                _ => None,
            };
            Ok((said, is_doubtful, lexer.position() as u64))
        });
        let before = source::read(self.source, 0, usize::try_from(begin).unwrap_or_default())?;
        match first {
            // Some readers begin within the line of the header, or take another one for it.
            Ok((_, true, _)) => self.doubtful_front(),
            Ok(_) if has_header(&before) => self.doubtful_front(),
            Ok((None, ..)) => Ok(None),
            Ok((Some(Some(said)), _, length)) => Ok(Some(Front {
                lengths: vec![said],
                behind: Some(begin + length),
            })),
            Ok((Some(None), _, length)) if length > FRONT_BYTES_MAX as u64 => Err(damaged(
                "it is linearised, and nobody can say to what length",
            )),
            // Other readers may make a dictionary of it, or another one.
            Ok((Some(None), ..)) | Err(Refusal::PdfDamaged(_) | Refusal::PdfTooComplex(_)) => {
                self.doubtful_front()
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// Every number that stands near the front of the file, if it may be a linearised one.
    fn doubtful_front(&self) -> Result<Option<Front>, Refusal> {
        let length = self.source.len();
        let take = usize::try_from(length).map_or(FRONT_BYTES_MAX, |all| all.min(FRONT_BYTES_MAX));
        let bytes = source::read(self.source, 0, take)?;
        let has_word = memchr::memchr_iter(b'/', &bytes)
            .filter_map(|slash| bytes.get(slash + 1..))
            .any(begins_with_word);
        Ok(has_word.then(|| Front {
            lengths: numbers(&bytes),
            behind: None,
        }))
    }
}

/// Whether the header of an object stands there.
fn has_header(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, b"obj").any(|word| {
        let (before, behind) = bytes.split_at(word);
        let generation = before.trim_ascii_end();
        let digits = generation
            .iter()
            .rev()
            .take_while(|byte| byte.is_ascii_digit());
        let (number, digits) = generation.split_at(generation.len() - digits.count());
        let is_word = !behind.get(b"obj".len()).copied().is_some_and(is_regular);
        is_word
            && !digits.is_empty()
            && number.last().is_some_and(u8::is_ascii_whitespace)
            && number
                .trim_ascii_end()
                .last()
                .is_some_and(u8::is_ascii_digit)
    })
}

/// Letters of a name may be written as numbers (7.3.5).
fn begins_with_word(name: &[u8]) -> bool {
    let most = name.len().min(WORD_BYTES_MAX);
    let name = name.get(..most).unwrap_or_default();
    name.starts_with(WORD) || (name.contains(&b'#') && unescape_name(name).starts_with(WORD))
}

const WORD: &[u8] = b"Linearized";

/// So long is the word if each of its letters is written as a number.
const WORD_BYTES_MAX: usize = 3 * WORD.len();

/// What `/L` is, if all readers agree.
fn said(dictionary: &Dictionary, is_unclear: bool) -> Option<u64> {
    match dictionary.get(b"L") {
        Ok(Object::Integer(length)) if !is_unclear => u64::try_from(*length).ok(),
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
