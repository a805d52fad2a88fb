//! What an authority's answer must be to be taken (RFC 3161 §2.2 to §2.4).

use openssl::sha::sha256;
use time::Duration;
use time::macros::datetime;
use trao::pades::{DigestAlgorithm, TimeStampError, TimeStampRequest, TrustAnchors};

use crate::support::lab::{
    Extras, HONEST, Holder, OCSP_SIGNING, Span, TIME_STAMPING, oid, seq, tlv, token, token_with,
};
use crate::support::pki::NOW;

/// The bytes whose time is asked.
const ABOUT: &[u8] = b"a signature's value";
/// The policy by which the lab stamps.
const POLICY: &str = "1.2.3.4";
const NONCE: [u8; 16] = [0x11; 16];
const LASTING: Span = (
    datetime!(2020-01-01 0:00 UTC),
    datetime!(2040-01-01 0:00 UTC),
);

/// One who asks, and the authority that is asked.
struct Desk {
    root: Holder,
    tsa: Holder,
}

impl Desk {
    fn new() -> Self {
        let root = Holder::root();
        let tsa = root.tsa(LASTING);
        Self { root, tsa }
    }

    /// What is thought of an answer to a question by the lab's policy.
    fn read(&self, answer: &[u8]) -> Result<(), TimeStampError> {
        asked_by(POLICY).read(answer, &self.anchors(), NOW)?;
        Ok(())
    }

    fn anchors(&self) -> TrustAnchors {
        TrustAnchors::from_der(vec![self.root.der()])
    }

    /// What is thought of a token of somebody below the root.
    fn by(&self, extras: Extras<'_>) -> Result<(), TimeStampError> {
        let other = self.root.issue("Other", LASTING, extras);
        self.read(&granted(&stamp(&other)))
    }
}

/// A question by this policy.
fn asked_by(policy: &str) -> TimeStampRequest {
    let imprint = sha256(ABOUT);
    TimeStampRequest::new(DigestAlgorithm::Sha256, &imprint, NONCE, Some(policy)).unwrap()
}

/// An honest token, by whomever.
fn stamp(by: &Holder) -> Vec<u8> {
    token_with(by, ABOUT, NOW, HONEST, &nonce(&NONCE))
}

fn nonce(bytes: &[u8]) -> Vec<u8> {
    tlv(0x02, bytes)
}

/// A `TimeStampResp` with a token.
fn granted(token: &[u8]) -> Vec<u8> {
    answer(0, token)
}

fn answer(status: u8, token: &[u8]) -> Vec<u8> {
    seq(&[&seq(&[&tlv(0x02, &[status])]), token])
}

#[test]
fn a_token_that_answers_the_question_is_taken() {
    let desk = Desk::new();
    let token = stamp(&desk.tsa);
    let read = asked_by(POLICY).read(&granted(&token), &desk.anchors(), NOW);
    let read = read.unwrap();
    assert_eq!((read.der(), read.time()), (token.as_slice(), NOW));
    assert_eq!(read.chain_der(), [desk.tsa.der(), desk.root.der()]);
    assert_eq!(
        desk.read(&answer(1, &token)),
        Ok(()),
        "granted with changes"
    );
}

#[test]
fn a_token_that_answers_another_question_is_not_taken() {
    let desk = Desk::new();
    let other = |what| Err(TimeStampError::OtherQuestion(what));
    let about =
        |bytes: &[u8], more: &[u8]| granted(&token_with(&desk.tsa, bytes, NOW, HONEST, more));
    assert_eq!(
        desk.read(&about(ABOUT, &nonce(&[0x12; 16]))),
        other("nonce")
    );
    assert_eq!(desk.read(&about(ABOUT, &[])), other("nonce"), "none at all");
    assert_eq!(desk.read(&about(b"else", &nonce(&NONCE))), other("imprint"));

    let by_other_policy = asked_by("1.2.3.5");
    let token = granted(&stamp(&desk.tsa));
    let read = by_other_policy.read(&token, &desk.anchors(), NOW);
    assert_eq!(read.map(drop), other("policy"));

    let longer = TimeStampRequest::new(DigestAlgorithm::Sha384, &[7; 48], NONCE, None).unwrap();
    let read = longer.read(&token, &desk.anchors(), NOW);
    assert_eq!(read.map(drop), other("imprint"), "of another algorithm");
}

