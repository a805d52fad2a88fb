//! `trao serve` refuses to start with a key that it could not seal by.

use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;
use trao::pades::test_pki::KeyKind;

use super::argument;
use crate::support::caller::text;
use crate::support::pki::pki;
use crate::support::process::PATIENCE;
use crate::support::program::{Run, program};

/// A demonstration's data, which nobody serves.
struct Data(TempDir);

impl Data {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let mut command = program(["demo", "--once", "--json", "--port", "0", "--dir"]);
        Run::of(command.arg(folder.path())).lines();
        Self(folder)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, arguments: &[&str]) -> Run {
        Run::of(program(arguments).env("TRAO_DATA_DIR", self.0.path()))
    }

    /// Starts the service and sees that it does not start, for this reason.
    async fn assert_it_does_not_start(&self, why: &str) {
        let mut command = program(["serve"]);
        command
            .env("TRAO_DATA_DIR", self.0.path())
            .env("TRAO_LISTEN", "127.0.0.1:0")
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut serving = command.spawn().unwrap();
        let until = Instant::now() + PATIENCE;
        while serving.try_wait().unwrap().is_none() && Instant::now() < until {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let _ = serving.kill();
        let run = Run::ended(serving.wait_with_output().unwrap());
        run.assert_refused("identity_unfit");
        assert!(run.said.contains(why), "{why}: {run:?}");
    }

    /// Adds an identity of PEM files to the demonstration's agency.
    fn add_pem(&self) -> [PathBuf; 3] {
        let pki = pki(KeyKind::P256);
        let files = ["key.pem", "cert.pem", "chain.pem"].map(|name| self.path(name));
        let agency = pki.agency();
        let parts = [
            agency.key_pem(),
            agency.certificate_pem(),
            agency.chain_pem(),
        ];
        for (file, part) in files.iter().zip(parts) {
            std::fs::write(file, part.unwrap()).unwrap();
        }
        let agencies = self.run(&["agency", "list", "--json"]).lines();
        let [key, cert, chain] = files.each_ref().map(|file| argument(file));
        let agency: &Value = &agencies[0];
        let added = self.run(&[
            "identity",
            "add",
            "--agency",
            text(agency, "id"),
            "--name",
            "PEM",
            "--key",
            key,
            "--cert",
            cert,
            "--chain",
            chain,
        ]);
        assert_eq!(added.status, Some(0), "{added:?}");
        files
    }
}

fn damage(file: &Path) {
    std::fs::write(file, b"no key at all").unwrap();
}

#[tokio::test]
async fn a_pkcs12_file_that_cannot_be_opened_stops_the_start() {
    let data = Data::new();
    let (file, passphrase) = (
        data.path("pki/agency.p12"),
        data.path("pki/agency.passphrase"),
    );
    let right = std::fs::read(&passphrase).unwrap();
    std::fs::write(&passphrase, b"another passphrase").unwrap();
    data.assert_it_does_not_start("the passphrase is wrong")
        .await;
    std::fs::write(&passphrase, right).unwrap();
    damage(&file);
    data.assert_it_does_not_start("cannot be read").await;
    std::fs::remove_file(&file).unwrap();
    data.assert_it_does_not_start("agency.p12").await;
}

#[tokio::test]
async fn pem_files_that_make_no_identity_stop_the_start() {
    let data = Data::new();
    let [key, _, _] = data.add_pem();
    let right = std::fs::read(&key).unwrap();
    let other = pki(KeyKind::P256).agency().key_pem().unwrap();
    std::fs::write(&key, other).unwrap();
    data.assert_it_does_not_start("the key does not match the certificate")
        .await;
    damage(&key);
    data.assert_it_does_not_start("cannot be read").await;
    std::fs::remove_file(&key).unwrap();
    data.assert_it_does_not_start("key.pem").await;

    let locked = openssl::pkey::PKey::private_key_from_pem(&right).unwrap();
    let cipher = openssl::symm::Cipher::aes_256_cbc();
    let locked = locked.private_key_to_pem_pkcs8_passphrase(cipher, b"secret");
    std::fs::write(&key, locked.unwrap()).unwrap();
    data.assert_it_does_not_start("the passphrase is wrong")
        .await;
}
