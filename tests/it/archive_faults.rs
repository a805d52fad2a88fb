//! What happens to an archive when its store is tampered with, breaks or loses an answer.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use time::{Duration, OffsetDateTime};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy};
use tokio::net::{TcpListener, TcpStream};
use trao::archive::{Archive, ArchiveError, Area, Damage};
use trao::config::S3Settings;
use trao::database::StoredObject;
use trao::model::{ObjectKey, ResultId};

use crate::support::pdf;
use crate::support::stores::{Bench, ObjectService, file_below, large_pdf, received_key};

fn corrupt<T>(outcome: &Result<T, ArchiveError>, damage: Damage) -> bool {
    matches!(outcome, Err(ArchiveError::Corrupt(found)) if *found == damage)
}

#[tokio::test]
async fn a_file_tampered_with_on_disk_is_not_given_out() {
    let bench = Bench::files().await;
    let pdf = pdf::one_page();
    let object = bench.stored(&pdf).await;
    let path = bench.folder().join(object.key.as_str());
    let mut tampered = pdf.clone();
    tampered[pdf.len() / 2] ^= 1;
    for (bytes, damage) in [
        (&tampered[..], Damage::Digest),
        (&pdf[1..], Damage::Length),
        (&b""[..], Damage::Length),
    ] {
        fs::remove_file(&path).unwrap();
        fs::write(&path, bytes).unwrap();
        let read = bench.read(&object, None).await;
        assert!(corrupt(&read, damage), "{read:?}");
    }
}

#[tokio::test]
async fn a_result_is_not_taken_for_what_stands_under_its_name() {
    let bench = Bench::files().await;
    let signed = bench.signed(&pdf::one_page()).await;
    let key = ObjectKey::sealed(ResultId::from_bytes([7; 16]), 1, &signed.sha256());
    bench.archive.put_result(&key, &signed).await.unwrap();
    let path = bench.folder().join(key.as_str());
    let mut bytes = fs::read(&path).unwrap();
    bytes[100] ^= 1;
    fs::remove_file(&path).unwrap();
    fs::write(&path, bytes).unwrap();
    let put = bench.archive.put_result(&key, &signed).await;
    assert!(corrupt(&put, Damage::Digest), "{put:?}");
}

#[tokio::test]
async fn a_symbolic_link_in_the_path_is_not_followed() {
    let bench = Bench::files().await;
    let pdf = pdf::one_page();
    let object = bench.stored(&pdf).await;
    let path = bench.folder().join(object.key.as_str());
    let folder = path.parent().unwrap();
    let elsewhere = bench.scratch.path().join("elsewhere");

    // To a neighbour with the same bytes, out of the archive, and for the folder.
    let neighbour = bench.folder().join(bench.stored(&pdf).await.key.as_str());
    fs::rename(&path, &elsewhere).unwrap();
    let from_here = neighbour
        .strip_prefix(bench.folder().join("received"))
        .unwrap();
    symlink(Path::new("..").join(from_here), &path).unwrap();
    assert_eq!(fs::read(&path).unwrap(), pdf);
    let read = bench.read(&object, None).await;
    assert!(corrupt(&read, Damage::NotAFile), "{read:?}");
    fs::remove_file(&path).unwrap();
    fs::rename(&elsewhere, &path).unwrap();
    fs::rename(&path, &elsewhere).unwrap();
    symlink(&elsewhere, &path).unwrap();
    let read = bench.read(&object, None).await;
    assert!(corrupt(&read, Damage::NotAFile), "{read:?}");
    fs::remove_file(&path).unwrap();
    fs::rename(&elsewhere, &path).unwrap();
    fs::rename(folder, &elsewhere).unwrap();
    symlink(&elsewhere, folder).unwrap();
    let read = bench.read(&object, None).await;
    assert!(corrupt(&read, Damage::NotAFile), "{read:?}");
    let removed = bench.archive.delete(&object.key).await;
    assert!(corrupt(&removed, Damage::NotAFile), "{removed:?}");
    assert!(elsewhere.join(path.file_name().unwrap()).exists());
}

