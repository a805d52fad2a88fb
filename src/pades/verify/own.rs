//! The last look at a file that was just sealed, before anyone else may see it: what a reader of
//! PDF makes of it. It has no key and no certificate; whether the message in the hole is good is
//! asked where the message was made (`own_message`).

use time::OffsetDateTime;

use super::problem::Problem;
use super::signature::CADES;
use crate::pades::error::Refusal;
use crate::pades::limits::Limits;
use crate::pades::moment::pdf_date;
use crate::pades::reader::Pdf;
use crate::pades::signatures::{
    ChangesAfter, Covers, EmbeddedSignature, SignatureKind, signatures,
};
use crate::pades::source::{Prefix, Source};

/// What sealing knows of the signature that it just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSignature {
    /// How long the file was that it was added to.
    pub received_len: u64,
    /// The `/ByteRange` that was prepared.
    pub byte_range: [u64; 4],
    /// The time in `/M`.
    pub signed_at: OffsetDateTime,
    /// What `/Contents` holds: zeros where the message is not in it yet.
    pub contents: Vec<u8>,
}

/// Confirms that a sealed file ends with exactly this signature: the newest one, over the whole
/// file but its hole, at that time, with that message; and that no earlier signature is worse off
/// for it. The answer holds the codes of what is wrong; there are none when it is as it was sealed.
///
/// # Errors
/// The file cannot be read as a PDF.
pub fn verify_own(
    source: &dyn Source,
    limits: &Limits,
    own: &OwnSignature,
) -> Result<Vec<String>, Refusal> {
    let pdf = Pdf::open(source, limits)?;
    let found = signatures(&pdf)?;
    let newest = found
        .iter()
        .rev()
        .find(|each| each.covers == Covers::WholeFile);
    let Some(newest) = newest else {
        return Ok(vec![Problem::NotAsSealed.code().to_owned()]);
    };
    let findings = newest.findings.iter().map(|finding| finding.code.clone());
    let mut wrong: Vec<String> = findings.collect();
    if !is_as_sealed(newest, own) {
        wrong.push(Problem::NotAsSealed.code().to_owned());
    }
    if found.len() > 1 && harms_earlier(source, limits, own, &found)? {
        wrong.push(Problem::EarlierSignatureHarmed.code().to_owned());
    }
    Ok(wrong)
}

/// Whether a signature that nothing suspicious followed is gone or has such a thing behind it now.
/// In a file that readers see differently from each other, whatever follows is suspicious: that is
/// not this seal's doing, and was told before anybody decided (`Inspection::puts_signatures_at_risk`).
fn harms_earlier(
    source: &dyn Source,
    limits: &Limits,
    own: &OwnSignature,
    now: &[EmbeddedSignature],
) -> Result<bool, Refusal> {
    let received = Prefix::new(source, own.received_len);
    let received = Pdf::open(&received, limits)?;
    if received.oddity().is_some() {
        return Ok(false);
    }
    let before = signatures(&received)?;
    let is_good = |each: &EmbeddedSignature| {
        each.covers != Covers::Part && each.changes_after != ChangesAfter::Suspicious
    };
    let is_harmed = |earlier: &EmbeddedSignature| {
        let same = now
            .iter()
            .find(|each| each.byte_range == earlier.byte_range);
        !same.is_some_and(is_good)
    };
    Ok(before.iter().filter(|each| is_good(each)).any(is_harmed))
}

fn is_as_sealed(signature: &EmbeddedSignature, own: &OwnSignature) -> bool {
    let [start, before, behind, after] = own.byte_range;
    signature.kind == SignatureKind::Signature
        && signature.sub_filter == CADES
        && signature.byte_range == [(start, before), (behind, after)]
        && signature.contents == own.contents
        && signature.signing_time.as_deref().and_then(pdf_date)
            == own.signed_at.replace_nanosecond(0).ok()
}
