//! Reading PDFs as real producers write them, within bounds, and never falling over.

use std::fmt::Write as _;

use proptest::prelude::*;
use trao::pades::{Inspection, Limits, Pdf, Refusal, XrefEntry, XrefForm, inspect, signatures};

use crate::support::pdf::{self, append};
use crate::support::pdf_file::{PdfFile, XrefKind};

mod active_content;
mod bounds;
mod changes;
mod doubtful;
mod form_rules;
mod hostile;
mod mended;
mod rebuilt;

const FORMS: [(XrefKind, XrefForm); 3] = [
    (XrefKind::Table, XrefForm::Table),
    (XrefKind::Stream, XrefForm::Stream),
    (XrefKind::Hybrid, XrefForm::Hybrid),
];

fn inspected(file: &[u8]) -> Result<Inspection, Refusal> {
    inspect(&file.to_vec(), &Limits::default())
}

#[test]
fn every_form_of_cross_references_is_read_behind_any_junk() {
    for (kind, form) in FORMS {
        for junk in ["", "\n", "HTTP/1.1 200 OK\r\n\r\n"] {
            let file = PdfFile::new(kind).junk(junk).build();
            let inspection = inspected(&file).unwrap();
            assert_eq!(inspection.xref_form, form);
            assert_eq!((inspection.pages, inspection.version), (1, (1, 7)));
        }
    }
}

#[test]
fn offsets_may_count_from_the_file_s_first_byte_in_spite_of_junk() {
    let junk = b"junk\n%PDF-1.6\n";
    let file = append(junk, &objects_of_one_page(""));
    assert_eq!(inspected(&file).unwrap().version, (1, 6));
}

#[test]
fn the_header_begins_within_1024_bytes() {
    let behind = |junk: usize| {
        let start = [&vec![b'j'; junk], b"%PDF-1.4\n".as_slice()].concat();
        inspected(&append(&start, &objects_of_one_page("")))
    };
    assert!(behind(1023).is_ok());
    assert_eq!(behind(1024).unwrap_err(), Refusal::NotPdf);
}

#[test]
fn a_hybrid_file_gives_up_what_its_table_hides() {
    let file = PdfFile::new(XrefKind::Hybrid).build();
    let pdf = Pdf::open(&file, &Limits::default()).unwrap();
    assert!(matches!(
        pdf.entry(7),
        Some(XrefEntry::In { stream: 8, .. })
    ));
    assert!(!format!("{:?}", pdf.object((7, 0)).unwrap()).contains("Null"));
}

#[test]
fn every_end_of_a_line_is_one() {
    for eol in ["\n", "\r\n", "\r"] {
        let file = with_line_ends(eol);
        let inspection = inspected(file.as_bytes());
        assert_eq!(inspection.map(|found| found.pages), Ok(1), "{eol:?}");
    }
}

#[test]
fn names_need_not_be_utf_8() {
    let mut file = PdfFile::new(XrefKind::Table)
        .catalog("/ZZ << /Z#e9 /ZZ >>")
        .build();
    for at in 0..file.len() - 3 {
        if file[at..].starts_with(b"/ZZ") {
            file[at + 1..at + 3].copy_from_slice(&[0xe9, 0xff]);
        }
    }
    assert!(inspected(&file).is_ok());
}

#[test]
fn a_page_inherits_what_it_does_not_say_and_anything_may_be_a_reference() {
    let file = PdfFile::new(XrefKind::Table)
        .page("/UserUnit 12 0 R")
        .object(
            2,
            "<< /Type /Pages /Kids 13 0 R /Count 1 /MediaBox 10 0 R /Rotate -90 /CropBox [0 0 1000 50] >>",
        )
        .object(10, "[300 11 0 R 0 0]")
        .object(11, "400")
        .object(12, "2.5")
        .object(13, "[14 0 R]")
        .object(14, "<< /Type /Pages /Kids [3 0 R] /Parent 2 0 R >>")
        .build();
    let pdf = Pdf::open(&file, &Limits::default()).unwrap();
    let page = pdf.page(0).unwrap();
    assert_eq!(page.id, (3, 0));
    assert_eq!(format!("{:?}", page.media_box), "[0.0, 0.0, 300.0, 400.0]");
    assert_eq!(format!("{:?}", page.crop_box), "[0.0, 0.0, 300.0, 50.0]");
    assert_eq!(page.rotate, 270);
    assert!((page.user_unit - 2.5).abs() < f32::EPSILON);
    assert!(matches!(pdf.page(1), Err(Refusal::FieldInvalid(_))));
}