#[tokio::test]
async fn a_write_is_not_led_astray_by_a_symbolic_link() {
    let bench = Bench::files().await;
    let elsewhere = bench.scratch.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    let received = bench.folder().join("received");
    fs::remove_dir(&received).unwrap();
    symlink(&elsewhere, &received).unwrap();
    let file = bench.inspected(&pdf::one_page()).await;
    let put = bench.archive.put_received(&received_key(), &file).await;
    assert!(corrupt(&put, Damage::NotAFile), "{put:?}");
    assert_eq!(fs::read_dir(elsewhere).unwrap().count(), 0);
}

/// Neither Garage nor s3s-fs can be held to this: that is why a name is never used twice.
#[tokio::test]
async fn of_many_writers_of_one_name_one_wins() {
    let bench = Bench::files().await;
    let (key, pdf) = (received_key(), pdf::one_page());
    let mut files = Vec::new();
    for nth in 0..8 {
        files.push(
            bench
                .inspected(&pdf::append(&pdf, &[(9, format!("{nth}"))]))
                .await,
        );
    }
    let puts = files
        .iter()
        .map(|file| bench.archive.put_received(&key, file));
    let outcomes = futures_util::future::join_all(puts).await;
    let won: Vec<_> = outcomes
        .iter()
        .zip(&files)
        .filter(|(outcome, _)| outcome.is_ok())
        .collect();
    assert_eq!(won.len(), 1, "{outcomes:?}");
    let object = StoredObject {
        key,
        sha256: won[0].1.sha256(),
        len: won[0].1.len(),
    };
    bench.read(&object, None).await.unwrap();
}

#[tokio::test]
async fn a_pipe_in_place_of_an_object_holds_nobody_up() {
    let bench = Bench::files().await;
    let object = bench.stored(&pdf::one_page()).await;
    let path = bench.folder().join(object.key.as_str());
    fs::remove_file(&path).unwrap();
    assert!(
        Command::new("mkfifo")
            .arg(&path)
            .status()
            .unwrap()
            .success()
    );
    let read = bench.read(&object, None).await;
    assert!(corrupt(&read, Damage::NotAFile), "{read:?}");
}

#[tokio::test]
async fn what_a_crashed_write_left_is_swept_once_it_is_old() {
    let bench = Bench::files().await;
    bench.stored(&pdf::one_page()).await;
    let unfinished = bench.folder().join("unfinished");
    assert_eq!(fs::read_dir(&unfinished).unwrap().count(), 0);
    fs::write(unfinished.join("left"), "half").unwrap();
    let written = OffsetDateTime::from(
        unfinished
            .join("left")
            .metadata()
            .unwrap()
            .modified()
            .unwrap(),
    );
    assert_eq!(bench.archive.clear_abandoned(written).await.unwrap(), 0);
    let later = written + Duration::SECOND;
    assert_eq!(bench.archive.clear_abandoned(later).await.unwrap(), 1);
    assert_eq!(fs::read_dir(&unfinished).unwrap().count(), 0);
    assert_eq!(bench.listed(Area::Received).await.len(), 1);
}

#[tokio::test]
async fn a_stray_file_does_not_stop_a_listing() {
    let bench = Bench::files().await;
    let object = bench.stored(&pdf::one_page()).await;
    fs::write(bench.folder().join("received/README"), "x").unwrap();
    fs::create_dir(bench.folder().join("received/lost+found")).unwrap();
    fs::write(bench.folder().join("received/lost+found/1"), "x").unwrap();
    symlink("/", bench.folder().join("received/root")).unwrap();
    let listed = bench.listed(Area::Received).await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].key, object.key);
}

#[tokio::test]
async fn a_block_tampered_with_in_garage_is_not_given_out() {
    let garage = Arc::new(ObjectService::garage().await);
    let bench = Bench::on(Arc::clone(&garage)).await;
    let object = bench.stored(&large_pdf(100_000)).await;
    let block = file_below(&garage.data.path().join("data"), 10_000).unwrap();
    let mut bytes = fs::read(&block).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 0xff;
    fs::write(&block, bytes).unwrap();
    assert!(bench.read(&object, None).await.is_err());
}

