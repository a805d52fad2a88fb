//! Nobody learns of a certificate's end by held results: officers, operators and figures tell it.

use std::path::PathBuf;

use tempfile::TempDir;
use time::{Duration, OffsetDateTime};
use trao::model::VIETNAM;
use trao::pades::test_pki::{KeyKind, LeafProfile, Purpose, TestPki};

use crate::support::doctor;
use crate::support::pki::profile;
use crate::support::pki_service::PkiService;
use crate::support::process::{Process, client};
use crate::support::service::TestService;
use crate::support::stores::file_below;
use crate::support::visitor::{Visitor, clerk};

/// The notice on the page of what waits; nothing where there is none.
async fn notice(clerk: &Visitor) -> Option<String> {
    let page = clerk.get("/officer").await;
    let (_, rest) = page.text().split_once("certificate")?;
    Some(rest.split_once("</div>")?.0.to_owned())
}

async fn seals_until(service: &TestService, not_after: OffsetDateTime) {
    let profile = LeafProfile {
        not_after,
        ..profile(KeyKind::P256)
    };
    let issued = service.pki.issue(&profile).unwrap();
    // The newest seals.
    service.clock.advance(Duration::SECOND);
    service.add_identity(service.agency, &issued).await;
}

#[tokio::test]
async fn officers_are_told_when_the_certificate_ends() {
    let service = TestService::new().await;
    let clerk = clerk(&service).await;
    assert_eq!(notice(&clerk).await, None);

    let end = service.now() + Duration::days(90);
    seals_until(&service, end).await;
    let told = notice(&clerk).await.unwrap();
    assert!(told.contains("sắp hết hạn"), "{told}");
    assert!(told.contains("Còn 89 ngày"), "{told}");
    assert!(!told.contains("wrong"), "{told}");

    // Sessions last half a day, so another certificate stands for another day.
    seals_until(&service, service.now() + Duration::days(5)).await;
    let told = notice(&clerk).await.unwrap();
    assert!(told.contains("vài ngày tới"), "{told}");
    assert!(told.contains("wrong"), "{told}");

    for left in [Duration::DAY, Duration::hours(3)] {
        seals_until(&service, service.now() + left).await;
        let told = notice(&clerk).await.unwrap();
        assert!(told.contains("trong 24 giờ tới"), "{told}");
        assert!(told.contains("Hết hạn lúc"), "{told}");
        assert!(told.contains("wrong") && !told.contains("Còn"), "{told}");
    }

    seals_until(&service, service.now() - Duration::days(1)).await;
    let told = notice(&clerk).await.unwrap();
    assert!(told.contains("đã hết hạn"), "{told}");
    assert!(!told.contains("Còn"), "{told}");
}

/// Only the certificate that seals counts, and each agency's own.
#[tokio::test]
async fn a_new_certificate_ends_the_notice_and_another_agencys_makes_none() {
    let service = TestService::new().await;
    let clerk = clerk(&service).await;
    seals_until(&service, service.now() + Duration::days(5)).await;
    assert!(notice(&clerk).await.is_some());
    seals_until(&service, service.now() + Duration::days(600)).await;
    assert_eq!(notice(&clerk).await, None);

    let below = service.agency_below(service.agency).await;
    let profile = LeafProfile {
        not_after: service.now() + Duration::days(5),
        ..profile(KeyKind::P256)
    };
    let issued = service.pki.issue(&profile).unwrap();
    service.add_identity(below, &issued).await;
    assert_eq!(notice(&clerk).await, None);
}

/// A key in files, with a certificate that lasts so long from now, below authorities that are valid
/// since `age`.
fn key_files(lasts: Duration, age: Duration) -> (TempDir, [PathBuf; 3]) {
    let now = PkiService::now();
    let profile = LeafProfile {
        subject: "Ủy ban nhân dân phường".to_owned(),
        key: KeyKind::P256,
        not_before: now - Duration::days(300),
        not_after: now + lasts,
        purpose: Purpose::Sign,
        revocation: None,
    };
    // Authorities of the test are two years old.
    let pki = TestPki::new(&profile, now + Duration::days(2 * 365) - age).unwrap();
    let agency = pki.agency();
    let folder = tempfile::tempdir().unwrap();
    let files = ["key.pem", "cert.pem", "chain.pem"].map(|name| folder.path().join(name));
    let parts = [
        agency.key_pem().unwrap(),
        agency.certificate_pem().unwrap(),
        agency.chain_pem().unwrap(),
    ];
    for (file, part) in files.iter().zip(parts) {
        std::fs::write(file, part).unwrap();
    }
    (folder, files)
}

/// Adds a second identity to the demonstration's agency: its id.
fn add_identity(process: &Process, lasts: Duration) -> (TempDir, String) {
    add_identity_below(process, lasts, Duration::days(400))
}

/// The same below authorities that are valid since `age`.
fn add_identity_below(process: &Process, lasts: Duration, age: Duration) -> (TempDir, String) {
    let (_, agencies) = process.run(&["agency", "list", "--json"]);
    let agency: serde_json::Value = serde_json::from_str(agencies.lines().next().unwrap()).unwrap();
    let agency = agency["id"].as_str().unwrap();
    let (folder, files) = key_files(lasts, age);
    let [key, cert, chain] = files.each_ref().map(|file| file.to_str().unwrap());
    let (is_added, id) = process.run(&[
        "identity", "add", "--agency", agency, "--name", "mới", "--key", key, "--cert", cert,
        "--chain", chain,
    ]);
    assert!(is_added, "{id}");
    (folder, id.trim().to_owned())
}

