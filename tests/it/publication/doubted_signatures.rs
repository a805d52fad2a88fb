//! Signatures that files bring along intact, and that prove nothing all the same: their certificate
//! is revoked, or their digest is SHA-1.

use time::{Duration, OffsetDateTime};
use trao::account::Caller;
use trao::http::problem::Problem;
use trao::model::{ResultState, Sealing};
use trao::publication::{PublicationError, Receipt, SignatureFlaw, Warning};

use crate::support::lab::{
    Extras, Form, HONEST, Holder, Word, bare, crl, signed, signed_as, token, with_answers,
};
use crate::support::pki::NOW;
use crate::support::service::{TestService, officer_of, pdf};

const CODE: &str = "H13.12-261123-0001";
const HOUR: Duration = Duration::HOUR;

/// A service that may trust somebody, and a person whom that one knows.
struct Bench {
    service: TestService,
    /// Of an agency that seals automatically.
    unseen: Caller,
    root: Holder,
    person: Holder,
}

impl Bench {
    async fn new(is_anchored: bool) -> Self {
        let root = Holder::root();
        let folder = tempfile::tempdir().unwrap();
        let anchor = folder.path().join("root.der");
        std::fs::write(&anchor, root.der()).unwrap();
        let service = TestService::with(|settings| {
            if is_anchored {
                settings.trust.anchors.push(anchor);
            }
        });
        let service = service.await;
        let unseen = officer_of(service.other_agency(Sealing::Automatic, false).await);
        let span = (NOW - Duration::days(300), NOW + Duration::days(300));
        let person = root.issue("Chủ tịch", span, Extras::default());
        Self {
            service,
            unseen,
            root,
            person,
        }
    }

    /// What the person signed an hour ago, with a list that says this of its certificate.
    fn signed(&self, word: Word, stamps: &dyn Fn(&[u8]) -> Vec<Vec<u8>>) -> Vec<u8> {
        let file = signed(&self.person, NOW - HOUR, stamps);
        let about = [(&self.person, word)];
        let list = crl(&self.root, &about, (NOW - HOUR / 2, NOW + Duration::DAY));
        with_answers(&file, &[], &[list])
    }

    fn signed_by_sha1(&self) -> Vec<u8> {
        let form = Form {
            is_sha1: true,
            ..HONEST
        };
        let sub_filter = "ETSI.CAdES.detached";
        signed_as(form, sub_filter, &self.person, NOW - HOUR, &bare)
    }

    /// A time-stamp of that time on the signature.
    fn stamp(&self, at: OffsetDateTime) -> impl Fn(&[u8]) -> Vec<Vec<u8>> {
        let span = (NOW - Duration::days(300), NOW + Duration::days(300));
        let tsa = self.root.tsa(span);
        move |value| vec![token(&tsa, value, at, HONEST)]
    }

    async fn send(&self, caller: &Caller, files: &[&[u8]]) -> Result<Receipt, PublicationError> {
        let submission = self.service.submission(CODE, files);
        let publication = &self.service.app.publication;
        publication
            .receive(caller, submission, self.service.now())
            .await
    }

    /// The file that automatic sealing refuses, and why.
    async fn refused(&self, files: &[&[u8]]) -> (u32, SignatureFlaw, &'static str) {
        let error = self.send(&self.unseen, files).await.unwrap_err();
        assert_eq!(error.code(), "earlier_signature_broken");
        let PublicationError::EarlierSignature { n, flaw } = error else {
            panic!("{error}")
        };
        (n, flaw, Problem::from(error).words())
    }
}

#[tokio::test]
async fn automatic_sealing_takes_no_signature_that_is_revoked() {
    let bench = Bench::new(true).await;
    let revoked = bench.signed(Word::Revoked(NOW - Duration::DAY), &bare);
    let late = bench.stamp(NOW - HOUR);
    let stamped = bench.signed(Word::Revoked(NOW - Duration::DAY), &late);
    let good = bench.signed(Word::Good, &bare);
    let refusal = |n| (n, SignatureFlaw::Revoked, "earlier_signature_revoked");
    assert_eq!(bench.refused(&[&revoked]).await, refusal(1));
    assert_eq!(bench.refused(&[&stamped]).await, refusal(1));
    assert_eq!(bench.refused(&[&good, &revoked]).await, refusal(2));
    assert!(bench.service.objects().is_empty());

    let receipt = bench.send(&bench.unseen, &[&good]).await.unwrap();
    assert_eq!(receipt.view.state, ResultState::Released);
    assert_eq!(receipt.view.warnings, []);
}

#[tokio::test]
async fn automatic_sealing_takes_a_signature_that_is_provably_older_than_the_revocation() {
    let bench = Bench::new(true).await;
    let in_time = bench.stamp(NOW - HOUR);
    let older = bench.signed(Word::Revoked(NOW - HOUR * 3 / 4), &in_time);
    let receipt = bench.send(&bench.unseen, &[&older]).await.unwrap();
    assert_eq!(receipt.view.state, ResultState::Released);
    assert_eq!(receipt.view.warnings, []);
}

#[tokio::test]
async fn automatic_sealing_takes_no_signature_over_sha1_whoever_is_trusted() {
    for is_anchored in [true, false] {
        let bench = Bench::new(is_anchored).await;
        let weak = bench.signed_by_sha1();
        let refusal = |n| (n, SignatureFlaw::Unfit, "earlier_signature_unfit");
        assert_eq!(bench.refused(&[&weak]).await, refusal(1));
        assert_eq!(bench.refused(&[&pdf("main"), &weak]).await, refusal(2));

        let strong = signed(&bench.person, NOW - HOUR, &bare);
        let receipt = bench.send(&bench.unseen, &[&strong]).await.unwrap();
        assert_eq!(receipt.view.state, ResultState::Released, "{is_anchored}");
    }
}

#[tokio::test]
async fn a_clerk_is_told_that_a_signature_is_revoked_or_too_weak_and_may_insist() {
    let bench = Bench::new(true).await;
    let revoked = bench.signed(Word::Revoked(NOW - Duration::DAY), &bare);
    let officer = bench.service.officer();
    let receipt = bench.send(&officer, &[&revoked]).await.unwrap();
    assert_eq!(receipt.view.warnings, [Warning::EarlierSignatureRevoked]);
    let released = bench.service.approved(&receipt.view).await;
    assert_eq!(released.state, ResultState::Released);
    let record = bench.service.app.db.audit_of(released.id).await.unwrap();
    let approved = record.iter().find(|entry| entry.action == "approved");
    assert_eq!(
        approved.unwrap().detail["warnings"],
        serde_json::json!(["earlier_signature_revoked"])
    );

    let weak = bench.signed_by_sha1();
    let shown = bench.service.received("H13.12-261123-0002", &[&weak]).await;
    assert_eq!(
        shown.warnings,
        [
            Warning::EarlierSignatureUnfit,
            Warning::RevocationNotChecked
        ]
    );
}
