//! The words at which the walk over a damaged file stops.

use crate::pades::reader::escapes::unescape_name;
use crate::pades::reader::is_space;

/// What makes the walk stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stop {
    Comment,
    /// The word `obj`, behind two numbers that begin so many bytes before it.
    Header(usize),
    /// The word `obj` behind what may have been two numbers.
    BrokenHeader,
    /// The word `obj` in `endobj`.
    End,
    Trailer,
    /// The word that says that a file is encrypted.
    Encryption,
    /// What no document can lack unseen stood in what cannot be read.
    Lost(&'static str),
}

/// The first place at which the walk stops.
pub(super) fn stop_in(piece: &[u8]) -> Option<(usize, Stop)> {
    let mut at = 0;
    loop {
        let rest = piece.get(at..)?;
        let place = at
            + rest
                .iter()
                .position(|&byte| matches!(byte, b'%' | b'o' | b't' | b'/'))?;
        let (before, rest) = piece.split_at_checked(place)?;
        let stop = match rest {
            [b'%', ..] => Some(Stop::Comment),
            [b'o', b'b', b'j', ..] if before.ends_with(b"end") => Some(Stop::End),
            [b'o', b'b', b'j', rest @ ..] => header_before(before, rest),
            [b'/', ..] => lost_name(rest),
            _ => rest.starts_with(b"trailer").then_some(Stop::Trailer),
        };
        match stop {
            Some(stop) => return Some((place, stop)),
            None => at = place + 1,
        }
    }
}

/// Where a comment ends, or what stands in it that must not be lost.
pub(super) fn end_of_comment_in(piece: &[u8]) -> Option<(usize, Option<Stop>)> {
    let found = |at: usize| match piece.get(at..)? {
        [b'\r' | b'\n', ..] => Some((at, None)),
        rest @ [b'/', ..] => Some((at, Some(lost_name(rest)?))),
        _ => None,
    };
    (0..piece.len()).find_map(found)
}

/// What stands in no object or trailer that can be read, and must not be lost.
fn lost_name(rest: &[u8]) -> Option<Stop> {
    let names: [(&[u8], _); 4] = [
        (b"Encrypt", Stop::Encryption),
        (b"Catalog", Stop::Lost("a catalog is lost")),
        (b"ObjStm", Stop::Lost("an object stream is lost")),
        (b"ByteRange", Stop::Lost("a signature is lost")),
    ];
    // Letters of a name may be written as numbers (7.3.5).
    let written = rest.get(1..rest.len().min(NAME_BYTES_MAX))?;
    let read = unescape_name(written);
    let stop = names.into_iter().find(|(name, _)| read.starts_with(name));
    stop.map(|(_, stop)| stop)
}

/// How many bytes the two numbers take that these bytes end with. Where there may be two and are not,
/// nobody knows which object is lost.
fn header_before(bytes: &[u8], behind: &[u8]) -> Option<Stop> {
    let bytes = bytes.get(bytes.len().saturating_sub(HEADER_BYTES_MAX)..)?;
    let digits = |bytes: &[u8]| {
        let behind = bytes.iter().rposition(|byte| !byte.is_ascii_digit());
        behind.map_or(0, |last| last + 1)
    };
    let spaces = |bytes: &[u8]| {
        let behind = bytes.iter().rposition(|&byte| !is_space(byte));
        behind.map_or(0, |last| last + 1)
    };
    let generation = bytes.get(..spaces(bytes))?;
    let between = generation.get(..digits(generation))?;
    let number = between.get(..spaces(between))?;
    let begin = digits(number);
    let has_generation = between.len() < generation.len();
    let has_number = number.len() < between.len() && begin < number.len();
    let may_be_cut = begin == 0 && bytes.len() == HEADER_BYTES_MAX;
    if has_generation && has_number && !may_be_cut {
        let is_whole = may_precede_number(bytes.get(..begin).unwrap_or_default());
        return Some(if is_whole {
            Stop::Header(bytes.len() - begin)
        } else {
            Stop::BrokenHeader
        });
    }
    let is_word = !behind.first().is_some_and(u8::is_ascii_alphabetic);
    (is_word && (has_generation || may_be_cut)).then_some(Stop::BrokenHeader)
}

/// Whether a number that follows these bytes begins there for every reader, and outside a string.
fn may_precede_number(bytes: &[u8]) -> bool {
    match bytes.last() {
        None | Some(b'>' | b']' | b')') => true,
        Some(&last) => is_space(last) || bytes.ends_with(b"endobj"),
    }
}

/// Where a stream may end, or the object that it is ends at the latest; whether it is the stream.
pub(super) fn end_in(piece: &[u8]) -> Option<(usize, bool)> {
    let mut at = 0;
    loop {
        let rest = piece.get(at..)?;
        let place = at + rest.iter().position(|&byte| byte == b'e')?;
        let rest = piece.get(place..)?;
        let is_of_stream = rest.starts_with(b"endstream");
        if is_of_stream || rest.starts_with(b"endobj") {
            return Some((place, is_of_stream));
        }
        at = place + 1;
    }
}

/// Both numbers of an object and the white space behind them take no more.
pub(super) const HEADER_BYTES_MAX: usize = 64;

/// Pieces of the file that are searched for stops have so many bytes in common.
pub(super) const STOP_BYTES_MAX: usize = HEADER_BYTES_MAX + NAME_BYTES_MAX;

/// So long is a name that must not be lost, if each of its letters is written as a number.
const NAME_BYTES_MAX: usize = 1 + 3 * b"ByteRange".len();
