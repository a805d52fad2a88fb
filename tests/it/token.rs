//! Keys in a token, against SoftHSM2. What must see SoftHSM's variable runs in a process of its own:
//! the program, or this test once more.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Instant;

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::session::UserType;
use trao::pades::test_pki::KeyKind;
use trao::pades::{Scheme, SigningIdentity};
use trao::token::{self, KeyPlace, TokenError};

use crate::support::judges::Judges;
use crate::support::pki::pki;
use crate::support::process::PATIENCE;
use crate::support::service::pdf;
use crate::support::soft_token::{CONFIGURATION, LABEL, PIN, SoftToken};

const PROGRAM: &str = env!("CARGO_BIN_EXE_trao");

fn trao(token: &SoftToken, arguments: &[&str]) -> Output {
    Command::new(PROGRAM)
        .args(arguments)
        .env(CONFIGURATION, token.configuration())
        .output()
        .unwrap()
}

fn sign(token: &SoftToken, key: &str, pin: &str, more: &[&str]) -> (Output, PathBuf) {
    let pin = token.pin_file(pin);
    let pin = ["--pin-file", pin.to_str().unwrap()];
    sign_without_pin(token, key, &[&pin, more].concat())
}

fn sign_without_pin(token: &SoftToken, key: &str, more: &[&str]) -> (Output, PathBuf) {
    let (input, out) = (token.path().join("in.pdf"), token.path().join("out.pdf"));
    std::fs::write(&input, pdf("token")).unwrap();
    let module = SoftToken::module();
    let fixed = [
        "sign",
        input.to_str().unwrap(),
        "--out",
        out.to_str().unwrap(),
        "--pkcs11-module",
        module.to_str().unwrap(),
        "--pkcs11-token",
        LABEL,
        "--pkcs11-key",
        key,
    ];
    (trao(token, &[&fixed[..], more].concat()), out)
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn every_scheme_of_a_token_is_held_valid_by_others() {
    for (kind, scheme) in [
        (KeyKind::Rsa2048, "pss"),
        (KeyKind::Rsa2048, "pkcs1"),
        (KeyKind::P256, "ecdsa"),
        (KeyKind::P384, "ecdsa"),
    ] {
        let (token, pki) = (SoftToken::new(), pki(kind));
        token.import(pki.agency(), "seal", "a1");
        let (output, out) = sign(&token, "seal", PIN, &["--scheme", scheme]);
        assert!(
            output.status.success(),
            "{kind:?} {scheme}: {}",
            said(&output)
        );

        let root = token.path().join("root.pem");
        std::fs::write(&root, pki.root_pem().unwrap()).unwrap();
        let (out, root) = (out.to_str().unwrap(), root.to_str().unwrap());
        let own = trao(&token, &["verify", out, "--trust", root]);
        assert!(own.status.success(), "{kind:?} {scheme}: {}", said(&own));
        Judges::trusting(&pki).hold(&std::fs::read(out).unwrap(), &format!("{kind:?} {scheme}"));
    }
}

#[test]
fn a_token_without_pss_signs_by_the_older_scheme_and_says_so() {
    let (token, pki) = (SoftToken::new(), pki(KeyKind::Rsa2048));
    token.import(pki.agency(), "seal", "a1");
    let tells = |output: &Output| said(output).contains("[pss_not_offered]");
    let (usual, out) = sign(&token, "seal", PIN, &[]);
    assert!(usual.status.success() && !tells(&usual));
    assert!(is_by_pss(&out));

    token.offer_only("CKM_RSA_PKCS");
    let (output, out) = sign(&token, "seal", PIN, &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert!(tells(&output));
    assert!(!is_by_pss(&out));
    Judges::trusting(&pki).hold(&std::fs::read(out).unwrap(), "without PSS");

    // Who chose that scheme is told nothing, who chose the other one is refused.
    let (chosen, _) = sign(&token, "seal", PIN, &["--scheme", "pkcs1"]);
    assert!(chosen.status.success() && !tells(&chosen));
    let (refused, _) = sign(&token, "seal", PIN, &["--scheme", "pss"]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("[identity_unfit]"));
}

/// Whether the signature names id-RSASSA-PSS (1.2.840.113549.1.1.10); it stands in hexadecimal.
fn is_by_pss(file: &Path) -> bool {
    let text = std::fs::read(file).unwrap();
    let text = String::from_utf8_lossy(&text).to_ascii_lowercase();
    text.contains("06092a864886f70d01010a")
}

#[test]
fn a_key_is_found_by_its_identifier_too_and_what_is_missing_is_named() {
    let (token, pki) = (SoftToken::new(), pki(KeyKind::P256));
    token.import(pki.agency(), "seal", "a1");
    assert!(sign(&token, "id:a1", PIN, &[]).0.status.success());
    for (key, what) in [("other", "no key other"), ("id:zz", "not hexadecimal")] {
        let (output, _) = sign(&token, key, PIN, &[]);
        assert_eq!(output.status.code(), Some(1));
        let said = said(&output);
        assert!(
            said.contains(what) && said.contains("[identity_unfit]"),
            "{said}"
        );
    }
}

#[test]
fn a_wrong_pin_is_tried_once_also_across_starts() {
    let (token, pki) = (SoftToken::new(), pki(KeyKind::P256));
    token.import(pki.agency(), "seal", "a1");
    let (first, _) = sign(&token, "seal", "000000", &[]);
    assert!(said(&first).contains("refused the PIN"), "{}", said(&first));
    let (second, _) = sign(&token, "seal", "000000", &[]);
    assert!(
        said(&second).contains("was given to this token before"),
        "{}",
        said(&second)
    );
    for output in [&first, &second] {
        assert!(!said(output).contains("000000"), "no PIN in an error");
    }
    // A person logs in by hand; then it goes on.
    token.pkcs11_tool(&["--list-objects"]);
    assert!(sign(&token, "seal", PIN, &[]).0.status.success());
}

#[test]
fn a_pin_that_nobody_gave_is_not_tried() {
    const WRONG_ONE_COUNTED: &str = "user PIN count low";
    let (token, pki) = (SoftToken::new(), pki(KeyKind::P256));
    token.import(pki.agency(), "seal", "a1");
    for (output, _) in [
        sign_without_pin(&token, "seal", &[]),
        sign(&token, "seal", "", &[]),
    ] {
        assert_eq!(output.status.code(), Some(1));
        let said = said(&output);
        for told in ["No PIN", "--pin-file, TRAO_PIN", "[identity_unfit]"] {
            assert!(said.contains(told), "{told}: {said}");
        }
        assert!(!token.listed().contains(WRONG_ONE_COUNTED));
    }
    assert!(sign(&token, "seal", PIN, &[]).0.status.success());
    assert!(!sign(&token, "seal", "000000", &[]).0.status.success());
    assert!(token.listed().contains(WRONG_ONE_COUNTED));
}

/// Set in the process that a test starts to run another one of this file, which by itself does
/// nothing.
const OWN_PROCESS: &str = "TRAO_TEST_TOKEN_PROCESS";

fn is_own_process() -> bool {
    std::env::var_os(OWN_PROCESS).is_some()
}

/// Runs a test of this file in a process that sees the token.
fn in_own_process(name: &str, token: &SoftToken) {
    let test = format!("token::{name}");
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", &test, "--nocapture"])
        .env(CONFIGURATION, token.configuration())
        .env(OWN_PROCESS, "1")
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{printed}{}", said(&output));
    assert!(printed.contains("1 passed"), "{printed}");
}

fn place(module: &Path) -> KeyPlace<'_> {
    KeyPlace {
        module,
        token: LABEL,
        key: "seal",
    }
}

/// The identity in the token, and whether it signs: a file is sealed and judged in `sign`'s tests,
/// here the trial signature is enough.
fn identity() -> SigningIdentity {
    let module = SoftToken::module();
    let (key, beside) = token::open(place(&module), PIN.into()).unwrap();
    SigningIdentity::from_signer(Box::new(key), &beside.own.unwrap(), &beside.others).unwrap()
}

fn signs(identity: &SigningIdentity) {
    trao::pades::sign(&[7; 32], identity).unwrap();
}

/// The same library as the product has loaded, in the same process: what happens to it here
/// happens under the product's feet.
fn library() -> Pkcs11 {
    let context = Pkcs11::new(SoftToken::module()).unwrap();
    let _ = context.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK));
    context
}

