//! What is appended to a file never becomes a part of what stands in it: a file of which something
//! reaches beyond its end is not sealed, and one that ends within a revision is not taken for the one
//! before.

use trao::pades::{Inspection, Limits, Reading, Refusal, inspect, prepare, prepare_as};

use super::request;
use crate::support::damage::cut;
use crate::support::pdf::append;

fn page(contents: &str) -> Vec<(u32, String)> {
    vec![
        (1, "<</Type/Catalog/Pages 2 0 R>>".to_owned()),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        (
            3,
            "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>".to_owned(),
        ),
        (4, contents.to_owned()),
    ]
}

fn sealed(file: &[u8]) -> Result<(), Refusal> {
    prepare(&file.to_vec(), &Limits::default(), &request()).map(drop)
}

/// The streams of a file that is rebuilt for its length: what is appended has them anew.
#[track_caller]
fn assert_mended(file: &[u8], stream: &str) {
    let revision = prepare(&file.to_vec(), &Limits::default(), &request()).unwrap();
    assert!(revision.is_rebuilt && found(file).is_rebuilt());
    let appended = String::from_utf8_lossy(&revision.appended);
    assert!(appended.contains(stream), "{appended}");
}

#[test]
fn a_stream_that_reaches_beyond_the_end_is_written_anew() {
    let stream = |length: &str| {
        let stream = format!("<</Length {length}>>stream\nBT ET\nendstream");
        append(b"%PDF-1.7\n", &page(&stream))
    };
    assert_eq!(sealed(&stream("6")), Ok(()));
    for length in ["100000", "9223372036854775807", "500"] {
        let anew = "4 0 obj\n<</Length 5 >>\nstream\nBT ET\nendstream";
        assert_mended(&stream(length), anew);
    }
}

#[test]
fn a_stream_that_ends_nowhere_is_refused() {
    for (length, real) in [("6", 6), ("5", 5), ("-1", 6), ("/None", 6), ("null", 6)] {
        let stream = format!("<</Length {length}>>stream\nBT ET\n");
        let file = append(b"%PDF-1.7\n", &page(&stream));
        // By the end of its object, readers find it all the same.
        assert_mended(&file, &format!("<</Length {real} >>\nstream\nBT ET\n"));
        let cut = cut(&file, b"\nendobj\nxref");
        let limits = Limits::default();
        let refused = prepare_as(&cut, &limits, &request(), Reading::Rebuilt);
        let reason = Refusal::PdfDamaged("a stream reaches beyond its end".into());
        assert_eq!(refused, Err(reason), "{length}");
    }
}

#[test]
fn a_stream_that_no_page_draws_is_looked_at_too() {
    let mut objects = page("<</Length 6>>stream\nBT ET\nendstream");
    objects.push((5, "<</Length 7000>>stream\n\nendstream".to_owned()));
    let file = append(b"%PDF-1.7\n", &objects);
    assert_mended(&file, "5 0 obj\n<</Length 0 >>\nstream\n\nendstream");
}

fn refused_as_it_stands(object: &str) -> Option<Refusal> {
    let mut objects = page("<</Length 6>>stream\nBT ET\nendstream");
    objects.extend([(5, object.to_owned()), (6, "7000".to_owned())]);
    let file = append(b"%PDF-1.7\n", &objects);
    prepare_as(&file, &Limits::default(), &request(), Reading::AsItStands).err()
}

#[test]
fn whatever_some_reader_may_take_for_a_length_or_a_stream_counts() {
    let reason = Some(Refusal::PdfDamaged(
        "a stream reaches beyond its end".into(),
    ));
    let ends = "stream\n\nendstream";
    for far in [
        &format!("<</Length 7000/Length 0>>{ends}"),
        &format!("<</Length 0/Length 7000>>{ends}"),
        &format!("<</Length 0/L#65ngth 7000>>{ends}"),
        &format!("<</X/Length/Length 7000>>{ends}"),
        &format!("<</Length 6 1 R>>{ends}"),
        "[0]stream\nBT ET",
        "(x)stream\nBT ET",
        "5 stream\nBT ET",
        // What cannot be read as an object is passed over all the same.
        "<</X>>stream\nBT ET",
    ] {
        assert_eq!(refused_as_it_stands(far), reason, "{far}");
    }
    for near in [
        &format!("<</Length 0/X[/Length 7000]/Y<</Length 7000>>>>{ends}"),
        &format!("[0]{ends}"),
        "<</Length 7000>>",
        "[0]",
        "5",
    ] {
        assert_eq!(refused_as_it_stands(near), None, "{near}");
    }
}

