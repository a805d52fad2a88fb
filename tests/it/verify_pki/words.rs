//! Answers about revocation that hide others, or that the wrong ones give.

use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use trao::pades::{Indication, Level, SignatureVerdict, SubIndication};

use super::{LASTING, OVER, first, signer};
use crate::support::lab::{
    self, Extras, HONEST, Holder, OCSP_SIGNING, Span, Word, crl, crl_with, extension, generalized,
    ocsp, ocsp_with, signed, token, with_answers,
};

const THEN: OffsetDateTime = datetime!(2019-06-01 0:00 UTC);
/// An answer made right after.
const WEEK: Span = (THEN, datetime!(2019-06-08 0:00 UTC));
/// One made when the signer's certificate had ended.
const LATER: Span = (
    datetime!(2021-03-01 0:00 UTC),
    datetime!(2021-04-01 0:00 UTC),
);

/// A signature time-stamped at [`THEN`] by an authority that lasts, and all who had a part in it.
struct Past {
    root: Holder,
    signer: Holder,
    /// What the time-stamp's authority rests on.
    tsa_good: Vec<u8>,
    file: Vec<u8>,
}

impl Past {
    fn new() -> Self {
        let root = Holder::root();
        let (signer, tsa) = (signer(&root, OVER), root.tsa(LASTING));
        let file = signed(&signer, THEN, &|value| {
            vec![token(&tsa, value, THEN, HONEST)]
        });
        Self {
            tsa_good: ocsp(&tsa, &root, &root, Word::Good, WEEK),
            root,
            signer,
            file,
        }
    }

    fn word(&self, word: Word, span: Span) -> Vec<u8> {
        ocsp(&self.signer, &self.root, &self.root, word, span)
    }

    /// The verdict with these answers in the file.
    fn judged(&self, ocsps: &[Vec<u8>], crls: &[Vec<u8>]) -> SignatureVerdict {
        let ocsps = [ocsps, std::slice::from_ref(&self.tsa_good)].concat();
        first(&with_answers(&self.file, &ocsps, crls), &self.root)
    }
}

#[test]
fn a_revocation_is_hidden_by_a_later_answer() {
    let past = Past::new();
    let revoked = past.word(Word::Revoked(THEN - Duration::days(30)), WEEK);
    let list = crl(&past.root, &[], (THEN + Duration::days(9), LATER.1));
    let good = past.word(Word::Good, (THEN + Duration::days(9), LATER.1));
    for (ocsps, crls) in [
        (vec![revoked.clone()], vec![]),
        (vec![revoked.clone()], vec![list]),
        (vec![revoked, good], vec![]),
    ] {
        let verdict = past.judged(&ocsps, &crls);
        assert_eq!(verdict.indication, Indication::TotalFailed);
        assert_eq!(verdict.sub_indication, Some(SubIndication::Revoked));
    }
}

#[test]
fn a_hold_that_was_taken_back_is_none() {
    let past = Past::new();
    let held = Word::OnHold(THEN - Duration::days(30));
    let good = past.word(Word::Good, (THEN + Duration::days(9), LATER.1));
    let list = crl(&past.root, &[(&past.signer, held)], WEEK);
    for (ocsps, crls) in [
        (vec![past.word(held, WEEK), good.clone()], vec![]),
        (vec![good], vec![list.clone()]),
    ] {
        let verdict = past.judged(&ocsps, &crls);
        assert_eq!(verdict.indication, Indication::TotalPassed, "{verdict:?}");
    }
    let verdict = past.judged(&[], &[list]);
    assert_eq!(verdict.sub_indication, Some(SubIndication::Revoked));
}

