//! A certificate that comes without its issuer's: nobody's word about it can be told to be genuine
//! until the issuer is found among those who are trusted.

use trao::pades::test_pki::KeyKind;

use super::desk::Desk;
use crate::support::pki::pki;
use crate::support::pki_service::Whose;
use crate::support::program::Run;
use crate::support::soft_token::{CONFIGURATION, LABEL, PIN, SoftToken};

const KEY: [&str; 4] = ["--key", "key.pem", "--cert", "cert.pem"];

/// A desk with the agency's key and its certificate alone, and who stands above it in files of
/// their own.
fn desk() -> Desk {
    let desk = Desk::new();
    let above = [Whose::Issuing, Whose::Root].map(|whose| desk.service.certificate_pem(whose));
    desk.file("above.pem", &above.concat());
    desk.file("cert.pem", &desk.service.certificate_pem(Whose::Agency));
    desk.file("key.pem", &desk.service.agency_key_pem());
    desk.file("trao.toml", b"[trust]\nanchors = [\"above.pem\"]\n");
    desk
}

fn sign(desk: &Desk, more: &[&str]) -> Run {
    let sign = ["sign", "in.pdf", "--out", "out.pdf"];
    desk.run("C", &[&sign, &KEY, more].concat())
}

#[test]
fn the_issuer_is_found_among_the_trusted_and_goes_into_the_signature() {
    let desk = desk();
    for trust in [["--trust", "above.pem"], ["--config", "trao.toml"]] {
        let run = sign(&desk, &trust);
        assert_eq!((run.status, &*run.said), (Some(0), ""), "{run:?}");
        // By the root alone: the issuing authority's certificate is in the file.
        let run = desk.verify("C", &["out.pdf"]);
        assert_eq!(run.status, Some(0), "{run:?}");
    }
    let tsa = desk.service.tsa_url();
    let higher = ["--trust", "above.pem", "--level", "lt", "--tsa", &tsa];
    let run = sign(&desk, &higher);
    assert_eq!((run.status, &*run.said), (Some(0), ""), "{run:?}");

    desk.service.revoke_agency();
    std::fs::remove_file(desk.path("out.pdf")).unwrap();
    let run = sign(&desk, &["--trust", "above.pem"]);
    run.assert_refused("certificate_revoked");
    assert!(!desk.path("out.pdf").exists());
}

#[test]
fn where_the_issuer_stays_unknown_that_is_what_is_said() {
    let desk = desk();
    let warned = sign(&desk, &["--trust", "root.pem"]);
    assert_eq!(warned.status, Some(0), "{warned:?}");
    assert!(
        warned.said.contains("give --chain or --trust"),
        "{warned:?}"
    );
    assert!(warned.said.contains("[issuer_unknown]"), "{warned:?}");

    std::fs::remove_file(desk.path("out.pdf")).unwrap();
    sign(&desk, &["--unchecked", "hold"]).assert_refused("issuer_unknown");
    assert!(!desk.path("out.pdf").exists());
}

#[test]
fn whoever_adds_an_identity_whose_issuer_is_unknown_is_warned() {
    let desk = desk();
    let agency = desk.run("C", &["agency", "add", "--name", "a"]).printed;
    let add = ["identity", "add", "--agency", agency.trim(), "--name", "a"];
    let add = [&add[..], &KEY].concat();
    let warned = desk.run("C", &add);
    assert_eq!(warned.status, Some(0), "{warned:?}");
    assert!(warned.said.contains("[issuer_unknown]"), "{warned:?}");
    let known = desk.run("C", &[&add[..], &["--config", "trao.toml"]].concat());
    assert_eq!((known.status, &*known.said), (Some(0), ""), "{known:?}");
}

#[test]
fn a_token_that_keeps_no_chain_signs_by_one_that_leads_to_the_trusted() {
    let (desk, token) = (desk(), SoftToken::new());
    let module = SoftToken::module();
    let authority = pki(KeyKind::P256);
    desk.file("test-root.pem", &authority.root_pem().unwrap());
    desk.file("test-above.pem", &authority.agency().chain_pem().unwrap());
    token.import_alone(authority.agency(), "seal", "a1");
    desk.file("pin", PIN.as_bytes());
    let key = [
        "--pkcs11-module",
        module.to_str().unwrap(),
        "--pkcs11-token",
        LABEL,
        "--pkcs11-key",
        "seal",
        "--pin-file",
        "pin",
    ];
    let sign = [
        "sign",
        "in.pdf",
        "--out",
        "out.pdf",
        "--trust",
        "test-above.pem",
    ];
    let configuration = token.configuration();
    let run = desk.run_with(
        (CONFIGURATION, configuration.as_os_str()),
        &[&sign[..], &key].concat(),
    );
    assert_eq!(run.status, Some(0), "{run:?}");
    let run = desk.run("C", &["verify", "out.pdf", "--trust", "test-root.pem"]);
    assert_eq!(run.status, Some(0), "{run:?}");
}