/// The file with every place of object 5 in its table set to this.
fn with_object_5_at(file: &[u8], place: usize) -> Vec<u8> {
    let text = String::from_utf8(file.to_vec()).unwrap();
    let at = text.find("5 0 obj").unwrap();
    let (old, new) = (format!("{at:010} 00000 n"), format!("{place:010} 00000 n"));
    text.replace(&old, &new).into_bytes()
}

#[test]
fn an_object_that_stands_behind_the_end_is_never_found_there() {
    let mut objects = page("<</Length 6>>stream\nBT ET\nendstream");
    objects.push((5, "(five)".to_owned()));
    let file = append(b"%PDF-1.7\n", &objects);
    assert!(!found(&file).is_rebuilt());
    let far = with_object_5_at(&file, file.len() + 10);
    // By its table it is refused; rebuilt, the object is where it stands.
    let revision = prepare(&far, &Limits::default(), &request()).unwrap();
    assert!(revision.is_rebuilt);
}

fn found(file: &[u8]) -> Inspection {
    inspect(&file.to_vec(), &Limits::default()).unwrap()
}

#[test]
fn a_revision_that_is_cut_off_is_not_left_out_in_silence() {
    let file = append(
        b"%PDF-1.7\n",
        &page("<</Length 6>>stream\nBT ET\nendstream"),
    );
    let newer = "<</Type/Catalog/Pages 2 0 R/Lang(vi)>>".to_owned();
    let updated = append(&file, &[(1, newer)]);
    assert!(!found(&updated).is_rebuilt());
    let table = updated.len() - b"startxref\n123\n%%EOF\n".len();
    let cut = &updated[..table];
    assert!(found(cut).is_rebuilt());
    let as_it_stands = |file: &[u8]| {
        let reading = Reading::AsItStands;
        prepare_as(&file.to_vec(), &Limits::default(), &request(), reading).map(drop)
    };
    assert_eq!(as_it_stands(&updated), Ok(()));
    let reason = Refusal::PdfDamaged("it ends within a revision".into());
    assert_eq!(as_it_stands(cut), Err(reason));
    let mut with_white_space = file.clone();
    with_white_space.extend(b"\r\n\0\0<!-- sent by mail, no object -->");
    assert!(!found(&with_white_space).is_rebuilt());
}

#[test]
fn a_length_is_not_believed_that_leaves_out_more_than_a_lost_word() {
    let endless = "<</Length 2/X 1/X 2>>stream \nBT ET\n";
    let file = append(b"%PDF-1.7\n", &page(endless));
    let refused = prepare_as(
        &cut(&file, b"\nendobj\nxref"),
        &Limits::default(),
        &request(),
        Reading::Rebuilt,
    );
    assert!(
        matches!(refused, Err(Refusal::PdfDamaged(_))),
        "{refused:?}"
    );
    let text = "BT (what the page says) Tj ET";
    let stream = format!("<</Length 2>>stream\n{text}\nendstreak");
    let file = append(b"%PDF-1.7\n", &page(&stream));
    assert_mended(&file, &format!("\nstream\n{text}\nendstreak\nendstream"));
    let right = stream.replace("Length 2", &format!("Length {}", text.len()));
    let file = append(b"%PDF-1.7\n", &page(&right));
    assert_mended(&file, &format!("\nstream\n{text}\nendstream"));
}

#[test]
fn a_stream_begins_behind_the_line_that_its_first_word_stands_on() {
    for blanks in [" ", " \t  ", "\t\r"] {
        let stream = format!("<</Length 500>>stream{blanks}\nBT ET\nendstream");
        let file = append(b"%PDF-1.7\n", &page(&stream));
        assert_mended(&file, "<</Length 5 >>\nstream\nBT ET\nendstream");
    }
    // Without an end of line they are data, and so are very many.
    for blanks in ["  ".to_owned(), " ".repeat(1000) + "\n"] {
        let stream = format!("<</Length 5000>>stream{blanks}BT ET\nendstream");
        let file = append(b"%PDF-1.7\n", &page(&stream));
        assert_mended(&file, &format!("\nstream\n{blanks}BT ET\nendstream"));
    }
}
