//! What our own verifier says of files that were signed, well or by the wrong one.

use time::{Duration, OffsetDateTime};
use trao::pades::test_pki::{KeyKind, LeafProfile, Purpose};
use trao::pades::{
    Chain, ChangesAfter, Covers, Level, Limits, OwnMessage, OwnSignature, Report, Scheme,
    SigningIdentity, SubIndication, TrustAnchors, inspect, verify, verify_own,
};

use crate::support::pdf::{Dictionary, append, digest_of, draft, find, off_by_one, one_page};
use crate::support::pki::{AGENCY, NOW, identity_of, pki, profile};
use crate::support::verdict::{IDENTITY, PKI, anchors, judged, judged_at, only, sealed};

#[test]
fn every_scheme_is_held_valid_at_level_b_b() {
    for (key, scheme) in [
        (KeyKind::Rsa2048, Scheme::Pss),
        (KeyKind::Rsa2048, Scheme::Pkcs1),
        (KeyKind::P256, Scheme::Ecdsa),
        (KeyKind::P384, Scheme::Ecdsa),
    ] {
        let agency = PKI.issue(&profile(key)).unwrap();
        let identity = identity_of(&agency).with_scheme(Some(scheme)).unwrap();
        let file = draft(&one_page(), 0, &Dictionary::default()).seal(&identity);
        let report = judged(&file);
        assert!(report.valid, "{scheme} {report:?}");
        assert_eq!(only(&report).level, Level::BB);
    }
}

#[test]
fn the_report_has_the_promised_fields() {
    let json = serde_json::to_value(judged(&sealed())).unwrap();
    let expected = serde_json::json!({
        "valid": true,
        "signatures": [{
            "field": "Chu ky 0",
            "type": "signature",
            "signer": AGENCY,
            "time": "2026-11-23T14:05:09+07:00",
            "time_proven": false,
            "intact": true,
            "covers": "whole_file",
            "changes_after": "none",
            "findings": [],
            "chain": "trusted",
            "revocation": "not_checked",
            "level": "B-B",
            "indication": "INDETERMINATE",
            "sub_indication": "TRY_LATER",
        }],
    });
    assert_eq!(json, expected);
}

#[test]
fn an_unsigned_file_is_not_valid() {
    assert_eq!(
        judged(&one_page()),
        Report {
            valid: false,
            signatures: Vec::new()
        }
    );
}

#[test]
fn signatures_in_a_row_are_each_valid_for_their_own_revision() {
    let mut file = one_page();
    for nth in 0..3 {
        file = draft(&file, nth, &Dictionary::default()).seal(&IDENTITY);
    }
    let report = judged(&file);
    assert!(report.valid, "{report:?}");
    let states: Vec<_> = report
        .signatures
        .iter()
        .map(|each| (each.covers, each.changes_after))
        .collect();
    let earlier = (Covers::Revision, ChangesAfter::Permitted);
    assert_eq!(
        states,
        [earlier, earlier, (Covers::WholeFile, ChangesAfter::None)]
    );
}

#[test]
fn an_unknown_root_is_not_trusted() {
    let file = sealed();
    let other = pki(KeyKind::P256);
    for anchors in [anchors(&other), TrustAnchors::default()] {
        let report = verify(&file, &Limits::default(), &anchors, NOW).unwrap();
        let verdict = only(&report);
        assert!(verdict.intact && !report.valid);
        assert_eq!(verdict.chain, Chain::Untrusted);
        assert_eq!(verdict.findings, ["no_trusted_root"]);
        assert_eq!(
            verdict.sub_indication,
            Some(SubIndication::NoCertificateChainFound)
        );
    }
}

#[test]
fn trust_may_end_at_an_issuing_authority() {
    let chain = PKI.agency().chain_pem().unwrap();
    let issuing = TrustAnchors::from_pem_or_der(&chain)
        .unwrap()
        .to_der()
        .remove(0);
    let anchors = TrustAnchors::from_der(vec![issuing]);
    assert!(
        verify(&sealed(), &Limits::default(), &anchors, NOW)
            .unwrap()
            .valid
    );
}

#[test]
fn without_proof_a_certificate_counts_now_and_at_the_time_that_is_claimed() {
    assert!(judged_at(&sealed(), NOW + Duration::days(600)).valid);
    // Years later anybody who has the key could claim that time.
    let years = Duration::days(5 * 365);
    for (time, after, finding) in [
        ("D:20261123140509+07'00'", years, "certificate_expired"),
        ("D:20290101000000+07'00'", years, "certificate_expired"),
        (
            "D:20260101000000+07'00'",
            Duration::ZERO,
            "certificate_not_yet_valid",
        ),
    ] {
        let dictionary = Dictionary {
            time: Some(time),
            ..Dictionary::default()
        };
        let file = draft(&one_page(), 0, &dictionary).seal(&IDENTITY);
        let report = judged_at(&file, NOW + after);
        let verdict = only(&report);
        assert!(verdict.intact && !report.valid);
        assert_eq!(
            (verdict.chain, verdict.findings.as_slice()),
            (Chain::Broken, &[finding.into()][..])
        );
        assert_eq!(
            verdict.sub_indication,
            Some(SubIndication::OutOfBoundsNoPoe)
        );
    }
}

