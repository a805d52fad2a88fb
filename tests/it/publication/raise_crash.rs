//! The process is ended at every named place of a raise; another one makes up for it.

use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Command;

use time::Duration;
use trao::publication::RAISE_FAILPOINTS;

use super::levels::{Bench, Raised, policy, trusting};
use super::path::assert_retrievable;
use crate::support::pki_service::{Mode, PkiService};
use crate::support::service::{TestClock, open, reader, settings};

const FOLDER: &str = "TRAO_TEST_RAISE_FOLDER";
const TSA: &str = "TRAO_TEST_RAISE_TSA";
const SIGABRT: i32 = 6;

/// The process that is ended: it raises what is due. It is this test, started by the one below; by
/// itself it does nothing.
#[tokio::test]
async fn the_raising_process_that_is_ended() {
    let (Ok(folder), Ok(tsa)) = (std::env::var(FOLDER), std::env::var(TSA)) else {
        return;
    };
    let clock = TestClock::default();
    clock.advance(PkiService::now() - clock.now());
    let mut settings = settings(Path::new(&folder));
    let root = std::fs::read(settings.data_dir.join("root.pem")).unwrap();
    trusting(&mut settings, &root, tsa);
    let app = open(settings, &clock, reader()).await;
    app.publication.raise_due().await.unwrap();
}

fn end_at(place: &str, bench: &Bench) {
    let name = concat!(module_path!(), "::the_raising_process_that_is_ended");
    let name = name.split_once("::").unwrap().1;
    let output = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", name, "--nocapture"])
        .env("TRAO_TEST_CRASH_AT", place)
        .env(FOLDER, bench.service.path())
        .env(TSA, bench.authorities.tsa_url())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.signal(), Some(SIGABRT), "{place}: {said}");
}

#[tokio::test]
async fn a_crash_in_a_raise_costs_an_attempt_and_nothing_else() {
    for place in RAISE_FAILPOINTS {
        let bench = Bench::new(policy("B-LTA", "warn")).await;
        bench.authorities.set_tsa(Mode::Down);
        let (id, _) = bench.publish("H13.12-261123-0001").await;
        assert_eq!(bench.levels(id).await, [("B-B".to_owned(), 1)]);
        bench.authorities.set_tsa(Mode::Works);
        bench.hasten(Duration::days(1)).await;
        end_at(place, &bench);

        let was_recorded = *place == "raise_recorded";
        assert_retrievable(&bench.service, id).await;
        assert_eq!(
            bench.levels(id).await[0].1,
            1 + u32::from(was_recorded),
            "{place}"
        );
        assert_eq!(
            bench.raise().await.due,
            0,
            "{place}: the dead worker has it still"
        );
        bench.hasten(Duration::days(1)).await;
        assert_eq!(bench.raise().await, Raised { due: 1, done: 1 }, "{place}");
        let expected = [("B-LTA".to_owned(), 2)];
        assert_eq!(bench.levels(id).await, expected, "{place}");
        assert_retrievable(&bench.service, id).await;
        let record = bench.service.app.db.audit_verify().await.unwrap();
        assert_eq!(record.broken_at, None, "{place}");
    }
}
