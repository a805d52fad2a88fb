//! The CMS and the identities behind it, judged by openssl.

use std::fs;
use std::path::Path;

use openssl::asn1::Asn1Time;
use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::x509::{X509, X509Builder};
use secrecy::SecretString;
use tempfile::tempdir;
use time::Duration;
use trao::pades::test_pki::{KeyKind, Purpose, TestPki};
use trao::pades::{self, IdentityError, Scheme, SigningIdentity, Unfit};

use crate::support::judge::ask;
use crate::support::judges::openssl_verifies as openssl_verifies_files;
use crate::support::pdf::digest_of;
use crate::support::pki::{AGENCY, NOW, identity, identity_of, pki, profile};
use crate::support::pki_service::PkiService;

fn openssl_verifies(folder: &Path, pki: &TestPki, cms: &[u8], content: &[u8]) -> bool {
    let [message, whole, root] = ["cms.der", "content", "root.pem"].map(|name| folder.join(name));
    fs::write(&message, cms).unwrap();
    fs::write(&whole, content).unwrap();
    fs::write(&root, pki.root_pem().unwrap()).unwrap();
    openssl_verifies_files(&message, &whole, &root).is_ok()
}

#[test]
fn openssl_holds_every_scheme_valid_and_a_changed_content_not() {
    let folder = tempdir().unwrap();
    let content = b"N\xe1\xbb\x99i dung".as_slice();
    for (key, scheme) in [
        (KeyKind::Rsa2048, Scheme::Pss),
        (KeyKind::Rsa2048, Scheme::Pkcs1),
        (KeyKind::Rsa3072, Scheme::Pss),
        (KeyKind::P256, Scheme::Ecdsa),
        (KeyKind::P384, Scheme::Ecdsa),
    ] {
        let pki = pki(key);
        let signer = identity_of(pki.agency()).with_scheme(Some(scheme)).unwrap();
        let cms = pades::sign(&digest_of(content, signer.digest_algorithm()), &signer)
            .unwrap()
            .to_der();
        assert!(cms.len() <= pades::contents_size(&signer));
        assert!(
            openssl_verifies(folder.path(), &pki, &cms, content),
            "{key:?} {scheme}"
        );
        assert!(!openssl_verifies(
            folder.path(),
            &pki,
            &cms,
            b"another content"
        ));
    }
}

#[test]
fn the_signed_attributes_are_the_three_of_a_baseline_signature() {
    let folder = tempdir().unwrap();
    let signer = identity(&pki(KeyKind::P256));
    let cms = pades::sign(&[7; 32], &signer).unwrap().to_der();
    let file = folder.path().join("cms.der");
    fs::write(&file, &cms).unwrap();
    let file = file.display().to_string();
    let printed = ask(
        "openssl",
        &["cms", "-cmsout", "-print", "-inform", "DER", "-in", &file],
    )
    .said;
    let attributes: Vec<&str> = printed
        .split("signedAttrs:")
        .nth(1)
        .unwrap()
        .split("signatureAlgorithm:")
        .next()
        .unwrap()
        .lines()
        .filter_map(|line| line.trim().strip_prefix("object: "))
        .map(|object| object.split(' ').next().unwrap())
        .collect();
    assert_eq!(
        attributes,
        [
            "contentType",
            "messageDigest",
            "id-smime-aa-signingCertificateV2"
        ]
    );
    assert_eq!(
        printed.matches("d.certificate:").count(),
        3,
        "the whole chain is embedded"
    );
}

