//! The last look at a file that was just sealed, before anyone else may see it.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use super::anchors::TrustAnchors;
use super::problem::Problem;
use super::report::Report;
use super::signature::{Expected, Judge};
use crate::pades::error::Refusal;
use crate::pades::limits::Limits;
use crate::pades::moment::pdf_date;
use crate::pades::reader::Pdf;
use crate::pades::scheme::DigestAlgorithm;
use crate::pades::signatures::{Covers, EmbeddedSignature, SignatureKind, signatures};
use crate::pades::source::Source;
use crate::pades::validation_store::ValidationStore;

/// What sealing knows of the signature that it just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnSignature {
    /// The `/ByteRange` that was prepared.
    pub byte_range: [u64; 4],
    /// The time in `/M`.
    pub signed_at: OffsetDateTime,
    /// The SHA-256 of the identity's certificate.
    pub certificate_sha256: [u8; 32],
    /// The topmost certificate of the identity's chain in DER, and that of the authority whose
    /// time-stamp is in the signature: they alone are trusted here.
    pub anchors: Vec<Vec<u8>>,
    /// What the covered bytes were digested with.
    pub digest_algorithm: DigestAlgorithm,
    /// Their digest, computed while they were written: they are not read a second time.
    pub content_digest: Vec<u8>,
}

/// Confirms that a sealed file ends with exactly this signature: the newest one, over the whole
/// file, over that digest, by that certificate, at that time, leading to the identity's own root.
/// The report holds this signature alone; anything else makes it `not_as_sealed`.
///
/// # Errors
/// The file cannot be read as a PDF.
pub fn verify_own(
    source: &dyn Source,
    limits: &Limits,
    own: &OwnSignature,
) -> Result<Report, Refusal> {
    let pdf = Pdf::open(source, limits)?;
    let found = signatures(&pdf)?;
    let anchors = TrustAnchors::from_der(own.anchors.clone());
    let store = ValidationStore::default();
    let expected = Expected {
        digest: (own.digest_algorithm.openssl().type_(), &own.content_digest),
        certificate_sha256: own.certificate_sha256,
    };
    let judge = Judge {
        source,
        anchors: &anchors,
        now: own.signed_at,
        expected: Some(expected),
        store: &store,
        known: Vec::new(),
        stamps: Vec::new(),
    };
    let Some(newest) = found
        .iter()
        .rev()
        .find(|each| each.covers == Covers::WholeFile)
    else {
        return Ok(Report {
            valid: false,
            signatures: Vec::new(),
        });
    };
    let mut verdict = judge.judge(newest)?.verdict(newest);
    if !is_as_sealed(newest, own) {
        verdict.intact = false;
        verdict
            .findings
            .push(Problem::NotAsSealed.code().to_owned());
    }
    Ok(Report {
        valid: verdict.is_good() && verdict.findings.is_empty(),
        signatures: vec![verdict],
    })
}

fn is_as_sealed(signature: &EmbeddedSignature, own: &OwnSignature) -> bool {
    let [start, before, behind, after] = own.byte_range;
    signature.kind == SignatureKind::Signature
        && signature.byte_range == [(start, before), (behind, after)]
        && signature.signing_time.as_deref().and_then(pdf_date)
            == own.signed_at.replace_nanosecond(0).ok()
}
