//! Each limit holds at n and refuses n + 1.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use trao::pades::{Limits, Refusal, inspect, prepare};

use super::{objects_of_one_page, page};
use crate::support::pdf::{self, append};
use crate::support::seal::request;

/// Whether a file passes with a limit of `n` and is too complex with one less.
#[track_caller]
fn assert_bound(file: &[u8], n: usize, set: impl Fn(&mut Limits, usize)) {
    let with = |value| {
        let mut limits = Limits::default();
        set(&mut limits, value);
        inspect(&file.to_vec(), &limits).map(|found| found.pages)
    };
    assert!(with(n).is_ok(), "{:?}", with(n));
    assert!(
        matches!(with(n - 1), Err(Refusal::PdfTooComplex(_))),
        "{:?}",
        with(n - 1)
    );
}

fn file(catalog: &str) -> Vec<u8> {
    append(b"%PDF-1.7\n", &objects_of_one_page(catalog))
}

#[test]
fn nesting_is_bounded() {
    // The catalog's own dictionary and 99 arrays in it.
    let nest = format!("/X {}{}", "[".repeat(99), "]".repeat(99));
    assert_bound(&file(&nest), 100, |limits, n| limits.depth = n);
    let deep = format!("/X {}{}", "[".repeat(20_000), "]".repeat(20_000));
    let refusal = inspect(&file(&deep), &Limits::default()).unwrap_err();
    assert_eq!(refusal.code(), "pdf_too_complex");
}

#[test]
fn the_parts_of_an_object_are_bounded() {
    // The catalog, /Type's value, /Pages' value, the array, its numbers.
    let many = format!("/X [{}]", "0 ".repeat(996));
    assert_bound(&file(&many), 1000, |limits, n| limits.items = n);
}

#[test]
fn the_bytes_of_an_object_are_bounded() {
    let long = format!("/X ({})", "x".repeat(20_000));
    let limits = |object_bytes| Limits {
        object_bytes,
        ..Limits::default()
    };
    assert!(inspect(&file(&long), &limits(32_000)).is_ok());
    let refusal = inspect(&file(&long), &limits(16_000)).unwrap_err();
    assert_eq!(refusal.code(), "pdf_too_complex");
}

#[test]
fn pages_fields_revisions_and_objects_are_bounded() {
    let tree = append(
        &file(""),
        &[
            (2, "<</Type/Pages/Kids[3 0 R 4 0 R 5 0 R]>>".to_owned()),
            page(4),
            page(5),
        ],
    );
    // The root and three leaves.
    assert_bound(&tree, 4, |limits, n| limits.pages = n);
    assert_bound(&tree, 2, |limits, n| limits.revisions = n);
    assert_bound(&tree, 6, |limits, n| limits.objects = n);
    // The same in one piece: object 0 and three more.
    let plain = String::from_utf8(file("")).unwrap();
    let pieces = ["\n1 1\n", "\n2 1\n", "\n3 1\n"];
    let joined = pieces
        .iter()
        .fold(plain.replace("\n0 1\n", "\n0 4\n"), |file, piece| {
            file.replace(piece, "\n")
        });
    assert_bound(joined.as_bytes(), 4, |limits, n| limits.objects = n);
    let form = append(
        &file("/AcroForm<</Fields[7 0 R 8 0 R]>>"),
        &[(7, "<</T(a)>>".to_owned()), (8, "<</T(b)>>".to_owned())],
    );
    assert_bound(&form, 2, |limits, n| limits.fields = n);
}

#[test]
fn numbers_far_apart_take_the_room_of_those_between_them() {
    let mut objects = objects_of_one_page("");
    objects.extend((1..=20).map(|n| (n * 1000, "0".to_owned())));
    // Each of the 21 places has room for 64 neighbours.
    let file = append(b"%PDF-1.7\n", &objects);
    assert_bound(&file, 20 * 64 + 1, |limits, n| limits.objects = n);
}

#[test]
fn signatures_are_bounded() {
    let once = pdf::draft(&pdf::one_page(), 0, &pdf::Dictionary::default()).bytes;
    let twice = pdf::draft(&once, 1, &pdf::Dictionary::default()).bytes;
    assert_bound(&twice, 2, |limits, n| limits.signatures = n);
}

