//! The signatures that a PDF holds: which fields, which bytes, what came after them.

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId};
use serde::{Deserialize, Serialize};

use super::changes;
use super::error::Refusal;
use super::finding::Finding;
use super::reader::Pdf;
use super::reader::escapes::hexadecimal;
use super::source::{Prefix, Source};

/// What a signature dictionary is for (ISO 32000-2, 12.8.1 and 12.8.5).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SignatureKind {
    /// A person's or an agency's signature.
    Signature,
    /// A document time-stamp.
    Timestamp,
}

/// How much of the file a signature covers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Covers {
    /// Everything but its own hole.
    WholeFile,
    /// Everything but its hole up to the end of an earlier revision.
    Revision,
    /// Something else: not to be relied on.
    Part,
}

/// What was appended after a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChangesAfter {
    /// Nothing.
    None,
    /// Only what a signed document may get: signatures, time-stamps, validation data, form values.
    Permitted,
    /// Something that may change what is seen.
    Suspicious,
}

impl Covers {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::WholeFile => "whole_file",
            Self::Revision => "revision",
            Self::Part => "part",
        }
    }
}

impl ChangesAfter {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Permitted => "permitted",
            Self::Suspicious => "suspicious",
        }
    }
}

/// One signature as it stands in the file, before any cryptography.
#[derive(Clone, Debug)]
pub struct EmbeddedSignature {
    /// The field's full name.
    pub field: String,
    /// What it is.
    pub kind: SignatureKind,
    /// `/SubFilter`.
    pub sub_filter: String,
    /// `/ByteRange` as offset and length pairs; empty when malformed.
    pub byte_range: Vec<(u64, u64)>,
    /// `/Contents`: the CMS and the zeros behind it.
    pub contents: Vec<u8>,
    /// `/M`, the signer's own word for the time.
    pub signing_time: Option<String>,
    /// The DocMDP permission, if this is a certification.
    pub doc_mdp: Option<u8>,
    /// What it covers.
    pub covers: Covers,
    /// What came after.
    pub changes_after: ChangesAfter,
    /// What is wrong with its structure.
    pub findings: Vec<Finding>,
}

/// A signature field with what it inherits.
struct Field {
    name: String,
    value: Object,
}

/// All signatures, in the order in which they were made (by the end of what they cover).
///
/// # Errors
/// When the form or a signature's dictionary cannot be read.
pub fn signatures(pdf: &Pdf<'_>) -> Result<Vec<EmbeddedSignature>, Refusal> {
    let mut found = Vec::new();
    for field in signature_fields(pdf)? {
        let id = match field.value {
            Object::Reference(id) => Some(id),
            _ => None,
        };
        if let Object::Dictionary(dictionary) = pdf.resolve(&field.value)? {
            found.push(examine(pdf, field.name, id, &dictionary)?);
        }
    }
    found.sort_by_key(|signature| {
        signature
            .byte_range
            .last()
            .copied()
            .map(|(at, len)| at + len)
    });
    Ok(found)
}

/// The signed signature fields of the form, wherever they stand in its tree.
fn signature_fields(pdf: &Pdf<'_>) -> Result<Vec<Field>, Refusal> {
    let Object::Dictionary(form) = pdf.get(&pdf.catalog()?, b"AcroForm")? else {
        return Ok(Vec::new());
    };
    let Object::Array(roots) = pdf.get(&form, b"Fields")? else {
        return Ok(Vec::new());
    };
    let mut fields = Vec::new();
    let mut seen = HashSet::new();
    let mut pending: Vec<(Object, String, bool)> = roots
        .into_iter()
        .rev()
        .map(|root| (root, String::new(), false))
        .collect();
    let mut visited = 0;
    while let Some((node, above, above_is_signature)) = pending.pop() {
        visited += 1;
        if visited > pdf.limits().fields {
            return Err(Refusal::PdfTooComplex(
                "there are too many form fields".into(),
            ));
        }
        if let Object::Reference(id) = &node
            && !seen.insert(*id)
        {
            continue;
        }
        let Object::Dictionary(field) = pdf.resolve(&node)? else {
            continue;
        };
        let name = full_name(pdf, &above, &field)?;
        let is_signature = match pdf.get(&field, b"FT")? {
            Object::Name(kind) => kind == b"Sig",
            _ => above_is_signature,
        };
        if is_signature && let Ok(value) = field.get(b"V") {
            fields.push(Field {
                name: name.clone(),
                value: value.clone(),
            });
        }
        if let Object::Array(kids) = pdf.get(&field, b"Kids")? {
            pending.extend(
                kids.into_iter()
                    .rev()
                    .map(|kid| (kid, name.clone(), is_signature)),
            );
        }
    }
    Ok(fields)
}