#[tokio::test]
async fn operators_are_told_by_doctor_and_by_figures() {
    let mut process = Process::start(&[]).await;
    let before = doctor::check(&process, "identities");
    assert!(before["wrong"].is_null() && before["note"].is_null());

    let (_first, month) = add_identity(&process, Duration::days(20));
    let found = doctor::check(&process, "identities");
    assert!(found["wrong"].is_null(), "{found}");
    assert!(found["note"].as_str().unwrap().contains(&month), "{found}");
    assert!(process.run(&["doctor"]).0);

    let (_second, week) = add_identity(&process, Duration::days(3));
    let found = doctor::check(&process, "identities");
    assert!(found["wrong"].as_str().unwrap().contains(&week), "{found}");
    assert!(!process.run(&["doctor"]).0);

    process.restart(&[]).await;
    let left = seconds_left(&process, &week).await;
    let day = 86_400.0;
    assert!((2.9 * day..3.0 * day).contains(&left), "{left}");
}

/// What doctor says of an end in the last day, and of one in the past.
fn told_of(end: OffsetDateTime, is_over: bool) -> String {
    let (day, hour, minute) = (end.date(), end.hour(), end.minute());
    if is_over {
        return format!("expired: its certificates ended on {day}");
    }
    format!("its certificates end within a day, on {day} at {hour:02}:{minute:02} in Viet Nam")
}

#[tokio::test]
async fn operators_are_told_the_hour_in_the_last_day_and_the_day_afterwards() {
    let process = Process::start(&[]).await;
    for lasts in [
        Duration::hours(23),
        Duration::minutes(5),
        -Duration::hours(3),
    ] {
        let end = (PkiService::now() + lasts).to_offset(VIETNAM);
        let (_files, id) = add_identity(&process, lasts);
        let found = doctor::check(&process, "identities");
        let wrong = found["wrong"].as_str().unwrap();
        // The minute may have passed since.
        let told = [end, end + Duration::MINUTE].map(|end| told_of(end, lasts.is_negative()));
        let is_told = |told: &String| wrong.contains(&format!("{id}: {told}"));
        assert!(told.iter().any(is_told), "{told:?}: {wrong}");
        assert!(process.run(&["identity", "disable", &id]).0);
    }
    assert!(process.run(&["doctor"]).0);
}

#[tokio::test]
async fn operators_are_told_of_an_authority_that_is_not_valid_yet() {
    let process = Process::start(&[]).await;
    let (_files, id) = add_identity_below(&process, Duration::days(200), -Duration::DAY);
    let found = doctor::check(&process, "identities");
    let told = format!("{id}: not_yet_valid");
    assert!(
        found["wrong"].as_str().unwrap_or_default().contains(&told),
        "{found}"
    );
    assert!(!process.run(&["doctor"]).0);
}

#[tokio::test]
async fn doctor_looks_at_all_else_when_an_identity_cannot_be_read() {
    let process = Process::start(&[]).await;
    let (folder, _) = add_identity(&process, Duration::days(200));
    let object = file_below(&process.data().join("objects/results"), 1).unwrap();
    std::fs::remove_file(object).unwrap();
    drop(folder);
    let found = doctor::check(&process, "identities");
    let wrong = found["wrong"].as_str().unwrap();
    assert!(
        wrong.contains("mới") && wrong.contains("No such file"),
        "{wrong}"
    );
    let results = doctor::check(&process, "results");
    assert_eq!(results["flaws"][0]["code"], "object_gone", "{results}");
    assert!(!process.run(&["doctor"]).0);
}

#[tokio::test]
async fn doctor_tells_of_seals_that_need_a_time_stamp_nobody_gives() {
    let process = Process::start(&[]).await;
    let (_folder, id) = add_identity(&process, Duration::days(200));
    let policy = |least: &str| {
        let words = [
            "identity",
            "policy",
            &id,
            "--level",
            "t",
            "--level-min",
            least,
        ];
        assert!(process.run(&words).0);
        doctor::check(&process, "identities")
    };
    let found = policy("b");
    assert!(
        found["wrong"].is_null() && found["note"].as_str().unwrap().contains(&id),
        "{found}"
    );
    let found = policy("t");
    assert!(
        found["wrong"].as_str().unwrap().contains("[[tsa]]"),
        "{found}"
    );
}

/// What the figures say of an identity, as soon as the first sweep has been.
async fn seconds_left(process: &Process, identity: &str) -> f64 {
    let name = format!("trao_identity_expiry_seconds{{identity=\"{identity}\"}} ");
    for _ in 0..300 {
        let answer = client(1).get(&process.metrics_url).send().await.unwrap();
        let figures = answer.text().await.unwrap();
        let line = figures.lines().find_map(|line| line.strip_prefix(&name));
        if let Some(figure) = line {
            return figure.parse().unwrap();
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
    }
    panic!("no figure of this identity");
}
