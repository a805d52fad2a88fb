//! Everything that can be wrong with a signature, its stable code, and what it does to the verdict.

use super::report::{Indication, Revocation, SignatureVerdict, SubIndication};
use crate::pades::algorithm::Unknown;
use crate::pades::finding::codes;
use crate::pades::signatures::ChangesAfter;

codes! {
    /// One thing that is wrong or doubtful.
    Problem {
        /// `/ByteRange` is not two spans.
        ByteRangeMalformed = "byte_range_malformed",
        /// It does not begin at the file's first byte.
        ByteRangeNotFromStart = "byte_range_not_from_start",
        /// Its spans overlap or run backwards.
        ByteRangeOverlaps = "byte_range_overlaps",
        /// It reaches beyond the file.
        ByteRangeBeyondFile = "byte_range_beyond_file",
        /// What it leaves out is not exactly the string in `/Contents`.
        HoleNotOneString = "hole_not_one_string",
        /// It covers less than a revision of the file.
        CoversPart = "covers_part",
        /// `/SubFilter` names a form that is not verified here.
        SubFilterUnsupported = "sub_filter_unsupported",
        /// The CMS cannot be read, or has no or several signers.
        CmsMalformed = "cms_malformed",
        /// Bytes other than zero stand behind the CMS. Nothing covers them.
        PaddingNotZero = "padding_not_zero",
        /// The covered bytes are not those that were signed.
        DigestMismatch = "digest_mismatch",
        /// The signature value is not the key's.
        SignatureMismatch = "signature_mismatch",
        /// An algorithm that is not known here.
        AlgorithmUnsupported = "algorithm_unsupported",
        /// SHA-1.
        WeakDigest = "weak_digest",
        /// The signer's certificate is not in the message.
        SignerCertificateMissing = "signer_certificate_missing",
        /// The certificate is not the one that the signature names.
        CertificateReferenceMismatch = "certificate_reference_mismatch",
        /// The certificate is not meant for signatures.
        KeyUsageUnfit = "key_usage_unfit",
        /// No way leads to an anchor.
        NoTrustedRoot = "no_trusted_root",
        /// A certificate had expired at signing time.
        CertificateExpired = "certificate_expired",
        /// A certificate was not yet valid at signing time.
        CertificateNotYetValid = "certificate_not_yet_valid",
        /// A key or digest in the chain is too weak.
        WeakCertificate = "weak_certificate",
        /// Something else in the chain is wrong.
        ChainBroken = "chain_broken",
        /// The signer's certificate was revoked before the time that is proven.
        CertificateRevoked = "certificate_revoked",
        /// The signer's certificate is revoked, and nothing proves that the signature is older.
        CertificateRevokedNoProof = "certificate_revoked_no_proof",
        /// The same of a certificate above it.
        AuthorityRevoked = "authority_revoked",
        /// The signer says no time.
        SigningTimeMissing = "signing_time_missing",
        /// The time that the signer says lies in the future.
        SigningTimeInFuture = "signing_time_in_future",
        /// There is a time-stamp on the signature, but it is not one of this signature.
        TimeStampInvalid = "time_stamp_invalid",
        /// There is a time-stamp on the signature, but nobody vouches for who made it.
        TimeStampUntrusted = "time_stamp_untrusted",
        /// A time-stamp over another one is older than that.
        TimeStampOrder = "time_stamp_order",
        /// The file was changed after the signature in a way that the signature does not allow.
        ContentChangedAfter = "content_changed_after",
        /// Bytes were appended that are no revision.
        BytesOutsideRevisions = "bytes_outside_revisions",
        /// It is not the signature that was just made.
        NotAsSealed = "not_as_sealed",
        /// An earlier signature would be worse off for the one that was just made.
        EarlierSignatureHarmed = "earlier_signature_harmed",
    }
}

impl Problem {
    /// Whether the covered bytes or the signature itself are then not known to be the signer's.
    pub(super) fn breaks_integrity(self) -> bool {
        matches!(
            self,
            Self::ByteRangeMalformed
                | Self::ByteRangeNotFromStart
                | Self::ByteRangeOverlaps
                | Self::ByteRangeBeyondFile
                | Self::HoleNotOneString
                | Self::SubFilterUnsupported
                | Self::CmsMalformed
                | Self::DigestMismatch
                | Self::SignatureMismatch
                | Self::AlgorithmUnsupported
                | Self::SignerCertificateMissing
                | Self::CertificateReferenceMismatch
                | Self::NotAsSealed
        )
    }

    /// Whether it tells of what came after the covered bytes, or of nothing that matters to them.
    pub(super) fn is_about_later(self) -> bool {
        matches!(
            self,
            Self::ContentChangedAfter | Self::BytesOutsideRevisions | Self::PaddingNotZero
        )
    }

