//! One result at a time.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener};
use std::os::unix::fs::PermissionsExt as _;
use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::Office;
use crate::support::caller::{Caller, text};
use crate::support::pdf_file::long;
use crate::support::process::PATIENCE;
use crate::support::program::{Run, program};
use crate::support::service::pdf;

const CODE: &str = "H99.1-261123-0601";

#[tokio::test]
async fn a_result_is_published_once_however_often_it_is_asked_for() {
    let office = Office::new().await;
    let (main, annex) = (
        office.file("a.pdf", &pdf("a")),
        office.file("b.pdf", &pdf("b")),
    );
    let first = office.publish(CODE, "Giấy phép", &[&main, &annex]).lines();
    let again = office.publish(CODE, "Giấy phép", &[&main, &annex]).lines();
    assert_eq!(first[0]["state"], "received");
    assert_eq!(first[0]["files"].as_array().unwrap().len(), 2);
    assert_eq!(first[0]["files"][1]["name"], "Giấy phép - phụ lục 1.pdf");
    assert_eq!(text(&first[0], "id"), text(&again[0], "id"));

    // A title that was corrected is no repetition of the first request; the files are known.
    let corrected = office.publish(CODE, "Giấy phép mới", &[&main, &annex]);
    assert_eq!(text(&corrected.lines()[0], "id"), text(&first[0], "id"));
    assert!(corrected.said.contains("keeps the title"), "{corrected:?}");
    office
        .publish(CODE, "Giấy phép", &[&main])
        .assert_refused("dossier_has_result");
    assert_eq!(Caller::of(&office.process).results().await.len(), 2);
}

#[tokio::test]
async fn what_was_returned_or_withdrawn_is_published_anew_with_a_new_link() {
    let office = Office::new().await;
    let file = office.file("a.pdf", &pdf("a"));
    let mut links = Vec::new();
    for act in ["return", "withdraw", "return"] {
        let published = office.publish(CODE, "Giấy phép", &[&file]).lines();
        assert_eq!(published[0]["state"], "received");
        links.push(text(&published[0], "link").to_owned());
        office.take_back(act, &published[0]).await;
    }
    let last = office.publish(CODE, "Giấy phép", &[&file]).lines();
    links.push(text(&last[0], "link").to_owned());
    links.sort();
    links.dedup();
    assert_eq!(links.len(), 4);
    let again = office.publish(CODE, "Giấy phép", &[&file]).lines();
    assert_eq!(again[0]["id"], last[0]["id"]);
}

#[tokio::test]
async fn a_title_or_number_that_tells_the_code_is_refused() {
    let office = Office::new().await;
    let file = office.file("H99.1-261123-0601.pdf", &pdf("a"));
    for title in [
        "Giấy phép H99.1-261123-0601",
        "h99.1 – 261123 – 0601",
        "Hồ sơ Ｈ９９．１－２６１１２３－０６０１, bản chính",
    ] {
        let refused = office.publish(CODE, title, &[&file]);
        refused.assert_refused("field_invalid");
        assert!(refused.said.contains("title"), "{refused:?}");
        assert!(!refused.said.contains("0601,"), "{refused:?}");
    }
    let number = [
        "--document-number",
        CODE,
        "--title",
        "Giấy phép",
        "--code",
        CODE,
    ];
    let refused = Run::of(office.command(&number).arg(&file));
    refused.assert_refused("field_invalid");
    assert!(refused.said.contains("document_number"), "{refused:?}");
    assert_eq!(Caller::of(&office.process).results().await.len(), 1);
}

#[tokio::test]
async fn a_refusal_is_told_in_the_services_words_with_its_advice() {
    let office = Office::new().await;
    let file = office.file("a.pdf", b"none");
    let mut command = office.command(&["--title", "Giấy phép", "--code", CODE]);
    let run = Run::of(command.arg(&file).env("LC_ALL", "vi_VN.UTF-8"));
    let told = format!(
        "trao: {}: Tệp này không phải là PDF: Tệp số 1 [not_pdf]\n  not_pdf: Trong 1.024 byte đầu của \
         tệp không có %PDF-. Hãy xuất văn bản thành PDF rồi làm lại.\n",
        file.display()
    );
    assert!(run.said.starts_with(&told), "{run:?}");
}

#[tokio::test]
async fn a_service_that_starts_again_is_waited_for() {
    let mut office = Office::new().await;
    let file = office.file("a.pdf", &pdf("a"));
    office.process.kill();
    let mut command = office.command(&["--title", "Giấy phép", "--code", CODE]);
    let publishing = command
        .arg(&file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    office.process.return_to_life().await;
    let run = Run::ended(publishing.wait_with_output().unwrap());
    assert_eq!(run.lines()[0]["state"], "received");
}

#[test]
fn a_service_that_is_never_reached_is_soon_given_up_and_called_so() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.pdf"), pdf("a")).unwrap();
    std::fs::write(folder.path().join("key"), "trao_nobody").unwrap();
    // Whoever hangs up before TLS stands is not reached, and can count.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("https://{}", listener.local_addr().unwrap());
    let call = "publish a.pdf --code H99.1-261123-0601 --title a --key-file key --server";
    let mut command = program(call.split(' '));
    let command = command.arg(server).current_dir(&folder);
    let tries = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&tries);
    std::thread::spawn(move || {
        for _ in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
        }
    });
    let run = Run::of(command);
    run.assert_refused("unavailable");
    let told = "trao: a.pdf: The server cannot be reached: ";
    assert!(run.said.starts_with(told), "{run:?}");
    assert!(run.said.contains("--server, the network"), "{run:?}");
    // One that is known is tried eight times.
    let tries = tries.load(Ordering::SeqCst);
    assert!((2..=5).contains(&tries), "{tries}");
}

