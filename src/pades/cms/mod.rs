//! The CMS that goes into `/Contents`: `SignedData` (RFC 5652 §5) with the three signed attributes
//! that a PAdES baseline signature has (EN 319 142-1 §6.3): content-type, message-digest and
//! signing-certificate-v2. The signing time stands in `/M` of the PDF, not here.

pub(super) mod signed_data;

use der::asn1::ObjectIdentifier as Oid;

use super::asn1::{object_identifier, sequence, set_of, small_integer, tag, value};
use super::identity::SigningIdentity;
use super::oid;
use super::scheme::signature_identifier;
use super::signer::SignError;
use super::timestamp::TimeStampToken;

/// A signature that is made, in want only of its encoding.
pub struct SignedMessage {
    /// The identifier of the digest algorithm.
    digest: Vec<u8>,
    /// The certificates under their implicit tag.
    certificates: Vec<u8>,
    /// `SignerInfo` up to the signature, its parts one behind the other.
    signer: Vec<u8>,
    signature: Vec<u8>,
}

/// Signs the digest of the byte range.
///
/// # Errors
/// [`SignError`] when the key refuses.
pub fn sign(content_digest: &[u8], identity: &SigningIdentity) -> Result<SignedMessage, SignError> {
    let attributes = signed_attributes(content_digest, identity);
    // What is signed is the SET itself; in the message it stands under an implicit tag
    // (RFC 5652 §5.4).
    let to_sign = set_of(tag::SET, attributes.clone());
    let digest = identity.digest_algorithm().digest(&to_sign);
    let signature = identity.sign_digest(&digest)?;
    Ok(SignedMessage::of(attributes, identity, signature))
}

impl SignedMessage {
    fn of(attributes: Vec<Vec<u8>>, identity: &SigningIdentity, signature: Vec<u8>) -> Self {
        let digest = identity.digest_algorithm().identifier();
        let signer = [
            &small_integer(1),
            identity.issuer_and_serial(),
            &digest,
            &set_of(tag::CONTEXT_0, attributes),
            &signature_identifier(identity.scheme(), identity.digest_algorithm()),
        ]
        .concat();
        Self {
            digest,
            certificates: value(tag::CONTEXT_0, &identity.chain_der().concat()),
            signer,
            signature,
        }
    }

    /// The signature value: what a time-stamp is asked for (RFC 3161 appendix A).
    #[must_use]
    pub fn signature(&self) -> &[u8] {
        &self.signature
    }

    /// The detached `SignedData` in DER, level B-B.
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        self.encode(&[])
    }

    /// The same with a time-stamp of the signature value among the unsigned attributes, level B-T
    /// (EN 319 142-1 §6.3).
    #[must_use]
    pub fn to_der_with(&self, token: &TimeStampToken) -> Vec<u8> {
        let stamp = attribute(oid::TIME_STAMP_TOKEN, token.der());
        self.encode(&value(tag::CONTEXT_1, &stamp))
    }

    fn encode(&self, unsigned: &[u8]) -> Vec<u8> {
        let signature = value(tag::OCTET_STRING, &self.signature);
        let signed_data = sequence(&[
            &small_integer(1),
            &value(tag::SET, &self.digest),
            &sequence(&[&object_identifier(oid::DATA)]),
            &self.certificates,
            &value(tag::SET, &sequence(&[&self.signer, &signature, unsigned])),
        ]);
        sequence(&[
            &object_identifier(oid::SIGNED_DATA),
            &value(tag::CONTEXT_0, &signed_data),
        ])
    }
}

/// The room that a signature of this identity needs, in bytes of DER: a message with the longest
/// signature that its key can make, and a margin. The key itself is not used. A time-stamp in it
/// takes its own length more.
#[must_use]
pub fn contents_size(identity: &SigningIdentity) -> usize {
    let trial = vec![0; identity.digest_algorithm().len()];
    let signature = vec![0; identity.signature_bytes_max()];
    let message = SignedMessage::of(signed_attributes(&trial, identity), identity, signature);
    message.to_der().len() + MARGIN_BYTES
}

fn signed_attributes(content_digest: &[u8], identity: &SigningIdentity) -> Vec<Vec<u8>> {
    vec![
        attribute(oid::CONTENT_TYPE, &object_identifier(oid::DATA)),
        attribute(
            oid::MESSAGE_DIGEST,
            &value(tag::OCTET_STRING, content_digest),
        ),
        attribute(oid::SIGNING_CERTIFICATE_V2, &signing_certificate(identity)),
    ]
}

fn attribute(kind: Oid, content: &[u8]) -> Vec<u8> {
    sequence(&[&object_identifier(kind), &value(tag::SET, content)])
}

/// `SigningCertificateV2` with one `ESSCertIDv2`; SHA-256 is its default and is left out
/// (RFC 5035 §4).
fn signing_certificate(identity: &SigningIdentity) -> Vec<u8> {
    let certificate_hash = value(tag::OCTET_STRING, &identity.fingerprint_sha256());
    sequence(&[&sequence(&[&sequence(&[&certificate_hash])])])
}

/// Room beyond the largest signature, so that a length octet more never matters.
const MARGIN_BYTES: usize = 64;
