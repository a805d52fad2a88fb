//! The process is ended at every named place of the path, as by `kill -9`; then it starts again.
//! Whatever was acknowledged is there, whatever was approved is released, nothing is half-visible.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;

use time::Duration;
use trao::account::Caller;
use trao::model::{AgencyId, ResultState};
use trao::publication::{FAILPOINTS, Submission};

use super::path::assert_retrievable;
use crate::support::service::{
    TestClock, TestService, officer_of, open, pdf, reader, settings, spool,
};

const CODE: &str = "H13.12-261123-0001";
const FOLDER: &str = "TRAO_TEST_FOLDER";
const AGENCY: &str = "TRAO_TEST_AGENCY";
const SIGABRT: i32 = 6;

fn submission(service: &trao::app::App) -> Submission {
    Submission {
        dossier_code: CODE.to_owned(),
        title: "Giấy phép".to_owned(),
        idempotency_key: Some("one".to_owned()),
        files: vec![
            spool(service, &pdf("main")),
            spool(service, &pdf("attachment")),
        ],
        ..Submission::default()
    }
}

/// The process that is ended: it receives and approves, and writes down what it was told. It is
/// this test, started by the one below; by itself it does nothing.
#[tokio::test]
async fn the_process_that_is_ended() {
    let (Ok(folder), Ok(agency)) = (std::env::var(FOLDER), std::env::var(AGENCY)) else {
        return;
    };
    let folder = Path::new(&folder);
    let clock = TestClock::default();
    let app = open(settings(folder), &clock, reader()).await;
    let caller = caller(agency.parse().unwrap());
    let receipt = app
        .publication
        .receive(&caller, submission(&app), app.now())
        .await
        .unwrap();
    std::fs::write(folder.join("acknowledged"), receipt.view.id.to_string()).unwrap();
    let (id, manifest) = (receipt.view.id, receipt.view.manifest);
    let approved = app
        .publication
        .approve(&caller, id, manifest, app.now())
        .await
        .unwrap();
    assert_eq!(approved.state, ResultState::Released);
}

/// The same caller before and after: an idempotency key is a caller's own.
fn caller(agency: AgencyId) -> Caller {
    match officer_of(agency) {
        Caller::Officer(mut officer) => {
            officer.id = trao::model::OfficerId::from_bytes([3; 16]);
            Caller::Officer(officer)
        }
        key @ Caller::Key(_) => key,
    }
}

fn end_at(place: &str, service: &TestService) {
    let name = concat!(module_path!(), "::the_process_that_is_ended");
    let name = name.split_once("::").unwrap().1;
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env("TRAO_TEST_CRASH_AT", place)
        .env(FOLDER, service.path())
        .env(AGENCY, service.agency.to_string())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(SIGABRT), "{place}: {said}");
}

#[tokio::test]
async fn a_crash_between_any_two_steps_loses_nothing() {
    for place in FAILPOINTS {
        let service = TestService::new().await;
        service.app.settle().await;
        end_at(place, &service);
        let service = service.restart().await;
        let acknowledged = std::fs::read_to_string(service.path().join("acknowledged")).ok();
        // The dead worker's lease and the dead request's claim run out.
        service.clock.advance(Duration::minutes(11));
        service.app.publication.recover().await.unwrap();

        // The caller asks again, as one does that heard nothing.
        let caller = caller(service.agency);
        let publication = &service.app.publication;
        let receipt = publication
            .receive(&caller, submission(&service.app), service.now())
            .await
            .unwrap();
        let view = receipt.view;
        assert!(
            acknowledged.is_none_or(|id| id == view.id.to_string()),
            "{place}"
        );
        let was_decided = FAILPOINTS.iter().position(|each| each == place)
            >= FAILPOINTS.iter().position(|&each| each == "approved");
        let expected = if was_decided {
            ResultState::Released
        } else {
            ResultState::Received
        };
        assert_eq!(view.state, expected, "{place}");
        let released = if was_decided {
            view
        } else {
            service.approved(&view).await
        };

        assert_eq!(released.state, ResultState::Released, "{place}");
        assert_retrievable(&service, released.id).await;
        assert_eq!(
            service.app.db.revisions(released.id).await.unwrap().len(),
            2,
            "{place}"
        );
        let (objects, unknown) = service.app.db.intents(released.id).await.unwrap();
        assert_eq!(objects.len(), 2, "{place}: each file was sealed once");
        let may_be_unknown = ["intended", "sealed", "object_stored"].contains(place);
        assert_eq!(unknown, u64::from(may_be_unknown), "{place}");
        assert_eq!(
            service.app.db.audit_verify().await.unwrap().broken_at,
            None,
            "{place}"
        );
    }
}
