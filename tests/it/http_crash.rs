//! The program is ended while a caller publishes over HTTP, at every named place and at moments
//! drawn by lot; then it is started again on the same folder. Whatever a caller was told is true,
//! whatever was approved is released, and nothing is half-visible.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::time::{Duration, Instant};

use futures_util::future::join_all;
use reqwest::StatusCode;
use serde_json::Value;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use trao::model::Sha256Digest;
use trao::publication::FAILPOINTS;

use crate::support::caller::{Caller, text};
use crate::support::process::{Demonstration, PATIENCE, Process};
use crate::support::service::pdf;

/// What a dead process held is free after so long.
const LEASE: (&str, &str) = ("TRAO_SEALING__LEASE_S", "5");
const SIGABRT: i32 = 6;

/// What one caller asked for, and what it was told before the process died.
struct Told {
    code: String,
    file: Vec<u8>,
    /// The body of its 201.
    received: Option<Value>,
    /// Whether the approval is known to count.
    is_approved: bool,
}

impl Told {
    /// Publishes and approves until an answer is missing.
    async fn by(caller: &Caller, n: usize) -> Self {
        let code = format!("H99.1-261123-{:04}", 100 + n);
        let mut told = Self {
            file: pdf(&code),
            code,
            received: None,
            is_approved: false,
        };
        let Ok((status, view)) = caller.publish(&told.code, &told.file).await else {
            return told;
        };
        assert_eq!(status, StatusCode::CREATED, "{view}");
        if let Ok((status, view)) = caller.approve(&view).await {
            assert_eq!(status, StatusCode::OK, "{view}");
            told.is_approved = true;
        }
        told.received = Some(view);
        told
    }

    /// Asks again, as a caller does that heard nothing; goes the whole way from wherever it stands.
    async fn assert_true(&self, process: &Process) {
        let caller = Caller::of(process);
        if let Some(view) = &self.received {
            let now = caller.result(text(view, "id")).await;
            assert_eq!(now["manifest"], view["manifest"]);
            assert_eq!(now["link_id"], view["link_id"]);
        }
        let view = self.ask_again(&caller).await;
        let id = text(&view, "id");
        if let Some(received) = &self.received {
            assert_eq!(id, text(received, "id"));
        }
        if view["state"] == "received" {
            assert!(!self.is_approved, "{view}");
            let (status, view) = caller.approve(&view).await.unwrap();
            assert_eq!(status, StatusCode::OK, "{view}");
        }
        let view = caller.released(id).await;
        caller
            .assert_handed_out(&view, &self.code, &self.file)
            .await;
    }

    /// The key of the request that died is free again when its lease has run out.
    async fn ask_again(&self, caller: &Caller) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let (status, view) = caller.publish(&self.code, &self.file).await.unwrap();
            if [StatusCode::CREATED, StatusCode::OK].contains(&status) {
                return view;
            }
            assert_eq!(text(&view, "code"), "idempotency_in_flight");
            assert!(self.received.is_none(), "{view}");
            assert!(Instant::now() < until, "{view}");
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// One result for each request and the demonstration's own, and a record without a gap.
async fn assert_nothing_else(process: &Process, told: usize) {
    let results = Caller::of(process).results().await;
    assert_eq!(results.len(), told + 1, "{results:?}");
    let (is_whole, said) = process.run(&["audit", "verify"]);
    assert!(is_whole, "{said}");
}

#[tokio::test]
async fn an_end_at_any_step_of_a_publish_loses_nothing() {
    let demonstration = Demonstration::make();
    join_all(FAILPOINTS.iter().map(|place| end_at(&demonstration, place))).await;
}

async fn end_at(demonstration: &Demonstration, place: &str) {
    let crash = ("TRAO_TEST_CRASH_AT", place);
    let mut process = demonstration.serve(&[LEASE, crash]).await;
    let mut told = Told::by(&Caller::of(&process), 0).await;
    let status = process.ended().await;
    assert_eq!(status.signal(), Some(SIGABRT), "{place}");
    // What no result names yet is written down, for the sweep to find.
    let begun = usize::from(place == "object_received");
    assert_eq!(uploads(&process.data()).await, begun, "{place}");
    process.restart(&[LEASE]).await;

    let step = |name| FAILPOINTS.iter().position(|&each| each == name).unwrap();
    assert_eq!(told.received.is_some(), step(place) >= step("approved"));
    assert!(!told.is_approved, "{place}: an answer before the end");
    // Unanswered, but in the record: it counts without being asked for again.
    told.is_approved = step(place) >= step("approved");
    let is_there = usize::from(step(place) >= step("received"));
    assert_nothing_else(&process, is_there).await;
    told.assert_true(&process).await;
    assert_nothing_else(&process, 1).await;
}

/// How many objects are written down as begun.
async fn uploads(data: &Path) -> usize {
    let options = SqliteConnectOptions::new().filename(data.join("trao.db"));
    let reader = SqlitePool::connect_with(options).await.unwrap();
    let rows = sqlx::query("SELECT object_key FROM uploads");
    let count = rows.fetch_all(&reader).await.unwrap().len();
    reader.close().await;
    count
}

#[tokio::test]
async fn a_kill_at_any_moment_loses_nothing() {
    let demonstration = Demonstration::make();
    join_all((0..6).map(|lot| kill_at_random(&demonstration, lot))).await;
}

async fn kill_at_random(demonstration: &Demonstration, lot: u8) {
    let mut process = demonstration.serve(&[LEASE]).await;
    let caller = Caller::of(&process);
    let publishing = tokio::spawn(async move {
        let mut all = Vec::new();
        loop {
            let told = Told::by(&caller, all.len()).await;
            let is_cut = !told.is_approved;
            all.push(told);
            if is_cut {
                return all;
            }
        }
    });
    tokio::time::sleep(moment(lot)).await;
    process.kill();
    let all = publishing.await.unwrap();
    process.restart(&[LEASE]).await;
    for told in &all {
        told.assert_true(&process).await;
    }
    assert_nothing_else(&process, all.len()).await;
}

/// Up to two seconds, the same ones in every run.
fn moment(lot: u8) -> Duration {
    let drawn = Sha256Digest::of(&[lot]);
    let [high, low, ..] = *drawn.as_bytes();
    Duration::from_millis(u64::from(u16::from_be_bytes([high, low])) % 2000)
}
