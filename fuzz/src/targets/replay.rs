//! Seeds and what was found, read by their targets on every run of the tests.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use openssl::pkey::PKey;
use openssl::symm::Cipher;

use super::certificates::{identities, identity};
use super::{ALL, Target};
use crate::pades::test_pki::{KeyKind, LeafProfile, Purpose, TestPki};

#[test]
fn what_was_found_once_is_found_no_more() {
    let found = folder("tests/found");
    assert!(ALL.iter().any(|target| found.join(target.name).is_dir()));
    for target in ALL {
        // What one target found in a file is worth a look by all that read such files.
        let alike = ALL.iter().filter(|other| other.seeds == target.seeds);
        for other in alike {
            replay(target, &found.join(other.name));
        }
    }
}

#[test]
fn every_target_holds_what_it_begins_with() {
    for target in ALL {
        let seeds = folder("fuzz/seeds").join(target.seeds);
        assert!(seeds.is_dir(), "{} has no seeds", target.name);
        replay(target, &seeds);
    }
}

/// No key is kept: these are made on the spot.
#[test]
fn an_identity_is_read_in_every_form() {
    let now = time::macros::datetime!(2026-11-23 14:05 +7);
    let profile = LeafProfile {
        subject: "Ủy ban nhân dân phường Mẫu".to_owned(),
        key: KeyKind::P256,
        not_before: now,
        not_after: now + time::Duration::days(30),
        purpose: Purpose::Sign,
        revocation: None,
    };
    let pki = TestPki::new(&profile, now).unwrap();
    let agency = pki.agency();
    let certificates = [agency.certificate_pem(), agency.chain_pem()];
    let certificates = certificates.map(Result::unwrap).concat();
    let key = agency.key_pem().unwrap();
    let locked = PKey::private_key_from_pem(&key).unwrap();
    let locked = locked.private_key_to_pem_pkcs8_passphrase(Cipher::aes_256_cbc(), b"1");
    for (form, bytes) in [
        ("PEM", [key, certificates.clone()].concat()),
        ("locked PEM", [locked.unwrap(), certificates].concat()),
        ("PKCS#12", agency.pkcs12("1").unwrap()),
        ("bare PKCS#12", agency.pkcs12("").unwrap()),
    ] {
        assert!(!identities(&bytes).is_empty(), "{form}");
        identity(&bytes);
    }
}

#[test]
fn every_folder_is_a_targets() {
    let names: BTreeSet<_> = ALL.iter().map(|target| target.name).collect();
    assert_eq!(names.len(), ALL.len(), "a name stands twice");
    let seeds: BTreeSet<_> = ALL.iter().map(|target| target.seeds).collect();
    for (place, known) in [("tests/found", names), ("fuzz/seeds", seeds)] {
        for path in entries(&folder(place)) {
            let name = path.file_name().unwrap().to_str().unwrap();
            assert!(known.contains(name), "{place}/{name} is nobody's");
        }
    }
}

fn replay(target: &Target, folder: &Path) {
    if !folder.is_dir() {
        return;
    }
    for path in entries(folder) {
        // The name stands before whatever a panic says.
        println!("{}: {}", target.name, path.display());
        (target.run)(&std::fs::read(&path).unwrap());
    }
}

fn folder(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries.map(|entry| entry.unwrap().path()).collect()
}
