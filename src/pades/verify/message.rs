//! Whether a CMS is its signer's word about some content (RFC 5652 §5.6), and who the signer is.

use der::asn1::ObjectIdentifier as Oid;
use openssl::nid::Nid;
use openssl::x509::X509;
use time::OffsetDateTime;

use super::problem::Problem;
use crate::pades::algorithm;
use crate::pades::asn1::read::{NotDer, Value};
use crate::pades::asn1::{object_identifier, tag, value};
use crate::pades::certificate;
use crate::pades::cms::signed_data::{Algorithm, Attributes, SignedData, SignerId};
use crate::pades::error::Refusal;
use crate::pades::moment::asn1_time;
use crate::pades::oid;
use crate::pades::signature::{self, Method};

/// What the examination of a message brought to light.
#[derive(Default)]
pub(super) struct Examined {
    pub(super) problems: Vec<Problem>,
    /// The signer's certificate, once found.
    pub(super) signer: Option<X509>,
    /// The other certificates in the message.
    pub(super) others: Vec<X509>,
    /// The signing-time attribute, which a PAdES baseline signature must not have.
    pub(super) signing_time: Option<OffsetDateTime>,
    /// The attributes are those of a baseline signature (EN 319 142-1 §6.3).
    pub(super) is_baseline: bool,
}

/// Examines a message about content of type `content_type`, whose digest by any algorithm
/// `content_digest` tells. The problems found are in what is returned; an error is one of reading.
pub(super) fn examine(
    data: &SignedData<'_>,
    content_type: Oid,
    content_digest: &mut dyn FnMut(Nid) -> Result<Vec<u8>, Refusal>,
) -> Result<Examined, Refusal> {
    let mut examined = Examined::default();
    let claim = examined.claim(data, content_type, content_digest)?;
    examined.find_signer(data);
    let (Some(claim), Some(signer)) = (claim, &examined.signer) else {
        return Ok(examined);
    };
    let is_good = signer.public_key().is_ok_and(|key| {
        signature::is_good(&key, claim.method, &claim.digest, data.signer.signature)
    });
    if !is_good {
        examined.problems.push(Problem::SignatureMismatch);
    }
    Ok(examined)
}

/// What a signature value must be over, and how it was made.
pub(super) struct Claim {
    pub(super) method: Method,
    pub(super) digest: Vec<u8>,
}

impl Examined {
    /// Reads what the signer says of the content; nothing where that cannot be said at all.
    pub(super) fn claim(
        &mut self,
        data: &SignedData<'_>,
        content_type: Oid,
        content_digest: &mut dyn FnMut(Nid) -> Result<Vec<u8>, Refusal>,
    ) -> Result<Option<Claim>, Refusal> {
        let method = match algorithm::method(&data.signer) {
            Ok(method) => method,
            Err(unknown) => {
                self.problems.push(unknown.into());
                return Ok(None);
            }
        };
        if algorithm::is_weak(method.digest) {
            self.problems.push(Problem::WeakDigest);
        }
        let content_digest = content_digest(method.digest)?;
        let digest = match &data.signer.signed {
            None => {
                // Only plain data may be signed without them (RFC 5652 §5.3).
                if content_type != oid::DATA {
                    self.problems.push(Problem::CmsMalformed);
                }
                content_digest
            }
            Some(attributes) => {
                self.read_attributes(attributes, content_type, &content_digest);
                // What is signed is the SET itself; in the message it stands under an implicit tag.
                digest_of(method.digest, &value(tag::SET, attributes.content)).unwrap_or_default()
            }
        };
        Ok(Some(Claim { method, digest }))
    }

    fn read_attributes(&mut self, attributes: &Attributes<'_>, content_type: Oid, digest: &[u8]) {
        if self.compare_attributes(attributes, content_type, digest) == Err(NotDer) {
            self.problems.push(Problem::CmsMalformed);
        }
    }

