//! Files as many programs write them, right or slightly wrong: each is sealed, and others hold the
//! outcome valid. The files are written here byte by byte.

use std::fmt::Write as _;
use std::io::Write as _;

use trao::pades::FileSource;

use super::*;

/// How a file is put together around its objects.
#[derive(Clone)]
struct Style {
    header: &'static str,
    /// What offsets count from, when something stands before the header.
    origin: usize,
    eol: &'static str,
    /// How an entry of the table ends, behind its letter.
    entry_end: &'static str,
    /// The number that the table's first entry is said to have.
    first: usize,
    /// Added to the true place of the table.
    miss: isize,
    trailer: &'static str,
    end: &'static str,
}

const PLAIN: Style = Style {
    header: "%PDF-1.5\n",
    origin: 0,
    eol: "\n",
    entry_end: " \n",
    first: 0,
    miss: 0,
    trailer: "",
    end: "\n",
};

const CATALOG: &str = "<</Type/Catalog/Pages 2 0 R>>";
const PAGES: &str = "<</Type/Pages/Kids[3 0 R]/Count 1>>";
const PAGE: &str = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>";

impl Style {
    /// A file of these objects, numbered from 1.
    fn file(&self, bodies: &[&str]) -> Vec<u8> {
        let eol = self.eol;
        let mut file = self.header.to_owned();
        let end = self.entry_end;
        let mut table = format!(
            "xref{eol}{} {}{eol}0000000000 65535 f{end}",
            self.first,
            bodies.len() + 1
        );
        for (index, body) in bodies.iter().enumerate() {
            let number = index + 1;
            write!(table, "{:010} 00000 n{end}", file.len() - self.origin).unwrap();
            write!(file, "{number} 0 obj{eol}{body}{eol}endobj{eol}").unwrap();
        }
        let place = (file.len() - self.origin).checked_add_signed(self.miss);
        write!(
            file,
            "{table}trailer{eol}<</Size {}/Root 1 0 R{}>>{eol}startxref{eol}{}{eol}%%EOF{}",
            bodies.len() + 1,
            self.trailer,
            place.unwrap(),
            self.end
        )
        .unwrap();
        file.into_bytes()
    }
}

struct Judges {
    bench: Bench,
    identity: SigningIdentity,
}

impl Judges {
    fn new() -> Self {
        let bench = Bench::new(KeyKind::P256);
        let identity = pki::identity_of(bench.pki.agency());
        Self { bench, identity }
    }

    /// Seals a right file, visibly and invisibly; qpdf and pdfsig must have nothing to say.
    fn accept(&self, what: &str, file: &[u8]) {
        for request in [request(), attachment("Số: 1/QĐ-UBND")] {
            let bytes = sealed(file, request, &self.identity);
            self.bench.judges.holds_valid(&bytes, what);
        }
    }

    /// Seals a file that is slightly wrong; pdfsig must hold the signature valid.
    fn tolerate(&self, what: &str, file: &[u8]) {
        let bytes = sealed(file, request(), &self.identity);
        let said = ask("pdfsig", &[&self.bench.judges.file(&bytes)]).said;
        for words in ["Signature is Valid", "Total document signed"] {
            assert!(said.contains(words), "{what}: {words}: {said}");
        }
    }
}

#[test]
fn every_way_to_end_lines_and_files_is_sealed() {
    let judges = Judges::new();
    for (eol, entry_end) in [("\n", " \n"), ("\r\n", "\r\n"), ("\r", " \r")] {
        for end in ["", "\n", "\r", "\r\n", "\n\n\n", " \t\r\n", "\0\0\0"] {
            let style = Style {
                eol,
                entry_end,
                end,
                ..PLAIN
            };
            let what = format!("{eol:?} {end:?}");
            judges.accept(&what, &style.file(&[CATALOG, PAGES, PAGE]));
        }
    }
}

