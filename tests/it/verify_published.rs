//! The published attacks on signed PDFs, made anew from their descriptions, each under its name:
//! "1 Trillion Dollar Refund" (Mladenov et al., 2019), "Shadow Attacks" (2021) and "Breaking the
//! Specification: PDF Certification" (2021). None may leave a file valid.

use trao::pades::{Limits, verify};

use crate::support::pdf::{Dictionary, Draft, append, draft, find, one_page};
use crate::support::pki::NOW;
use crate::support::verdict::{
    IDENTITY, PKI, anchors, assert_permitted, assert_suspicious, certified, changed, judged,
    sealed, signed,
};

/// The file is not held valid, whether a verdict or a refusal says so.
#[track_caller]
fn assert_caught(what: &str, file: &[u8]) {
    let report = verify(&file.to_vec(), &Limits::default(), &anchors(&PKI), NOW);
    assert!(
        !report.as_ref().is_ok_and(|report| report.valid),
        "{what}: {report:?}"
    );
}

const LOOK: &str = "<</Type/XObject/Subtype/Form/BBox[0 0 500 700]/Length 24>>stream\n\
                    0 g 0 0 500 700 re f q Q\nendstream";

#[test]
fn universal_signature_forgery() {
    let file = sealed();
    let start = find(&file, b"11 0 obj\n") + b"11 0 obj\n".len();
    let end = start + find(&file[start..], b"\nendobj");
    let value = String::from_utf8(file[start..end].to_vec()).unwrap();
    let contents = value
        .split("/Contents ")
        .nth(1)
        .unwrap()
        .strip_suffix(">>")
        .unwrap();
    let range = &value[find(value.as_bytes(), b"[0")..=find(value.as_bytes(), b"]")];
    for wrong in [
        "",
        "/Contents null",
        "/Contents<>",
        "/Contents<00>",
        "/Contents 7",
        "/Contents[]",
    ] {
        let forged = value.replace(&format!("/Contents {contents}"), wrong);
        assert_caught(wrong, &append(&file, &[(11, forged)]));
    }
    for wrong in [
        "",
        "null",
        "[]",
        "[0]",
        "[null null null null]",
        "[0 -1 -1 0]",
        "[0 0 0 0]",
        "[-1 -1 -1 -1]",
        "[0 9223372036854775807 9223372036854775807 9223372036854775807]",
        "[0 99999999999999999999 1 1]",
        "[(0) (1) (2) (3)]",
        "<<>>",
    ] {
        let forged = if wrong.is_empty() {
            value.replace(&format!("/ByteRange {range}"), "")
        } else {
            value.replace(range, wrong)
        };
        assert_ne!(forged, value);
        assert_caught(wrong, &append(&file, &[(11, forged)]));
    }
    for (from, to) in [
        ("/SubFilter/ETSI.CAdES.detached", ""),
        ("/SubFilter/ETSI.CAdES.detached", "/SubFilter null"),
        (
            "/SubFilter/ETSI.CAdES.detached",
            "/SubFilter/adbe.x509.rsa_sha1",
        ),
    ] {
        assert_caught(to, &append(&file, &[(11, value.replace(from, to))]));
    }
    for field in [
        "<</FT/Sig/T(a)>>",
        "<</FT/Sig/T(a)/V null>>",
        "<</FT/Sig/T(a)/V 77 0 R>>",
    ] {
        assert_caught(field, &append(&file, &[(10, field.to_owned())]));
    }
}

#[test]
fn signature_wrapping_attack() {
    // The signed end is moved behind objects of the forger, and a new byte range leads to it.
    let honest = draft(&one_page(), 0, &Dictionary::default());
    let [_, before, behind, after] = honest.honest_range();
    let bytes = honest.clone().seal(&IDENTITY);
    let evil = b"\n4 0 obj\n<</Length 0>>stream\n\nendstream\nendobj\n";
    for padding in [0, 64] {
        let wedge = [evil.as_slice(), &vec![b' '; padding]].concat();
        let moved = [&bytes[..behind], &wedge, &bytes[behind..]].concat();
        let mut forged = Draft {
            bytes: moved,
            hole: honest.hole.clone(),
        };
        assert_caught("the range as signed", &forged.bytes);
        forged.set_byte_range(&[0, before, behind + wedge.len(), after]);
        assert_caught("the range moved", &forged.bytes);
    }
}

