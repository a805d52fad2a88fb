//! What the clerk is shown, and the digest over it that an approval binds.

use serde::{Deserialize, Serialize};

use super::earlier::{SignatureFlaw, is_followed};
use super::mark::BoundMark;
use crate::database::FileRow;
use crate::model::{AgencyId, AppearanceName, CodeIndex, ReleasePolicy, Sha256Digest};
use crate::pades::{
    Chain, Inspection, Reading, Report, Revocation, SignatureKind, SignatureVerdict,
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
    /// What is not trusted came after a trusted signature, and may cover or add to what was signed.
    EarlierSignatureFollowed,
    /// A certificate of an earlier signature is revoked, and nothing proves that the signature is
    /// older.
    EarlierSignatureRevoked,
    /// An earlier signature is intact, and an algorithm, a certificate or the time is such that it
    /// proves nothing.
    EarlierSignatureUnfit,
    /// The chain of an earlier signature leads to no anchor.
    EarlierSignatureUntrusted,
    /// Nobody told whether the certificate of an earlier signature was revoked.
    RevocationNotChecked,
}

impl Warning {
    /// All there are.
    pub const ALL: [Self; 8] = [
        Self::NoEarlierSignature,
        Self::EarlierSignatureBroken,
        Self::EarlierSignatureAtRisk,
        Self::EarlierSignatureFollowed,
        Self::EarlierSignatureRevoked,
        Self::EarlierSignatureUnfit,
        Self::EarlierSignatureUntrusted,
        Self::RevocationNotChecked,
    ];

    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NoEarlierSignature => "no_earlier_signature",
            Self::EarlierSignatureBroken => "earlier_signature_broken",
            Self::EarlierSignatureAtRisk => "earlier_signature_at_risk",
            Self::EarlierSignatureFollowed => "earlier_signature_followed",
            Self::EarlierSignatureRevoked => "earlier_signature_revoked",
            Self::EarlierSignatureUnfit => "earlier_signature_unfit",
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
    if files.iter().any(|(_, earlier)| is_followed(earlier)) {
        found.push(Warning::EarlierSignatureFollowed);
    }
    let verdicts = files.iter().flat_map(|(_, file)| &file.signatures);
    found.extend(verdicts.flat_map(warnings_of));
    found.sort_unstable();
    found.dedup();
    found
}

/// The warnings of one signature. Of one that is broken nothing else counts.
fn warnings_of(verdict: &SignatureVerdict) -> Vec<Warning> {
    let flaw = SignatureFlaw::of(verdict).map(SignatureFlaw::warning);
    if flaw == Some(Warning::EarlierSignatureBroken) {
        return flaw.into_iter().collect();
    }
    let untrusted = (verdict.chain != Chain::Trusted).then_some(Warning::EarlierSignatureUntrusted);
    let is_unchecked = matches!(
        verdict.revocation,
        Revocation::Unknown | Revocation::NotChecked
    );
    let unchecked = is_unchecked.then_some(Warning::RevocationNotChecked);
    [flaw, untrusted, unchecked].into_iter().flatten().collect()
}

impl SignatureFlaw {
    /// What a clerk confirms who insists.
    fn warning(self) -> Warning {
        match self {
            Self::Broken => Warning::EarlierSignatureBroken,
            Self::AtRisk => Warning::EarlierSignatureAtRisk,
            Self::Followed => Warning::EarlierSignatureFollowed,
            Self::Revoked => Warning::EarlierSignatureRevoked,
            Self::Unfit => Warning::EarlierSignatureUnfit,
        }
    }
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

/// How a file was read when it came in. What the clerk was shown is what is sealed: a file that was
/// whole then is not rebuilt unseen.
pub(super) fn reading(file: &FileRow) -> Reading {
    intake(file).map_or(Reading::AsItStands, |kept| kept.inspection.reading())
}
