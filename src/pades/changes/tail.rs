//! Whether what was appended is whole revisions and nothing besides. A reader that stumbles over a
//! fault searches the file for objects by itself and takes the last one of each number, so what no
//! table names would count after all (incremental saving attack, 2019).

use std::ops::Range;

use crate::pades::error::Refusal;
use crate::pades::finding::{Finding, Seen};
use crate::pades::reader::{Pdf, is_space};

/// What is wrong with the bytes behind the signed ones, or with the way that readers come to them.
pub(super) fn fault(before: &Pdf<'_>, now: &Pdf<'_>) -> Result<Option<Finding>, Refusal> {
    if let Some(oddity) = before.oddity().or(now.oddity()) {
        return Ok(Some(Finding::new(Seen::ContentChangedAfter, oddity)));
    }
    let fault = match fault_behind(now, before.received().len()) {
        Err(Refusal::PdfDamaged(_)) => Some("an appended object cannot be read"),
        fault => fault?,
    };
    Ok(fault.map(|fault| Finding::new(Seen::BytesOutsideRevisions, fault)))
}

fn fault_behind(now: &Pdf<'_>, end: u64) -> Result<Option<&'static str>, Refusal> {
    let mut extents = Vec::new();
    for section in now.sections_behind(end)? {
        if !section.is_strict {
            return Ok(Some(
                "a cross-reference entry is not written as it should be",
            ));
        }
        extents.push(section.extent);
        for (number, offset) in section.used {
            if offset < end {
                continue;
            }
            let (id, extent) = now.extent_at(offset)?;
            if id.0 != number {
                return Ok(Some("another object stands where the table says"));
            }
            extents.push(extent);
        }
    }
    extents.sort_unstable_by_key(|extent| (extent.start, extent.end));
    // A cross-reference stream names itself.
    extents.dedup();
    let mut at = end;
    for extent in extents {
        if extent.start < at {
            return Ok(Some("objects lie within each other"));
        }
        if !says_nothing(now, at..extent.start)? {
            return Ok(Some("something stands between the objects"));
        }
        at = extent.end;
    }
    let is_clean = says_nothing(now, at..now.received().len())?;
    Ok((!is_clean).then_some("something stands between the objects"))
}

/// Whether these bytes are space, `startxref` with its number, `%%EOF` and comments at most.
fn says_nothing(now: &Pdf<'_>, range: Range<u64>) -> Result<bool, Refusal> {
    let length = range.end.saturating_sub(range.start);
    if length > GAP_BYTES_MAX {
        return Ok(false);
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    now.received().read_at(range.start, &mut bytes)?;
    let mut number_is_due = false;
    for line in bytes.split_inclusive(|byte| is_end_of_line(*byte)) {
        let word = line.trim_ascii();
        let rest = word.strip_prefix(b"startxref").unwrap_or(word);
        let is_number = rest
            .iter()
            .all(|byte| is_space(*byte) || byte.is_ascii_digit());
        // Some readers skip a comment before the number, others find none there and repair.
        let is_idle = !number_is_due && is_idle_comment(line);
        if !is_number && word != b"%%EOF" && !is_idle {
            return Ok(false);
        }
        if !word.is_empty() {
            number_is_due = word == b"startxref";
        }
    }
    Ok(true)
}

/// Whether a line is a comment that no reader takes for anything else, not even one that searches
/// the file for structure: writers sign with their names like that. Without its end it would
/// swallow what follows.
fn is_idle_comment(line: &[u8]) -> bool {
    let text = line.trim_ascii();
    let is_text = |byte: &u8| matches!(byte, b' '..=b'~') && !matches!(byte, b'<' | b'>');
    let lower = text.to_ascii_lowercase();
    let holds = |word: &&[u8]| lower.windows(word.len()).any(|part| part == *word);
    text.starts_with(b"%")
        && line.last().is_some_and(|byte| is_end_of_line(*byte))
        && text.len() <= COMMENT_BYTES_MAX
        && text.iter().all(is_text)
        && !STRUCTURE.iter().any(holds)
}

fn is_end_of_line(byte: u8) -> bool {
    matches!(byte, b'\r' | b'\n')
}

/// What readers search for, in lower case; `startxref` and the ends of objects hold these words.
const STRUCTURE: [&[u8]; 6] = [b"obj", b"stream", b"xref", b"trailer", b"%eof", b"%pdf-"];

/// The longest comment that a writer is taken to sign with.
const COMMENT_BYTES_MAX: usize = 120;

/// Space between objects; writers that align them leave some.
const GAP_BYTES_MAX: u64 = 64 << 10;
