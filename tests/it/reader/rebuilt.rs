//! What is taken for an object when a damaged file is read by what stands in it, what never is, and
//! what such a reading may cost.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::{fs, io};

use tempfile::tempdir;
use trao::pades::{Limits, PreparedRevision, Reading, Refusal, Source, prepare_as};

use super::*;
use crate::support::damage::{cut, without_startxref};
use crate::support::judge::ask;
use crate::support::pdf::find;
use crate::support::seal::request;

/// The file as those see it who get it sealed.
fn sealed(file: &[u8]) -> Vec<u8> {
    [file, &*rebuilt(file).unwrap().appended].concat()
}

fn rebuilt(file: &[u8]) -> Result<PreparedRevision, Refusal> {
    let reading = Reading::Rebuilt;
    prepare_as(&file.to_vec(), &Limits::default(), &request(), reading)
}

fn media_box(file: &[u8]) -> [f32; 4] {
    let sealed = sealed(file);
    let pdf = Pdf::open(&sealed, &Limits::default()).unwrap();
    pdf.page(0).unwrap().media_box
}

fn wide(page: [f32; 4]) -> bool {
    (page[2] - 595.0).abs() < 1.0
}

const NARROW: &str = "3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>\nendobj\n";

#[test]
fn of_an_object_that_stands_twice_the_last_counts() {
    let file = cut(&PdfFile::new(XrefKind::Table).build(), b"xref");
    assert!(wide(media_box(&file)));
    assert!(!wide(media_box(&[&*file, NARROW.as_bytes()].concat())));
    // The same of one in an object stream, and of one that an object stream follows.
    let file = cut(&PdfFile::new(XrefKind::Stream).build(), b"9 0 obj");
    assert!(wide(media_box(&file)));
    assert!(!wide(media_box(&[&*file, NARROW.as_bytes()].concat())));
    let at = find(&file, b"8 0 obj");
    assert!(wide(media_box(
        &[&file[..at], NARROW.as_bytes(), &file[at..]].concat()
    )));
}

#[test]
fn text_in_a_stream_a_string_or_a_comment_is_no_object() {
    let length = NARROW.len() + "\nendstream endobj\n".len();
    let data = format!("stream\n\nendstream endobj\n{NARROW}\nendstream");
    for (what, body) in [
        ("a stream", format!("<< /Length {length} >>\n{data}")),
        (
            "a stream whose length stands further on",
            format!("<< /Length 11 0 R >>\n{data}"),
        ),
        ("a string", format!("<< /X ({NARROW}) >>")),
        (
            "a comment",
            format!("<< >>\n% {}", NARROW.replace('\n', " ")),
        ),
    ] {
        let file = PdfFile::new(XrefKind::Table).object(10, &body);
        let file = file.object(11, &length.to_string()).build();
        assert!(wide(media_box(&without_startxref(&file))), "{what}");
    }
}

#[test]
fn what_cannot_be_read_is_left_out_and_what_follows_it_is_not() {
    for broken in [
        "10 0 obj\n<< /X (never closed \nendobj\n",
        "10 0 obj\n<< /X [ \nendobj\n",
        "10 0 obj\n<<<<<< \nendobj\n",
        "0 0 obj\n<< >>\nendobj\n",
    ] {
        let file = cut(&PdfFile::new(XrefKind::Table).build(), b"3 0 obj");
        let file = [&*file, broken.as_bytes(), NARROW.as_bytes()].concat();
        assert!(!wide(media_box(&file)), "{broken}");
    }
}

#[test]
fn what_is_written_anew_counts_where_it_stood() {
    let double = NARROW.replace("/Type", "/Type /None /Type");
    let file = cut(&PdfFile::new(XrefKind::Table).build(), b"xref");
    assert!(!wide(media_box(&[&*file, double.as_bytes()].concat())));
    let later = NARROW.replace("99 99", "595 842");
    let followed = [&*file, double.as_bytes(), later.as_bytes()].concat();
    assert!(wide(media_box(&followed)));
    // The page is in an object stream there.
    let file = cut(&PdfFile::new(XrefKind::Stream).build(), b"9 0 obj");
    let at = find(&file, b"8 0 obj");
    let followed = [&file[..at], double.as_bytes(), &file[at..]].concat();
    assert!(wide(media_box(&followed)));
    // And where it stands in one itself.
    let page = "/MediaBox [0 0 99 99] /MediaBox [0 0 595 842]";
    let file = PdfFile::new(XrefKind::Stream).page(page).build();
    let sealed = sealed(&cut(&file, b"9 0 obj"));
    let at = find(&sealed, b"\n3 0 obj\n");
    let page = String::from_utf8_lossy(&sealed[at..]);
    let page = page.split("endobj").next().unwrap();
    assert_eq!(page.matches("/MediaBox").count(), 1, "{page}");
}

