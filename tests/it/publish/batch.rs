//! A batch, and a second run of it.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

use serde_json::Value;
use trao::model::Sha256Digest;

use super::Office;
use crate::support::caller::{Caller, text};
use crate::support::process::PATIENCE;
use crate::support::program::Run;
use crate::support::service::pdf;

fn code(n: usize) -> String {
    format!("H99.1-261123-{:04}", 700 + n)
}

/// A manifest of so many results, each with a file of its own.
fn manifest(office: &Office, count: usize) -> PathBuf {
    let mut lines = "code,title,document_number,file\n".to_owned();
    for n in 0..count {
        office.file(&format!("{n}.pdf"), &pdf(&code(n)));
        writeln!(lines, "{},Giấy phép {n},{n}/GP-UBND,{n}.pdf", code(n)).unwrap();
    }
    office.file("ngay.csv", lines.as_bytes())
}

/// The lines of the list of what is done.
fn done(manifest: &Path) -> Vec<String> {
    let list = std::fs::read_to_string(manifest.with_extension("csv.done"));
    let list = list.unwrap_or_default();
    list.lines().map(str::to_owned).collect()
}

fn ids(results: &[Value]) -> BTreeSet<&str> {
    results.iter().map(|result| text(result, "id")).collect()
}

#[tokio::test]
async fn a_second_run_uploads_nothing_of_what_is_done() {
    let office = Office::new().await;
    let manifest = manifest(&office, 3);
    let first = office.batch(&manifest).lines();
    assert_eq!(first.len(), 3);
    let list = manifest.with_extension("csv.done");
    let mode = std::fs::metadata(&list).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let noted = std::fs::read_to_string(&list).unwrap();
    assert!(!noted.contains("H99.1") && noted.contains(text(&first[0], "id")));

    let uploads = office.uploads(|_| true).await;
    let second = office.batch(&manifest).lines();
    assert_eq!(office.uploads(|_| true).await, uploads);
    assert_eq!(ids(&second), ids(&first));
    assert_eq!(second[0]["state"], "received");

    // A line that was added, and one whose file is another now.
    let mut lines = std::fs::read_to_string(&manifest).unwrap();
    lines += "H99.1-261123-0799,Giấy phép,,1.pdf\n";
    office.file("ngay.csv", lines.as_bytes());
    office.file("2.pdf", &pdf("another"));
    let third = office.batch(&manifest);
    third.assert_refused("dossier_has_result");
    assert_eq!(third.all_lines().len(), 3);
    assert_eq!(office.uploads(|_| true).await, uploads + 2);
}

