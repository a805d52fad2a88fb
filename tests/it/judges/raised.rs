//! The levels above B, made by the program with living authorities: together with schemes,
//! appearances and kinds of file, before all judges.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;
use time::OffsetDateTime;
use trao::pades::test_pki::KeyKind;

use super::matrix::files;
use super::pdfa::EXPORTED;
use crate::support::damage::damaged;
use crate::support::judges::Judges;
use crate::support::pki::AGENCY;
use crate::support::pki_service::PkiService;
use crate::support::seal::{OWN, faded_ring};
use crate::support::verapdf::pdfa;

/// A signer with the program, a folder, authorities and judges that trust their root.
struct Desk {
    service: PkiService,
    judges: Judges,
    folder: TempDir,
}

impl Desk {
    fn new(key: KeyKind) -> Self {
        let service = PkiService::start_with(key);
        let desk = Self {
            judges: Judges::of_root(&service.root_pem()),
            folder: tempfile::tempdir().unwrap(),
            service,
        };
        desk.write("root.pem", &desk.service.root_pem());
        desk.write("agency.p12", &desk.service.agency_p12("bí mật"));
        desk.write("passphrase", "bí mật".as_bytes());
        desk.write("seal.png", &faded_ring());
        desk.write("own.toml", OWN.as_bytes());
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    /// What the program makes of a file at this level.
    fn sealed(&self, file: &[u8], level: &str, appearance: &str, scheme: &str) -> Vec<u8> {
        self.write("in.pdf", file);
        let tsa = self.service.tsa_url();
        let fixed = "sign in.pdf --out out.pdf --identity agency.p12 --passphrase-file passphrase \
                     --trust root.pem";
        let more = ["--level", level, "--scheme", scheme, "--tsa", &tsa];
        let output = Command::new(env!("CARGO_BIN_EXE_trao"))
            .args(fixed.split(' ').filter(|word| !word.is_empty()))
            .args(more)
            .args(shown(appearance))
            .current_dir(&self.folder)
            .env("TRAO_EGRESS__ALLOW_PRIVATE", "127.0.0.0/8")
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{level} {appearance} {scheme}: {said}"
        );
        std::fs::read(self.path("out.pdf")).unwrap()
    }

    /// What the judges have against the last signature of a file of this level.
    fn against(&self, bytes: &[u8], level: &str) -> Vec<String> {
        let now = PkiService::now();
        let sound = self.judges.sound(bytes).map(drop);
        let said = [
            sound,
            self.judges.trusted(bytes),
            self.judges.messages(bytes),
            self.dss(bytes, level, now),
            self.ades(bytes, level, now),
        ];
        said.into_iter().filter_map(Result::err).collect()
    }

    /// Level T names where the state of certificates is to be had; LT and LTA hold it.
    fn dss(&self, bytes: &[u8], level: &str, now: OffsetDateTime) -> Result<(), String> {
        let dss = self.judges.dss(now);
        let dss = if level == "t" { dss.online() } else { dss };
        let verdict = dss.judge(bytes);
        let reached = verdict.levels().last().map(|level| level.to_lowercase());
        let last = verdict.signatures.last();
        if last.is_some_and(|last| last.indication == "TOTAL_PASSED")
            && reached.as_deref() == Some(level)
        {
            Ok(())
        } else {
            Err(format!("{verdict:#?}"))
        }
    }

    fn ades(&self, bytes: &[u8], level: &str, now: OffsetDateTime) -> Result<(), String> {
        let verdict = self.judges.ades(bytes, now);
        let last = verdict.signatures.last();
        let is_valid = last.is_some_and(|last| last.valid);
        let stamped = verdict.time_stamps.len() == usize::from(level == "lta");
        let stamped = stamped && verdict.time_stamps.iter().all(|stamp| stamp.valid);
        if is_valid == (level != "t") && stamped {
            Ok(())
        } else {
            Err(format!("{verdict:#?}"))
        }
    }
}

/// Every appearance as the program is told it.
const APPEARANCES: [&str; 5] = [
    "--appearance none",
    "--appearance attachment --document-number 1/QĐ",
    "--appearance copy --seal-image seal.png",
    "--appearance seal --seal-image seal.png --position bottom-right",
    "--appearance own.toml --seal-image seal.png",
];

/// The words of an appearance; each that shows anything may name the agency.
fn shown(appearance: &str) -> Vec<String> {
    let mut words: Vec<String> = appearance.split(' ').map(str::to_owned).collect();
    if appearance != APPEARANCES[0] {
        words.extend(["--fact".to_owned(), format!("agency={AGENCY}")]);
    }
    words
}

const LEVELS: [&str; 3] = ["t", "lt", "lta"];

/// A certification leaves no room for a visible mark.
fn fits(kind: &str, appearance: &str) -> bool {
    kind != "certified" || appearance == APPEARANCES[0]
}

/// Makes files of every kind in every appearance and level; every judge must have nothing to say.
fn hold_all(key: KeyKind, scheme: &str) {
    let desk = Desk::new(key);
    let mut against = Vec::new();
    for (kind, file) in files(&desk.service.agency()) {
        for appearance in APPEARANCES.into_iter().filter(|look| fits(kind, look)) {
            for level in LEVELS {
                let bytes = desk.sealed(&file, level, appearance, scheme);
                for said in desk.against(&bytes, level) {
                    against.push(format!("{kind}, {level} {appearance}: {said}"));
                }
            }
        }
    }
    assert!(against.is_empty(), "{}", against.join("\n"));
}

#[test]
fn all_judges_hold_every_level_of_rsa_pss() {
    hold_all(KeyKind::Rsa2048, "pss");
}

#[test]
fn all_judges_hold_every_level_of_rsa_pkcs1() {
    hold_all(KeyKind::Rsa2048, "pkcs1");
}

#[test]
fn all_judges_hold_every_level_of_p256() {
    hold_all(KeyKind::P256, "ecdsa");
}

#[test]
fn all_judges_hold_every_level_of_p384() {
    hold_all(KeyKind::P384, "ecdsa");
}

#[test]
fn all_judges_hold_every_level_of_what_was_damaged() {
    let desk = Desk::new(KeyKind::P256);
    let mut against = Vec::new();
    for (what, file) in damaged() {
        for level in LEVELS {
            let bytes = desk.sealed(&file, level, APPEARANCES[1], "ecdsa");
            let said = desk.against(&bytes, level).into_iter();
            against.extend(said.map(|said| format!("{what}, {level}: {said}")));
        }
    }
    assert!(against.is_empty(), "{}", against.join("\n"));
}

/// What a file of the highest level holds is what those below it hold, and more.
#[test]
fn a_file_keeps_its_pdfa_profile_at_the_highest_level() {
    let desk = Desk::new(KeyKind::P256);
    let mut against = Vec::new();
    for (profile, file) in &*EXPORTED {
        for appearance in [APPEARANCES[0], APPEARANCES[3]] {
            let verdict = pdfa(&desk.sealed(file, "lta", appearance, "ecdsa"));
            if !verdict.conforming || verdict.profile.as_deref() != Some(profile) {
                against.push(format!("{profile}, {appearance}: {verdict:#?}"));
            }
        }
    }
    assert!(against.is_empty(), "{}", against.join("\n"));
}