/// Every session and login of this process is gone; the library runs.
fn lose_sessions(context: &Pkcs11) {
    context.clone().finalize().unwrap();
    let threads = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
    context.initialize(threads).unwrap();
}

#[test]
fn what_is_lost_is_found_again_without_a_restart() {
    let (token, pki) = (SoftToken::new(), pki(KeyKind::Rsa2048));
    token.import(pki.agency(), "seal", "a1");
    in_own_process("losing_sessions_login_and_library", &token);
}

#[test]
fn losing_sessions_login_and_library() {
    if !is_own_process() {
        return;
    }
    let identity = identity();
    assert_eq!(identity.scheme(), Scheme::Pss);
    signs(&identity);
    let context = library();
    let slot = context.get_slots_with_initialized_token().unwrap()[0];

    lose_sessions(&context);
    signs(&identity);

    let session = context.open_ro_session(slot).unwrap();
    session.logout().unwrap();
    signs(&identity);

    drop(session);
    context.clone().finalize().unwrap();
    signs(&identity);
}

#[test]
fn many_threads_sign_at_once() {
    let (token, pki) = (SoftToken::new(), pki(KeyKind::P256));
    token.import(pki.agency(), "seal", "a1");
    in_own_process("signing_from_many_threads_while_the_login_is_lost", &token);
}

