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

/// Signs the digest of the byte range: a detached `SignedData` in DER.
///
/// # Errors
/// [`SignError`] when the key refuses.
pub fn sign(content_digest: &[u8], identity: &SigningIdentity) -> Result<Vec<u8>, SignError> {
    let attributes = signed_attributes(content_digest, identity);
    // What is signed is the SET itself; in the message it stands under an implicit tag
    // (RFC 5652 §5.4).
    let to_sign = set_of(tag::SET, attributes.clone());
    let digest = openssl::hash::hash(identity.digest_algorithm().openssl(), &to_sign)?;
    let signature = identity.sign_digest(&digest)?;
    Ok(content_info(
        identity,
        &set_of(tag::CONTEXT_0, attributes),
        &signature,
    ))
}

/// The room that a signature of this identity needs, in bytes of DER: a message with the longest
/// signature that its key can make, and a margin. The key itself is not used.
#[must_use]
pub fn contents_size(identity: &SigningIdentity) -> usize {
    let trial = vec![0; identity.digest_algorithm().len()];
    let attributes = set_of(tag::CONTEXT_0, signed_attributes(&trial, identity));
    let signature = vec![0; identity.signature_bytes_max()];
    content_info(identity, &attributes, &signature).len() + MARGIN_BYTES
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

fn content_info(identity: &SigningIdentity, attributes: &[u8], signature: &[u8]) -> Vec<u8> {
    let digest = identity.digest_algorithm().identifier();
    let signed_data = sequence(&[
        &small_integer(1),
        &value(tag::SET, &digest),
        &sequence(&[&object_identifier(oid::DATA)]),
        &value(tag::CONTEXT_0, &identity.chain_der().concat()),
        &value(
            tag::SET,
            &signer_info(identity, &digest, attributes, signature),
        ),
    ]);
    sequence(&[
        &object_identifier(oid::SIGNED_DATA),
        &value(tag::CONTEXT_0, &signed_data),
    ])
}

fn signer_info(
    identity: &SigningIdentity,
    digest: &[u8],
    attributes: &[u8],
    signature: &[u8],
) -> Vec<u8> {
    sequence(&[
        &small_integer(1),
        identity.issuer_and_serial(),
        digest,
        attributes,
        &signature_identifier(identity.scheme(), identity.digest_algorithm()),
        &value(tag::OCTET_STRING, signature),
    ])
}

/// Room beyond the largest signature, so that a length octet more never matters.
const MARGIN_BYTES: usize = 64;
