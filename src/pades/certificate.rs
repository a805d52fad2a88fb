//! What we read in a certificate (RFC 5280).

use std::cmp::Ordering;
use std::ops::Range;

use openssl::nid::Nid;
use openssl::pkey::Id;
use openssl::sha::sha256;
use openssl::x509::{X509, X509NameRef, X509Ref};
use time::OffsetDateTime;
use time::macros::datetime;
use x509_parser::certificate::X509Certificate;
use x509_parser::prelude::FromDer as _;

use super::asn1::{sequence, tag, value};
use super::oid;

/// The facts that decide whether a certificate may sign, and that people are shown.
#[derive(Clone, Debug)]
pub(super) struct CertificateFacts {
    pub(super) subject: String,
    pub(super) issuer: String,
    /// In lower-case hexadecimal.
    pub(super) serial: String,
    pub(super) not_before: OffsetDateTime,
    pub(super) not_after: OffsetDateTime,
    /// No key usage at all, or one with digitalSignature or nonRepudiation; and no extended one, or
    /// one that a person or an agency signs by.
    pub(super) may_sign: bool,
    pub(super) rsa_bits: Option<u32>,
    pub(super) signature_bytes_max: usize,
    pub(super) sha256: [u8; 32],
}

/// Reads a certificate; `None` when it is not one by RFC 5280.
pub(super) fn facts(certificate: &X509Ref) -> Option<CertificateFacts> {
    let der = certificate.to_der().ok()?;
    let (_, parsed) = X509Certificate::from_der(&der).ok()?;
    let usage = parsed.key_usage().ok()?;
    let key = certificate.public_key().ok()?;
    let is_rsa = matches!(key.id(), Id::RSA | Id::RSA_PSS);
    Some(CertificateFacts {
        subject: name(certificate.subject_name()),
        issuer: name(certificate.issuer_name()),
        serial: hex::encode(parsed.raw_serial()),
        not_before: parsed.validity().not_before.to_datetime(),
        not_after: parsed.validity().not_after.to_datetime(),
        may_sign: usage
            .is_none_or(|usage| usage.value.digital_signature() || usage.value.non_repudiation())
            && is_for_signers(&parsed),
        rsa_bits: is_rsa.then(|| key.bits()),
        signature_bytes_max: key.size(),
        sha256: sha256(&der),
    })
}

/// The end of a certificate's validity.
pub(super) fn not_after(der: &[u8]) -> Option<OffsetDateTime> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    Some(certificate.validity().not_after.to_datetime())
}

/// When a certificate's key is no longer held strong: RSA below 3072 bits has the strength of 112
/// bits, which is held enough through 2030 (NIST SP 800-57 part 1, table 4).
pub(super) fn ages_out_at(der: &[u8]) -> Option<OffsetDateTime> {
    let key = X509::from_der(der).ok()?.public_key().ok()?;
    let is_rsa = matches!(key.id(), Id::RSA | Id::RSA_PSS);
    (is_rsa && key.bits() < 3072).then_some(datetime!(2031-01-01 0:00 UTC))
}

/// The time in which a certificate in DER is valid, its last moment left out.
pub(super) fn validity(der: &[u8]) -> Option<Range<OffsetDateTime>> {
    let (_, parsed) = X509Certificate::from_der(der).ok()?;
    let validity = parsed.validity();
    Some(validity.not_before.to_datetime()..validity.not_after.to_datetime())
}

/// The last common name, else the organisation: what people call the holder.
pub(super) fn name(name: &X509NameRef) -> String {
    [Nid::COMMONNAME, Nid::ORGANIZATIONNAME]
        .into_iter()
        .find_map(|nid| name.entries_by_nid(nid).last()?.data().to_string().ok())
        .unwrap_or_default()
}

/// `IssuerAndSerialNumber` (RFC 5652 §10.2.4) with the name's own bytes: another encoding of the
/// same name would not be found by every validator.
pub(super) fn issuer_and_serial(der: &[u8]) -> Option<Vec<u8>> {
    let (_, certificate) = X509Certificate::from_der(der).ok()?;
    let serial = value(tag::INTEGER, certificate.raw_serial());
    Some(sequence(&[certificate.issuer().as_raw(), &serial]))
}

