//! What is known about the revocation of a chain's certificates, by the answers at hand.

use openssl::x509::X509;
use time::OffsetDateTime;

use super::report::Revocation;
use crate::pades::certificate;
use crate::pades::revocation::{RevocationAnswer, RevocationStatus, read_crl, read_ocsp};
use crate::pades::validation_store::ValidationStore;

/// What the answers say about the certificates between a signer and its anchor.
pub(super) struct Standing {
    pub(super) word: Revocation,
    /// The earliest time from which one of them counts as revoked, and whether it is the signer's
    /// own.
    pub(super) revoked: Option<(OffsetDateTime, bool)>,
    /// The certificates without a usable answer, each with its issuer, in DER.
    pub(super) open: Vec<(Vec<u8>, Vec<u8>)>,
}

impl Standing {
    /// Whether it is known of every certificate that it was not revoked at that time.
    pub(super) fn was_good(&self, at: OffsetDateTime) -> bool {
        self.open.is_empty() && self.revoked.is_none_or(|(from, _)| at < from)
    }
}

/// Looks for answers about each certificate of a path (signer first, anchor last) that tell about
/// the time `at`. The anchor needs none: trust in it is not its own doing.
pub(super) fn standing(path: &[Vec<u8>], store: &ValidationStore, at: OffsetDateTime) -> Standing {
    let mut standing = Standing {
        word: Revocation::Good,
        revoked: None,
        open: Vec::new(),
    };
    let mut answered = 0;
    let steps = path.iter().zip(path.iter().skip(1));
    for (index, (certificate, issuer)) in steps.enumerate() {
        let answers = answers(certificate, issuer, store);
        answered += usize::from(!answers.is_empty());
        match status(&answers, certificate, at) {
            Some(RevocationStatus::Good) => {}
            Some(RevocationStatus::Revoked { at, .. }) => {
                let is_earlier = standing.revoked.is_none_or(|(known, _)| at < known);
                if is_earlier {
                    standing.revoked = Some((at, index == 0));
                }
            }
            Some(RevocationStatus::Unknown) | None => {
                standing.open.push((certificate.clone(), issuer.clone()));
            }
        }
    }
    standing.word = match (standing.revoked, standing.open.is_empty(), answered) {
        (Some(_), ..) => Revocation::Revoked,
        (None, true, _) => Revocation::Good,
        (None, false, 0) => Revocation::NotChecked,
        (None, false, _) => Revocation::Unknown,
    };
    standing
}

/// The answers about a certificate that are genuine and whose makers may be heard.
fn answers(certificate: &[u8], issuer: &[u8], store: &ValidationStore) -> Vec<RevocationAnswer> {
    let mut answers = genuine(certificate, issuer, store);
    answers.retain(|answer| is_heard(answer, issuer, store));
    answers
}

/// All genuine answers about a certificate.
fn genuine(certificate: &[u8], issuer: &[u8], store: &ValidationStore) -> Vec<RevocationAnswer> {
    let by_responder = store
        .ocsps
        .iter()
        .filter_map(|answer| read_ocsp(answer, certificate, issuer).ok());
    let by_list = store
        .crls
        .iter()
        .filter_map(|list| read_crl(list, certificate, issuer).ok());
    by_responder.chain(by_list).collect()
}

/// What of a store the certificates of these paths rest on: genuine answers about them, and the
/// certificates of the paths and of those whom their issuers let answer. A store may hold anything.
pub(super) fn relied_on(paths: &[&[Vec<u8>]], store: &ValidationStore) -> ValidationStore {
    let steps = || {
        paths
            .iter()
            .flat_map(|path| path.iter().zip(path.iter().skip(1)))
    };
    let tells = |read: &dyn Fn(&[u8], &[u8]) -> bool| {
        steps().any(|(certificate, issuer)| read(certificate, issuer))
    };
    let is_of_a_path = |der: &[u8]| paths.iter().any(|path| path.iter().any(|own| own == der));
    let is_issued = |der: &[u8]| {
        let mut issuers = steps().map(|(_, issuer)| issuer);
        issuers.any(|issuer| certificate::is_issued_by_der(der, issuer))
    };
    let kept = |all: &[Vec<u8>], keep: &dyn Fn(&[u8]) -> bool| {
        let kept = all.iter().filter(|der| keep(der));
        kept.cloned().collect()
    };
    ValidationStore::of_these(
        kept(&store.certificates, &|der| {
            is_of_a_path(der) || is_issued(der)
        }),
        kept(&store.ocsps, &|der| {
            tells(&|certificate, issuer| read_ocsp(der, certificate, issuer).is_ok())
        }),
        kept(&store.crls, &|der| {
            tells(&|certificate, issuer| read_crl(der, certificate, issuer).is_ok())
        }),
    )
}