#[test]
fn pkcs12_files_of_all_ages_open_and_a_wrong_passphrase_is_told_apart() {
    let folder = tempdir().unwrap();
    let pki = pki(KeyKind::Rsa2048);
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("key.pem"), pki.agency().key_pem().unwrap()).unwrap();
    fs::write(path("cert.pem"), pki.agency().certificate_pem().unwrap()).unwrap();
    fs::write(path("chain.pem"), pki.agency().chain_pem().unwrap()).unwrap();
    let forms: [&[&str]; 3] = [
        &[],
        &[
            "-keypbe",
            "PBE-SHA1-3DES",
            "-certpbe",
            "PBE-SHA1-3DES",
            "-macalg",
            "sha1",
        ],
        &["-legacy"],
    ];
    for form in forms {
        let (key, cert, chain, out) = (
            path("key.pem"),
            path("cert.pem"),
            path("chain.pem"),
            path("id.p12"),
        );
        let mut arguments = vec![
            "pkcs12",
            "-export",
            "-inkey",
            &key,
            "-in",
            &cert,
            "-certfile",
            &chain,
            "-out",
            &out,
            "-passout",
            "pass:mật khẩu",
        ];
        arguments.extend_from_slice(form);
        let made = ask("openssl", &arguments);
        assert!(made.ok, "{}", made.said);
        let bytes = fs::read(&out).unwrap();
        let opened = SigningIdentity::from_pkcs12(&bytes, &"mật khẩu".into()).unwrap();
        assert_eq!(opened.chain_der().len(), 3, "{form:?}");
        let refused = SigningIdentity::from_pkcs12(&bytes, &"mat khau".into());
        assert!(
            matches!(refused, Err(IdentityError::WrongPassphrase)),
            "{form:?} {refused:?}"
        );
    }
}

#[test]
fn our_own_pkcs12_opens() {
    let pki = pki(KeyKind::P384);
    let agency = pki.agency();
    for bytes in [
        agency.pkcs12("bí mật").unwrap(),
        agency.pkcs12_of_old("bí mật").unwrap(),
    ] {
        let opened = SigningIdentity::from_pkcs12(&bytes, &"bí mật".into()).unwrap();
        assert_eq!((opened.subject(), opened.chain_der().len()), (AGENCY, 3));
        for wrong in ["", "bi mat", "bí mật\0"] {
            let refused = SigningIdentity::from_pkcs12(&bytes, &wrong.into());
            assert_eq!(refused.unwrap_err(), IdentityError::WrongPassphrase);
        }
    }
    let refused = SigningIdentity::from_pkcs12(b"not a file", &"".into());
    assert!(matches!(refused, Err(IdentityError::Unreadable(_))));
}

#[test]
fn an_encrypted_pem_key_opens_with_its_passphrase_only() {
    let folder = tempdir().unwrap();
    let pki = pki(KeyKind::P256);
    let path = |name: &str| folder.path().join(name).display().to_string();
    fs::write(path("key.pem"), pki.agency().key_pem().unwrap()).unwrap();
    let (plain, locked) = (path("key.pem"), path("locked.pem"));
    let made = ask(
        "openssl",
        &[
            "pkcs8",
            "-topk8",
            "-in",
            &plain,
            "-out",
            &locked,
            "-passout",
            "pass:bí mật",
        ],
    );
    assert!(made.ok, "{}", made.said);
    let key = fs::read(locked).unwrap();
    let certificate = pki.agency().certificate_pem().unwrap();
    let open = |passphrase: Option<&str>| {
        let passphrase = passphrase.map(SecretString::from);
        SigningIdentity::from_pem(&key, &certificate, &[], passphrase.as_ref())
    };
    assert!(open(Some("bí mật")).is_ok());
    assert_eq!(
        open(Some("khác")).unwrap_err(),
        IdentityError::WrongPassphrase
    );
    assert_eq!(open(None).unwrap_err(), IdentityError::WrongPassphrase);
}

#[test]
fn a_key_of_another_certificate_is_refused() {
    let (one, other) = (pki(KeyKind::P256), pki(KeyKind::P256));
    let refused = SigningIdentity::from_pem(
        &one.agency().key_pem().unwrap(),
        &other.agency().certificate_pem().unwrap(),
        &[],
        None,
    );
    assert!(matches!(refused, Err(IdentityError::KeyMismatch)));
}

#[test]
fn a_scheme_of_another_kind_of_key_is_refused() {
    let pki = pki(KeyKind::P256);
    let signer = identity_of(pki.agency());
    let refused = signer.with_scheme(Some(Scheme::Pss));
    assert!(matches!(
        refused,
        Err(IdentityError::SchemeUnfit(Scheme::Pss))
    ));
}

