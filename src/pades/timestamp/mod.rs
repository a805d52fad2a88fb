//! Time-stamps by a third party (RFC 3161): what is asked of an authority, and what its answer is
//! worth. A token is taken only if it answers this very question, its signature is good, and its
//! authority is trusted.

use der::asn1::ObjectIdentifier as Oid;
use thiserror::Error;
use time::{Duration, OffsetDateTime};

use super::asn1::read::{NotDer, Walk};
use super::asn1::{object_identifier, positive_integer, sequence, small_integer, tag, value};
use super::cms::signed_data::SignedData;
use super::scheme::DigestAlgorithm;
use super::verify::time_stamp::{self, Token};
use super::verify::{Chain, TrustAnchors};

/// Why an authority's answer does not count.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum TimeStampError {
    /// It is not what it should be.
    #[error("the time-stamp is malformed")]
    Malformed,
    /// The authority refused; its status by RFC 3161 §2.4.2.
    #[error("the authority refused with status {0}")]
    Refused(u16),
    /// The token is about other bytes, has another nonce or another policy.
    #[error("the time-stamp answers another question: {0}")]
    OtherQuestion(&'static str),
    /// Its signature is not good, or its certificate is not one for time-stamps (RFC 3161 §2.3).
    #[error("the time-stamp is not sound")]
    Unsound,
    /// Nobody trusted here vouches for the authority.
    #[error("the time-stamp's certificate leads to no anchor")]
    Untrusted,
    /// Its time is far from ours.
    #[error("the time-stamp's time is not now")]
    OtherTime,
}

impl From<NotDer> for TimeStampError {
    fn from(_: NotDer) -> Self {
        Self::Malformed
    }
}

/// A question to a time-stamping authority (RFC 3161 §2.4.1).
#[derive(Clone, Debug)]
pub struct TimeStampRequest {
    der: Vec<u8>,
    algorithm: DigestAlgorithm,
    imprint: Vec<u8>,
    nonce: Vec<u8>,
    policy: Option<Oid>,
}

/// A token that answers its question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TimeStampToken {
    der: Vec<u8>,
    time: OffsetDateTime,
    chain: Vec<Vec<u8>>,
    authority: String,
}

impl TimeStampRequest {
    /// Asks for the time of a digest, with a nonce that was never used, by the authority's own
    /// policy or by that of this object identifier.
    ///
    /// # Errors
    /// [`TimeStampError::Malformed`] when the policy is no object identifier or the imprint is not
    /// as long as its algorithm says.
    pub fn new(
        algorithm: DigestAlgorithm,
        imprint: &[u8],
        nonce: [u8; 16],
        policy: Option<&str>,
    ) -> Result<Self, TimeStampError> {
        let policy = policy.map(Oid::new).transpose();
        let policy = policy.map_err(|_| TimeStampError::Malformed)?;
        if imprint.len() != algorithm.len() {
            return Err(TimeStampError::Malformed);
        }
        let nonce = positive_integer(&nonce);
        let message_imprint = sequence(&[
            &algorithm.identifier_with_null(),
            &value(tag::OCTET_STRING, imprint),
        ]);
        let der = sequence(&[
            &small_integer(1),
            &message_imprint,
            &policy.map(object_identifier).unwrap_or_default(),
            &nonce,
            // The authority's certificate shall come along.
            &value(tag::BOOLEAN, &[0xff]),
        ]);
        Ok(Self {
            der,
            algorithm,
            imprint: imprint.to_vec(),
            nonce,
            policy,
        })
    }

    /// The `TimeStampReq` to send.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Reads the authority's `TimeStampResp` (RFC 3161 §2.4.2). The token's certificate must lead
    /// to one of the anchors.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn read(
        &self,
        response: &[u8],
        anchors: &TrustAnchors,
        now: OffsetDateTime,
    ) -> Result<TimeStampToken, TimeStampError> {
        let der = token(response)?;
        let data = SignedData::parse(der)?;
        self.compare(&data)?;
        let mut imprint = |_| Ok(self.imprint.clone());
        let token = time_stamp::examine(&data, anchors, &[], &mut imprint)
            .map_err(|_| TimeStampError::Malformed)?;
        judged(token, now, der)
    }

    /// Whether the token repeats what was asked.
    fn compare(&self, data: &SignedData<'_>) -> Result<(), TimeStampError> {
        let content = data.content.ok_or(TimeStampError::Malformed)?;
        let mut info = Walk::over(content).take(tag::SEQUENCE)?.inside();
        info.take(tag::INTEGER)?;
        let policy = info.any()?.oid()?;
        if self.policy.is_some_and(|asked| asked != policy) {
            return Err(TimeStampError::OtherQuestion("policy"));
        }
        let mut imprint = info.take(tag::SEQUENCE)?.inside();
        let algorithm = imprint.take(tag::SEQUENCE)?.inside().any()?;
        let digest = imprint.take(tag::OCTET_STRING)?.content;
        let asked = object_identifier(self.algorithm.oid());
        if algorithm.raw != asked || digest != self.imprint {
            return Err(TimeStampError::OtherQuestion("imprint"));
        }
        info.take(tag::INTEGER)?;
        info.take(tag::GENERALIZED_TIME)?;
        info.take_if(tag::SEQUENCE)?;
        info.take_if(tag::BOOLEAN)?;
        match info.take_if(tag::INTEGER)? {
            Some(nonce) if nonce.raw == self.nonce => Ok(()),
            _ => Err(TimeStampError::OtherQuestion("nonce")),
        }
    }
}

impl TimeStampToken {
    /// The token: a `ContentInfo` with `SignedData`.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The time that it proves.
    #[must_use]
    pub fn time(&self) -> OffsetDateTime {
        self.time
    }

    /// The authority's certificate and those above it as far as they are at hand, in DER.
    #[must_use]
    pub fn chain_der(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The common name in the authority's certificate.
    #[must_use]
    pub fn authority(&self) -> &str {
        &self.authority
    }
}

/// Takes a token that is sound, of now, and of an authority that is trusted.
fn judged(token: Token, now: OffsetDateTime, der: &[u8]) -> Result<TimeStampToken, TimeStampError> {
    if !token.is_sound() {
        return Err(TimeStampError::Unsound);
    }
    let time = token.time.ok_or(TimeStampError::Malformed)?;
    if (time - now).abs() > CLOCKS_DIFFER_MAX {
        return Err(TimeStampError::OtherTime);
    }
    if token.chain != Chain::Trusted {
        return Err(TimeStampError::Untrusted);
    }
    Ok(TimeStampToken {
        der: der.to_vec(),
        time,
        authority: token.authority(),
        chain: token.path,
    })
}

/// The token in a `TimeStampResp`.
fn token(response: &[u8]) -> Result<&[u8], TimeStampError> {
    let mut walk = Walk::over(response).take(tag::SEQUENCE)?.inside();
    let mut info = walk.take(tag::SEQUENCE)?.inside();
    match info.any()?.number()? {
        GRANTED | GRANTED_WITH_CHANGES => Ok(walk.take(tag::SEQUENCE)?.raw),
        status => Err(TimeStampError::Refused(status)),
    }
}

const GRANTED: u16 = 0;
const GRANTED_WITH_CHANGES: u16 = 1;
/// By how much an authority's clock may differ from ours before one of them is wrong.
const CLOCKS_DIFFER_MAX: Duration = Duration::minutes(5);
