//! Keys, sealed values, passwords.

use std::fmt::Write as _;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;

use trao::secrets::{KeyRing, PasswordError, Passwords, Purpose, SecretsError, Token, random};

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
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "no draft");
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
fn a_key_file_that_is_not_whole_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.toml");
    KeyRing::generate().write_new(&path).unwrap();
    let whole = fs::read_to_string(&path).unwrap();
    let without = |start: &str| {
        let kept = whole.split("\n\n").filter(|part| !part.starts_with(start));
        kept.collect::<Vec<_>>().join("\n\n")
    };
    for text in [
        String::new(),
        whole[..whole.len() / 2].to_owned(),
        without("[[pepper]]"),
        whole.replace("version = 1", "version = 1\nextra = 1"),
    ] {
        assert_ne!(text, whole);
        fs::write(&path, &text).unwrap();
        let refused = KeyRing::load(&path);
        assert!(matches!(refused, Err(SecretsError::Malformed)));
    }
}

/// A new key is added behind the old one: new values are made with it, old ones are still found
/// and opened.
#[test]
fn what_an_older_key_made_is_still_found_and_opened() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.toml");
    let old = KeyRing::generate();
    old.write_new(&path).unwrap();
    let (index, sealed) = (
        old.code_index("H13.12-261123-0001"),
        old.seal(Purpose::Link, b"row", b"bi mat"),
    );
    let mut text = fs::read_to_string(&path).unwrap();
    for duty in ["index", "sealing", "pepper"] {
        let key = hex::encode(random::<32>());
        write!(text, "\n[[{duty}]]\nversion = 2\nkey = \"{key}\"\n").unwrap();
    }
    fs::write(&path, text).unwrap();
    let new = KeyRing::load(&path).unwrap();
    assert_eq!(new.fingerprint(), old.fingerprint(), "the same database's");
    let indices = new.code_indices("H13.12-261123-0001");
    assert_eq!(indices.len(), 2);
    assert_eq!(indices[0], new.code_index("H13.12-261123-0001"));
    assert_eq!(indices[1], index);
    assert_eq!(
        &new.open(Purpose::Link, b"row", &sealed).unwrap()[..],
        b"bi mat"
    );
    let resealed = new.seal(Purpose::Link, b"row", b"bi mat");
    assert!(old.open(Purpose::Link, b"row", &resealed).is_err());
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

/// One keyboard sends a Vietnamese letter as one sign, another as a letter and its marks.
#[tokio::test]
async fn a_password_is_the_same_however_its_letters_are_composed() {
    let passwords = Passwords::new(Arc::new(KeyRing::generate()));
    let composed = "m\u{1ead}t kh\u{1ea9}u d\u{e0}i";
    let in_parts = "ma\u{323}\u{302}t kha\u{302}\u{309}u da\u{300}i";
    let hash = passwords.hash(&composed.into()).await.unwrap();
    assert!(passwords.verify(&in_parts.into(), &hash).await.unwrap());
}

#[tokio::test]
async fn more_passwords_than_the_queue_holds_are_sent_away_at_once() {
    let passwords = Passwords::new(Arc::new(KeyRing::generate()));
    let places = 32 + std::thread::available_parallelism().unwrap().get();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..places + 5 {
        let passwords = passwords.clone();
        tasks.spawn(async move { passwords.burn(&"mật khẩu dài".into()).await });
    }
    let answers = tasks.join_all().await;
    let busy = answers
        .iter()
        .filter(|answer| **answer == Err(PasswordError::Busy))
        .count();
    assert!(busy >= 5, "{busy}");
    assert!(answers.iter().any(Result::is_ok));
}
