//! The revision that seals a file: what it may touch, what it must refuse, and what qpdf, poppler
//! and pyHanko say of the outcome.

use std::fs;
use std::path::Path;

use proptest::prelude::*;
use tempfile::tempdir;
use trao::pades::test_pki::{KeyKind, TestPki};
use trao::pades::{
    Appended, Limits, PreparedRevision, Refusal, SealRequest, SigningIdentity, contents_size,
    prepare,
};

use crate::support::judge::ask;
use crate::support::judges::Judges;
use crate::support::pdf_file::{PdfFile, XrefKind};
use crate::support::pki::{self, NOW};
use crate::support::seal::{attachment, prepared, request, sealed};

mod damaged;
mod ends;
mod extremes;
mod linearized;
mod hybrid;
mod misread;
mod permission;
mod producers;
mod records;
mod shape;
mod verdict;

/// Authorities of a test's own, and judges that trust them.
struct Bench {
    pki: TestPki,
    judges: Judges,
}

impl Bench {
    fn new(key: KeyKind) -> Self {
        let pki = pki::pki(key);
        Self {
            judges: Judges::trusting(&pki),
            pki,
        }
    }
}

#[test]
fn every_form_of_a_file_stays_valid_when_it_is_sealed_and_sealed_again() {
    let bench = Bench::new(KeyKind::P256);
    let identity = pki::identity_of(bench.pki.agency());
    for xref in [XrefKind::Table, XrefKind::Stream, XrefKind::Hybrid] {
        for (end, page, catalog) in [
            ("\n", "/MediaBox [0 0 595.276 841.89]", ""),
            (
                "",
                "/MediaBox [0 0 595 842] /Annots 10 0 R",
                "/AcroForm 11 0 R",
            ),
            (
                "\r\n",
                "/MediaBox [0 0 595 842] /Annots [12 0 R]",
                "/AcroForm << /Fields 13 0 R /SigFlags 0 >>",
            ),
        ] {
            let file = PdfFile::new(xref)
                .page(page)
                .catalog(catalog)
                .end(end)
                .object(10, "[12 0 R]")
                .object(11, "<< /Fields [] % none yet\n>>")
                .object(12, "<< /Type /Annot /Subtype /Link /Rect [10 10 20 20] >>")
                .object(13, "[]")
                .build();
            let once = sealed(&file, attachment("Số: 1/QĐ-UBND"), &identity);
            bench
                .judges
                .holds_valid(&once, &format!("{xref:?} {page} once"));
            let twice = sealed(&once, request(), &identity);
            bench
                .judges
                .holds_valid(&twice, &format!("{xref:?} {page} twice"));
            let thrice = sealed(&twice, attachment("Số: 3/QĐ-UBND"), &identity);
            bench
                .judges
                .holds_valid(&thrice, &format!("{xref:?} {page} thrice"));
            bench
                .judges
                .holds_trusted(&thrice, &format!("{xref:?} {page} thrice"));
        }
    }
}

#[test]
fn all_vietnamese_letters_can_be_read_back_out_of_the_mark() {
    let bench = Bench::new(KeyKind::P256);
    let identity = pki::identity_of(bench.pki.agency());
    let file = PdfFile::new(XrefKind::Table).build();
    let letters = VIETNAMESE.chars().collect::<Vec<_>>();
    assert_eq!(letters.len(), 134);
    for line in letters
        .chunks(45)
        .map(|part| part.iter().collect::<String>())
        .chain(["Số: 123/QĐ-UBND", "Đà Nẵng"].map(str::to_owned))
    {
        let text = bench
            .judges
            .text(&sealed(&file, attachment(&line), &identity));
        assert!(text.contains(&line), "{line} came back as {text}");
    }
}

#[test]
fn decomposed_letters_are_composed_and_the_printed_time_is_the_signing_time() {
    let bench = Bench::new(KeyKind::P256);
    let identity = pki::identity_of(bench.pki.agency());
    let file = PdfFile::new(XrefKind::Table).build();
    let decomposed = "Đa\u{300} Na\u{306}\u{303}ng";
    let bytes = sealed(&file, attachment(decomposed), &identity);
    let text = bench.judges.text(&bytes);
    assert!(text.contains("Đà Nẵng"), "{text}");
    assert!(text.contains("23/11/2026 14:05:09 +07:00"), "{text}");
    let date = b"/M (D:20261123140509+07'00')";
    assert!(bytes.windows(date.len()).any(|window| window == date));
}

