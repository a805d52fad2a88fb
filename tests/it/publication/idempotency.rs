//! A request that is sent again.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use time::Duration;
use trao::account::{Caller, Scope};
use trao::database::{Claim, Claimed};
use trao::model::{ResultState, Sha256Digest};
use trao::publication::{PublicationError, Receipt};

use crate::support::service::{TestService, pdf};

const CODE: &str = "H13.12-261123-0001";

async fn send(
    service: &TestService,
    caller: &Caller,
    key: &str,
    code: &str,
    file: &[u8],
) -> Result<Receipt, PublicationError> {
    let mut submission = service.submission(code, &[file]);
    submission.idempotency_key = Some(key.to_owned());
    service
        .app
        .publication
        .receive(caller, submission, service.now())
        .await
}

#[tokio::test]
async fn a_replay_is_new_again_in_its_present_state() {
    let service = TestService::new().await;
    let caller = service.key(&[Scope::Publish]);
    let first = send(&service, &caller, "k1", CODE, &pdf("a"))
        .await
        .unwrap();
    service.approved(&first.view).await;
    let again = send(&service, &caller, "k1", CODE, &pdf("a"))
        .await
        .unwrap();
    assert!(again.is_new);
    assert_eq!(again.view.id, first.view.id);
    assert_eq!(again.view.state, ResultState::Released);
}

#[tokio::test]
async fn a_key_belongs_to_one_request_of_one_caller() {
    let service = TestService::new().await;
    let caller = service.key(&[Scope::Publish]);
    send(&service, &caller, "k1", CODE, &pdf("a"))
        .await
        .unwrap();
    for (code, file) in [("H13.12-261123-0002", pdf("a")), (CODE, pdf("b"))] {
        let conflict = send(&service, &caller, "k1", code, &file)
            .await
            .unwrap_err();
        assert_eq!(conflict.code(), "idempotency_conflict");
    }
    let other = service.key(&[Scope::Publish]);
    assert!(
        send(&service, &other, "k1", "H13.12-261123-0002", &pdf("a"))
            .await
            .unwrap()
            .is_new
    );
}

#[tokio::test]
async fn a_refusal_is_not_remembered() {
    let service = TestService::new().await;
    let caller = service.key(&[Scope::Publish]);
    let refused = send(&service, &caller, "k1", CODE, b"no PDF")
        .await
        .unwrap_err();
    assert_eq!(refused.code(), "not_pdf");
    assert!(
        send(&service, &caller, "k1", CODE, &pdf("a"))
            .await
            .unwrap()
            .is_new
    );
}

#[tokio::test]
async fn of_the_same_request_twice_at_once_one_waits() {
    let service = TestService::new().await;
    let caller = service.key(&[Scope::Publish]);
    let file = pdf("a");
    let (one, two) = tokio::join!(
        send(&service, &caller, "k1", CODE, &file),
        send(&service, &caller, "k1", CODE, &file),
    );
    let codes = [&one, &two].map(|outcome| outcome.as_ref().err().map(PublicationError::code));
    assert!(codes.contains(&None), "{codes:?}");
    assert!(codes.contains(&Some("idempotency_in_flight")), "{codes:?}");
}

#[tokio::test]
async fn a_key_is_remembered_for_a_day_and_forgotten_after_two() {
    let service = TestService::new().await;
    let caller = service.key(&[Scope::Publish]);
    let first = send(&service, &caller, "k1", CODE, &pdf("a"))
        .await
        .unwrap();
    service.clock.advance(Duration::hours(24));
    service.app.publication.recover().await.unwrap();
    assert!(
        send(&service, &caller, "k1", CODE, &pdf("b"))
            .await
            .is_err()
    );
    service.clock.advance(Duration::hours(25));
    service.app.publication.recover().await.unwrap();
    // What counts now is that the dossier's result stands there with the same bytes.
    let again = send(&service, &caller, "k1", CODE, &pdf("a"))
        .await
        .unwrap();
    assert!(!again.is_new);
    assert_eq!(again.view.id, first.view.id);
}

