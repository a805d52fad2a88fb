//! What some readers find in a file by its number alone, elsewhere, or not at all: a seal must neither
//! take it from them nor give it to them.

use trao::pades::{
    Inspection, Limits, PreparedRevision, Reading, Refusal, inspect, prepare_as, prepare_time_stamp,
};

use super::request;
use crate::support::pdf::{append, find, off_by_one, one_page};
use crate::support::pdf_file::{PdfFile, XrefKind};

pub(super) fn as_it_stands(file: &[u8]) -> Result<PreparedRevision, Refusal> {
    let (limits, reading) = (Limits::default(), Reading::AsItStands);
    prepare_as(&file.to_vec(), &limits, &request(), reading)
}

pub(super) fn inspected(file: &[u8]) -> Inspection {
    inspect(&file.to_vec(), &Limits::default()).unwrap()
}

fn is_ambiguous(file: &[u8]) -> bool {
    let findings = inspected(file).findings;
    findings
        .iter()
        .any(|found| found.code == "ambiguous_structure")
}

#[track_caller]
pub(super) fn assert_damaged(file: &[u8], reason: &str) {
    let refused = as_it_stands(file).unwrap_err();
    assert_eq!(refused, Refusal::PdfDamaged(reason.to_owned()));
}

/// A file in which this stands for what is as long.
fn with(file: &PdfFile, old: &str, new: &str) -> Vec<u8> {
    assert_eq!(old.len(), new.len(), "{new}");
    let mut file = file.build();
    let at = find(&file, old.as_bytes());
    file[at..at + old.len()].copy_from_slice(new.as_bytes());
    file
}

#[test]
fn a_list_that_some_readers_find_by_its_number_is_not_taken_for_none() {
    let reason = "what a seal changes is there for some readers";
    for entry in ["/Annots 12 1 R", "/Annots 13 0 R"] {
        let file = PdfFile::new(XrefKind::Table)
            .page(entry)
            .object(12, "[14 0 R]")
            .object(13, "12 1 R")
            .object(14, "<< /Type /Annot /Subtype /Square >>");
        assert_damaged(&file.build(), reason);
    }
    let form = PdfFile::new(XrefKind::Table)
        .catalog("/AcroForm 12 1 R")
        .object(12, "<< /Fields [] >>");
    assert_damaged(&form.build(), reason);
    // What is there for nobody is none.
    assert!(as_it_stands(&PdfFile::new(XrefKind::Table).page("/Annots 12 1 R").build()).is_ok());
    for kind in [XrefKind::Table, XrefKind::Stream] {
        let led_to = |generation| {
            let object = format!("[3 {generation} R]");
            PdfFile::new(kind).object(12, &object).build()
        };
        assert!(is_ambiguous(&led_to(1)));
        assert!(!is_ambiguous(&led_to(0)));
    }
}

#[test]
fn a_page_that_is_not_where_it_should_be_is_damage_to_whoever_seals_another() {
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>";
    let file = PdfFile::new(XrefKind::Table)
        .object(2, "<< /Type /Pages /Kids [3 0 R 10 0 R] /Count 2 >>")
        .object(10, page);
    assert!(as_it_stands(&file.build()).is_ok());
    let around = with(&file, "/Kids [3 0 R 10 0 R]", "/Kids [3 0 R 02 0 R]");
    assert_damaged(&around, "the page tree leads in a circle");
    let elsewhere = with(&file, "\n10 0 obj", "\n11 0 obj");
    assert_damaged(&elsewhere, "another object stands where the table says");
}

#[test]
fn what_something_leads_to_by_its_number_alone_stays_as_it_is() {
    let file = |generation: u8| {
        let file = PdfFile::new(XrefKind::Table)
            .page("/Annots 12 0 R")
            .object(12, "[]")
            .object(
                13,
                &format!("<< /BBox 12 {generation} R /Length 0 >>\nstream\n\nendstream"),
            );
        let appended = as_it_stands(&file.build()).unwrap().appended;
        String::from_utf8_lossy(&appended).into_owned()
    };
    assert!(!file(1).contains("\n12 0 obj"));
    let catalog = PdfFile::new(XrefKind::Table)
        .page("/X << /Resources 1 1 R >>")
        .build();
    assert_damaged(&catalog, "what a seal changes is drawn with");
}

#[test]
fn an_object_that_is_nothing_but_a_reference_is_told() {
    let file = |list: &str| {
        let file = PdfFile::new(XrefKind::Table).page("/Annots 12 0 R");
        file.object(12, list).object(13, "[]").build()
    };
    assert!(is_ambiguous(&file("13 0 R")));
    assert!(!is_ambiguous(&file("[]")));
}