#[test]
fn of_two_revisions_the_newer_one_counts() {
    let old = pdf::one_page();
    let new = append(
        &old,
        &[(2, "<</Type/Pages/Kids[3 0 R 20 0 R]>>".into()), page(20)],
    );
    assert_eq!(inspected(&old).unwrap().pages, 1);
    assert_eq!(inspected(&new).unwrap().pages, 2);
    assert_eq!(inspected(&new).unwrap().revisions, 2);
}

#[test]
fn a_linearised_file_is_read_from_its_first_section_on() {
    assert_eq!(inspected(linearised().as_bytes()).unwrap().pages, 1);
}

#[test]
fn what_cannot_be_sealed_is_refused_by_its_name() {
    let file = |entries: &str| PdfFile::new(XrefKind::Table).trailer(entries);
    let code = |file: &[u8]| inspected(file).unwrap_err().code();
    assert_eq!(code(b"hello"), "not_pdf");
    assert_eq!(code(b""), "not_pdf");
    assert_eq!(code(&file("/Encrypt 10 0 R ").build()), "pdf_encrypted");
    for branch in ["<< /Type /Pages /Kids [] >>", "<< /Type /Pages >>"] {
        assert_eq!(code(&file("").object(2, branch).build()), "pdf_no_pages");
    }
    let certified =
        "<< /Type /Sig /Reference [<< /TransformMethod /DocMDP /TransformParams << /P 1 >> >>] >>";
    let named = PdfFile::new(XrefKind::Table).catalog("/Perms << /DocMDP 10 0 R >>");
    assert_eq!(code(&named.object(10, certified).build()), "pdf_locked");
    let circle = "<< /Type /Pages /Kids [3 0 R 2 0 R] >>";
    assert_eq!(code(&file("").object(2, circle).build()), "pdf_damaged");
    assert_eq!(
        code(b"%PDF-1.7\nstartxref\n99999999999\n%%EOF"),
        "pdf_damaged"
    );
}

#[test]
fn a_table_that_leads_elsewhere_is_not_believed_and_that_is_told() {
    let file = PdfFile::new(XrefKind::Table).build();
    let text = String::from_utf8_lossy(&file).into_owned();
    let at = pdf::find(&file, b"3 1\n") + 4;
    let mut moved = file.clone();
    moved[at + 9] = if moved[at + 9] == b'9' {
        b'0'
    } else {
        moved[at + 9] + 1
    };
    assert_ne!(moved, file, "{text}");
    assert!(inspected(&moved).unwrap().is_rebuilt());
    let previous = PdfFile::new(XrefKind::Table).trailer("/Prev 1 ");
    assert!(inspected(&previous.build()).unwrap().is_rebuilt());
}

#[test]
fn a_table_that_takes_one_object_for_another_is_not_believed() {
    let mut file = PdfFile::new(XrefKind::Table).build();
    let [page, font] = [b"\n3 1\n", b"\n5 1\n"].map(|head| pdf::find(&file, head) + 5);
    file.copy_within(font..font + 10, page);
    assert!(inspected(&file).unwrap().is_rebuilt());
}

#[test]
fn sections_in_a_circle_are_not_believed() {
    let mut file = append(&pdf::one_page(), &[page(20)]);
    let at = pdf::find(&file, b"/Prev ") + 6;
    let newest = String::from_utf8_lossy(&file)
        .rsplit_once("startxref\n")
        .unwrap()
        .1[..3]
        .to_owned();
    file[at..at + 3].copy_from_slice(newest.as_bytes());
    assert!(inspected(&file).unwrap().is_rebuilt());
}

proptest! {
    /// Nothing that a stranger writes makes the reader panic, whatever it makes of it.
    #[test]
    fn mutated_files_never_panic(
        which in 0..5_usize,
        edits in prop::collection::vec((any::<prop::sample::Index>(), edit()), 1..8),
    ) {
        let mut file = seeds().swap_remove(which);
        for (at, edit) in edits {
            let at = at.index(file.len());
            apply(&mut file, at, &edit);
        }
        let limits = Limits::default();
        let _ = inspect(&file, &limits);
        let _ = Pdf::open(&file, &limits).and_then(|pdf| {
            let _ = pdf.page(0);
            signatures(&pdf)
        });
    }
}