#[test]
fn junk_before_the_header_is_sealed_whatever_offsets_count_from() {
    let judges = Judges::new();
    let header = "\u{feff}\r\nX-Powered-By: php\r\n\r\n%PDF-1.4\n";
    let origin = header.find("%PDF").unwrap();
    let from_header = Style {
        header,
        origin,
        ..PLAIN
    };
    judges.accept(
        "from the header",
        &from_header.file(&[CATALOG, PAGES, PAGE]),
    );
    let from_start = Style { header, ..PLAIN };
    judges.tolerate("from the start", &from_start.file(&[CATALOG, PAGES, PAGE]));
}

#[test]
fn a_table_that_is_slightly_wrong_is_sealed_if_it_can_be_read_in_one_way() {
    let judges = Judges::new();
    let objects = [CATALOG, PAGES, PAGE];
    for (what, style) in [
        (
            "entries of 19 bytes",
            Style {
                entry_end: "\n",
                ..PLAIN
            },
        ),
        (
            "entries of 21 bytes",
            Style {
                entry_end: " \r\n",
                ..PLAIN
            },
        ),
        ("counted from 1", Style { first: 1, ..PLAIN }),
        ("startxref too far", Style { miss: 3, ..PLAIN }),
        ("startxref too near", Style { miss: -9, ..PLAIN }),
    ] {
        judges.tolerate(what, &style.file(&objects));
    }
}

#[test]
fn a_startxref_that_leads_to_two_tables_is_not_believed() {
    let mut objects = vec![CATALOG, PAGES, PAGE];
    objects.push("(\nxref\n)");
    let missed = Style { miss: -8, ..PLAIN };
    let file = missed.file(&objects);
    assert!(prepared(&file, &request()).unwrap().is_rebuilt);
}

#[test]
fn entries_that_say_nothing_are_taken_for_none() {
    let judges = Judges::new();
    for trailer in [
        "/Prev null",
        "/Encrypt null",
        "/XRefStm null",
        "/Info null",
        "/ID null",
        "/ID[]",
        "/ID[(one string)]",
        "/ID[<00><00>]/Info 77 0 R",
    ] {
        let style = Style { trailer, ..PLAIN };
        judges.accept(trailer, &style.file(&[CATALOG, PAGES, PAGE]));
    }
    let zero = Style {
        trailer: "/Prev 0",
        ..PLAIN
    };
    judges.tolerate("/Prev 0", &zero.file(&[CATALOG, PAGES, PAGE]));
}

#[test]
fn what_may_be_indirect_or_inherited_is_followed() {
    let judges = Judges::new();
    let pages =
        "<</Type/Pages/Kids 4 0 R/Count 5 0 R/MediaBox 6 0 R/Rotate 7 0 R/Resources 8 0 R>>";
    let page = "<</Type/Page/Parent 2 0 R/Annots 9 0 R/Contents 12 0 R>>";
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/AcroForm 10 0 R>>",
        pages,
        page,
        "[3 0 R]",
        "1",
        "[0 0 13 0 R 842]",
        "90",
        "<<>>",
        "[]",
        "<</Fields 11 0 R/SigFlags 5 0 R>>",
        "[]",
        "<</Length 5 0 R>>\nstream\nq\nendstream",
        "595",
    ];
    judges.accept("indirect", &PLAIN.file(&objects));
}

#[test]
fn odd_but_readable_objects_are_sealed() {
    let judges = Judges::new();
    for (what, page) in [
        ("a name that is not UTF-8", "/X/N#e9 /N#2f#20 0"),
        (
            "strings of every kind",
            "/X<feff0110>/Y(\\376\\377\\1\\20)/Z(a(b)\\)\\\r\n)",
        ),
        ("a comment", "%>>\n"),
        ("numbers", "/X[+1 -.5 4. .0 00012 -0]"),
        ("null", "/X null/Annots null"),
        ("a reference to nothing", "/X 99 0 R/Annots 98 0 R"),
    ] {
        let page = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]{page}>>");
        judges.accept(what, &PLAIN.file(&[CATALOG, PAGES, &page]));
    }
    for (what, page) in [
        ("a broken number", "/X 1.#QNAN/Y --5/Z 0.-1"),
        ("an unknown word", "/X nan"),
        ("annotations that are none", "/Annots(none)"),
    ] {
        let page = format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]{page}>>");
        judges.tolerate(what, &PLAIN.file(&[CATALOG, PAGES, &page]));
    }
    for form in ["[]", "(none)", "7", "<</Fields null>>", "<</Fields 7>>"] {
        let catalog = format!("<</Type/Catalog/Pages 2 0 R/AcroForm {form}>>");
        judges.tolerate(form, &PLAIN.file(&[&catalog, PAGES, PAGE]));
    }
}