#[test]
fn the_mark_stands_upright_at_the_top_right_of_the_page_as_shown() {
    let bench = Bench::new(KeyKind::P256);
    let identity = pki::identity_of(bench.pki.agency());
    for rotate in [0, 90, 180, 270, -90, 450] {
        for (boxes, wide, high) in [
            ("/MediaBox [0 0 595 842]", 595.0, 842.0),
            ("/MediaBox [-50 -80 545 762]", 595.0, 842.0),
            (
                "/MediaBox [595 842 0 0] /CropBox [100 50 500 700]",
                400.0,
                650.0,
            ),
        ] {
            let page = format!("{boxes} /Rotate {rotate}");
            let file = PdfFile::new(XrefKind::Stream).page(&page).build();
            let bytes = sealed(&file, attachment("Số:123/QĐ-UBND"), &identity);
            let shown = if rotate % 180 == 0 {
                (wide, high)
            } else {
                (high, wide)
            };
            let [left, top, right, bottom] = bench.word(&bytes, "Số:123/QĐ-UBND");
            let what = format!("{page}: {left} {top} {right} {bottom}");
            assert!((right - (shown.0 - 20.0)).abs() < 0.5, "{what}");
            assert!(top > 15.0 && bottom < 35.0 && right - left > 60.0, "{what}");
        }
    }
}

impl Bench {
    /// Where poppler sees a word, in points from the top left of the page as shown: left, top,
    /// right, bottom. A word that lies on its side or upside down has no such place.
    fn word(&self, bytes: &[u8], word: &str) -> [f64; 4] {
        let file = self.judges.file(bytes);
        let boxes = ask(
            "pdftotext",
            &[
                Path::new("-cropbox"),
                Path::new("-bbox"),
                &file,
                Path::new("-"),
            ],
        );
        let line = boxes.said.lines().find(|line| line.contains(word));
        let line = line.unwrap_or_else(|| panic!("{word} is not on the page: {}", boxes.said));
        ["xMin", "yMin", "xMax", "yMax"].map(|side| {
            let value = line.split(&format!("{side}=\"")).nth(1).unwrap();
            value.split('"').next().unwrap().parse().unwrap()
        })
    }
}

#[test]
fn a_mark_that_cannot_be_set_is_refused() {
    let file = PdfFile::new(XrefKind::Table).build();
    for text in ["", "  ", "Số\n1", "😀", &"x".repeat(121)] {
        let refused = prepared(&file, &attachment(text));
        assert!(
            matches!(refused, Err(Refusal::FieldInvalid(_))),
            "{text:?}: {refused:?}"
        );
    }
    assert!(prepared(&file, &attachment(&"x".repeat(120))).is_ok());

    let tiny = PdfFile::new(XrefKind::Table)
        .page("/MediaBox [0 0 30 30]")
        .build();
    assert!(matches!(
        prepared(&tiny, &attachment("Số: 1")),
        Err(Refusal::FieldInvalid(_))
    ));
    assert!(prepared(&tiny, &request()).is_ok());
}

#[test]
fn the_room_for_a_signature_has_bounds() {
    let file = PdfFile::new(XrefKind::Table).build();
    let room = |contents_bytes| {
        prepared(
            &file,
            &SealRequest {
                contents_bytes,
                ..request()
            },
        )
    };
    assert!(room(1).is_ok());
    assert!(room(1 << 20).is_ok());
    for wrong in [0, (1 << 20) + 1] {
        assert!(matches!(room(wrong), Err(Refusal::FieldInvalid(_))));
    }
    let revision = room(3).unwrap();
    assert!(revision.clone().filled(&[1, 2, 3, 4]).is_err());
    let filled = revision.clone().filled(&[1, 2, 3]).unwrap();
    assert_eq!(filled.len(), revision.appended.len());
    assert!(String::from_utf8_lossy(&filled).contains("/Contents <010203>\n>>"));
}

proptest! {
    #[test]
    fn a_request_survives_the_way_to_another_process(seconds in 0_i64..4_000_000_000, number in ".{0,20}") {
        let offset = time::UtcOffset::from_hms(7, 0, 0).unwrap();
        let signed_at = time::OffsetDateTime::from_unix_timestamp(seconds).unwrap().to_offset(offset);
        let request = SealRequest { signed_at, ..attachment(&number) };
        let written = serde_json::to_string(&request).unwrap();
        prop_assert_eq!(serde_json::from_str::<SealRequest>(&written).unwrap(), request);
    }
}

/// The letters of Vietnamese beyond plain ASCII, capitals and small: 67 of each.
const VIETNAMESE: &str = "ÀÁẢÃẠĂẰẮẲẴẶÂẦẤẨẪẬĐÈÉẺẼẸÊỀẾỂỄỆÌÍỈĨỊÒÓỎÕỌÔỒỐỔỖỘƠỜỚỞỠỢÙÚỦŨỤƯỪỨỬỮỰỲÝỶỸỴ\
                          àáảãạăằắẳẵặâầấẩẫậđèéẻẽẹêềếểễệìíỉĩịòóỏõọôồốổỗộơờớởỡợùúủũụưừứửữựỳýỷỹỵ";
