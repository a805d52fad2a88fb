//! What the signatures of a file are worth.
//!
//! For each signature, in this order: does its byte range cover what it pretends to
//! (`byte_range`), is the CMS its signer's word about those bytes (`message`), when was it made
//! (a time-stamp on it, else `/M`), does the signer's certificate lead to an anchor at that time
//! (`chain`). Each step adds its problems (`problem`), and they make the verdict (`report`).
//! Revocation is judged by what the file itself carries (`revocation`): this module has no network.

mod anchors;
mod byte_range;
mod chain;
mod findings;
mod grounds;
mod message;
mod own;
mod own_message;
mod problem;
mod proof;
mod report;
mod revocation;
mod signature;
pub(super) mod time_stamp;

use time::OffsetDateTime;

pub use anchors::{NoCertificate, Trust, TrustAnchors};
pub use grounds::{Grounds, SignatureGrounds, grounds};
pub use own::{LastLook, OwnSignature, verify_own};
pub use own_message::OwnMessage;
pub use report::{Chain, Indication, Level, Report, Revocation, SignatureVerdict, SubIndication};

use super::error::Refusal;
use super::limits::Limits;
use super::reader::{Pdf, Reading, damaged};
use super::signatures::{EmbeddedSignature, SignatureKind, signatures};
use super::source::Source;
use super::validation_store::ValidationStore;
use findings::Findings;
use problem::Problem;
use proof::DocumentStamp;
use signature::Judge;

/// Judges every signature of a file by `anchors`. `now` only tells a signing time in the future,
/// and stands in where a signature says no time. A damaged file is rebuilt, and no signature of it is
/// good then.
///
/// # Errors
/// The file cannot be read as a PDF; a damaged one has no signature left, and may have had one. A
/// signature that is not good is no error: the report says so.
pub fn verify(
    source: &dyn Source,
    limits: &Limits,
    anchors: &TrustAnchors,
    now: OffsetDateTime,
) -> Result<Report, Refusal> {
    Reading::Either.of(source, limits, |pdf| {
        let report = judged(pdf, anchors, now)?;
        if pdf.is_rebuilt() && report.signatures.is_empty() {
            return Err(damaged("it has no signature any more, if it had one"));
        }
        Ok(report)
    })
}

/// The same of a file that was looked at before: it is read as it was then, and whoever did so knows
/// whether it is damaged.
///
/// # Errors
/// The file cannot be read as a PDF.
pub fn verify_as(
    source: &dyn Source,
    limits: &Limits,
    anchors: &TrustAnchors,
    now: OffsetDateTime,
    reading: Reading,
) -> Result<Report, Refusal> {
    reading.of(source, limits, |pdf| judged(pdf, anchors, now))
}

fn judged(pdf: &Pdf<'_>, anchors: &TrustAnchors, now: OffsetDateTime) -> Result<Report, Refusal> {
    let store = ValidationStore::of(pdf)?;
    let judged = judge_all(pdf, &store, Trust::alike(anchors), now)?;
    let verdicts = judged.iter().map(|(each, found)| found.verdict(each));
    Ok(Report::of(verdicts.collect()))
}

/// Every code that a finding about a signature can have.
pub(super) fn problem_codes() -> impl Iterator<Item = &'static str> {
    Problem::ALL.iter().map(|problem| problem.code())
}

/// Judges the signatures of a file, the newest first: a time-stamp speaks for what is older.
fn judge_all(
    pdf: &Pdf<'_>,
    store: &ValidationStore,
    trust: Trust<'_>,
    now: OffsetDateTime,
) -> Result<Vec<(EmbeddedSignature, Findings)>, Refusal> {
    let found = signatures(pdf)?;
    if found.is_empty() {
        pdf.check_last_revision()?;
    }
    if found.len() > SIGNATURES_MAX {
        return Err(Refusal::PdfTooComplex(
            "there are too many signatures".into(),
        ));
    }
    let mut judge = Judge {
        source: pdf.received(),
        trust,
        now,
        store,
        known: revocation::certificates(store),
        stamps: Vec::new(),
    };
    let mut judged = Vec::new();
    for each in found.into_iter().rev() {
        let findings = judge.judge(&each)?;
        judge
            .stamps
            .extend(DocumentStamp::of(pdf, &each, &findings)?);
        judged.push((each, findings));
    }
    judged.reverse();
    Ok(judged)
}

impl Report {
    fn of(signatures: Vec<SignatureVerdict>) -> Self {
        let is_signed = signatures
            .iter()
            .any(|each| each.kind == SignatureKind::Signature);
        let valid = is_signed && signatures.iter().all(SignatureVerdict::is_good);
        Self { valid, signatures }
    }
}

/// Each may cost a digest over the whole file.
const SIGNATURES_MAX: usize = 100;