#[test]
fn a_time_in_the_future_and_no_time_are_told() {
    let future = Dictionary {
        time: Some("D:20261123141209+07'00'"),
        ..Dictionary::default()
    };
    let report = judged(&draft(&one_page(), 0, &future).seal(&IDENTITY));
    assert!(!report.valid);
    assert_eq!(only(&report).findings, ["signing_time_in_future"]);
    let none = Dictionary {
        time: None,
        ..Dictionary::default()
    };
    let report = judged(&draft(&one_page(), 0, &none).seal(&IDENTITY));
    let verdict = only(&report);
    assert_eq!(
        (verdict.level, verdict.time.as_deref()),
        (Level::Other, None)
    );
    assert_eq!(verdict.findings, ["signing_time_missing"]);
}

#[test]
fn a_certificate_for_another_use_is_not_good() {
    // By the key usage, and by the extended one.
    for purpose in [Purpose::Encipher, Purpose::TimeStamp] {
        let profile = LeafProfile {
            purpose,
            ..profile(KeyKind::P256)
        };
        let identity = identity_of(&PKI.issue(&profile).unwrap());
        let report = judged(&draft(&one_page(), 0, &Dictionary::default()).seal(&identity));
        assert!(!report.valid);
        assert_eq!(only(&report).findings, ["key_usage_unfit"]);
    }
}

/// What sealing knows of a signature that it made by the builder.
#[derive(Clone)]
struct Made {
    message: Vec<u8>,
    content_digest: Vec<u8>,
    own: OwnSignature,
}

impl Made {
    fn of(file: &[u8], identity: &SigningIdentity) -> Self {
        let received = one_page();
        let draft = draft(&received, 0, &Dictionary::default());
        let [a, b, c, d] = draft.honest_range();
        let covered = [&file[a..b], &file[c..c + d]].concat();
        let contents = hex::decode(&file[b + 1..c - 1]).unwrap();
        // A SEQUENCE of two octets of length: what follows it is padding.
        let length = usize::from(contents[2]) << 8 | usize::from(contents[3]);
        Self {
            message: contents[..4 + length].to_vec(),
            content_digest: digest_of(&covered, identity.digest_algorithm()),
            own: OwnSignature {
                received_len: received.len() as u64,
                follows_others: false,
                is_rebuilt: false,
                byte_range: [a as u64, b as u64, c as u64, d as u64],
                signed_at: NOW,
                contents: contents.clone(),
            },
        }
    }

    fn confirmed(&self, identity: &SigningIdentity) -> Result<Level, Vec<String>> {
        self.confirmed_at(identity, NOW)
    }

    fn confirmed_at(
        &self,
        identity: &SigningIdentity,
        signed_at: OffsetDateTime,
    ) -> Result<Level, Vec<String>> {
        let own = OwnMessage {
            identity,
            content_digest: &self.content_digest,
            signed_at,
            authorities: &TrustAnchors::default(),
        };
        own.confirm(&self.message)
    }
}

fn is_as_sealed(file: &[u8], own: &OwnSignature) -> bool {
    let look = verify_own(&file.to_vec(), &Limits::default(), own).unwrap();
    look.wrong.is_empty() && !look.puts_earlier_at_risk
}

#[test]
fn our_own_signature_is_confirmed_in_its_file_and_nothing_else() {
    let file = sealed();
    let good = Made::of(&file, &IDENTITY).own;
    assert!(is_as_sealed(&file, &good));
    for wrong in [
        OwnSignature {
            signed_at: NOW + Duration::seconds(1),
            ..good.clone()
        },
        OwnSignature {
            contents: vec![0; good.contents.len()],
            ..good.clone()
        },
        OwnSignature {
            byte_range: [0, 1, 2, 3],
            ..good.clone()
        },
    ] {
        assert!(!is_as_sealed(&file, &wrong), "{wrong:?}");
    }
    let changed = append(&file, &[(4, "<</Length 0>>stream\n\nendstream".to_owned())]);
    assert!(!is_as_sealed(&changed, &good));
    assert!(!is_as_sealed(&one_page(), &good));
}

#[test]
fn a_seal_that_harms_an_earlier_signature_is_not_confirmed() {
    let signed = sealed();
    let changed = append(
        &signed,
        &[(4, "<</Length 0>>stream\n\nendstream".to_owned())],
    );
    for (received, revised, expected) in [
        (&signed, &signed, Vec::new()),
        (
            &signed,
            &changed,
            vec!["earlier_signature_harmed".to_owned()],
        ),
        // It was harmed before; that is told to whoever decides.
        (&changed, &changed, Vec::new()),
    ] {
        let (file, own) = sealed_again(revised, received.len());
        let look = verify_own(&file, &Limits::default(), &own).unwrap();
        assert_eq!(look.wrong, expected);
        assert!(!look.puts_earlier_at_risk);
    }
}

