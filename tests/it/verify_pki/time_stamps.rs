//! Time-stamps that nobody vouches for any more, or that contradict each other.

use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use trao::pades::{Level, SignatureVerdict, SubIndication};

use super::{CURRENT, LASTING, NOW, OVER, first, is_open, signer};
use crate::support::lab::{
    Extras, Form, HONEST, Holder, OCSP_SIGNING, TIME_STAMPING, Word, bare, judged, ocsp, seq,
    signed, signed_as, stamped, tlv, token, token_with, with_answers,
};
use crate::support::pdf::{Dictionary, draft};
use crate::support::verdict::changed;

const THEN: OffsetDateTime = datetime!(2019-06-01 0:00 UTC);

/// Signed and stamped at [`THEN`] by somebody and an authority that have ended both, with good
/// answers about them of that time.
fn past(root: &Holder, tsa: &Holder) -> Vec<u8> {
    let signer = signer(root, OVER);
    let file = signed(&signer, THEN, &|value| {
        vec![token(tsa, value, THEN, HONEST)]
    });
    let week = (THEN, THEN + Duration::days(7));
    let answers = [&signer, tsa].map(|about| ocsp(about, root, root, Word::Good, week));
    with_answers(&file, &answers, &[])
}

#[test]
fn an_ended_authority_stamps_a_past() {
    let root = Holder::root();
    let tsa = root.tsa(OVER);
    let file = past(&root, &tsa);
    let archived = stamped(&file, 1, &tsa, THEN + Duration::days(1));
    for file in [file, archived] {
        let verdict = first(&file, &root);
        is_open(&verdict, SubIndication::OutOfBoundsNoPoe);
        assert_eq!(verdict.level, Level::BB);
        let findings = ["time_stamp_untrusted", "certificate_expired"];
        assert_eq!(verdict.findings, findings);
    }
}

#[test]
fn an_ended_authority_is_believed_when_renewed_in_time() {
    let root = Holder::root();
    let (tsa, next) = (root.tsa(OVER), root.tsa(LASTING));
    let file = past(&root, &tsa);
    let renewed = stamped(&file, 1, &next, THEN + Duration::days(30));
    let report = judged(&renewed, &root, NOW);
    assert!(report.valid, "{report:?}");
    assert_eq!(report.signatures[0].level, Level::BLta);

    let late = stamped(&file, 1, &next, OVER.1 + Duration::days(1));
    let verdict = first(&late, &root);
    is_open(&verdict, SubIndication::OutOfBoundsNoPoe);
}

#[test]
fn an_archive_time_stamp_renewed_too_late_is_told() {
    let root = Holder::root();
    let (short, lasting) = (root.tsa(OVER), root.tsa(LASTING));
    let file = stamped(&past(&root, &lasting), 1, &short, THEN + Duration::days(1));
    let late = stamped(&file, 2, &lasting, OVER.1 + Duration::days(1));
    let report = judged(&late, &root, NOW);
    let good: Vec<_> = report
        .signatures
        .iter()
        .map(SignatureVerdict::is_good)
        .collect();
    assert_eq!(good, [true, false, true]);
    is_open(&report.signatures[1], SubIndication::OutOfBoundsNoPoe);
    assert!(!report.valid);
}

#[test]
fn a_time_stamp_over_another_tells_an_earlier_time() {
    let root = Holder::root();
    let (signer, tsa) = (signer(&root, CURRENT), root.tsa(LASTING));
    let inner = datetime!(2026-01-10 0:00 UTC);
    let file = signed(&signer, inner, &|value| {
        vec![token(&tsa, value, inner, HONEST)]
    });
    let before = stamped(&file, 1, &tsa, inner - Duration::days(180));
    let verdict = first(&before, &root);
    is_open(&verdict, SubIndication::TimestampOrderFailure);
    assert_eq!(verdict.findings, ["time_stamp_order"]);

    // The clocks of two authorities may differ a little.
    let nearly = stamped(&file, 1, &tsa, inner - Duration::minutes(1));
    assert!(judged(&nearly, &root, NOW).valid);

    let outer = stamped(&file, 1, &tsa, inner + Duration::days(2));
    let between = stamped(&outer, 2, &tsa, inner + Duration::days(1));
    let report = judged(&between, &root, NOW);
    is_open(&report.signatures[1], SubIndication::TimestampOrderFailure);
}

#[test]
fn the_inner_of_two_time_stamps_of_one_second_proves_and_the_outer_archives() {
    let root = Holder::root();
    let (signer, tsa) = (signer(&root, CURRENT), root.tsa(LASTING));
    let at = datetime!(2026-01-10 0:00 UTC);
    let week = (at, at + Duration::days(7));
    let answers = [&signer, &tsa].map(|about| ocsp(about, &root, &root, Word::Good, week));
    let inner = stamped(&signed(&signer, at, &bare), 1, &tsa, at);
    let answered = with_answers(&inner, &answers, &[]);
    assert_eq!(first(&answered, &root).level, Level::BLt);
    // The clocks of two authorities may differ a little.
    for outer in [at, at - Duration::seconds(1)] {
        let verdict = first(&stamped(&answered, 2, &tsa, outer), &root);
        assert_eq!((verdict.level, verdict.at()), (Level::BLta, Some(at)));
    }
}

/// The level of a file with a token that has this behind its time.
fn with_more(more: &[u8]) -> (Level, Vec<String>) {
    let root = Holder::root();
    let (signer, tsa) = (signer(&root, CURRENT), root.tsa(LASTING));
    let at = datetime!(2026-01-10 0:00 UTC);
    let file = signed(&signer, at, &|value| {
        vec![token_with(&tsa, value, at, HONEST, more)]
    });
    let verdict = first(&file, &root);
    (verdict.level, verdict.findings)
}