/// Answers every request so, and counts them.
fn foreign(answer: &'static str) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let server = format!("http://{}", listener.local_addr().unwrap());
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            counted.fetch_add(1, Ordering::SeqCst);
            let mut stream = stream.unwrap();
            // Nobody listens before he has asked.
            stream.read_exact(&mut [0]).unwrap();
            stream.write_all(answer.as_bytes()).unwrap();
            stream.shutdown(Shutdown::Write).unwrap();
            // Whoever hangs up on what is still being sent loses the answer.
            std::io::copy(&mut stream, &mut std::io::sink()).ok();
        }
    });
    (server, asked)
}

#[test]
fn another_server_is_called_so_and_given_no_further_result() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| std::fs::write(folder.path().join(name), bytes).unwrap();
    file("a.pdf", &pdf("a"));
    file("key", b"trao_nobody");
    let rows = "H99.1-261123-0602,Giấy phép,a.pdf\nH99.1-261123-0603,Giấy phép,a.pdf\n";
    file("ngay.csv", format!("code,title,file\n{rows}").as_bytes());
    for (answer, status) in [
        (
            "HTTP/1.1 404 Not Found\r\ncontent-length: 0\r\n\r\n",
            "HTTP 404",
        ),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n<ok>",
            "HTTP 200",
        ),
        (
            "HTTP/1.1 301 Moved\r\ncontent-length: 0\r\n\r\n",
            "HTTP 301",
        ),
    ] {
        let (server, asked) = foreign(answer);
        let call = "publish --manifest ngay.csv --key-file key --server";
        let mut command = program(call.split(' '));
        let run = Run::of(command.arg(server).current_dir(&folder));
        run.assert_refused("unavailable");
        let told = format!("ngay.csv:2: What answers there is no Trao: {status} [unavailable]");
        assert!(run.said.contains(&told), "{run:?}");
        assert!(
            run.said.contains("Check the address in --server"),
            "{run:?}"
        );
        assert!(run.said.ends_with(": 2 / 2 [some_failed]\n"), "{run:?}");
        assert_eq!(asked.load(Ordering::SeqCst), 1);
    }
}

#[tokio::test]
async fn the_same_request_under_way_is_waited_for() {
    let office = Office::new().await;
    let file = office.file("a.pdf", &long(150));
    let publish = || {
        let mut command = office.command(&["--title", "Giấy phép", "--code", CODE]);
        let piped = command.arg(&file).stdout(Stdio::piped());
        piped.stderr(Stdio::piped()).spawn().unwrap()
    };
    let first = publish();
    let until = Instant::now() + PATIENCE;
    let reader = loop {
        if let [reader] = office.process.reading()[..] {
            break Pid::from_raw(reader).unwrap();
        }
        assert!(Instant::now() < until, "nobody reads the file");
        tokio::time::sleep(Duration::from_millis(2)).await;
    };
    kill_process(reader, Signal::STOP).unwrap();
    let second = publish();
    while office.uploads(|status| status == "409").await == 0 {
        assert!(Instant::now() < until, "the second is not told to wait");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    kill_process(reader, Signal::CONT).unwrap();
    let runs = [first, second].map(|run| Run::ended(run.wait_with_output().unwrap()));
    assert_eq!(runs[0].lines()[0]["id"], runs[1].lines()[0]["id"]);
}

#[tokio::test]
async fn what_nobody_can_mean_is_a_usage_error() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.pdf");
    std::fs::write(&file, pdf("a")).unwrap();
    let file = file.to_str().unwrap();
    let to = ["--server", "http://127.0.0.1:9", "--key-file", "key"];
    for arguments in [
        vec![file, "--code", CODE],
        vec![file, "--title", "Giấy phép"],
        vec!["--title", "Giấy phép", "--code", CODE],
        vec![file, "--title", "a", "--code", CODE, "--code-file", "code"],
        vec!["--manifest", "a.csv", "--title", "Giấy phép"],
        vec!["--manifest", "a.csv", file],
    ] {
        let run = Run::of(&mut program([&["publish"], &to[..], &arguments].concat()));
        assert_eq!(run.status, Some(2), "{arguments:?}: {run:?}");
    }
    let elsewhere = ["publish", "--manifest", "a", "--key-file", "a", "--server"];
    let run = Run::of(program(elsewhere).arg("tra.example.vn"));
    assert_eq!(run.status, Some(2), "{run:?}");
}

#[tokio::test]
async fn a_key_that_is_not_known_ends_the_batch_at_once() {
    let office = Office::new().await;
    office.file("key", b"trao_nobody");
    office.file("a.pdf", &pdf("a"));
    let manifest =
        "code,title,file\nH99.1-261123-0602,Giấy phép,a.pdf\nH99.1-261123-0603,Giấy phép,a.pdf\n";
    let manifest = office.file("ngay.csv", manifest.as_bytes());
    let run = office.batch(&manifest);
    run.assert_refused("unauthenticated");
    assert!(run.said.contains("The API key is wrong"), "{run:?}");
    run.assert_refused("some_failed");
    assert_eq!(office.uploads(|status| status == "401").await, 1);
    let done = std::fs::metadata(office.path("ngay.csv.done")).unwrap();
    assert_eq!((done.len(), done.permissions().mode() & 0o777), (0, 0o600));
}
