//! Marks beside words of the page. Where the words stand is poppler's word (`pdftotext -bbox`), where
//! the mark stands is seen in what poppler shows.

use std::path::Path;

use trao::pades::Refusal;

use crate::appearance::{Desk, order};
use crate::support::judge::ask;
use crate::support::pdf_file::{PdfFile, XrefKind};

/// A red right half of 36 by 72 points, below the words; the left half is transparent.
const BELOW: &str = "[[item]]\nimage = \"seal\"\nwidth_mm = 25.4\n\
    [place]\nbeside = { text = \"NGƯỜI KÝ\", gap = 10.0 }";

/// Where poppler finds two words last on the page: left, upper, right, lower edge.
fn words(desk: &Desk, bytes: &[u8], wanted: [&str; 2]) -> [f64; 4] {
    let path = desk.written(bytes);
    let said = ask(
        "pdftotext",
        &["-bbox".as_ref(), path.as_path(), Path::new("-")],
    )
    .said;
    let boxes: Vec<([f64; 4], &str)> = said
        .lines()
        .filter(|line| line.contains("<word"))
        .map(|line| {
            let value = |name: &str| {
                let rest = line.split(&format!("{name}=\"")).nth(1).unwrap();
                rest.split('"').next().unwrap().parse().unwrap()
            };
            let word = line.split('>').nth(1).unwrap().split('<').next().unwrap();
            (["xMin", "yMin", "xMax", "yMax"].map(value), word)
        })
        .collect();
    let pairs = boxes.windows(2).rev();
    let mut found = pairs.filter(|pair| [pair[0].1, pair[1].1] == wanted);
    let pair = found.next().unwrap_or_else(|| panic!("{said}"));
    let ([left, upper, ..], [_, _, right, lower]) = (pair[0].0, pair[1].0);
    [left, upper, right, lower]
}

/// The mark stands in the middle below the words, and the seal is valid.
fn stands_below(desk: &Desk, file: &[u8], wanted: [&str; 2], template: &str) {
    let [left, _, right, lower] = words(desk, file, wanted);
    let sealed = desk.sealed(file, order(template));
    desk.holds_valid(&sealed, 1);
    let red = desk
        .red(&sealed)
        .map(|edge| f64::from(u32::try_from(edge).unwrap()));
    let middle = left.midpoint(right);
    let off = [
        red[0] - middle,
        red[2] - middle - 36.0,
        red[3] - red[1] - 72.0,
    ];
    assert!(
        off.iter().all(|off| off.abs() <= 2.5),
        "{red:?} is not below {middle}: {off:?}"
    );
    let gap = red[1] - lower;
    assert!((5.0..16.0).contains(&gap), "{gap} points below the words");
}

/// A text as LibreOffice writes it.
fn exported(text: &str) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page.txt");
    std::fs::write(&page, text).unwrap();
    let home = format!(
        "-env:UserInstallation=file://{}/office",
        folder.path().display()
    );
    let arguments = [
        home.as_ref(),
        "--headless".as_ref(),
        "--convert-to".as_ref(),
        "pdf".as_ref(),
        "--outdir".as_ref(),
        folder.path().as_os_str(),
        page.as_os_str(),
    ];
    let done = ask("soffice", &arguments);
    std::fs::read(page.with_extension("pdf")).unwrap_or_else(|_| panic!("{}", done.said))
}

fn stream(content: &str) -> String {
    format!(
        "<< /Length {} >>\nstream\n{content}\nendstream",
        content.len()
    )
}

/// A page of 500 × 700 that shows this, with fonts of its own from object 20 on.
fn page(content: &str) -> PdfFile {
    PdfFile::new(XrefKind::Table)
        .object(
            3,
            "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /MediaBox [0 0 500 700] /Resources << /Font \
             << /F1 20 0 R /F2 21 0 R >> /XObject << /X1 30 0 R >> >> >>",
        )
        .object(4, &stream(content))
        .object(20, TIMES)
        .object(21, TIMES)
        .object(30, "<< /Length 0 >>\nstream\n\nendstream")
}

const TIMES: &str = "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding \
    /WinAnsiEncoding >>";

const PLAIN: &str = "[[item]]\nimage = \"seal\"\nwidth_mm = 25.4\n\
    [place]\nbeside = { text = \"KY TEN\", gap = 10.0 }";

#[test]
fn a_mark_stands_below_the_words_of_an_office_page() {
    let desk = Desk::new();
    let text = "QUYẾT ĐỊNH\nNGƯỜI KÝ không phải ở đây\nĐiều 1.\n\n\n\n\n\n\n\
                \u{20}             QUYỀN CHỦ TỊCH\n              NGƯỜI KÝ\nNơi nhận:\n";
    stands_below(&desk, &exported(text), ["NGƯỜI", "KÝ"], BELOW);
    // The same in letters and accents apart.
    let apart = text.replace("  NGƯỜI KÝ\n", "  NGU\u{31b}O\u{31b}\u{300}I KY\u{301}\n");
    let file = exported(&apart);
    let sealed = desk.sealed(&file, order(BELOW));
    desk.holds_valid(&sealed, 1);
    assert!(
        desk.red(&sealed)[1] > 150,
        "not the words at the top of the page"
    );
}