#[derive(Clone, Debug)]
enum Edit {
    Set(u8),
    Insert(&'static str),
    Remove(usize),
}

fn edit() -> impl Strategy<Value = Edit> {
    let words = [
        " 0 R",
        "<<",
        ">>",
        "[",
        "]",
        "(",
        "-1",
        "99999999999999999999",
        "stream\n",
        "xref",
        "/Prev 9",
        "/ByteRange[0 1 2 3]",
        "/Kids[2 0 R]",
        "/Length 99999999",
        "#",
        "%",
    ];
    prop_oneof![
        any::<u8>().prop_map(Edit::Set),
        prop::sample::select(words.to_vec()).prop_map(Edit::Insert),
        (1..200_usize).prop_map(Edit::Remove),
    ]
}

fn apply(file: &mut Vec<u8>, at: usize, edit: &Edit) {
    match edit {
        Edit::Set(byte) => file[at] = *byte,
        Edit::Insert(word) => drop(file.splice(at..at, word.bytes())),
        Edit::Remove(count) => drop(file.drain(at..file.len().min(at + count))),
    }
    if file.is_empty() {
        file.push(b'%');
    }
}

fn seeds() -> Vec<Vec<u8>> {
    let signed = pdf::draft(&pdf::one_page(), 0, &pdf::Dictionary::default()).bytes;
    let twice = pdf::draft(&signed, 1, &pdf::Dictionary::default()).bytes;
    let mut seeds: Vec<_> = FORMS
        .iter()
        .map(|(kind, _)| PdfFile::new(*kind).build())
        .collect();
    seeds.extend([signed, twice]);
    seeds
}

fn page(number: u32) -> (u32, String) {
    (number, "<</Type/Page/Parent 2 0 R>>".to_owned())
}

/// Catalog 1 with further entries, pages 2, page 3.
fn objects_of_one_page(catalog: &str) -> Vec<(u32, String)> {
    vec![
        (1, format!("<</Type/Catalog/Pages 2 0 R{catalog}>>")),
        (2, "<</Type/Pages/Kids[3 0 R]/Count 1>>".to_owned()),
        page(3),
    ]
}

fn with_line_ends(eol: &str) -> String {
    let mut file = format!("%PDF-1.5{eol}");
    let mut table = format!("xref{eol}0 4{eol}0000000000 65535 f{eol:<2}");
    for (number, body) in objects_of_one_page("") {
        write!(table, "{:010} 00000 n{eol:<2}", file.len()).unwrap();
        write!(file, "{number} 0 obj{eol}{body}{eol}endobj{eol}").unwrap();
    }
    let at = file.len();
    file + &table + &format!("trailer{eol}<</Size 4/Root 1 0 R>>{eol}startxref{eol}{at}{eol}%%EOF")
}

/// The first page's section stands before the rest and points forward to it (annex F).
fn linearised() -> String {
    let objects = objects_of_one_page("");
    let mut file = "%PDF-1.5\n".to_owned();
    let mut places = Vec::new();
    let mut put = |file: &mut String, (number, body): &(u32, String)| {
        places.push(format!("{number} 1\n{:010} 00000 n \n", file.len()));
        write!(file, "{number} 0 obj\n{body}\nendobj\n").unwrap();
    };
    put(&mut file, &objects[0]);
    put(&mut file, &objects[2]);
    let first = file.len();
    let head = format!(
        "xref\n{}{}trailer\n<</Size 4/Root 1 0 R/Prev ",
        places[0], places[1]
    );
    let tail = ">>\nstartxref\n0\n%%EOF\n";
    let rest = first + head.len() + 10 + tail.len();
    let body = format!("2 0 obj\n{}\nendobj\n", objects[1].1);
    write!(file, "{head}{:010}{tail}{body}", rest + body.len()).unwrap();
    write!(
        file,
        "xref\n0 1\n0000000000 65535 f \n2 1\n{rest:010} 00000 n \ntrailer\n<</Size 4>>\nstartxref\n{first}\n%%EOF\n"
    )
    .unwrap();
    file
}