#[test]
fn odd_page_trees_are_sealed_and_circles_refused() {
    let judges = Judges::new();
    for (what, pages) in [
        ("a page twice", "<</Type/Pages/Kids[3 0 R 3 0 R]/Count 2>>"),
        (
            "a page that is missing",
            "<</Type/Pages/Kids[99 0 R null 3 0 R]/Count 3>>",
        ),
        ("a wrong count", "<</Type/Pages/Kids[3 0 R]/Count -7>>"),
        ("no type", "<</Kids[3 0 R]/Count 1>>"),
    ] {
        judges.tolerate(what, &PLAIN.file(&[CATALOG, pages, PAGE]));
    }
    let direct = "<</Type/Catalog/Pages<</Type/Pages/Kids[3 0 R]/Count 1>>>>";
    judges.tolerate("a direct tree", &PLAIN.file(&[direct, PAGES, PAGE]));
    let circle = "<</Type/Pages/Kids[2 0 R]/Count 1>>";
    let refused = prepared(&PLAIN.file(&[CATALOG, circle, PAGE]), &request());
    assert!(
        matches!(refused, Err(Refusal::PdfDamaged(_))),
        "{refused:?}"
    );
}

#[test]
fn a_new_object_takes_no_number_that_the_file_waits_for() {
    // 4 is the next free number, 4 and 6 are awaited, and so is 8 in the trailer.
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R 6 0 R]>>";
    let style = Style {
        trailer: "/Info 8 0 R",
        ..PLAIN
    };
    let file = style.file(&[CATALOG, PAGES, page]);
    let revision = prepared(&file, &attachment("Số: 1")).unwrap();
    let text = String::from_utf8_lossy(&revision.appended).into_owned();
    for awaited in [4, 6, 8] {
        assert!(!text.contains(&format!("\n{awaited} 0 obj")), "{awaited}");
    }
    assert!(text.contains("\n5 0 obj") && text.contains("\n7 0 obj"));
}

#[test]
fn a_second_seal_takes_no_number_that_any_signed_object_waits_for() {
    // Nothing that sealing reads leads to object 4, which waits for 9.
    let file = PLAIN.file(&[CATALOG, PAGES, PAGE, "[9 0 R]"]);
    let judges = Judges::new();
    let once = sealed(&file, request(), &judges.identity);
    let twice = sealed(&once, request(), &judges.identity);
    let appended = String::from_utf8_lossy(&twice[once.len()..]).into_owned();
    assert!(!appended.contains("\n9 0 obj"), "{appended}");
    let anchors =
        trao::pades::TrustAnchors::from_pem_or_der(&judges.bench.pki.root_pem().unwrap()).unwrap();
    let report = trao::pades::verify(&twice, &Limits::default(), &anchors, NOW).unwrap();
    assert!(report.valid, "{report:?}");
}

#[test]
fn object_numbers_begin_above_every_size_that_was_ever_said() {
    let file = String::from_utf8(PLAIN.file(&[CATALOG, PAGES, PAGE])).unwrap();
    let file = file.replace("/Size 4", "/Size 50");
    let revision = prepared(file.as_bytes(), &request()).unwrap();
    let text = String::from_utf8_lossy(&revision.appended).into_owned();
    assert!(
        text.contains("\n50 0 obj") && text.contains("/Size 54"),
        "{text}"
    );
}

#[test]
fn a_reference_to_a_reference_is_followed_to_its_end() {
    let objects = [
        "<</Type/Catalog/Pages 2 0 R/AcroForm 4 0 R>>",
        PAGES,
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Annots 6 0 R>>",
        "5 0 R",
        "<</Fields[]/DA(kept)>>",
        "7 0 R",
        "[]",
    ];
    let revision = prepared(&PLAIN.file(&objects), &request()).unwrap();
    let text = String::from_utf8_lossy(&revision.appended).into_owned();
    // Who else goes by the same steps sees what stood there.
    for changed in ["\n<</Fields [", "/DA(kept)", "/Annots  ["] {
        assert!(text.contains(changed), "{changed}: {text}");
    }
    assert!(!text.contains("5 0 obj") && !text.contains("7 0 obj"));
}

