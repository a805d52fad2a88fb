//! Whether a certificate was revoked: where to ask (`addresses`), what to ask (`ocsp`), and what an
//! answer is worth (`ocsp` by RFC 6960, `crl` by RFC 5280 §5). Answers come over networks that
//! nobody vouches for: each is checked against the certificate's own issuer before it counts.

mod addresses;
mod crl;
mod ocsp;

use openssl::x509::X509;
use thiserror::Error;
use time::{Duration, OffsetDateTime};
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

pub use addresses::Addresses;
pub use crl::read_crl;
pub use ocsp::{OcspRequest, read_ocsp};

use super::algorithm::{self, Unknown};
use super::asn1::read::{NotDer, Value};
use super::asn1::tag;
use super::cms::signed_data::Algorithm;
use super::oid;
use super::signature;

/// Why an answer about a certificate does not count.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum RevocationError {
    /// It is not what it should be.
    #[error("the answer is malformed")]
    Malformed,
    /// The responder says that it cannot answer; its status by RFC 6960 §4.2.1.
    #[error("the responder refused with status {0}")]
    Refused(u8),
    /// It tells of other certificates.
    #[error("the answer is about another certificate")]
    NotAbout,
    /// The signature is not that of the issuer or of whom it charged with answering.
    #[error("the answer is not signed by the issuer or for it")]
    NotAuthorised,
    /// It answers another question.
    #[error("the answer has another nonce")]
    OtherNonce,
    /// It is of a kind (delta, indirect, for some reasons only) or algorithm not known here.
    #[error("the answer is of a kind that is not supported")]
    Unsupported,
}

impl From<NotDer> for RevocationError {
    fn from(_: NotDer) -> Self {
        Self::Malformed
    }
}

impl From<Unknown> for RevocationError {
    fn from(unknown: Unknown) -> Self {
        match unknown {
            Unknown::Unsupported => Self::Unsupported,
            Unknown::Malformed => Self::Malformed,
        }
    }
}

/// What an answer says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationStatus {
    /// Not revoked.
    Good,
    /// Revoked.
    Revoked {
        /// From when on.
        at: OffsetDateTime,
        /// Whether it is a hold, which may end (RFC 5280 §5.3.1).
        is_hold: bool,
    },
    /// The responder does not know the certificate.
    Unknown,
}

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RevocationSource {
    /// A responder (RFC 6960).
    Ocsp,
    /// A list (RFC 5280 §5).
    Crl,
}

/// A genuine answer about one certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationAnswer {
    /// What it says.
    pub status: RevocationStatus,
    /// As of when.
    pub this_update: OffsetDateTime,
    /// When there will be newer word, if that is said.
    pub next_update: Option<OffsetDateTime>,
    /// By which way it came.
    pub source: RevocationSource,
    /// The answer itself: an `OCSPResponse` or a `CertificateList`.
    pub der: Vec<u8>,
    /// The certificate of a responder that answers for the issuer.
    pub responder: Option<Vec<u8>>,
    /// What else must be kept with it: lists that tell of the responder's own certificate.
    pub beside: Vec<Vec<u8>>,
    /// Since when it remembers certificates that have ended (archiveCutoff, RFC 6960 §4.4.4;
    /// expiredCertsOnCRL, X.509 §9.5.2.8); nothing where it may have forgotten them.
    pub ended_since: Option<OffsetDateTime>,
}

impl RevocationStatus {
    /// From when on it is revoked for good.
    #[must_use]
    pub fn revoked_for_good(self) -> Option<OffsetDateTime> {
        match self {
            Self::Revoked { at, is_hold } if !is_hold => Some(at),
            _ => None,
        }
    }
}

impl RevocationAnswer {
    /// Whether it is the latest word at `now`: made before, and not overdue. One that does not say
    /// when the next one comes counts for a day.
    #[must_use]
    pub fn is_fresh(&self, now: OffsetDateTime) -> bool {
        // What stands in an answer may be the end of all time.
        let until = self
            .next_update
            .unwrap_or_else(|| self.this_update.saturating_add(DAY));
        self.this_update <= now.saturating_add(CLOCKS_DIFFER_MAX)
            && now <= until.saturating_add(CLOCKS_DIFFER_MAX)
    }

    /// The responder's certificate where somebody must vouch that it is not revoked itself: its
    /// issuer did not say that nobody need ask (id-pkix-ocsp-nocheck, RFC 6960 §4.2.2.2.1).
    #[must_use]
    pub fn responder_in_question(&self) -> Option<&[u8]> {
        let responder = self.responder.as_deref()?;
        let is_unchecked = X509Certificate::from_der(responder).is_ok_and(|(_, certificate)| {
            let mut kinds = certificate.extensions().iter().map(|each| &each.oid);
            kinds.any(|kind| kind.as_bytes() == oid::OCSP_NOCHECK.as_bytes())
        });
        (!is_unchecked).then_some(responder)
    }

