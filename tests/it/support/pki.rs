//! Test hierarchies.

use std::sync::Arc;

use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use trao::pades::SigningIdentity;
use trao::pades::test_pki::{Issued, KeyKind, LeafProfile, Purpose, RevocationAddresses, TestPki};

/// The time at which tests take place.
pub(crate) const NOW: OffsetDateTime = datetime!(2026-11-23 14:05:09 +7);

pub(crate) const AGENCY: &str = "Ủy ban nhân dân phường Đống Đa";

pub(crate) fn profile(key: KeyKind) -> LeafProfile {
    LeafProfile {
        subject: AGENCY.to_owned(),
        key,
        not_before: NOW - Duration::days(30),
        not_after: NOW + Duration::days(700),
        purpose: Purpose::Sign,
        revocation: Some(RevocationAddresses {
            crl: "http://127.0.0.1:9/crl".to_owned(),
            ocsp: "http://127.0.0.1:9/ocsp".to_owned(),
        }),
    }
}

pub(crate) fn pki(key: KeyKind) -> TestPki {
    TestPki::new(&profile(key), NOW).unwrap()
}

pub(crate) fn identity(pki: &TestPki) -> Arc<SigningIdentity> {
    Arc::new(identity_of(pki.agency()))
}

pub(crate) fn identity_of(issued: &Issued) -> SigningIdentity {
    let identity = SigningIdentity::from_pem(
        &issued.key_pem().unwrap(),
        &issued.certificate_pem().unwrap(),
        &issued.chain_pem().unwrap(),
        None,
    );
    identity.unwrap()
}
