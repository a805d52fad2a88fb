//! Seals in fields whose authors say what the signature locks (`/Lock`) and how it is made (`/SV`).

use trao::pades::test_pki::KeyKind;
use trao::pades::{
    Appearance, ChangesAfter, Limits, Refusal, SealRequest, SigningIdentity, TrustAnchors, prepare,
    verify,
};

use crate::appearance::{order, with_field};
use crate::support::judges::Judges;
use crate::support::pdf_file::{PdfFile, XrefKind};
use crate::support::pki::{self, NOW};
use crate::support::seal::{request, sealed};

const IN_FIELD: &str = "[[item]]\nimage = \"seal\"\n[place]\nfield = \"Ky\"";

fn in_field(reason: Option<&str>) -> SealRequest {
    SealRequest {
        appearance: Appearance::Mark(Box::new(order(IN_FIELD))),
        reason: reason.map(str::to_owned),
        ..request()
    }
}

struct Bench {
    identity: SigningIdentity,
    judges: Judges,
}

impl Bench {
    fn new() -> Self {
        let pki = pki::pki(KeyKind::P256);
        Self {
            identity: pki::identity_of(pki.agency()),
            judges: Judges::trusting(&pki),
        }
    }
}

/// A page with a text field `amount` and an empty signature field that has these entries more.
fn form(more: &str) -> Vec<u8> {
    let field = format!(
        "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Ky) /P 3 0 R /Rect [200 300 272 372] {more} >>"
    );
    PdfFile::new(XrefKind::Table)
        .catalog("/AcroForm << /Fields [10 0 R 11 0 R] >>")
        .page("/MediaBox [0 0 595 842] /Annots [10 0 R 11 0 R]")
        .object(10, &field)
        .object(11, &amount(100))
        .build()
}

fn amount(value: u32) -> String {
    format!(
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (amount) /V ({value}) /P 3 0 R /F 4 \
         /Rect [20 30 90 50] >>"
    )
}

/// The file with another amount in its form.
fn filled(file: &[u8]) -> Vec<u8> {
    let at = file.len() + 1;
    let object = format!("11 0 obj\n{}\nendobj\n", amount(999));
    let text = String::from_utf8_lossy(file);
    let number = |key: &str| {
        let value = text.rsplit(key).next().unwrap();
        value.split_whitespace().next().unwrap().to_owned()
    };
    let (size, before) = (number("/Size "), number("startxref"));
    let table = at + object.len();
    let tail = format!(
        "xref\n11 1\n{at:010} 00000 n \ntrailer\n<< /Size {size} /Root 1 0 R /Prev {before} >>\n\
         startxref\n{table}\n%%EOF\n"
    );
    [file, b"\n", object.as_bytes(), tail.as_bytes()].concat()
}

#[test]
fn a_seal_locks_what_the_author_of_its_field_wants_locked() {
    let bench = Bench::new();
    for (rule, is_locked) in [
        ("/Action /All", true),
        ("/Action /Include /Fields [(amount)]", true),
        ("/Action /Include /Fields [<FEFF1EE2> (a\\(b)]", false),
        ("/Action /Exclude /Fields [(other)]", true),
        ("/Action /Exclude /Fields [(amount)]", false),
        ("/Action /Unheard /Fields [(amount)]", false),
    ] {
        let file = form(&format!("/Lock << /Type /SigFieldLock {rule} >>"));
        let once = sealed(&file, in_field(None), &bench.identity);
        bench.judges.holds_valid(&once, rule);
        bench.judges.holds_trusted(&once, rule);
        let later = filled(&once);
        let report = verify(&later, &Limits::default(), &TrustAnchors::default(), NOW).unwrap();
        let is_caught = report.signatures[0].changes_after != ChangesAfter::Permitted;
        assert_eq!(is_caught, is_locked, "{rule}");
        let verdict = bench.judges.trusted(&later);
        assert_eq!(verdict.is_err(), is_locked, "{rule}: {verdict:?}");
    }
}

#[test]
fn the_lock_is_in_the_signature_itself() {
    let bench = Bench::new();
    let file = form("/Lock << /Type /SigFieldLock /Action /Include /Fields [(amount)] >>");
    let once = sealed(&file, in_field(None), &bench.identity);
    // Without the author's words the signature's own still bind.
    let text = String::from_utf8_lossy(&once).into_owned();
    let reference = text.rsplit("/Reference ").next().unwrap();
    for part in [
        "/TransformMethod /FieldMDP",
        "/Fields [(amount)]",
        "/Action /Include",
        "/Data 1 0 R",
    ] {
        assert!(reference.contains(part), "{part}: {reference}");
    }
}

