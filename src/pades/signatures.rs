//! The signatures that a PDF holds: which fields, which bytes, what came after them.

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId};
use serde::{Deserialize, Serialize};

use super::coverage::coverage;
use super::error::Refusal;
use super::finding::Finding;
use super::reader::{Pdf, damaged};
use super::restrictions::Restrictions;

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

impl SignatureKind {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::Timestamp => "timestamp",
        }
    }
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

/// A signed signature field.
pub(super) struct Field {
    name: String,
    pub(super) value: Object,
    /// The indirect object that the value stands in.
    pub(super) holder: Option<ObjectId>,
    /// The field itself, and what shows it on pages, as far as they are indirect objects.
    pub(super) widgets: Vec<ObjectId>,
    /// `/Lock`.
    lock: Object,
}

/// A node of the form's tree that is still to be visited, with what it inherits.
struct Pending {
    node: Object,
    /// The indirect object that the node stands in, if it is none itself.
    above: Option<ObjectId>,
    name: String,
    is_signature: bool,
    /// The value that it inherits, if that is an object of its own.
    value: Option<ObjectId>,
}

/// All signatures, in the order in which they were made (by the end of what they cover).
///
/// # Errors
/// When the form or a signature's dictionary cannot be read.
pub fn signatures(pdf: &Pdf<'_>) -> Result<Vec<EmbeddedSignature>, Refusal> {
    let mut found = Vec::new();
    for field in signature_fields(pdf)? {
        if let Object::Dictionary(dictionary) = pdf.resolve(&field.value)? {
            if found.len() >= pdf.limits().signatures {
                return Err(too_complex("there are too many signatures"));
            }
            found.push(examine(pdf, field, &dictionary)?);
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

/// Some readers take a stream's dictionary for a form or a field.
fn no_stream() -> Refusal {
    damaged("a part of the form is a stream")
}

/// The signed signature fields of the form, wherever they stand in its tree.
pub(super) fn signature_fields(pdf: &Pdf<'_>) -> Result<Vec<Field>, Refusal> {
    let form = match pdf.get(pdf.catalog()?.as_ref(), b"AcroForm")? {
        Object::Dictionary(form) => form,
        Object::Stream(_) => return Err(no_stream()),
        _ => return Ok(Vec::new()),
    };
    let Object::Array(roots) = pdf.get(&form, b"Fields")? else {
        return Ok(Vec::new());
    };
    let mut fields = Vec::new();
    let mut seen = HashSet::new();
    let mut visited = 0;
    let mut pending: Vec<_> = roots.into_iter().rev().map(Pending::root).collect();
    while let Some(mut at) = pending.pop() {
        visited += 1;
        if visited + pending.len() > pdf.limits().fields {
            return Err(too_complex("there are too many form fields"));
        }
        if let Object::Reference(id) = at.node {
            if !seen.insert(id) {
                continue;
            }
            at.above = Some(id);
        }
        let field = match pdf.resolve(&at.node)? {
            Object::Dictionary(field) => field,
            Object::Stream(_) => return Err(no_stream()),
            _ => continue,
        };
        at.inherit(pdf, &field)?;
        let kids = pdf.get(&field, b"Kids")?;
        if at.is_signature
            && let Ok(value) = field.get(b"V")
            && !at.repeats(&field, value)
        {
            at.value = value.as_reference().ok();
            let mut signed = at.signed(value);
            signed.lock = pdf.get(&field, b"Lock")?;
            signed.widgets.extend(at.node.as_reference());
            signed.widgets.extend(widgets(pdf, &kids)?);
            fields.push(signed);
        }
        if let Object::Array(kids) = kids {
            pending.extend(kids.into_iter().rev().map(|kid| at.kid(kid)));
        }
    }
    Ok(fields)
}

impl Pending {
    fn root(node: Object) -> Self {
        Self {
            node,
            above: None,
            name: String::new(),
            is_signature: false,
            value: None,
        }
    }

    fn kid(&self, node: Object) -> Self {
        Self {
            node,
            above: self.above,
            name: self.name.clone(),
            is_signature: self.is_signature,
            value: self.value,
        }
    }

    /// Takes what the field itself says: `/T` goes to the name, `/FT` counts for its kids too.
    fn inherit(&mut self, pdf: &Pdf<'_>, field: &Dictionary) -> Result<(), Refusal> {
        if let Object::String(own, _) = pdf.get(field, b"T")? {
            if self.name.len() + own.len() > NAME_BYTES_MAX {
                return Err(too_complex("a field's name is too long"));
            }
            if !self.name.is_empty() {
                self.name.push('.');
            }
            self.name += &text(&own);
        }
        if let Object::Name(kind) = pdf.get(field, b"FT")? {
            self.is_signature = kind == b"Sig";
        }
        Ok(())
    }

    /// Whether a widget of a field says what it inherits: that is one signature, not two.
    fn repeats(&self, field: &Dictionary, value: &Object) -> bool {
        !field.has(b"T") && self.value.is_some() && self.value == value.as_reference().ok()
    }

    fn signed(&self, value: &Object) -> Field {
        Field {
            name: self.name.clone(),
            value: value.clone(),
            holder: match value {
                Object::Reference(id) => Some(*id),
                _ => self.above,
            },
            widgets: Vec::new(),
            lock: Object::Null,
        }
    }
}

/// The kids of a field that are no fields themselves (12.7.4.1).
fn widgets(pdf: &Pdf<'_>, kids: &Object) -> Result<Vec<ObjectId>, Refusal> {
    let mut widgets = Vec::new();
    if let Object::Array(kids) = kids {
        for kid in kids.iter().take(WIDGETS_MAX) {
            if let Object::Reference(id) = kid
                && let Object::Dictionary(kid) = pdf.object(*id)?
                && !kid.has(b"T")
            {
                widgets.push(*id);
            }
        }
    }
    Ok(widgets)
}

/// A signature is shown in one place; nobody shows it in more than this.
const WIDGETS_MAX: usize = 16;

/// A field's full name is kept for each of its kids.
pub(super) const NAME_BYTES_MAX: usize = 4096;

fn too_complex(what: &str) -> Refusal {
    Refusal::PdfTooComplex(what.into())
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
    field: Field,
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
    let mut restrictions = Restrictions::default();
    restrictions.add_references(pdf, dictionary)?;
    let doc_mdp = restrictions.level();
    if let Object::Dictionary(lock) = &field.lock {
        restrictions.add_lock(pdf, lock)?;
    }
    let mut signature = EmbeddedSignature {
        field: field.name,
        kind: kind(pdf, dictionary),
        sub_filter: name(b"SubFilter"),
        byte_range: byte_range(pdf, dictionary)?,
        contents: bytes(b"Contents").unwrap_or_default(),
        signing_time: bytes(b"M").map(|bytes| text(&bytes)),
        doc_mdp,
        covers: Covers::Part,
        changes_after: ChangesAfter::Suspicious,
        findings: Vec::new(),
    };
    coverage(pdf, field.holder, restrictions, &mut signature)?;
    Ok(signature)
}

/// What a signature dictionary is for, by either word that says so.
pub(super) fn kind(pdf: &Pdf<'_>, signature: &Dictionary) -> SignatureKind {
    let says = |key: &[u8], word: &[u8]| matches!(pdf.get(signature, key), Ok(Object::Name(said)) if said == word);
    if says(b"Type", b"DocTimeStamp") || says(b"SubFilter", b"ETSI.RFC3161") {
        SignatureKind::Timestamp
    } else {
        SignatureKind::Signature
    }
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
