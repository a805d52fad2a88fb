//! Approving, returning, withdrawing, linking anew, trying again: who may, in which state, and what
//! an approval is bound to.

use time::Duration;
use trao::account::{Caller, Scope};
use trao::dossier::Attempt;
use trao::model::{ResultState, Sealing, Sha256Digest};
use trao::pades::test_pki::{KeyKind, LeafProfile};
use trao::publication::{PublicationError, ResultView};

use crate::support::pki::{NOW, profile};
use crate::support::service::{TestService, officer_of, pdf};

const CODE: &str = "H13.12-261123-0001";

async fn approve(
    service: &TestService,
    caller: &Caller,
    view: &ResultView,
    manifest: Sha256Digest,
) -> Result<ResultView, PublicationError> {
    service
        .app
        .publication
        .approve(caller, view.id, manifest, service.now())
        .await
}

fn code(outcome: Result<ResultView, PublicationError>) -> &'static str {
    outcome.unwrap_err().code()
}

#[tokio::test]
async fn an_approval_is_bound_to_what_was_shown() {
    let service = TestService::new().await;
    let received = service.received(CODE, &[&pdf("a")]).await;
    let officer = service.officer();
    let other = approve(&service, &officer, &received, Sha256Digest::of(b"another")).await;
    assert_eq!(code(other), "manifest_changed");
    // Another certificate is another thing to approve.
    service.clock.advance(Duration::seconds(1));
    let issued = service.pki.issue(&profile(KeyKind::P384)).unwrap();
    service.add_identity(service.agency, &issued).await;
    assert_eq!(
        code(approve(&service, &officer, &received, received.manifest).await),
        "manifest_changed"
    );
    let fresh = service
        .app
        .publication
        .result(&officer, received.id)
        .await
        .unwrap();
    assert_ne!(fresh.manifest, received.manifest);
    assert_eq!(service.approved(&fresh).await.state, ResultState::Released);
    assert_eq!(
        code(approve(&service, &officer, &fresh, fresh.manifest).await),
        "state_conflict"
    );
}

#[tokio::test]
async fn the_clerk_alone_decides() {
    let service = TestService::new().await;
    let received = service.received(CODE, &[&pdf("a")]).await;
    let publisher = service.key(&[Scope::Publish, Scope::Read, Scope::Withdraw]);
    assert_eq!(
        code(approve(&service, &publisher, &received, received.manifest).await),
        "forbidden"
    );
    let stranger = officer_of(service.other_agency(Sealing::Clerk, false).await);
    assert_eq!(
        code(approve(&service, &stranger, &received, received.manifest).await),
        "not_found"
    );
    assert_eq!(
        code(service.app.publication.result(&stranger, received.id).await),
        "not_found"
    );
    let program = service.key(&[Scope::Approve]);
    let approved = approve(&service, &program, &received, received.manifest)
        .await
        .unwrap();
    assert_eq!(approved.state, ResultState::Released);
}

#[tokio::test]
async fn a_returned_result_says_why_and_frees_its_code() {
    let service = TestService::new().await;
    let received = service.received(CODE, &[&pdf("a")]).await;
    let (publication, officer) = (&service.app.publication, service.officer());
    let give_back =
        |reason: &str| publication.return_(&officer, received.id, reason.to_owned(), service.now());
    let silent = give_back("  ").await.unwrap_err();
    assert_eq!(
        (silent.code(), silent.field()),
        ("field_invalid", Some("reason"))
    );
    let returned = give_back("Thiếu chữ ký").await.unwrap();
    assert_eq!(returned.state, ResultState::Returned);
    assert_eq!(returned.reason.as_deref(), Some("Thiếu chữ ký"));
    assert_eq!(code(give_back("again").await), "state_conflict");
    assert_eq!(
        code(approve(&service, &officer, &received, received.manifest).await),
        "state_conflict"
    );
    let next = service.received(CODE, &[&pdf("b")]).await;
    assert_ne!((next.id, next.link_id), (received.id, received.link_id));
}