#[test]
fn an_object_stream_that_others_do_not_find_or_read_otherwise_is_damage() {
    let file = PdfFile::new(XrefKind::Stream);
    assert!(as_it_stands(&file.build()).is_ok());
    let other = with(&file, "\n8 0 obj", "\n6 0 obj");
    assert_damaged(&other, "another object stands where the table says");
    let later = with(&file, "\n8 0 obj", "\n8 1 obj");
    assert_damaged(&later, "another object stands where the table says");
    for key in ["/F", "/DP", "/FFilter", "/FDecodeParms"] {
        let gap = " ".repeat(30 - key.len());
        let gap = format!("{key}/AHx{gap}");
        let file = file.build();
        let at = find(&file, b"/Type /ObjStm");
        // The catalog lies in it; nothing else has an offset behind it but the section.
        let longer = [&file[..at], gap.as_bytes(), &file[at..]].concat();
        let longer = moved(&longer, &file, gap.len());
        assert_damaged(&longer, "the data of a stream may be elsewhere");
    }
}

/// The file with what says where its cross-reference stream stands moved by so many bytes.
fn moved(file: &[u8], before: &[u8], by: usize) -> Vec<u8> {
    let at = find(before, b"\n9 0 obj") + 1;
    let [.., a, b] = at.to_be_bytes();
    let [.., c, d] = (at + by).to_be_bytes();
    let text = [1, 0, a, b, 0];
    let place = file.windows(5).rposition(|bytes| bytes == text).unwrap();
    let mut file = file.to_vec();
    file[place + 2..place + 4].copy_from_slice(&[c, d]);
    let startxref = format!("startxref\n{at}\n");
    let end = find(&file, startxref.as_bytes());
    file.truncate(end);
    file.extend(format!("startxref\n{}\n%%EOF\n", at + by).bytes());
    file
}

#[test]
fn objects_of_a_stream_that_begin_within_each_other_are_told() {
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>";
    let catalog = format!("<< /Type /Catalog /Pages 2 0 R /X {page} >>");
    let file = PdfFile::new(XrefKind::Stream)
        .object(1, &catalog)
        .object(3, page);
    assert!(!is_ambiguous(&file.build()));
    let behind = catalog.len() + 1;
    let within = catalog.find(page).unwrap();
    let index = |first, second| format!("1 {first} 3 {second:0>2} ");
    let overlapping = with(&file, &index(0, behind), &index(0, within));
    assert!(is_ambiguous(&overlapping));
    // The index ends two bytes behind what is said to be the first object's place.
    let length = index(0, behind).len();
    let mut early = with(&file, &index(0, behind), &index(2, behind + 2));
    let first = find(&early, format!("/First {length} ").as_bytes()) + b"/First ".len();
    early[first..first + 2].copy_from_slice(format!("{:<2}", length - 2).as_bytes());
    assert!(is_ambiguous(&early));
}

#[test]
fn a_file_whose_offsets_are_all_off_is_mended_for_good() {
    let file = one_page();
    let off = off_by_one(&file);
    assert!(as_it_stands(&off).is_ok());
    let at = find(&file, b"\n4 1\n") + b"\n4 1\n".len();
    let mut wrong = off;
    wrong[at + 9] = if wrong[at + 9] == b'9' { b'8' } else { b'9' };
    assert_damaged(&wrong, "an object is not where the cross-reference has it");
    assert!(inspected(&wrong).is_rebuilt());
}

#[test]
fn the_place_of_the_newest_section_is_a_word_of_its_own() {
    let file = one_page();
    let (head, word) = file.split_at(find(&file, b"startxref"));
    assert!(as_it_stands(&file).is_ok());
    for glued in [b"8".as_slice(), b"endobj8"] {
        assert_damaged(
            &[head, glued, word].concat(),
            "startxref is part of another word",
        );
    }
}

#[test]
fn a_generation_that_goes_back_and_a_second_stream_are_told() {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/X 1>>";
    let newer = append(&one_page(), &[(3, page.to_owned())]);
    assert!(!is_ambiguous(&newer));
    let mut older = newer.clone();
    let at = find(&older, b"\n3 1\n") + b"\n3 1\n0000000000 0000".len();
    older[at] = b'1';
    assert!(is_ambiguous(&older));
    let second = PdfFile::new(XrefKind::Stream).trailer("/XRefStm 15 ");
    assert!(is_ambiguous(&second.build()));
    let hybrid = PdfFile::new(XrefKind::Hybrid).build();
    assert!(!is_ambiguous(&hybrid));
    let at = find(&hybrid, b"/Type /XRef");
    let end = hybrid.windows(9).rposition(|word| word == b"startxref");
    let end = end.unwrap();
    let table = hybrid.windows(6).rposition(|word| word == b"\nxref\n");
    let further = [&hybrid[..at], b"/Prev 15 ", &hybrid[at..end]].concat();
    let startxref = format!(
        "startxref\n{}\n%%EOF",
        table.unwrap() + 1 + b"/Prev 15 ".len()
    );
    assert!(is_ambiguous(&[&*further, startxref.as_bytes()].concat()));
}

