//! Damaged files are sealed by a complete cross-reference of their objects, and every judge finds the
//! same document in the outcome.

use trao::pades::{Covers, Pdf, Reading, TrustAnchors, XrefForm, inspect, prepare_as, verify};

use super::*;
use crate::support::damage::{cut, damaged, flawed, replaced, without_startxref};
use crate::support::pdf::append;

#[test]
fn every_judge_finds_the_same_document_in_a_sealed_file_that_was_damaged() {
    let bench = Bench::new(KeyKind::P256);
    let identity = pki::identity_of(bench.pki.agency());
    for (what, file) in [damaged(), flawed()].concat() {
        let once = sealed(&file, attachment("Số: 1/QĐ-UBND"), &identity);
        assert!(once.starts_with(&file), "{what}: it is not appended to");
        bench.judges.hold(&once, what);
        let text = bench.judges.text(&once);
        assert!(
            text.contains("Received") && text.contains("Số: 1"),
            "{what}: {text}"
        );
        let twice = sealed(&once, request(), &identity);
        bench.judges.hold(&twice, &format!("{what}, twice"));
    }
}

#[test]
fn offsets_in_a_damaged_file_count_from_its_header() {
    let bench = Bench::new(KeyKind::P256);
    let identity = pki::identity_of(bench.pki.agency());
    // Of what is no plain sequence of objects readers make this and that.
    let is_plain = |file: &[u8]| {
        let text = String::from_utf8_lossy(file);
        !text.contains("/ObjStm") && !text.contains("trailer\n<0")
    };
    for (what, file) in damaged() {
        if !is_plain(&file) {
            continue;
        }
        let file = [b"GET /\r\n\r\n", &*file].concat();
        let once = sealed(&file, attachment("Số: 1"), &identity);
        bench.judges.holds_valid(&once, what);
        assert!(bench.judges.text(&once).contains("Received"), "{what}");
    }
}

#[test]
fn the_revision_leads_to_nothing_before_it_and_names_every_object() {
    for (what, file) in damaged() {
        let revision = prepared(&file, &request()).unwrap();
        assert!(revision.is_rebuilt, "{what}");
        let text = String::from_utf8_lossy(&revision.appended);
        assert!(
            !text.contains("/Prev") && !text.contains("/XRefStm"),
            "{what}: {text}"
        );
        let whole = [&*file, &*revision.appended].concat();
        let pdf = Pdf::open(&whole, &Limits::default()).unwrap();
        assert!(!pdf.is_rebuilt() && pdf.sections() == 1, "{what}");
        let numbers: Vec<u32> = pdf.numbers().map(|(number, _)| number).collect();
        assert!(
            (1..=5).all(|number| numbers.contains(&number)),
            "{what}: {numbers:?}"
        );
        // Of a table some readers think that it is broken when something refers to what it has not.
        assert_eq!(pdf.xref_form(), XrefForm::Stream, "{what}");
    }
}

#[test]
fn a_whole_file_is_never_rebuilt() {
    for kind in [XrefKind::Table, XrefKind::Stream, XrefKind::Hybrid] {
        let file = PdfFile::new(kind).build();
        let revision = prepared(&file, &request()).unwrap();
        assert!(!revision.is_rebuilt);
        assert!(String::from_utf8_lossy(&revision.appended).contains("/Prev"));
        assert!(!inspect(&file, &Limits::default()).unwrap().is_rebuilt());
    }
}

#[test]
fn whoever_looks_is_told_and_what_is_sealed_is_read_in_the_same_way() {
    for (what, file) in [damaged(), flawed()].concat() {
        let inspection = inspect(&file, &Limits::default()).unwrap();
        assert_eq!(inspection.findings[0].code, "structure_rebuilt", "{what}");
        assert_eq!(
            (inspection.reading(), inspection.pages),
            (Reading::Rebuilt, 1),
            "{what}"
        );
    }
    // Sealing changes the first page alone and knows all the same that another is damaged.
    let file = append(
        &PdfFile::new(XrefKind::Table)
            .object(10, &page("Second"))
            .build(),
        &[(
            2,
            "<< /Type /Pages /Kids [3 0 R 10 0 R] /Count 2 >>".to_owned(),
        )],
    );
    let offset = format!(
        "{:010} 00000 n",
        crate::support::pdf::find(&file, b"10 0 obj")
    );
    let file = replaced(&file, offset.as_bytes(), b"0000000020 00000 n");
    assert!(prepared(&file, &request()).unwrap().is_rebuilt);
    let seen = inspect(&file, &Limits::default()).unwrap();
    assert_eq!((seen.reading(), seen.pages), (Reading::Rebuilt, 2));
    let as_seen = prepare_as(&file, &Limits::default(), &request(), seen.reading()).unwrap();
    assert!(as_seen.is_rebuilt);
    let whole = [&*file, &*as_seen.appended].concat();
    let pdf = Pdf::open(&whole, &Limits::default()).unwrap();
    assert_eq!(pdf.page_count(), Ok(2));
    // And what was whole when it was looked at is not mended unseen.
    let (_, file) = damaged().remove(0);
    let refused = prepare_as(&file, &Limits::default(), &request(), Reading::AsItStands);
    assert!(
        matches!(refused, Err(Refusal::PdfDamaged(_))),
        "{refused:?}"
    );
}