    /// Whether it can tell of a certificate that ended at `end`: issuers forget such certificates,
    /// unless they say that they do not.
    #[must_use]
    pub fn remembers(&self, end: OffsetDateTime) -> bool {
        self.this_update <= end || self.ended_since.is_some_and(|since| since <= end)
    }

    /// Whether it was made before the certificate (DER) came to count: it cannot know it then, and
    /// EU DSS, for one, throws it away.
    #[must_use]
    pub fn precedes(&self, certificate: &[u8]) -> bool {
        X509Certificate::from_der(certificate)
            .is_ok_and(|(_, parsed)| self.this_update < parsed.validity().not_before.to_datetime())
    }

    /// Whether it says something about the time `at`: it was made later, or counted then.
    #[must_use]
    pub fn tells_about(&self, at: OffsetDateTime) -> bool {
        self.this_update >= at || self.is_fresh(at)
    }
}

/// A certificate and the one above it, as far as an answer is compared with them.
struct Pair<'c> {
    certificate: X509Certificate<'c>,
    issuer: X509Certificate<'c>,
    issuer_der: &'c [u8],
}

impl<'c> Pair<'c> {
    fn of(certificate: &'c [u8], issuer_der: &'c [u8]) -> Result<Self, RevocationError> {
        let parse = |der| match X509Certificate::from_der(der) {
            Ok((_, parsed)) => Ok(parsed),
            Err(_) => Err(RevocationError::Malformed),
        };
        Ok(Self {
            certificate: parse(certificate)?,
            issuer: parse(issuer_der)?,
            issuer_der,
        })
    }

    fn serial(&self) -> &'c [u8] {
        self.certificate.raw_serial()
    }
}

/// Whether `certificate` (DER) made the signature over `signed`.
fn is_signed_by(
    certificate: &[u8],
    algorithm: Value<'_>,
    signed: &[u8],
    made: &[u8],
) -> Result<bool, RevocationError> {
    let method = algorithm::of_signature(Algorithm::parse(algorithm)?)?;
    if algorithm::is_weak(method.digest) {
        return Err(RevocationError::Unsupported);
    }
    let key = X509::from_der(certificate).and_then(|certificate| certificate.public_key());
    let Ok(key) = key else {
        return Err(RevocationError::Malformed);
    };
    if key.rsa().is_ok() && key.bits() < RSA_BITS_MIN {
        return Err(RevocationError::Unsupported);
    }
    if key.security_bits() < SECURITY_BITS_MIN {
        return Err(RevocationError::Unsupported);
    }
    let digest = algorithm::digest_of(method.digest, signed);
    let digest = digest.ok_or(RevocationError::Unsupported)?;
    Ok(signature::is_good(&key, method, &digest, made))
}

/// An extension as certificates, CRLs and OCSP messages have them (RFC 5280 §4.1).
struct Extension<'d> {
    id: der::asn1::ObjectIdentifier,
    is_critical: bool,
    value: &'d [u8],
}

fn extensions(list: Value<'_>) -> Result<Vec<Extension<'_>>, NotDer> {
    list.inside().all()?.into_iter().map(extension).collect()
}

fn extension(value: Value<'_>) -> Result<Extension<'_>, NotDer> {
    let mut walk = value.inside();
    let id = walk.any()?.oid()?;
    let flag = walk.take_if(tag::BOOLEAN)?;
    Ok(Extension {
        id,
        is_critical: flag.map_or(Ok(false), Value::is_true)?,
        value: walk.take(tag::OCTET_STRING)?.content,
    })
}

/// A serial number without leading zeros, which some programs write and others do not.
fn significant(serial: &[u8]) -> &[u8] {
    let zeros = serial.iter().take_while(|&&octet| octet == 0).count();
    serial.get(zeros..).unwrap_or_default()
}

/// `CRLReason` certificateHold.
const CERTIFICATE_HOLD: &[u8] = &[6];
/// As in the chains that are trusted.
const RSA_BITS_MIN: u32 = 2048;
/// As of the keys in chains: RSA from 2048.
const SECURITY_BITS_MIN: u32 = 112;
const DAY: Duration = Duration::days(1);
/// By how much an issuer's clock may differ from ours.
const CLOCKS_DIFFER_MAX: Duration = Duration::minutes(5);
