//! Keys, sealed values, passwords.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use trao::secrets::{KeyRing, Passwords, Purpose, SecretsError, Token};

#[test]
fn the_key_file_is_its_owners_alone_written_once_and_read_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.toml");
    let ring = KeyRing::generate();
    ring.write_new(&path).unwrap();
    assert_eq!(
        fs::metadata(&path).unwrap().permissions().mode() & 0o777,
        0o600
    );
    assert!(
        KeyRing::generate().write_new(&path).is_err(),
        "never over another"
    );
    let read = KeyRing::load(&path).unwrap();
    assert_eq!(read.fingerprint(), ring.fingerprint());
    assert_eq!(
        read.code_index("H13.12-261123-0001"),
        ring.code_index("H13.12-261123-0001")
    );
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    assert!(matches!(KeyRing::load(&path), Err(SecretsError::Exposed)));
}

#[test]
fn a_sealed_value_opens_for_its_purpose_and_place_alone() {
    let ring = KeyRing::generate();
    let sealed = ring.seal(Purpose::Link, b"row 1", b"bi mat");
    assert!(!sealed.windows(6).any(|part| part == b"bi mat"));
    assert_eq!(
        &ring.open(Purpose::Link, b"row 1", &sealed).unwrap()[..],
        b"bi mat"
    );
    assert!(ring.open(Purpose::Link, b"row 2", &sealed).is_err());
    assert!(ring.open(Purpose::DossierCode, b"row 1", &sealed).is_err());
    assert!(
        KeyRing::generate()
            .open(Purpose::Link, b"row 1", &sealed)
            .is_err()
    );
    for place in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[place] ^= 1;
        assert!(
            ring.open(Purpose::Link, b"row 1", &changed).is_err(),
            "byte {place}"
        );
    }
}

#[test]
fn nothing_secret_is_shown() {
    let ring = KeyRing::generate();
    assert_eq!(format!("{ring:?}"), "KeyRing(..)");
    assert_eq!(format!("{:?}", Token::draw()), "Token(..)");
}

#[test]
fn a_form_token_belongs_to_its_session() {
    let ring = KeyRing::generate();
    let token = ring.form_token(&[1; 32]);
    assert!(ring.form_token_matches(&[1; 32], &token));
    assert!(!ring.form_token_matches(&[2; 32], &token));
    assert!(!ring.form_token_matches(&[1; 32], ""));
}

#[tokio::test]
async fn a_password_is_known_again_and_only_with_its_pepper() {
    let passwords = Passwords::new(Arc::new(KeyRing::generate()));
    let hash = passwords.hash(&"mật khẩu dài".into()).await.unwrap();
    assert!(hash.phc.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"));
    assert!(
        passwords
            .verify(&"mật khẩu dài".into(), &hash)
            .await
            .unwrap()
    );
    assert!(
        !passwords
            .verify(&"mật khẩu sai".into(), &hash)
            .await
            .unwrap()
    );
    let elsewhere = Passwords::new(Arc::new(KeyRing::generate()));
    assert!(
        !elsewhere
            .verify(&"mật khẩu dài".into(), &hash)
            .await
            .unwrap()
    );
}