#[tokio::test]
async fn a_store_that_is_down_is_unavailable_and_nothing_else() {
    let garage = ObjectService::garage().await;
    let archive = Archive::open_s3(&garage.settings(garage.address))
        .await
        .unwrap();
    let bench = Bench::over(archive, tempfile::tempdir().unwrap(), None).await;
    let object = bench.stored(&pdf::one_page()).await;
    let file = bench.inspected(&pdf::one_page()).await;
    drop(garage);
    let unavailable = |outcome: Result<(), ArchiveError>| {
        assert!(
            matches!(outcome, Err(ArchiveError::Unavailable(_))),
            "{outcome:?}"
        );
    };
    unavailable(bench.archive.reachable().await);
    unavailable(bench.archive.put_received(&received_key(), &file).await);
    unavailable(bench.read(&object, None).await.map(drop));
    unavailable(bench.archive.head(&object.key).await.map(drop));
    unavailable(bench.archive.probe().await.map(drop));
}

#[tokio::test]
async fn wrong_credentials_and_a_wrong_bucket_are_told_at_the_start() {
    let garage = ObjectService::garage().await;
    let right = garage.settings(garage.address);
    for wrong in [
        S3Settings {
            access_key_id: "GKffffffffffffffffffffffff".to_owned(),
            ..right.clone()
        },
        S3Settings {
            bucket: "another".to_owned(),
            ..right.clone()
        },
    ] {
        let probed = Archive::open_s3(&wrong).await.unwrap().probe().await;
        assert!(
            matches!(probed, Err(ArchiveError::Unavailable(_))),
            "{probed:?}"
        );
    }
    for unfit in [
        S3Settings {
            secret_access_key_file: Some("/nowhere".into()),
            ..right.clone()
        },
        S3Settings {
            ca_file: right.secret_access_key_file.clone(),
            ..right.clone()
        },
    ] {
        let opened = Archive::open_s3(&unfit).await;
        assert!(
            matches!(opened, Err(ArchiveError::Settings(_))),
            "{opened:?}"
        );
    }
}

/// A proxy that, once it is `deaf`, passes a request on, keeps the answer to itself and hangs up.
async fn proxy_to(target: SocketAddr, deaf: Arc<AtomicBool>) -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        loop {
            let (mut client, _) = listener.accept().await.unwrap();
            let mut server = TcpStream::connect(target).await.unwrap();
            let deaf = Arc::clone(&deaf);
            tokio::spawn(async move {
                let (mut from_client, mut to_client) = client.split();
                let (mut from_server, mut to_server) = server.split();
                let answers = async {
                    let mut answer = [0; 4096];
                    loop {
                        let len = from_server.read(&mut answer).await.unwrap();
                        if len == 0 || deaf.swap(false, Ordering::SeqCst) {
                            return;
                        }
                        to_client.write_all(&answer[..len]).await.unwrap();
                    }
                };
                tokio::select! {
                    () = answers => {}
                    _ = copy(&mut from_client, &mut to_server) => {}
                }
            });
        }
    });
    address
}

#[tokio::test]
async fn an_object_whose_answer_was_lost_is_recognised_as_ours() {
    let service = ObjectService::s3s().await;
    let deaf = Arc::new(AtomicBool::new(false));
    let proxy = proxy_to(service.address, Arc::clone(&deaf)).await;
    let archive = Archive::open_s3(&service.settings(proxy)).await.unwrap();
    assert!(archive.probe().await.unwrap().write_once);
    let bench = Bench::over(archive, tempfile::tempdir().unwrap(), None).await;
    let file = bench.inspected(&pdf::one_page()).await;
    deaf.store(true, Ordering::SeqCst);
    bench
        .archive
        .put_received(&received_key(), &file)
        .await
        .unwrap();
    assert!(!deaf.load(Ordering::SeqCst), "no answer was lost");
    assert_eq!(bench.listed(Area::Received).await.len(), 1);
}
