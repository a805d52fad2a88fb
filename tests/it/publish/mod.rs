//! `trao publish` against `trao serve`, both as an office runs them: one result, a whole batch, and
//! again after whatever went wrong.

mod batch;
mod single;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use reqwest::StatusCode;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::support::caller::text;
use crate::support::process::{Process, client};
use crate::support::program::{Run, program};

/// An office with its folder, a key of its own, and the service that it publishes to.
struct Office {
    process: Process,
    folder: TempDir,
}

impl Office {
    async fn new() -> Self {
        let process = Process::start(&[]).await;
        let folder = tempfile::tempdir().unwrap();
        let office = Self { process, folder };
        office.file("key", office.process.shown.api_key.as_bytes());
        office
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn file(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.path(name);
        std::fs::write(&path, bytes).unwrap();
        path
    }

    /// From now on it publishes by a key with these scopes.
    fn has_key_for(&self, scopes: &[&str]) {
        let (_, agencies) = self.process.run(&["agency", "list", "--json"]);
        let agency: Value = serde_json::from_str(agencies.trim()).unwrap();
        self.has_key_of(text(&agency, "id"), scopes);
    }

    /// The same with a key of another agency.
    fn has_key_of(&self, agency: &str, scopes: &[&str]) {
        let mut arguments = vec!["key", "add", "--agency", agency, "--name", "a"];
        for scope in scopes {
            arguments.extend(["--scope", *scope]);
        }
        let (is_added, key) = self.process.run(&arguments);
        assert!(is_added);
        self.file("key", key.as_bytes());
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut arguments: Vec<OsString> = ["publish", "--json", "--server", &self.process.url]
            .map(OsString::from)
            .to_vec();
        arguments.extend(["--key-file".into(), self.path("key").into()]);
        arguments.extend(more.iter().map(OsString::from));
        program(arguments)
    }

    /// Publishes files of one result.
    fn publish(&self, code: &str, title: &str, files: &[&Path]) -> Run {
        let code_file = self.file("code", code.as_bytes());
        let mut command = self.command(&["--title", title, "--code-file"]);
        Run::of(command.arg(code_file).args(files))
    }

    /// Publishes a batch.
    fn batch(&self, manifest: &Path) -> Run {
        Run::of(self.command(&["--manifest"]).arg(manifest))
    }

    /// The same by a shell that does something first.
    fn batch_by(&self, manifest: &Path, script: &str) -> Run {
        let command = self.command(&["--manifest"]);
        let mut shell = Command::new("sh");
        shell.args(["-c", script]).arg(command.get_program());
        shell.args(command.get_args()).arg(manifest);
        Run::of(shell.env("LC_ALL", "C"))
    }

    /// Has a result returned or withdrawn.
    async fn take_back(&self, act: &str, result: &Value) {
        let url = format!(
            "{}/api/v1/results/{}/{act}",
            self.process.url,
            text(result, "id")
        );
        let request = client(1).post(url).bearer_auth(&self.process.shown.api_key);
        let request = request.json(&json!({ "reason": "Thiếu chữ ký" }));
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    }

    /// How many uploads the service answered with these statuses, or any.
    async fn uploads(&self, is_meant: impl Fn(&str) -> bool) -> u64 {
        let figures = client(1).get(&self.process.metrics_url).send().await;
        let figures = figures.unwrap().text().await.unwrap();
        let route = "trao_http_requests_total{route=\"/api/v1/results\",status=\"";
        let counts = figures.lines().filter_map(|line| {
            let (status, count) = line.strip_prefix(route)?.split_once("\"} ")?;
            is_meant(status).then(|| count.parse::<u64>().unwrap())
        });
        counts.sum()
    }
}
