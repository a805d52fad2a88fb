//! Certificates and keys as authorities hand them out.

use secrecy::SecretString;

use super::evidence::ROOT;
use crate::pades::{Addresses, SigningIdentity, TrustAnchors, contents_size, probe, sign};

/// A certificate: what is read of it does not contradict itself.
pub(super) fn certificate(bytes: &[u8]) {
    let addresses = Addresses::of(bytes);
    let all = [&addresses.ocsp, &addresses.crl, &addresses.ca_issuers];
    for address in all.into_iter().flatten() {
        let lower = address.to_ascii_lowercase();
        assert!(lower.starts_with("http:") || lower.starts_with("https:"));
    }
    assert_eq!(
        addresses.is_empty(),
        addresses.ocsp.is_empty() && addresses.crl.is_empty()
    );
    probe::certificate(bytes, ROOT);
}

/// The identities that these bytes are, by the passphrases that the seeds have.
pub(super) fn identities(bytes: &[u8]) -> Vec<SigningIdentity> {
    let passphrases = ["", "1"].map(SecretString::from);
    let with = |passphrase| {
        [
            SigningIdentity::from_pkcs12(bytes, passphrase),
            SigningIdentity::from_pem(bytes, bytes, bytes, Some(passphrase)),
        ]
    };
    let bare = SigningIdentity::from_pem(bytes, bytes, bytes, None);
    let read = passphrases.iter().flat_map(with).chain([bare]);
    read.flatten().collect()
}

/// Keys and certificates, as PEM, DER or PKCS#12.
pub(super) fn identity(bytes: &[u8]) {
    for identity in identities(bytes) {
        let digest = vec![7; identity.digest_algorithm().len()];
        let message = sign(&digest, &identity).expect("a key that was tried");
        assert!(message.to_der().len() <= contents_size(&identity));
    }
    let one_by_one = SigningIdentity::certificates_from_pem(bytes);
    if let Ok(anchors) = TrustAnchors::from_pem_or_der(bytes) {
        assert!(!anchors.is_empty());
        for der in anchors.to_der() {
            let again = TrustAnchors::from_pem_or_der(&der).expect("it was a certificate");
            assert_eq!(again.to_der(), [der]);
        }
        assert!(
            one_by_one.is_err()
                || one_by_one.is_ok_and(|all| all.is_empty() || all == anchors.to_der())
        );
    }
}
