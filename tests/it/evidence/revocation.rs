//! Which answers about revocation are taken for one (RFC 6960 §3.2, RFC 5280 §6.3), by the client
//! that asks before a key is used. What is not taken is as good as no answer.

use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use trao::evidence::{Evidence, EvidenceError};
use trao::model::Clock;
use trao::pades::{RevocationAnswer, RevocationStatus};

use super::egress;
use crate::support::lab::{
    Extras, Holder, OCSP_SIGNING, Oddity, Span, Word, crl, crl_by_sha1, crl_with, extension, ocsp,
    ocsp_odd, oid, seq, tlv,
};
use crate::support::pki::NOW;
use crate::support::told::Told;

const LASTING: Span = (
    datetime!(2020-01-01 0:00 UTC),
    datetime!(2040-01-01 0:00 UTC),
);
const NONCE: &str = "1.3.6.1.5.5.7.48.1.2";
const DELTA: &str = "2.5.29.27";
const ISSUING_DISTRIBUTION_POINT: &str = "2.5.29.28";

/// A certificate, its issuer, and the two that are asked about it.
struct Desk {
    told: Told,
    root: Holder,
    signer: Holder,
    /// Whom the root charged with answering.
    responder: Holder,
    /// The signer's certificate counts from then on.
    begin: OffsetDateTime,
}

impl Desk {
    fn new() -> Self {
        let (told, root) = (Told::start(), Holder::root());
        let (ocsp, crl) = (told.ocsp_url(), told.crl_url());
        let begin = NOW - Duration::days(3);
        let addresses = Extras {
            ocsp: &ocsp,
            crl: &crl,
            ..Extras::default()
        };
        Self {
            signer: root.issue("Agency", (begin, LASTING.1), addresses),
            responder: root.issue("OCSP", LASTING, CHARGED),
            told,
            root,
            begin,
        }
    }

    /// An honest answer of a responder.
    fn answer(&self, by: &Holder, word: Word, span: Span) -> Vec<u8> {
        ocsp(&self.signer, &self.root, by, word, span)
    }

    fn odd(&self, oddity: Oddity<'_>) -> Vec<u8> {
        let (by, word) = (&self.responder, Word::Good);
        ocsp_odd(&self.signer, &self.root, by, word, present(), oddity)
    }

    /// A list with this extension.
    fn list(&self, extension: &[u8]) -> Vec<u8> {
        crl_with(&self.root, &[], present(), extension, None)
    }

    /// What is learnt when both answer like this. Each time by one who remembers nothing.
    async fn asked(&self, ocsp: Vec<u8>, crl: Vec<u8>) -> Result<RevocationAnswer, EvidenceError> {
        self.told.set_ocsp(ocsp);
        self.told.set_crl(crl);
        let evidence = Evidence::new(egress(), Vec::new(), Clock::new(|| NOW));
        evidence
            .revocation(&self.signer.der(), &self.root.der())
            .await
    }

    /// Why this answer of the responder is none.
    async fn against_ocsp(&self, answer: Vec<u8>) -> String {
        let [ocsp, _] = refused(self.asked(answer, Vec::new()).await);
        ocsp
    }

    /// Why this list is none.
    async fn against_crl(&self, list: Vec<u8>) -> String {
        let [_, crl] = refused(self.asked(Vec::new(), list).await);
        crl
    }
}

fn refused(asked: Result<RevocationAnswer, EvidenceError>) -> [String; 2] {
    match asked {
        Err(EvidenceError::NoAnswer(why)) => why.try_into().unwrap(),
        other => panic!("{other:?}"),
    }
}

/// An answer that counts.
fn present() -> Span {
    (NOW - Duration::HOUR, NOW + Duration::DAY)
}

fn stale() -> Span {
    (NOW - Duration::days(2), NOW - Duration::HOUR)
}

fn future() -> Span {
    (NOW + Duration::HOUR, NOW + Duration::DAY)
}

