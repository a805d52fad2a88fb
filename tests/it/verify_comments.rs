//! Comments that stand between what was appended to a signed file: the names that writers sign
//! with, and what only looks like one.

use trao::pades::ChangesAfter;

use crate::support::pdf::{Dictionary, draft};
use crate::support::verdict::{IDENTITY, assert_permitted, judged, sealed};

/// A second signature whose revision has this before its `startxref`.
fn before_startxref(between: &[u8]) -> Vec<u8> {
    later(|revision| {
        let at = behind_startxref(revision) - STARTXREF.len();
        revision.splice(at..at, between.iter().copied());
    })
}

fn behind_startxref(file: &[u8]) -> usize {
    let mut words = file.windows(STARTXREF.len());
    words.rposition(|part| part == STARTXREF).unwrap() + STARTXREF.len()
}

const STARTXREF: &[u8] = b"startxref\n";

/// A second signature, of whose revision this was made before it was signed.
fn later(edit: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut draft = draft(&sealed(), 1, &Dictionary::default());
    edit(&mut draft.bytes);
    draft.set_byte_range(&draft.honest_range());
    draft.seal(&IDENTITY)
}

#[track_caller]
fn assert_outside(what: &str, file: &[u8]) {
    let report = judged(file);
    let first = &report.signatures[0];
    assert!(first.intact && !report.valid, "{what}: {first:?}");
    assert_eq!(first.changes_after, ChangesAfter::Suspicious, "{what}");
    assert_eq!(first.findings, ["bytes_outside_revisions"], "{what}");
}

#[test]
fn a_writer_may_sign_with_its_name_in_a_comment() {
    for name in [
        "%iText-5.5.13.4\n",
        "%iText-Core-8.0.5\r\n%iText-pdfHTML-5.0.5\r\n",
        "% Written by MuPDF 1.28.5\n\n",
        "%BeginExifToolUpdate\r",
    ] {
        assert_permitted(name, &before_startxref(name.as_bytes()));
        let revisions = [sealed(), name.into()].concat();
        let file = draft(&revisions, 1, &Dictionary::default()).seal(&IDENTITY);
        assert_permitted(name, &file);
    }
    let most = format!("%{}\n", "x".repeat(119));
    assert_permitted("the longest", &before_startxref(most.as_bytes()));
}

#[test]
fn a_comment_that_some_reader_takes_for_more_is_suspicious() {
    let longer = format!("%{}\n", "x".repeat(120));
    let comments: [&[u8]; 12] = [
        b"% 4 0 obj <</Length 0>>\n",
        b"% ENDOBJ\n",
        b"%stream\n",
        b"%xref\n",
        b"%startxref 0\n",
        b"%trailer\n",
        b"% %%EOF\n",
        b"%%eof\n",
        b"%PDF-1.4\n",
        b"% </Root 4 0 R>\n",
        b"% \x93\x8c\x8b\n",
        longer.as_bytes(),
    ];
    for comment in comments {
        let what = String::from_utf8_lossy(comment);
        assert_outside(&what, &before_startxref(comment));
    }
}

#[test]
fn a_comment_is_a_line_of_its_own_and_not_within_startxref() {
    // The first object of the revision would stand in the comment.
    let open = [sealed(), b"% a".to_vec()].concat();
    let file = draft(&open, 1, &Dictionary::default()).seal(&IDENTITY);
    assert_outside("no end of line", &file);
    for between in [&b"% a\n"[..], b"\n% a\r\n"] {
        let file = later(|revision| {
            let at = behind_startxref(revision);
            revision.splice(at..at, between.iter().copied());
        });
        assert_outside("between the word and its number", &file);
    }
    for content in [&b"(forged) Tj\n"[..], b"x % a\n"] {
        assert_outside("no comment", &before_startxref(content));
    }
}