#[test]
fn no_more_is_written_anew_than_the_limit_says() {
    let stream = |length: usize| {
        let stream = format!("<< /Length 7 >>\nstream\n{}\nendstream", "z".repeat(length));
        let file = PdfFile::new(XrefKind::Table).object(10, &stream);
        cut(&file.build(), b"xref")
    };
    sealed(&stream(15 << 20));
    let refused = rebuilt(&stream(17 << 20));
    assert!(
        matches!(refused, Err(Refusal::PdfTooComplex(_))),
        "{refused:?}"
    );
    let many = PdfFile::new(XrefKind::Table);
    let many = (10..20).fold(many, |file, number| {
        file.object(number, &format!("<< /A 7 /A ({}) >>", "z".repeat(2 << 20)))
    });
    let refused = rebuilt(&cut(&many.build(), b"xref"));
    assert!(
        matches!(refused, Err(Refusal::PdfTooComplex(_))),
        "{refused:?}"
    );
}

/// A file whose pages are such kids, and objects from 10 on; its trailer waits for one.
fn tree(kids: &str, objects: &[&str]) -> Vec<u8> {
    let file = PdfFile::new(XrefKind::Table)
        .trailer("/Info 6 0 R ")
        .object(2, &format!("<< /Kids {kids} /Count 2 >>"));
    let objects = (10..).zip(objects);
    let file = objects.fold(file, |file, (number, body)| file.object(number, body));
    file.build()
}

#[test]
fn a_page_that_is_no_object_becomes_one_where_it_stood() {
    let page = "<< /Type /Page /MediaBox [0 0 99 99] >>";
    for (kids, objects, wide_ones) in [
        (format!("[3 0 R {page}]"), vec![], [true, false]),
        (format!("[{page} 3 0 R]"), vec![], [false, true]),
        (
            "10 0 R".to_owned(),
            vec![format!("[{page} 3 0 R]")],
            [false, true],
        ),
        // What waits for a number gets no page, be it the trailer.
        (
            format!("[{page} 11 0 R]"),
            vec!["[11 0 R 12 0 R 13 0 R]".to_owned(), NARROW_BODY.to_owned()],
            [false, false],
        ),
    ] {
        let objects: Vec<_> = objects.iter().map(String::as_str).collect();
        let file = tree(&kids, &objects);
        assert!(inspected(&file).unwrap().is_rebuilt(), "{kids}");
        let sealed = sealed(&file);
        let pdf = Pdf::open(&sealed, &Limits::default()).unwrap();
        let found = [0, 1].map(|index| pdf.page(index).unwrap());
        assert_eq!(
            found.each_ref().map(|page| wide(page.media_box)),
            wide_ones,
            "{kids}"
        );
        assert!(pdf.entry(12).is_none() || objects.is_empty() || objects.len() == 1);
        assert_eq!(pdf.page_count(), Ok(2), "{kids}");
        assert!(pdf.entry(6).is_none(), "{kids}");
    }
}

const NARROW_BODY: &str = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 99 99] >>";

#[test]
fn pages_that_lead_in_a_circle_are_no_more_than_that() {
    let page = "<< /Type /Page >>";
    let signed = "<< /Type /Page /Annots [<< /FT /Sig /V << /Type /Sig /ByteRange [] /Contents <00> >> >>] >>";
    for (kids, object) in [
        (
            "[<< /Kids 10 0 R >>]".to_owned(),
            "[<< /Kids 10 0 R >>]".to_owned(),
        ),
        (format!("[{page} 2 0 R]"), "null".to_owned()),
        (format!("[{page} << /Kids [3 0 R] >>]"), "null".to_owned()),
        (format!("[{page} << /Kids 10 0 R >>]"), format!("[{page}]")),
        (format!("[{signed}]"), "null".to_owned()),
    ] {
        let refused = inspected(&tree(&kids, &[&object]));
        let is_right = matches!(
            refused,
            Err(Refusal::PdfDamaged(_) | Refusal::PdfTooComplex(_))
        );
        assert!(is_right, "{kids}: {refused:?}");
    }
    // A form may lead anywhere, also to a branch; what it says of a signature is not moved.
    let file = |kid: &str| {
        let tree = format!("<< /Type /Pages /Kids [{kid}] /Count 1 >>");
        let form = PdfFile::new(XrefKind::Table).catalog("/AcroForm << /Fields [2 0 R] >>");
        inspected(&form.object(2, &tree).build())
    };
    assert!(file(page).is_ok());
    assert!(matches!(file(signed), Err(Refusal::PdfDamaged(_))));
}

