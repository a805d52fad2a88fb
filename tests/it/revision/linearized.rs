//! A linearised file says how long it is, and some readers that find it so long read it from its
//! front. What is sealed never comes to that length.

use std::fs;
use std::process::Command;

use tempfile::tempdir;
use trao::pades::{Limits, Pdf, Refusal, inspect};

use super::*;
use crate::support::pdf::{append, find};

/// A file whose first object says that it is so long.
fn saying(length: usize, junk: &'static str) -> Vec<u8> {
    let front = format!("<< /Linearized 1 /L {length:08} /O 3 /N 1 >>");
    let file = beginning_with(&front);
    [junk.as_bytes(), &*file].concat()
}

fn beginning_with(front: &str) -> Vec<u8> {
    on(&format!("%PDF-1.7\n20 0 obj\n{front}\nendobj\n"))
}

fn on(front: &str) -> Vec<u8> {
    let objects: Vec<_> = [
        (1, "<< /Type /Catalog /Pages 2 0 R >>"),
        (2, "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"),
        (3, "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"),
    ]
    .map(|(number, body)| (number, body.to_owned()))
    .to_vec();
    append(front.as_bytes(), &objects)
}

fn sealed_length(file: &[u8]) -> usize {
    file.len() + prepared(file, &request()).unwrap().appended.len()
}

#[test]
fn a_sealed_file_never_has_the_length_that_it_says() {
    for junk in ["", "x", "GET / HTTP\n"] {
        let length = sealed_length(&saying(1, junk));
        for said in [length, length - junk.len()] {
            let file = saying(said, junk);
            assert!(find(&file, b"/Linearized") < 60);
            let sealed = sealed_length(&file);
            assert!(sealed > length, "{junk:?}");
            assert!(said != sealed && said != sealed - junk.len(), "{junk:?}");
        }
        assert_eq!(sealed_length(&saying(length + 100, junk)), length);
    }
}

#[test]
fn what_is_sealed_has_its_end_where_readers_look_for_it() {
    let junk = "GET /a/very/long/way HTTP/1.1\n";
    let natural = sealed_length(&saying(1, junk));
    let near = natural - junk.len() + 4;
    assert_eq!(sealed_length(&saying(near, junk)), near + junk.len() + 1);
    let refused = prepared(&saying(natural, junk), &request()).map(|_| "sealed");
    let Err(Refusal::PdfTooComplex(what)) = refused else {
        panic!("{refused:?}");
    };
    assert!(what.contains("too many lengths"), "{what}");
}

/// A file that some reader may begin at its front, who knows at what length.
#[track_caller]
fn assert_unclear(file: &[u8]) {
    let refused = prepared(file, &request()).map(|_| "sealed");
    let Err(Refusal::PdfDamaged(why)) = &refused else {
        panic!("{refused:?}");
    };
    assert!(why.contains("nobody can say"), "{why}");
    let refused = inspect(&file.to_vec(), &Limits::default()).map(drop);
    assert!(
        matches!(refused, Err(Refusal::PdfDamaged(_))),
        "{refused:?}"
    );
}

#[test]
fn a_first_object_that_readers_read_in_two_ways_is_refused() {
    let plain = "20 0 obj\n<< /Linearized 1 /L 00000001 /O 3 >>\nendobj";
    let (long, longer) = ("a".repeat(128), "0".repeat(32_768));
    let deep = ["[".repeat(18), "]".repeat(18)].concat();
    for (word, other) in [
        ("20 0 obj", "% endobj stream\n20 0 obj"),
        ("20 0 obj", "% 19 0 obj<<\n20 0 obj"),
        ("20 0 obj", "% 19\u{80}0 obj\u{80}<<\n20 0 obj"),
        ("20 0 obj", "20 0. obj"),
        ("20 0 obj", "+20 0 obj"),
        ("20 0 obj", "20\0 0 obj"),
        ("20 0 obj", "no comment\n20 0 obj"),
        ("/Linearized", "/Linea#72ized"),
        ("/Linearized", "% a comment\n/Linearized"),
        ("<< /Linearized", "<< /X (endobj) /Linearized"),
        ("<< /Linearized", "<< /X +4 0 R /Linearized"),
        ("<< /Linearized", "<< /X <0g> /Linearized"),
        ("<< /Linearized", "<< /X {} /Linearized"),
        ("<< /Linearized", &format!("<< /X {deep} /Linearized")),
        ("<< /Linearized", "[<< /Linearized"),
        ("<< /Linearized", "<< /X [R] /Linearized"),
        ("<< /Linearized", "<< /X [0 R] /Linearized"),
        ("<< /Linearized", "<< /X [(a) 1 R] /Linearized"),
        ("<< /Linearized", "<< /X [1 0 R R] /Linearized"),
        ("<< /Linearized", "<< /X [1 0 Rx] /Linearized"),
        ("<< /Linearized", "<< /X [-1 0 R] /Linearized"),
        ("<< /Linearized", "<< /X [0 0 R] /Linearized"),
        ("<< /Linearized", "<< /X [8388608 0 R] /Linearized"),
        ("<< /Linearized", "<< /X [1 65536 R] /Linearized"),
        ("<< /Linearized", "<< /X 4294967295 0 R /Linearized"),
        ("<< /Linearized", "<< /X 12345678901 /Linearized"),
        ("<< /Linearized", "<< /X 1.12345678901 /Linearized"),
        ("<< /Linearized", &format!("<< /X /{long} /Linearized")),
        (
            "<< /Linearized",
            &format!("<< /X ({long}{longer}) /Linearized"),
        ),
        ("<< /Linearized", &format!("<< /X <{longer}> /Linearized")),
        ("<< /Linearized", "<< /X\u{c} 1 /Linearized"),
        ("<< /Linearized", "<< / 1 /Linearized"),
        ("<< /Linearized", "<< /X [/A#4()] /Linearized"),
        ("/Linearized 1", "/Linearized 1 /Linearized 1"),
        ("/L 0000000", "/L 1 /L 0000000"),
        ("/L 00000001", "/L 1 0 R"),
        ("/L 00000001", "/L 6357.99999999999999999999"),
        ("/L 00000001", "/L [1]"),
        ("/L 00000001", "/L 00000000001"),
        ("/L 00000001", "/L 4294967297"),
        ("/L 00000001", "/L\0 1"),
        ("/L 00000001", "/#4c 1"),
        ("/L 00000001", ""),
        ("/O", ".0 /O"),
        ("/O 3 >>", "/O 3 >> >>"),
        ("/O 3 >>\nendobj", "/O 3 >>\nstream\n\nendstream\nendobj"),
    ] {
        let unclear = plain.replace(word, other);
        assert_ne!(unclear, plain, "{word}");
        assert_unclear(&on(&format!("%PDF-1.7\n{unclear}\n")));
        let harmless = unclear
            .replace("Linear", "Sinear")
            .replace("/Linea#", "/Sinea#");
        let revision = prepared(&on(&format!("%PDF-1.7\n{harmless}\n")), &request());
        assert!(!revision.unwrap().is_rebuilt, "{harmless}");
    }
}

