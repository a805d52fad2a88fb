//! `trao sign`: a folder is sealed in runs of many files, and each comes to what it would by itself.

use std::process::{Command, Stdio};

use rustix::process::{Pid, Signal, kill_process};

use crate::support::damage::{replaced, without_startxref};
use crate::support::pdf::{Dictionary, draft, off_by_one, one_page};
use crate::support::pki_service::Mode;
use crate::support::program::{PROGRAM, Run};
use crate::support::service::pdf;
use crate::support::verdict;

use super::desk::Desk;

/// More than three questions to a child are about.
const FILES: usize = 110;

#[test]
fn a_folder_is_sealed_but_for_what_is_no_pdf_and_that_is_told_by_its_name() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("in")).unwrap();
    for n in 0..FILES {
        desk.file(&format!("in/{n:03}.pdf"), &one_page());
    }
    desk.file("in/055.pdf", b"none");
    let run = desk.sign(&["in", "--out", "out", "--jobs", "2"]);
    run.assert_refused("some_failed");
    assert!(run.said.contains("1 / 110"), "{run:?}");
    let about: Vec<&str> = run
        .said
        .lines()
        .filter(|line| line.contains("[not_pdf]"))
        .collect();
    assert!(
        matches!(about.as_slice(), [line] if line.contains("in/055.pdf")),
        "{run:?}"
    );
    assert_eq!(
        std::fs::read_dir(desk.path("out")).unwrap().count(),
        FILES - 1
    );
    let all: Vec<String> = (0..FILES)
        .filter(|&n| n != 55)
        .map(|n| format!("out/{n:03}.pdf"))
        .collect();
    let all: Vec<&str> = all.iter().map(String::as_str).collect();
    assert_eq!(desk.verify("C", &all).status, Some(0));
}

#[test]
fn a_folders_run_tells_how_many_were_written_and_which_folders_were_left_out() {
    let desk = Desk::new();
    std::fs::create_dir_all(desk.path("in/below")).unwrap();
    desk.file("in/a.pdf", &one_page());
    desk.file("in/b.pdf", b"none");
    desk.file("in/below/c.pdf", &one_page());
    let run = desk.sign(&["in", "--out", "out"]);
    run.assert_refused("some_failed");
    let is_told = |line: &str| run.said.lines().any(|said| said == line);
    assert!(is_told("trao: 1 subfolder was not looked into"), "{run:?}");
    assert!(is_told("trao: 1 / 2 files written"), "{run:?}");
    let run = desk.run("vi_VN.UTF-8", &["inspect", "in"]);
    let told = "trao: không xem vào 1 thư mục con";
    assert!(run.said.lines().any(|said| said == told), "{run:?}");
    assert!(
        !desk
            .sign(&["in/a.pdf", "--out", "a.pdf"])
            .said
            .contains("written")
    );
}

#[test]
fn a_folders_links_that_lead_nowhere_are_told() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("in")).unwrap();
    for name in ["in/b.pdf", "in/c.txt"] {
        std::os::unix::fs::symlink("nowhere", desk.path(name)).unwrap();
    }
    let told = "trao: 1 broken link was left out";
    let is_told = |run: &Run| run.said.lines().any(|line| line == told);
    let run = desk.sign(&["in", "--out", "out"]);
    run.assert_refused("field_invalid");
    assert!(is_told(&run), "{run:?}");

    desk.file("in/a.pdf", &one_page());
    let run = desk.sign(&["in", "--out", "out"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert!(is_told(&run), "{run:?}");
    let run = desk.run("vi_VN.UTF-8", &["inspect", "in"]);
    let told = "trao: bỏ qua 1 liên kết hỏng";
    assert!(run.said.lines().any(|line| line == told), "{run:?}");
}

#[test]
fn a_folders_run_counts_what_was_written_at_a_lower_level() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("in")).unwrap();
    for name in ["in/a.pdf", "in/b.pdf"] {
        desk.file(name, &one_page());
    }
    desk.service.set_tsa(Mode::Down);
    let tsa = desk.service.tsa_url();
    let more = ["--level", "t", "--tsa", &tsa, "--trust", "root.pem"];
    let run = desk.sign(&[&["in", "--out", "out"], &more[..]].concat());
    run.assert_refused("level_not_reached");
    assert!(run.said.contains("trao: 2 / 2 files written\n"), "{run:?}");
    assert_eq!(std::fs::read_dir(desk.path("out")).unwrap().count(), 2);
}