#[test]
fn a_cross_reference_that_some_readers_mend_is_told() {
    let table = PdfFile::new(XrefKind::Table);
    let stream = PdfFile::new(XrefKind::Stream);
    let plain = table.build();
    let behind = |text: &str| [&*plain, text.as_bytes()].concat();
    for odd in [
        behind(&" ".repeat(1024)),
        with(&table, "0000000000 65535 f", "0000000015 00000 n"),
        with(&table, "/Size", "/Sise"),
        with(&table, "/Size 6 ", "/Size -6"),
        with(&stream, "\n9 0 obj", "\n7 0 obj"),
        with_last(&stream.build(), "endobj", "endo)j"),
    ] {
        assert!(is_ambiguous(&odd));
    }
    for plain in [plain.clone(), stream.build(), behind(&" ".repeat(500))] {
        assert_eq!(inspected(&plain).findings, []);
    }
    assert_damaged(&behind("trailer"), "it ends within a revision");
    assert_eq!(inspected(&behind("%trailer")).findings, []);
}

/// The file with this in the stead of what stands in it last and is as long.
fn with_last(file: &[u8], old: &str, new: &str) -> Vec<u8> {
    let mut places = file.windows(old.len());
    let at = places.rposition(|text| text == old.as_bytes()).unwrap();
    let mut file = file.to_vec();
    file[at..at + old.len()].copy_from_slice(new.as_bytes());
    file
}

#[test]
fn what_stands_behind_an_object_may_be_the_object_to_some_readers() {
    let file = |behind: &str| {
        let file = PdfFile::new(XrefKind::Table).page("/Annots 12 0 R");
        file.object(12, &format!("[]{behind}"))
    };
    for odd in [" []", " 5", "]", ">>", " R", " (x)", " /X", " stre[m"] {
        assert!(is_ambiguous(&file(odd).build()), "{odd}");
    }
    assert!(!is_ambiguous(&file(" % []").build()));
    // Many writers forget the word behind one.
    assert!(!is_ambiguous(&with(&file(""), "[]\nendobj", "[]\n      ")));
    assert!(!is_ambiguous(&with(
        &PdfFile::new(XrefKind::Table),
        "endobj",
        "      "
    )));
}

#[test]
fn an_object_whose_header_is_one_word_is_told() {
    let file = PdfFile::new(XrefKind::Table);
    assert!(is_ambiguous(&with(&file, "\n3 0 obj", "\n3 00obj")));
    assert!(is_ambiguous(&with(&file, "\n3 0 obj\n", "\n3 0%\nobj")));
    assert!(!is_ambiguous(&with(&file, "\n3 0 obj\n", "\n3 0  obj")));
}

#[test]
fn a_stream_is_no_form_and_no_field() {
    let stream = "<< /Fields [] /FT /Sig /Length 0 >>\nstream\n\nendstream";
    let reason = "a part of the form is a stream";
    for form in ["12 0 R", "<< /Fields [12 0 R] >>"] {
        let file = PdfFile::new(XrefKind::Table).catalog(&format!("/AcroForm {form}"));
        let file = file.object(12, stream).build();
        assert_damaged(&file, reason);
        let looked = inspect(&file, &Limits::default());
        assert_eq!(looked.unwrap_err(), Refusal::PdfDamaged(reason.to_owned()));
    }
}

#[test]
fn a_file_that_any_of_its_trailers_calls_encrypted_is_refused() {
    let encrypted = PdfFile::new(XrefKind::Table).trailer("/Encrypt << /Filter /Standard >> ");
    let newer = append(&encrypted.build(), &[(12, "[]".to_owned())]);
    assert_eq!(as_it_stands(&newer).unwrap_err(), Refusal::PdfEncrypted);
    let none = PdfFile::new(XrefKind::Table)
        .trailer("/Encrypt null ")
        .build();
    assert!(as_it_stands(&append(&none, &[(12, "[]".to_owned())])).is_ok());
}

#[test]
fn what_many_fields_share_is_read_once() {
    let lock = format!(
        "<< /Action /Include /Fields [{}] >>",
        "(name) ".repeat(2000)
    );
    let fields: Vec<_> = (20..220).map(|n| format!("{n} 0 R ")).collect();
    let form = format!("/AcroForm << /Fields [{}] >>", fields.concat());
    let mut file = PdfFile::new(XrefKind::Table)
        .catalog(&form)
        .object(12, &lock);
    for n in 20..220 {
        file = file.object(n, &format!("<< /FT /Sig /T (f{n}) /Lock 12 0 R >>"));
    }
    let limits = Limits {
        work: 3000,
        work_bytes: 400_000,
        ..Limits::default()
    };
    let reading = Reading::AsItStands;
    assert!(prepare_as(&file.build(), &limits, &request(), reading).is_ok());
}

#[test]
fn a_file_of_which_not_all_can_be_read_gets_no_evidence() {
    let file = PdfFile::new(XrefKind::Table).object(12, "[]");
    let time_stamp = |file: &[u8]| prepare_time_stamp(&file.to_vec(), &Limits::default(), 4000);
    assert!(time_stamp(&file.build()).is_ok());
    let unread = with(&file, "\n12 0 obj", "\n13 0 obj");
    assert!(as_it_stands(&unread).is_ok());
    let reason = "an object in it cannot be read";
    let refused = Refusal::PdfDamaged(reason.to_owned());
    assert_eq!(time_stamp(&unread).unwrap_err(), refused);
}
