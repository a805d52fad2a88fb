//! The time from which on a signature exists.

use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use trao::pades::{
    Chain, Indication, Level, Limits, Revocation, SubIndication, Trust, TrustAnchors, grounds,
};

use super::{CURRENT, LASTING, NOW, OVER, first, is_open, signer};
use crate::support::lab::{
    HONEST, Holder, Word, bare, crl, judged, ocsp, signed, token, with_answers,
};

const CLAIMED: OffsetDateTime = datetime!(2019-06-01 0:00 UTC);

/// An answer made at that time, good for a week.
fn week_of(at: OffsetDateTime) -> (OffsetDateTime, OffsetDateTime) {
    (at, at + Duration::days(7))
}

#[test]
fn an_ended_certificate_signs_for_a_past_that_it_claims() {
    let root = Holder::root();
    let thief = signer(&root, OVER);
    let file = signed(&thief, CLAIMED, &bare);
    let answer = ocsp(&thief, &root, &root, Word::Good, week_of(CLAIMED));
    for file in [with_answers(&file, &[answer], &[]), file] {
        let verdict = first(&file, &root);
        is_open(&verdict, SubIndication::OutOfBoundsNoPoe);
        assert_eq!(verdict.findings, ["certificate_expired"]);
        assert!(!verdict.is_good());
    }
}

#[test]
fn an_old_answer_stands_by_a_key_that_may_be_revoked_since() {
    let root = Holder::root();
    let thief = signer(&root, CURRENT);
    let claimed = datetime!(2026-01-10 12:00 UTC);
    let file = signed(&thief, claimed, &bare);
    let old = ocsp(&thief, &root, &root, Word::Good, week_of(claimed));
    let verdict = first(&with_answers(&file, &[old], &[]), &root);
    is_open(&verdict, SubIndication::TryLater);
    assert_eq!(verdict.revocation, Revocation::Unknown);

    let new = ocsp(
        &thief,
        &root,
        &root,
        Word::Good,
        week_of(NOW - Duration::days(1)),
    );
    let verdict = first(&with_answers(&file, &[new], &[]), &root);
    assert_eq!(verdict.indication, Indication::TotalPassed);
}

#[test]
fn a_certificate_signs_for_a_time_before_it_was() {
    let root = Holder::root();
    let early = signed(
        &signer(&root, CURRENT),
        datetime!(2024-06-01 0:00 UTC),
        &bare,
    );
    let verdict = first(&early, &root);
    is_open(&verdict, SubIndication::OutOfBoundsNoPoe);
    assert_eq!(verdict.findings, ["certificate_not_yet_valid"]);
}

#[test]
fn a_time_stamp_keeps_a_signature_beyond_its_certificate() {
    let root = Holder::root();
    let (signer, tsa) = (signer(&root, OVER), root.tsa(LASTING));
    let stamp = |value: &[u8]| vec![token(&tsa, value, CLAIMED, HONEST)];
    let file = signed(&signer, CLAIMED, &stamp);
    let report = judged(&file, &root, NOW);
    assert!(report.valid, "{report:?}");
    assert_eq!(report.signatures[0].chain, Chain::Trusted);
    let list = crl(&root, &[], week_of(CLAIMED));
    let verdict = first(&with_answers(&file, &[], &[list]), &root);
    assert_eq!(verdict.indication, Indication::TotalPassed);
}

#[test]
fn one_who_vouches_for_time_stamps_vouches_for_a_signer() {
    let (root, of_time) = (Holder::root(), Holder::root());
    let (insider, tsa) = (signer(&of_time, CURRENT), of_time.tsa(LASTING));
    let stamp = |value: &[u8]| vec![token(&tsa, value, NOW, HONEST)];
    let judged = |by: &Holder| {
        let [signers, authorities] =
            [&root, &of_time].map(|root| TrustAnchors::from_der(vec![root.der()]));
        let trust = Trust {
            signers: &signers,
            authorities: &authorities,
        };
        let file = signed(by, NOW, &stamp);
        let report = grounds(&file, &Limits::default(), trust, NOW)
            .unwrap()
            .report;
        (report.signatures[0].chain, report.signatures[0].level)
    };
    // Both roots have one name: a way is found, and its signature is not theirs.
    assert_eq!(judged(&insider), (Chain::Broken, Level::BT));
    assert_eq!(judged(&signer(&root, CURRENT)), (Chain::Trusted, Level::BT));
}
