//! Asking a responder about one certificate and reading what it says (RFC 6960).

use time::OffsetDateTime;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::super::algorithm;
use super::super::asn1::read::{NotDer, Value, Walk};
use super::super::asn1::{object_identifier, sequence, tag, value};
use super::super::cms::signed_data::Algorithm;
use super::super::moment::asn1_time;
use super::super::oid;
use super::{
    CERTIFICATE_HOLD, Pair, RevocationAnswer, RevocationError, RevocationSource, RevocationStatus,
    extensions, is_signed_by, significant,
};

/// A question about one certificate.
#[derive(Clone, Debug)]
pub struct OcspRequest {
    der: Vec<u8>,
    certificate: Vec<u8>,
    issuer: Vec<u8>,
    nonce: Option<Vec<u8>>,
}

impl OcspRequest {
    /// Asks about `certificate`, issued by `issuer` (both DER). The certificate is named by SHA-1,
    /// which every responder knows (RFC 5019 §2.1.1); nothing rests on that digest's strength.
    ///
    /// # Errors
    /// [`RevocationError::Malformed`] when one of them is no certificate.
    pub fn new(
        certificate: &[u8],
        issuer: &[u8],
        nonce: Option<[u8; 16]>,
    ) -> Result<Self, RevocationError> {
        let pair = Pair::of(certificate, issuer)?;
        let name = openssl::sha::sha1(pair.certificate.issuer().as_raw());
        let key = openssl::sha::sha1(&pair.issuer.public_key().subject_public_key.data);
        let id = sequence(&[
            &sequence(&[&object_identifier(oid::SHA1), &[0x05, 0x00]]),
            &value(tag::OCTET_STRING, &name),
            &value(tag::OCTET_STRING, &key),
            &value(tag::INTEGER, pair.serial()),
        ]);
        let requests = sequence(&[&sequence(&[&id])]);
        let nonce = nonce.map(|nonce| value(tag::OCTET_STRING, &nonce));
        let extension = nonce.as_ref().map_or_else(Vec::new, |nonce| {
            let nonce = value(tag::OCTET_STRING, nonce);
            let extension = sequence(&[&object_identifier(oid::OCSP_NONCE), &nonce]);
            value(tag::CONTEXT_2, &sequence(&[&extension]))
        });
        Ok(Self {
            der: sequence(&[&sequence(&[&requests, &extension])]),
            certificate: certificate.to_vec(),
            issuer: issuer.to_vec(),
            nonce,
        })
    }

    /// The `OCSPRequest` to send.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Reads the responder's answer. One that repeats another nonce answers somebody else; one
    /// without any was made beforehand for all, which RFC 6960 §4.4.1 allows.
    ///
    /// # Errors
    /// Why it does not count.
    pub fn read(&self, response: &[u8]) -> Result<RevocationAnswer, RevocationError> {
        read(
            response,
            &self.certificate,
            &self.issuer,
            self.nonce.as_deref(),
        )
    }
}

/// Reads an `OCSPResponse` that somebody kept, about `certificate` issued by `issuer` (both DER).
///
/// # Errors
/// Why it does not count.
pub fn read_ocsp(
    response: &[u8],
    certificate: &[u8],
    issuer: &[u8],
) -> Result<RevocationAnswer, RevocationError> {
    read(response, certificate, issuer, None)
}

fn read(
    response: &[u8],
    certificate: &[u8],
    issuer: &[u8],
    nonce: Option<&[u8]>,
) -> Result<RevocationAnswer, RevocationError> {
    let pair = Pair::of(certificate, issuer)?;
    let basic = Basic::parse(response)?;
    let single = basic.about(&pair)?;
    if let (Some(asked), Some(answered)) = (nonce, basic.nonce)
        && asked != answered
    {
        return Err(RevocationError::OtherNonce);
    }
    let responder = basic.responder(&pair)?;
    Ok(RevocationAnswer {
        status: single.status,
        this_update: single.this_update,
        next_update: single.next_update,
        source: RevocationSource::Ocsp,
        der: response.to_vec(),
        responder,
        beside: Vec::new(),
        ended_since: single.ended_since,
    })
}

/// `BasicOCSPResponse` (RFC 6960 §4.2.1).
struct Basic<'d> {
    signed: &'d [u8],
    produced_at: OffsetDateTime,
    singles: Value<'d>,
    nonce: Option<&'d [u8]>,
    algorithm: Value<'d>,
    signature: &'d [u8],
    certificates: Vec<Value<'d>>,
}

