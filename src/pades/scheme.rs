//! How a signature is made: the scheme, the digest, and the identifiers both have in a CMS.

use std::fmt;
use std::str::FromStr;

use der::asn1::ObjectIdentifier as Oid;
use openssl::hash::MessageDigest;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::asn1::{object_identifier, sequence, small_integer, tag, value};
use super::oid;

/// The signature scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Scheme {
    /// RSASSA-PSS (RFC 8017 §8.1), the default for RSA keys.
    Pss,
    /// RSASSA-PKCS1-v1_5 (RFC 8017 §8.2), for readers that do not know PSS.
    Pkcs1,
    /// ECDSA (FIPS 186-5).
    Ecdsa,
}

impl Scheme {
    /// The word for it in settings and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pss => "pss",
            Self::Pkcs1 => "pkcs1",
            Self::Ecdsa => "ecdsa",
        }
    }
}

impl fmt::Display for Scheme {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

/// The word names no scheme.
#[derive(Clone, Copy, Debug, thiserror::Error, PartialEq, Eq)]
#[error("not a signature scheme")]
pub struct UnknownScheme;

impl FromStr for Scheme {
    type Err = UnknownScheme;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        [Self::Pss, Self::Pkcs1, Self::Ecdsa]
            .into_iter()
            .find(|scheme| scheme.as_str() == word)
            .ok_or(UnknownScheme)
    }
}

/// A digest algorithm of the SHA-2 family; nothing weaker signs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum DigestAlgorithm {
    /// SHA-256.
    Sha256,
    /// SHA-384.
    Sha384,
    /// SHA-512.
    Sha512,
}

#[expect(clippy::len_without_is_empty, reason = "a digest is never empty")]
impl DigestAlgorithm {
    pub(super) fn oid(self) -> Oid {
        match self {
            Self::Sha256 => oid::SHA256,
            Self::Sha384 => oid::SHA384,
            Self::Sha512 => oid::SHA512,
        }
    }

    pub(super) fn openssl(self) -> MessageDigest {
        match self {
            Self::Sha256 => MessageDigest::sha256(),
            Self::Sha384 => MessageDigest::sha384(),
            Self::Sha512 => MessageDigest::sha512(),
        }
    }

    /// The digest's length in bytes.
    #[must_use]
    pub fn len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of these bytes.
    #[must_use]
    pub fn digest(self, bytes: &[u8]) -> Vec<u8> {
        // OpenSSL looks its algorithm up each time: of a short text that takes longer.
        match self {
            Self::Sha256 => Sha256::digest(bytes).to_vec(),
            Self::Sha384 => Sha384::digest(bytes).to_vec(),
            Self::Sha512 => Sha512::digest(bytes).to_vec(),
        }
    }

    /// Its `AlgorithmIdentifier` with the NULL that RFC 8017 §9.2 and RFC 4055 §2.1 ask for.
    pub(super) fn identifier_with_null(self) -> Vec<u8> {
        sequence(&[&object_identifier(self.oid()), NULL])
    }

    /// Its `AlgorithmIdentifier`, without parameters (RFC 5754 §2).
    pub(super) fn identifier(self) -> Vec<u8> {
        sequence(&[&object_identifier(self.oid())])
    }
}

/// `sha256/384/512WithRSAEncryption` (RFC 4055 §5).
fn rsa_with(digest: DigestAlgorithm) -> Oid {
    match digest {
        DigestAlgorithm::Sha256 => oid::RSA_SHA256,
        DigestAlgorithm::Sha384 => oid::RSA_SHA384,
        DigestAlgorithm::Sha512 => oid::RSA_SHA512,
    }
}

/// `ecdsa-with-SHA256/384/512` (RFC 5758 §3.2).
fn ecdsa_with(digest: DigestAlgorithm) -> Oid {
    match digest {
        DigestAlgorithm::Sha256 => oid::ECDSA_SHA256,
        DigestAlgorithm::Sha384 => oid::ECDSA_SHA384,
        DigestAlgorithm::Sha512 => oid::ECDSA_SHA512,
    }
}

/// The `AlgorithmIdentifier` of a signature.
pub(super) fn signature_identifier(scheme: Scheme, digest: DigestAlgorithm) -> Vec<u8> {
    match scheme {
        Scheme::Pss => sequence(&[&object_identifier(oid::RSASSA_PSS), &pss_parameters(digest)]),
        Scheme::Pkcs1 => sequence(&[&object_identifier(rsa_with(digest)), NULL]),
        Scheme::Ecdsa => sequence(&[&object_identifier(ecdsa_with(digest))]),
    }
}

/// RSASSA-PSS-params (RFC 4055 §3.1), written out: the defaults are SHA-1's. The salt is as long
/// as the digest.
fn pss_parameters(digest: DigestAlgorithm) -> Vec<u8> {
    let hash = digest.identifier_with_null();
    let mask = sequence(&[&object_identifier(oid::MGF1), &hash]);
    let salt = small_integer(u8::try_from(digest.len()).unwrap_or_default());
    sequence(&[
        &value(tag::CONTEXT_0, &hash),
        &value(tag::CONTEXT_1, &mask),
        &value(tag::CONTEXT_2, &salt),
    ])
}

const NULL: &[u8] = &[0x05, 0x00];
