//! The sweep over a result of several files: one that falls short costs no other one its turn.

use std::time::Duration as StdDuration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use time::Duration;
use trao::config::TsaSettings;
use trao::model::ResultState;

use super::levels::{Bench, Raised, odd, policy};
use crate::support::pki_service::{Mode, Part, PkiService};
use crate::support::service::pdf;

#[tokio::test]
async fn a_file_that_can_never_be_raised_keeps_no_other_one_from_being_renewed() {
    let code = "H13.12-261123-0001";
    let (raisable, stuck) = (pdf(code), odd(code));
    for files in [[&raisable[..], &stuck], [&stuck, &raisable]] {
        let bench = Bench::new(policy("B-LTA", "hold")).await;
        let received = bench.service.received(code, &files).await;
        bench.service.approved(&received).await;
        let id = received.id;
        assert_eq!(bench.state(id).await, ResultState::Released);
        let place = |file: &[u8]| files.iter().position(|&other| other == file).unwrap();
        let (raisable, stuck) = (place(&raisable), place(&stuck));

        // The file that is short is due at once, whichever was sealed last.
        bench.hasten(Duration::days(1)).await;
        assert_eq!(bench.raise().await, Raised { due: 1, done: 0 });
        let told = bench.entry(id, "level_not_raised").await;
        assert_eq!(told["code"], "file_not_raisable");
        assert_eq!(told["n"], stuck + 1);
        bench.hasten(Duration::days(1)).await;
        assert_eq!(bench.raise().await.due, 0, "it is not tried again");

        for renewed in [2, 3] {
            bench.hasten(Duration::days(1000)).await;
            assert_eq!(bench.raise().await, Raised { due: 1, done: 1 });
            let levels = bench.levels(id).await;
            assert_eq!(levels[raisable], ("B-LTA".to_owned(), renewed));
            assert_eq!(levels[stuck], ("B-T".to_owned(), 1));
        }
        bench.entry(id, "level_not_raised").await;
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_read_has_no_other_one_renewed_at_each_try() {
    let bench = Bench::new(policy("B-LTA", "hold")).await;
    let code = "H13.12-261123-0001";
    let received = bench
        .service
        .received(code, &[&pdf("một"), &pdf("hai")])
        .await;
    bench.service.approved(&received).await;
    let revisions = bench.service.app.db.revisions(received.id).await.unwrap();
    let lost = revisions[0].object.key.as_str();
    std::fs::remove_file(bench.service.path().join("objects").join(lost)).unwrap();
    let kept = ("B-LTA".to_owned(), 1);
    let renewed = ("B-LTA".to_owned(), 2);

    bench.hasten(Duration::days(1000)).await;
    assert_eq!(bench.raise().await, Raised { due: 1, done: 0 });
    let levels = [kept.clone(), renewed.clone()];
    assert_eq!(bench.levels(received.id).await, levels);
    bench.service.clock.advance(Duration::minutes(3));
    assert_eq!(bench.raise().await, Raised { due: 1, done: 0 });
    assert_eq!(bench.levels(received.id).await, levels);

    // Whoever asks for an earlier renewal again gets it, also where the next try is due already.
    for renewed in [3, 4] {
        bench.hasten(Duration::days(1000)).await;
        assert_eq!(bench.raise().await, Raised { due: 1, done: 0 });
        let levels = bench.levels(received.id).await;
        assert_eq!(levels, [kept.clone(), ("B-LTA".to_owned(), renewed)]);
        meddle(&bench, "UPDATE raises SET due_at = 0").await;
    }
}

#[tokio::test]
async fn an_earlier_renewal_that_falls_short_is_tried_until_it_succeeds() {
    let bench = Bench::new(policy("B-LTA", "hold")).await;
    let (id, _) = bench.publish("H13.12-261123-0001").await;
    bench.authorities.set_tsa(Mode::Down);
    bench.hasten(Duration::days(1000)).await;
    assert_eq!(bench.raise().await, Raised { due: 1, done: 0 });
    bench.authorities.set_tsa(Mode::Works);
    bench.service.clock.advance(Duration::minutes(3));
    assert_eq!(bench.raise().await, Raised { due: 1, done: 1 });
    let (level, revision) = bench.levels(id).await.remove(0);
    assert!(level == "B-LTA" && revision > 1);
    bench.service.clock.advance(Duration::minutes(30));
    assert_eq!(bench.raise().await.due, 0);
}

/// Goes round the face of the database.
async fn meddle(bench: &Bench, statement: &'static str) {
    let options = SqliteConnectOptions::new().filename(bench.service.path().join("trao.db"));
    let intruder = SqlitePool::connect_with(options).await.unwrap();
    sqlx::query(statement).execute(&intruder).await.unwrap();
    intruder.close().await;
}

/// Everything that is stored is to be raised to this level now.
async fn plan_all(bench: &Bench, level: &str) {
    let mut tx = bench.service.app.db.begin().await.unwrap();
    let now = bench.service.now();
    tx.plan_all_raises(level, now).await.unwrap();
    tx.commit().await.unwrap();
}

/// What was sealed is so old that its renewal is due, which nobody asked for.
async fn let_time_pass(bench: &Bench) {
    meddle(
        bench,
        "UPDATE revisions SET created_at = created_at - 8640000000, \
         renew_by = created_at + 6912000000",
    )
    .await;
    meddle(bench, "UPDATE raises SET due_at = 0").await;
}

#[tokio::test]
async fn a_renewal_that_got_half_of_what_it_takes_is_made_whole_at_the_next_try() {
    // Its archive time-stamp is another authority's, about whom the file has no answers yet.
    let other = PkiService::start();
    let bench = Bench::with(policy("B-LT", "hold"), |settings| {
        let anchor = settings.data_dir.join("other.pem");
        std::fs::write(&anchor, other.root_pem()).unwrap();
        settings.trust.anchors.push(anchor);
        settings.tsa.push(TsaSettings {
            name: "other".to_owned(),
            url: other.tsa_url(),
            ..TsaSettings::default()
        });
    });
    let bench = bench.await;
    let (id, _) = bench.publish("H13.12-261123-0001").await;
    bench.authorities.set_tsa(Mode::Down);
    plan_all(&bench, "B-LTA").await;
    assert_eq!(bench.raise().await, Raised { due: 1, done: 1 });
    assert_eq!(bench.levels(id).await, [("B-LTA".to_owned(), 2)]);

    let_time_pass(&bench).await;
    other.set_tsa(Mode::Down);
    assert_eq!(bench.raise().await, Raised { due: 1, done: 0 });
    // The answers are in it now, with no time-stamp over them.
    assert_eq!(bench.levels(id).await, [("B-LTA".to_owned(), 3)]);

    other.set_tsa(Mode::Works);
    bench.service.clock.advance(Duration::minutes(3));
    assert_eq!(bench.raise().await, Raised { due: 1, done: 1 });
    assert_eq!(bench.levels(id).await, [("B-LTA".to_owned(), 4)]);
    bench.service.clock.advance(Duration::days(1));
    assert_eq!(bench.raise().await.due, 0, "it is whole");
}

#[tokio::test]
async fn what_is_held_after_it_was_sealed_is_raised_when_it_goes_on() {
    let bench = Bench::new(policy("B-LTA", "hold")).await;
    bench.authorities.set_tsa(Mode::Down);
    let (id, _) = bench.publish("H13.12-261123-0001").await;
    assert_eq!(bench.levels(id).await, [("B-B".to_owned(), 1)]);
    bench.authorities.set_tsa(Mode::Works);
    for state in [
        "UPDATE results SET state = 'signing'",
        "UPDATE results SET state = 'held'",
    ] {
        meddle(&bench, state).await;
        bench.hasten(Duration::days(1)).await;
        assert_eq!(bench.raise().await, Raised { due: 1, done: 0 });
        assert_eq!(bench.levels(id).await, [("B-B".to_owned(), 1)]);
    }
    meddle(&bench, "UPDATE results SET state = 'released'").await;
    bench.hasten(Duration::days(1)).await;
    assert_eq!(bench.raise().await, Raised { due: 1, done: 1 });
    assert_eq!(bench.levels(id).await, [("B-LTA".to_owned(), 2)]);

    meddle(&bench, "UPDATE results SET state = 'withdrawn'").await;
    bench.hasten(Duration::days(1000)).await;
    assert_eq!(bench.raise().await, Raised { due: 1, done: 1 });
    assert!(bench.service.app.db.raises().await.unwrap().is_empty());
}

#[tokio::test]
async fn whose_turn_is_over_undoes_nothing_that_was_asked_for_meanwhile() {
    let bench = Bench::new(policy("B-T", "hold")).await;
    bench.authorities.set_tsa(Mode::Down);
    bench.publish("H13.12-261123-0001").await;
    let db = &bench.service.app.db;
    let soon = bench.service.now() + Duration::days(1);
    let mut tx = db.begin().await.unwrap();
    let taken = tx.take_raises(soon, soon + Duration::HOUR, 20).await;
    tx.commit().await.unwrap();
    let [taken] = taken.unwrap().try_into().unwrap();

    plan_all(&bench, "B-LTA").await;
    let [asked] = db.raises().await.unwrap().try_into().unwrap();
    let mut tx = db.begin().await.unwrap();
    let later = soon + Duration::weeks(1);
    tx.plan_raise_again(&taken, later).await.unwrap();
    tx.put_off_raise(&taken, later, "later").await.unwrap();
    tx.end_raise(&taken).await.unwrap();
    tx.commit().await.unwrap();
    let [still] = db.raises().await.unwrap().try_into().unwrap();
    assert_eq!((still.level, still.due_at), (asked.level, asked.due_at));
    assert_eq!(still.reason, None);
    bench.authorities.set_tsa(Mode::Works);
    assert_eq!(bench.raise().await, Raised { due: 1, done: 1 });
}

#[tokio::test]
async fn a_lower_level_that_is_asked_for_takes_nothing_from_what_is_to_be_reached_or_renewed() {
    let bench = Bench::new(policy("B-LTA", "hold")).await;
    let (id, _) = bench.publish("H13.12-261123-0001").await;
    bench.authorities.set_tsa(Mode::Down);
    let (short, _) = bench.publish("H13.12-261123-0002").await;
    bench.authorities.set_tsa(Mode::Works);
    for level in ["B-B", "B-T", "B-LT", "B-LTA"] {
        plan_all(&bench, level).await;
        let planned = bench.service.app.db.raises().await.unwrap();
        assert!(planned.iter().all(|row| row.level == "B-LTA"), "{level}");
    }
    plan_all(&bench, "B-T").await;
    assert_eq!(bench.raise().await, Raised { due: 2, done: 2 });
    assert_eq!(bench.levels(id).await, [("B-LTA".to_owned(), 2)]);
    assert_eq!(bench.levels(short).await, [("B-LTA".to_owned(), 2)]);
    let planned = bench.service.app.db.raises().await.unwrap();
    let soon = bench.service.now() + Duration::days(300);
    assert!(planned.len() == 2 && planned.iter().all(|row| row.due_at > soon));
}

#[tokio::test]
async fn an_archive_time_stamp_is_renewed_whatever_level_its_result_was_to_reach() {
    let bench = Bench::new(policy("B-LTA", "hold")).await;
    let (id, _) = bench.publish("H13.12-261123-0001").await;
    // Its identity's policy was lowered before a second file was sealed.
    meddle(&bench, "UPDATE raises SET level = 'B-T'").await;
    for renewed in [2, 3] {
        let_time_pass(&bench).await;
        assert_eq!(bench.raise().await, Raised { due: 1, done: 1 });
        assert_eq!(bench.levels(id).await, [("B-LTA".to_owned(), renewed)]);
        assert_eq!(bench.raise().await.due, 0);
    }
}

#[tokio::test]
async fn an_archive_time_stamp_of_unknown_end_is_renewed_once_everything_is_asked_for() {
    let bench = Bench::new(policy("B-LTA", "hold")).await;
    let (id, _) = bench.publish("H13.12-261123-0001").await;
    meddle(&bench, "UPDATE revisions SET renew_by = NULL").await;
    meddle(&bench, "DELETE FROM raises").await;
    let db = &bench.service.app.db;
    assert_eq!(db.unrenewed().await.unwrap().unplanned, 1);
    plan_all(&bench, "B-LTA").await;
    assert_eq!(bench.raise().await, Raised { due: 1, done: 1 });
    assert_eq!(bench.levels(id).await, [("B-LTA".to_owned(), 2)]);
    assert_eq!(db.unrenewed().await.unwrap().unplanned, 0);
}

#[tokio::test]
async fn a_raise_that_was_begun_ends_though_the_sweep_stops() {
    let bench = Bench::with(policy("B-T", "hold"), |settings| {
        settings.tsa[0].timeout_s = 2;
    });
    let bench = bench.await;
    bench.authorities.set_tsa(Mode::Down);
    bench.publish("H13.12-261123-0001").await;
    bench.authorities.set_tsa(Mode::Slow);
    bench.hasten(Duration::days(1)).await;
    let before = bench.authorities.asked(Part::Tsa);
    let is_asked = async {
        while bench.authorities.asked(Part::Tsa) == before {
            tokio::time::sleep(StdDuration::from_millis(5)).await;
        }
    };
    tokio::select! {
        swept = bench.raise() => panic!("{swept:?} while its authority is silent"),
        () = is_asked => {}
    }
    bench.service.app.publication.settle().await;
    let [row] = bench
        .service
        .app
        .db
        .raises()
        .await
        .unwrap()
        .try_into()
        .unwrap();
    assert_eq!(row.reason.as_deref(), Some("time_stamp_unavailable"));
}
