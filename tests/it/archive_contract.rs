//! The archive's contract: each case is tried on a folder, on Garage and on s3s-fs.

use std::os::unix::fs::PermissionsExt as _;

use futures_util::StreamExt as _;
use trao::archive::{ArchiveError, Area, Capabilities, Damage};
use trao::database::StoredObject;
use trao::model::{ObjectKey, ResultId, Sha256Digest};
use trao::secrets;

use crate::support::pdf;
use crate::support::stores::{Bench, large_pdf, received_key};

macro_rules! contract {
    ($($case:ident),* $(,)?) => {
        mod files { $(#[tokio::test] async fn $case() { super::$case(super::Bench::files().await).await; })* }
        mod garage { $(#[tokio::test] async fn $case() { super::$case(super::Bench::garage().await).await; })* }
        mod s3s { $(#[tokio::test] async fn $case() { super::$case(super::Bench::s3s().await).await; })* }
    };
}

contract!(
    what_was_stored_is_read_back,
    a_taken_name_is_refused_and_its_object_left_alone,
    a_file_that_is_not_the_announced_one_is_not_stored,
    an_empty_file_is_not_stored,
    a_range_is_read_to_the_byte,
    what_is_not_there_is_not_found,
    other_bytes_than_recorded_never_come_out_complete,
    another_length_than_recorded_is_refused_at_once,
    what_was_removed_is_gone,
    a_listing_shows_one_area,
    a_copy_is_private_and_overwrites_nothing,
    a_reader_that_goes_away_harms_nobody,
    the_probe_leaves_nothing,
);

async fn what_was_stored_is_read_back(bench: Bench) {
    let pdf = pdf::one_page();
    let received = bench.stored(&pdf).await;
    assert_eq!(bench.read(&received, None).await.unwrap(), pdf);

    let signed = bench.signed(&pdf).await;
    let object = StoredObject {
        key: ObjectKey::sealed(ResultId::from_bytes(secrets::random()), 1, &signed.sha256()),
        sha256: signed.sha256(),
        len: signed.len(),
    };
    bench
        .archive
        .put_result(&object.key, &signed)
        .await
        .unwrap();
    let read = bench.read(&object, None).await.unwrap();
    assert_eq!(read, std::fs::read(signed.path()).unwrap());
    // An attempt that died may have come so far: the name has this one content.
    bench
        .archive
        .put_result(&object.key, &signed)
        .await
        .unwrap();
    let info = bench.archive.head(&object.key).await.unwrap().unwrap();
    assert_eq!(info.len, signed.len());
    assert!(info.sha256.is_none_or(|sha256| sha256 == signed.sha256()));
}

async fn a_taken_name_is_refused_and_its_object_left_alone(bench: Bench) {
    let pdf = pdf::one_page();
    let object = bench.stored(&pdf).await;
    let other = bench
        .inspected(&pdf::append(&pdf, &[(9, "null".to_owned())]))
        .await;
    for probed in [false, true] {
        if probed {
            bench.archive.probe().await.unwrap();
        }
        let again = bench.archive.put_received(&object.key, &other).await;
        assert!(
            matches!(again, Err(ArchiveError::AlreadyExists)),
            "{again:?}"
        );
        assert_eq!(bench.read(&object, None).await.unwrap(), pdf);
    }
}

async fn a_file_that_is_not_the_announced_one_is_not_stored(bench: Bench) {
    let pdf = pdf::one_page();
    let len = pdf.len() as u64;
    let wrong_digest = bench
        .announced(&pdf, Sha256Digest::of(b"another"), len)
        .await;
    let cut_short = bench.inspected(&pdf).await;
    std::fs::write(cut_short.path(), &pdf[..pdf.len() / 2]).unwrap();
    let grown = bench.inspected(&pdf).await;
    std::fs::write(grown.path(), [&pdf[..], b"x"].concat()).unwrap();
    let changed = bench.inspected(&pdf).await;
    std::fs::write(
        changed.path(),
        pdf.iter().rev().copied().collect::<Vec<u8>>(),
    )
    .unwrap();

    for file in [wrong_digest, cut_short, grown, changed] {
        let key = received_key();
        let put = bench.archive.put_received(&key, &file).await;
        assert!(matches!(put, Err(ArchiveError::SourceChanged)), "{put:?}");
        assert_eq!(bench.archive.head(&key).await.unwrap(), None);
    }
    assert_eq!(bench.listed(Area::Received).await, []);
}

async fn an_empty_file_is_not_stored(bench: Bench) {
    let pdf = pdf::one_page();
    let empty = bench.announced(&pdf, Sha256Digest::of(b""), 0).await;
    let put = bench.archive.put_received(&received_key(), &empty).await;
    assert!(matches!(put, Err(ArchiveError::Empty)), "{put:?}");
}

async fn a_range_is_read_to_the_byte(bench: Bench) {
    let pdf = pdf::one_page();
    let object = bench.stored(&pdf).await;
    let len = object.len;
    for range in [0..1, 1..2, len - 1..len, 0..len - 1, 1..len, 0..len] {
        let read = bench.read(&object, Some(range.clone())).await.unwrap();
        let (start, end) = (
            usize::try_from(range.start).unwrap(),
            usize::try_from(range.end).unwrap(),
        );
        assert_eq!(read, pdf[start..end], "{range:?}");
    }
    for range in [0..0, len..len, len..len + 1, 0..len + 1, 0..u64::MAX] {
        let read = bench.read(&object, Some(range.clone())).await;
        assert!(
            matches!(read, Err(ArchiveError::OutOfRange)),
            "{range:?}: {read:?}"
        );
    }
}

async fn what_is_not_there_is_not_found(bench: Bench) {
    let object = StoredObject {
        key: received_key(),
        sha256: Sha256Digest::of(b"x"),
        len: 1,
    };
    assert!(matches!(
        bench.read(&object, None).await,
        Err(ArchiveError::NotFound)
    ));
    assert_eq!(bench.archive.head(&object.key).await.unwrap(), None);
    bench.archive.delete(&object.key).await.unwrap();
    let copy = bench.scratch.path().join("copy");
    let fetched = bench
        .archive
        .fetch_to(&bench.permit(&object).await, &copy)
        .await;
    assert!(
        matches!(fetched, Err(ArchiveError::NotFound)),
        "{fetched:?}"
    );
    assert!(!copy.exists());
}

async fn other_bytes_than_recorded_never_come_out_complete(bench: Bench) {
    let pdf = pdf::one_page();
    let mut object = bench.stored(&pdf).await;
    object.sha256 = Sha256Digest::of(b"another");
    let permit = bench.permit(&object).await;
    let wrong = |outcome: &Result<(), ArchiveError>| {
        matches!(outcome, Err(ArchiveError::Corrupt(Damage::Digest)))
    };
    let read = bench.read(&object, None).await.map(drop);
    assert!(wrong(&read), "{read:?}");
    let checked = bench.archive.check(&permit).await;
    assert!(wrong(&checked), "{checked:?}");
    let copy = bench.scratch.path().join("copy");
    let fetched = bench.archive.fetch_to(&permit, &copy).await;
    assert!(wrong(&fetched), "{fetched:?}");
    assert!(!copy.exists());
}

async fn another_length_than_recorded_is_refused_at_once(bench: Bench) {
    let pdf = pdf::one_page();
    let object = bench.stored(&pdf).await;
    for len in [object.len - 1, object.len + 1] {
        let object = StoredObject {
            len,
            ..object.clone()
        };
        for range in [None, Some(0..1), Some(len - 1..len)] {
            let opened = bench
                .archive
                .open(&bench.permit(&object).await, range)
                .await;
            assert!(
                matches!(opened, Err(ArchiveError::Corrupt(Damage::Length))),
                "{opened:?}"
            );
        }
    }
}

async fn what_was_removed_is_gone(bench: Bench) {
    let object = bench.stored(&pdf::one_page()).await;
    bench.archive.delete(&object.key).await.unwrap();
    assert_eq!(bench.archive.head(&object.key).await.unwrap(), None);
    assert!(matches!(
        bench.read(&object, None).await,
        Err(ArchiveError::NotFound)
    ));
    bench.archive.delete(&object.key).await.unwrap();
}

async fn a_listing_shows_one_area(bench: Bench) {
    let pdf = pdf::one_page();
    let mut stored = Vec::new();
    for _ in 0..3 {
        stored.push(bench.stored(&pdf).await.key);
    }
    let listed = bench.listed(Area::Received).await;
    assert!(listed.iter().all(|object| object.len == pdf.len() as u64));
    let mut keys: Vec<_> = listed.into_iter().map(|object| object.key).collect();
    keys.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    stored.sort_by(|a, b| a.as_str().cmp(b.as_str()));
    assert_eq!(keys, stored);
    assert_eq!(bench.listed(Area::Results).await, []);
}

async fn a_copy_is_private_and_overwrites_nothing(bench: Bench) {
    let pdf = pdf::one_page();
    let permit = bench.permit(&bench.stored(&pdf).await).await;
    let copy = bench.scratch.path().join("copy");
    bench.archive.fetch_to(&permit, &copy).await.unwrap();
    assert_eq!(std::fs::read(&copy).unwrap(), pdf);
    assert_eq!(copy.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    std::fs::write(&copy, "mine").unwrap();
    let again = bench.archive.fetch_to(&permit, &copy).await;
    assert!(
        matches!(again, Err(ArchiveError::AlreadyExists)),
        "{again:?}"
    );
    assert_eq!(std::fs::read(&copy).unwrap(), b"mine");
}

async fn a_reader_that_goes_away_harms_nobody(bench: Bench) {
    let pdf = large_pdf(1 << 20);
    let object = bench.stored(&pdf).await;
    for _ in 0..20 {
        let mut reader = bench
            .archive
            .open(&bench.permit(&object).await, None)
            .await
            .unwrap();
        reader.next().await.unwrap().unwrap();
    }
    assert!(bench.read(&object, None).await.unwrap() == pdf);
}

async fn the_probe_leaves_nothing(bench: Bench) {
    let found = bench.archive.probe().await.unwrap();
    assert_eq!(bench.archive.probe().await.unwrap(), found);
    assert_eq!(bench.listed(Area::Received).await, []);
    bench.archive.reachable().await.unwrap();
}

#[tokio::test]
async fn the_probe_tells_the_stores_apart() {
    let capabilities = |write_once, tells_sha256| Capabilities {
        write_once,
        tells_sha256,
    };
    for (bench, expected) in [
        (Bench::files().await, capabilities(true, false)),
        (Bench::garage().await, capabilities(false, true)),
        (Bench::s3s().await, capabilities(true, true)),
    ] {
        assert_eq!(bench.archive.probe().await.unwrap(), expected);
    }
}
