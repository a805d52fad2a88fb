//! Whether a certificate leads to an anchor (RFC 5280 §6), at the time of the signature.

use openssl::error::ErrorStack;
use openssl::stack::Stack;
use openssl::x509::verify::{X509VerifyFlags, X509VerifyParam};
use openssl::x509::{X509, X509PurposeId, X509Ref, X509StoreContext, X509VerifyResult};
use time::OffsetDateTime;

use super::anchors::TrustAnchors;
use super::problem::Problem;
use super::report::Chain;

/// What the certificate was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// Signing a document.
    Signature,
    /// Signing a time-stamp: RFC 3161 §2.3 wants its extended key usage.
    TimeStamp,
}

/// The way from a certificate to an anchor, as far as it was found.
pub(super) struct Way {
    pub(super) chain: Chain,
    pub(super) problem: Option<Problem>,
    /// In DER, the certificate itself first; it ends at the anchor if the chain is trusted.
    pub(super) path: Vec<Vec<u8>>,
}

/// Judges the way from `signer` over the `others` to one of the `anchors`, as of `at`.
pub(super) fn judge(
    anchors: &TrustAnchors,
    signer: &X509Ref,
    others: &[X509],
    at: OffsetDateTime,
    used_for: Use,
) -> Way {
    let (chain, problem, path) = match build(anchors, signer, others, at, used_for) {
        Ok((X509VerifyResult::OK, path)) => (Chain::Trusted, None, path),
        Ok((error, path)) if leads_nowhere(error) => {
            (Chain::Untrusted, Some(Problem::NoTrustedRoot), path)
        }
        Ok((error, path)) => (Chain::Broken, Some(problem(error)), path),
        Err(_) => (Chain::Broken, Some(Problem::ChainBroken), Vec::new()),
    };
    Way {
        chain,
        problem,
        path,
    }
}

type Built = (X509VerifyResult, Vec<Vec<u8>>);

fn build(
    anchors: &TrustAnchors,
    signer: &X509Ref,
    others: &[X509],
    at: OffsetDateTime,
    used_for: Use,
) -> Result<Built, ErrorStack> {
    let mut untrusted = Stack::new()?;
    for other in others {
        untrusted.push(other.clone())?;
    }
    let mut parameters = X509VerifyParam::new()?;
    parameters.set_time(at.unix_timestamp());
    parameters.set_depth(DEPTH_MAX);
    parameters.set_auth_level(SECURITY_LEVEL);
    if used_for == Use::TimeStamp {
        parameters.set_purpose(X509PurposeId::TIMESTAMP_SIGN)?;
    }
    // Trust may end at a certificate that is not self-signed: an agency may trust an issuing CA
    // and nothing else of a root.
    parameters.set_flags(X509VerifyFlags::PARTIAL_CHAIN)?;
    let store = anchors.store(&parameters)?;
    X509StoreContext::new()?.init(&store, signer, &untrusted, |context| {
        context.verify_cert()?;
        let path = context.chain().map_or_else(Vec::new, |chain| {
            let each = chain.iter().map(X509Ref::to_der);
            each.filter_map(Result::ok).collect()
        });
        Ok((context.error(), path))
    })
}

/// The errors by which OpenSSL says that it found no way to an anchor (`X509_verify_cert(3)`).
fn leads_nowhere(error: X509VerifyResult) -> bool {
    const UNABLE_TO_GET_ISSUER: i32 = 2;
    const SELF_SIGNED_LEAF: i32 = 18;
    const SELF_SIGNED_IN_CHAIN: i32 = 19;
    const UNABLE_TO_GET_ISSUER_LOCALLY: i32 = 20;
    const UNABLE_TO_VERIFY_LEAF: i32 = 21;
    const UNTRUSTED: i32 = 27;
    matches!(
        error.as_raw(),
        UNABLE_TO_GET_ISSUER
            | SELF_SIGNED_LEAF
            | SELF_SIGNED_IN_CHAIN
            | UNABLE_TO_GET_ISSUER_LOCALLY
            | UNABLE_TO_VERIFY_LEAF
            | UNTRUSTED
    )
}

fn problem(error: X509VerifyResult) -> Problem {
    const NOT_YET_VALID: i32 = 9;
    const EXPIRED: i32 = 10;
    const INVALID_PURPOSE: i32 = 26;
    const LEAF_KEY_TOO_SMALL: i32 = 66;
    const CA_KEY_TOO_SMALL: i32 = 67;
    const CA_DIGEST_TOO_WEAK: i32 = 68;
    match error.as_raw() {
        NOT_YET_VALID => Problem::CertificateNotYetValid,
        EXPIRED => Problem::CertificateExpired,
        INVALID_PURPOSE => Problem::KeyUsageUnfit,
        LEAF_KEY_TOO_SMALL | CA_KEY_TOO_SMALL | CA_DIGEST_TOO_WEAK => Problem::WeakCertificate,
        _ => Problem::ChainBroken,
    }
}

/// Longer than any chain in use.
const DEPTH_MAX: i32 = 10;
/// OpenSSL's level of 112 bits: RSA from 2048, no SHA-1 in certificates.
const SECURITY_LEVEL: i32 = 2;
