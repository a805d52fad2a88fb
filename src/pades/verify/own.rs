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
use crate::pades::signatures::{Covers, EmbeddedSignature, SignatureKind, signatures};
use crate::pades::source::Source;

/// What sealing knows of the signature that it just made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSignature {
    /// The `/ByteRange` that was prepared.
    pub byte_range: [u64; 4],
    /// The time in `/M`.
    pub signed_at: OffsetDateTime,
    /// What `/Contents` holds: zeros where the message is not in it yet.
    pub contents: Vec<u8>,
}

/// Confirms that a sealed file ends with exactly this signature: the newest one, over the whole
/// file but its hole, at that time, with that message. The answer holds the codes of what is wrong;
/// there are none when it is as it was sealed.
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
    Ok(wrong)
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