    fn compare_attributes(
        &mut self,
        attributes: &Attributes<'_>,
        content_type: Oid,
        digest: &[u8],
    ) -> Result<(), NotDer> {
        let stated_type = attributes.single(oid::CONTENT_TYPE)?.ok_or(NotDer)?;
        if stated_type.raw != object_identifier(content_type) {
            return Err(NotDer);
        }
        let stated_digest = attributes.single(oid::MESSAGE_DIGEST)?.ok_or(NotDer)?;
        if stated_digest.tag != tag::OCTET_STRING {
            return Err(NotDer);
        }
        if stated_digest.content != digest {
            self.problems.push(Problem::DigestMismatch);
        }
        let signing_time = attributes.single(oid::SIGNING_TIME)?;
        self.signing_time = signing_time.and_then(asn1_time);
        let names_certificate = attributes.single(oid::SIGNING_CERTIFICATE_V2)?.is_some()
            || attributes.single(oid::SIGNING_CERTIFICATE)?.is_some();
        self.is_baseline = names_certificate && signing_time.is_none();
        Ok(())
    }

    /// Finds the signer's certificate by the name that the message gives it, and sees that the
    /// signed attributes name the same one.
    fn find_signer(&mut self, data: &SignedData<'_>) {
        let place = data
            .certificates
            .iter()
            .position(|der| is_of(der, data.signer.id));
        for (index, der) in data.certificates.iter().enumerate() {
            match X509::from_der(der) {
                Ok(certificate) if Some(index) == place => self.signer = Some(certificate),
                Ok(certificate) => self.others.push(certificate),
                Err(_) => {}
            }
        }
        let Some(der) = place.and_then(|place| data.certificates.get(place)) else {
            self.problems.push(Problem::SignerCertificateMissing);
            return;
        };
        let named = data
            .signer
            .signed
            .as_ref()
            .map_or(Ok(true), |signed| names(signed, der));
        if named != Ok(true) {
            self.problems.push(Problem::CertificateReferenceMismatch);
        }
    }
}

fn is_of(certificate: &[u8], id: SignerId<'_>) -> bool {
    match id {
        SignerId::IssuerAndSerial(issuer, serial) => {
            certificate::is_issued_as(certificate, issuer, serial)
        }
        SignerId::KeyIdentifier(key) => certificate::subject_key_identifier(certificate)
            .is_some_and(|identifier| identifier == key),
    }
}

/// Whether the signing-certificate attributes, where there are any, name this certificate first.
pub(super) fn names(attributes: &Attributes<'_>, certificate: &[u8]) -> Result<bool, NotDer> {
    for (kind, default) in [
        (oid::SIGNING_CERTIFICATE_V2, Nid::SHA256),
        (oid::SIGNING_CERTIFICATE, Nid::SHA1),
    ] {
        if let Some(attribute) = attributes.single(kind)? {
            let (algorithm, digest) = first_reference(attribute, default)?;
            if digest_of(algorithm, certificate).ok().as_deref() != Some(digest) {
                return Ok(false);
            }
        }
    }
    Ok(true)
}

/// The digest in the first `ESSCertID` or `ESSCertIDv2` (RFC 5035 §3 and §4).
fn first_reference(attribute: Value<'_>, default: Nid) -> Result<(Nid, &[u8]), NotDer> {
    let references = attribute.inside().take(tag::SEQUENCE)?;
    let mut reference = references.inside().take(tag::SEQUENCE)?.inside();
    let algorithm = match reference.take_if(tag::SEQUENCE)? {
        Some(named) => algorithm::digest(Algorithm::parse(named)?.oid).map_err(|_| NotDer)?,
        None => default,
    };
    Ok((algorithm, reference.take(tag::OCTET_STRING)?.content))
}

/// The digest of bytes at hand.
pub(super) fn digest_of(algorithm: Nid, bytes: &[u8]) -> Result<Vec<u8>, Problem> {
    algorithm::digest_of(algorithm, bytes).ok_or(Problem::AlgorithmUnsupported)
}