#[test]
fn nothing_before_the_first_object_hides_what_the_file_says() {
    let long = " ".repeat(2 << 20);
    for front in [
        "%PDF-1.7 20 0 obj<</Linearized 1 /L 6000>>endobj\n",
        "%PDF-1.7 20 0 obj<<\n20 0 obj[ /Linearized 1 /L 6000 ]endobj\n",
        "%PDFx1.7 20 0 obj<</Linearized 1 /L 6000>>endobj\n%PDF-1.7\n",
        "%PDF-1.7 20 0 obj<</Linea#72ized 1 /L 6000>>endobj\n",
        "20 0%x\nobj<</Linearized 1 /L 6000>>endobj\n%PDF-1.7\n",
        "%PDF 1.7\n20 0 object<</Linearized 1 /L 6000>>endobj\n%PDF-1.7\n",
        "/Linearized %PDF\n%PDF-1.7\n",
        &format!("{}/Linearized\n%PDF-1.7\n", "x".repeat(1001)),
        &format!("%PDF-1.7 20 0 obj<</X [{long}] /Linearized 1 /L 6000>>endobj\n"),
        &format!("%PDF-1.7\n20 0 obj<</X +1 {long} /Linearized 1 /L 6000>>endobj\n"),
    ] {
        assert_unclear(&on(front));
        sealed_length(&on(&front.replace("ized", "ised")));
    }
}

#[test]
fn a_word_across_the_end_of_what_is_searched_at_once_is_found() {
    let front = "%PDF-1.7 20 0 obj\n20 0 obj\n[";
    let behind = "/#4c#69#6e#65#61#72#69#7a#65#64 1 /L 6000]\nendobj\n";
    for missing in 0..40 {
        let filler = " ".repeat((1 << 20) - front.len() - missing);
        assert_unclear(&on(&[front, &*filler, behind].concat()));
    }
}

#[test]
fn a_long_file_that_tells_of_such_files_is_whole() {
    let filler = " ".repeat(2 << 20);
    for front in ["% 3 objects", "%", "%\u{e2}\n\n% by Trao"] {
        for object in [
            format!("[(/Linearized /L 5) {filler} 1 0 R true -1. .5 null <0a F>]"),
            format!("<< /A << /Linearized 1 /L 5 >> /B (\\)() \\\\) {filler} /C 1 0 R >>"),
        ] {
            let file = on(&format!("%PDF-1.7\n{front}\n20 0 obj\n{object}\nendobj\n"));
            let revision = prepared(&file, &request()).unwrap();
            assert!(!revision.is_rebuilt, "{front}");
        }
    }
}

#[test]
fn a_file_that_is_read_from_its_front_or_its_end_is_damaged() {
    let length = saying(1, "").len();
    let limits = Limits::default();
    assert!(Pdf::open(&saying(length - 1, ""), &limits).is_ok());
    let refused = Pdf::open(&saying(length, ""), &limits).map(drop);
    assert!(
        matches!(refused, Err(Refusal::PdfDamaged(_))),
        "{refused:?}"
    );
}

#[test]
fn a_linearised_file_is_whole() {
    let folder = tempdir().unwrap();
    let [from, to] = ["in.pdf", "out.pdf"].map(|name| folder.path().join(name));
    for kind in [XrefKind::Table, XrefKind::Stream] {
        fs::write(&from, PdfFile::new(kind).build()).unwrap();
        let mut qpdf = Command::new("qpdf");
        qpdf.arg("--linearize").args([&from, &to]);
        assert!(qpdf.status().unwrap().success());
        let file = fs::read(&to).unwrap();
        assert!(find(&file, b"/Linearized") < 60);
        // Some producers name themselves or their options in comments.
        let mut named = file.clone();
        let comment = find(&file, b"\n%") + 2;
        named[comment..comment + 4].copy_from_slice(b"/obj");
        // Others note something behind the first object, in the room that is left there.
        let mut noted = file.clone();
        let room = find(&file, b"endobj") + 7;
        assert!(file[room..room + 10].iter().all(u8::is_ascii_whitespace));
        noted[room..room + 5].copy_from_slice(b"%new\n");
        for file in [&file, &named, &noted] {
            assert!(!inspect(file, &Limits::default()).unwrap().is_rebuilt());
        }
        let revision = prepared(&file, &request()).unwrap();
        assert!(!revision.is_rebuilt);
    }
}
