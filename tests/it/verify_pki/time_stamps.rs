//! Time-stamps that nobody vouches for any more, or that contradict each other.

use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use trao::pades::{Level, SignatureVerdict, SubIndication};

use super::{CURRENT, LASTING, NOW, OVER, first, is_open, signer};
use crate::support::lab::{
    HONEST, Holder, Word, judged, ocsp, signed, stamped, token, with_answers,
};

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