#[test]
fn conditions_that_a_seal_meets_are_met_and_others_are_named() {
    let bench = Bench::new();
    let refusal = |file: &[u8], reason: Option<&str>| {
        let request = in_field(reason);
        match prepare(&file.to_vec(), &Limits::default(), &request) {
            Ok(_) => {
                bench
                    .judges
                    .holds_valid(&sealed(file, request, &bench.identity), "conditions met");
                None
            }
            Err(Refusal::FieldInvalid(why)) => Some(why),
            Err(other) => panic!("{other}"),
        }
    };
    let reason = Some("Ban hành");
    for (seed, reason, unmet) in [
        ("/Ff 0 /Reasons [(x)]", None, None),
        ("/Ff 1 /Filter /Adobe.PPKLite", None, None),
        ("/Ff 1 /Filter /Other", None, Some("/Filter")),
        (
            "/Ff 2 /SubFilter [/adbe.pkcs7.detached /ETSI.CAdES.detached]",
            None,
            None,
        ),
        (
            "/Ff 2 /SubFilter [/adbe.pkcs7.detached]",
            None,
            Some("/SubFilter"),
        ),
        ("/Ff 4 /V 2", None, None),
        ("/Ff 4 /V 4", None, Some("/V")),
        (
            "/Ff 8 /Reasons [(x) <FEFF00420061006E0020006800E0006E0068>]",
            None,
            Some("/Reasons"),
        ),
        ("/Ff 8 /Reasons [(.)]", None, None),
        ("/Ff 8 /Reasons [(.)]", reason, Some("/Reasons")),
        (
            "/Ff 8 /Reasons [<FEFF00420061006E0020006800E0006E0068>]",
            reason,
            None,
        ),
        ("/Ff 64 /DigestMethod [/SHA256]", None, Some("/Ff")),
        ("/Ff 128 /LockDocument true", None, Some("/Ff")),
        ("/Cert << /Type /SVCert /Ff 1 >>", None, Some("Cert")),
        (
            "/TimeStamp << /URL (http://t) /Ff 1 >>",
            None,
            Some("TimeStamp"),
        ),
        ("/TimeStamp << /URL (http://t) /Ff 0 >>", None, None),
        ("/MDP << /P 2 >>", None, Some("/MDP")),
        ("/MDP << /P 0 >>", None, None),
    ] {
        let said = refusal(&with_field(&format!("/SV << {seed} >>")), reason);
        let is_as_told = match (&said, unmet) {
            (None, None) => true,
            (Some(said), Some(unmet)) => said.ends_with(unmet),
            _ => false,
        };
        assert!(is_as_told, "{seed}: {said:?}");
    }
}

/// A page with an empty signature field whose widgets are objects of their own.
fn with_widgets(rects: &[&str]) -> Vec<u8> {
    let numbers: Vec<u32> = (11..).take(rects.len()).collect();
    let listed: Vec<String> = numbers
        .iter()
        .map(|number| format!("{number} 0 R"))
        .collect();
    let listed = listed.join(" ");
    let mut file = PdfFile::new(XrefKind::Table)
        .catalog("/AcroForm << /Fields [10 0 R] >>")
        .page(&format!("/MediaBox [0 0 595 842] /Annots [{listed}]"))
        .object(10, &format!("<< /FT /Sig /T (Ky) /Kids [{listed}] >>"));
    for (number, rect) in numbers.into_iter().zip(rects) {
        let widget = format!(
            "<< /Type /Annot /Subtype /Widget /Parent 10 0 R /P 3 0 R /F 4 /Rect {rect} >>"
        );
        file = file.object(number, &widget);
    }
    file.build()
}

#[test]
fn a_field_whose_widget_is_an_object_of_its_own_is_held_signed_by_all_judges() {
    let bench = Bench::new();
    let file = with_widgets(&["[200 300 272 372]"]);
    let once = sealed(&file, in_field(None), &bench.identity);
    bench.judges.hold(&once, "a widget apart");
    let later = sealed(&once, request(), &bench.identity);
    bench.judges.hold(&later, "a widget apart, sealed again");
    // pyHanko knows of no widget apart when it looks for what a later revision may touch.
    let before = sealed(&file, request(), &bench.identity);
    let filled = sealed(&before, in_field(None), &bench.identity);
    bench.judges.sound(&filled).unwrap();
    for file in [later, filled] {
        let report = verify(&file, &Limits::default(), &TrustAnchors::default(), NOW).unwrap();
        let mut names: Vec<&str> = report.signatures.iter().map(|each| &*each.field).collect();
        names.sort_unstable();
        assert_eq!(names, ["Ky", "Trao-1"], "each is one signature");
        for signature in &report.signatures {
            assert_ne!(signature.changes_after, ChangesAfter::Suspicious);
        }
    }
}

#[test]
fn a_field_that_stands_at_several_places_takes_no_seal() {
    let file = with_widgets(&["[200 300 272 372]", "[300 300 372 372]"]);
    let refused = prepare(&file, &Limits::default(), &in_field(None)).unwrap_err();
    assert_eq!(refused.code(), "field_invalid");
    assert!(refused.to_string().contains("several places"), "{refused}");
}
