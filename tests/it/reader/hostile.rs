//! Files made to hurt: loops, bombs and numbers beyond all bounds. Each ends, with a refusal or
//! without, and none takes what it announces.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::ZlibEncoder;
use trao::pades::{Limits, Refusal, SealRequest, inspect, prepare};

use super::{inspected, objects_of_one_page};
use crate::support::pdf::append;
use crate::support::seal::{attachment, prepared, request};

/// A file of one page with further entries in its catalog and further objects.
fn file(catalog: &str, objects: &[(u32, &str)]) -> Vec<u8> {
    let mut all = objects_of_one_page(catalog);
    for (number, body) in objects {
        all.retain(|(known, _)| known != number);
        all.push((*number, (*body).to_owned()));
    }
    append(b"%PDF-1.7\n", &all)
}

/// Sealing, the intake and verification all come to an end.
#[track_caller]
fn ends(what: &str, file: &[u8]) -> &'static str {
    let file = file.to_vec();
    let sealed = prepare(&file, &Limits::default(), &request());
    let looked = inspect(&file, &Limits::default());
    assert_eq!(
        sealed.is_err(),
        looked.is_err(),
        "{what}: {sealed:?} {looked:?}"
    );
    looked.map_or_else(|refusal| refusal.code(), |_| "taken")
}

#[test]
fn references_in_a_circle() {
    for (what, catalog, objects) in [
        ("to itself", "/AcroForm 7 0 R", &[(7, "7 0 R")][..]),
        ("two", "/AcroForm 7 0 R", &[(7, "8 0 R"), (8, "7 0 R")]),
        (
            "annotations",
            "",
            &[(3, "<</Type/Page/Annots 7 0 R>>"), (7, "7 0 R")],
        ),
        ("kids", "", &[(2, "<</Kids 7 0 R>>"), (7, "7 0 R")]),
        (
            "pages",
            "",
            &[(2, "<</Kids[4 0 R]>>"), (4, "<</Kids[2 0 R]>>")],
        ),
    ] {
        assert_eq!(ends(what, &file(catalog, objects)), "pdf_damaged", "{what}");
    }
}

#[test]
fn fields_and_parents_in_a_circle() {
    let page = "<</Type/Page/Parent 3 0 R/Annots[7 0 R]>>";
    for (what, field) in [
        ("its own kid", "<</FT/Sig/T(a)/Kids[7 0 R]>>"),
        ("its own parent", "<</T(a)/Parent 7 0 R/Subtype/Widget>>"),
        ("an action after itself", "<</A 8 0 R/Subtype/Link>>"),
    ] {
        let objects = [(3, page), (7, field), (8, "<</S/GoTo/Next 8 0 R>>")];
        let file = file("/AcroForm<</Fields[7 0 R]>>/Outlines 9 0 R", &objects);
        assert_eq!(ends(what, &file), "taken", "{what}");
    }
    let outline = [(7, "<</First 7 0 R/Next 8 0 R>>"), (8, "<</Next 7 0 R>>")];
    assert_eq!(ends("outline", &file("/Outlines 7 0 R", &outline)), "taken");
}

/// A file whose form, 20, lies in object stream 6.
fn packed(stream: &[u8], dictionary: &str) -> Vec<u8> {
    let objects = objects_of_one_page("/AcroForm 20 0 R");
    let mut file = append(b"%PDF-1.7\n", &objects);
    let previous = String::from_utf8_lossy(&file)
        .rsplit_once("startxref\n")
        .and_then(|(_, rest)| rest.lines().next().map(str::to_owned))
        .unwrap();
    let container = file.len();
    file.extend(format!("6 0 obj\n<</Type/ObjStm{dictionary}>>stream\n").bytes());
    file.extend(stream);
    file.extend(b"\nendstream\nendobj\n");
    let at = file.len();
    let rows = format!("01{container:06x}00 0200000600>");
    let section = format!(
        "21 0 obj\n<</Type/XRef/Size 22/W[1 3 1]/Index[6 1 20 1]/Filter/AHx/Length {}/Root 1 0 R\
         /Prev {previous}>>stream\n{rows}\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n",
        rows.len()
    );
    file.extend(section.bytes());
    file
}

#[test]
fn object_streams_in_a_circle() {
    let plain = b"20 0 <<>>";
    for (what, dictionary, outcome) in [
        ("sound", "/N 1/First 5/Length 9", "taken"),
        (
            "extends itself",
            "/N 1/First 5/Length 9/Extends 6 0 R",
            "taken",
        ),
        ("its own length", "/N 1/First 5/Length 6 0 R", "pdf_damaged"),
        (
            "a length in itself",
            "/N 1/First 5/Length 20 0 R",
            "pdf_damaged",
        ),
        ("its own count", "/N 6 0 R/First 5/Length 9", "pdf_damaged"),
        (
            "a filter in itself",
            "/N 1/First 5/Length 9/Filter 20 0 R",
            "pdf_damaged",
        ),
    ] {
        let file = packed(plain, dictionary);
        let looked = inspected(&file).map_or_else(|refusal| refusal.code(), |_| "taken");
        assert_eq!(looked, outcome, "{what}");
    }
}

