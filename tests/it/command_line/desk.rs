//! A folder to work in from a shell: an agency's key and the root that its certificate leads to.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;
use trao::pades::test_pki::KeyKind;

use crate::support::pki_service::PkiService;
use crate::support::program::{Run, program};
use crate::support::service::pdf;

/// The folder, and the PKI behind it.
pub(super) struct Desk {
    pub(super) service: PkiService,
    folder: TempDir,
}

impl Desk {
    pub(super) fn new() -> Self {
        let desk = Self {
            service: PkiService::start_with(KeyKind::P256),
            folder: tempfile::tempdir().unwrap(),
        };
        desk.file("root.pem", &desk.service.root_pem());
        desk.file("agency.p12", &desk.service.agency_p12("bí mật"));
        desk.file("pass", "bí mật".as_bytes());
        desk.file("in.pdf", &pdf("verify"));
        desk
    }

    pub(super) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn file(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.path(name), bytes).unwrap();
    }

    pub(super) fn run(&self, language: &str, arguments: &[&str]) -> Run {
        self.run_with(("LC_ALL", language.as_ref()), arguments)
    }

    /// A run with a variable of its own.
    pub(super) fn run_with(&self, (name, value): (&str, &OsStr), arguments: &[&str]) -> Run {
        Run::of(self.program(arguments).env(name, value))
    }

    fn program(&self, arguments: &[&str]) -> Command {
        let mut command = program(arguments);
        command
            .current_dir(&self.folder)
            .env("TRAO_EGRESS__ALLOW_PRIVATE", "127.0.0.0/8");
        command
    }

    /// `trao sign` with the agency's key.
    pub(super) fn sign(&self, arguments: &[&str]) -> Run {
        Run::of(&mut self.signing(arguments))
    }

    /// The same, to be started.
    pub(super) fn signing(&self, arguments: &[&str]) -> Command {
        let key = ["--identity", "agency.p12", "--passphrase-file", "pass"];
        self.program(&[&["sign"], arguments, &key].concat())
    }

    /// Seals the file at a level.
    pub(super) fn seal(&self, level: &str, out: &str) {
        let options = self.service.level_options(level);
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let fixed = ["in.pdf", "--out", out, "--trust", "root.pem"];
        let run = self.sign(&[&fixed[..], &options].concat());
        assert_eq!(run.status, Some(0), "{run:?}");
    }

    pub(super) fn verify(&self, language: &str, more: &[&str]) -> Run {
        self.run(
            language,
            &[&["verify", "--trust", "root.pem"], more].concat(),
        )
    }
}
