//! What the intake wants to know of a file: can it be sealed, and what is in it.

use lopdf::Object;
use serde::{Deserialize, Serialize};

use super::active_content::active_content;
use super::changed::changed_on;
use super::error::Refusal;
use super::finding::{Finding, Seen};
use super::limits::Limits;
use super::reader::{AllPages, Pdf, Reading, XrefForm};
use super::restrictions::Restrictions;
use super::signatures::{EmbeddedSignature, SignatureKind, signatures};
use super::source::Source;

/// What was found in a file that can be sealed.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Inspection {
    /// Its pages.
    pub pages: usize,
    /// The version in its header.
    pub version: (u8, u8),
    /// Its bytes.
    pub size_bytes: u64,
    /// How its newest cross-reference section is written.
    pub xref_form: XrefForm,
    /// How many cross-reference sections it has.
    pub revisions: usize,
    /// The names of its signed fields, time-stamps left out.
    pub signatures: Vec<String>,
    /// The strictest permission of a certification in it.
    pub doc_mdp: Option<u8>,
    /// Active and hidden content, and what puts earlier signatures at risk.
    pub findings: Vec<Finding>,
}

impl Inspection {
    /// Whether a seal would make readers doubt the signatures that the file has.
    #[must_use]
    pub fn puts_signatures_at_risk(&self) -> bool {
        let risk = Seen::ReadersDiffer.code();
        self.findings.iter().any(|finding| finding.code == risk)
    }

    /// Whether the file is damaged and was rebuilt.
    #[must_use]
    pub fn is_rebuilt(&self) -> bool {
        self.findings.iter().any(Finding::is_rebuilt)
    }

    /// How the file was read: what is done with it next must read it so, too.
    #[must_use]
    pub fn reading(&self) -> Reading {
        if self.is_rebuilt() {
            Reading::Rebuilt
        } else {
            Reading::AsItStands
        }
    }
}

/// Looks a file through; one that is damaged is rebuilt, and that is a finding.
///
/// # Errors
/// The [`Refusal`] that says why it would not be sealed.
pub fn inspect(source: &dyn Source, limits: &Limits) -> Result<Inspection, Refusal> {
    Reading::Either.of(source, limits, look_through)
}

fn look_through(pdf: &Pdf<'_>) -> Result<Inspection, Refusal> {
    // What a seal would meet is told here, whichever page it goes to.
    let seen = pdf.look_at_pages()?;
    pdf.admit_changes(&changed_on(pdf, seen.pages.iter().copied())?)?;
    look_at_content(pdf, seen)
}

/// What is in a file with these pages that was admitted.
///
/// # Errors
/// As [`inspect`].
pub(super) fn look_at_content(pdf: &Pdf<'_>, seen: AllPages) -> Result<Inspection, Refusal> {
    if seen.pages.is_empty() {
        return Err(Refusal::PdfNoPages);
    }
    let signatures = signatures(pdf)?;
    let mut certification = Restrictions::default();
    certification.add_certification(pdf, pdf.catalog()?.as_ref())?;
    let levels = [permission(&signatures), certification.level()];
    let doc_mdp = levels.into_iter().flatten().min();
    refuse_if_locked(doc_mdp)?;
    let mut findings = active_content(pdf)?;
    // The structure tree may be hidden: nobody draws with it.
    let catalog = pdf.catalog()?;
    let drawn = [b"Pages".as_slice(), b"OCProperties"].map(|key| catalog.get(key).cloned());
    let drawn = drawn.into_iter().flatten().collect();
    let hidden = pdf.hidden_from(&Object::Array(drawn))?;
    let hidden = hidden.map(|number| format!("object {number} is hidden from some readers"));
    findings.extend(doubts(pdf, seen.uneven, hidden, !signatures.is_empty()));
    Ok(Inspection {
        pages: seen.pages.len(),
        version: pdf.version(),
        size_bytes: pdf.received().len(),
        xref_form: pdf.xref_form(),
        revisions: pdf.sections(),
        signatures: signatures
            .iter()
            .filter(|signature| signature.kind == SignatureKind::Signature)
            .map(|signature| signature.field.clone())
            .collect(),
        doc_mdp,
        findings,
    })
}

/// What makes readers see the file differently, or look for what is lost in it.
fn doubts(
    pdf: &Pdf<'_>,
    uneven: Option<String>,
    hidden: Option<String>,
    is_signed: bool,
) -> Vec<Finding> {
    if pdf.is_rebuilt() {
        return Vec::from_iter(pdf.oddity().map(|why| Finding::new(Seen::Rebuilt, why)));
    }
    let oddity = pdf.oddity().map(str::to_owned);
    let object = pdf.unclear().map(|number| format!("object {number}"));
    let object = object.or(hidden);
    let (at_risk, ambiguous) = if is_signed {
        let unread = pdf
            .has_unread()
            .then(|| "an object cannot be read".to_owned());
        (oddity.or(unread), object)
    } else {
        (None, oddity.or(object))
    };
    [
        (Seen::PageTreeUneven, uneven),
        (Seen::AmbiguousStructure, ambiguous),
        (Seen::ReadersDiffer, at_risk),
    ]
    .into_iter()
    .filter_map(|(seen, why)| Some(Finding::new(seen, why?)))
    .collect()
}

/// The strictest DocMDP permission among the signatures.
pub(super) fn permission(signatures: &[EmbeddedSignature]) -> Option<u8> {
    signatures
        .iter()
        .filter_map(|signature| signature.doc_mdp)
        .min()
}

/// A certification with P=1 allows no further signature (ISO 32000-2, 12.8.2.2).
pub(super) fn refuse_if_locked(doc_mdp: Option<u8>) -> Result<(), Refusal> {
    match doc_mdp {
        Some(1) => Err(Refusal::PdfLocked(
            "it is certified and allows no changes".into(),
        )),
        _ => Ok(()),
    }
}