#[test]
fn a_file_that_is_odd_by_itself_is_sealed_and_its_signature_is_said_to_be_at_risk() {
    let received = off_by_one(&sealed());
    let (file, own) = sealed_again(&received, received.len());
    let look = verify_own(&file, &Limits::default(), &own).unwrap();
    assert_eq!(look.wrong, Vec::<String>::new());
    assert!(look.puts_earlier_at_risk);
    let unsigned = off_by_one(&one_page());
    let (file, own) = sealed_again(&unsigned, unsigned.len());
    assert!(is_as_sealed(&file, &own), "there is nothing to be at risk");
}

#[test]
fn what_cannot_be_read_puts_a_signature_at_risk_and_that_is_told_before() {
    let mut file = append(&one_page(), &[(30, "<</A 5>>".to_owned())]);
    let at = find(&file, b"\n30 0 obj");
    file[at + 2] = b'1';
    let received = draft(&file, 0, &Dictionary::default()).seal(&IDENTITY);
    let found = inspect(&received, &Limits::default()).unwrap();
    assert!(found.puts_signatures_at_risk(), "{found:?}");
    let (file, own) = sealed_again(&received, received.len());
    let look = verify_own(&file, &Limits::default(), &own).unwrap();
    assert_eq!(look.wrong, Vec::<String>::new());
    assert!(look.puts_earlier_at_risk);
}

/// That readers differ excuses what follows a signature, never that the signature is gone.
#[test]
fn in_an_odd_file_too_an_earlier_signature_must_still_be_there() {
    let received = off_by_one(&sealed());
    let gone = append(&received, &[(10, "<</FT/Sig/T(gone)>>".to_owned())]);
    let (file, own) = sealed_again(&gone, received.len());
    let look = verify_own(&file, &Limits::default(), &own).unwrap();
    assert_eq!(look.wrong, ["earlier_signature_harmed"]);
}

/// A further signature, and what sealing knows of it if it began with so many bytes.
fn sealed_again(file: &[u8], received_len: usize) -> (Vec<u8>, OwnSignature) {
    let draft = draft(file, 1, &Dictionary::default());
    let range = draft.honest_range();
    let file = draft.seal(&IDENTITY);
    let own = OwnSignature {
        received_len: received_len as u64,
        follows_others: true,
        is_rebuilt: false,
        byte_range: range.map(|bound| bound as u64),
        signed_at: NOW,
        contents: hex::decode(&file[range[1] + 1..range[2] - 1]).unwrap(),
    };
    (file, own)
}

#[test]
fn our_own_message_is_confirmed_and_nothing_else() {
    let made = Made::of(&sealed(), &IDENTITY);
    assert_eq!(made.confirmed(&IDENTITY), Ok(Level::BB));
    let other = identity_of(&PKI.issue(&profile(KeyKind::P256)).unwrap());
    assert!(made.confirmed(&other).is_err(), "another identity");
    let digest = Made {
        content_digest: vec![0; 32],
        ..made.clone()
    };
    assert_eq!(
        digest.confirmed(&IDENTITY),
        Err(vec!["digest_mismatch".to_owned()])
    );
    // Every octet of it counts: the signature's value is the last.
    for at in (0..made.message.len())
        .step_by(7)
        .chain([made.message.len() - 1])
    {
        let mut changed = made.clone();
        changed.message[at] ^= 1;
        assert!(changed.confirmed(&IDENTITY).is_err(), "octet {at}");
    }
}

/// A way to the root that was once found good is good as long as its certificates are valid.
#[test]
fn a_way_to_the_root_is_good_only_while_its_certificates_are_valid() {
    let made = Made::of(&sealed(), &IDENTITY);
    let identity = identity_of(PKI.agency());
    let expired = Err(vec!["certificate_expired".to_owned()]);
    let (before, after) = (identity.not_before(), identity.not_after());
    assert_eq!(made.confirmed_at(&identity, after), expired);
    assert_eq!(made.confirmed(&identity), Ok(Level::BB));
    assert_eq!(made.confirmed_at(&identity, before), Ok(Level::BB));
    assert_eq!(made.confirmed_at(&identity, after), expired);
    let early = made.confirmed_at(&identity, before - Duration::seconds(1));
    assert_eq!(early, Err(vec!["certificate_not_yet_valid".to_owned()]));
}

#[test]
fn an_identity_without_its_chain_is_its_own_anchor() {
    let agency = PKI.agency();
    let alone = SigningIdentity::from_pem(
        &agency.key_pem().unwrap(),
        &agency.certificate_pem().unwrap(),
        &[],
        None,
    );
    let alone = alone.unwrap();
    let file = draft(&one_page(), 0, &Dictionary::default()).seal(&alone);
    let made = Made::of(&file, &alone);
    assert_eq!(made.confirmed(&alone), Ok(Level::BB));
    assert!(is_as_sealed(&file, &made.own));
    assert_eq!(only(&judged(&file)).chain, Chain::Untrusted);
}

#[test]
fn the_hole_of_the_builder_is_where_it_says() {
    let draft = draft(&one_page(), 0, &Dictionary::default());
    assert_eq!(
        draft.hole.start,
        find(&draft.bytes, b"/Contents <") + "/Contents ".len()
    );
}