#[test]
fn signature_wrapping_attack_with_a_second_dictionary() {
    // The old dictionary stays as part of the signed bytes; the form leads to a copy of it.
    let file = sealed();
    let start = find(&file, b"11 0 obj\n") + b"11 0 obj\n".len();
    let end = start + find(&file[start..], b"\nendobj");
    let copy = String::from_utf8(file[start..end].to_vec()).unwrap();
    let field = "<</FT/Sig/T(Chu ky 0)/V 40 0 R>>".to_owned();
    assert_caught("a copy", &append(&file, &[(10, field), (40, copy)]));
}

#[test]
fn incremental_saving_attack() {
    let file = sealed();
    let text = "BT /F1 12 Tf 72 700 Td (Bac bo) Tj ET";
    let evil = format!(
        "4 0 obj\n<</Length {}>>stream\n{text}\nendstream\nendobj\n",
        text.len()
    );
    let [xref, trailer] = [
        "xref\n4 1\n0000000000 00000 n \n",
        "trailer\n<</Size 100/Root 1 0 R>>\n",
    ];
    for tail in [
        evil.clone(),
        evil.clone() + trailer,
        evil.clone() + xref,
        evil.clone() + xref + trailer,
        evil.clone() + trailer + "startxref\n0\n%%EOF\n",
        evil.clone() + "startxref\n",
        evil.clone() + "%%EOF\n",
    ] {
        assert_caught(&tail, &[file.as_slice(), tail.as_bytes()].concat());
    }
    // As a revision in good order, and with the signature's own dictionary repeated in it.
    let content = format!("<</Length {}>>stream\n{text}\nendstream", text.len());
    assert_suspicious("a revision", &append(&file, &[(4, content)]));
}

#[test]
fn shadow_attack_hide() {
    // What hid the text below is taken away: by a free entry, by an empty object.
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents[4 0 R 20 0 R]>>";
    let cover = "<</Length 21>>stream\n1 g 0 0 595 842 re f \nendstream";
    let file = signed(&[(3, page), (20, cover)], &Dictionary::default());
    let at = file.len();
    let previous = String::from_utf8_lossy(&file)
        .rsplit_once("startxref\n")
        .unwrap()
        .1
        .to_owned();
    let freed = format!(
        "xref\n20 1\n0000000000 00001 f \ntrailer\n<</Size 100/Root 1 0 R/Prev {}>>\nstartxref\n{at}\n%%EOF\n",
        previous.lines().next().unwrap()
    );
    assert_suspicious("freed", &[file.as_slice(), freed.as_bytes()].concat());
    let empty = "<</Length 0>>stream\n\nendstream";
    assert_suspicious("emptied", &changed(&file, &[(20, empty)]));
}

const FONT: &str = "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>";
const OTHER_FONT: &str = "<</Type/Font/Subtype/Type1/BaseFont/Symbol>>";

#[test]
fn shadow_attack_replace() {
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]\
                /Resources<</Font<</F1 20 0 R>>>>/Contents 4 0 R>>";
    let file = signed(&[(3, page), (20, FONT)], &Dictionary::default());
    assert_suspicious("a font", &changed(&file, &[(20, OTHER_FONT)]));
    let look = "<</Type/XObject/Subtype/Form/BBox[0 0 1 1]/Length 0>>stream\n\nendstream";
    assert_suspicious("a look", &changed(&signed_form(), &[(31, look)]));
}

