//! A stop: what runs is finished, nobody new is let in, and whoever never ends holds nothing up.

use reqwest::StatusCode;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::support::caller::{Caller, text};
use crate::support::pdf_file::{heavy, long};
use crate::support::process::{Process, client};
use crate::support::raw::{Raw, until};
use crate::support::service::{TestService, pdf};

const CODE: &str = "H99.1-261123-0021";

/// Whether whoever balances the load would send requests here.
async fn is_ready(process: &Process) -> bool {
    let asked = client(1)
        .get(format!("{}/readyz", process.url))
        .send()
        .await;
    asked.is_ok_and(|answer| answer.status() == StatusCode::OK)
}

async fn until_it_is_not_ready(process: &Process) {
    until("it is ready yet", async || !is_ready(process).await).await;
}

/// All that comes until the end of the connection.
async fn rest_of(line: &mut TcpStream) -> String {
    let mut answer = Vec::new();
    line.read_to_end(&mut answer).await.unwrap();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn an_upload_under_way_is_taken_and_acknowledged() {
    let mut process = Process::start(&[]).await;
    assert!(is_ready(&process).await);
    let file = pdf(CODE);
    let raw = Raw::publish(&process, CODE, &file);
    let bytes = raw.bytes();
    let half = bytes.len() - file.len() / 2;
    let mut line = raw.send(&process, half).await;
    until("the file comes", async || !process.spooled().is_empty()).await;

    process.terminate();
    until_it_is_not_ready(&process).await;
    line.write_all(&bytes[half..]).await.unwrap();
    let answer = rest_of(&mut line).await;
    assert!(answer.starts_with("HTTP/1.1 201 "), "{answer}");
    assert!(process.ended().await.success());

    process.restart(&[]).await;
    let caller = Caller::of(&process);
    let (status, view) = caller.publish(CODE, &file).await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{view}");
    assert_eq!(caller.results().await.len(), 2, "it was there already");
}

#[tokio::test]
async fn a_seal_under_way_is_finished() {
    let mut process = Process::start(&[]).await;
    let caller = Caller::of(&process);
    let file = long(200);
    let (_, view) = caller.publish(CODE, &file).await.unwrap();
    let raw = Raw::approve(&process, &view);
    let mut line = raw.send(&process, raw.bytes().len()).await;
    until("it is sealed", async || !process.reading().is_empty()).await;

    process.terminate();
    let answer = rest_of(&mut line).await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains("\"state\":\"released\""), "{answer}");
    assert!(process.ended().await.success());
    process.restart(&[]).await;
    let view = Caller::of(&process).result(text(&view, "id")).await;
    Caller::of(&process)
        .assert_handed_out(&view, CODE, &file)
        .await;
}

#[tokio::test]
async fn clients_that_never_end_hold_up_no_stop() {
    // Their pace alone would end them, and not soon.
    let variables = [
        ("TRAO_LIMITS__DRAIN_S", "1"),
        ("TRAO_LIMITS__PACE_S", "600"),
    ];
    let mut process = Process::start(&variables).await;
    let caller = Caller::of(&process);
    let file = heavy(24 << 20);
    let (_, view) = caller.publish(CODE, &file).await.unwrap();
    caller.approve(&view).await.unwrap();
    let view = caller.released(text(&view, "id")).await;
    let (path, _) = caller.let_out(text(&view, "link_id"), CODE).await;
    // One who sends half a file, one who takes half a file.
    let raw = Raw::publish(&process, "H99.1-261123-0022", &file);
    let _sender = raw.send(&process, raw.bytes().len() / 2).await;
    let raw = Raw::new(&process, &format!("GET {path}"), "", Vec::new());
    let mut taker = raw.send(&process, raw.bytes().len()).await;
    taker.read_exact(&mut [0; 1024]).await.unwrap();

    process.terminate();
    assert!(process.ended().await.success());
}

/// Requests and the work they began have one deadline, not one after the other.
#[tokio::test]
async fn a_stop_has_one_deadline() {
    let service = TestService::new().await;
    assert!(!service.app.is_stopping());
    let first = service.app.begin_stop();
    assert!(service.app.is_stopping());
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    assert_eq!(service.app.begin_stop(), first);
    service.app.settle().await;
    assert_eq!(service.app.begin_stop(), first);
}

#[tokio::test]
async fn the_database_is_closed_whole_though_no_time_is_left() {
    let service = TestService::with(|settings| settings.limits.drain_s = 0).await;
    service.received(CODE, &[&pdf(CODE)]).await;
    let beside = service.path().join("trao.db-wal");
    assert!(beside.exists());
    service.app.settle().await;
    assert!(
        !beside.exists(),
        "what was written is not all in the database"
    );
}