#[test]
fn a_mark_is_drawn_where_it_was_put_and_nowhere_else() {
    // Nothing that sealing reads leads to object 4, by which the page would draw what gets number 6.
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<</XObject 4 0 R>>>>";
    let has_six = |drawn: &str, ballast: usize, request: &SealRequest| {
        let ballast = format!("({})", "x".repeat(ballast));
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(&PLAIN.file(&[CATALOG, PAGES, page, drawn, &ballast]))
            .unwrap();
        let file = FileSource::new(file).unwrap();
        let revision = prepare(&file, &Limits::default(), request).unwrap();
        String::from_utf8_lossy(&revision.appended).contains("\n6 0 obj")
    };
    // With the longer one the file is read piece by piece.
    for ballast in [1, 70_000] {
        for request in [request(), attachment("Số: 1")] {
            for drawn in [
                "<</X 6 0 R>>",
                "<</X 6 0 R/X 3 0 R>>",
                "<</S<4g>/X 6 0 R>>",
                "<</N[/A#4(]/X 6 0 R/O[%)\n]>>",
            ] {
                assert!(!has_six(drawn, ballast, &request), "{drawn}");
            }
            assert!(has_six("<</X 3 0 R>>", ballast, &request));
        }
    }
}

const SHOWN: &str = "<</Length 41>>\nstream\nBT /Fields 20 Tf 72 700 Td (Good) Tj ET \nendstream";
const FONT: &str = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";

/// A page that shows a word by the font `/Fields`, with more entries.
fn showing_a_word(more: &str) -> String {
    format!("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R{more}>>")
}

#[test]
fn what_is_used_for_something_else_too_stays_as_it_is() {
    let judges = Judges::new();
    let catalog = "<</Type/Catalog/Pages 2 0 R/AcroForm 5 0 R>>";
    let fonts = "/Resources<</Font<</Fields 6 0 R>>>>";
    for (what, page, form, more, kept) in [
        (
            "a form",
            "/Resources<</Font 5 0 R>>",
            "<</Fields 6 0 R>>",
            "null",
            "\n5 0 obj",
        ),
        (
            "annotations",
            &*format!("{fonts}/Annots 7 0 R/X 7 0 R"),
            "<</Fields[]>>",
            "[]",
            "\n7 0 obj",
        ),
        (
            "fields",
            fonts,
            "<</Fields 7 0 R/X 7 0 R>>",
            "[]",
            "\n7 0 obj",
        ),
        ("unseen", fonts, "<</Fields[]>>", "<</X\0 1>>", "\n5 0 obj"),
    ] {
        let file = PLAIN.file(&[
            catalog,
            PAGES,
            &showing_a_word(page),
            SHOWN,
            form,
            FONT,
            more,
        ]);
        for request in [request(), attachment("Số: 1")] {
            let file = sealed(&file, request, &judges.identity);
            let text = judges.bench.judges.text(&file);
            assert!(text.contains("Good"), "{what}: {text}");
            judges.bench.judges.holds_valid(&file, what);
            let appended = String::from_utf8_lossy(&file).into_owned();
            let appended = appended.split_once("%%EOF").unwrap().1;
            assert!(!appended.contains(kept), "{what}");
        }
    }
}

#[test]
fn a_catalog_or_page_that_is_drawn_with_is_not_changed() {
    for more in [
        "/Resources<</Font 1 0 R>>",
        "/Resources 3 0 R",
        "/Resources<</XObject 5 0 R>>",
    ] {
        let file = PLAIN.file(&[CATALOG, PAGES, &showing_a_word(more), SHOWN, "1 0 R"]);
        let refused = prepared(&file, &request()).map(|_| more);
        assert!(
            matches!(refused, Err(Refusal::PdfDamaged(_))),
            "{refused:?}"
        );
    }
}
