//! What becomes of a verb whose standard output nobody reads, or cannot be written: the verdict is
//! told all the same, and no key is left whose secret nobody has seen.

use std::fs::File;
use std::io::PipeWriter;
use std::process::Stdio;

use serde_json::Value;

use super::desk::Desk;
use crate::support::doctor::tamper;
use crate::support::program::{Run, program};

/// What a shell sees of a program that ends by SIGPIPE.
const UNHEARD: Option<i32> = Some(128 + 13);

/// A pipe whose reader has gone.
fn unread() -> PipeWriter {
    std::io::pipe().unwrap().1
}

/// A device that is full.
fn full() -> File {
    File::options().write(true).open("/dev/full").unwrap()
}

/// Runs a call whose words hold no blank, on the store `data`.
fn run(desk: &Desk, call: &str, printed_to: impl Into<Stdio>) -> Run {
    let mut command = program(call.split(' '));
    command
        .current_dir(desk.path("."))
        .env("TRAO_DATA_DIR", "data");
    Run::of(command.stdout(printed_to))
}

/// A desk with a demonstration's store.
fn desk() -> Desk {
    let desk = Desk::new();
    let demo = run(&desk, "demo --once --port 0 --dir data", Stdio::piped());
    assert_eq!(demo.status, Some(0), "{demo:?}");
    desk
}

#[test]
fn a_verb_whose_reader_has_gone_ends_without_a_word() {
    let desk = Desk::new();
    desk.seal("b", "b.pdf");
    for call in [
        "demo --once --port 0 --dir data",
        "agency add --name a",
        "agency list",
        "agency list --json",
        "key list",
        "audit verify",
        "doctor",
        "renew",
        "inspect in.pdf",
        "inspect --json in.pdf b.pdf",
        "verify b.pdf --trust root.pem",
        "verify --json b.pdf b.pdf --trust root.pem",
    ] {
        let run = run(&desk, call, unread());
        assert_eq!(run.status, UNHEARD, "{call}: {run:?}");
        assert_eq!(run.said, "", "{call}");
    }
}

#[tokio::test]
async fn a_bad_verdict_is_told_whether_or_not_anybody_reads_the_rest() {
    let desk = desk();
    desk.seal("b", "b.pdf");
    desk.file("text.pdf", b"this is no PDF");
    let broken = "UPDATE audit SET action = 'read' WHERE seq = 3";
    tamper(&desk.path("data"), broken).await;
    for (call, code) in [
        ("audit verify", "audit_broken"),
        ("audit verify --json", "audit_broken"),
        ("doctor", "some_failed"),
        ("doctor --json", "some_failed"),
        ("renew --level t", "some_failed"),
        ("inspect in.pdf text.pdf", "some_failed"),
        ("inspect --json in.pdf text.pdf", "some_failed"),
        ("verify b.pdf in.pdf --trust root.pem", "some_failed"),
        ("verify --json b.pdf in.pdf --trust root.pem", "some_failed"),
        ("verify b.pdf", "no_anchor"),
    ] {
        let heard = run(&desk, call, Stdio::piped());
        heard.assert_refused(code);
        let unread = run(&desk, call, unread());
        assert_eq!(
            (unread.status, &unread.said),
            (heard.status, &heard.said),
            "{call}"
        );
        let full = run(&desk, call, full());
        full.assert_refused(code);
        assert!(full.said.contains("trao: standard output: "), "{full:?}");
    }
}

#[test]
fn a_key_that_nobody_has_seen_is_ended_and_named() {
    let desk = desk();
    let agencies = run(&desk, "agency list --json", Stdio::piped()).lines();
    let agency = agencies[0]["id"].as_str().unwrap();
    let listed = || run(&desk, "key list --json", Stdio::piped()).lines();
    for printed_to in [Stdio::from(unread()), full().into()] {
        let before = listed();
        let add = format!("key add --agency {agency} --name a --scope read");
        let refused = run(&desk, &add, printed_to);
        refused.assert_refused("key_unseen");
        let after = listed();
        let new: Vec<&Value> = after.iter().filter(|key| !before.contains(key)).collect();
        assert_eq!(new.len(), 1, "its record is kept: {after:?}");
        assert_eq!(new[0]["disabled"], true);
        assert!(
            refused.said.contains(new[0]["id"].as_str().unwrap()),
            "{refused:?}"
        );
    }
}