fn critical(kind: &str, content: &[u8]) -> Vec<u8> {
    seq(&[&oid(kind), &[1, 1, 0xff], &tlv(0x04, content)])
}

/// `IssuingDistributionPoint` with these parts.
fn point(parts: &[u8]) -> Vec<u8> {
    critical(ISSUING_DISTRIBUTION_POINT, &seq(&[parts]))
}

fn named(address: &str) -> Vec<u8> {
    tlv(0xa0, &tlv(0xa0, &tlv(0x86, address.as_bytes())))
}

#[tokio::test]
async fn a_genuine_answer_is_taken_from_either() {
    let desk = Desk::new();
    for by in [&desk.root, &desk.responder] {
        let answer = desk.answer(by, Word::Good, present());
        let learnt = desk.asked(answer, Vec::new()).await.unwrap();
        assert_eq!(learnt.status, RevocationStatus::Good);
    }
    let single = extension("1.2.3", &[5, 0]);
    for odd in [
        Oddity {
            single: &tlv(0xa1, &seq(&[&single])),
            ..Oddity::default()
        },
        Oddity {
            whole: &single,
            ..Oddity::default()
        },
    ] {
        assert!(desk.asked(desk.odd(odd), Vec::new()).await.is_ok());
    }
    for whole in [
        crl(&desk.root, &[], present()),
        desk.list(&point(&named(&desk.told.crl_url()))),
        desk.list(&point(&tlv(0x81, &[0xff]))),
    ] {
        let learnt = desk.asked(Vec::new(), whole).await.unwrap();
        assert_eq!(learnt.status, RevocationStatus::Good);
    }
}

#[tokio::test]
async fn a_revocation_is_learnt_from_either() {
    let desk = Desk::new();
    let word = Word::Revoked(NOW - Duration::DAY);
    for span in [present(), stale()] {
        let answer = desk.answer(&desk.responder, word, span);
        let list = crl(&desk.root, &[(&desk.signer, word)], span);
        for (ocsp, crl) in [(answer, Vec::new()), (Vec::new(), list)] {
            let learnt = desk.asked(ocsp, crl).await.unwrap();
            assert!(learnt.status.revoked_for_good().is_some());
        }
    }
    let held = Word::OnHold(NOW - Duration::DAY);
    let list = crl(&desk.root, &[(&desk.signer, held)], stale());
    let said = desk.against_crl(list).await;
    assert!(
        said.contains("out of date"),
        "a hold may have ended: {said}"
    );
}

const CHARGED: Extras<'_> = Extras {
    usages: &[OCSP_SIGNING],
    is_lax: false,
    is_unchecked: true,
    is_weak: false,
    ocsp: "",
    crl: "",
};

#[tokio::test]
async fn an_answer_of_one_who_may_not_answer_is_none() {
    let desk = Desk::new();
    let stranger = Holder::root();
    let ended = (LASTING.0, NOW - Duration::DAY);
    let doubtful = Extras {
        is_unchecked: false,
        ..CHARGED
    };
    let weak = Extras {
        is_weak: true,
        ..CHARGED
    };
    let below = |span, extras| desk.root.issue("OCSP", span, extras);
    let unauthorised = "not signed by the issuer or for it";
    for (what, by, why) in [
        ("uncharged", below(LASTING, Extras::default()), unauthorised),
        ("ended", below(ended, CHARGED), unauthorised),
        ("in doubt", below(LASTING, doubtful), "nobody vouches"),
        ("of a short key", below(LASTING, weak), "not supported"),
        (
            "a stranger's",
            stranger.issue("OCSP", LASTING, CHARGED),
            unauthorised,
        ),
        ("a stranger", stranger, unauthorised),
    ] {
        let answer = desk.answer(&by, Word::Good, present());
        let said = desk.against_ocsp(answer).await;
        assert!(said.contains(why), "{what}: {said}");
    }
}