#[test]
fn the_newest_trailer_that_leads_to_a_catalog_counts_or_else_the_newest_catalog() {
    let catalog = "20 0 obj\n<< /Type /Catalog /Pages 21 0 R >>\nendobj\n21 0 obj\n\
                   << /Type /Pages /Kids [3 0 R 3 0 R] /Count 2 >>\nendobj\n";
    let file = cut(&PdfFile::new(XrefKind::Table).build(), b"xref");
    let with = |more: &str| [&*file, catalog.as_bytes(), more.as_bytes()].concat();
    for (trailer, pages) in [
        ("", 2),
        ("trailer << /Root 1 0 R >>", 1),
        ("trailer << /Root 1 0 R >> trailer << /Root 20 0 R >>", 2),
        ("trailer << /Root 20 0 R >> trailer << /Root 1 0 R >>", 1),
        ("trailer << /Root 1 0 R >> trailer << /Root 99 0 R >>", 1),
        (
            "trailer << /Root 1 0 R >> trailer << /Root 3 0 R >> trailer <<",
            1,
        ),
        ("trailer << /Root 3 0 R >>", 2),
    ] {
        let found = inspected(&with(trailer)).unwrap();
        assert_eq!(
            (found.pages, found.is_rebuilt()),
            (pages, true),
            "{trailer}"
        );
    }
    let none = cut(&file, b"1 0 obj");
    let said = inspected(&none).unwrap_err();
    assert!(
        said.to_string().contains("startxref"),
        "what was wrong first: {said}"
    );
}

#[test]
fn any_word_of_encryption_ends_it() {
    let file = cut(&PdfFile::new(XrefKind::Table).build(), b"xref");
    for word in [
        "trailer << /Root 1 0 R /Encrypt 9 0 R >> trailer << /Root 1 0 R >>",
        "trailer << /Root 1 0 R >> trailer << /Encrypt 9 0 R >>",
        "trailer << /Encrypt 9 0 R /Root 1 0",
        "9 0 obj << /Type /XRef /Encrypt 7 0 R /Length 0 >> stream\nendstream endobj",
        "9 0 obj << /Type /XRef /Encrypt 7 0 R /ID [<00> <0",
        "9999999 0 obj << /Type /XRef /Encrypt 7 0 R /Length 0 >> stream\nendstream endobj",
        "9 0 obj << /Filter /Standard /V 2 /R 3 /O (o) /U (u) /P -1 >> endobj",
        "9 0 obj << /Filter /Adobe.PubSec /SubFilter /adbe.pkcs7.s4 /V 2 >> endobj",
        "9 0 obj << /Filter /Adobe.PubSec /Recipients [<3082>] >> endobj",
        "9 0 obj << /Type /Xref /Encrypt 7 0 R /W [1 2 1] /Length 0 >> stream\nendstream endobj",
        "9 0 obj << /Root 1 0 R /Encrypt 7 0 R >> endobj",
        "9 0 obj << /Type /ObjStm /N 1 /First 4 /Length 35 >> stream\n\
         7 0 << /Filter /A /Recipients [] >>\nendstream endobj",
    ] {
        let said = inspected(&[&*file, word.as_bytes()].concat());
        assert_eq!(said.unwrap_err(), Refusal::PdfEncrypted, "{word}");
    }
    let none = "trailer << /Root 1 0 R /Encrypt null >>";
    assert!(inspected(&[&*file, none.as_bytes()].concat()).is_ok());
}

#[test]
fn what_a_signature_may_hang_on_is_not_lost_unseen() {
    let file = |catalog: &str, form: &str| {
        let file = PdfFile::new(XrefKind::Table)
            .catalog(catalog)
            .object(10, form);
        cut(
            &file.object(11, "<< /FT /Sig /T (a) /V 12 0 R >>").build(),
            b"xref",
        )
    };
    let form = "/AcroForm 10 0 R";
    let perms = "/Perms << /DocMDP 30 0 R >>";
    for (catalog, form) in [
        (perms, "<< >>"),
        ("/Perms 30 0 R", "<< >>"),
        ("/AcroForm 30 0 R", "<< >>"),
        (form, "<< /Fields 30 0 R >>"),
        (form, "<< /Fields [30 0 R] >>"),
        (form, "<< /Fields [<< /Kids [30 0 R] >>] >>"),
        (form, "<< /Fields [11 0 R] >>"),
    ] {
        let said = inspected(&file(catalog, form)).unwrap_err();
        assert_eq!(said.code(), "pdf_damaged", "{catalog} {form}");
    }
    assert!(inspected(&file(form, "<< /Fields [<< >> << >>] >>")).is_ok());
}

/// A source that counts what is read of it.
struct Counted {
    bytes: Vec<u8>,
    read: AtomicU64,
}

impl Source for Counted {
    fn len(&self) -> u64 {
        Source::len(&self.bytes)
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.read.fetch_add(buffer.len() as u64, Ordering::Relaxed);
        self.bytes.read_at(offset, buffer)
    }
}

