//! From what the service knows of a result to what the desk shows of it.

use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::views::{FileFacts, IdentityFacts, Row, SealedFacts, SignatureLine};
use crate::pades::{
    Chain, ChangesAfter, Covers, Level, Revocation, SignatureKind, SignatureVerdict,
};
use crate::publication::{FileView, IdentityView, ResultView};

/// A result as a line of a list.
pub(crate) fn row(result: &ResultView) -> Row {
    Row {
        id: result.id.to_string(),
        title: result.title.clone(),
        document_number: result.document_number.clone(),
        code: result.dossier_code.clone().unwrap_or_default(),
        at: result.created_at,
        state: result.state,
        warnings: result.warnings.len(),
        reason: result.reason_code.clone().unwrap_or_default(),
        handed_over_at: result.handed_over_at,
    }
}

/// The certificate that seals.
pub(crate) fn identity(identity: &IdentityView) -> IdentityFacts {
    IdentityFacts {
        subject: identity.subject.clone(),
        issuer: identity.issuer.clone(),
        valid_until: identity.not_after,
    }
}

/// A file with what was found in it.
pub(crate) fn file(file: &FileView) -> FileFacts {
    FileFacts {
        n: file.n,
        name: file.name.clone(),
        pages: file.pages,
        size: file.received_size,
        received_sha256: file.received_sha256.to_string(),
        findings: file
            .findings
            .iter()
            .map(|finding| finding.code.clone())
            .collect(),
        signatures: file.earlier_signatures.iter().map(signature).collect(),
        sealed: file
            .size
            .zip(file.sha256)
            .map(|(size, sha256)| SealedFacts {
                size,
                sha256: sha256.to_string(),
                signer: file.signer.clone(),
                signed_at: file.signed_at,
                level: file.level.as_deref().and_then(Level::of).map(Level::short),
            }),
    }
}

/// A signature that the file brought along, its verdict in one word and in its parts.
fn signature(verdict: &SignatureVerdict) -> SignatureLine {
    SignatureLine {
        is_stamp: verdict.kind == SignatureKind::Timestamp,
        signer: verdict.signer.clone(),
        at: verdict
            .time
            .as_deref()
            .and_then(|time| OffsetDateTime::parse(time, &Rfc3339).ok()),
        verdict: in_a_word(verdict),
        intact: verdict.intact,
        covers: verdict.covers.as_str(),
        changes_after: verdict.changes_after.as_str(),
        chain: verdict.chain.as_str(),
        revocation: verdict.revocation.as_str(),
        level: verdict.level.short(),
        findings: verdict.findings.clone(),
    }
}

/// The worst that is to be said of a signature: a word of the family `verdict`.
fn in_a_word(verdict: &SignatureVerdict) -> &'static str {
    let whole = verdict.intact
        && verdict.covers != Covers::Part
        && verdict.changes_after != ChangesAfter::Suspicious;
    match (verdict.chain, verdict.revocation) {
        _ if !whole => "broken",
        _ if verdict.is_revoked() => "revoked",
        _ if !verdict.is_sound() => "unfit",
        (Chain::Untrusted | Chain::Broken, _) => "untrusted",
        // A revocation that came after the proven time leaves it as good as it was.
        (Chain::Trusted, Revocation::Good | Revocation::Revoked) => "good",
        (Chain::Trusted, Revocation::Unknown | Revocation::NotChecked) => "unchecked",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The word for an intact signature of which that is known.
    fn word(findings: &[&str], chain: &str, revocation: &str) -> &'static str {
        let verdict = serde_json::json!({
            "field": "Trao-1", "type": "signature", "signer": null, "time": null,
            "intact": true, "covers": "whole_file", "changes_after": "none",
            "findings": findings, "chain": chain, "revocation": revocation,
            "level": "B-T", "indication": "INDETERMINATE", "sub_indication": null,
        });
        in_a_word(&serde_json::from_value(verdict).unwrap())
    }

    #[test]
    fn the_worst_of_an_intact_signature_is_told() {
        assert_eq!(word(&[], "trusted", "good"), "good");
        assert_eq!(word(&[], "trusted", "not_checked"), "unchecked");
        assert_eq!(
            word(&["no_trusted_root"], "untrusted", "unknown"),
            "untrusted"
        );
        assert_eq!(word(&["weak_digest"], "trusted", "good"), "unfit");
        let weak = ["weak_digest", "no_trusted_root"];
        assert_eq!(word(&weak, "untrusted", "unknown"), "unfit");
        let revoked = ["certificate_revoked_no_proof"];
        assert_eq!(word(&revoked, "trusted", "revoked"), "revoked");
        assert_eq!(word(&[], "trusted", "revoked"), "good", "it is older");
    }
}