#[tokio::test]
async fn a_withdrawn_result_stops_at_once() {
    let service = TestService::new().await;
    let released = service
        .approved(&service.received(CODE, &[&pdf("a")]).await)
        .await;
    let link = released.link_id.to_string();
    let attempt = Attempt {
        link: &link,
        code: CODE,
        client: [192, 0, 2, 1].into(),
        key: None,
    };
    let issued = service
        .app
        .gate
        .release(attempt, service.now())
        .await
        .unwrap();
    let grant = issued.secret.reveal();
    assert!(
        service
            .app
            .gate
            .grant(grant, service.now())
            .await
            .unwrap()
            .is_some()
    );
    let (publication, officer) = (&service.app.publication, service.officer());
    let withdraw =
        || publication.withdraw(&officer, released.id, "Sai số".to_owned(), service.now());
    assert_eq!(withdraw().await.unwrap().state, ResultState::Withdrawn);
    assert!(
        service
            .app
            .gate
            .grant(grant, service.now())
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        service
            .app
            .gate
            .release(attempt, service.now())
            .await
            .is_err()
    );
    assert_eq!(code(withdraw().await), "state_conflict");
    // The same bytes are a new result now, under a new link.
    let next = service.received(CODE, &[&pdf("a")]).await;
    assert_ne!(next.link_id, released.link_id);
}

#[tokio::test]
async fn a_new_link_ends_the_old_one_and_its_grants() {
    let service = TestService::new().await;
    let released = service
        .approved(&service.received(CODE, &[&pdf("a")]).await)
        .await;
    let old = released.link_id.to_string();
    let client = [192, 0, 2, 1].into();
    let by = |link| Attempt {
        link,
        code: CODE,
        client,
        key: None,
    };
    let issued = service
        .app
        .gate
        .release(by(&old), service.now())
        .await
        .unwrap();
    let (publication, officer) = (&service.app.publication, service.officer());
    let relinked = publication
        .relink(&officer, released.id, service.now())
        .await
        .unwrap();
    assert_ne!(relinked.link_id, released.link_id);
    assert!(
        service
            .app
            .gate
            .grant(issued.secret.reveal(), service.now())
            .await
            .unwrap()
            .is_none()
    );
    assert!(
        service
            .app
            .gate
            .release(by(&old), service.now())
            .await
            .is_err()
    );
    let new = relinked.link_id.to_string();
    assert!(
        service
            .app
            .gate
            .release(by(&new), service.now())
            .await
            .is_ok()
    );
    let reason = "end".to_owned();
    publication
        .withdraw(&officer, released.id, reason, service.now())
        .await
        .unwrap();
    let dead = publication
        .relink(&officer, released.id, service.now())
        .await;
    assert_eq!(code(dead), "state_conflict");
}

#[tokio::test]
async fn an_unfit_identity_holds_its_own_results_until_there_is_another() {
    let service = TestService::new().await;
    let other = service.other_agency(Sealing::Clerk, false).await;
    let received = service.received(CODE, &[&pdf("a")]).await;
    service.clock.advance(Duration::seconds(1));
    let expired = LeafProfile {
        not_after: NOW - Duration::days(1),
        ..profile(KeyKind::P256)
    };
    let unfit = service
        .add_identity(service.agency, &service.pki.issue(&expired).unwrap())
        .await;
    let (publication, officer) = (&service.app.publication, service.officer());
    let shown = publication.result(&officer, received.id).await.unwrap();
    let held = service.approved(&shown).await;
    assert_eq!(held.state, ResultState::Held);
    assert_eq!(held.reason_code.as_deref(), Some("identity_unfit"));
    assert!(service.app.db.revisions(held.id).await.unwrap().is_empty());
    assert_eq!(
        service.app.readiness().await.unfit_identities,
        [(unfit, "expired")]
    );
    assert!(
        publication.recover().await.unwrap() == 0,
        "a held one waits for a person"
    );
    // Everybody else goes on.
    let neighbour = officer_of(other);
    let submission = service.submission(CODE, &[&pdf("a")]);
    let theirs = publication
        .receive(&neighbour, submission, service.now())
        .await
        .unwrap()
        .view;
    let theirs = approve(&service, &neighbour, &theirs, theirs.manifest)
        .await
        .unwrap();
    assert_eq!(theirs.state, ResultState::Released);
    // Trying again changes nothing until there is a fit one.
    let retry = |seen| publication.retry(&officer, held.id, seen, service.now());
    let still = retry(Some(held.present)).await.unwrap();
    assert_eq!(still.state, ResultState::Held);
    assert_eq!(retry(None).await.unwrap().state, ResultState::Held);
    service.clock.advance(Duration::seconds(1));
    let issued = service.pki.issue(&profile(KeyKind::P256)).unwrap();
    service.add_identity(service.agency, &issued).await;
    // What was seen before is not what would seal now.
    assert_eq!(code(retry(Some(held.present)).await), "manifest_changed");
    let now = publication.result(&officer, held.id).await.unwrap();
    assert_eq!(now.manifest, held.manifest);
    let retried = retry(Some(now.present)).await.unwrap();
    assert_eq!(retried.state, ResultState::Released);
    assert_eq!(retried.manifest, now.present);
    assert_eq!(code(retry(None).await), "state_conflict");
}

