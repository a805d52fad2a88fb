//! Which bytes a signature covers, and whether what they leave out is the signature alone.

use std::ops::Range;

use lopdf::ObjectId;

use super::changes;
use super::error::Refusal;
use super::finding::{Finding, Seen};
use super::reader::escapes::hexadecimal;
use super::reader::{Pdf, XrefEntry};
use super::restrictions::Restrictions;
use super::signatures::{ChangesAfter, Covers, EmbeddedSignature};
use super::source::{self, Prefix, Source};

/// Decides what the signature covers and what came after; a finding names each fault. `holder` is
/// the indirect object that the signature's dictionary stands in, `restrictions` what the signature
/// forbids to what comes after it.
pub(super) fn coverage(
    pdf: &Pdf<'_>,
    holder: Option<ObjectId>,
    restrictions: Restrictions,
    signature: &mut EmbeddedSignature,
) -> Result<(), Refusal> {
    if let Some(damage) = pdf.oddity().filter(|_| pdf.is_rebuilt()) {
        // What belongs to which revision of such a file is anybody's guess.
        signature.findings.push(Finding::new(Seen::Rebuilt, damage));
        return Ok(());
    }
    let range = match ranges(&signature.byte_range, pdf.received().len()) {
        Ok(range) => range,
        Err(finding) => {
            signature.findings.push(finding);
            return Ok(());
        }
    };
    if let Some(finding) = fault(pdf, holder, &range, &signature.contents)? {
        signature.findings.push(finding);
        return Ok(());
    }
    if is_all_but_a_line_end(pdf.received(), range.end)? {
        signature.covers = Covers::WholeFile;
        signature.changes_after = ChangesAfter::None;
        return Ok(());
    }
    let signed = Prefix::new(pdf.received(), range.end);
    let (true, Ok(before)) = (ends_with_mark(&signed)?, pdf.open_earlier(&signed)) else {
        let fault = Finding::new(
            Seen::NotARevision,
            "the covered bytes are no whole revision",
        );
        signature.findings.push(fault);
        return Ok(());
    };
    signature.covers = Covers::Revision;
    let comparison = match changes::compare(&before, pdf, restrictions) {
        // The signed revision is damaged, and what was appended begins anew.
        Err(Refusal::PdfDamaged(damage)) if !pdf.trailer().has(b"Prev") => {
            let fault = Finding::new(Seen::ContentChangedAfter, damage);
            signature.changes_after = ChangesAfter::Suspicious;
            signature.findings.push(fault);
            return Ok(());
        }
        comparison => comparison?,
    };
    signature.changes_after = comparison.verdict;
    signature.findings.extend(comparison.findings);
    Ok(())
}

/// What is covered: everything up to `end` but the hole.
struct Coverage {
    hole: Range<u64>,
    end: u64,
}

/// Reads `/ByteRange`: two ranges, the first from the file's beginning (12.8.1).
fn ranges(byte_range: &[(u64, u64)], length: u64) -> Result<Coverage, Finding> {
    let malformed = |what| Err(Finding::new(Seen::ByteRangeMalformed, what));
    let &[(0, first), (second, rest)] = byte_range else {
        return malformed("not two ranges from 0");
    };
    match second.checked_add(rest) {
        Some(end) if first < second && end <= length => Ok(Coverage {
            hole: first..second,
            end,
        }),
        Some(end) if end > length => malformed("longer than the file"),
        _ => malformed("the ranges overlap"),
    }
}

/// What is wrong with the hole, if anything.
fn fault(
    pdf: &Pdf<'_>,
    holder: Option<ObjectId>,
    range: &Coverage,
    contents: &[u8],
) -> Result<Option<Finding>, Refusal> {
    if !hole_is_contents(pdf.received(), &range.hole, contents)? {
        let detail = "the hole is not /Contents alone";
        return Ok(Some(Finding::new(Seen::HoleNotOneString, detail)));
    }
    let lies_there = match holder {
        Some(id) => lies_in(pdf, id, &range.hole)?,
        None => false,
    };
    let detail = "the hole is not in the signature's object";
    Ok((!lies_there).then(|| Finding::new(Seen::HoleElsewhere, detail)))
}

/// Whether the hole is `<…>`, once, and decodes to exactly what the parser sees as `/Contents`
/// (against signatures wrapped in a larger hole: ISO 32000-2, 12.8.1).
fn hole_is_contents(
    source: &dyn Source,
    hole: &Range<u64>,
    contents: &[u8],
) -> Result<bool, Refusal> {
    const HOLE_BYTES_MAX: u64 = 4 << 20;
    let length = hole.end - hole.start;
    if length > HOLE_BYTES_MAX {
        return Ok(false);
    }
    let length = usize::try_from(length).unwrap_or_default();
    let bytes = source::read(source, hole.start, length)?;
    Ok(match &*bytes {
        [b'<', inside @ .., b'>'] => hexadecimal(inside).is_some_and(|bytes| bytes == contents),
        _ => false,
    })
}

/// Whether a hole lies within the bytes of an object.
fn lies_in(pdf: &Pdf<'_>, id: ObjectId, hole: &Range<u64>) -> Result<bool, Refusal> {
    match pdf.entry(id.0) {
        Some(XrefEntry::At { offset, .. }) => {
            Ok(offset < hole.start && hole.end < pdf.end_at(offset)?)
        }
        _ => Ok(false),
    }
}

/// Whether nothing follows the covered bytes but the end of the line that `%%EOF` stands on.
fn is_all_but_a_line_end(source: &dyn Source, end: u64) -> Result<bool, Refusal> {
    let left = source.len() - end;
    if left == 0 {
        return Ok(true);
    }
    let mut tail = vec![0; usize::try_from(left.min(3)).unwrap_or_default()];
    source.read_at(end, &mut tail)?;
    let is_line_end = matches!(tail.as_slice(), b"\r\n" | b"\n" | b"\r");
    let signed = Prefix::new(source, end);
    Ok(is_line_end && last_bytes(&signed)?.ends_with(b"%%EOF"))
}

/// Whether the covered bytes end with `%%EOF` and at most one end of line.
fn ends_with_mark(source: &dyn Source) -> Result<bool, Refusal> {
    let tail = last_bytes(source)?;
    let line = tail
        .strip_suffix(b"\r\n")
        .or_else(|| tail.strip_suffix(b"\n"))
        .or_else(|| tail.strip_suffix(b"\r"))
        .unwrap_or(&tail);
    Ok(line.ends_with(b"%%EOF"))
}

/// Room for `%%EOF` and an end of line.
fn last_bytes(source: &dyn Source) -> Result<Vec<u8>, Refusal> {
    let take = source.len().min(7);
    let mut tail = vec![0; usize::try_from(take).unwrap_or_default()];
    source.read_at(source.len() - take, &mut tail)?;
    Ok(tail)
}
