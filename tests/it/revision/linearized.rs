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
    let said = |lengths: Vec<usize>| {
        let lengths: Vec<_> = lengths.iter().map(|said| format!("{said:08}")).collect();
        beginning_with(&format!("<< /Linearized 1 /L [{}] >>", lengths.join(" ")))
    };
    let natural = sealed_length(&said(vec![1; 30]));
    let few: Vec<_> = (natural..natural + 10).chain([1; 20]).collect();
    assert_eq!(sealed_length(&said(few)), natural + 10);
    let many = said((natural..natural + 30).collect());
    let refused = prepared(&many, &request()).map(|_| "sealed");
    let Err(Refusal::PdfTooComplex(what)) = refused else {
        panic!("{refused:?}");
    };
    assert!(what.contains("too many lengths"), "{what}");
}

#[test]
fn no_comment_and_no_spelling_hides_what_it_says() {
    for (word, other) in [
        ("20 0 obj", "% endobj stream\n20 0 obj"),
        ("/Linearized", "/Linea#72ized"),
        ("<< /Linearized", "<< /X (endobj) /Linearized"),
        ("<< /Linearized", "<< /X +4 0 R /Linearized"),
        ("/L ", "/L 1 /L "),
        ("/O", ".0 /O"),
    ] {
        let file = |said| {
            let file = String::from_utf8(saying(said, "")).unwrap();
            let file = file.replace(word, other);
            let table = file.find("xref\n").unwrap();
            let (file, end) = file.split_at(file.rfind("startxref").unwrap());
            assert!(end.len() > 10);
            format!("{file}startxref\n{table}\n%%EOF\n").into_bytes()
        };
        let natural = sealed_length(&file(1));
        assert!(sealed_length(&file(natural)) > natural, "{other}");
    }
}

#[test]
fn nothing_before_the_first_object_hides_what_the_file_says() {
    for front in [
        "%PDF-1.7 20 0 obj<</Linearized 1 /L NNNNNNNN>>endobj\n",
        "%PDF-1.7 20 0 obj<<\n20 0 obj[ /Linearized 1 /L NNNNNNNN ]endobj\n",
        "%PDFx1.7 20 0 obj<</Linearized 1 /L NNNNNNNN>>endobj\n%PDF-1.7\n",
        "%PDF-1.7 20 0 obj<</Linea#72ized 1 /L NNNNNNNN>>endobj\n",
    ] {
        let other = sealed_length(&on(&front.replace("ized", "ised")));
        let file = on(&front.replace("NNNNNNNN", &format!("{other:08}")));
        let sealed = prepared(&file, &request()).map(|sealed| file.len() + sealed.appended.len());
        assert!(sealed.is_err() || sealed.unwrap() > other, "{front}");
    }
}

#[test]
fn what_a_long_file_may_say_of_its_length_is_not_guessed() {
    let file = |filler: usize| {
        let filler = " ".repeat(filler);
        beginning_with(&format!("<< {filler} /Linearized 1 /L 1 /L 2 >>"))
    };
    sealed_length(&file(100));
    let refused = prepared(&file(2 << 20), &request()).map(|_| "sealed");
    assert!(
        matches!(refused, Err(Refusal::PdfDamaged(_))),
        "{refused:?}"
    );
}

#[test]
fn a_long_file_that_tells_of_such_files_is_whole() {
    let filler = " ".repeat(2 << 20);
    for front in ["no comment", "% 3 objects", "%"] {
        let told = "(/Linearized /L 5)";
        let file = on(&format!(
            "%PDF-1.7\n{front}\n20 0 obj\n[{told} {filler}]\nendobj\n"
        ));
        let revision = prepared(&file, &request()).unwrap();
        assert!(!revision.is_rebuilt, "{front}");
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
        for file in [&file, &named] {
            assert!(!inspect(file, &Limits::default()).unwrap().is_rebuilt());
        }
        let revision = prepared(&file, &request()).unwrap();
        assert!(!revision.is_rebuilt);
    }
}