fn deflated(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn bombs() {
    let zeros = vec![0; 65 << 20];
    let once = deflated(&zeros);
    let twice = deflated(&once);
    for (what, stream, filter) in [
        ("deflated", &once, "/FlateDecode"),
        ("deflated twice", &twice, "[/FlateDecode/FlateDecode]"),
    ] {
        assert!(stream.len() < 100_000);
        let dictionary = format!("/N 1/First 5/Length {}/Filter{filter}", stream.len());
        assert_eq!(ends(what, &packed(stream, &dictionary)), "pdf_too_complex");
    }
    let many = format!("[{}]", "/FlateDecode".repeat(17));
    let dictionary = format!("/N 1/First 5/Length {}/Filter{many}", once.len());
    assert_eq!(
        ends("seventeen filters", &packed(&once, &dictionary)),
        "pdf_too_complex"
    );
}

#[test]
fn predictors_beyond_all_bounds() {
    let data = deflated(b"\x0220 0 <<>>");
    for parameters in [
        "/Predictor 12/Columns 9223372036854775807",
        "/Predictor 12/Columns 67108863/Colors 8/BitsPerComponent 32",
        "/Predictor 12/Columns -1",
        "/Predictor 12/Columns 0",
        "/Predictor 2/Columns 4294967296/Colors 4294967296",
        "/Predictor 2/BitsPerComponent 3",
        "/Predictor 12/Columns 2/Colors 48/BitsPerComponent 1",
        "/Predictor 12/Columns 40/BitsPerComponent 3",
    ] {
        let dictionary = format!(
            "/N 1/First 5/Length {}/Filter/FlateDecode/DecodeParms<<{parameters}>>",
            data.len()
        );
        assert_eq!(ends(parameters, &packed(&data, &dictionary)), "pdf_damaged");
    }
}

/// A file that is nothing but a cross-reference stream with these entries.
fn stream_of(entries: &str) -> Vec<u8> {
    let section = format!(
        "1 0 obj\n<</Type/XRef/Root 1 0 R/Length 3 {entries}>>stream\nabc\nendstream\nendobj\n"
    );
    format!("%PDF-1.7\n{section}startxref\n9\n%%EOF\n").into_bytes()
}

#[test]
fn cross_references_beyond_all_bounds() {
    for entries in [
        "/W[1 1 1]/Size 9223372036854775807",
        "/W[1 1 1]/Size 1/Index[9223372036854775807 9223372036854775807]",
        "/W[1 1 1]/Size 1/Index[-1 5]",
        "/W[1 1 1]/Size 1/Index[0]",
        "/W[8 8 9]/Size 1",
        "/W[0 0 0]/Size 1",
        "/W[9223372036854775807 1 1]/Size 1",
        "/W[1 1 1]/Size 1/Prev 9223372036854775807",
        "/W[1 1 1]/Size 1/Prev 9",
    ] {
        assert_eq!(ends(entries, &stream_of(entries)), "pdf_damaged");
    }
    for table in [
        "0 4294967295\n",
        "18446744073709551615 2\n0000000000 65535 f \n0000000000 65535 f \n",
        "99999999999999999999 1\n",
    ] {
        let file = format!("%PDF-1.7\nxref\n{table}trailer\n<</Size 1>>\nstartxref\n9\n%%EOF\n");
        let refusal = inspected(file.as_bytes()).unwrap_err();
        let is_told = matches!(refusal, Refusal::PdfDamaged(_) | Refusal::PdfTooComplex(_));
        assert!(is_told, "{table}: {refusal:?}");
    }
    let far = b"junk %PDF-1.7\nstartxref\n18446744073709551615\n%%EOF";
    assert_eq!(inspected(far).unwrap_err().code(), "pdf_damaged");
}

#[test]
fn no_seal_takes_a_number_that_stands_in_a_stream_alone() {
    let takes_it = |form: &[u8], request: &SealRequest| {
        let form = deflated(form);
        let dictionary = format!("/N 1/First 5/Filter/FlateDecode/Length {}", form.len());
        let revision = prepared(&packed(&form, &dictionary), request).unwrap();
        let mut words = revision.appended.windows(11);
        words.any(|word| word == b"\n101 0 obj\n")
    };
    for request in [request(), attachment("Số: 1")] {
        assert!(!takes_it(b"20 0 <</Fields[]/X 101 0 R/X 3 0 R>>", &request));
        assert!(takes_it(b"20 0 <</Fields[]/X 102 0 R/X 3 0 R>>", &request));
    }
}
