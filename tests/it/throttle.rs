//! The throttle's arithmetic, in the database, under parallel callers.

use proptest::prelude::*;
use time::Duration;
use trao::database::{Charge, Database};

use crate::support::keeping::Keeping;
use crate::support::pki::NOW;

fn bucket(burst: u32, every_ms: i64) -> Charge {
    Charge {
        bucket: [7; 32],
        burst,
        every_ms,
    }
}

async fn admitted(db: &Database, charge: &Charge, at: time::OffsetDateTime) -> bool {
    let mut tx = db.begin().await.unwrap();
    let answers = tx.charge(std::slice::from_ref(charge), at).await.unwrap();
    tx.commit().await.unwrap();
    answers[0].is_ok()
}

#[tokio::test]
async fn a_bucket_admits_its_burst_and_then_one_each_period() {
    let keeping = Keeping::new().await;
    let charge = bucket(3, 1000);
    let mut pattern = Vec::new();
    for ms in [0, 0, 0, 0, 999, 1000, 1000, 3000, 3000, 3000] {
        pattern.push(admitted(&keeping.db, &charge, NOW + Duration::milliseconds(ms)).await);
    }
    let expected = [
        true, true, true, false, false, true, false, true, true, false,
    ];
    assert_eq!(pattern, expected);
}

#[tokio::test]
async fn what_is_given_back_can_be_had_again_and_a_probe_costs_nothing() {
    let keeping = Keeping::new().await;
    let charge = bucket(1, 60_000);
    assert!(admitted(&keeping.db, &charge, NOW).await);
    let mut tx = keeping.db.begin().await.unwrap();
    let wait = tx.probe(std::slice::from_ref(&charge), NOW).await.unwrap();
    assert_eq!(wait[0].unwrap_err().0, 60_000);
    tx.give_back(std::slice::from_ref(&charge)).await.unwrap();
    assert!(tx.probe(std::slice::from_ref(&charge), NOW).await.unwrap()[0].is_ok());
    tx.commit().await.unwrap();
    assert!(admitted(&keeping.db, &charge, NOW).await);
}

/// A bucket filled while the clock was a year ahead admits one at once and then goes on at its
/// rate; it does not wait for the year to pass.
#[tokio::test]
async fn a_clock_set_back_shuts_nobody_out_for_longer_than_the_bucket_is_deep() {
    let keeping = Keeping::new().await;
    let charge = bucket(2, 1000);
    for _ in 0..2 {
        assert!(admitted(&keeping.db, &charge, NOW + Duration::days(365)).await);
    }
    let mut tx = keeping.db.begin().await.unwrap();
    let probed = tx.probe(std::slice::from_ref(&charge), NOW).await.unwrap();
    assert!(probed[0].is_ok(), "what is only probed is not shut either");
    drop(tx);
    let mut pattern = Vec::new();
    for ms in [0, 0, 999, 1000, 1000, 2000] {
        pattern.push(admitted(&keeping.db, &charge, NOW + Duration::milliseconds(ms)).await);
    }
    assert_eq!(pattern, [true, false, false, true, false, true]);
}

/// Callers wait for their turn with the now they came with: an older one must not open the bucket.
#[tokio::test]
async fn a_late_caller_with_an_earlier_now_opens_nothing() {
    let keeping = Keeping::new().await;
    let charge = bucket(1, 1000);
    let at = |seconds| NOW + Duration::seconds(seconds);
    assert!(admitted(&keeping.db, &charge, at(300)).await);
    for seconds in [299, 240, 2, 300] {
        assert!(
            !admitted(&keeping.db, &charge, at(seconds)).await,
            "{seconds}"
        );
    }
    assert!(admitted(&keeping.db, &charge, at(301)).await);
}

#[tokio::test]
async fn buckets_are_charged_each_for_itself_and_not_at_all_unless_committed() {
    let keeping = Keeping::new().await;
    let (deep, mut shallow) = (bucket(2, 60_000), bucket(1, 60_000));
    shallow.bucket = [8; 32];
    let both = [deep.clone(), shallow.clone()];
    let mut tx = keeping.db.begin().await.unwrap();
    assert!(
        tx.charge(&both, NOW)
            .await
            .unwrap()
            .iter()
            .all(Result::is_ok)
    );
    drop(tx);
    for expected in [[true, true], [true, false], [false, false]] {
        let mut tx = keeping.db.begin().await.unwrap();
        let answers = tx.charge(&both, NOW).await.unwrap();
        tx.commit().await.unwrap();
        assert_eq!([answers[0].is_ok(), answers[1].is_ok()], expected);
    }
    let full_again = NOW + Duration::milliseconds(2 * 60_000 + 1);
    assert_eq!(keeping.db.sweep_throttle(NOW).await.unwrap(), 0);
    assert_eq!(keeping.db.sweep_throttle(full_again).await.unwrap(), 2);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]
    /// Never more than burst + elapsed / T, whoever asks, through two handles on one file.
    #[test]
    fn parallel_callers_are_never_admitted_beyond_burst_and_rate(
        burst in 1_u32..6,
        every_ms in 1_i64..50,
        mut moments in proptest::collection::vec(0_i64..200, 20..60),
    ) {
        moments.sort_unstable();
        let elapsed = moments.last().unwrap() - moments.first().unwrap();
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
        let count = runtime.block_on(async {
            let keeping = Keeping::new().await;
            let other = Database::open(&keeping.folder.path().join("trao.db")).await.unwrap();
            let mut tasks = tokio::task::JoinSet::new();
            for (index, ms) in moments.iter().copied().enumerate() {
                let db = if index % 2 == 0 { keeping.db.clone() } else { other.clone() };
                tasks.spawn(async move {
                    admitted(&db, &bucket(burst, every_ms), NOW + Duration::milliseconds(ms)).await
                });
            }
            tasks.join_all().await.into_iter().filter(|admitted| *admitted).count()
        });
        let most = i64::from(burst) + elapsed / every_ms;
        prop_assert!(i64::try_from(count).unwrap() <= most, "{count} > {most}");
    }
}

/// A network has one try where a bucket is empty, however many of it come at once.
#[tokio::test(flavor = "multi_thread")]
async fn callers_of_one_network_that_come_together_have_one_try_between_them() {
    let keeping = Keeping::new().await;
    let since = NOW - Duration::hours(24);
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..24 {
        let db = keeping.db.clone();
        tasks.spawn(async move {
            let mut tx = db.begin().await.unwrap();
            let taken = tx.take_try(&[7; 32], &[1; 32], since, NOW).await.unwrap();
            tx.commit().await.unwrap();
            taken
        });
    }
    let taken = tasks.join_all().await;
    assert_eq!(taken.iter().filter(|taken| **taken).count(), 1);
    let mut tx = keeping.db.begin().await.unwrap();
    let (bucket, net) = ([7; 32], [1; 32]);
    let day_on = NOW + Duration::hours(24);
    assert!(tx.take_try(&bucket, &net, NOW, day_on).await.unwrap());
    tx.give_try_back(&bucket, &net).await.unwrap();
    assert!(tx.take_try(&bucket, &net, NOW, day_on).await.unwrap());
    tx.note_miss(&[8; 32], &net, NOW).await.unwrap();
    assert!(!tx.take_try(&[8; 32], &net, since, NOW).await.unwrap());
    assert!(tx.take_try(&[8; 32], &[2; 32], since, NOW).await.unwrap());
}