#[test]
fn an_answer_made_after_the_certificates_end_tells_nothing() {
    let past = Past::new();
    let since = |at| generalized(at);
    let list = |at| {
        let expired = extension("2.5.29.60", &since(at));
        crl_with(&past.root, &[], LATER, &expired, None)
    };
    let answer = |at| {
        let cutoff = extension("1.3.6.1.5.5.7.48.1.6", &since(at));
        let more = lab::tlv(0xa1, &lab::seq(&[&cutoff]));
        ocsp_with(
            &past.signer,
            &past.root,
            &past.root,
            Word::Good,
            LATER,
            &more,
        )
    };
    for (ocsps, crls) in [
        (vec![], vec![crl(&past.root, &[], LATER)]),
        (vec![past.word(Word::Good, LATER)], vec![]),
        (vec![], vec![list(OVER.1 + Duration::days(1))]),
        (vec![answer(OVER.1 + Duration::days(1))], vec![]),
    ] {
        let verdict = past.judged(&ocsps, &crls);
        assert_eq!(verdict.level, Level::BT, "{verdict:?}");
        assert_eq!(verdict.sub_indication, Some(SubIndication::TryLater));
    }
    // Those that say that they remember the ended ones count.
    for (ocsps, crls) in [(vec![], vec![list(THEN)]), (vec![answer(THEN)], vec![])] {
        let verdict = past.judged(&ocsps, &crls);
        assert_eq!(verdict.level, Level::BLt, "{verdict:?}");
        assert_eq!(verdict.indication, Indication::TotalPassed);
    }
}

/// The verdict on what a responder with these extras answers, with these lists beside.
fn answered_by(
    past: &Past,
    extras: Extras<'_>,
    lists: impl Fn(&Holder) -> Vec<Vec<u8>>,
) -> SignatureVerdict {
    let responder = past.root.issue("OCSP", LASTING, extras);
    let answer = ocsp(&past.signer, &past.root, &responder, Word::Good, WEEK);
    past.judged(&[answer], &lists(&responder))
}

const RESPONDER: Extras<'_> = Extras {
    usages: &[OCSP_SIGNING],
    is_lax: false,
    is_unchecked: false,
    is_weak: false,
    ocsp: "",
    crl: "",
};

#[test]
fn a_responder_that_may_be_revoked_answers() {
    let past = Past::new();
    let nothing = |_: &Holder| Vec::new();
    let about = |responder: &Holder, word| {
        // Of its own the list would tell of the signer: it is over before that certificate is used.
        let before = (THEN - Duration::days(2), THEN + Duration::days(8));
        vec![crl(
            &past.root,
            &[(responder, word), (&past.signer, HELD)],
            before,
        )]
    };
    let revoked = |responder: &Holder| about(responder, Word::Revoked(THEN - Duration::days(9)));
    let good = |responder: &Holder| about(responder, Word::Good);
    let unchecked = Extras {
        is_unchecked: true,
        ..RESPONDER
    };
    assert_eq!(answered_by(&past, RESPONDER, nothing).level, Level::BT);
    assert_eq!(answered_by(&past, unchecked, nothing).level, Level::BLt);
    assert_eq!(answered_by(&past, RESPONDER, good).level, Level::BLt);
    let verdict = answered_by(&past, RESPONDER, revoked);
    assert_eq!(verdict.sub_indication, Some(SubIndication::Revoked));
}

/// Outweighed by any newer answer that is heard.
const HELD: Word = Word::OnHold(datetime!(2019-01-01 0:00 UTC));

#[test]
fn a_responder_answers_with_a_weak_key() {
    let past = Past::new();
    let weak = Extras {
        is_unchecked: true,
        is_weak: true,
        ..RESPONDER
    };
    let verdict = answered_by(&past, weak, |_| Vec::new());
    assert_eq!(verdict.level, Level::BT, "{verdict:?}");
}

#[test]
fn a_list_names_another_algorithm_than_it_is_signed_by() {
    let past = Past::new();
    let list = |inner| crl_with(&past.root, &[], WEEK, &[], inner);
    let ecdsa_with_sha384 = Some("1.2.840.10045.4.3.3");
    assert_eq!(past.judged(&[], &[list(None)]).level, Level::BLt);
    assert_eq!(
        past.judged(&[], &[list(ecdsa_with_sha384)]).level,
        Level::BT
    );
}
