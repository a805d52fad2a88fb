//! A caller hangs up at every step of a publish, an approval and a download. What was begun is
//! finished or nothing of it is left, the folder of files under way is empty, others are served.

use reqwest::StatusCode;
use tokio::io::AsyncReadExt as _;

use crate::support::caller::{Caller, text};
use crate::support::pdf_file::{heavy, long};
use crate::support::process::Process;
use crate::support::raw::{Raw, until};
use crate::support::service::pdf;

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
    let file = heavy(24 << 20);
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
