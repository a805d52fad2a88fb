//! A worker's hold on a result, for as long as it works on it.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use time::Duration;
use trao::model::ResultState;

use crate::support::service::{TestService, pdf, reader};

const LEASE_SECONDS: u64 = 5;

/// With many threads a seal keeps the task that wants it standing still.
#[tokio::test(flavor = "multi_thread")]
async fn a_lease_is_renewed_while_a_file_takes_long_to_seal() {
    let service = TestService::with(|settings| settings.sealing.lease_s = LEASE_SECONDS).await;
    let received = service.received("H13.12-261123-0001", &[&pdf("a")]).await;
    let waiting = waiting_reader(&service);
    let service = service.restart_with(waiting).await;
    let (publication, officer) = (service.app.publication.clone(), service.officer());
    let (id, manifest, now) = (received.id, received.manifest, service.now());
    let sealing =
        tokio::spawn(async move { publication.approve(&officer, id, manifest, now).await });

    until_the_lease_is_new(&service).await;
    for _ in 0..2 {
        service.clock.advance(Duration::seconds(4));
        until_the_lease_is_new(&service).await;
    }
    let other = service.second().await;
    assert_eq!(other.publication.recover().await.unwrap(), 0);
    fs::write(service.path().join("go"), "").unwrap();
    let sealed = sealing.await.unwrap().unwrap();
    assert_eq!(sealed.state, ResultState::Released);
}

/// The reading child as soon as there is a file `go`.
fn waiting_reader(service: &TestService) -> PathBuf {
    let (path, go) = (service.path().join("waiting"), service.path().join("go"));
    let wait = format!("while [ ! -e {} ]; do sleep 0.05; done", go.display());
    let script = format!("#!/bin/sh\n{wait}\nexec {} \"$@\"\n", reader().display());
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
    path
}

/// Until somebody holds the result for a whole lease from now on.
async fn until_the_lease_is_new(service: &TestService) {
    let ends = service.now() + std::time::Duration::from_secs(LEASE_SECONDS);
    let query = "SELECT max(lease_until) FROM results";
    let ends = ends.unix_timestamp() * 1000;
    service.until(query, ends, "the lease is not renewed").await;
}
