//! What a refusal tells: the place, the thing and the way out, and never another's sentence.

use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;
use trao::model::AgencyId;
use trao::pades::test_pki::KeyKind;

use crate::support::pki::{identity, pki};
use crate::support::program::{PROGRAM, Run, program};
use crate::support::seal::{request, sealed};
use crate::support::service::pdf;

/// A folder with an unsigned file, a signer's PKCS#12 and nothing of a service yet.
struct Desk(TempDir);

impl Desk {
    fn new() -> Self {
        let desk = Self(tempfile::tempdir().unwrap());
        let pki = pki(KeyKind::P256);
        desk.file("in.pdf", &pdf("refusals"));
        desk.file("agency.p12", &pki.agency().pkcs12("bí mật").unwrap());
        desk.file("root.pem", &pki.root_pem().unwrap());
        desk.file("pass", "bí mật".as_bytes());
        desk.file("password", b"ten letters or more");
        std::fs::create_dir(desk.0.path().join("empty")).unwrap();
        desk
    }

    fn file(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
    }

    /// Runs a call whose words hold no blank.
    fn run(&self, call: &str) -> Run {
        self.run_words(&call.split(' ').collect::<Vec<_>>())
    }

    fn run_words(&self, words: &[&str]) -> Run {
        let mut command = program(words);
        command.current_dir(&self.0).env("TRAO_DATA_DIR", "data");
        Run::of(&mut command)
    }

    fn assert_refused(&self, call: &str, code: &str, told: &[&str]) {
        let run = self.run(call);
        run.assert_refused(code);
        for word in told {
            assert!(run.said.contains(word), "{call}: {word}: {run:?}");
        }
    }

    /// Wrong usage: help on it, the code on the last line, status 2.
    fn assert_usage(&self, words: &[&str], told: &[&str]) {
        let run = self.run_words(words);
        assert_eq!(run.status, Some(2), "{run:?}");
        let last = run.said.lines().last().unwrap();
        assert!(last.ends_with("[usage]"), "{run:?}");
        for word in told {
            assert!(run.said.contains(word), "{word}: {run:?}");
        }
    }
}

#[test]
fn a_passphrase_that_nobody_gave_is_not_called_wrong() {
    let desk = Desk::new();
    let sign = "sign in.pdf --out out.pdf --identity agency.p12";
    let ways = ["--passphrase-file", "TRAO_PASSPHRASE", "No passphrase"];
    desk.assert_refused(sign, "identity_unfit", &ways);
    let wrong = format!("{sign} --passphrase-file password");
    desk.assert_refused(
        &wrong,
        "identity_unfit",
        &["The passphrase of the key is wrong"],
    );
}

/// Windows' own editor puts one there, and shows nothing of it.
#[test]
fn a_byte_order_mark_is_no_part_of_a_secret() {
    let desk = Desk::new();
    desk.file("marked", "\u{feff}bí mật\r\n".as_bytes());
    let run = desk.run("sign in.pdf --out out.pdf --identity agency.p12 --passphrase-file marked");
    assert_eq!(run.status, Some(0), "{run:?}");
}

