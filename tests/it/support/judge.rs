//! Third parties that judge what we make. A judge that is not installed fails the test.

use std::ffi::OsStr;
use std::path::PathBuf;
use std::process::{Command, Output};

/// What a judge said.
pub(crate) struct Verdict {
    pub(crate) ok: bool,
    pub(crate) said: String,
}

/// Runs a judge and collects what it says on both streams.
pub(crate) fn ask<A: AsRef<OsStr>>(program: impl AsRef<OsStr>, arguments: &[A]) -> Verdict {
    let program = program.as_ref();
    let output: Output = Command::new(program)
        .args(arguments)
        .output()
        .unwrap_or_else(|error| {
            panic!(
                "{} does not start ({error}): run `make tools`",
                program.to_string_lossy()
            )
        });
    let said = [output.stdout, output.stderr].concat();
    Verdict {
        ok: output.status.success(),
        said: String::from_utf8_lossy(&said).into_owned(),
    }
}

/// Where `make tools` has put what Debian does not have.
pub(crate) fn tools() -> PathBuf {
    std::env::var_os("TRAO_TEST_TOOLS").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap()).join(".cache/trao-tools"),
        PathBuf::from,
    )
}

/// The Python in which the judges written in it are installed.
pub(crate) fn python() -> PathBuf {
    tools().join("judges/bin/python")
}
