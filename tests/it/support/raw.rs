//! Requests as they go over the line, in pieces.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use super::caller::text;
use super::process::{PATIENCE, Process};

const BOUNDARY: &str = "trao-test-boundary";

/// A request as it goes over the line.
pub(crate) struct Raw {
    pub(crate) head: String,
    body: Vec<u8>,
}

impl Raw {
    pub(crate) fn new(process: &Process, line: &str, headers: &str, body: Vec<u8>) -> Self {
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
    pub(crate) fn publish(process: &Process, code: &str, file: &[u8]) -> Self {
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

    pub(crate) fn approve(process: &Process, view: &Value) -> Self {
        let line = format!("POST /api/v1/results/{}/approve", text(view, "id"));
        let body = json!({ "manifest": view["manifest"] }).to_string();
        let headers = "Content-Type: application/json\r\n";
        Self::new(process, &line, headers, body.into_bytes())
    }

    pub(crate) fn bytes(&self) -> Vec<u8> {
        [self.head.as_bytes(), &self.body].concat()
    }

    /// Sends the first `len` bytes and keeps the line open.
    pub(crate) async fn send(&self, process: &Process, len: usize) -> TcpStream {
        let address = process.url.strip_prefix("http://").unwrap();
        let mut line = TcpStream::connect(address).await.unwrap();
        line.write_all(&self.bytes()[..len]).await.unwrap();
        line.flush().await.unwrap();
        line
    }
}

/// Waits until this is so.
pub(crate) async fn until(what: &str, mut is_so: impl AsyncFnMut() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so().await {
        assert!(Instant::now() < end, "{what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