#[test]
fn signing_from_many_threads_while_the_login_is_lost() {
    if !is_own_process() {
        return;
    }
    let identity = identity();
    let context = library();
    let slot = context.get_slots_with_initialized_token().unwrap()[0];
    let (done, is_over) = ([const { AtomicU32::new(0) }; 8], AtomicBool::new(false));
    std::thread::scope(|scope| {
        for count in &done {
            scope.spawn(|| {
                while !is_over.load(Ordering::SeqCst) {
                    signs(&identity);
                    count.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        for _ in 0..20 {
            // Each thread has signed since the last loss, so that none meets two at one signature.
            let until = Instant::now() + PATIENCE;
            let before = done.each_ref().map(|count| count.load(Ordering::SeqCst));
            while done
                .iter()
                .zip(before)
                .any(|(count, before)| count.load(Ordering::SeqCst) < before + 2)
            {
                assert!(Instant::now() < until, "a thread signs no more");
                std::thread::yield_now();
            }
            // A log-out is the whole process's: no session has the key any more.
            context.open_ro_session(slot).unwrap().logout().unwrap();
        }
        is_over.store(true, Ordering::SeqCst);
    });
    lose_sessions(&context);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| signs(&identity));
        }
    });
}

#[test]
fn a_refused_pin_is_remembered_while_the_process_runs() {
    let (token, pki) = (SoftToken::new(), pki(KeyKind::P256));
    token.import(pki.agency(), "seal", "a1");
    in_own_process("trying_a_wrong_pin_again", &token);
}

#[test]
fn trying_a_wrong_pin_again() {
    if !is_own_process() {
        return;
    }
    let module = SoftToken::module();
    let wrong = || token::open(place(&module), "000000".into()).unwrap_err();
    assert!(matches!(wrong(), TokenError::PinRefused));
    // Somebody logs in by hand: the token counts no wrong try any more, yet this PIN stays refused.
    let context = library();
    let slot = context.get_slots_with_initialized_token().unwrap()[0];
    let session = context.open_ro_session(slot).unwrap();
    session.login(UserType::User, Some(&PIN.into())).unwrap();
    session.logout().unwrap();
    assert!(!context.get_token_info(slot).unwrap().user_pin_count_low());
    assert!(matches!(wrong(), TokenError::PinRefused));
    assert!(!context.get_token_info(slot).unwrap().user_pin_count_low());
    drop(session);
    assert!(token::open(place(&module), PIN.into()).is_ok());
}
