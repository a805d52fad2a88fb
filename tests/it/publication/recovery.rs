//! What goes wrong without a crash: children that die, objects that are gone, callers that hang up,
//! workers that come too late, and what is left lying about.

use std::time::SystemTime;

use time::Duration;
use trao::model::{ObjectKey, ResultId, ResultState};
use trao::pades::test_pki::KeyKind;
use trao::publication::ResultView;

use super::path::assert_retrievable;
use crate::support::pki::profile;
use crate::support::service::{TestService, pdf, reader};

const CODE: &str = "H13.12-261123-0001";

async fn seen(service: &TestService, id: ResultId) -> ResultView {
    service
        .app
        .publication
        .result(&service.officer(), id)
        .await
        .unwrap()
}

#[tokio::test]
async fn two_deaths_of_the_child_hold_the_result() {
    let service = TestService::new().await;
    let received = service.received(CODE, &[&pdf("a")]).await;
    let service = service.restart_with("/bin/false".into()).await;
    let approved = service.approved(&received).await;
    assert_eq!(approved.state, ResultState::Signing);
    assert_eq!(
        service.app.publication.recover().await.unwrap(),
        0,
        "it is given a pause"
    );
    service.clock.advance(Duration::minutes(1));
    assert_eq!(service.app.publication.recover().await.unwrap(), 1);
    let held = seen(&service, received.id).await;
    assert_eq!(held.state, ResultState::Held);
    assert_eq!(held.reason_code.as_deref(), Some("child_died"));
    // With a child that lives, a person's word is enough.
    let service = service.restart().await;
    let publication = &service.app.publication;
    let retried = publication
        .retry(&service.officer(), held.id, None, service.now())
        .await
        .unwrap();
    assert_eq!(retried.state, ResultState::Released);
    let (objects, unknown) = service.app.db.intents(held.id).await.unwrap();
    assert_eq!(
        (objects.len(), unknown),
        (1, 0),
        "the failed intents say so"
    );
}

#[tokio::test]
async fn a_child_that_dies_at_the_intake_costs_its_sender_an_error() {
    let service = TestService::new()
        .await
        .restart_with("/bin/false".into())
        .await;
    let submission = service.submission(CODE, &[&pdf("a")]);
    let refused = service
        .app
        .publication
        .receive(&service.officer(), submission, service.now())
        .await;
    assert_eq!(refused.unwrap_err().code(), "pdf_too_complex");
    assert!(service.objects().is_empty());
}

#[tokio::test]
async fn a_received_object_that_is_gone_holds_the_result() {
    let service = TestService::new().await;
    let received = service.received(CODE, &[&pdf("a")]).await;
    let [object] = service.objects().try_into().unwrap();
    std::fs::remove_file(service.path().join("objects").join(object)).unwrap();
    let held = service.approved(&received).await;
    assert_eq!(held.reason_code.as_deref(), Some("object_lost"));
}

#[tokio::test]
async fn an_archive_that_does_not_take_objects_is_tried_again_until_the_tries_are_spent() {
    let service = TestService::with(|settings| settings.sealing.attempts_max = 3).await;
    let received = service.received(CODE, &[&pdf("a")]).await;
    // A file where the folder of sealed results belongs: putting fails, reading goes on.
    let results = service.path().join("objects/results");
    std::fs::remove_dir_all(&results).ok();
    std::fs::write(&results, b"").unwrap();
    let mut states = vec![service.approved(&received).await.state];
    for _ in 0..2 {
        service.clock.advance(Duration::minutes(15));
        service.app.publication.recover().await.unwrap();
        states.push(seen(&service, received.id).await.state);
    }
    assert_eq!(
        states,
        [
            ResultState::Signing,
            ResultState::Signing,
            ResultState::Held
        ]
    );
    let held = seen(&service, received.id).await;
    assert_eq!(held.reason_code.as_deref(), Some("tries_spent"));
    std::fs::remove_file(&results).unwrap();
    std::fs::create_dir(&results).unwrap();
    let officer = service.officer();
    let retried = service
        .app
        .publication
        .retry(&officer, held.id, None, service.now())
        .await
        .unwrap();
    assert_eq!(retried.state, ResultState::Released, "{:?}", retried.reason);
}

