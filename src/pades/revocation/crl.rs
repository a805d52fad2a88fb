//! Looking a certificate up in its issuer's list (RFC 5280 §5 and §6.3).

use time::OffsetDateTime;

use super::super::asn1::read::{NotDer, Value, Walk};
use super::super::asn1::tag;
use super::super::moment::asn1_time;
use super::super::oid;
use super::{
    Addresses, CERTIFICATE_HOLD, Pair, RevocationAnswer, RevocationError, RevocationSource,
    RevocationStatus, extensions, is_signed_by, significant,
};

/// Reads a `CertificateList` about `certificate`, issued by `issuer` (all DER). The list must be
/// the issuer's own and whole: delta and indirect lists, and those for some reasons only, do not
/// count.
///
/// # Errors
/// Why it does not count.
pub fn read_crl(
    list: &[u8],
    certificate: &[u8],
    issuer: &[u8],
) -> Result<RevocationAnswer, RevocationError> {
    let pair = Pair::of(certificate, issuer)?;
    let mut outer = Walk::over(list).take(tag::SEQUENCE)?.inside();
    let signed = outer.take(tag::SEQUENCE)?;
    let algorithm = outer.take(tag::SEQUENCE)?;
    let signature = outer.take(tag::BIT_STRING)?.octets_of_bits()?;
    let read = List::parse(signed)?;
    // What is signed says by which algorithm (RFC 5280 §5.1.1.2).
    if read.algorithm != algorithm.raw {
        return Err(RevocationError::Malformed);
    }
    if read.issuer != pair.certificate.issuer().as_raw() {
        return Err(RevocationError::NotAbout);
    }
    let ended_since = match read.extensions {
        Some(extra) => see_that_it_is_whole(extra, &pair, certificate)?,
        None => None,
    };
    let usage = pair.issuer.key_usage().ok().flatten();
    let may_sign = usage.is_none_or(|usage| usage.value.crl_sign());
    if !may_sign || !is_signed_by(pair.issuer_der, algorithm, signed.raw, signature)? {
        return Err(RevocationError::NotAuthorised);
    }
    Ok(RevocationAnswer {
        status: read.status_of(pair.serial())?,
        this_update: read.this_update,
        next_update: read.next_update,
        source: RevocationSource::Crl,
        der: list.to_vec(),
        responder: None,
        beside: Vec::new(),
        ended_since,
    })
}

/// `TBSCertList`.
struct List<'d> {
    algorithm: &'d [u8],
    issuer: &'d [u8],
    this_update: OffsetDateTime,
    next_update: Option<OffsetDateTime>,
    revoked: Option<Value<'d>>,
    extensions: Option<Value<'d>>,
}

impl<'d> List<'d> {
    fn parse(signed: Value<'d>) -> Result<Self, RevocationError> {
        let mut walk = signed.inside();
        walk.take_if(tag::INTEGER)?;
        let algorithm = walk.take(tag::SEQUENCE)?.raw;
        let issuer = walk.take(tag::SEQUENCE)?.raw;
        let this_update = asn1_time(walk.any()?).ok_or(NotDer)?;
        let next_update = match walk.take_if(tag::UTC_TIME)? {
            Some(time) => Some(time),
            None => walk.take_if(tag::GENERALIZED_TIME)?,
        };
        Ok(Self {
            algorithm,
            issuer,
            this_update,
            next_update: next_update.and_then(asn1_time),
            revoked: walk.take_if(tag::SEQUENCE)?,
            extensions: walk.take_if(tag::CONTEXT_0)?,
        })
    }

    fn status_of(&self, serial: &[u8]) -> Result<RevocationStatus, RevocationError> {
        let mut walk = match self.revoked {
            Some(revoked) => revoked.inside(),
            None => return Ok(RevocationStatus::Good),
        };
        while !walk.is_done() {
            let mut entry = walk.take(tag::SEQUENCE)?.inside();
            let listed = entry.take(tag::INTEGER)?.content;
            if significant(listed) == significant(serial) {
                let at = asn1_time(entry.any()?).ok_or(NotDer)?;
                let more = entry.take_if(tag::SEQUENCE)?;
                let is_hold = more.map(is_hold).transpose()?.unwrap_or_default();
                return Ok(RevocationStatus::Revoked { at, is_hold });
            }
        }
        Ok(RevocationStatus::Good)
    }
}

fn is_hold(entry_extensions: Value<'_>) -> Result<bool, NotDer> {
    let mut found = extensions(entry_extensions)?.into_iter();
    let reason = found.find(|extension| extension.id == oid::CRL_REASON);
    let reason = reason.map(|reason| Walk::over(reason.value).take(tag::ENUMERATED));
    Ok(reason
        .transpose()?
        .is_some_and(|reason| reason.content == CERTIFICATE_HOLD))
}

/// A list tells all about a certificate only if its extensions do not say otherwise. What it may
/// say is since when ended certificates stay on it.
fn see_that_it_is_whole(
    explicit: Value<'_>,
    pair: &Pair<'_>,
    certificate: &[u8],
) -> Result<Option<OffsetDateTime>, RevocationError> {
    let mut ended_since = None;
    for extension in extensions(explicit.inside().take(tag::SEQUENCE)?)? {
        match extension.id {
            oid::DELTA_CRL => return Err(RevocationError::Unsupported),
            oid::ISSUING_DISTRIBUTION_POINT => {
                let point = Walk::over(extension.value).take(tag::SEQUENCE)?;
                if !covers(point, pair, certificate)? {
                    return Err(RevocationError::NotAbout);
                }
            }
            oid::EXPIRED_CERTS_ON_CRL => {
                ended_since = asn1_time(Walk::over(extension.value).any()?);
            }
            _ if extension.is_critical => return Err(RevocationError::Unsupported),
            _ => {}
        }
    }
    Ok(ended_since)
}

/// Whether the list of an `IssuingDistributionPoint` (RFC 5280 §5.2.5) is the one that the
/// certificate points to and has certificates of its kind.
fn covers(point: Value<'_>, pair: &Pair<'_>, certificate: &[u8]) -> Result<bool, RevocationError> {
    let constraints = pair.certificate.basic_constraints().ok().flatten();
    let is_ca = constraints.is_some_and(|constraints| constraints.value.ca);
    for part in point.inside().all()? {
        let is_set = part.content.iter().any(|&octet| octet != 0);
        match part.tag {
            tag::CONTEXT_0 => {
                let known = Addresses::of(certificate).crl;
                if !full_names(part)?.iter().any(|name| known.contains(name)) {
                    return Ok(false);
                }
            }
            ONLY_USERS if is_set && is_ca => return Ok(false),
            ONLY_AUTHORITIES if is_set && !is_ca => return Ok(false),
            ONLY_USERS | ONLY_AUTHORITIES => {}
            _ if is_set => return Err(RevocationError::Unsupported),
            _ => {}
        }
    }
    Ok(true)
}

/// The addresses of a `DistributionPointName`.
fn full_names(name: Value<'_>) -> Result<Vec<String>, NotDer> {
    let Some(names) = name.inside().take_if(tag::CONTEXT_0)? else {
        return Ok(Vec::new());
    };
    let names = names.inside().all()?;
    let addresses = names.iter().filter(|name| name.tag == URI);
    Ok(addresses
        .map(|name| String::from_utf8_lossy(name.content).into_owned())
        .collect())
}

/// `onlyContainsUserCerts`.
const ONLY_USERS: u8 = 0x81;
/// `onlyContainsCACerts`.
const ONLY_AUTHORITIES: u8 = 0x82;
/// A URI in a `GeneralName`.
const URI: u8 = 0x86;