#[test]
fn an_identity_is_unfit_outside_its_validity_and_without_the_usage() {
    let signer = identity(&pki(KeyKind::P256));
    assert_eq!(signer.check(NOW), Ok(()));
    assert_eq!(
        signer.check(NOW - Duration::days(31)),
        Err(Unfit::NotYetValid)
    );
    assert_eq!(signer.check(NOW + Duration::days(701)), Err(Unfit::Expired));
    let mut profile = profile(KeyKind::P256);
    profile.purpose = Purpose::Encipher;
    let signer = identity(&TestPki::new(&profile, NOW).unwrap());
    assert_eq!(signer.check(NOW), Err(Unfit::KeyUsage));
}

#[test]
fn a_key_bound_to_pss_signs_by_pss_alone() {
    let folder = tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (key, certificate) = (path("key.pem"), path("cert.pem"));
    let made = ask(
        "openssl",
        &[
            "genpkey",
            "-algorithm",
            "RSA-PSS",
            "-pkeyopt",
            "rsa_keygen_bits:2048",
            "-out",
            &key,
        ],
    );
    assert!(made.ok, "{}", made.said);
    let made = ask(
        "openssl",
        &[
            "req",
            "-x509",
            "-new",
            "-key",
            &key,
            "-subj",
            "/O=Co quan",
            "-out",
            &certificate,
        ],
    );
    assert!(made.ok, "{}", made.said);
    let load = || {
        let (key, certificate) = (fs::read(&key).unwrap(), fs::read(&certificate).unwrap());
        SigningIdentity::from_pem(&key, &certificate, &[], None).unwrap()
    };
    assert_eq!(
        (load().scheme(), load().subject()),
        (Scheme::Pss, "Co quan")
    );
    let refused = load().with_scheme(Some(Scheme::Pkcs1)).unwrap_err();
    assert_eq!(refused, IdentityError::SchemeUnfit(Scheme::Pkcs1));
    assert!(pades::sign(&[7; 32], &load()).is_ok());
}

#[test]
fn a_short_key_is_unfit() {
    let folder = tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (key, certificate) = (path("key.pem"), path("cert.pem"));
    let made = ask(
        "openssl",
        &[
            "req",
            "-x509",
            "-newkey",
            "rsa:2047",
            "-nodes",
            "-keyout",
            &key,
            "-subj",
            "/CN=Ngan",
            "-out",
            &certificate,
        ],
    );
    assert!(made.ok, "{}", made.said);
    let (key, certificate) = (fs::read(&key).unwrap(), fs::read(&certificate).unwrap());
    let identity = SigningIdentity::from_pem(&key, &certificate, &[], None).unwrap();
    assert_eq!(identity.check(identity.not_before()), Err(Unfit::WeakKey));
}

#[test]
fn nobody_signs_before_all_of_the_chain_is_valid() {
    let begins = NOW + Duration::HOUR;
    // Authorities of the test are two years old.
    let young = TestPki::new(&profile(KeyKind::P256), begins + Duration::days(2 * 365));
    let identity = identity_of(young.unwrap().agency());
    assert!(identity.not_before() < NOW);
    assert_eq!(identity.check(NOW), Err(Unfit::NotYetValid));
    assert_eq!(identity.check(begins), Ok(()));
}

/// Certificates as OpenSSL makes them, in a folder.
struct Made(tempfile::TempDir);

impl Made {
    fn new() -> Self {
        Self(tempdir().unwrap())
    }

    /// A root, and somebody with key and cert below it.
    fn of_a_root() -> Self {
        let made = Self::new();
        made.openssl(&format!(
            "req -x509 {NEW_KEY} -keyout root.key -subj /CN=Goc -days 9 -out short.pem"
        ));
        made.openssl(&format!(
            "req {NEW_KEY} -keyout key -subj /CN=Ngan -out csr"
        ));
        made.openssl(
            "x509 -req -in csr -CA short.pem -CAkey root.key -CAcreateserial -days 99 -out cert",
        );
        made
    }

    fn openssl(&self, call: &str) {
        let line = format!("cd '{}' && openssl {call}", self.0.path().display());
        let made = ask("sh", &["-c", &line]);
        assert!(made.ok, "{call}: {}", made.said);
    }