/// A signed form with a text field, 30, that is drawn by 31 with the font 20.
fn signed_form() -> Vec<u8> {
    let unsigned = append(
        &one_page(),
        &[
            (1, "<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3/Fields 50 0 R/DR<</Font 51 0 R>>/DA(/F1 9 Tf)>>>>".to_owned()),
            (20, FONT.to_owned()),
            (30, "<</FT/Tx/T(so)/V(1)/AP<</N 31 0 R>>/Rect[0 0 99 9]/F 4>>".to_owned()),
            (31, LOOK.to_owned()),
            (50, "[30 0 R 10 0 R]".to_owned()),
            (51, "<</F1 20 0 R>>".to_owned()),
        ],
    );
    draft(&unsigned, 0, &Dictionary::default()).seal(&IDENTITY)
}

#[test]
fn shadow_attack_replace_in_a_form() {
    let file = signed_form();
    let filled = "<</FT/Tx/T(so)/V(2)/AP<</N 32 0 R>>/Rect[0 0 99 9]/F 4>>";
    assert_permitted("filled in", &changed(&file, &[(30, filled), (32, LOOK)]));
    for (what, field) in [
        (
            "other looks, same value",
            "<</FT/Tx/T(so)/V(1)/AP<</N 32 0 R>>/Rect[0 0 99 9]/F 4>>",
        ),
        (
            "hidden",
            "<</FT/Tx/T(so)/V(2)/AP<</N 31 0 R>>/Rect[0 0 99 9]/F 2>>",
        ),
        (
            "moved",
            "<</FT/Tx/T(so)/V(2)/AP<</N 31 0 R>>/Rect[0 0 500 700]/F 4>>",
        ),
    ] {
        assert_suspicious(what, &changed(&file, &[(30, field), (32, LOOK)]));
    }
    let catalog =
        |form: &str| format!("<</Type/Catalog/Pages 2 0 R/AcroForm<</SigFlags 3{form}>>>>");
    let fields = "/Fields 50 0 R";
    for (what, form) in [
        (
            "drawn anew",
            "/DR<</Font 51 0 R>>/DA(/F1 9 Tf)/NeedAppearances true",
        ),
        ("another font", "/DR<</Font<</F1 52 0 R>>>>/DA(/F1 9 Tf)"),
        ("another size", "/DR<</Font 51 0 R>>/DA(/F1 90 Tf)"),
        ("no resources", "/DA(/F1 9 Tf)"),
    ] {
        let catalog = catalog(&format!("{fields}{form}"));
        assert_suspicious(what, &changed(&file, &[(1, &catalog), (52, OTHER_FONT)]));
    }
    let catalog = catalog(&format!(
        "{fields}/DR<</Font<</F1 20 0 R/F2 52 0 R>>>>/DA(/F1 9 Tf)"
    ));
    assert_permitted(
        "one font more",
        &changed(&file, &[(1, &catalog), (52, FONT)]),
    );
}

#[test]
fn shadow_attack_hide_and_replace() {
    // The signed bytes hold a second object 4 that no table names; a later table leads to it.
    let base = one_page();
    let hidden = "4 0 obj\n<</Length 5>>stream\nBT ET\nendstream\nendobj\n";
    let comment = find(&base, b"xref\n0 1");
    let shifted = [&base[..comment], hidden.as_bytes(), &base[comment..]].concat();
    let text = String::from_utf8_lossy(&base).into_owned();
    let at = text
        .rsplit_once("startxref\n")
        .unwrap()
        .1
        .lines()
        .next()
        .unwrap()
        .to_owned();
    let moved = (at.parse::<usize>().unwrap() + hidden.len()).to_string();
    let end = shifted.len() - format!("{at}\n%%EOF\n").len();
    let unsigned = [&shifted[..end], format!("{moved}\n%%EOF\n").as_bytes()].concat();
    let file = draft(&unsigned, 0, &Dictionary::default()).seal(&IDENTITY);
    assert!(judged(&file).valid);
    let previous = String::from_utf8_lossy(&file)
        .rsplit_once("startxref\n")
        .unwrap()
        .1
        .to_owned();
    let table = format!(
        "xref\n4 1\n{comment:010} 00000 n \ntrailer\n<</Size 100/Root 1 0 R/Prev {}>>\nstartxref\n{}\n%%EOF\n",
        previous.lines().next().unwrap(),
        file.len()
    );
    assert_suspicious(
        "another object 4",
        &[file.as_slice(), table.as_bytes()].concat(),
    );
}

