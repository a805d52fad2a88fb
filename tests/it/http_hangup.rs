//! A caller hangs up at every step of a publish, an approval and a download. What was begun is
//! finished or nothing of it is left, the folder of files under way is empty, others are served.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::caller::{Caller, text};
use crate::support::pdf_file::{PdfFile, XrefKind, long};
use crate::support::process::{PATIENCE, Process};
use crate::support::service::pdf;

const BOUNDARY: &str = "trao-test-boundary";

/// A request as it goes over the line.
struct Raw {
    head: String,
    body: Vec<u8>,
}

impl Raw {
    fn new(process: &Process, line: &str, headers: &str, body: Vec<u8>) -> Self {
        let mut head = format!("{line} HTTP/1.1\r\nHost: localhost\r\n{headers}");
        write!(
            head,
            "Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
            process.shown.api_key,
            body.len()
        )
        .unwrap();
        Self { head, body }
    }

    /// What [`Caller::publish`] sends.
    fn publish(process: &Process, code: &str, file: &[u8]) -> Self {
        let mut body = Vec::new();
        for (name, value) in [("dossier_code", code), ("title", "Giấy phép")] {
            let part = format!(
                "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"
            );
            body.extend(part.bytes());
        }
        let part = format!(
            "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.pdf\"\r\n\r\n"
        );
        body.extend(part.bytes());
        body.extend(file);
        body.extend(format!("\r\n--{BOUNDARY}--\r\n").bytes());
        let headers = format!(
            "Idempotency-Key: {code}\r\nContent-Type: multipart/form-data; boundary={BOUNDARY}\r\n"
        );
        Self::new(process, "POST /api/v1/results", &headers, body)
    }

    fn approve(process: &Process, view: &Value) -> Self {
        let line = format!("POST /api/v1/results/{}/approve", text(view, "id"));
        let body = json!({ "manifest": view["manifest"] }).to_string();
        let headers = "Content-Type: application/json\r\n";
        Self::new(process, &line, headers, body.into_bytes())
    }

    fn bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), &self.body].concat()
    }

    /// Sends the first `len` bytes and keeps the line open.
    async fn send(&self, process: &Process, len: usize) -> TcpStream {
        let address = process.url.strip_prefix("http://").unwrap();
        let mut line = TcpStream::connect(address).await.unwrap();
        line.write_all(&self.bytes()[..len]).await.unwrap();
        line.flush().await.unwrap();
        line
    }
}

/// Waits until this is so.
async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

async fn until_nothing_is_spooled(process: &Process) {
    until("a file is left in the spool", async || {
        process.spooled().is_empty()
    })
    .await;
}

#[tokio::test]
async fn what_was_not_wholly_sent_leaves_nothing() {
    let process = Process::start(&[]).await;
    let caller = Caller::of(&process);
    let code = "H99.1-261123-0011";
    let file = pdf(code);
    let raw = Raw::publish(&process, code, &file);
    let whole = raw.bytes().len();
    let in_file = whole - file.len() / 2;
    // A form ends with `--` behind its last boundary; what is sent after that may be lost.
    let unended = whole - "--\r\n".len();
    for len in [1, raw.head.len() / 2, raw.head.len(), in_file, unended] {
        let line = raw.send(&process, len).await;
        if len >= in_file {
            until("the file comes", async || !process.spooled().is_empty()).await;
        }
        drop(line);
        until_nothing_is_spooled(&process).await;
        caller.assert_it_lives().await;
        assert_eq!(caller.results().await.len(), 1, "after {len} bytes");
    }
    let (status, view) = caller.publish(code, &file).await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{view}");
}

#[tokio::test]
async fn a_publish_that_was_begun_is_finished() {
    let process = Process::start(&[]).await;
    let caller = Caller::of(&process);
    let code = "H99.1-261123-0012";
    let file = long(200);
    let raw = Raw::publish(&process, code, &file);
    let line = raw.send(&process, raw.bytes().len()).await;
    until("it is read", async || !process.reading().is_empty()).await;
    assert_eq!(caller.results().await.len(), 1, "nothing is visible yet");
    drop(line);
    caller.assert_it_lives().await;
    until("it is received", async || caller.results().await.len() == 2).await;
    until_nothing_is_spooled(&process).await;
    let (status, view) = caller.publish(code, &file).await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{view}");
    assert_eq!(
        caller.results().await.len(),
        2,
        "the key leads to one result"
    );
}

#[tokio::test]
async fn an_approval_that_was_begun_is_finished() {
    let process = Process::start(&[]).await;
    let caller = Caller::of(&process);
    let code = "H99.1-261123-0013";
    let file = long(200);
    let (_, view) = caller.publish(code, &file).await.unwrap();
    let raw = Raw::approve(&process, &view);
    drop(raw.send(&process, raw.bytes().len() - 1).await);
    let id = text(&view, "id");
    caller.assert_it_lives().await;
    assert_eq!(caller.result(id).await["state"], "received");

    let line = raw.send(&process, raw.bytes().len()).await;
    until("it is approved", async || {
        caller.result(id).await["state"] != "received"
    })
    .await;
    drop(line);
    caller.assert_it_lives().await;
    let view = caller.released(id).await;
    caller.assert_handed_out(&view, code, &file).await;
    until_nothing_is_spooled(&process).await;
}

#[tokio::test]
async fn a_download_that_breaks_off_costs_nobody_anything() {
    let process = Process::start(&[]).await;
    let caller = Caller::of(&process);
    let code = "H99.1-261123-0014";
    // More than the buffers of a connection hold.
    let len = 24 << 20;
    let ballast = format!("<</Length {len}>>\nstream\n{}\nendstream", "x".repeat(len));
    let file = PdfFile::new(XrefKind::Table).object(10, &ballast).build();
    let (_, view) = caller.publish(code, &file).await.unwrap();
    caller.approve(&view).await.unwrap();
    let view = caller.released(text(&view, "id")).await;
    let (path, _) = caller.let_out(text(&view, "link_id"), code).await;
    for _ in 0..3 {
        let raw = Raw::new(&process, &format!("GET {path}"), "", Vec::new());
        let mut line = raw.send(&process, raw.bytes().len()).await;
        let mut begin = [0; 16 << 10];
        line.read_exact(&mut begin).await.unwrap();
        assert!(begin.starts_with(b"HTTP/1.1 200 "));
        drop(line);
        caller.assert_it_lives().await;
    }
    caller.assert_handed_out(&view, code, &file).await;
    until_nothing_is_spooled(&process).await;
}
