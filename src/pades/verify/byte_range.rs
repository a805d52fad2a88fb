//! What a signature covers: all of the file up to some end, but for one hole with the signature
//! itself (ISO 32000-2 §12.8.1). The checks here look at the bytes alone and do not believe the
//! PDF's own structure, which is where attacks on signatures hide.

use std::ops::Range;

use openssl::hash::{Hasher, MessageDigest};
use openssl::nid::Nid;

use super::problem::Problem;
use crate::pades::error::Refusal;
use crate::pades::reader::escapes::hexadecimal;
use crate::pades::source::Source;

/// The covered bytes: from the first to `end`, without the hole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Coverage {
    pub(super) hole: Range<u64>,
    pub(super) end: u64,
}

/// Checks the spans of a `/ByteRange` (offset, length) and that what they leave out is exactly the
/// string with these `contents`.
pub(super) fn check(
    source: &dyn Source,
    spans: &[(u64, u64)],
    contents: &[u8],
) -> Result<Result<Coverage, Problem>, Refusal> {
    let coverage = match coverage(source.len(), spans) {
        Ok(coverage) => coverage,
        Err(problem) => return Ok(Err(problem)),
    };
    let is_one_string = hole_is(source, &coverage.hole, contents)?;
    Ok(if is_one_string {
        Ok(coverage)
    } else {
        Err(Problem::HoleNotOneString)
    })
}

fn coverage(file_len: u64, spans: &[(u64, u64)]) -> Result<Coverage, Problem> {
    let &[(start, before), (behind, after)] = spans else {
        return Err(Problem::ByteRangeMalformed);
    };
    if start != 0 {
        return Err(Problem::ByteRangeNotFromStart);
    }
    let end = behind
        .checked_add(after)
        .ok_or(Problem::ByteRangeBeyondFile)?;
    if end > file_len || before > file_len {
        Err(Problem::ByteRangeBeyondFile)
    } else if behind <= before {
        Err(Problem::ByteRangeOverlaps)
    } else if before == 0 || after == 0 {
        Err(Problem::ByteRangeMalformed)
    } else {
        Ok(Coverage {
            hole: before..behind,
            end,
        })
    }
}

/// Whether the hole is `<`, the contents in hexadecimal, `>`, and nothing else. White space may
/// stand between the digits (ISO 32000-2 §7.3.4.3); an odd last digit may not.
fn hole_is(source: &dyn Source, hole: &Range<u64>, contents: &[u8]) -> Result<bool, Refusal> {
    let digits = 2 * contents.len() as u64;
    let len = hole.end - hole.start;
    // A hole much larger than its string is no white space between digits.
    if len < digits + 2 || len > digits + 2 + digits / 8 + 16 {
        return Ok(false);
    }
    let Ok(len) = usize::try_from(len) else {
        return Ok(false);
    };
    let mut bytes = vec![0; len];
    source.read_at(hole.start, &mut bytes)?;
    let [b'<', inside @ .., b'>'] = bytes.as_slice() else {
        return Ok(false);
    };
    if inside.len() as u64 == digits {
        return Ok(hexadecimal(inside).is_some_and(|decoded| decoded == contents));
    }
    let inside: Vec<u8> = inside
        .iter()
        .copied()
        .filter(|byte| !WHITE_SPACE.contains(byte))
        .collect();
    Ok(hex::decode(&inside).is_ok_and(|decoded| decoded == contents))
}

impl Coverage {
    /// The digest over the covered bytes, read as a stream.
    pub(super) fn digest(&self, source: &dyn Source, algorithm: Nid) -> Result<Vec<u8>, Refusal> {
        let algorithm = MessageDigest::from_nid(algorithm).ok_or_else(no_digest)?;
        let mut hasher = Hasher::new(algorithm).map_err(|_| no_digest())?;
        let mut block = vec![0; BLOCK_BYTES];
        for span in [0..self.hole.start, self.hole.end..self.end] {
            let mut at = span.start;
            while at < span.end {
                let count = (span.end - at).min(BLOCK_BYTES as u64);
                let bytes = usize::try_from(count)
                    .ok()
                    .and_then(|count| block.get_mut(..count));
                let bytes = bytes.ok_or_else(no_digest)?;
                source.read_at(at, bytes)?;
                hasher.update(bytes).map_err(|_| no_digest())?;
                at += count;
            }
        }
        Ok(hasher.finish().map_err(|_| no_digest())?.to_vec())
    }
}

fn no_digest() -> Refusal {
    Refusal::Unavailable("the digest could not be computed".into())
}

const WHITE_SPACE: &[u8] = b"\0\t\n\x0c\r ";
const BLOCK_BYTES: usize = 256 << 10;

#[cfg(test)]
mod tests {
    use super::{Coverage, check, coverage};
    use crate::pades::verify::problem::Problem;

    const FILE: &[u8] = b"%PDF-1.7 <3000> %%EOF";

    fn checked(spans: &[(u64, u64)], contents: &[u8]) -> Result<Coverage, Problem> {
        check(&FILE.to_vec(), spans, contents).unwrap()
    }

    #[test]
    fn a_range_around_its_string_covers_the_rest() {
        let found = checked(&[(0, 9), (15, 6)], &[0x30, 0]);
        assert_eq!(
            found,
            Ok(Coverage {
                hole: 9..15,
                end: 21
            })
        );
    }

    #[test]
    fn every_other_range_has_a_name() {
        let cases: [(&[(u64, u64)], Problem); 8] = [
            (&[(0, 21)], Problem::ByteRangeMalformed),
            (&[(0, 9), (15, 3), (18, 3)], Problem::ByteRangeMalformed),
            (&[(1, 8), (15, 6)], Problem::ByteRangeNotFromStart),
            (&[(0, 16), (15, 6)], Problem::ByteRangeOverlaps),
            (&[(0, 9), (15, 7)], Problem::ByteRangeBeyondFile),
            (&[(0, 9), (u64::MAX, 7)], Problem::ByteRangeBeyondFile),
            (&[(0, 0), (15, 6)], Problem::ByteRangeMalformed),
            (&[(0, 9), (15, 0)], Problem::ByteRangeMalformed),
        ];
        for (spans, problem) in cases {
            assert_eq!(
                coverage(FILE.len() as u64, spans),
                Err(problem),
                "{spans:?}"
            );
        }
    }

    #[test]
    fn a_hole_that_is_not_exactly_the_string_is_told() {
        for spans in [
            [(0, 8), (15, 6)],
            [(0, 9), (16, 5)],
            [(0, 10), (15, 6)],
            [(0, 9), (14, 7)],
        ] {
            let found = checked(&spans, &[0x30, 0]);
            assert_eq!(found, Err(Problem::HoleNotOneString), "{spans:?}");
        }
        let other_contents = checked(&[(0, 9), (15, 6)], &[0x30, 1]);
        assert_eq!(other_contents, Err(Problem::HoleNotOneString));
    }
}