/// `SingleResponse`.
struct Single {
    status: RevocationStatus,
    this_update: OffsetDateTime,
    next_update: Option<OffsetDateTime>,
    ended_since: Option<OffsetDateTime>,
}

impl<'d> Basic<'d> {
    fn parse(response: &'d [u8]) -> Result<Self, RevocationError> {
        let mut walk = Walk::over(response).take(tag::SEQUENCE)?.inside();
        match walk.take(tag::ENUMERATED)?.content {
            [0] => {}
            &[status] => return Err(RevocationError::Refused(status)),
            _ => return Err(RevocationError::Malformed),
        }
        let mut bytes = walk
            .take(tag::CONTEXT_0)?
            .inside()
            .take(tag::SEQUENCE)?
            .inside();
        if bytes.any()?.oid()? != oid::OCSP_BASIC {
            return Err(RevocationError::Unsupported);
        }
        let basic = bytes.take(tag::OCTET_STRING)?.content;
        let mut basic = Walk::over(basic).take(tag::SEQUENCE)?.inside();
        let data = basic.take(tag::SEQUENCE)?;
        let algorithm = basic.take(tag::SEQUENCE)?;
        let signature = basic.take(tag::BIT_STRING)?.octets_of_bits()?;
        let certificates = match basic.take_if(tag::CONTEXT_0)? {
            Some(explicit) => explicit.inside().take(tag::SEQUENCE)?.inside().all()?,
            None => Vec::new(),
        };
        let mut walk = data.inside();
        walk.take_if(tag::CONTEXT_0)?;
        // Who the responder says it is: its key tells.
        walk.any()?;
        let produced_at = asn1_time(walk.take(tag::GENERALIZED_TIME)?).ok_or(NotDer)?;
        let singles = walk.take(tag::SEQUENCE)?;
        let extra = walk.take_if(tag::CONTEXT_1)?;
        Ok(Self {
            signed: data.raw,
            produced_at,
            singles,
            nonce: extra.map(nonce).transpose()?.flatten(),
            algorithm,
            signature,
            certificates,
        })
    }

    /// The answer about this certificate; of several the newest.
    fn about(&self, pair: &Pair<'_>) -> Result<Single, RevocationError> {
        let mut newest: Option<Single> = None;
        let mut walk = self.singles.inside();
        while !walk.is_done() {
            let mut single = walk.take(tag::SEQUENCE)?.inside();
            if !is_about(single.take(tag::SEQUENCE)?, pair)? {
                continue;
            }
            let single = Single::parse(single)?;
            if newest
                .as_ref()
                .is_none_or(|newest| newest.this_update < single.this_update)
            {
                newest = Some(single);
            }
        }
        newest.ok_or(RevocationError::NotAbout)
    }

    /// Who signed: the issuer itself (`None`), or whom it charged with answering (RFC 6960
    /// §4.2.2.2): by a certificate of its own for just that.
    fn responder(&self, pair: &Pair<'_>) -> Result<Option<Vec<u8>>, RevocationError> {
        let signed_by =
            |certificate| is_signed_by(certificate, self.algorithm, self.signed, self.signature);
        if signed_by(pair.issuer_der)? {
            return Ok(None);
        }
        for certificate in self.certificates.iter().take(CERTIFICATES_MAX) {
            if is_charged(certificate.raw, pair, self.produced_at)? && signed_by(certificate.raw)? {
                return Ok(Some(certificate.raw.to_vec()));
            }
        }
        Err(RevocationError::NotAuthorised)
    }
}

/// Whether the issuer charged the holder of this certificate with answering at that time.
fn is_charged(
    certificate: &[u8],
    pair: &Pair<'_>,
    at: OffsetDateTime,
) -> Result<bool, RevocationError> {
    let Ok((_, parsed)) = X509Certificate::from_der(certificate) else {
        return Ok(false);
    };
    let usage = parsed.extended_key_usage().ok().flatten();
    let validity = parsed.validity();
    let is_meant = usage.is_some_and(|usage| usage.value.ocsp_signing)
        && parsed.issuer().as_raw() == pair.issuer.subject().as_raw()
        && validity.not_before.to_datetime() <= at
        && at <= validity.not_after.to_datetime();
    if !is_meant {
        return Ok(false);
    }
    let mut walk = Walk::over(certificate).take(tag::SEQUENCE)?.inside();
    let signed = walk.take(tag::SEQUENCE)?.raw;
    let algorithm = walk.take(tag::SEQUENCE)?;
    let made = walk.take(tag::BIT_STRING)?.octets_of_bits()?;
    // What is signed says by which algorithm (RFC 5280 §4.1.1.2).
    let inner = names_algorithm(signed)?;
    if inner != algorithm.raw {
        return Ok(false);
    }
    is_signed_by(pair.issuer_der, algorithm, signed, made)
}