#[tokio::test]
async fn a_caller_that_hangs_up_drops_its_answer_not_the_work() {
    let service = TestService::new().await;
    let submission = service.submission(CODE, &[&pdf("a")]);
    let officer = service.officer();
    let receiving = service
        .app
        .publication
        .receive(&officer, submission, service.now());
    tokio::time::timeout(std::time::Duration::from_millis(1), receiving)
        .await
        .unwrap_err();
    service.app.publication.settle().await;
    let received = service.received(CODE, &[&pdf("a")]).await;
    assert_eq!(
        received.history.len(),
        1,
        "it was received once, by the first"
    );
    let approving =
        service
            .app
            .publication
            .approve(&officer, received.id, received.manifest, service.now());
    tokio::time::timeout(std::time::Duration::from_millis(1), approving)
        .await
        .unwrap_err();
    service.app.publication.settle().await;
    assert_eq!(
        seen(&service, received.id).await.state,
        ResultState::Released
    );
}

#[tokio::test]
async fn two_instances_never_seal_one_result_twice() {
    let service = TestService::new().await;
    let mut ids = Vec::new();
    for n in 1..=4 {
        let received = service
            .received(&format!("H13.12-261123-000{n}"), &[&pdf("a")])
            .await;
        leave_approved(&service, received.id).await;
        ids.push(received.id);
    }
    let second = service.second().await;
    let (one, two) = tokio::join!(
        service.app.publication.recover(),
        second.publication.recover()
    );
    assert!(one.is_ok() && two.is_ok());
    service.app.publication.settle().await;
    second.publication.settle().await;
    for id in ids {
        assert_eq!(seen(&service, id).await.state, ResultState::Released);
        let (objects, unknown) = service.app.db.intents(id).await.unwrap();
        assert_eq!((objects.len(), unknown), (1, 0));
        assert_retrievable(&service, id).await;
    }
}

/// What a crash right after the approval's commit leaves.
pub(super) async fn leave_approved(service: &TestService, id: ResultId) {
    let mut tx = service.app.db.begin().await.unwrap();
    let step = trao::database::Step {
        result: id,
        from: ResultState::Received,
        fence: 0,
        to: ResultState::Approved,
        reason: None,
        at: service.now(),
    };
    assert!(tx.step(&step).await.unwrap());
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn an_identity_that_came_after_the_approval_does_not_seal() {
    let service = TestService::new().await;
    let received = service.received(CODE, &[&pdf("a")]).await;
    leave_approved(&service, received.id).await;
    service.clock.advance(Duration::seconds(1));
    let issued = service.pki.issue(&profile(KeyKind::P256)).unwrap();
    service.add_identity(service.agency, &issued).await;
    let publication = &service.app.publication;
    assert_eq!(publication.recover().await.unwrap(), 1);
    let held = seen(&service, received.id).await;
    assert_eq!(held.reason_code.as_deref(), Some("manifest_changed"));
    assert!(service.app.db.revisions(held.id).await.unwrap().is_empty());
    // A person who looks again may seal with it.
    let retried = publication
        .retry(&service.officer(), held.id, None, service.now())
        .await
        .unwrap();
    assert_eq!(retried.state, ResultState::Released);
}

#[tokio::test]
async fn a_worker_that_was_thought_dead_writes_nothing_any_more() {
    let service = TestService::new().await;
    let received = service.received(CODE, &[&pdf("a")]).await;
    let db = &service.app.db;
    let step = |from, to, fence| trao::database::Step {
        result: received.id,
        from,
        fence,
        to,
        reason: None,
        at: service.now(),
    };
    let mut tx = db.begin().await.unwrap();
    assert!(
        tx.step(&step(ResultState::Received, ResultState::Approved, 0))
            .await
            .unwrap()
    );
    let (now, minute) = (service.now(), Duration::minutes(1));
    let first = tx
        .lease(received.id, "first", now, now + minute)
        .await
        .unwrap()
        .unwrap();
    assert!(
        tx.lease(received.id, "second", now, now + minute)
            .await
            .unwrap()
            .is_none()
    );
    let late = now + minute;
    assert!(
        tx.lease(received.id, "second", late, late + minute)
            .await
            .unwrap()
            .is_some()
    );
    assert!(
        !tx.renew_lease(received.id, "first", late + minute)
            .await
            .unwrap()
    );
    let late_step = step(ResultState::Approved, ResultState::Signing, first.fence);
    assert!(!tx.step(&late_step).await.unwrap());
}

#[tokio::test]
async fn what_is_withdrawn_while_it_is_sealed_stays_withdrawn() {
    let service = TestService::new().await;
    let received = service.received(CODE, &[&pdf("a")]).await;
    let slow = slow_reader(&service);
    let service = service.restart_with(slow).await;
    let (publication, officer) = (service.app.publication.clone(), service.officer());
    let sealing = tokio::spawn({
        let (publication, officer, now) = (publication.clone(), officer.clone(), service.now());
        async move {
            publication
                .approve(&officer, received.id, received.manifest, now)
                .await
        }
    });
    while seen(&service, received.id).await.state != ResultState::Signing {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    // The child is asleep over the file; the key will be used after this.
    let reason = "Sai số".to_owned();
    publication
        .withdraw(&officer, received.id, reason, service.now())
        .await
        .unwrap();
    let answer = sealing.await.unwrap().unwrap();
    assert_eq!(answer.state, ResultState::Withdrawn);
    assert_eq!(
        seen(&service, received.id).await.state,
        ResultState::Withdrawn
    );
    assert!(
        service
            .app
            .db
            .revisions(received.id)
            .await
            .unwrap()
            .is_empty()
    );
}

/// The reading child after a second's sleep.
fn slow_reader(service: &TestService) -> std::path::PathBuf {
    use std::os::unix::fs::PermissionsExt as _;
    let path = service.path().join("slow-reader");
    let script = format!("#!/bin/sh\nsleep 1\nexec {} \"$@\"\n", reader().display());
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o700)).unwrap();
    path
}

