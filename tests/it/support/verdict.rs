//! Our own verifier, asked about files sealed by one test agency.

use std::sync::LazyLock;

use time::OffsetDateTime;
use trao::pades::test_pki::{KeyKind, TestPki};
use trao::pades::{Limits, Report, SignatureVerdict, SigningIdentity, TrustAnchors, verify};

use super::pdf::{Dictionary, draft, one_page};
use super::pki::{NOW, identity_of, pki};

pub(crate) static PKI: LazyLock<TestPki> = LazyLock::new(|| pki(KeyKind::P256));
pub(crate) static IDENTITY: LazyLock<SigningIdentity> = LazyLock::new(|| identity_of(PKI.agency()));

pub(crate) fn anchors(pki: &TestPki) -> TrustAnchors {
    TrustAnchors::from_pem_or_der(&pki.root_pem().unwrap()).unwrap()
}

pub(crate) fn judged_at(file: &[u8], now: OffsetDateTime) -> Report {
    verify(&file.to_vec(), &Limits::default(), &anchors(&PKI), now).unwrap()
}

pub(crate) fn judged(file: &[u8]) -> Report {
    judged_at(file, NOW)
}

pub(crate) fn only(report: &Report) -> &SignatureVerdict {
    assert_eq!(report.signatures.len(), 1, "{report:?}");
    &report.signatures[0]
}

pub(crate) fn sealed() -> Vec<u8> {
    draft(&one_page(), 0, &Dictionary::default()).seal(&IDENTITY)
}