/// The algorithm that a `TBSCertificate` names.
fn names_algorithm(signed: &[u8]) -> Result<&[u8], NotDer> {
    let mut walk = Walk::over(signed).take(tag::SEQUENCE)?.inside();
    walk.take_if(tag::CONTEXT_0)?;
    walk.take(tag::INTEGER)?;
    Ok(walk.take(tag::SEQUENCE)?.raw)
}

/// Whether a `CertID` names the certificate.
fn is_about(id: Value<'_>, pair: &Pair<'_>) -> Result<bool, RevocationError> {
    let mut walk = id.inside();
    let algorithm = Algorithm::parse(walk.take(tag::SEQUENCE)?)?.oid;
    let Ok(algorithm) = algorithm::digest(algorithm) else {
        return Ok(false);
    };
    let digest = |bytes| {
        let digest = algorithm::digest_of(algorithm, bytes);
        digest.ok_or(RevocationError::Unsupported)
    };
    let name = walk.take(tag::OCTET_STRING)?.content;
    let key = walk.take(tag::OCTET_STRING)?.content;
    let serial = walk.take(tag::INTEGER)?.content;
    let issuer_key = &pair.issuer.public_key().subject_public_key.data;
    Ok(significant(serial) == significant(pair.serial())
        && digest(pair.certificate.issuer().as_raw())? == name
        && digest(issuer_key)? == key)
}

impl Single {
    /// Reads what follows the `CertID`.
    fn parse(mut walk: Walk<'_>) -> Result<Self, RevocationError> {
        let status = walk.any()?;
        let status = match status.tag {
            GOOD => RevocationStatus::Good,
            tag::CONTEXT_1 => {
                let mut inside = status.inside();
                let at = asn1_time(inside.take(tag::GENERALIZED_TIME)?).ok_or(NotDer)?;
                let reason = inside.take_if(tag::CONTEXT_0)?;
                let reason = reason.map(|reason| reason.inside().take(tag::ENUMERATED));
                let is_hold = reason
                    .transpose()?
                    .is_some_and(|it| it.content == CERTIFICATE_HOLD);
                RevocationStatus::Revoked { at, is_hold }
            }
            UNKNOWN => RevocationStatus::Unknown,
            _ => return Err(RevocationError::Malformed),
        };
        let this_update = asn1_time(walk.take(tag::GENERALIZED_TIME)?).ok_or(NotDer)?;
        let next = walk.take_if(tag::CONTEXT_0)?;
        let next = next
            .map(|next| next.inside().take(tag::GENERALIZED_TIME))
            .transpose()?;
        Ok(Self {
            status,
            this_update,
            next_update: next.and_then(asn1_time),
            ended_since: match walk.take_if(tag::CONTEXT_1)? {
                Some(explicit) => archive_cutoff(explicit)?,
                None => None,
            },
        })
    }
}

/// The time that the extensions of a `SingleResponse` say, if they say one; a critical one that is
/// not known here may turn what is said about.
fn archive_cutoff(explicit: Value<'_>) -> Result<Option<OffsetDateTime>, RevocationError> {
    let mut cutoff = None;
    for extension in extensions(explicit.inside().take(tag::SEQUENCE)?)? {
        match extension.id {
            oid::OCSP_ARCHIVE_CUTOFF => cutoff = asn1_time(Walk::over(extension.value).any()?),
            _ if extension.is_critical => return Err(RevocationError::Unsupported),
            _ => {}
        }
    }
    Ok(cutoff)
}

fn nonce(explicit: Value<'_>) -> Result<Option<&[u8]>, NotDer> {
    let list = explicit.inside().take(tag::SEQUENCE)?;
    let mut found = extensions(list)?.into_iter();
    let nonce = found.find(|extension| extension.id == oid::OCSP_NONCE);
    Ok(nonce.map(|nonce| nonce.value))
}

/// `[0] IMPLICIT NULL`.
const GOOD: u8 = 0x80;
/// `[2] IMPLICIT NULL`.
const UNKNOWN: u8 = 0x82;
/// Each costs a signature check.
const CERTIFICATES_MAX: usize = 8;