    fn read(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.path().join(name)).unwrap()
    }

    fn der(&self, name: &str) -> Vec<u8> {
        let read = SigningIdentity::certificates_from_pem(&self.read(name));
        read.unwrap().remove(0)
    }
}

/// A certificate of the same authority for the same key that lasts longer and begins tomorrow.
fn of_tomorrow(made: &Made) -> Vec<u8> {
    let key = PKey::private_key_from_pem(&made.read("root.key")).unwrap();
    let today = X509::from_der(&made.der("short.pem")).unwrap();
    let mut builder = X509Builder::new().unwrap();
    let from_now = |days| Asn1Time::days_from_now(days).unwrap();
    builder.set_subject_name(today.subject_name()).unwrap();
    builder.set_issuer_name(today.subject_name()).unwrap();
    builder.set_pubkey(&key).unwrap();
    builder.set_not_before(&from_now(1)).unwrap();
    builder.set_not_after(&from_now(999)).unwrap();
    builder.sign(&key, MessageDigest::sha256()).unwrap();
    builder.build().to_der().unwrap()
}

#[test]
fn of_a_root_with_two_certificates_the_one_that_is_not_valid_yet_is_not_taken() {
    let made = Made::of_a_root();
    let identity = || SigningIdentity::from_pem(&made.read("key"), &made.read("cert"), &[], None);
    let (today, tomorrow) = (made.der("short.pem"), of_tomorrow(&made));
    let now = PkiService::now();
    for known in [[&today, &tomorrow], [&tomorrow, &today]] {
        let known = known.map(Clone::clone);
        let completed = identity().unwrap().completed_by(&known, now).unwrap();
        assert_eq!(completed.chain_der(), [made.der("cert"), today.clone()]);
        let later = now + Duration::days(2);
        let completed = identity().unwrap().completed_by(&known, later).unwrap();
        assert_eq!(completed.chain_der(), [made.der("cert"), tomorrow.clone()]);
    }
}

const NEW_KEY: &str = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes";

#[test]
fn of_a_root_that_was_renewed_with_its_key_the_certificate_that_lasts_is_taken_alone() {
    let made = Made::of_a_root();
    made.openssl("req -x509 -key root.key -subj /CN=Goc -days 999 -out long.pem");
    for known in [["short.pem", "long.pem"], ["long.pem", "short.pem"]] {
        let alone =
            SigningIdentity::from_pem(&made.read("key"), &made.read("cert"), &[], None).unwrap();
        let identity = alone
            .completed_by(&known.map(|name| made.der(name)), PkiService::now())
            .unwrap();
        assert_eq!(
            identity.chain_der(),
            [made.der("cert"), made.der("long.pem")]
        );
        assert_eq!(identity.expires_at(), identity.not_after());
    }
}

#[test]
fn a_trusted_authority_that_ends_sooner_takes_no_part_in_a_chain_that_was_given() {
    let made = Made::new();
    made.openssl(&format!(
        "req -x509 {NEW_KEY} -keyout old.key -subj /CN=Cu -days 9 -out old.pem"
    ));
    for (name, above, days) in [("middle", "old", 999), ("leaf", "middle", 99)] {
        made.openssl(&format!(
            "req {NEW_KEY} -keyout {name}.key -subj /CN={name} -out csr"
        ));
        made.openssl(&format!(
            "x509 -req -in csr -CA {above}.pem -CAkey {above}.key -CAcreateserial -days {days} \
             -out {name}.pem"
        ));
    }
    let known = ["middle.pem", "old.pem"].map(|name| made.der(name));
    for given in [made.read("middle.pem"), Vec::new()] {
        let identity =
            SigningIdentity::from_pem(&made.read("leaf.key"), &made.read("leaf.pem"), &given, None);
        let identity = identity
            .unwrap()
            .completed_by(&known, PkiService::now())
            .unwrap();
        assert_eq!(
            identity.chain_der(),
            ["leaf.pem", "middle.pem"].map(|name| made.der(name))
        );
        assert_eq!(identity.expires_at(), identity.not_after());
    }
}
