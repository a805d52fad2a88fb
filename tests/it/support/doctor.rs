//! What `trao doctor` says, and what it is to find.

use std::path::Path;

use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};

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

/// Runs a statement on a store behind the service's back; the record's own guards are taken away
/// first.
pub(crate) async fn tamper(data: &Path, statement: &'static str) {
    let options = SqliteConnectOptions::new().filename(data.join("trao.db"));
    let intruder = SqlitePool::connect_with(options).await.unwrap();
    for statement in [
        "DROP TRIGGER IF EXISTS audit_is_never_changed",
        "DROP TRIGGER IF EXISTS audit_is_never_shortened",
        statement,
    ] {
        sqlx::query(statement).execute(&intruder).await.unwrap();
    }
    intruder.close().await;
}
