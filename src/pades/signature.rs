//! Whether a signature over a digest is good under a public key.

use openssl::error::ErrorStack;
use openssl::md::{Md, MdRef};
use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Public};
use openssl::pkey_ctx::PkeyCtx;
use openssl::sign::RsaPssSaltlen;

use super::contexts::Contexts;
use super::scheme::{DigestAlgorithm, Scheme};
use super::signer::set_rsa_padding;

/// How a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Method {
    pub(super) scheme: Scheme,
    /// The digest that was signed.
    pub(super) digest: Nid,
    /// For RSASSA-PSS: the digest of the mask and the length of the salt.
    pub(super) mask: Option<(Nid, u16)>,
}

impl Method {
    /// As we sign ourselves.
    pub(super) fn of(scheme: Scheme, digest: DigestAlgorithm) -> Self {
        let nid = digest.openssl().type_();
        let salt = u16::try_from(digest.len()).unwrap_or(u16::MAX);
        Self {
            scheme,
            digest: nid,
            mask: (scheme == Scheme::Pss).then_some((nid, salt)),
        }
    }
}

/// Whether `made` is the key's signature over `digest`. What cannot be checked is not good.
pub(super) fn is_good<T: HasPublic>(
    key: &PKeyRef<T>,
    method: Method,
    digest: &[u8],
    made: &[u8],
) -> bool {
    fits(key, method) && check(key, method, digest, made).unwrap_or(false)
}

fn fits<T: HasPublic>(key: &PKeyRef<T>, method: Method) -> bool {
    match method.scheme {
        Scheme::Pss => matches!(key.id(), Id::RSA | Id::RSA_PSS),
        Scheme::Pkcs1 => key.id() == Id::RSA,
        Scheme::Ecdsa => key.id() == Id::EC,
    }
}

fn check<T: HasPublic>(
    key: &PKeyRef<T>,
    method: Method,
    digest: &[u8],
    made: &[u8],
) -> Result<bool, ErrorStack> {
    checking(key, method)?.verify(digest, made)
}

/// What checks signatures of this key that were made so.
fn checking<T: HasPublic>(key: &PKeyRef<T>, method: Method) -> Result<PkeyCtx<T>, ErrorStack> {
    let mut context = PkeyCtx::new(key)?;
    context.verify_init()?;
    if method.scheme != Scheme::Ecdsa {
        set_rsa_padding(&mut context, method.scheme)?;
    }
    context.set_signature_md(known(method.digest)?)?;
    if let Some((mask, salt)) = method.mask {
        context.set_rsa_mgf1_md(known(mask)?)?;
        context.set_rsa_pss_saltlen(RsaPssSaltlen::custom(salt.into()))?;
    }
    Ok(context)
}

/// Checks signatures of one key, again and again.
pub(super) struct Checker {
    key: PKey<Public>,
    contexts: Contexts<Method, Public>,
}

impl Checker {
    pub(super) fn new(key: PKey<Public>) -> Self {
        Self {
            key,
            contexts: Contexts::new(),
        }
    }

    /// As [`is_good`] has it.
    pub(super) fn is_good(&self, method: Method, digest: &[u8], made: &[u8]) -> bool {
        fits(&self.key, method) && self.check(method, digest, made).unwrap_or(false)
    }

    fn check(&self, method: Method, digest: &[u8], made: &[u8]) -> Result<bool, ErrorStack> {
        let ready = || checking(&self.key, method);
        self.contexts
            .lend(method, ready, |context| context.verify(digest, made))
    }
}

/// The digest with that number, if this OpenSSL has it.
pub(super) fn known(digest: Nid) -> Result<&'static MdRef, ErrorStack> {
    Md::from_nid(digest).ok_or_else(ErrorStack::get)
}