fn full_name(pdf: &Pdf<'_>, above: &str, field: &Dictionary) -> Result<String, Refusal> {
    let Object::String(bytes, _) = pdf.get(field, b"T")? else {
        return Ok(above.to_owned());
    };
    let own = text(&bytes);
    Ok(if above.is_empty() {
        own
    } else {
        format!("{above}.{own}")
    })
}

/// A text string (7.9.2.2): UTF-16BE or UTF-8 by its mark, else Latin letters.
pub(super) fn text(bytes: &[u8]) -> String {
    match bytes {
        [0xfe, 0xff, rest @ ..] => {
            let units: Vec<u16> = rest
                .chunks_exact(2)
                .map(|pair| {
                    pair.iter()
                        .fold(0, |unit, &byte| unit << 8 | u16::from(byte))
                })
                .collect();
            String::from_utf16_lossy(&units)
        }
        [0xef, 0xbb, 0xbf, rest @ ..] => String::from_utf8_lossy(rest).into_owned(),
        _ => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

fn examine(
    pdf: &Pdf<'_>,
    field: String,
    id: Option<ObjectId>,
    dictionary: &Dictionary,
) -> Result<EmbeddedSignature, Refusal> {
    let name = |key: &[u8]| match pdf.get(dictionary, key) {
        Ok(Object::Name(name)) => String::from_utf8_lossy(&name).into_owned(),
        _ => String::new(),
    };
    let bytes = |key: &[u8]| match pdf.get(dictionary, key) {
        Ok(Object::String(bytes, _)) => Some(bytes),
        _ => None,
    };
    let sub_filter = name(b"SubFilter");
    let is_timestamp = name(b"Type") == "DocTimeStamp" || sub_filter == "ETSI.RFC3161";
    let mut signature = EmbeddedSignature {
        field,
        kind: if is_timestamp {
            SignatureKind::Timestamp
        } else {
            SignatureKind::Signature
        },
        sub_filter,
        byte_range: byte_range(pdf, dictionary)?,
        contents: bytes(b"Contents").unwrap_or_default(),
        signing_time: bytes(b"M").map(|bytes| text(&bytes)),
        doc_mdp: doc_mdp(pdf, dictionary)?,
        covers: Covers::Part,
        changes_after: ChangesAfter::Suspicious,
        findings: Vec::new(),
    };
    coverage(pdf, id, &mut signature)?;
    Ok(signature)
}

fn byte_range(pdf: &Pdf<'_>, dictionary: &Dictionary) -> Result<Vec<(u64, u64)>, Refusal> {
    let Object::Array(items) = pdf.get(dictionary, b"ByteRange")? else {
        return Ok(Vec::new());
    };
    let numbers: Option<Vec<u64>> = items
        .iter()
        .map(|item| match item {
            Object::Integer(number) => u64::try_from(*number).ok(),
            _ => None,
        })
        .collect();
    Ok(numbers
        .filter(|numbers| numbers.len() % 2 == 0)
        .unwrap_or_default()
        .chunks_exact(2)
        .filter_map(|pair| Some((*pair.first()?, *pair.get(1)?)))
        .collect())
}

/// The permission of a certification (12.8.2.2): 1 nothing, 2 forms and signatures, 3 comments
/// too; 2 where none is given.
fn doc_mdp(pdf: &Pdf<'_>, dictionary: &Dictionary) -> Result<Option<u8>, Refusal> {
    let Object::Array(references) = pdf.get(dictionary, b"Reference")? else {
        return Ok(None);
    };
    for reference in references.iter().take(32) {
        let Object::Dictionary(reference) = pdf.resolve(reference)? else {
            continue;
        };
        if !matches!(pdf.get(&reference, b"TransformMethod")?, Object::Name(n) if n == b"DocMDP") {
            continue;
        }
        let Object::Dictionary(parameters) = pdf.get(&reference, b"TransformParams")? else {
            return Ok(Some(2));
        };
        return Ok(Some(match pdf.get(&parameters, b"P")? {
            Object::Integer(1) => 1,
            Object::Integer(3) => 3,
            _ => 2,
        }));
    }
    Ok(None)
}

/// Decides what the signature covers and what came after; a finding names each fault.
fn coverage(
    pdf: &Pdf<'_>,
    id: Option<ObjectId>,
    signature: &mut EmbeddedSignature,
) -> Result<(), Refusal> {
    let length = pdf.source().len();
    let (hole, end) = match signature.byte_range.as_slice() {
        &[(0, first), (second, rest)] if first < second && second.checked_add(rest).is_some() => {
            (first..second, second + rest)
        }
        _ => {
            signature.findings.push(Finding::new(
                "byte_range_malformed",
                "not two ranges from 0",
            ));
            return Ok(());
        }
    };
    if end > length {
        signature
            .findings
            .push(Finding::new("byte_range_malformed", "longer than the file"));
        return Ok(());
    }
    if !hole_is_contents(pdf.source(), &hole, &signature.contents)? {
        let fault = Finding::new("hole_not_one_string", "the hole is not /Contents alone");
        signature.findings.push(fault);
        return Ok(());
    }
    if let Some(id) = id
        && !lies_in(pdf, id, &hole)?
    {
        let fault = Finding::new(
            "hole_elsewhere",
            "the hole is not in the signature's object",
        );
        signature.findings.push(fault);
        return Ok(());
    }
    if end == length {
        signature.covers = Covers::WholeFile;
        signature.changes_after = ChangesAfter::None;
        return Ok(());
    }
    let signed = Prefix::new(pdf.source(), end);
    let (true, Ok(before)) = (
        ends_like_a_revision(&signed)?,
        Pdf::open(&signed, pdf.limits()),
    ) else {
        let fault = Finding::new("not_a_revision", "the covered bytes are no whole revision");
        signature.findings.push(fault);
        return Ok(());
    };
    signature.covers = Covers::Revision;
    let comparison = changes::compare(&before, pdf, signature.doc_mdp)?;
    signature.changes_after = comparison.verdict;
    signature.findings.extend(comparison.findings);
    Ok(())
}

/// Whether the hole is `<…>`, once, and decodes to exactly what the parser sees as `/Contents`
/// (against signatures wrapped in a larger hole: ISO 32000-2, 12.8.1).
fn hole_is_contents(
    source: &dyn Source,
    hole: &std::ops::Range<u64>,
    contents: &[u8],
) -> Result<bool, Refusal> {
    const HOLE_BYTES_MAX: u64 = 4 << 20;
    let length = hole.end - hole.start;
    if length > HOLE_BYTES_MAX {
        return Ok(false);
    }
    let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
    source.read_at(hole.start, &mut bytes)?;
    Ok(match bytes.as_slice() {
        [b'<', inside @ .., b'>'] => hexadecimal(inside).is_some_and(|bytes| bytes == contents),
        _ => false,
    })
}

/// Whether a hole lies within the bytes of an object.
fn lies_in(pdf: &Pdf<'_>, id: ObjectId, hole: &std::ops::Range<u64>) -> Result<bool, Refusal> {
    use super::reader::XrefEntry;
    match pdf.entry(id.0) {
        Some(XrefEntry::At { offset, .. }) => {
            Ok(offset < hole.start && hole.end < pdf.object_at(offset)?.end)
        }
        _ => Ok(false),
    }
}

/// Whether the covered bytes end with `%%EOF` and at most one end of line.
fn ends_like_a_revision(source: &dyn Source) -> Result<bool, Refusal> {
    let take = usize::try_from(source.len().min(7)).unwrap_or_default();
    let mut tail = vec![0; take];
    source.read_at(source.len() - take as u64, &mut tail)?;
    let line = tail
        .strip_suffix(b"\r\n")
        .or_else(|| tail.strip_suffix(b"\n"))
        .or_else(|| tail.strip_suffix(b"\r"))
        .unwrap_or(&tail);
    Ok(line.ends_with(b"%%EOF"))
}
