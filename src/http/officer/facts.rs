//! From what the service knows of a file to what the desk shows of it.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::views::SignatureLine;
use crate::pades::{Chain, ChangesAfter, Covers, Revocation, SignatureVerdict};

/// A signature that the file brought along, its verdict in one word and in its parts.
pub(crate) fn signature(verdict: &SignatureVerdict) -> SignatureLine {
    SignatureLine {
        signer: verdict.signer.clone(),
        at: verdict
            .time
            .as_deref()
            .and_then(|time| OffsetDateTime::parse(time, &Rfc3339).ok()),
        verdict: in_a_word(verdict),
        intact: verdict.intact,
        covers: match verdict.covers {
            Covers::WholeFile => "whole_file",
            Covers::Revision => "revision",
            Covers::Part => "part",
        },
        changes_after: match verdict.changes_after {
            ChangesAfter::None => "none",
            ChangesAfter::Permitted => "permitted",
            ChangesAfter::Suspicious => "suspicious",
        },
        chain: verdict.chain.as_str(),
        revocation: verdict.revocation.as_str(),
        level: verdict.level.as_str(),
        findings: verdict.findings.clone(),
    }
}

/// The worst that is to be said of a signature: a word of the family `verdict`.
fn in_a_word(verdict: &SignatureVerdict) -> &'static str {
    let whole = verdict.intact
        && verdict.covers != Covers::Part
        && verdict.changes_after != ChangesAfter::Suspicious;
    match (whole, verdict.revocation, verdict.chain) {
        (false, _, _) => "broken",
        (true, Revocation::Revoked, _) => "revoked",
        (true, _, Chain::Untrusted) => "untrusted",
        (true, _, Chain::Broken) => "unfit",
        (true, Revocation::Good, Chain::Trusted) => "good",
        (true, Revocation::Unknown | Revocation::NotChecked, Chain::Trusted) => "unchecked",
    }
}