#[test]
fn a_time_stamp_says_more_than_is_understood() {
    let extension = |critical: &[u8]| {
        let kind = [0x06, 0x03, 0x2a, 0x03, 0x04];
        tlv(0xa1, &seq(&[&kind, critical, &tlv(0x04, &[5, 0])]))
    };
    let accuracy = seq(&[&tlv(0x02, &[1])]);
    for harmless in [Vec::new(), accuracy, extension(&[])] {
        assert_eq!(with_more(&harmless), (Level::BT, Vec::new()));
    }
    let invalid = (Level::BB, vec!["time_stamp_invalid".to_owned()]);
    for harmful in [extension(&[1, 1, 0xff]), tlv(0xa2, &[])] {
        assert_eq!(with_more(&harmful), invalid);
    }
}

#[test]
fn a_signature_bears_several_time_stamps() {
    let root = Holder::root();
    let (signer, tsa) = (signer(&root, CURRENT), root.tsa(LASTING));
    let at = datetime!(2026-01-10 0:00 UTC);
    let file = signed(&signer, at, &|value| {
        let later = token(&tsa, value, at + Duration::days(1), HONEST);
        vec![later, token(&tsa, value, at, HONEST)]
    });
    let verdict = first(&file, &root);
    assert_eq!(verdict.at(), Some(at));
    assert_eq!(verdict.level, Level::BT);
}

#[test]
fn a_time_stamp_signs_no_attributes_or_names_no_certificate() {
    let root = Holder::root();
    let (signer, tsa) = (signer(&root, CURRENT), root.tsa(LASTING));
    let at = datetime!(2026-01-10 0:00 UTC);
    for form in [UNATTRIBUTED, UNNAMED] {
        let file = signed(&signer, at, &|value| vec![token(&tsa, value, at, form)]);
        let verdict = first(&file, &root);
        assert_eq!(verdict.level, Level::BB);
        assert_eq!(verdict.findings, ["time_stamp_invalid"]);
    }
}

#[test]
fn a_signature_signs_no_attributes() {
    let root = Holder::root();
    let signer = signer(&root, CURRENT);
    let file = signed_as(UNATTRIBUTED, "ETSI.CAdES.detached", &signer, NOW, &bare);
    assert_eq!(first(&file, &root).findings, ["cms_malformed"]);
    // Older forms may be without (RFC 5652 §5.3).
    let file = signed_as(UNATTRIBUTED, "adbe.pkcs7.detached", &signer, NOW, &bare);
    assert!(first(&file, &root).is_good());
}

#[test]
fn one_who_stamps_or_answers_signs_a_document() {
    let root = Holder::root();
    for usage in [TIME_STAMPING, OCSP_SIGNING] {
        let extras = Extras {
            usages: &[usage],
            ..Extras::default()
        };
        let file = signed(&root.issue("Other", CURRENT, extras), NOW, &bare);
        is_open(&first(&file, &root), SubIndication::ChainConstraintsFailure);
    }
    // RFC 9336, and what certificates of agencies have.
    for usage in [
        "1.3.6.1.5.5.7.3.36",
        "1.3.6.1.5.5.7.3.4",
        "1.3.6.1.5.5.7.3.2",
    ] {
        let extras = Extras {
            usages: &[usage],
            ..Extras::default()
        };
        let file = signed(&root.issue("Agency", CURRENT, extras), NOW, &bare);
        assert!(first(&file, &root).is_good(), "{usage}");
    }
}

const UNATTRIBUTED: Form = Form {
    has_attributes: false,
    names_certificate: false,
    is_sha1: false,
};
const UNNAMED: Form = Form {
    has_attributes: true,
    names_certificate: false,
    is_sha1: false,
};

/// The file with a document time-stamp that is shown on its page.
fn shown(file: &[u8], stamp: &Dictionary<'_>, tsa: &Holder) -> Vec<u8> {
    let draft = draft(file, 1, stamp);
    let covered = draft.covered(draft.honest_range());
    draft.fill(&token(tsa, &covered, THEN, HONEST))
}

/// Anybody gets one from an authority, over whatever picture.
#[test]
fn a_time_stamp_that_is_seen_on_a_page_changes_what_was_signed() {
    let root = Holder::root();
    let (signer, tsa) = (signer(&root, LASTING), root.tsa(LASTING));
    let file = signed(&signer, THEN, &bare);
    let look = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Length 0>>stream\n\nendstream";
    let widget = "/Subtype/Widget/Rect[0 0 595 842]/AP<</N 30 0 R>>";
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Annots[31 0 R]>>";
    let beside = format!("<<{widget}>>");
    let file = changed(&file, &[(30, look), (31, &beside)]);
    let listed = changed(&file, &[(3, page)]);
    let stamp = |kind, field| Dictionary {
        kind,
        sub_filter: "ETSI.RFC3161",
        time: None,
        field,
        ..Dictionary::default()
    };
    for (file, stamp, is_good) in [
        (&file, stamp("DocTimeStamp", ""), true),
        (&file, stamp("DocTimeStamp", widget), false),
        (&file, stamp("Sig", widget), false),
        (&listed, stamp("DocTimeStamp", "/Kids[31 0 R]"), false),
    ] {
        let report = judged(&shown(file, &stamp, &tsa), &root, NOW);
        assert_eq!(report.valid, is_good, "{report:?}");
        assert!(report.signatures[1].is_good(), "{report:?}");
    }
}
