//! `trao sign --jobs 2` on a folder: how many cores it keeps busy.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use trao::pades::test_pki::{KeyKind, TestPki};

use crate::seal::profile;
use crate::{cpu, sample};

const FILES: u32 = 1000;
const PASSPHRASE: &str = "bench";

/// Prints the line.
pub(crate) fn run() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fill(&path("in"));
    let pki = TestPki::new(&profile(KeyKind::Rsa2048), trao::app::now()).unwrap();
    fs::write(path("key.p12"), pki.agency().pkcs12(PASSPHRASE).unwrap()).unwrap();
    let begin = (Instant::now(), cpu::total());
    let status = Command::new(env!("CARGO_BIN_EXE_trao"))
        .args(["sign", "--jobs", "2", "--identity"])
        .arg(path("key.p12"))
        .arg("--out")
        .arg(path("out"))
        .arg(path("in"))
        .env("TRAO_PASSPHRASE", PASSPHRASE)
        .stderr(Stdio::null())
        .status();
    assert!(status.unwrap().success());
    let (wall, spent) = (begin.0.elapsed(), cpu::total() - begin.1);
    let sealed = fs::read_dir(path("out")).unwrap().count();
    println!(
        "trao sign --jobs 2, {sealed} files of 25 kB, RSA-2048: {:.2} s, {:.2} s of CPU, {:.2} cores busy",
        wall.as_secs_f64(),
        spent.as_secs_f64(),
        spent.as_secs_f64() / wall.as_secs_f64()
    );
}

fn fill(folder: &Path) {
    fs::create_dir(folder).unwrap();
    let first = folder.join("0.pdf");
    sample::write(&first, 25_000);
    for nth in 1..FILES {
        fs::copy(&first, folder.join(format!("{nth}.pdf"))).unwrap();
    }
}