#[tokio::test]
async fn an_agency_without_an_identity_receives_and_holds() {
    let service = TestService::new().await;
    let id = service.app.db.identities().await.unwrap()[0].id;
    let by = trao::database::Actor::Operator;
    assert!(
        service
            .app
            .accounts
            .disable_identity(id, by, service.now())
            .await
            .unwrap()
    );
    let held = service
        .approved(&service.received(CODE, &[&pdf("a")]).await)
        .await;
    assert_eq!(held.reason_code.as_deref(), Some("identity_unfit"));
}

/// What was approved before an agency was taken out of use is not sealed with its key after it.
#[tokio::test]
async fn an_agency_out_of_use_seals_nothing_more() {
    let service = TestService::new().await;
    let received = service.received(CODE, &[&pdf("a")]).await;
    let by = trao::database::Actor::Operator;
    let accounts = &service.app.accounts;
    let disabled = accounts.disable_agency(service.agency, by, service.now());
    assert!(disabled.await.unwrap());
    // The manifest told who would seal.
    let (publication, officer) = (&service.app.publication, service.officer());
    let stale = publication
        .approve(&officer, received.id, received.manifest, service.now())
        .await;
    assert_eq!(code(stale), "manifest_changed");
    let shown = publication.result(&officer, received.id).await.unwrap();
    let held = service.approved(&shown).await;
    assert_eq!(held.reason_code.as_deref(), Some("identity_unfit"));
    assert!(service.app.db.revisions(held.id).await.unwrap().is_empty());
}

#[tokio::test]
async fn results_are_listed_by_state_page_and_code() {
    let service = TestService::new().await;
    let mut ids = Vec::new();
    for n in 1..=5 {
        service.clock.advance(Duration::seconds(1));
        ids.push(
            service
                .received(&format!("H13.12-261123-000{n}"), &[&pdf("a")])
                .await
                .id,
        );
    }
    let (publication, officer) = (&service.app.publication, service.officer());
    assert_eq!(publication.waiting(&officer).await.unwrap(), 5);
    let mut filter = trao::publication::Filter::default();
    let mut seen = Vec::new();
    loop {
        let page = publication.results(&officer, &filter, 2).await.unwrap();
        seen.extend(page.results.iter().map(|result| result.id));
        filter.after = page.next;
        if page.next.is_none() {
            break;
        }
    }
    seen.reverse();
    assert_eq!(seen, ids);
    let oldest = trao::publication::Filter {
        order: trao::publication::Order::OldestFirst,
        state: Some(ResultState::Received),
        ..Default::default()
    };
    let page = publication.results(&officer, &oldest, 5).await.unwrap();
    assert_eq!(
        page.results.first().map(|result| result.id),
        ids.first().copied()
    );
    assert_eq!(page.next, None);
    let code = trao::dossier::DossierCode::parse("H13.12-261123-0003").unwrap();
    let found = publication.by_code(&officer, &code).await.unwrap();
    assert_eq!(
        found.iter().map(|result| result.id).collect::<Vec<_>>(),
        [ids[2]]
    );
    let stranger = officer_of(service.other_agency(Sealing::Clerk, false).await);
    assert!(
        publication
            .by_code(&stranger, &code)
            .await
            .unwrap()
            .is_empty()
    );
    assert_eq!(publication.waiting(&stranger).await.unwrap(), 0);
}
