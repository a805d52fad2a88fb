//! One run of the program, as somebody types it: what it printed and how it ended.

use std::ffi::OsStr;
use std::process::{Command, Output, Stdio};

use serde_json::Value;

pub(crate) const PROGRAM: &str = env!("CARGO_BIN_EXE_trao");

/// The program, for a user whose language is none of ours: it speaks English.
pub(crate) fn program<S: AsRef<OsStr>>(arguments: impl IntoIterator<Item = S>) -> Command {
    let mut command = Command::new(PROGRAM);
    command
        .args(arguments)
        .env("LC_ALL", "C")
        .stdin(Stdio::null());
    command
}

/// How a run ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) status: Option<i32>,
    pub(crate) printed: String,
    pub(crate) said: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        Self::ended(command.output().unwrap())
    }

    pub(crate) fn ended(output: Output) -> Self {
        Self {
            status: output.status.code(),
            printed: String::from_utf8(output.stdout).unwrap(),
            said: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// The lines of JSON on standard output, of a run that is done.
    pub(crate) fn lines(&self) -> Vec<Value> {
        assert_eq!(self.status, Some(0), "{self:?}");
        self.all_lines()
    }

    /// The same of any run.
    pub(crate) fn all_lines(&self) -> Vec<Value> {
        let lines = self.printed.lines();
        lines
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }

    /// Sees that it was refused with this code.
    pub(crate) fn assert_refused(&self, code: &str) {
        assert_eq!(self.status, Some(1), "{self:?}");
        assert!(self.said.contains(&format!("[{code}]")), "{self:?}");
    }
}