#[test]
fn only_a_certificate_for_time_stamps_alone_makes_them() {
    let desk = Desk::new();
    let usual = Extras {
        usages: &[TIME_STAMPING],
        ..Extras::default()
    };
    assert_eq!(desk.by(usual), Ok(()));
    for (what, extras) in [
        ("no purpose", Extras::default()),
        (
            "another purpose",
            Extras {
                usages: &[OCSP_SIGNING],
                ..usual
            },
        ),
        (
            "a further purpose",
            Extras {
                usages: &[TIME_STAMPING, OCSP_SIGNING],
                ..usual
            },
        ),
        (
            "any purpose",
            Extras {
                usages: &[TIME_STAMPING, "2.5.29.37.0"],
                ..usual
            },
        ),
        (
            "a purpose that is not critical",
            Extras {
                is_lax: true,
                ..usual
            },
        ),
        (
            "a key that is too short",
            Extras {
                is_weak: true,
                ..usual
            },
        ),
    ] {
        assert_eq!(desk.by(extras), Err(TimeStampError::Unsound), "{what}");
    }
}

#[test]
fn the_time_is_the_present_within_what_clocks_may_differ() {
    let desk = Desk::new();
    let bound = Duration::minutes(5);
    for (by, expected) in [
        (bound, Ok(())),
        (-bound, Ok(())),
        (bound + Duration::SECOND, Err(TimeStampError::OtherTime)),
        (-bound - Duration::SECOND, Err(TimeStampError::OtherTime)),
    ] {
        let token = token_with(&desk.tsa, ABOUT, NOW + by, HONEST, &nonce(&NONCE));
        assert_eq!(desk.read(&granted(&token)), expected, "{by}");
    }
}

#[test]
fn a_token_is_sound_and_of_one_who_is_trusted() {
    let desk = Desk::new();
    let sound = stamp(&desk.tsa);
    let mut changed = sound.clone();
    // The signature's value stands last.
    *changed.last_mut().unwrap() ^= 1;
    assert_eq!(desk.read(&granted(&changed)), Err(TimeStampError::Unsound));

    let stranger = Desk::new();
    let read = desk.read(&granted(&stamp(&stranger.tsa)));
    assert!(read.is_err(), "below another root of the same name");
    let nobody = TrustAnchors::default();
    let read = asked_by(POLICY).read(&granted(&sound), &nobody, NOW);
    assert_eq!(read.map(drop), Err(TimeStampError::Untrusted));

    let ended = (LASTING.0, NOW - Duration::days(1));
    let read = desk.read(&granted(&stamp(&desk.root.tsa(ended))));
    assert!(read.is_err(), "its certificate has ended");
}

#[test]
fn what_is_no_answer_is_not_taken() {
    let desk = Desk::new();
    let whole = granted(&stamp(&desk.tsa));
    for status in [2, 3, 4, 5] {
        let refused = Err(TimeStampError::Refused(status.into()));
        assert_eq!(desk.read(&seq(&[&seq(&[&tlv(0x02, &[status])])])), refused);
        assert_eq!(desk.read(&answer(status, &stamp(&desk.tsa))), refused);
    }
    let critical = seq(&[&oid("1.2.3"), &[1, 1, 0xff], &tlv(0x04, &[5, 0])]);
    let more = [nonce(&NONCE), tlv(0xa1, &critical)].concat();
    let not_understood = token_with(&desk.tsa, ABOUT, NOW, HONEST, &more);
    for (what, answer) in [
        ("nothing", Vec::new()),
        ("garbage", vec![b'?'; 64]),
        ("a page", b"<html>no</html>".to_vec()),
        ("no token", granted(&[])),
        ("no message", granted(&seq(&[&oid("1.2.3")]))),
        ("half an answer", whole[..whole.len() / 2].to_vec()),
        ("zeros", vec![0; 1 << 20]),
        ("what must be understood", granted(&not_understood)),
    ] {
        assert!(desk.read(&answer).is_err(), "{what}");
    }
    let unnamed = token(&desk.tsa, ABOUT, NOW, HONEST);
    assert!(desk.read(&granted(&unnamed)).is_err(), "no nonce");
}
