//! Inputs that fuzzing found once (`scripts/fuzz.sh`): kept under `tests/found`, a folder for each
//! target, and read here on every run.

use std::path::{Path, PathBuf};

use trao::pades::{Limits, Pdf, TrustAnchors, inspect, prepare, signatures, verify};

use crate::support::pki::NOW;
use crate::support::seal::request;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path));
        } else {
            found.push(path);
        }
    }
    found
}

#[test]
fn what_was_found_once_is_found_no_more() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/found");
    let found = files(&folder);
    assert!(!found.is_empty());
    for path in found {
        let bytes = std::fs::read(&path).unwrap();
        let limits = Limits::default();
        let _ = Pdf::open(&bytes, &limits).and_then(|pdf| signatures(&pdf));
        let _ = inspect(&bytes, &limits);
        let _ = verify(&bytes, &limits, &TrustAnchors::default(), NOW);
        if let Ok(revision) = prepare(&bytes, &limits, &request()) {
            let sealed = [bytes, revision.filled(&[0x30, 0]).unwrap()].concat();
            assert!(Pdf::open(&sealed, &limits).is_ok(), "{}", path.display());
        }
    }
}
