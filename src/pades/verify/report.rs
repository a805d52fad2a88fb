//! The verdict: what `trao verify --json` prints, field for field.

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use crate::pades::signatures::{ChangesAfter, Covers, SignatureKind};

/// Defines an enum of words, each with its text in JSON and on paper.
macro_rules! words {
    ($(#[$meta:meta])* $name:ident { $($(#[$about:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$about])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// All there are.
            pub const ALL: &[Self] = &[$(Self::$variant,)+];

            /// The word for it in reports and records.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)+
                }
            }
        }
    };
}

words! {
    /// Whether the signer's certificate leads to an anchor.
    Chain {
        /// It does, and every certificate was valid at signing time.
        Trusted = "trusted",
        /// It leads nowhere that is trusted here.
        Untrusted = "untrusted",
        /// It leads to an anchor, but something on the way is wrong; a finding says what.
        Broken = "broken",
    }
}

words! {
    /// What is known about revocation at signing time.
    Revocation {
        /// Not revoked.
        Good = "good",
        /// Revoked.
        Revoked = "revoked",
        /// Asked for, without a usable answer.
        Unknown = "unknown",
        /// Nobody looked.
        NotChecked = "not_checked",
    }
}

words! {
    /// The baseline level that a signature reaches (EN 319 142-1 §6), never one more than proven.
    Level {
        /// Basic.
        BB = "B-B",
        /// With a time-stamp that proves the time.
        BT = "B-T",
        /// With the data to validate it later.
        BLt = "B-LT",
        /// With archive time-stamps.
        BLta = "B-LTA",
        /// Not a baseline signature.
        Other = "other",
    }
}

impl Level {
    /// The level of that word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::BB, Self::BT, Self::BLt, Self::BLta]
            .into_iter()
            .find(|level| level.as_str() == word)
    }

    /// The short word for it, as settings and rows have it.
    #[must_use]
    pub fn short(self) -> &'static str {
        match self {
            Self::Other => "other",
            Self::BB => "b",
            Self::BT => "t",
            Self::BLt => "lt",
            Self::BLta => "lta",
        }
    }

    /// Whether this level has all that the other asks for.
    #[must_use]
    pub fn reaches(self, other: Self) -> bool {
        self.height() >= other.height()
    }

    fn height(self) -> u8 {
        match self {
            Self::Other => 0,
            Self::BB => 1,
            Self::BT => 2,
            Self::BLt => 3,
            Self::BLta => 4,
        }
    }
}

words! {
    /// The main status of EN 319 102-1 §5.1.3.
    Indication {
        /// Everything asked for was proven.
        TotalPassed = "TOTAL_PASSED",
        /// The signature is certainly not good.
        TotalFailed = "TOTAL_FAILED",
        /// Neither can be said.
        Indeterminate = "INDETERMINATE",
    }
}

words! {
    /// Why it is not `TOTAL_PASSED` (EN 319 102-1 §5.1.3).
    SubIndication {
        /// The signature's structure is not conformant.
        FormatFailure = "FORMAT_FAILURE",
        /// The digest is not that of the covered bytes.
        HashFailure = "HASH_FAILURE",
        /// The signature value is not the key's.
        SigCryptoFailure = "SIG_CRYPTO_FAILURE",
        /// The file was changed in a way the signature does not allow, or a constraint of ours.
        SigConstraintsFailure = "SIG_CONSTRAINTS_FAILURE",
        /// A certificate may not be used for this.
        ChainConstraintsFailure = "CHAIN_CONSTRAINTS_FAILURE",
        /// The chain could not be validated.
        CertificateChainGeneralFailure = "CERTIFICATE_CHAIN_GENERAL_FAILURE",
        /// An algorithm is too weak or not known.
        CryptoConstraintsFailure = "CRYPTO_CONSTRAINTS_FAILURE",
        /// The signer's certificate is not there.
        NoSigningCertificateFound = "NO_SIGNING_CERTIFICATE_FOUND",
        /// No way to an anchor.
        NoCertificateChainFound = "NO_CERTIFICATE_CHAIN_FOUND",
        /// The signing time lies outside a certificate's validity.
        OutOfBoundsNoPoe = "OUT_OF_BOUNDS_NO_POE",
        /// Time-stamps contradict each other.
        TimestampOrderFailure = "TIMESTAMP_ORDER_FAILURE",
        /// Revoked before the time that is proven.
        Revoked = "REVOKED",
        /// Revoked, and nothing proves that the signature is older.
        RevokedNoPoe = "REVOKED_NO_POE",
        /// The same of a certificate above the signer's.
        RevokedCaNoPoe = "REVOKED_CA_NO_POE",
        /// Nothing is wrong, but revocation was not looked up, or without an answer.
        TryLater = "TRY_LATER",
    }
}

/// The verdict on a file; by default, that there is no good signature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    /// Whether the file bears at least one signature and every one is good.
    pub valid: bool,
    /// One verdict each, in the order in which they were made.
    pub signatures: Vec<SignatureVerdict>,
}

/// The verdict on one signature.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SignatureVerdict {
    /// The full name of its field.
    pub field: String,
    /// A signature or a document time-stamp.
    #[serde(rename = "type")]
    pub kind: SignatureKind,
    /// The common name in the signer's certificate; not to be believed before `chain` is trusted.
    pub signer: Option<String>,
    /// When: the time-stamp's time, else the signer's word in `/M` (RFC 3339).
    pub time: Option<String>,
    /// Whether a time-stamp that is believed proves that time.
    #[serde(default)]
    pub time_proven: bool,
    /// Whether the covered bytes and the signature are as the signer left them.
    pub intact: bool,
    /// How much of the file it covers.
    pub covers: Covers,
    /// What was done to the file after it.
    pub changes_after: ChangesAfter,
    /// Stable codes of what is wrong or doubtful.
    pub findings: Vec<String>,
    /// Whether its certificate leads to an anchor.
    pub chain: Chain,
    /// What is known about revocation.
    pub revocation: Revocation,
    /// The baseline level reached.
    pub level: Level,
    /// The status of EN 319 102-1.
    pub indication: Indication,
    /// Its reason.
    pub sub_indication: Option<SubIndication>,
}

impl SignatureVerdict {
    /// The time of `time`.
    #[must_use]
    pub fn at(&self) -> Option<OffsetDateTime> {
        let time = self.time.as_deref()?;
        OffsetDateTime::parse(time, &Rfc3339).ok()
    }

    /// Whether it is intact and nothing suspicious followed it, whoever made it.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.intact && self.covers != Covers::Part && self.changes_after != ChangesAfter::Suspicious
    }

    /// Whether it is intact, followed by nothing but allowed changes, and leads to an anchor by
    /// certificates that were valid at signing time.
    #[must_use]
    pub fn is_good(&self) -> bool {
        let nothing_wrong = match self.indication {
            Indication::TotalPassed => true,
            Indication::Indeterminate => self.sub_indication == Some(SubIndication::TryLater),
            Indication::TotalFailed => false,
        };
        self.intact
            && self.changes_after != ChangesAfter::Suspicious
            && self.chain == Chain::Trusted
            && nothing_wrong
    }
}