#[tokio::test]
async fn what_was_begun_a_day_ago_and_no_row_names_is_removed_and_nothing_else() {
    let service = TestService::new().await;
    let received = service.received(CODE, &[&pdf("a")]).await;
    let objects = service.path().join("objects");
    let orphan = ResultId::from_bytes([7; 16]);
    let [young, old, lost, foreign] = [1, 2, 3, 4].map(|n| ObjectKey::received(orphan, n, [7; 8]));
    std::fs::create_dir_all(objects.join(format!("received/{orphan}"))).unwrap();
    let day_ago = service.now() - Duration::hours(24) - Duration::seconds(1);
    let kept = service.objects();
    let mut tx = service.app.db.begin().await.unwrap();
    tx.begin_upload(&young, service.now()).await.unwrap();
    tx.begin_upload(&old, day_ago).await.unwrap();
    // The crash came before the first byte.
    tx.begin_upload(&lost, day_ago).await.unwrap();
    tx.commit().await.unwrap();
    // Another installation's, or from before this database was set back.
    for key in [&young, &old, &foreign] {
        std::fs::write(objects.join(key.as_str()), b"x").unwrap();
    }
    let day_ago = SystemTime::from(day_ago);
    for name in service.objects() {
        set_modified(&objects.join(name), day_ago);
    }
    let left = service.app.settings.spool_dir().join("left");
    std::fs::write(&left, b"x").unwrap();
    set_modified(&left, day_ago);
    assert_eq!(service.app.publication.clean().await.unwrap(), 2);
    assert_eq!(service.app.publication.clean().await.unwrap(), 0);
    let mut expected = kept;
    expected.extend([young, foreign].map(String::from));
    expected.sort();
    assert_eq!(service.objects(), expected);
    assert!(!left.exists());
    assert_eq!(
        service.approved(&received).await.state,
        ResultState::Released
    );
}

fn set_modified(path: &std::path::Path, at: SystemTime) {
    std::fs::File::options()
        .append(true)
        .open(path)
        .unwrap()
        .set_modified(at)
        .unwrap();
}