fn page(title: &str) -> String {
    format!("<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 100] /Title ({title}) >>")
}

#[test]
fn what_a_damaged_file_lost_is_filled_in_by_nothing_of_ours() {
    // The font, at which nobody looks, waits for what was cut off.
    let font = "<< /Type /Font /FontDescriptor 11 0 R /ToUnicode 12 0 R /X [13 0 R 14 0 R] >>";
    let file = PdfFile::new(XrefKind::Table)
        .object(5, font)
        .object(10, "<< >>")
        .build();
    let file = cut(&file, b"10 0 obj");
    let revision = prepared(&file, &attachment("Số: 1")).unwrap();
    let whole = [&*file, &*revision.appended].concat();
    let pdf = Pdf::open(&whole, &Limits::default()).unwrap();
    assert!((11..=14).all(|number| pdf.entry(number).is_none()));
}

#[test]
fn no_judge_mends_a_sealed_file_in_its_own_way() {
    let bench = Bench::new(KeyKind::P256);
    let identity = pki::identity_of(bench.pki.agency());
    let other = "4 0 obj\n<< /Length 37 >>\nstream\nBT /F1 18 Tf 72 700 Td (Forged) Tj ET\nendstream\nendobj";
    let hidden = format!("<< /Length {} >>\nstream\n{other}\nendstream", other.len());
    for lost in ["8 0 R", "90000 0 R"] {
        let page = format!(
            "3 0 obj\n<< /Type /Page /Parent 2 0 R /Contents 4 0 R /MediaBox [0 0 595 842] \
             /Resources << /Font << /F0 {lost} /F1 5 0 R >> >> >>\nendobj\n"
        );
        let file = PdfFile::new(XrefKind::Table).object(10, &hidden).build();
        let file = [&*cut(&file, b"xref"), page.as_bytes()].concat();
        let sealed = sealed(&file, request(), &identity);
        bench.judges.holds_valid(&sealed, lost);
        let text = bench.judges.text(&sealed);
        assert!(
            text.contains("Received") && !text.contains("Forged"),
            "{lost}: {text}"
        );
    }
}

#[test]
fn no_signature_of_a_damaged_file_is_good() {
    let bench = Bench::new(KeyKind::P256);
    let identity = pki::identity_of(bench.pki.agency());
    let anchors = TrustAnchors::from_pem_or_der(&bench.pki.root_pem().unwrap()).unwrap();
    let report = |file: &[u8]| verify(&file.to_vec(), &Limits::default(), &anchors, NOW);
    // The damage is of after and of before.
    let signed = sealed(&PdfFile::new(XrefKind::Table).build(), request(), &identity);
    assert!(report(&signed).unwrap().valid);
    let after = [&*signed, b"startxref\nnone\n%%EOF\n"].concat();
    let within = without_startxref(&signed);
    for file in [after, within] {
        let said = report(&file).unwrap();
        let [signature] = said.signatures.as_slice() else {
            panic!("{said:?}");
        };
        assert!(!said.valid && signature.covers == Covers::Part, "{said:?}");
        assert!(
            signature.findings.contains(&"structure_rebuilt".to_owned()),
            "{said:?}"
        );
        let revision = prepared(&file, &request()).unwrap();
        assert!(revision.follows_others && revision.is_rebuilt);
    }
}

#[test]
fn a_seal_over_a_damaged_file_with_a_signature_is_judged_by_what_it_is() {
    let bench = Bench::new(KeyKind::P256);
    let identity = pki::identity_of(bench.pki.agency());
    let signed = sealed(&PdfFile::new(XrefKind::Table).build(), request(), &identity);
    let file = replaced(
        &signed,
        b"/Kids [3 0 R] /Count 1 /Rotate 0",
        b"/Kids [<</Type/Page>>] /Count 1 ",
    );
    let twice = sealed(&file, request(), &identity);
    let anchors = TrustAnchors::from_pem_or_der(&bench.pki.root_pem().unwrap()).unwrap();
    let said = verify(&twice, &Limits::default(), &anchors, NOW).unwrap();
    let [earlier, ours] = said.signatures.as_slice() else {
        panic!("{said:?}");
    };
    assert_eq!(ours.covers, Covers::WholeFile, "{said:?}");
    assert!(ours.is_good() && !earlier.is_good(), "{said:?}");
}