#[tokio::test]
async fn a_claim_that_a_crash_left_is_free_when_its_lease_has_run_out() {
    let service = TestService::with(|settings| settings.sealing.lease_s = 20).await;
    let caller = service.key(&[Scope::Publish]);
    let left = Claim {
        caller: caller.actor(),
        key_sha256: Sha256Digest::of(b"k1"),
        fingerprint: Sha256Digest::of(b"what the process died over"),
        holder: [1; 16],
    };
    let (now, long_ago) = (service.now(), service.now() - Duration::hours(1));
    let mut tx = service.app.db.begin().await.unwrap();
    let claimed = tx.claim(&left, now, long_ago, long_ago).await.unwrap();
    assert_eq!(claimed, Claimed::New);
    tx.commit().await.unwrap();

    service.clock.advance(Duration::seconds(20));
    let held = send(&service, &caller, "k1", CODE, &pdf("a")).await;
    assert_eq!(held.unwrap_err().code(), "idempotency_conflict");
    service.clock.advance(Duration::seconds(1));
    let sent = send(&service, &caller, "k1", CODE, &pdf("a")).await;
    assert!(sent.unwrap().is_new);
}

#[tokio::test]
async fn a_request_that_lost_its_claim_does_nothing_to_the_one_that_has_it() {
    let service = TestService::new().await;
    let result = service.received(CODE, &[&pdf("a")]).await.id;
    let late = Claim {
        caller: service.key(&[Scope::Publish]).actor(),
        key_sha256: Sha256Digest::of(b"k1"),
        fingerprint: Sha256Digest::of(b"what both ask for"),
        holder: [1; 16],
    };
    let holding = Claim {
        holder: [2; 16],
        ..late.clone()
    };
    let (began, lease) = (service.now(), Duration::seconds(20));
    let claim = async |claim: &Claim, at| {
        let mut tx = service.app.db.begin().await.unwrap();
        let claimed = tx.claim(claim, at, began - Duration::DAY, at - lease).await;
        tx.commit().await.unwrap();
        claimed.unwrap()
    };
    assert_eq!(claim(&late, began).await, Claimed::New);
    let taken_over = began + lease + Duration::SECOND;
    assert_eq!(claim(&holding, taken_over).await, Claimed::New);

    let still_held = taken_over + lease;
    let mut tx = service.app.db.begin().await.unwrap();
    tx.end_claim(&late, result).await.unwrap();
    tx.drop_claim(&late).await.unwrap();
    let is_own = tx.renew_claim(&late, still_held).await.unwrap();
    assert!(!is_own, "it learns that the claim is another's");
    tx.commit().await.unwrap();
    assert_eq!(claim(&late, still_held).await, Claimed::InFlight);
    let run_out = still_held + Duration::SECOND;
    assert_eq!(claim(&late, run_out).await, Claimed::New, "not renewed");

    let mut tx = service.app.db.begin().await.unwrap();
    assert!(tx.renew_claim(&late, run_out + lease).await.unwrap());
    tx.commit().await.unwrap();
    let renewed = run_out + lease + lease;
    assert_eq!(claim(&holding, renewed).await, Claimed::InFlight);
    let mut tx = service.app.db.begin().await.unwrap();
    tx.end_claim(&late, result).await.unwrap();
    tx.commit().await.unwrap();
    assert_eq!(claim(&holding, renewed).await, Claimed::Done(result));
}

#[tokio::test]
async fn a_claim_is_held_for_as_long_as_its_request_lives() {
    let service = TestService::with(|settings| settings.sealing.lease_s = 5).await;
    let hanging = service.path().join("hanging-reader");
    fs::write(&hanging, "#!/bin/sh\nexec sleep 60\n").unwrap();
    fs::set_permissions(&hanging, Permissions::from_mode(0o700)).unwrap();
    let service = service.restart_with(hanging).await;
    let caller = service.key(&[Scope::Publish]);
    let mut submission = service.submission(CODE, &[&pdf("a")]);
    submission.idempotency_key = Some("k1".to_owned());
    let (publication, now) = (service.app.publication.clone(), service.now());
    let sender = caller.clone();
    let under_way =
        tokio::spawn(async move { publication.receive(&sender, submission, now).await });

    until_the_claim_lives_now(&service).await;
    for _ in 0..2 {
        service.clock.advance(Duration::seconds(4));
        until_the_claim_lives_now(&service).await;
    }
    assert!(!under_way.is_finished());
    let again = send(&service, &caller, "k1", CODE, &pdf("a")).await;
    assert_eq!(again.unwrap_err().code(), "idempotency_in_flight");
}

/// Until a claim says that its request lives now.
async fn until_the_claim_lives_now(service: &TestService) {
    let query = "SELECT max(created_at) FROM idempotency";
    let now = service.now().unix_timestamp() * 1000;
    service.until(query, now, "the claim is not renewed").await;
}
