//! `trao demo`: what it prints, keeps and serves.

use std::io::{BufRead as _, BufReader, Read as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Stdio;

use reqwest::StatusCode;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::support::caller::text;
use crate::support::process::client;
use crate::support::program::{Run, program};

const KEYS: [&str; 10] = [
    "api_key",
    "data_dir",
    "dossier_code",
    "link",
    "link_id",
    "officer",
    "password",
    "signed_pdf",
    "trust_root",
    "url",
];

fn once(folder: &Path, port: &[&str]) -> Value {
    let mut command = program(["demo", "--once", "--json", "--dir"]);
    let lines = Run::of(command.arg(folder).args(port)).lines();
    assert_eq!(lines.len(), 1);
    lines[0].clone()
}

/// A port that the system gives to nobody of itself (`ip_local_port_range`): a later run wants it
/// again.
fn quiet_port() -> String {
    let from = 20_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    (from..32_000).find(is_free).unwrap().to_string()
}

#[test]
fn it_prints_what_programs_need_and_the_same_again() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().join("demo");
    let shown = once(&folder, &["--port", &quiet_port()]);
    let mut keys: Vec<&String> = shown.as_object().unwrap().keys().collect();
    keys.sort();
    assert_eq!(keys, KEYS);
    let link = format!("{}/r/{}", text(&shown, "url"), text(&shown, "link_id"));
    assert_eq!(text(&shown, "link"), link);

    let kept = folder.join("demo.json");
    let mode = std::fs::metadata(&kept).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let kept: Value = serde_json::from_slice(&std::fs::read(kept).unwrap()).unwrap();
    assert_eq!(kept, shown);
    assert_eq!(once(&folder, &[]), shown);

    let files = [
        text(&shown, "signed_pdf"),
        "--trust",
        text(&shown, "trust_root"),
    ];
    let run = Run::of(program(["verify"]).args(files));
    assert_eq!(run.status, Some(0), "{run:?}");
}

#[tokio::test]
async fn it_serves_until_it_is_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = program(["demo", "--json", "--port", "0", "--dir"]);
    let command = command.arg(folder.path()).stdout(Stdio::piped());
    let mut demo = command.stderr(Stdio::null()).spawn().unwrap();
    let mut printed = BufReader::new(demo.stdout.take().unwrap());
    let mut line = String::new();
    printed.read_line(&mut line).unwrap();
    let shown: Value = serde_json::from_str(&line).unwrap();

    let page = client(1).get(text(&shown, "link")).send().await.unwrap();
    assert_eq!(page.status(), StatusCode::OK);
    let release = format!(
        "{}/api/v1/links/{}/release",
        text(&shown, "url"),
        text(&shown, "link_id")
    );
    let code = serde_json::json!({ "dossier_code": shown["dossier_code"] });
    let released = client(1).post(release).json(&code).send().await.unwrap();
    assert_eq!(released.status(), StatusCode::OK);

    let pid = Pid::from_raw(i32::try_from(demo.id()).unwrap()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert!(demo.wait().unwrap().success());
    let mut more = String::new();
    printed.read_to_string(&mut more).unwrap();
    assert_eq!(more, "", "one line is all there is");
}
