//! What `trao doctor` says.

use serde_json::Value;

use super::process::Process;

/// Its line on one thing.
pub(crate) fn check(process: &Process, name: &str) -> Value {
    let (_, printed) = process.run(&["doctor", "--json"]);
    line_of(&printed, name)
}

/// The line on one thing among all that it printed.
pub(crate) fn line_of(printed: &str, name: &str) -> Value {
    let mut lines = printed
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    lines.find(|line| line["check"] == name).unwrap()
}
