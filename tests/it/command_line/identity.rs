//! `trao identity`: what is registered, and how far its seals shall be provable.

use serde_json::{Value, json};
use time::Duration;
use trao::pades::test_pki::{KeyKind, LeafProfile, TestPki};

use super::desk::Desk;
use crate::support::pki::profile;
use crate::support::pki_service::{Mode, PkiService};
use crate::support::program::Run;

/// A desk with an agency: its id.
fn desk() -> (Desk, String) {
    let desk = Desk::new();
    let agency = desk.run("C", &["agency", "add", "--name", "a"]).printed;
    (desk, agency.trim().to_owned())
}

/// Registers the key of `agency.p12` for an agency.
fn add(desk: &Desk, agency: &str, more: &[&str]) -> Run {
    let add = ["identity", "add", "--agency", agency, "--name", "Con dấu"];
    let key = ["--identity", "agency.p12", "--passphrase-file", "pass"];
    desk.run("C", &[&add[..], &key, more].concat())
}

/// What the list says of the only identity's policy.
fn policy(desk: &Desk) -> [Value; 3] {
    let listed = desk.run("C", &["identity", "list", "--json"]).lines();
    ["level", "level_min", "revocation"].map(|name| listed[0][name].clone())
}

#[test]
fn what_a_policy_is_not_asked_to_change_stays_as_it_was() {
    let (desk, agency) = desk();
    let levels = ["--level", "lta", "--level-min", "t"];
    let added = add(&desk, &agency, &levels);
    assert_eq!(added.status, Some(0), "{added:?}");
    let id = added.printed.trim();
    let set = |more: &[&str]| desk.run("C", &[&["identity", "policy", id], more].concat());

    assert_eq!(set(&["--unchecked", "hold"]).status, Some(0));
    assert_eq!(
        policy(&desk),
        ["B-LTA", "B-T", "hold"].map(|word| json!(word))
    );
    assert_eq!(set(&["--level-min", "lt"]).status, Some(0));
    assert_eq!(
        policy(&desk),
        ["B-LTA", "B-LT", "hold"].map(|word| json!(word))
    );

    // What stays as it is counts with what is named.
    let refused = set(&["--level", "t"]);
    refused.assert_refused("field_invalid");
    assert!(refused.said.contains("trao: --level-min: "), "{refused:?}");
    assert_eq!(
        policy(&desk),
        ["B-LTA", "B-LT", "hold"].map(|word| json!(word))
    );
    assert_eq!(set(&[]).status, Some(2), "nothing is asked for");

    let listed = desk.run("C", &["identity", "list"]).printed;
    let told = "  level=B-LTA  level-min=B-LT  unchecked=hold\n";
    assert!(listed.ends_with(told), "{listed}");
}

#[test]
fn no_identity_is_added_whose_least_level_is_above_the_one_to_reach() {
    let (desk, agency) = desk();
    let refused = add(&desk, &agency, &["--level-min", "t"]);
    refused.assert_refused("field_invalid");
    assert!(refused.said.contains("trao: --level-min: "), "{refused:?}");
    assert!(desk.run("C", &["identity", "list"]).printed.is_empty());
}

/// The newest identity seals: one that cannot holds every result of its agency.
#[test]
fn it_is_told_that_a_certificate_is_over_or_not_valid_yet() {
    let (desk, agency) = desk();
    let now = PkiService::now();
    for (begins, ends, told) in [
        (-300, -1, "The signing certificate has expired"),
        (
            1,
            300,
            "The signing certificate, or one above it, is not valid",
        ),
    ] {
        let profile = LeafProfile {
            not_before: now + Duration::days(begins),
            not_after: now + Duration::days(ends),
            ..profile(KeyKind::P256)
        };
        let pki = TestPki::new(&profile, now).unwrap();
        desk.file("agency.p12", &pki.agency().pkcs12("bí mật").unwrap());
        let warned = add(&desk, &agency, &[]);
        assert_eq!(warned.status, Some(0), "{warned:?}");
        assert!(warned.said.contains("[identity_unfit]"), "{warned:?}");
        assert!(warned.said.contains(told), "{warned:?}");
    }
}

/// Validators find no way over an authority that is not valid yet.
#[test]
fn an_authority_that_is_not_valid_yet_is_told_before_anything_is_sealed() {
    let (desk, agency) = desk();
    let now = PkiService::now();
    let profile = LeafProfile {
        not_before: now - Duration::DAY,
        not_after: now + Duration::days(300),
        ..profile(KeyKind::P256)
    };
    // Authorities of the test are two years old.
    let pki = TestPki::new(&profile, now + Duration::days(2 * 365 + 1)).unwrap();
    desk.file("agency.p12", &pki.agency().pkcs12("bí mật").unwrap());
    let told = "The signing certificate, or one above it, is not valid yet [identity_unfit]";
    let warned = add(&desk, &agency, &[]);
    assert_eq!(warned.status, Some(0), "{warned:?}");
    assert!(warned.said.contains(told), "{warned:?}");
    let refused = desk.sign(&["in.pdf", "--out", "out.pdf"]);
    refused.assert_refused("identity_unfit");
    assert_eq!(refused.said, format!("trao: {told}\n"));
    assert!(!desk.path("out.pdf").exists());
}

#[test]
fn it_is_told_that_a_certificate_is_revoked() {
    let (desk, agency) = desk();
    assert_eq!(add(&desk, &agency, &[]).said, "");
    desk.service.revoke_agency();
    let warned = add(&desk, &agency, &[]);
    assert_eq!(warned.status, Some(0), "{warned:?}");
    assert!(warned.said.contains("[certificate_revoked]"), "{warned:?}");
    // Where nobody tells, that is said, too.
    desk.service.set_ocsp(Mode::Down);
    desk.service.set_crl(Mode::Down);
    let warned = add(&desk, &agency, &[]);
    assert_eq!(warned.status, Some(0), "{warned:?}");
    assert!(
        warned.said.contains("[revocation_unavailable]"),
        "{warned:?}"
    );
}