#[tokio::test]
async fn an_answer_of_a_responder_that_proves_nothing_is_none() {
    let desk = Desk::new();
    let by = &desk.responder;
    let good = |span| desk.answer(by, Word::Good, span);
    let uncharged = desk.root.issue("Other", LASTING, Extras::default());
    let other = ocsp(&uncharged, &desk.root, by, Word::Good, present());
    let other_nonce = extension(NONCE, &tlv(0x04, &[9; 16]));
    let critical = tlv(0xa1, &seq(&[&critical("1.2.3", &[5, 0])]));
    let before = (desk.begin - Duration::SECOND, NOW + Duration::DAY);
    let none = Oddity::default();
    let other_nonce = Oddity {
        whole: &other_nonce,
        ..none
    };
    let critical = Oddity {
        single: &critical,
        ..none
    };
    let sha1 = Oddity {
        is_sha1: true,
        ..none
    };
    let unknown = desk.answer(by, Word::Unknown, present());
    let list = crl(&desk.root, &[], present());
    for (answer, why) in [
        (unknown, "not known there"),
        (seq(&[&tlv(0x0a, &[3])]), "refused with status 3"),
        (other, "about another certificate"),
        (desk.odd(other_nonce), "another nonce"),
        (desk.odd(critical), "not supported"),
        (desk.odd(sha1), "not supported"),
        (good(stale()), "out of date"),
        (good(future()), "out of date"),
        (good(before), "older than the certificate"),
        (Vec::new(), "malformed"),
        (vec![b'?'; 64], "malformed"),
        (list, "malformed"),
    ] {
        let said = desk.against_ocsp(answer).await;
        let is_said = said.starts_with("OCSP: ") && said.contains(why);
        assert!(is_said, "{why}: {said}");
    }
}

#[tokio::test]
async fn a_list_that_proves_nothing_is_none() {
    let desk = Desk::new();
    let by_root = |span| crl(&desk.root, &[], span);
    let (set, unsupported, other) = ([0xff], "not supported", "about another certificate");
    let before = (desk.begin - Duration::SECOND, NOW + Duration::DAY);
    let elsewhere = named("http://127.0.0.1:1/other");
    let ecdsa_with_sha384 = Some("1.2.840.10045.4.3.3");
    for (what, list, why) in [
        (
            "a delta",
            desk.list(&critical(DELTA, &tlv(0x02, &[1]))),
            unsupported,
        ),
        ("indirect", desk.list(&point(&tlv(0x84, &set))), unsupported),
        (
            "for some reasons",
            desk.list(&point(&tlv(0x83, &[6, 0x40]))),
            unsupported,
        ),
        (
            "of attribute certificates",
            desk.list(&point(&tlv(0x85, &set))),
            unsupported,
        ),
        ("of authorities", desk.list(&point(&tlv(0x82, &set))), other),
        ("of another point", desk.list(&point(&elsewhere)), other),
        (
            "what must be understood",
            desk.list(&critical("1.2.3", &[5, 0])),
            unsupported,
        ),
        (
            "a stranger of the same name",
            crl(&Holder::root(), &[], present()),
            "not signed by the issuer",
        ),
        ("another issuer", crl(&desk.signer, &[], present()), other),
        ("SHA-1", crl_by_sha1(&desk.root, present()), unsupported),
        (
            "two algorithms",
            crl_with(&desk.root, &[], present(), &[], ecdsa_with_sha384),
            "malformed",
        ),
        ("stale", by_root(stale()), "out of date"),
        ("future", by_root(future()), "out of date"),
        (
            "older than the certificate",
            by_root(before),
            "older than the certificate",
        ),
        ("nothing", Vec::new(), "malformed"),
        ("garbage", vec![b'?'; 64], "malformed"),
    ] {
        let said = desk.against_crl(list).await;
        assert!(
            said.starts_with("CRL: ") && said.contains(why),
            "{what}: {said}"
        );
    }
}