    /// Whether it is a revocation that counts.
    fn is_revocation(self) -> bool {
        matches!(
            self,
            Self::CertificateRevoked | Self::CertificateRevokedNoProof | Self::AuthorityRevoked
        )
    }

    /// What it makes of the verdict (EN 319 102-1 §5.1.3); `None` for what is merely told.
    pub(super) fn outcome(self) -> Option<(Indication, SubIndication)> {
        use Indication::{Indeterminate, TotalFailed};
        use SubIndication as Sub;
        Some(match self {
            Self::ByteRangeMalformed
            | Self::ByteRangeNotFromStart
            | Self::ByteRangeOverlaps
            | Self::ByteRangeBeyondFile
            | Self::HoleNotOneString
            | Self::CmsMalformed => (TotalFailed, Sub::FormatFailure),
            Self::DigestMismatch => (TotalFailed, Sub::HashFailure),
            Self::SignatureMismatch => (TotalFailed, Sub::SigCryptoFailure),
            Self::CoversPart
            | Self::ContentChangedAfter
            | Self::BytesOutsideRevisions
            | Self::SubFilterUnsupported
            | Self::CertificateReferenceMismatch
            | Self::SigningTimeInFuture
            | Self::NotAsSealed
            | Self::EarlierSignatureHarmed => (Indeterminate, Sub::SigConstraintsFailure),
            Self::AlgorithmUnsupported | Self::WeakDigest | Self::WeakCertificate => {
                (Indeterminate, Sub::CryptoConstraintsFailure)
            }
            Self::SignerCertificateMissing => (Indeterminate, Sub::NoSigningCertificateFound),
            Self::KeyUsageUnfit => (Indeterminate, Sub::ChainConstraintsFailure),
            Self::NoTrustedRoot => (Indeterminate, Sub::NoCertificateChainFound),
            Self::CertificateExpired | Self::CertificateNotYetValid => {
                (Indeterminate, Sub::OutOfBoundsNoPoe)
            }
            Self::TimeStampOrder => (Indeterminate, Sub::TimestampOrderFailure),
            Self::ChainBroken => (Indeterminate, Sub::CertificateChainGeneralFailure),
            Self::CertificateRevoked => (TotalFailed, Sub::Revoked),
            Self::CertificateRevokedNoProof => (Indeterminate, Sub::RevokedNoPoe),
            Self::AuthorityRevoked => (Indeterminate, Sub::RevokedCaNoPoe),
            Self::PaddingNotZero
            | Self::SigningTimeMissing
            | Self::TimeStampInvalid
            | Self::TimeStampUntrusted => return None,
        })
    }
}

impl SignatureVerdict {
    /// Whether nothing stands against it: at most it is not known here who vouches for its signer,
    /// or nobody told about revocation.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let is_harmless =
            |problem: Problem| problem == Problem::NoTrustedRoot || problem.outcome().is_none();
        self.intact
            && self.changes_after != ChangesAfter::Suspicious
            && self.problems().all(is_harmless)
    }

    /// Whether a revocation counts against it: nothing proves that it is older.
    #[must_use]
    pub fn is_revoked(&self) -> bool {
        self.problems().any(Problem::is_revocation)
    }

    fn problems(&self) -> impl Iterator<Item = Problem> {
        let is_found = |problem: &Problem| self.findings.iter().any(|code| code == problem.code());
        Problem::ALL.iter().copied().filter(is_found)
    }
}

impl From<Unknown> for Problem {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            Unknown::Unsupported => Self::AlgorithmUnsupported,
            Unknown::Malformed => Self::CmsMalformed,
        }
    }
}

/// The verdict that these problems amount to: a certain failure outweighs a doubt, and of equals
/// the first decides. Where nothing is wrong, revocation decides: known to be good, or still open.
pub(super) fn verdict(
    problems: &[Problem],
    revocation: Revocation,
) -> (Indication, Option<SubIndication>) {
    let mut outcomes: Vec<_> = problems
        .iter()
        .filter_map(|problem| problem.outcome())
        .collect();
    outcomes.sort_by_key(|(indication, _)| *indication != Indication::TotalFailed);
    match outcomes.first() {
        Some(&(indication, sub_indication)) => (indication, Some(sub_indication)),
        None if revocation == Revocation::Good => (Indication::TotalPassed, None),
        // Revoked, but provably later than the signature.
        None if revocation == Revocation::Revoked => (Indication::TotalPassed, None),
        None => (Indication::Indeterminate, Some(SubIndication::TryLater)),
    }
}