#[test]
fn a_field_s_name_does_not_grow_without_end() {
    let mut objects: Vec<_> = (0..90)
        .map(|n| {
            (
                100 + n,
                format!("<</T({})/Kids[{} 0 R]>>", "x".repeat(100), 101 + n),
            )
        })
        .collect();
    objects.extend(objects_of_one_page("/AcroForm<</Fields[100 0 R]>>"));
    let refusal = inspect(&append(b"%PDF-1.7\n", &objects), &Limits::default()).unwrap_err();
    assert_eq!(refusal.code(), "pdf_too_complex");
}

#[test]
fn what_comes_out_of_a_filter_is_bounded() {
    let mut zeros = b"20 0 <<>>".to_vec();
    zeros.resize(100_000, b' ');
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&zeros).unwrap();
    let data = hex::encode(encoder.finish().unwrap()) + ">";
    let file = packed("[/ASCIIHexDecode /FlateDecode]", &data);
    assert_bound(&file, zeros.len(), |limits, n| limits.decompressed = n);
}

#[test]
fn every_filter_that_carries_structure_is_read() {
    let plain = "20 0 <<>>";
    let run: Vec<u8> = [&[8], plain.as_bytes(), &[128]].concat();
    for (filter, data) in [
        ("null", plain.to_owned()),
        ("/ASCIIHexDecode", hex::encode(plain) + ">"),
        ("/ASCII85Decode", "1,'h)+?VbM4o~>".to_owned()),
        ("[/AHx /RunLengthDecode]", hex::encode(run) + ">"),
    ] {
        let outcome = inspect(&packed(filter, &data), &Limits::default());
        assert!(outcome.is_ok(), "{filter}: {outcome:?}");
    }
    for filter in ["/LZWDecode", "/NoSuchDecode", "7"] {
        let refusal = inspect(&packed(filter, plain), &Limits::default()).unwrap_err();
        assert_eq!(refusal.code(), "pdf_damaged", "{filter}");
    }
}

#[test]
fn an_object_of_a_stream_that_a_seal_changes_may_have_a_comment_before_it() {
    let file = packed("null", "20 0 % the form\n<<>>");
    let revision = prepare(&file, &Limits::default(), &request());
    assert!(!revision.unwrap().is_rebuilt);
}

/// A file whose form, object 20, lies in object stream 6 behind this filter.
fn packed(filter: &str, data: &str) -> Vec<u8> {
    let form = objects_of_one_page("/AcroForm 20 0 R");
    let length = data.len();
    let stream = format!(
        "<</Type/ObjStm/N 1/First 5/Filter {filter}/Length {length}>>stream\n{data}\nendstream"
    );
    let mut file = append(b"%PDF-1.7\n", &[form, vec![(6, stream)]].concat());
    let previous = String::from_utf8_lossy(&file)
        .rsplit_once("startxref\n")
        .unwrap()
        .1
        .to_owned();
    let previous = previous.lines().next().unwrap().to_owned();
    let at = file.len();
    let xref = format!(
        "21 0 obj\n<</Type/XRef/Size 22/W[1 1 1]/Index[20 1]/Filter/AHx/Length 7/Root 1 0 R/Prev {previous}>>stream\n020600>\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n"
    );
    file.extend(xref.bytes());
    file
}

#[test]
fn the_work_on_a_file_is_bounded_in_all() {
    let box_of_many = format!("[0 0 9 9 {}]", "0 ".repeat(20_000));
    let kids: Vec<_> = (200..400).map(|n| format!("{n} 0 R ")).collect();
    let mut objects = objects_of_one_page("");
    objects[1].1 = format!("<</Type/Pages/MediaBox 7 0 R/Kids[{}]>>", kids.concat());
    objects.push((7, box_of_many));
    objects.extend((200..400).map(page));
    let file = append(b"%PDF-1.7\n", &objects);
    let limits = Limits {
        work_bytes: 1_000_000,
        work: 1000,
        ..Limits::default()
    };
    assert_eq!(inspect(&file, &limits).unwrap().pages, 200);
    let few = Limits {
        work: 100,
        ..limits.clone()
    };
    assert!(matches!(
        inspect(&file, &few),
        Err(Refusal::PdfTooComplex(_))
    ));
    let short = Limits {
        work_bytes: 4096,
        ..limits
    };
    assert!(matches!(
        inspect(&file, &short),
        Err(Refusal::PdfTooComplex(_))
    ));
}