#[test]
fn a_bomb_is_read_a_few_times_at_most() {
    for bomb in [
        "1 0 obj ",
        "1 0 obj[[[[[[[[",
        "1 0 obj(",
        "1 0 obj<",
        "1 0 obj<</A(",
        "1 0 obj<</Length 1>>stream\n",
        "1 0 obj<</Length 2 0 R>>stream\nendobj ",
        "1 0 obj<</Length 99999>>stream\nendstream ",
        "trailer",
        "trailer<</Root 1 0 R>>",
        "1 0 obj<</Type/ObjStm/N 9/First 9/Length 9>>stream\n1 0 1 0 1\nendstream ",
        "%",
        "9 9 ",
    ] {
        let count = (4 << 20) / bomb.len();
        let bytes = [b"%PDF-1.7\n", bomb.repeat(count).as_bytes()].concat();
        let file = Counted {
            bytes,
            read: AtomicU64::new(0),
        };
        assert!(inspect(&file, &Limits::default()).is_err(), "{bomb}");
        let read = file.read.into_inner();
        assert!(read < 40 * (4 << 20), "{bomb}: {read}");
    }
}

/// What its newest section says otherwise, behind which nothing stands that has a place.
fn with_section(kind: XrefKind, old: &str, new: &str) -> Vec<u8> {
    let file = PdfFile::new(kind).build();
    let begin = find(&file, old.as_bytes());
    [&file[..begin], new.as_bytes(), &file[begin + old.len()..]].concat()
}

#[test]
fn a_section_in_which_some_readers_find_no_entries_is_not_believed() {
    let (table, stream) = (XrefKind::Table, XrefKind::Stream);
    let sealed_by_all = [
        with_section(table, "/Size 6", "/Size 16777216"),
        with_section(table, "/Size 6", "/Size 6 /X /A#42"),
        with_section(stream, "/Index [", "/Index [16777215 0 "),
    ];
    for file in sealed_by_all {
        assert!(!inspected(&file).unwrap().is_rebuilt());
    }
    let wide = |kind: &str, record: &[u8]| {
        let file = with_section(stream, "/W [1 3 1]", kind);
        let section = find(&file, b"9 0 obj");
        let data = section + find(&file[section..], b"stream\n") + b"stream\n".len();
        let behind = data + find(&file[data..], b"\nendstream");
        let records = file[data..behind].chunks(5);
        let records: Vec<u8> = records.flat_map(|one| [record, one].concat()).collect();
        let length = |bytes: usize| format!("/Length {bytes} ");
        let head = String::from_utf8(file[section..data].to_vec()).unwrap();
        let head = head.replace(&length(behind - data), &length(records.len()));
        [&file[..section], head.as_bytes(), &records, &file[behind..]].concat()
    };
    assert!(
        !inspected(&wide("/W [4 3 1]", &[0; 3]))
            .unwrap()
            .is_rebuilt()
    );
    for file in [
        with_section(table, "/Size 6", "/Size 16777217"),
        with_section(table, "/Size 6", "/Size 6 /X /A#4"),
        with_section(table, "/Size 6", "/Size 6 /Size 7"),
        with_section(table, "trailer", "16777216 1\n0000000000 65535 f \ntrailer"),
        with_section(
            stream,
            "/W [1 3 1]",
            "/W [1 3 1] /X [/A#4(]/W [1 0 1] /Y [%)\n]",
        ),
        with_section(stream, "/Index [", "/Index [16777217 0 "),
        wide("/W [5 3 1]", &[0; 4]),
    ] {
        assert!(inspected(&file).unwrap().is_rebuilt());
        let folder = tempdir().unwrap();
        let path = folder.path().join("sealed.pdf");
        fs::write(&path, sealed(&file)).unwrap();
        let shown = ask("pdftotext", &[&*path, Path::new("-")]);
        assert!(shown.said.contains("Received"), "{}", shown.said);
    }
}

#[test]
fn what_counts_of_a_trailer_is_kept_and_nothing_that_readers_may_stumble_over() {
    let long = "N".repeat(200);
    for more in ["/X /A#00", "/X << /A 1 /A 2 >>", &*format!("/X /{long}")] {
        let trailer = format!("/ID [<00> <01>] /Info 5 0 R {more} ");
        let file = PdfFile::new(XrefKind::Table).trailer(&trailer).build();
        assert!(inspected(&file).unwrap().is_rebuilt());
        let sealed = sealed(&file);
        let pdf = Pdf::open(&sealed, &Limits::default()).unwrap();
        let has = |key: &[u8]| pdf.trailer().has(key);
        assert!(has(b"Root") && has(b"Info") && has(b"ID") && !has(b"X"));
    }
}