/// Whether nothing is to be said against a responder: the issuer answers itself, exempts it from
/// questions, or tells that it is not revoked (RFC 6960 §4.2.2.2.1). Of a responder about which
/// nobody tells, a revocation counts all the same.
fn is_heard(answer: &RevocationAnswer, issuer: &[u8], store: &ValidationStore) -> bool {
    let Some(responder) = answer.responder_in_question() else {
        return true;
    };
    let mut about = genuine(responder, issuer, store);
    // No responder vouches for another one, nor for itself.
    about.retain(|word| word.responder_in_question().is_none());
    match status(&about, responder, answer.this_update) {
        Some(RevocationStatus::Good) => true,
        Some(RevocationStatus::Revoked { .. }) => false,
        Some(RevocationStatus::Unknown) | None => {
            matches!(answer.status, RevocationStatus::Revoked { .. })
        }
    }
}

/// What answers say about a time. Once revoked for good is revoked, whatever is said later: lists
/// forget certificates that have ended (RFC 5280 §3.3), so such a list says nothing good of one.
fn status(
    answers: &[RevocationAnswer],
    certificate: &[u8],
    at: OffsetDateTime,
) -> Option<RevocationStatus> {
    let revoked = answers
        .iter()
        .filter_map(|answer| Some((answer.status.revoked_for_good()?, answer.status)));
    if let Some((_, status)) = revoked.min_by_key(|(from, _)| *from) {
        return Some(status);
    }
    let end = certificate::not_after(certificate)?;
    answers
        .iter()
        .filter(|answer| answer.tells_about(at) && answer.remembers(end))
        .filter(|answer| !answer.precedes(certificate))
        .max_by_key(|answer| answer.this_update)
        .map(|answer| answer.status)
}

/// The certificates of a store that can be read, for building chains.
pub(super) fn certificates(store: &ValidationStore) -> Vec<X509> {
    let read = store.certificates.iter().map(|der| X509::from_der(der));
    read.filter_map(Result::ok).collect()
}

#[cfg(test)]
mod tests {
    use time::Duration;

    use super::*;
    use crate::pades::revocation::RevocationSource;
    use crate::pades::test_pki::{KeyKind, LeafProfile, Purpose, TestPki};

    const NOW: OffsetDateTime = time::macros::datetime!(2026-11-23 14:05:09 +7);

    /// A certificate that ends in ten days.
    fn certificate() -> Vec<u8> {
        let profile = LeafProfile {
            subject: "Ủy ban".to_owned(),
            key: KeyKind::P256,
            not_before: NOW - Duration::days(30),
            not_after: NOW + Duration::days(10),
            purpose: Purpose::Sign,
            revocation: None,
        };
        let pki = TestPki::new(&profile, NOW).unwrap();
        X509::from_pem(&pki.agency().certificate_pem().unwrap())
            .and_then(|certificate| certificate.to_der())
            .unwrap()
    }

    fn answer(status: RevocationStatus, days: i64) -> RevocationAnswer {
        let this_update = NOW + Duration::days(days);
        RevocationAnswer {
            status,
            this_update,
            next_update: Some(this_update + Duration::DAY),
            source: RevocationSource::Crl,
            der: Vec::new(),
            responder: None,
            beside: Vec::new(),
            ended_since: None,
        }
    }

    #[test]
    fn what_was_revoked_stays_so_and_a_list_forgets_what_has_ended() {
        let certificate = certificate();
        let told = |answers: &[RevocationAnswer]| status(answers, &certificate, NOW);
        let revoked = |is_hold| RevocationStatus::Revoked {
            at: NOW - Duration::days(3),
            is_hold,
        };
        let good = RevocationStatus::Good;
        assert_eq!(told(&[answer(good, 1)]), Some(good));
        assert_eq!(told(&[answer(good, 11)]), None, "made after the end");
        let later = [answer(revoked(false), -2), answer(good, 5)];
        assert_eq!(told(&later), Some(revoked(false)));
        let held = [answer(revoked(true), -2), answer(good, 5)];
        assert_eq!(told(&held), Some(good), "a hold may end");
    }

    #[test]
    fn an_answer_older_than_its_certificate_tells_nothing_of_it() {
        let certificate = certificate();
        // The certificate counts for 30 days by now; both answers count yet.
        let told = |days| {
            let mut answer = answer(RevocationStatus::Good, days);
            answer.next_update = Some(NOW + Duration::DAY);
            status(&[answer], &certificate, NOW)
        };
        assert_eq!(told(-31), None);
        assert_eq!(told(-29), Some(RevocationStatus::Good));
    }

    #[test]
    fn an_answer_may_count_until_the_end_of_all_time() {
        let mut answer = answer(RevocationStatus::Good, 0);
        let end = time::macros::datetime!(9999-12-31 23:59:59 UTC);
        answer.next_update = Some(end);
        assert!(answer.is_fresh(NOW));
        (answer.this_update, answer.next_update) = (end, None);
        assert!(!answer.is_fresh(NOW));
    }
}
