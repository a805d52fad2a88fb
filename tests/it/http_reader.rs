//! Files that kill or hang the child that reads them: their sender gets an error with a stable
//! code, and nobody else notices anything.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use reqwest::StatusCode;
use rustix::process::{Pid, Signal, kill_process};

use crate::support::caller::{Answer, Caller, text};
use crate::support::hostile::{bomb, huge_table, nested};
use crate::support::pdf_file::long;
use crate::support::process::{PATIENCE, Process};
use crate::support::service::pdf;

/// The least that a child may be given.
const SMALL: &[(&str, &str)] = &[
    ("TRAO_SEALING__MEMORY_MIB", "64"),
    ("TRAO_SEALING__CPU_S", "1"),
    ("TRAO_SEALING__WORKERS", "2"),
];

/// Time enough for a file that takes long.
const PATIENT: &[(&str, &str)] = &[("TRAO_SEALING__CPU_S", "6"), ("TRAO_SEALING__WORKERS", "2")];

fn assert_refused(answer: Answer, what: &str, code: &str) {
    let (status, problem) = answer.unwrap();
    assert_eq!(
        status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{what}: {problem}"
    );
    assert_eq!(text(&problem, "code"), code, "{what}: {problem}");
}

/// Whoever else is there is served: the gate, the reading, the sealing.
async fn assert_others_are_served(process: &Process, code: &str) {
    let caller = Caller::of(process);
    caller.assert_it_lives().await;
    let shown = &process.shown;
    caller.let_out(&shown.link_id, &shown.dossier_code).await;
    let file = pdf(code);
    let (status, view) = caller.publish(code, &file).await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{view}");
    caller.approve(&view).await.unwrap();
    let view = caller.released(text(&view, "id")).await;
    caller.assert_handed_out(&view, code, &file).await;
}

#[tokio::test]
async fn a_file_that_exhausts_its_reader_is_refused_and_others_are_served() {
    let process = Process::start(SMALL).await;
    let caller = Caller::of(&process);
    let files = [
        ("a bomb", bomb(), "pdf_too_complex"),
        ("nesting", nested(), "pdf_too_complex"),
        ("a huge table", huge_table(), "pdf_too_complex"),
    ];
    for (n, (what, file, code)) in files.iter().enumerate() {
        let dossier = format!("H99.1-261123-{:04}", 200 + n);
        let other = format!("H99.1-261123-{:04}", 300 + n);
        let (answer, ()) = tokio::join!(
            caller.publish(&dossier, file),
            assert_others_are_served(&process, &other),
        );
        assert_refused(answer, what, code);
    }
    assert_eq!(caller.results().await.len(), 1 + files.len());
    assert!(process.spooled().is_empty());
}

/// Waits until a child has worked for a while since `before`: it is at the file, and no other one
/// that is merely clearing up.
async fn at_work(process: &Process, before: &HashMap<i32, u64>) -> i32 {
    const A_WHILE: u64 = 20;
    let until = Instant::now() + PATIENCE;
    loop {
        let now = process.readers_ticks();
        let worked = |(pid, ticks): (i32, u64)| {
            let before = before.get(&pid).copied().unwrap_or_default();
            (ticks >= before + A_WHILE).then_some(pid)
        };
        if let Some(reader) = now.into_iter().find_map(worked) {
            return reader;
        }
        assert!(Instant::now() < until, "nobody reads the file");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
}

/// Publishes a file while `signal` is sent to the child that reads it, and others are served.
async fn publish_under(
    process: &Process,
    code: &str,
    file: &[u8],
    signal: Signal,
) -> (Answer, i32) {
    let caller = Caller::of(process);
    let (sender, dossier, file) = (caller.clone(), code.to_owned(), file.to_vec());
    let before = process.readers_ticks();
    let asked = tokio::spawn(async move { sender.publish(&dossier, &file).await });
    let reader = at_work(process, &before).await;
    kill_process(Pid::from_raw(reader).unwrap(), signal).unwrap();
    assert_others_are_served(process, &code.replace("-04", "-05")).await;
    (asked.await.unwrap(), reader)
}

#[tokio::test]
async fn a_reader_that_is_killed_over_its_first_file_is_its_end_and_others_are_served() {
    const CODE: &str = "H99.1-261123-0401";
    let process = Process::start(PATIENT).await;
    // It is read for a second and more: the reader that is seen at it is still at it when it is hit.
    let file = long(300);
    let (answer, reader) = publish_under(&process, CODE, &file, Signal::KILL).await;
    assert_refused(answer, CODE, "pdf_too_complex");
    assert!(!process.readers().contains(&reader), "it is not left over");
    assert!(process.spooled().is_empty());
    // It was not the file's fault, and the refusal is not remembered.
    let (status, view) = Caller::of(&process).publish(CODE, &file).await.unwrap();
    assert_eq!(status, StatusCode::CREATED, "{view}");
}

/// What a reader read before may have broken it.
#[tokio::test]
async fn a_reader_that_answered_before_and_ends_or_stands_still_is_no_fault_of_the_file() {
    let process = Process::start(PATIENT).await;
    assert_others_are_served(&process, "H99.1-261123-0600").await;
    let file = long(300);
    for (code, signal) in [
        ("H99.1-261123-0402", Signal::STOP),
        ("H99.1-261123-0403", Signal::KILL),
    ] {
        let (answer, reader) = publish_under(&process, code, &file, signal).await;
        let (status, view) = answer.unwrap();
        assert_eq!(status, StatusCode::CREATED, "{code}: {view}");
        assert!(!process.readers().contains(&reader), "it is not left over");
    }
}
