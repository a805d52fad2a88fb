//! A data folder with a released result, made by the program itself.

use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_trao");

/// The folder and what opens it.
pub(crate) struct Demonstration {
    pub(crate) folder: TempDir,
    pub(crate) link: String,
    pub(crate) code: String,
    pub(crate) api_key: String,
}

impl Demonstration {
    pub(crate) fn make() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let output = Command::new(PROGRAM)
            .args(["demo", "--once", "--json", "--port", "0", "--dir"])
            .arg(folder.path().join("data"))
            .output()
            .unwrap();
        let shown: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        let text = |name: &str| shown[name].as_str().unwrap().to_owned();
        Self {
            link: text("link_id"),
            code: text("dossier_code"),
            api_key: text("api_key"),
            folder,
        }
    }

    /// Where its data lie.
    pub(crate) fn data(&self) -> PathBuf {
        self.folder.path().join("data")
    }
}