/// A page that got these annotations.
fn page(annotations: &str) -> String {
    format!(
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[{annotations}]>>"
    )
}

#[test]
fn evil_annotation_attack() {
    for permission in [2, 3] {
        let more = certified(permission);
        let file = signed(
            &[],
            &Dictionary {
                more: &more,
                ..Dictionary::default()
            },
        );
        for annotation in [
            "<</Type/Annot/Subtype/FreeText/Rect[0 0 500 700]/AP<</N 31 0 R>>>>",
            "<</Type/Annot/Subtype/Stamp/Rect[0 0 500 700]/AP<</N 31 0 R>>>>",
            "<</Type/Annot/Subtype/Redact/Rect[0 0 500 700]>>",
            // It calls itself a signature field.
            "<</Type/Annot/Subtype/FreeText/FT/Sig/Rect[0 0 500 700]/AP<</N 31 0 R>>>>",
        ] {
            let objects = [
                (3, page("30 0 R")),
                (30, annotation.to_owned()),
                (31, LOOK.to_owned()),
            ];
            assert_suspicious(annotation, &append(&file, &objects));
        }
    }
}

const SNEAKY: &str = "<</Type/Annot/Subtype/Widget/FT/Sig/T(s)/Rect[0 0 500 700]/AP<</N 31 0 R>>>>";

fn with_field(file: &[u8], field: &str) -> Vec<u8> {
    append(
        file,
        &[
            (3, page("30 0 R")),
            (5, "<</SigFlags 3/Fields[10 0 R 30 0 R]>>".to_owned()),
            (30, field.to_owned()),
            (31, LOOK.to_owned()),
        ],
    )
}

#[test]
fn sneaky_signature_attack() {
    let unseen = "<</Type/Annot/Subtype/Widget/FT/Sig/T(s)/Rect[0 0 0 0]>>";
    for more in [String::new(), certified(2), certified(3)] {
        let file = signed(
            &[],
            &Dictionary {
                more: &more,
                ..Dictionary::default()
            },
        );
        assert_suspicious("not signed, but seen", &with_field(&file, SNEAKY));
        let acting = unseen.replace("/T(s)", "/T(s)/AA<</U<</S/JavaScript/JS()>>>>");
        assert_suspicious("with an action", &with_field(&file, &acting));
        assert_permitted("not signed, not seen", &with_field(&file, unseen));
    }
    let more = certified(1);
    let file = signed(
        &[],
        &Dictionary {
            more: &more,
            ..Dictionary::default()
        },
    );
    assert_suspicious("certified without changes", &with_field(&file, unseen));
}

#[test]
fn sneaky_signature_that_the_form_does_not_know() {
    // A widget alone on the page: nobody would judge what it holds.
    let value = "<</Type/Sig/SubFilter/ETSI.CAdES.detached/ByteRange[0 1 2 3]/Contents<00>>>";
    let objects = [
        (3, page("30 0 R")),
        (30, SNEAKY.replace("/T(s)", "/T(s)/V 32 0 R")),
        (31, LOOK.to_owned()),
        (32, value.to_owned()),
    ];
    assert_suspicious("a widget alone", &append(&sealed(), &objects));
}

#[test]
fn a_signature_that_is_seen_may_follow_a_signature_but_not_a_certification() {
    let seen = Dictionary {
        field: "/Subtype/Widget/Rect[0 0 500 700]/AP<</N 4 0 R>>",
        ..Dictionary::default()
    };
    for more in [String::new(), certified(2), certified(3)] {
        let first = Dictionary {
            more: &more,
            ..Dictionary::default()
        };
        let file = draft(&signed(&[], &first), 1, &seen).seal(&IDENTITY);
        if more.is_empty() {
            assert!(judged(&file).valid);
        } else {
            assert_suspicious(&more, &file);
        }
    }
}
