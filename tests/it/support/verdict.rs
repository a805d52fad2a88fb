//! Our own verifier, asked about files sealed by one test agency, and about what came after.

use std::sync::LazyLock;

use time::OffsetDateTime;
use trao::pades::test_pki::{KeyKind, TestPki};
use trao::pades::{
    ChangesAfter, Limits, Report, SignatureVerdict, SigningIdentity, TrustAnchors, verify,
};

use super::pdf::{Dictionary, append, draft, one_page};
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

/// The signature itself holds, and what came after it is called suspicious.
#[track_caller]
pub(crate) fn assert_suspicious(what: &str, file: &[u8]) {
    let report = judged(file);
    let first = &report.signatures[0];
    assert!(first.intact && !report.valid, "{what}: {first:?}");
    assert_eq!(first.changes_after, ChangesAfter::Suspicious, "{what}");
    let named = first
        .findings
        .iter()
        .any(|code| code == "content_changed_after");
    assert!(named, "{what}: {first:?}");
}

/// What came after the first signature is permitted.
#[track_caller]
pub(crate) fn assert_permitted(what: &str, file: &[u8]) {
    let first = &judged(file).signatures[0];
    assert_eq!(
        first.changes_after,
        ChangesAfter::Permitted,
        "{what}: {first:?}"
    );
}

/// Appends a revision with these objects.
pub(crate) fn changed(file: &[u8], objects: &[(u32, &str)]) -> Vec<u8> {
    let owned = |(number, body): &(u32, &str)| (*number, (*body).to_owned());
    append(file, &objects.iter().map(owned).collect::<Vec<_>>())
}

/// Signs a page to which these objects were added or which they replaced.
pub(crate) fn signed(objects: &[(u32, &str)], dictionary: &Dictionary<'_>) -> Vec<u8> {
    draft(&changed(&one_page(), objects), 0, dictionary).seal(&IDENTITY)
}

/// A certification's reference (ISO 32000-2, 12.8.2.2).
pub(crate) fn certified(permission: u8) -> String {
    format!(
        "/Reference[<</Type/SigRef/TransformMethod/DocMDP\
         /TransformParams<</Type/TransformParams/V/1.2/P {permission}>>>>]"
    )
}
