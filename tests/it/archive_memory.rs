//! What transfers cost in memory. Each figure is taken in a process of its own, because other tests
//! would disturb it.

use std::time::Duration;

use futures_util::StreamExt as _;
use trao::database::StoredObject;
use trao::model::Sha256Digest;

use crate::support::measured::{OWN, forget_the_peak, measured, memory_kib};
use crate::support::pdf;
use crate::support::stores::{Bench, large_pdf, received_key};

/// A transfer takes no more memory than this, whatever the object's size.
const TRANSFER_KIB: u64 = 8 * 1024;
const LARGE_BYTES: usize = 60 << 20;
/// And a download by a slow requester no more than this.
const SLOW_READER_KIB: u64 = 192;
const SLOW_READERS: u64 = 200;

#[test]
fn a_large_object_takes_a_constant_of_memory_on_disk() {
    measured(
        "archive_memory::a_large_object_takes_a_constant_of_memory_on_disk",
        async || transfer_a_large_object(Bench::files().await).await,
    );
}

#[test]
fn a_large_object_takes_a_constant_of_memory_in_garage() {
    measured(
        "archive_memory::a_large_object_takes_a_constant_of_memory_in_garage",
        async || transfer_a_large_object(Bench::garage().await).await,
    );
}

#[test]
fn slow_readers_take_little_memory_on_disk() {
    measured(
        "archive_memory::slow_readers_take_little_memory_on_disk",
        async || {
            read_slowly(Bench::files().await).await;
        },
    );
}

#[test]
fn slow_readers_take_little_memory_in_garage() {
    measured(
        "archive_memory::slow_readers_take_little_memory_in_garage",
        async || {
            read_slowly(Bench::garage().await).await;
        },
    );
}

async fn transfer_a_large_object(bench: Bench) {
    // What the first transfer sets up is not counted.
    bench.stored(&pdf::one_page()).await;
    let (object, file) = {
        let pdf = large_pdf(LARGE_BYTES);
        let object = StoredObject {
            key: received_key(),
            sha256: Sha256Digest::of(&pdf),
            len: pdf.len() as u64,
        };
        (object, bench.inspected(&pdf).await)
    };
    let permit = bench.permit(&object).await;
    forget_the_peak();
    let before = memory_kib(OWN, "VmRSS:");
    bench
        .archive
        .put_received(&object.key, &file)
        .await
        .unwrap();
    bench
        .archive
        .fetch_to(&permit, &bench.scratch.path().join("copy"))
        .await
        .unwrap();
    let grown = memory_kib(OWN, "VmHWM:").saturating_sub(before);
    println!("{LARGE_BYTES} bytes there and back took {grown} KiB");
    assert!(grown < TRANSFER_KIB, "{grown} KiB");
}

async fn read_slowly(bench: Bench) {
    let object = bench.stored(&large_pdf(8 << 20)).await;
    let permit = bench.permit(&object).await;
    let before = memory_kib(OWN, "VmRSS:");
    let mut readers = Vec::new();
    for _ in 0..SLOW_READERS {
        let mut reader = bench.archive.open(&permit, None).await.unwrap();
        let mut last = None;
        for _ in 0..8 {
            last = Some(reader.next().await.unwrap().unwrap());
        }
        readers.push((reader, last));
    }
    // Time for the store to fill what can be filled.
    tokio::time::sleep(Duration::from_secs(1)).await;
    let each = memory_kib(OWN, "VmRSS:").saturating_sub(before) / SLOW_READERS;
    println!("a slow reader takes {each} KiB");
    assert!(each < SLOW_READER_KIB, "{each} KiB");
}