/// Whoever names the wrong file is told so, and not that the service is down.
#[test]
fn a_file_that_is_no_text_is_called_so() {
    let desk = Desk::new();
    desk.file("scan.pdf", b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
    desk.file("utf16.toml", b"\xff\xfel\0o\0g\0");
    let sign = "sign in.pdf --out out.pdf";
    let publish = "publish in.pdf --title a --server http://127.0.0.1:9";
    for (call, file) in [
        (
            format!("{sign} --identity agency.p12 --passphrase-file scan.pdf"),
            "scan.pdf",
        ),
        (
            format!(
                "{sign} --pkcs11-module a.so --pkcs11-token a --pkcs11-key a --pin-file scan.pdf"
            ),
            "scan.pdf",
        ),
        (
            format!("{sign} --identity agency.p12 --passphrase-file pass --appearance utf16.toml"),
            "utf16.toml",
        ),
        (
            format!("{publish} --code a --key-file scan.pdf"),
            "scan.pdf",
        ),
        (
            format!("{publish} --code-file scan.pdf --key-file pass"),
            "scan.pdf",
        ),
        ("serve --config scan.pdf".to_owned(), "scan.pdf"),
        ("doctor --config utf16.toml".to_owned(), "utf16.toml"),
    ] {
        let told = format!("trao: {file}: The file is not text in UTF-8 [field_invalid]");
        desk.assert_refused(&call, "field_invalid", &[&told]);
    }
}

#[test]
fn a_chain_without_a_certificate_is_told() {
    let desk = Desk::new();
    let pki = pki(KeyKind::P256);
    let agency = pki.agency();
    desk.file("key.pem", &agency.key_pem().unwrap());
    desk.file("cert.pem", &agency.certificate_pem().unwrap());
    desk.file("chain.pem", &agency.chain_pem().unwrap());
    let sign = "sign in.pdf --out out.pdf --key key.pem --cert cert.pem --chain";
    for file in ["in.pdf", "key.pem"] {
        let told = format!("trao: {file}: The file holds no certificate in PEM [field_invalid]");
        desk.assert_refused(&format!("{sign} {file}"), "field_invalid", &[&told]);
    }
    assert!(!desk.0.path().join("out.pdf").exists());
    assert_eq!(desk.run(&format!("{sign} chain.pem")).status, Some(0));
}

#[test]
fn an_option_of_a_mark_that_would_show_nowhere_is_refused() {
    let desk = Desk::new();
    let sign = "sign in.pdf --out out.pdf --identity agency.p12 --passphrase-file pass";
    for option in [
        "--seal-image seal.png",
        "--document-number 1/QĐ",
        "--copy-form SAO",
        "--fact a=b",
        "--page last",
        "--position top-left",
    ] {
        let name = option.split_once(' ').unwrap().0;
        let told = [&format!("trao: {name}: This option needs --appearance")[..]];
        desk.assert_refused(&format!("{sign} {option}"), "field_invalid", &told);
    }
    let attachment = "--appearance attachment --document-number 1/QĐ --seal-image seal.png";
    let told = ["--seal-image: The chosen appearance does not draw an image"];
    desk.assert_refused(&format!("{sign} {attachment}"), "field_invalid", &told);
    assert!(!desk.0.path().join("out.pdf").exists());
}

#[test]
fn a_time_stamping_authority_that_nobody_asks_is_told() {
    let desk = Desk::new();
    let sign = "sign in.pdf --out out.pdf --identity agency.p12 --passphrase-file pass";
    for level in ["", " --level b"] {
        let run = desk.run(&format!("{sign} --tsa http://127.0.0.1:9{level}"));
        assert_eq!(run.status, Some(0), "{run:?}");
        assert!(
            run.said
                .contains("--tsa: Warning: This option needs --level"),
            "{run:?}"
        );
    }
    assert!(!desk.run(sign).said.contains("--tsa"));
}

#[test]
fn an_image_that_is_no_png_is_refused_before_the_first_file() {
    let desk = Desk::new();
    desk.file("seal.png", b"GIF89a");
    desk.file("other.pdf", &pdf("other"));
    let sign = "sign in.pdf other.pdf --out out --identity agency.p12 --passphrase-file pass";
    let call = format!("{sign} --appearance seal --seal-image seal.png");
    let told = ["trao: --seal-image: The image of the seal cannot be used"];
    desk.assert_refused(&call, "image_invalid", &told);
    assert!(!desk.0.path().join("out").exists());
}

#[test]
fn a_template_that_is_no_toml_is_told_by_its_line_on_one_line() {
    let desk = Desk::new();
    desk.file("own.toml", b"width = 200.0\n[[item\n");
    let sign = "sign in.pdf --out out.pdf --identity agency.p12 --passphrase-file pass";
    let call = format!("{sign} --appearance own.toml");
    desk.assert_refused(&call, "field_invalid", &["own.toml: ", "line 2: "]);
    assert!(!desk.run(&call).said.contains('\u{fffd}'));
}

#[test]
fn a_key_file_that_cannot_be_used_is_named_and_what_is_there_already_is_told() {
    let desk = Desk::new();
    let demo = desk.run("demo --once --port 0 --dir data");
    assert_eq!(demo.status, Some(0), "{demo:?}");
    assert!(
        !demo.printed.contains("Ctrl-C"),
        "it does not serve: {demo:?}"
    );
    let keys = desk.0.path().join("data/keys.toml");
    std::fs::set_permissions(&keys, Permissions::from_mode(0o640)).unwrap();
    let told = ["data/keys.toml: The service’s key file may be read by others"];
    desk.assert_refused("agency list", "unavailable", &told);

    let text = std::fs::read_to_string(&keys).unwrap();
    std::fs::remove_file(&keys).unwrap();
    let told = ["data/keys.toml: There is a database", "from a backup"];
    desk.assert_refused("agency list", "unavailable", &told);

    let again = "demo --once --port 0 --dir other";
    assert_eq!(desk.run(again).status, Some(0));
    std::fs::copy(desk.0.path().join("other/keys.toml"), &keys).unwrap();
    let told = ["data/keys.toml: This key file belongs to another database"];
    desk.assert_refused("agency list", "unavailable", &told);

    std::fs::write(&keys, text).unwrap();
    let agency = desk.run("agency list --json").lines().remove(0);
    let agency = agency["id"].as_str().unwrap();
    let officer = format!("officer add --agency {agency} --login lan --name Lan --role clerk");
    let officer = officer + " --password-file password";
    assert_eq!(desk.run(&officer).status, Some(0));
    let told = ["There is an officer with this login name already: lan"];
    desk.assert_refused(&officer, "state_conflict", &told);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let desk = Desk::new();
    let sign = "sign in.pdf --identity agency.p12 --passphrase-file pass --out";
    for out in ["nowhere/out.pdf", "pass/out.pdf"] {
        let folder = out.split_once('/').unwrap().0;
        let told = [folder, "cannot be written"];
        desk.assert_refused(&format!("{sign} {out}"), "file_unwritable", &told);
    }
    let two = "sign in.pdf root.pem --identity agency.p12 --passphrase-file pass --out pass";
    desk.assert_refused(
        two,
        "field_invalid",
        &["pass: The outcomes of several files, or of a folder, need a folder"],
    );
    let told = ["pass", "cannot be written"];
    desk.assert_refused("demo --port 0 --dir pass", "file_unwritable", &told);
}

#[test]
fn no_folder_is_made_by_the_name_of_a_file() {
    let desk = Desk::new();
    desk.file("empty/in.pdf", &pdf("refusals"));
    let sign = "--identity agency.p12 --passphrase-file pass --out one.PDF";
    let told = ["one.PDF: ", "need a folder", "--out"];
    for inputs in ["empty", "in.pdf empty/in.pdf"] {
        let call = format!("sign {inputs} {sign}");
        desk.assert_refused(&call, "field_invalid", &told);
        assert!(!desk.0.path().join("one.PDF").exists(), "{call}");
    }
    // Who made it knows that it is one.
    std::fs::create_dir(desk.0.path().join("one.PDF")).unwrap();
    let signed = desk.run(&format!("sign empty {sign}"));
    assert_eq!(signed.status, Some(0), "{signed:?}");
    assert!(desk.0.path().join("one.PDF/in.pdf").exists());
}

/// Where nobody can make a file, and where there is room for few bytes of it.
#[test]
fn an_outcome_that_cannot_be_written_is_not_blamed_on_the_input() {
    let desk = Desk::new();
    let signer = identity(&pki(KeyKind::P256));
    desk.file("signed.pdf", &sealed(&pdf("refusals"), request(), &signer));
    let sign = "sign in.pdf --identity agency.p12 --passphrase-file pass";
    let extend = "extend signed.pdf --level t --tsa http://127.0.0.1:9 --trust root.pem";
    for verb in [sign, extend] {
        let told = ["trao: /proc/out.pdf: ", "cannot be written"];
        let call = format!("{verb} --out /proc/out.pdf");
        desk.assert_refused(&call, "file_unwritable", &told);

        let line = format!("trap '' XFSZ; ulimit -f 2; exec {PROGRAM} {verb} --out out.pdf");
        let mut shell = Command::new("sh");
        shell.args(["-c", &line]).env("LC_ALL", "C");
        let run = Run::of(shell.current_dir(&desk.0));
        run.assert_refused("file_unwritable");
        assert!(run.said.contains("trao: out.pdf: "), "{run:?}");
        assert!(!desk.0.path().join("out.pdf").exists());
    }
}

#[test]
fn a_folder_without_a_pdf_is_named() {
    let desk = Desk::new();
    let told = ["empty: The folder holds no PDF"];
    desk.assert_refused("inspect empty", "field_invalid", &told);
    let sign = "sign empty --out out --identity agency.p12 --passphrase-file pass";
    desk.assert_refused(sign, "field_invalid", &told);
    std::fs::create_dir(desk.0.path().join("empty/below")).unwrap();
    let told = ["empty: The folder holds only folders"];
    desk.assert_refused("inspect empty", "field_invalid", &told);
}

#[test]
fn a_file_without_a_signature_that_can_be_raised_is_said_to_have_none() {
    let desk = Desk::new();
    let extend = "--out out.pdf --level t --tsa http://127.0.0.1:9 --trust";
    let told = ["in.pdf: The file has no signature whose level could be raised: "];
    let unsigned = format!("extend in.pdf {extend} root.pem");
    desk.assert_refused(&unsigned, "not_signed", &told);

    desk.file("other.pem", &pki(KeyKind::Rsa2048).root_pem().unwrap());
    let signer = identity(&pki(KeyKind::P256));
    desk.file("signed.pdf", &sealed(&pdf("refusals"), request(), &signer));
    let told = ["signed.pdf: The level of no signature in the file can be raised: "];
    let untrusted = format!("extend signed.pdf {extend} other.pem");
    desk.assert_refused(&untrusted, "field_invalid", &told);
}

#[test]
fn a_port_that_another_program_has_is_told_with_its_address() {
    let taken = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = taken.local_addr().unwrap();
    let desk = Desk::new();
    let demo = format!("demo --dir demo --port {}", address.port());
    desk.assert_refused(&demo, "address_in_use", &[&address.to_string()]);
}

#[test]
fn what_is_not_there_to_be_disabled_is_called_by_its_name() {
    let desk = Desk::new();
    assert_eq!(desk.run("agency add --name a").status, Some(0));
    let id = AgencyId::from_bytes([7; 16]).to_string();
    for (verb, thing) in [
        ("agency", "agency"),
        ("officer", "officer"),
        ("portal", "portal"),
        ("key", "key"),
        ("identity", "signing identity"),
    ] {
        let told = [&format!("No {thing} in use has this id: {id}")[..]];
        desk.assert_refused(&format!("{verb} disable {id}"), "not_found", &told);
    }
}

#[test]
fn wrong_usage_lists_the_words_that_are_taken_and_ends_with_its_code() {
    let desk = Desk::new();
    let id = AgencyId::from_bytes([7; 16]).to_string();
    let officer = ["officer", "add", "--agency", &id, "--role", "sếp"];
    desk.assert_usage(
        &officer,
        &["clerk, publisher, head, auditor, administrator"],
    );
    let key = ["key", "add", "--agency", &id, "--scope", "foo"];
    desk.assert_usage(&key, &["publish, read, approve, withdraw, dossiers"]);
    let agency = ["agency", "add", "--sealing", "foo"];
    desk.assert_usage(&agency, &["clerk, automatic"]);
    desk.assert_usage(&["no-such-verb"], &["no-such-verb"]);
}

#[test]
fn a_prefix_that_no_code_has_is_refused_and_another_spelling_is_mended() {
    let desk = Desk::new();
    for prefix in ["bad prefix!", "h99 1", "Đ1", "-1", "", &"A".repeat(61)] {
        let prefix = format!("--prefix={prefix}");
        desk.assert_usage(&["agency", "add", "--name", "a", &prefix], &["--prefix"]);
    }
    let added = desk.run("agency add --name a --prefix h99–1 --prefix 000.00.12.H13");
    assert_eq!(added.status, Some(0), "{added:?}");
    let agencies = desk.run("agency list --json").lines();
    let prefixes: Vec<&Value> = agencies.iter().map(|agency| &agency["prefixes"]).collect();
    assert_eq!(prefixes, [&serde_json::json!(["H99-1", "000.00.12.H13"])]);
}

#[test]
fn a_login_that_not_every_keyboard_types_is_refused() {
    let desk = Desk::new();
    let agency = desk.run("agency add --name a").printed;
    let add = |login: &str| {
        let add = ["officer", "add", "--agency", agency.trim(), "--name", "Lan"];
        let rest = ["--role", "clerk", "--password-file", "password"];
        desk.run_words(&[&add[..], &["--login", login], &rest].concat())
    };
    for login in ["Lan Anh <x>", "lành", "lan\u{200b}"] {
        let run = add(login);
        run.assert_refused("field_invalid");
        assert!(run.said.contains("letters without accents"), "{run:?}");
    }
    let run = add("lan.anh_2-x@phuong.example.vn");
    assert_eq!(run.status, Some(0), "{run:?}");
}

#[test]
fn an_empty_key_file_is_called_so_before_anybody_is_asked() {
    let desk = Desk::new();
    desk.file("key", b"\r\n");
    let publish = "publish in.pdf --code a --title a --server http://127.0.0.1:9 --key-file key";
    let told = ["trao: key: The key file is empty"];
    desk.assert_refused(publish, "field_invalid", &told);
}

#[test]
fn a_file_of_roots_that_is_not_there_is_not_called_malformed() {
    let desk = Desk::new();
    let verify = |file: &str| format!("verify in.pdf --trust {file}");
    let nowhere = ["nowhere.pem"];
    desk.assert_refused(&verify("nowhere.pem"), "file_unreadable", &nowhere);
    desk.assert_refused(&verify("in.pdf"), "field_invalid", &["--trust"]);
}
