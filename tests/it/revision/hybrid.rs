//! Hybrid files (ISO 32000-2, 7.5.8.4): what only some readers find in them.

use trao::pades::{Limits, Reading, prepare_as};

use super::misread::{as_it_stands, assert_damaged, inspected};
use super::request;
use crate::support::pdf::find;
use crate::support::pdf_file::{PdfFile, XrefKind};

#[test]
fn a_seal_changes_nothing_that_a_hybrid_file_hides() {
    let hybrid = || PdfFile::new(XrefKind::Hybrid);
    let reason = "what a seal changes is hidden from some readers";
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>";
    for (file, is_mended) in [
        (hybrid().page("/Annots 7 0 R").object(7, "[]"), true),
        (
            hybrid()
                .object(2, "<</Type/Pages/Kids[7 0 R]/Count 1>>")
                .object(7, page),
            true,
        ),
        (hybrid().page("/Annots 7 0 R").object(7, "10 0 R"), false),
        (hybrid().page("/Annots 11 0 R").object(11, "7 0 R"), false),
        (hybrid().catalog("/AcroForm 7 0 R").object(7, "<<>>"), true),
        (
            hybrid()
                .catalog("/AcroForm <</Fields 7 0 R>>")
                .object(7, "[]"),
            true,
        ),
    ] {
        let file = file.object(10, "[]").build();
        assert_damaged(&file, reason);
        let mended = prepare_as(&file, &Limits::default(), &request(), Reading::Rebuilt);
        assert_eq!(mended.is_ok(), is_mended, "{mended:?}");
    }
    // A table may leave it out, too.
    let file = hybrid().page("/Annots 7 0 R").object(7, "[]").build();
    let free = b"7 1\n0000000000 65535 f \n";
    let at = find(&file, free);
    assert_damaged(&[&file[..at], &file[at + free.len()..]].concat(), reason);
    // Whoever looks does not know which page will be sealed.
    let second = hybrid()
        .object(2, "<</Type/Pages/Kids[3 0 R 10 0 R]/Count 2>>")
        .object(10, &page.replace(">>", "/Annots 7 0 R>>"))
        .object(7, "[]");
    assert!(inspected(&second.build()).is_rebuilt());
    let field = hybrid()
        .catalog("/AcroForm <</Fields[10 0 R]>>")
        .object(10, "<</FT/Sig/T(Ky)/Kids[7 0 R]>>")
        .object(7, "<</Parent 10 0 R/Rect[0 0 9 9]>>");
    assert_damaged(&field.build(), reason);
    // What a page is drawn with is told.
    let drawn = hybrid()
        .page("/MediaBox[0 0 595 842]/Group 7 0 R")
        .object(7, "<<>>");
    let told = inspected(&drawn.build()).findings;
    assert_eq!(told[0].code, "ambiguous_structure");
    assert_eq!(told[0].detail, "object 7 is hidden from some readers");
    let named = "/Group<</P 7 0 R>>";
    let named = hybrid().page(&format!("/MediaBox[0 0 595 842]{named}"));
    let layers = hybrid().catalog("/OCProperties 7 0 R");
    for file in [named, layers] {
        let told = inspected(&file.object(7, "<<>>").build()).findings;
        assert_eq!(told[0].detail, "object 7 is hidden from some readers");
    }
    let structure = hybrid().catalog("/StructTreeRoot 7 0 R");
    let structure = structure.object(7, "<</Type/StructTreeRoot>>").build();
    assert!(as_it_stands(&structure).is_ok());
    assert_eq!(inspected(&structure).findings, []);
}

/// The file with a revision that says where its first five objects stand once more, in a stream.
fn said_again(file: &[u8], catalog: &str) -> Vec<u8> {
    let place = |text: &str| find(file, text.as_bytes());
    let record = |place: usize| {
        let [.., high, middle, low] = place.to_be_bytes();
        [1, high, middle, low, 0]
    };
    let numbers = (2..=5).map(|number| record(place(&format!("\n{number} 0 obj")) + 1));
    let records: Vec<u8> = [record(place(catalog))]
        .into_iter()
        .chain(numbers)
        .flatten()
        .collect();
    let mut whole = file.to_vec();
    whole.push(b'\n');
    let stream = whole.len();
    whole.extend(b"9 0 obj\n<</Type/XRef/Size 10/W[1 3 1]/Index[1 5]/Length 25>>\nstream\n");
    whole.extend(records);
    whole.extend(b"\nendstream\nendobj\n");
    let table = whole.len();
    let prev = place("\nxref\n") + 1;
    let trailer = format!(
        "xref\n0 0\ntrailer\n<</Size 10/Root 1 0 R/Prev {prev}/XRefStm {stream}>>\nstartxref\n{table}\n%%EOF\n"
    );
    whole.extend(trailer.bytes());
    whole
}

#[test]
fn what_a_hybrid_file_says_once_more_is_not_hidden() {
    let file = PdfFile::new(XrefKind::Table).build();
    assert!(as_it_stands(&said_again(&file, "1 0 obj")).is_ok());
    assert_eq!(inspected(&said_again(&file, "1 0 obj")).findings, []);
    let other = "1 0 obj\n<</Type/Catalog/Pages 2 0 R/PageMode/UseOutlines>>\nendobj\n";
    let end = find(&file, b"xref\n0 1");
    let both = [&file[..end], other.as_bytes(), &file[end..]].concat();
    let startxref = format!("startxref\n{end}\n");
    let at = find(&both, startxref.as_bytes());
    let moved = format!("startxref\n{}\n%%EOF", end + other.len());
    let both = [&both[..at], moved.as_bytes()].concat();
    assert!(as_it_stands(&both).is_ok());
    let reason = "what a seal changes is hidden from some readers";
    let hidden = said_again(&both, "1 0 obj\n<</Type/Catalog/Pages 2 0 R/PageMode");
    assert_damaged(&hidden, reason);
    let freed = freed(&PdfFile::new(XrefKind::Hybrid).build());
    let told = inspected(&freed).findings;
    assert_eq!(told[0].detail, "an object has two places in one revision");
}

/// The file whose stream calls object 5 free.
fn freed(file: &[u8]) -> Vec<u8> {
    let mut file = file.to_vec();
    let [.., middle, low] = (find(&file, b"\n5 0 obj") + 1).to_be_bytes();
    let place = find(&file, &[1, 0, middle, low, 0]);
    file[place..place + 4].fill(0);
    file
}