#[test]
fn who_seals_a_file_that_readers_see_differently_is_warned_of_its_signature() {
    let desk = Desk::new();
    let mut draft = draft(&one_page(), 0, &Dictionary::default());
    draft.bytes = off_by_one(&draft.bytes);
    desk.file("odd.pdf", &draft.seal(&verdict::IDENTITY));
    let run = desk.sign(&["odd.pdf", "in.pdf", "--out", "."]);
    run.assert_refused("some_failed");
    let run = desk.sign(&["odd.pdf", "in.pdf", "--out", "out"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let warnings: Vec<&str> = run
        .said
        .lines()
        .filter(|line| line.contains("[earlier_signature_at_risk]"))
        .collect();
    assert!(
        matches!(warnings.as_slice(), [line] if line.contains("odd.pdf") && line.contains("Warning")),
        "{run:?}"
    );
}

#[test]
fn who_seals_a_file_with_a_broken_signature_is_warned_of_it() {
    let desk = Desk::new();
    let signed = verdict::sealed();
    desk.file("signed.pdf", &signed);
    let broken = replaced(&signed, b"/MediaBox", b"/MediaBix");
    desk.file("broken.pdf", &broken);
    desk.file("odd.pdf", &off_by_one(&broken));
    let run = desk.sign(&[
        "signed.pdf",
        "broken.pdf",
        "odd.pdf",
        "in.pdf",
        "--out",
        "out",
    ]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let is_warning = |line: &&str| line.contains("[earlier_signature_broken]");
    let warnings: Vec<&str> = run.said.lines().filter(is_warning).collect();
    assert_eq!(warnings.len(), 2, "{run:?}");
    for file in ["broken.pdf: Warning", "odd.pdf: Warning"] {
        assert!(warnings.iter().any(|line| line.contains(file)), "{run:?}");
    }
}

#[test]
fn who_seals_a_damaged_file_is_told_that_it_was_mended() {
    let desk = Desk::new();
    desk.file("damaged.pdf", &without_startxref(&one_page()));
    let run = desk.sign(&["damaged.pdf", "in.pdf", "--out", "out"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let is_warning = |line: &&str| line.contains("Warning") && line.contains("[structure_rebuilt]");
    let warnings: Vec<&str> = run.said.lines().filter(is_warning).collect();
    assert!(
        matches!(warnings.as_slice(), [line] if line.contains("damaged.pdf")),
        "{run:?}"
    );
    assert_eq!(desk.verify("C", &["out/damaged.pdf"]).status, Some(0));
}

#[test]
fn many_jobs_do_with_few_descriptors() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("in")).unwrap();
    for n in 0..400 {
        desk.file(&format!("in/{n:03}.pdf"), &one_page());
    }
    let key = "--identity agency.p12 --passphrase-file pass";
    let line = format!("ulimit -n 96; exec {PROGRAM} sign in --out out --jobs 8 {key}");
    let status = Command::new("sh")
        .args(["-c", &line])
        .current_dir(desk.path(""))
        .env("TRAO_EGRESS__ALLOW_PRIVATE", "127.0.0.0/8")
        .status();
    assert!(status.unwrap().success());
    assert_eq!(std::fs::read_dir(desk.path("out")).unwrap().count(), 400);
}

#[test]
fn no_outcome_replaces_an_input_be_it_anothers() {
    let desk = Desk::new();
    for folder in ["in", "out"] {
        std::fs::create_dir(desk.path(folder)).unwrap();
    }
    desk.file("in/a.pdf", &one_page());
    let others = verdict::sealed();
    desk.file("out/a.pdf", &others);
    std::os::unix::fs::symlink("../out/a.pdf", desk.path("in/b.pdf")).unwrap();
    let run = desk.sign(&["in", "--out", "out"]);
    run.assert_refused("some_failed");
    assert!(run.said.contains("1 / 2"), "{run:?}");
    assert!(std::fs::read(desk.path("out/a.pdf")).unwrap() == others);
    assert!(desk.path("out/b.pdf").is_file());
}

#[test]
fn a_folder_to_be_is_told_by_its_slash_whatever_its_name() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("in")).unwrap();
    desk.file("in/a.pdf", &pdf("a"));
    let run = desk.sign(&["in", "--out", "new.pdf/"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert!(desk.path("new.pdf/a.pdf").is_file());
}

#[test]
fn what_is_interrupted_leaves_no_file_behind_that_nobody_asked_for() {
    let desk = Desk::new();
    std::fs::create_dir(desk.path("in")).unwrap();
    for n in 0..400 {
        desk.file(&format!("in/{n:03}.pdf"), &one_page());
    }
    for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let out = format!("out-{status}");
        let mut running = desk
            .signing(&["in", "--out", &out])
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let names = || {
            let files = std::fs::read_dir(desk.path(&out)).into_iter().flatten();
            files.map(|file| file.unwrap().file_name().into_string().unwrap())
        };
        while names().next().is_none() {
            std::thread::yield_now();
        }
        let id = Pid::from_child(&running);
        kill_process(id, signal).unwrap();
        assert_eq!(running.wait().unwrap().code(), Some(status));
        let all: Vec<String> = names().collect();
        assert!(
            all.len() < 400 && all.iter().all(|name| !name.starts_with("sealing-")),
            "{all:?}"
        );
    }
}