#[test]
fn words_are_found_however_a_page_shows_them() {
    let desk = Desk::new();
    let matrix = "BT /F1 12 Tf 1 0 0 1 150 400 Tm [(K) 20 (Y) -300 (TEN)] TJ ET";
    let moved = "q 1 0 0 1 100 0 cm BT /F1 12 Tf 50 420 Td 0 -20 TD (KY ) Tj (TEN) Tj ET Q";
    let lines = "BT /F1 12 Tf 14 TL 150 440 Td (x) Tj T* (y) ' 1 0.5 (KY TEN) \" ET";
    let picture = "BI /W 1 /H 1 /BPC 8 /CS /G ID x EI\nBT /F1 12 Tf 150 400 Td (KY TEN) Tj ET";
    for content in [matrix, moved, lines, picture] {
        stands_below(&desk, &page(content).build(), ["KY", "TEN"], PLAIN);
    }
    let form = "<< /Type /XObject /Subtype /Form /BBox [0 0 500 700] /Matrix [1 0 0 1 100 0] \
        /Resources << /Font << /F9 20 0 R >> >> /Length 47 >>\nstream\n\
        BT /F9 12 Tf 50 400 Td (KY TEN) Tj ET          \nendstream";
    let in_form = page("/X1 Do").object(30, form).build();
    stands_below(&desk, &in_form, ["KY", "TEN"], PLAIN);
    let named = "<< /Type /Font /Subtype /Type1 /BaseFont /Times-Roman /Encoding << \
        /Differences [1 /K /Y /space /T /E /N] >> >>";
    let in_names = page("BT /F2 12 Tf 150 400 Td <01020304 0506> Tj ET").object(21, named);
    stands_below(&desk, &in_names.build(), ["KY", "TEN"], PLAIN);
}

#[test]
fn words_are_found_however_a_page_is_turned() {
    let desk = Desk::new();
    // Upright as shown on a page that is turned by a quarter.
    let content = "BT /F1 12 Tf 0 1 -1 0 250 300 Tm (KY TEN) Tj ET";
    let turned = page(content).object(
        3,
        "<< /Type /Page /Parent 2 0 R /Contents 4 0 R /MediaBox [0 0 500 700] /CropBox \
         [20 30 480 680] /Rotate 90 /Resources << /Font << /F1 20 0 R >> >> >>",
    );
    let sealed = desk.sealed(&turned.build(), order(PLAIN));
    desk.holds_valid(&sealed, 1);
    // As shown: 300 - 30 across, 250 - 20 down; the words are some 43 points wide.
    let [left, upper, ..] = desk.red(&sealed);
    assert!(
        (285..=300).contains(&left) && (238..=248).contains(&upper),
        "{left} {upper}"
    );
}

#[test]
fn words_that_nobody_sees_do_not_count_and_loops_end() {
    let desk = Desk::new();
    let refused = |file: &PdfFile| desk.prepared(&file.build(), order(PLAIN)).unwrap_err();
    let outside = page("BT /F1 12 Tf 150 -40 Td (KY TEN) Tj ET");
    assert!(matches!(refused(&outside), Refusal::FieldInvalid(_)));
    let apart = page("BT /F1 12 Tf 50 400 Td (KY) Tj 300 0 Td (TEN) Tj ET");
    assert!(matches!(refused(&apart), Refusal::FieldInvalid(_)));
    let no_font = page("BT /F7 12 Tf 50 400 Td (KY TEN) Tj ET");
    assert!(matches!(refused(&no_font), Refusal::FieldInvalid(_)));
    let itself = "<< /Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X1 30 0 R \
        >> >> /Length 13 >>\nstream\n/X1 Do /X1 Do\nendstream";
    let loops = page("/X1 Do").object(30, itself);
    assert!(matches!(refused(&loops), Refusal::PdfTooComplex(_)));
    let kept = page(&"q ".repeat(2_000));
    assert!(matches!(refused(&kept), Refusal::PdfTooComplex(_)));
    for odd in [
        "] >> ) } (",
        "Q Q Q Tj TJ ' \" Tm cm Tf Do ID",
        "BT /F1 1e9 Tf 99999999999 0 0 0 0 0 Tm (K) Tj",
    ] {
        assert!(
            matches!(refused(&page(odd)), Refusal::FieldInvalid(_)),
            "{odd}"
        );
    }
}

#[test]
fn a_side_is_chosen() {
    let desk = Desk::new();
    let file = page("BT /F1 12 Tf 200 400 Td (KY TEN) Tj ET").build();
    let [left, upper, right, lower] = words(&desk, &file, ["KY", "TEN"]);
    let red = |side: &str| {
        let template = PLAIN.replace("gap", &format!("side = \"{side}\", gap"));
        desk.red(&desk.sealed(&file, order(&template)))
            .map(|edge| f64::from(u32::try_from(edge).unwrap()))
    };
    assert!(red("above")[3] < upper);
    assert!(red("right")[0] > right && red("left")[2] < left);
    let over = red("over");
    assert!(over[1] < upper && over[3] > lower, "{over:?}");
}
