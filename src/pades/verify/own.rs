//! The last look at a file that was just sealed, before anyone else may see it: what a reader of
//! PDF makes of it. It has no key and no certificate; whether the message in the hole is good is
//! asked where the message was made (`own_message`).

use serde::{Deserialize, Serialize};
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
    /// Whether it had signatures then.
    pub follows_others: bool,
    /// Whether it is damaged and was rebuilt: then its signatures were good to nobody.
    pub is_rebuilt: bool,
    /// The `/ByteRange` that was prepared.
    pub byte_range: [u64; 4],
    /// The time in `/M`.
    pub signed_at: OffsetDateTime,
    /// What `/Contents` holds: zeros where the message is not in it yet.
    pub contents: Vec<u8>,
}

/// What the last look finds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastLook {
    /// The codes of what is wrong; there are none when the file is as it was sealed.
    pub wrong: Vec<String>,
    /// Whether an earlier signature that nothing suspicious followed will be doubted now, since
    /// readers see the file differently from each other, or part of it cannot be read: then whatever
    /// follows is suspicious. That is not this seal's doing (`Inspection::puts_signatures_at_risk` tells it before).
    pub puts_earlier_at_risk: bool,
    /// Whether the file has other signatures. What they are worth was not looked at.
    #[serde(default)]
    pub follows_others: bool,
    /// Whether what was sealed is a damaged file that was rebuilt.
    #[serde(default)]
    pub is_rebuilt: bool,
}

/// Confirms that a sealed file ends with exactly this signature: the newest one, over the whole
/// file but its hole, at that time, with that message; and that no earlier signature is worse off
/// for it.
///
/// # Errors
/// The file cannot be read as a PDF.
pub fn verify_own(
    source: &dyn Source,
    limits: &Limits,
    own: &OwnSignature,
) -> Result<LastLook, Refusal> {
    let pdf = Pdf::open(source, limits)?;
    let found = signatures(&pdf)?;
    let newest = found
        .iter()
        .rev()
        .find(|each| each.covers == Covers::WholeFile);
    let Some(newest) = newest else {
        return Ok(LastLook {
            wrong: vec![Problem::NotAsSealed.code().to_owned()],
            ..LastLook::default()
        });
    };
    let findings = newest.findings.iter().map(|finding| finding.code.clone());
    let mut wrong: Vec<String> = findings.collect();
    if !is_as_sealed(newest, own) {
        wrong.push(Problem::NotAsSealed.code().to_owned());
    }
    let follows_others = own.follows_others || found.len() > 1;
    let earlier = if follows_others && !own.is_rebuilt {
        earlier(source, limits, own, &found)?
    } else {
        Earlier::default()
    };
    if earlier.is_harmed {
        wrong.push(Problem::EarlierSignatureHarmed.code().to_owned());
    }
    Ok(LastLook {
        wrong,
        puts_earlier_at_risk: earlier.is_at_risk,
        follows_others,
        is_rebuilt: own.is_rebuilt,
    })
}

/// What became of the signatures that the file had.
#[derive(Default)]
struct Earlier {
    /// One that nothing suspicious followed is gone, or has such a thing behind it now.
    is_harmed: bool,
    is_at_risk: bool,
}

fn earlier(
    source: &dyn Source,
    limits: &Limits,
    own: &OwnSignature,
    now: &[EmbeddedSignature],
) -> Result<Earlier, Refusal> {
    let received = Prefix::new(source, own.received_len);
    let received = Pdf::open(&received, limits)?;
    received.look_at_all()?;
    let is_odd = received.oddity().is_some() || received.has_unread();
    let is_there = |each: &EmbeddedSignature| each.covers != Covers::Part;
    let is_doubted = |each: &EmbeddedSignature| each.changes_after == ChangesAfter::Suspicious;
    let before = signatures(&received)?;
    let mut good = before
        .iter()
        .filter(|each| is_there(each) && !is_doubted(each))
        .peekable();
    Ok(Earlier {
        is_at_risk: is_odd && good.peek().is_some(),
        is_harmed: good.any(|earlier| {
            let mut same = now
                .iter()
                .filter(|each| each.byte_range == earlier.byte_range);
            !same.any(|each| is_there(each) && (is_odd || !is_doubted(each)))
        }),
    })
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