#[tokio::test]
async fn a_batch_that_is_killed_goes_on_where_it_was() {
    const COUNT: usize = 40;
    let office = Office::new().await;
    let manifest = manifest(&office, COUNT);
    let mut command = office.command(&["--manifest"]);
    let command = command.arg(&manifest).stdout(Stdio::null());
    let mut running = command.stderr(Stdio::null()).spawn().unwrap();
    let until = Instant::now() + PATIENCE;
    while done(&manifest).len() < 3 {
        assert!(Instant::now() < until, "nothing gets done");
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    running.kill().unwrap();
    running.wait().unwrap();
    let noted = done(&manifest).len();
    assert!(noted < COUNT, "it was killed too late to tell anything");
    // A crash of the machine may leave half a line.
    let list = manifest.with_extension("csv.done");
    let text = std::fs::read(&list).unwrap();
    std::fs::write(&list, &text[..text.len() - 9]).unwrap();

    let uploads = office.uploads(|status| status == "201").await;
    let second = office.batch(&manifest).lines();
    assert_eq!((second.len(), ids(&second).len()), (COUNT, COUNT));
    let more = office.uploads(|status| status == "201").await - uploads;
    // What was under way at the kill may be counted on either side.
    let missing = (COUNT - noted + 1) as u64;
    assert!(
        (missing..=missing + 1).contains(&more),
        "{more} of {missing}"
    );

    let all = Caller::of(&office.process).results_of_all_pages().await;
    assert_eq!(all.len(), COUNT + 1, "nothing twice, nothing missing");
    assert!(ids(&second).is_subset(&ids(&all)));
    let (is_whole, _) = office.process.run(&["audit", "verify"]);
    assert!(is_whole);
}

#[tokio::test]
async fn what_was_taken_back_since_is_published_anew_by_a_key_that_may_look() {
    let office = Office::new().await;
    let manifest = manifest(&office, 3);
    let first = office.batch(&manifest).lines();
    office.take_back("return", &first[0]).await;
    office.take_back("withdraw", &first[1]).await;

    office.has_key_for(&["publish"]);
    let uploads = office.uploads(|_| true).await;
    let unseen = office.batch(&manifest).lines();
    assert_eq!(ids(&unseen), ids(&first));
    assert_eq!(office.uploads(|_| true).await, uploads);

    office.has_key_for(&["publish", "read"]);
    let anew = office.batch(&manifest).lines();
    assert_eq!(anew[2]["id"], first[2]["id"]);
    for n in [0, 1] {
        assert_eq!(anew[n]["state"], "received");
        assert_ne!(anew[n]["link"], first[n]["link"]);
    }
    let uploads = office.uploads(|_| true).await;
    assert_eq!(ids(&office.batch(&manifest).lines()), ids(&anew));
    assert_eq!(office.uploads(|_| true).await, uploads);
}

#[tokio::test]
async fn what_the_key_is_not_shown_is_refused_and_not_published_anew() {
    let office = Office::new().await;
    let manifest = manifest(&office, 2);
    let first = office.batch(&manifest).lines();
    let (is_added, other) = office.process.run(&["agency", "add", "--name", "Xã khác"]);
    assert!(is_added);
    office.has_key_of(other.trim(), &["publish", "read"]);
    let uploads = office.uploads(|_| true).await;
    let run = office.batch(&manifest);
    for line in [2, 3] {
        let place = format!("ngay.csv:{line}:");
        let told = run.said.lines().find(|said| said.contains(&place));
        assert!(
            told.is_some_and(|told| told.ends_with("[not_found]")),
            "{run:?}"
        );
    }
    run.assert_refused("some_failed");
    assert_eq!(office.uploads(|_| true).await, uploads);
    assert_eq!(done(&manifest).len(), first.len());
}

/// Publishes a batch whose list cannot be written.
fn unnoted(office: &Office, manifest: &Path) -> Run {
    // No file may grow beyond a block, and the list is as long already.
    office.file("ngay.csv.done", &b"\n".repeat(1_024));
    let run = office.batch_by(manifest, "trap '' XFSZ; ulimit -f 1; exec \"$0\" \"$@\"");
    run.assert_refused("published_unnoted");
    run
}

#[tokio::test]
async fn a_result_that_cannot_be_noted_is_told_as_published() {
    let office = Office::new().await;
    let manifest = manifest(&office, 2);
    let run = unnoted(&office, &manifest);
    assert!(run.said.ends_with(": 1 / 2 [some_failed]\n"), "{run:?}");
    let published = run.all_lines();
    assert_eq!(published.len(), 1, "the batch ends there: {run:?}");
    let again = office.batch(&manifest).lines();
    assert_eq!(again[0]["id"], published[0]["id"]);
    assert_eq!(Caller::of(&office.process).results().await.len(), 3);
}

#[tokio::test]
async fn a_batch_whose_last_result_cannot_be_noted_tells_that_alone() {
    let office = Office::new().await;
    let manifest = manifest(&office, 1);
    let run = unnoted(&office, &manifest);
    let told = run.said.lines().filter(|line| line.starts_with("trao: "));
    assert_eq!(told.count(), 1, "{run:?}");
    assert_eq!(run.all_lines().len(), 1);
}

#[tokio::test]
async fn a_line_that_is_refused_leaves_the_others() {
    let office = Office::new().await;
    office.file("good.pdf", &pdf("good"));
    office.file("text.pdf", b"this is no PDF");
    let lines = "code;title;file\n\
        H99.1-261123-0801;Giấy phép;good.pdf\n\
        H99.1-261123-0802;Giấy phép;text.pdf\n\
        H99.1-261123-0803;;good.pdf\n\
        H99.1-261123-0804;Giấy phép\n\
        H99.1-261123-0805;Giấy phép;nowhere.pdf\n\
        H99.1-261123-0806;Giấy phép H99.1-261123-0806;good.pdf\n\
        H99.1-261123-0807;Giấy phép;good.pdf\n";
    let manifest = office.file("ngay.csv", lines.as_bytes());
    let run = office.batch(&manifest);
    let codes = [
        (3, "not_pdf"),
        (4, "field_invalid"),
        (5, "request_malformed"),
        (6, "file_unreadable"),
        (7, "field_invalid"),
    ];
    for (line, code) in codes {
        let place = format!("ngay.csv:{line}:");
        let told = run.said.lines().find(|said| said.contains(&place));
        let told = told.unwrap_or_else(|| panic!("{run:?}"));
        assert!(told.ends_with(&format!("[{code}]")), "{told}");
    }
    run.assert_refused("some_failed");
    assert!(run.said.contains("5 / 7") && !run.said.contains("H99.1"));
    assert_eq!(run.all_lines().len(), 2);
    assert_eq!(Caller::of(&office.process).results().await.len(), 3);
}

#[tokio::test]
async fn a_column_that_nobody_knows_is_named_and_nothing_is_published() {
    let office = Office::new().await;
    office.file("a.pdf", &pdf("a"));
    for column in [
        "apearance",
        "document_numer",
        "level",
        "filee2",
        "file_note",
        "file2b",
    ] {
        let table = format!("code,title,file,{column}\nH99.1-261123-0831,Giấy phép,a.pdf,\n");
        let manifest = office.file("ngay.csv", table.as_bytes());
        let run = office.batch(&manifest);
        run.assert_refused("request_malformed");
        let told = format!("line 1: there is no such column as {column} [");
        assert!(run.said.contains(&told), "{run:?}");
        assert!(!office.path("ngay.csv.done").exists());
    }
    // What a column without a name holds would be left out without a word.
    let table = "code,title,file,\nH99.1-261123-0831,Giấy phép,a.pdf,seal\n";
    let run = office.batch(&office.file("ngay.csv", table.as_bytes()));
    run.assert_refused("field_invalid");
    assert!(run.said.contains("a column without a name"), "{run:?}");
    assert_eq!(office.uploads(|_| true).await, 0);
}

#[tokio::test]
async fn columns_are_known_in_capitals_too_and_files_come_by_their_numbers() {
    let office = Office::new().await;
    for name in ["main", "second", "tenth"] {
        office.file(name, &pdf(name));
    }
    let table = "Code;TITLE;File10;FILE;file2;;\nH99.1-261123-0832;Giấy phép;tenth;main;second;;\n";
    let published = office
        .batch(&office.file("ngay.csv", table.as_bytes()))
        .lines();
    let digests = |result: &Value| {
        let files = result["files"].as_array().unwrap().iter();
        files
            .map(|file| text(file, "received_sha256").to_owned())
            .collect::<Vec<_>>()
    };
    let sent = ["main", "second", "tenth"].map(|name| Sha256Digest::of(&pdf(name)).to_string());
    assert_eq!(digests(&published[0]), sent);
}

#[tokio::test]
async fn a_file_that_is_not_there_is_named_beside_its_line() {
    let office = Office::new().await;
    office.file("good.pdf", &pdf("good"));
    let lines = "code,title,file,file2\n\
        H99.1-261123-0821,Giấy phép,good.pdf,Phụ lục một.pdf\n\
        H99.1-261123-0822,Giấy phép,nowhere.pdf,\n";
    let run = office.batch(&office.file("ngay.csv", lines.as_bytes()));
    for (line, name) in [(2, "Phụ lục một.pdf"), (3, "nowhere.pdf")] {
        let place = format!("ngay.csv:{line}: {}: ", office.path(name).display());
        assert!(run.said.contains(&place), "{place}: {run:?}");
    }
    run.assert_refused("some_failed");

    let [good, gone] = ["good.pdf", "gone.pdf"].map(|name| office.path(name));
    let run = office.publish("H99.1-261123-0823", "Giấy phép", &[&good, &gone]);
    let told = format!("trao: {}: {}: ", good.display(), gone.display());
    assert!(run.said.contains(&told), "{run:?}");
    let run = office.publish("H99.1-261123-0823", "Giấy phép", &[&gone]);
    let told = format!("trao: {}: A file", gone.display());
    assert!(run.said.contains(&told), "{run:?}");
}

#[tokio::test]
async fn a_line_is_told_by_the_number_that_it_has_in_the_file() {
    let office = Office::new().await;
    office.file("text.pdf", b"this is no PDF");
    for (name, table, numbers) in [
        ("excel.csv", "{head}\r\n{1}\r\n{2}\r\n", [2, 3]),
        ("empty.csv", "{head}\n\n{1}\n\n\r\n{2}\n", [3, 6]),
        ("first.csv", "\n\n{head}\n{1}\n{2}", [4, 5]),
        ("long.csv", "{head}\n{1},\"\n\"\n{2},", [2, 4]),
        ("old.csv", "{head}\r{1}\r\r{2}\r", [2, 4]),
    ] {
        let head = "code,title,file";
        let head = if name == "long.csv" {
            "code,title,file,procedure"
        } else {
            head
        };
        let table = table.replace("{head}", head);
        let table = table.replace("{1}", "H99.1-261123-0811,Giấy phép,text.pdf");
        let table = table.replace("{2}", "H99.1-261123-0812,Giấy phép,none.pdf");
        let manifest = office.file(name, table.as_bytes());
        let run = office.batch(&manifest);
        for (number, code) in numbers.into_iter().zip(["not_pdf", "file_unreadable"]) {
            let place = format!("{name}:{number}:");
            let told = run.said.lines().find(|said| said.contains(&place));
            let told = told.unwrap_or_else(|| panic!("{name}: {run:?}"));
            assert!(told.ends_with(&format!("[{code}]")), "{told}");
        }
    }
}

#[tokio::test]
async fn a_batch_goes_on_to_its_end_where_nobody_reads_and_does_not_end_well() {
    let office = Office::new().await;
    let manifest = manifest(&office, 2);
    let publish = |printed_to: Stdio| {
        let mut command = office.command(&["--manifest"]);
        Run::of(command.arg(&manifest).stdout(printed_to))
    };
    let unread = || std::io::pipe().unwrap().1;
    let run = publish(unread().into());
    assert_eq!((run.status, run.said.as_str()), (Some(141), ""));
    assert_eq!(done(&manifest).len(), 2);

    let full = std::fs::File::options().write(true).open("/dev/full");
    let run = publish(full.unwrap().into());
    assert_eq!(run.status, Some(1));
    assert!(run.said.contains("trao: standard output: "), "{run:?}");

    office.file("1.pdf", &pdf("another"));
    let run = publish(unread().into());
    run.assert_refused("some_failed");
    assert!(run.said.contains("[dossier_has_result]"), "{run:?}");
}

#[tokio::test]
async fn where_nothing_can_be_noted_nothing_is_published_and_that_is_said() {
    let office = Office::new().await;
    let manifest = manifest(&office, 1);
    let list = manifest.with_extension("csv.done");
    // Nobody may make a file there, whoever asks.
    std::os::unix::fs::symlink("/proc/ngay.csv.done", &list).unwrap();
    let run = office.batch(&manifest);
    run.assert_refused("file_unwritable");
    let told = format!("trao: {}: ", list.display());
    assert!(run.said.starts_with(&told), "{run:?}");
    assert!(run.said.contains("nothing was published"), "{run:?}");
    assert_eq!(office.uploads(|_| true).await, 0);
}
