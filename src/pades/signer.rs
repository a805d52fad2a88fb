//! The narrow door to a private key: a digest goes in, a signature comes out. A token or a remote
//! service is another maker of this trait; what builds a CMS does not notice.

use openssl::error::ErrorStack;
use openssl::pkey::{PKey, Private};
use openssl::pkey_ctx::PkeyCtx;
use openssl::rsa::Padding;
use openssl::sign::RsaPssSaltlen;
use thiserror::Error;

use super::asn1::{positive_integer, sequence, tag, value};
use super::contexts::Contexts;
use super::scheme::{DigestAlgorithm, Scheme};
use super::signature::known;

/// The key could not be used. What the library or the device says stays in it; it names no secret.
#[derive(Debug, Error)]
pub enum SignError {
    /// A key in memory.
    #[error("the private key could not sign: {0}")]
    Key(#[from] ErrorStack),
    /// A key in a device, or far away.
    #[error("the key's device could not sign: {0}")]
    Device(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// Signs digests, nothing else.
pub trait DigestSigner: Send + Sync {
    /// Whether it signs by this scheme at all: not every token has RSASSA-PSS.
    fn offers(&self, scheme: Scheme) -> bool;

    /// Signs a digest that was made by `algorithm`: the RSA signature as it is (RFC 8017), an
    /// ECDSA one as `Ecdsa-Sig-Value` (RFC 3279 §2.2.3). The salt of RSASSA-PSS is as long as
    /// the digest, its mask is MGF1 with the same digest.
    ///
    /// # Errors
    /// [`SignError`] when the key or the device behind it refuses.
    fn sign_digest(
        &self,
        scheme: Scheme,
        algorithm: DigestAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, SignError>;
}

/// A key in this process's memory.
pub(super) struct LocalKey {
    key: PKey<Private>,
    contexts: Contexts<(Scheme, DigestAlgorithm), Private>,
}

impl LocalKey {
    pub(super) fn new(key: PKey<Private>) -> Self {
        Self {
            key,
            contexts: Contexts::new(),
        }
    }

    fn signing(
        &self,
        scheme: Scheme,
        algorithm: DigestAlgorithm,
    ) -> Result<PkeyCtx<Private>, ErrorStack> {
        let mut context = PkeyCtx::new(&self.key)?;
        context.sign_init()?;
        if scheme != Scheme::Ecdsa {
            set_rsa_padding(&mut context, scheme)?;
        }
        context.set_signature_md(known(algorithm.openssl().type_())?)?;
        if scheme == Scheme::Pss {
            context.set_rsa_pss_saltlen(RsaPssSaltlen::DIGEST_LENGTH)?;
        }
        Ok(context)
    }
}

impl DigestSigner for LocalKey {
    fn offers(&self, _: Scheme) -> bool {
        true
    }

    fn sign_digest(
        &self,
        scheme: Scheme,
        algorithm: DigestAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        let ready = || self.signing(scheme, algorithm);
        let signature = self.contexts.lend((scheme, algorithm), ready, |context| {
            let mut signature = Vec::new();
            context.sign_to_vec(digest, &mut signature)?;
            Ok(signature)
        });
        Ok(signature?)
    }
}

/// The two halves of an ECDSA signature, `r` and `s` one behind the other as devices give them, as
/// `Ecdsa-Sig-Value` (RFC 3279 §2.2.3); `None` when they are not two halves.
#[must_use]
pub fn ecdsa_sig_value(halves: &[u8]) -> Option<Vec<u8>> {
    if halves.is_empty() || !halves.len().is_multiple_of(2) {
        return None;
    }
    let (r, s) = halves.split_at(halves.len() / 2);
    Some(sequence(&[&positive_integer(r), &positive_integer(s)]))
}

/// `DigestInfo` (RFC 8017 §9.2): what a device that only pads signs by RSASSA-PKCS1-v1_5.
#[must_use]
pub fn digest_info(algorithm: DigestAlgorithm, digest: &[u8]) -> Vec<u8> {
    sequence(&[
        &algorithm.identifier_with_null(),
        &value(tag::OCTET_STRING, digest),
    ])
}

/// Chooses between the two paddings of RSA.
pub(super) fn set_rsa_padding<T>(
    context: &mut PkeyCtx<T>,
    scheme: Scheme,
) -> Result<(), ErrorStack> {
    context.set_rsa_padding(match scheme {
        Scheme::Pss => Padding::PKCS1_PSS,
        Scheme::Pkcs1 | Scheme::Ecdsa => Padding::PKCS1,
    })
}
