//! What the clerk is shown, and the digest over it that an approval binds.

use serde::{Deserialize, Serialize};

use super::mark::BoundMark;
use crate::database::FileRow;
use crate::model::{AgencyId, AppearanceName, CodeIndex, ReleasePolicy, Sha256Digest};
use crate::pades::{
    Chain, ChangesAfter, Inspection, Report, Revocation, SignatureKind, SignatureVerdict,
};

/// What the intake found in a file: kept with it as JSON.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Intake {
    /// Pages, findings, permissions.
    pub inspection: Inspection,
    /// The signatures that it brought along, with their verdict.
    pub earlier: Report,
}

/// What must be confirmed before a result is sealed (Decree 30/2020/NĐ-CP art. 32.2: the clerk
/// seals only what the authorised person signed before).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// The main file bears no person's signature.
    NoEarlierSignature,
    /// An earlier signature is not intact, or something suspicious followed it.
    EarlierSignatureBroken,
    /// The file is such that whatever follows an earlier signature makes it suspicious.
    EarlierSignatureAtRisk,
    /// The chain of an earlier signature leads to no anchor.
    EarlierSignatureUntrusted,
    /// Nobody looked whether the certificate of an earlier signature was revoked.
    RevocationNotChecked,
}

impl Warning {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoEarlierSignature => "no_earlier_signature",
            Self::EarlierSignatureBroken => "earlier_signature_broken",
            Self::EarlierSignatureAtRisk => "earlier_signature_at_risk",
            Self::EarlierSignatureUntrusted => "earlier_signature_untrusted",
            Self::RevocationNotChecked => "revocation_not_checked",
        }
    }
}

/// The warnings of a result by what its files brought along, the main one first.
pub(super) fn warnings(files: &[(&Inspection, &Report)]) -> Vec<Warning> {
    let mut found = Vec::new();
    if files.first().is_none_or(|(_, main)| {
        !main
            .signatures
            .iter()
            .any(|each| each.kind == SignatureKind::Signature)
    }) {
        found.push(Warning::NoEarlierSignature);
    }
    if files
        .iter()
        .any(|(inspection, _)| inspection.puts_signatures_at_risk())
    {
        found.push(Warning::EarlierSignatureAtRisk);
    }
    for verdict in files.iter().flat_map(|(_, file)| &file.signatures) {
        if !is_whole(verdict) {
            found.push(Warning::EarlierSignatureBroken);
            continue;
        }
        if verdict.chain != Chain::Trusted {
            found.push(Warning::EarlierSignatureUntrusted);
        }
        if verdict.revocation != Revocation::Good {
            found.push(Warning::RevocationNotChecked);
        }
    }
    found.sort_unstable();
    found.dedup();
    found
}

/// Whether a machine may take the main file for signed by a person: there is a signature, and where
/// anybody is trusted at all, one leads there.
pub(super) fn is_signed(main: &Report, anchored: bool) -> bool {
    main.signatures.iter().any(|each| {
        each.kind == SignatureKind::Signature && (!anchored || each.chain == Chain::Trusted)
    })
}

/// Whether a file bears a signature that is not intact, or that something suspicious followed.
pub(super) fn is_broken(file: &Report) -> bool {
    file.signatures.iter().any(|each| !is_whole(each))
}

fn is_whole(verdict: &SignatureVerdict) -> bool {
    verdict.intact && verdict.changes_after != ChangesAfter::Suspicious
}

/// What is shown, in the order in which it is hashed. The dossier code stands for itself by its
/// keyed index: a digest over the code would let anybody who holds the rest find it by trying.
#[derive(Serialize)]
pub(super) struct Facts<'s> {
    pub(super) agency: AgencyId,
    pub(super) code: String,
    pub(super) title: &'s str,
    pub(super) document_number: Option<&'s str>,
    pub(super) policy: ReleasePolicy,
    pub(super) appearance: &'s AppearanceName,
    /// What is drawn; absent where nothing is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) mark: Option<BoundMark<'s>>,
    /// SHA-256 of the certificate that would seal it.
    pub(super) identity: Option<Sha256Digest>,
    pub(super) received: Vec<Sha256Digest>,
    pub(super) warnings: &'s [Warning],
}

impl Facts<'_> {
    /// SHA-256 over the canonical JSON: these fields in this order, without blanks.
    pub(super) fn manifest(&self) -> Sha256Digest {
        Sha256Digest::of(&serde_json::to_vec(self).unwrap_or_default())
    }
}

/// The index of a code as it stands in a manifest.
pub(super) fn code_of(index: CodeIndex) -> String {
    format!("{}:{}", index.key_version, hex::encode(index.bytes))
}

/// Reads what the intake kept; a file whose record cannot be read has no good signature.
pub(super) fn intake(file: &FileRow) -> Option<Intake> {
    serde_json::from_value(file.inspection.clone()).ok()
}
