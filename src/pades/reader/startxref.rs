//! Where the newest cross-reference section begins, and what offsets count from.

use super::token::{is_regular, is_space};
use super::{Pdf, WINDOW_BYTES, damaged};
use crate::pades::error::Refusal;
use crate::pades::source;

/// The place of the newest section.
pub(super) struct Located {
    /// As it is said in the file, or as it should be.
    pub(super) startxref: u64,
    /// What is added to an offset of the file to find its place.
    pub(super) shift: u64,
    /// Whether it begins where the file says, to the byte.
    pub(super) is_exact: bool,
    /// Whether it is said so far from the end that some readers do not find it.
    pub(super) is_far: bool,
    /// Whether a revision begins behind it that has no end.
    pub(super) is_cut_off: bool,
}

/// What the last `startxref` of the file says, and where.
struct Said {
    startxref: u64,
    is_far: bool,
    is_cut_off: bool,
}

pub(super) fn locate(pdf: &Pdf<'_>) -> Result<Located, Refusal> {
    let Said {
        startxref: said,
        is_far,
        is_cut_off,
    } = last_startxref(pdf)?;
    let shift = find_shift(pdf, said)?;
    let is_exact = begins_section(pdf, place(said, shift)?)?;
    let startxref = if is_exact {
        said
    } else {
        settle(pdf, said, shift)?
    };
    Ok(Located {
        startxref,
        shift,
        is_exact,
        is_far,
        is_cut_off,
    })
}

fn last_startxref(pdf: &Pdf<'_>) -> Result<Said, Refusal> {
    let length = pdf.source.len();
    let start = length.saturating_sub(TAIL_BYTES);
    let tail = usize::try_from(length - start).unwrap_or_default();
    let tail = source::read(pdf.source, start, tail)?;
    let word = b"startxref";
    let at = memchr::memmem::rfind(&tail, word);
    let at = at.ok_or_else(|| damaged("there is no startxref at its end"))?;
    let before = at.checked_sub(1).and_then(|before| tail.get(before));
    if before.is_some_and(|&before| is_regular(before)) {
        return Err(damaged("startxref is part of another word"));
    }
    let rest = tail.get(at + word.len()..).unwrap_or_default();
    // What ends with the file ends like what ends with a space.
    let number = pdf.lexer(&[rest, b" "].concat()).unsigned();
    let number = number.map_err(|_| damaged("startxref is followed by no number"))?;
    Ok(Said {
        startxref: number,
        is_far: tail.len() - at > NEAR_BYTES,
        is_cut_off: begins_object(rest) || begins_trailer(rest),
    })
}

/// Whether the word `trailer` stands here; `%trailer` is a comment.
fn begins_trailer(bytes: &[u8]) -> bool {
    let begins_line = |at: usize| {
        let before = at.checked_sub(1).and_then(|before| bytes.get(before));
        before.is_none_or(|&before| is_space(before))
    };
    memchr::memmem::find_iter(bytes, b"trailer").any(begins_line)
}

/// Whether the word `obj` stands here, behind a number.
fn begins_object(bytes: &[u8]) -> bool {
    memchr::memmem::find_iter(bytes, b"obj").any(|at| {
        let before = bytes.get(..at).unwrap_or_default();
        let last = before.iter().rposition(|&byte| !is_space(byte));
        let last = last.and_then(|last| before.get(last));
        last.is_some_and(u8::is_ascii_digit)
    })
}

/// With junk before the header, offsets count from the header in most files and from the
/// file's first byte in some; what stands at the place decides.
fn find_shift(pdf: &Pdf<'_>, startxref: u64) -> Result<u64, Refusal> {
    let junk = pdf.header_offset;
    if junk == 0 {
        return Ok(0);
    }
    let Some(counted) = startxref.checked_add(junk) else {
        return Ok(0);
    };
    // Within the number of `15 0 obj` stands `5 0 obj`: what begins there counts first.
    let is_counted = begins_section(pdf, counted)?
        || (!begins_section(pdf, startxref)? && is_section(pdf, counted)?);
    Ok(if is_counted { junk } else { 0 })
}

/// Where the newest section begins: at `startxref`, or at the one place near it where one can
/// begin. Writers that count wrongly miss it by a few bytes.
fn settle(pdf: &Pdf<'_>, startxref: u64, shift: u64) -> Result<u64, Refusal> {
    if is_section(pdf, place(startxref, shift)?)? {
        return Ok(startxref);
    }
    let mut begins = Vec::new();
    for near in startxref.saturating_sub(MISSED_BYTES)..=startxref.saturating_add(MISSED_BYTES) {
        if begins_section(pdf, place(near, shift)?)? {
            begins.push(near);
        }
    }
    match begins.as_slice() {
        &[only] => Ok(only),
        // None, or several: what readers make of it differs.
        _ => Err(damaged(
            "no cross-reference section stands where startxref says",
        )),
    }
}

/// Whether a section begins at this very byte, behind white space.
fn begins_section(pdf: &Pdf<'_>, offset: u64) -> Result<bool, Refusal> {
    let Some(before) = offset.checked_sub(1) else {
        return Ok(false);
    };
    if offset >= pdf.source.len() {
        return Ok(false);
    }
    let mut edge = [0; 2];
    pdf.source.read_at(before, &mut edge)?;
    let [before, first] = edge;
    Ok(is_space(before) && !is_space(first) && first != b'%' && is_section(pdf, offset)?)
}

fn is_section(pdf: &Pdf<'_>, offset: u64) -> Result<bool, Refusal> {
    if offset >= pdf.source.len() {
        return Ok(false);
    }
    pdf.read_growing(offset, WINDOW_BYTES, |window| {
        let mut lexer = pdf.lexer(window);
        Ok(lexer.keyword(b"xref") || lexer.object_header().is_ok())
    })
}

fn place(offset: u64, shift: u64) -> Result<u64, Refusal> {
    offset
        .checked_add(shift)
        .ok_or_else(|| damaged("an offset is too large"))
}

/// How far `startxref` may miss what it points to.
const MISSED_BYTES: u64 = 16;

/// `startxref` stands within so many bytes of the end.
const TAIL_BYTES: u64 = 4096;

/// Within so many, the last of them, all readers find it.
const NEAR_BYTES: usize = 1024;
