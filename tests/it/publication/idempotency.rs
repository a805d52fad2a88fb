//! A request that is sent again.

use time::Duration;
use trao::account::{Caller, Scope};
use trao::model::ResultState;
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
