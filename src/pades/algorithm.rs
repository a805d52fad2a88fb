//! The algorithms that others' signatures name, as far as they are known here.

use der::asn1::ObjectIdentifier as Oid;
use openssl::hash::{MessageDigest, hash};
use openssl::nid::Nid;

use super::asn1::read::{NotDer, Value};
use super::asn1::tag;
use super::cms::signed_data::{Algorithm, SignerInfo};
use super::oid;
use super::scheme::{DigestAlgorithm, Scheme};
use super::signature::Method;

/// Why an algorithm cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unknown {
    /// It is none that is known here, or it contradicts what is said beside it.
    Unsupported,
    /// What is said about it is malformed.
    Malformed,
}

impl From<NotDer> for Unknown {
    fn from(_: NotDer) -> Self {
        Self::Malformed
    }
}

/// A digest algorithm by its identifier.
pub(super) fn digest(algorithm: Oid) -> Result<Nid, Unknown> {
    Ok(match algorithm {
        oid::SHA1 => Nid::SHA1,
        oid::SHA256 => Nid::SHA256,
        oid::SHA384 => Nid::SHA384,
        oid::SHA512 => Nid::SHA512,
        oid::SHA3_256 => Nid::SHA3_256,
        oid::SHA3_384 => Nid::SHA3_384,
        oid::SHA3_512 => Nid::SHA3_512,
        _ => return Err(Unknown::Unsupported),
    })
}

/// The digest of bytes at hand; none where this machine's library does not have the algorithm.
pub(super) fn digest_of(algorithm: Nid, bytes: &[u8]) -> Option<Vec<u8>> {
    Some(match algorithm {
        Nid::SHA256 => DigestAlgorithm::Sha256.digest(bytes),
        Nid::SHA384 => DigestAlgorithm::Sha384.digest(bytes),
        Nid::SHA512 => DigestAlgorithm::Sha512.digest(bytes),
        other => hash(MessageDigest::from_nid(other)?, bytes).ok()?.to_vec(),
    })
}

/// Whether collisions of the digest can be made by anyone who pays for it.
pub(super) fn is_weak(digest: Nid) -> bool {
    digest == Nid::SHA1
}

/// How a signer signed. The digest named for the content and the one in the signature's algorithm
/// must agree (RFC 5652 §5.4 digests the attributes with the former).
pub(super) fn method(signer: &SignerInfo<'_>) -> Result<Method, Unknown> {
    let content = digest(signer.digest.oid)?;
    if signer.signature_algorithm.oid == oid::RSA_ENCRYPTION {
        return Ok(plain(Scheme::Pkcs1, content));
    }
    let method = of_signature(signer.signature_algorithm)?;
    if method.digest == content {
        Ok(method)
    } else {
        Err(Unknown::Unsupported)
    }
}

/// How a signature was made whose algorithm names its digest itself, as those in certificates,
/// CRLs and OCSP answers do.
pub(super) fn of_signature(algorithm: Algorithm<'_>) -> Result<Method, Unknown> {
    let (scheme, digest) = match algorithm.oid {
        oid::RSASSA_PSS => return pss(algorithm.parameters),
        oid::RSA_SHA1 => (Scheme::Pkcs1, Nid::SHA1),
        oid::RSA_SHA256 => (Scheme::Pkcs1, Nid::SHA256),
        oid::RSA_SHA384 => (Scheme::Pkcs1, Nid::SHA384),
        oid::RSA_SHA512 => (Scheme::Pkcs1, Nid::SHA512),
        oid::ECDSA_SHA1 => (Scheme::Ecdsa, Nid::SHA1),
        oid::ECDSA_SHA256 => (Scheme::Ecdsa, Nid::SHA256),
        oid::ECDSA_SHA384 => (Scheme::Ecdsa, Nid::SHA384),
        oid::ECDSA_SHA512 => (Scheme::Ecdsa, Nid::SHA512),
        _ => return Err(Unknown::Unsupported),
    };
    Ok(plain(scheme, digest))
}

fn plain(scheme: Scheme, digest: Nid) -> Method {
    Method {
        scheme,
        digest,
        mask: None,
    }
}

fn pss(parameters: Option<Value<'_>>) -> Result<Method, Unknown> {
    let (own, mask, salt) = pss_parameters(parameters)?;
    Ok(Method {
        scheme: Scheme::Pss,
        digest: digest(own)?,
        mask: Some((digest(mask)?, salt)),
    })
}

/// RSASSA-PSS-params (RFC 4055 §3.1): digest, digest of the mask, length of the salt. What is left
/// out is SHA-1's.
fn pss_parameters(parameters: Option<Value<'_>>) -> Result<(Oid, Oid, u16), NotDer> {
    let mut walk = parameters.ok_or(NotDer)?.inside();
    let (mut hash, mut mask, mut salt) = (oid::SHA1, oid::SHA1, 20);
    if let Some(explicit) = walk.take_if(tag::CONTEXT_0)? {
        hash = Algorithm::parse(explicit.inside().take(tag::SEQUENCE)?)?.oid;
    }
    if let Some(explicit) = walk.take_if(tag::CONTEXT_1)? {
        let function = Algorithm::parse(explicit.inside().take(tag::SEQUENCE)?)?;
        if function.oid != oid::MGF1 {
            return Err(NotDer);
        }
        mask = Algorithm::parse(function.parameters.ok_or(NotDer)?)?.oid;
    }
    if let Some(explicit) = walk.take_if(tag::CONTEXT_2)? {
        salt = explicit.inside().any()?.number()?;
    }
    Ok((hash, mask, salt))
}
