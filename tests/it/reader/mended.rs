//! What readers would mend each in its own way, and what comes of it in a sealed file: every reader
//! finds the same.

use lopdf::Object;
use trao::pades::{Limits, Pdf};

use super::doubtful::{plain, sealed};
use super::inspected;
use crate::support::pdf_file::{PdfFile, XrefKind};

fn opened<T>(file: &[u8], look: impl FnOnce(&Pdf<'_>) -> T) -> T {
    let file = file.to_vec();
    look(&Pdf::open(&file, &Limits::default()).unwrap())
}

#[test]
fn a_stream_ends_with_a_whole_word() {
    let data = |file: &[u8]| {
        opened(&sealed(file), |pdf| match pdf.object((20, 0)).unwrap() {
            Object::Stream(stream) => String::from_utf8(pdf.stream_raw(&stream).unwrap()),
            other => panic!("{other:?}"),
        })
    };
    let far = format!("q\nendstreamX {}\nendstream1\nQ", "z".repeat(300 << 10));
    for (stands, read) in [
        ("q\nendstream\nendobj\n", "q"),
        ("q\nendstream", "q"),
        ("q\nendstreamendobj\n", "q"),
        ("q\nendstreamX Q\nendstream\nendobj\n", "q\nendstreamX Q"),
        ("q\nendstreamX\nendobj\n", "q"),
        (&(far.clone() + "\nendstream\nendobj\n"), far.as_str()),
    ] {
        let file = plain(&format!("20 0 obj\n<< /Length 1 >>\nstream\n{stands}"));
        assert!(data(&file).unwrap() == read, "{:.40}", stands);
    }
}

#[test]
fn no_part_of_a_longer_word_ends_the_last_stream_of_a_file() {
    let far = "<< /Length 20 >>\nstream\nq\nendstream";
    for (word, is_an_end) in [
        ("(endstream )", true),
        ("(endstreamendobj)", true),
        ("(endstreamX)", false),
    ] {
        let file = PdfFile::new(XrefKind::Table).object(10, far);
        let file = file.object(11, word).build();
        assert_eq!(inspected(&file).unwrap().is_rebuilt(), !is_an_end, "{word}");
    }
}