/// Whether the certificate bears this issuer's name (DER) and this serial number.
pub(super) fn is_issued_as(der: &[u8], issuer: &[u8], serial: &[u8]) -> bool {
    X509Certificate::from_der(der).is_ok_and(|(_, certificate)| {
        certificate.issuer().as_raw() == issuer && certificate.raw_serial() == serial
    })
}

/// Whether the extended key usage, where there is one, is that of somebody who signs: a certificate
/// of a time-stamping unit or of an OCSP responder signs no documents (RFC 5280 §4.2.1.12).
fn is_for_signers(certificate: &X509Certificate<'_>) -> bool {
    let Ok(usage) = certificate.extended_key_usage() else {
        return false;
    };
    usage.is_none_or(|usage| {
        let purposes = usage.value;
        let mut others = purposes
            .other
            .iter()
            .map(x509_parser::der_parser::Oid::as_bytes);
        purposes.any
            || purposes.email_protection
            || purposes.client_auth
            || others.any(|other| SIGNERS.iter().any(|oid| oid.as_bytes() == other))
    })
}

/// Further purposes by which documents are signed.
const SIGNERS: [der::asn1::ObjectIdentifier; 3] = [
    oid::DOCUMENT_SIGNING,
    oid::DOCUMENT_SIGNING_MICROSOFT,
    oid::DOCUMENT_SIGNING_ADOBE,
];

/// Whether the certificate is one for time-stamps: its extended key usage is critical and that
/// alone (RFC 3161 §2.3).
pub(super) fn is_for_time_stamps(der: &[u8]) -> bool {
    let Ok((_, certificate)) = X509Certificate::from_der(der) else {
        return false;
    };
    let usage = certificate.extended_key_usage().ok().flatten();
    usage.is_some_and(|usage| {
        let purposes = usage.value;
        let is_alone = !purposes.any
            && !purposes.server_auth
            && !purposes.client_auth
            && !purposes.code_signing
            && !purposes.email_protection
            && !purposes.ocsp_signing
            && purposes.other.is_empty();
        usage.critical && purposes.time_stamping && is_alone
    })
}

/// The subject key identifier, where the certificate has one.
pub(super) fn subject_key_identifier(der: &[u8]) -> Option<Vec<u8>> {
    let certificate = X509::from_der(der).ok()?;
    certificate
        .subject_key_id()
        .map(|identifier| identifier.as_slice().to_vec())
}

/// The certificates from the issuer of `certificate` upwards, whatever order the others came in;
/// what does not belong to the chain is left out. Where an authority has several certificates for
/// one key, it is the one that lasts longest.
pub(super) fn chain_above(certificate: &X509Ref, mut others: Vec<X509>) -> Vec<X509> {
    let mut chain: Vec<X509> = Vec::new();
    let mut below = certificate.to_owned();
    while !is_signed_by(&below, &below) {
        let issuers = others.iter().enumerate();
        let issuers = issuers.filter(|(_, other)| is_signed_by(&below, other));
        let lasting = issuers.max_by(|(_, one), (_, other)| {
            let order = one.not_after().partial_cmp(other.not_after());
            order.unwrap_or(Ordering::Equal)
        });
        let Some((place, _)) = lasting else {
            break;
        };
        below = others.swap_remove(place);
        chain.push(below.clone());
    }
    chain
}

/// Whether one certificate in DER issued another.
pub(super) fn is_issued_by_der(certificate: &[u8], issuer: &[u8]) -> bool {
    let read = X509::from_der(certificate)
        .ok()
        .zip(X509::from_der(issuer).ok());
    read.is_some_and(|(certificate, issuer)| is_issued_by(&certificate, &issuer))
}

fn is_issued_by(certificate: &X509Ref, issuer: &X509Ref) -> bool {
    let is_itself = matches!(
        (certificate.to_der(), issuer.to_der()),
        (Ok(one), Ok(other)) if one == other
    );
    !is_itself && is_signed_by(certificate, issuer)
}

/// Whether the one has the other's name for its issuer's and a signature by the other's key.
fn is_signed_by(certificate: &X509Ref, issuer: &X509Ref) -> bool {
    let same = |one: &X509NameRef, other: &X509NameRef| matches!((one.to_der(), other.to_der()), (Ok(one), Ok(other)) if one == other);
    same(certificate.issuer_name(), issuer.subject_name())
        && issuer
            .public_key()
            .is_ok_and(|key| certificate.verify(&key).unwrap_or(false))
}
