//! What an operator is told: by `trao doctor`, by `trao audit verify`.

use std::path::PathBuf;

use serde_json::{Value, json};
use trao::publication::{Flaw, FlawKind, ObjectsRead};

use crate::support::doctor::{self, line_of};
use crate::support::process::{Demonstration, Process, Shown, client};
use crate::support::service::{TestService, pdf};
use crate::support::stores::file_below;

/// What is wrong with one thing; `None` where it is well.
fn wrong(process: &Process, check: &str) -> Option<String> {
    doctor::check(process, check)["wrong"]
        .as_str()
        .map(str::to_owned)
}

#[tokio::test]
async fn a_proxy_that_is_missing_in_the_settings_is_found() {
    let process = Process::start(&[]).await;
    assert_eq!(wrong(&process, "proxies"), None);
    assert!(process.run(&["doctor"]).0);

    let asked = client(61)
        .get(format!("{}/", process.url))
        .header("x-forwarded-for", "198.51.100.1");
    assert!(asked.send().await.unwrap().status().is_success());
    assert!(wrong(&process, "proxies").is_some());
    assert!(!process.run(&["doctor"]).0);
}

#[tokio::test]
async fn a_trusted_proxy_is_no_finding() {
    let process = Process::start(&[("TRAO_PROXIES__TRUSTED", "127.0.0.0/8")]).await;
    let asked = client(62)
        .get(format!("{}/", process.url))
        .header("x-forwarded-for", "198.51.100.1");
    assert!(asked.send().await.unwrap().status().is_success());
    assert_eq!(wrong(&process, "proxies"), None);
}

#[tokio::test]
async fn the_record_of_a_demonstration_is_whole() {
    let process = Process::start(&[]).await;
    let (is_whole, printed) = process.run(&["audit", "verify", "--json"]);
    let summary: Value = serde_json::from_str(&printed).unwrap();
    assert!(is_whole && summary["broken_at"].is_null());
    assert!(summary["entries"].as_u64().unwrap() > 5);
}

/// What a tampering does to a folder that is looked at then.
struct Tampered {
    process: Process,
}

impl Tampered {
    /// Runs a statement behind the service's back.
    async fn execute(&self, statement: &'static str) {
        doctor::tamper(&self.process.data(), statement).await;
    }

    /// The one sealed object.
    fn object(&self) -> PathBuf {
        file_below(&self.process.data().join("objects/results"), 1).unwrap()
    }

    /// Somebody opens the result and reads its file.
    async fn open(&self) {
        let Shown {
            link_id,
            dossier_code,
            ..
        } = &self.process.shown;
        let address = format!("{}/api/v1/links/{link_id}/release", self.process.url);
        let asked = client(63)
            .post(address)
            .json(&json!({ "dossier_code": dossier_code }));
        let released: Value = asked.send().await.unwrap().json().await.unwrap();
        let url = released["files"][0]["url"].as_str().unwrap();
        let file = client(63).get(url).send().await.unwrap();
        assert!(file.status().is_success());
    }

    /// The codes of what is found; the exit status says the same.
    fn flaws(&self, objects: &str) -> Vec<String> {
        let arguments = ["doctor", "--json", "--objects", objects];
        let (is_well, printed) = self.process.run(&arguments);
        let check = line_of(&printed, "results");
        let flaws = check["flaws"].as_array().unwrap();
        assert_eq!(check["ok"], flaws.is_empty());
        assert!(!is_well || flaws.is_empty());
        let result = self.object_s_result();
        let codes = flaws.iter().map(|flaw| {
            assert_eq!(flaw["result"], *result, "it is named");
            flaw["code"].as_str().unwrap().to_owned()
        });
        codes.collect()
    }

    /// The id of the one result: objects lie in a folder by it.
    fn object_s_result(&self) -> String {
        let folder = self.process.data().join("objects/results");
        let entry = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap();
        entry.file_name().into_string().unwrap()
    }
}

#[tokio::test]
async fn a_good_installation_has_no_flaw_and_its_objects_are_read_on_record() {
    let process = Process::start(&[]).await;
    let tampered = Tampered { process };
    tampered.open().await;
    let entries = || -> u64 {
        let (_, printed) = tampered.process.run(&["audit", "verify", "--json"]);
        let summary: Value = serde_json::from_str(&printed).unwrap();
        summary["entries"].as_u64().unwrap()
    };
    let before = entries();
    assert_eq!(tampered.flaws("none"), NOTHING);
    assert_eq!(entries(), before, "nothing was read");
    assert_eq!(tampered.flaws("all"), NOTHING);
    assert_eq!(entries(), before + 1);
    assert_eq!(tampered.flaws("7"), NOTHING);
    assert_eq!(entries(), before + 2);
    assert!(tampered.process.run(&["doctor"]).0);
}

#[tokio::test]
async fn whatever_breaks_a_promise_about_a_result_is_found_and_named() {
    let demonstration = Demonstration::make();
    let served = async || Tampered {
        process: demonstration.serve(&[]).await,
    };

    let removed = served().await;
    std::fs::remove_file(removed.object()).unwrap();
    assert_eq!(removed.flaws("none"), NOTHING);
    assert_eq!(removed.flaws("1"), ["object_gone"]);

    let changed = served().await;
    let mut bytes = std::fs::read(changed.object()).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(changed.object(), bytes).unwrap();
    assert_eq!(changed.flaws("all"), ["object_changed"]);

    for (statement, code) in [
        (
            "DELETE FROM audit WHERE action = 'released'",
            "release_off_record",
        ),
        (
            "DELETE FROM audit WHERE action = 'release_granted'",
            "grant_off_record",
        ),
        (
            "DELETE FROM audit WHERE action = 'file_released'",
            "grant_off_record",
        ),
        ("DELETE FROM revisions", "not_sealed"),
    ] {
        let tampered = served().await;
        tampered.open().await;
        tampered.execute(statement).await;
        assert_eq!(tampered.flaws("none"), [code], "{statement}");
    }
}

#[tokio::test]
async fn an_archive_time_stamp_that_nobody_will_renew_is_counted() {
    let process = Process::start(&[]).await;
    let tampered = Tampered { process };
    let told = || {
        let (is_well, printed) = tampered.process.run(&["doctor", "--json"]);
        let check = line_of(&printed, "renewals");
        assert_eq!(check["ok"], is_well);
        ["wrong", "note"].map(|key| check[key].as_str().map(str::to_owned))
    };
    assert_eq!(told(), [None, None]);
    tampered
        .execute("UPDATE revisions SET level = 'B-LTA'")
        .await;
    let [wrong, note] = told();
    let wrong = wrong.unwrap();
    assert!(
        wrong.contains("for 1 file") && wrong.contains("trao renew"),
        "{wrong}"
    );
    assert_eq!(note, None);
    tampered
        .execute("INSERT INTO raises (result_id, level, due_at) SELECT id, 'B-LTA', 9 FROM results")
        .await;
    assert_eq!(told(), [None, None]);
    tampered
        .execute("UPDATE revisions SET given_up = 'file_not_raisable'")
        .await;
    let [wrong, note] = told();
    assert_eq!(wrong, None);
    let note = note.unwrap();
    assert!(
        note.contains("1 file") && note.contains("nothing more"),
        "{note}"
    );
}

#[tokio::test]
async fn a_key_that_ends_soon_is_told_until_it_is_disabled() {
    let tampered = Tampered {
        process: Process::start(&[]).await,
    };
    let process = &tampered.process;
    let note = || {
        let check = doctor::check(process, "keys");
        assert_eq!(check["ok"], true, "{check}");
        check["note"].as_str().unwrap_or_default().to_owned()
    };
    assert_eq!(note(), "");
    let (_, agency) = process.run(&["agency", "list", "--json"]);
    let agency: Value = serde_json::from_str(agency.trim()).unwrap();
    let agency = agency["id"].as_str().unwrap();
    let add = |days: &str| {
        let key = ["key", "add", "--agency", agency, "--name", "a"];
        let rest = ["--scope", "read", "--days", days, "--json"];
        let (is_added, told) = process.run(&[&key[..], &rest].concat());
        assert!(is_added);
        let told: Value = serde_json::from_str(&told).unwrap();
        told["id"].as_str().unwrap().to_owned()
    };
    let [day, month, _year] = ["1", "29", "365"].map(add);
    let told = note();
    assert!(told.contains(&format!("{day}: it ends within a day, on ")));
    assert!(told.contains(&format!("{month}: it ends on ")), "{told}");
    assert_eq!(told.matches("it ends").count(), 2, "{told}");

    let two_days = "UPDATE api_keys SET expires_at = expires_at - 2 * 86400000";
    tampered.execute(two_days).await;
    assert!(
        note().contains(&format!("{day}: it ended on ")),
        "{}",
        note()
    );
    for key in [&day, &month] {
        assert!(process.run(&["key", "disable", key]).0);
    }
    assert_eq!(note(), "");
}

/// From 17:00 UTC on it is the next day in Viet Nam.
#[tokio::test]
async fn the_list_of_keys_tells_the_day_of_viet_nam() {
    let process = Process::start(&[]).await;
    let tampered = Tampered { process };
    for (statement, day) in [
        (
            "UPDATE api_keys SET expires_at = 1893517199000",
            "2030-01-01",
        ),
        (
            "UPDATE api_keys SET expires_at = 1893517200000",
            "2030-01-02",
        ),
    ] {
        tampered.execute(statement).await;
        let (_, listed) = tampered.process.run(&["key", "list"]);
        assert!(listed.contains(&format!("until {day}")), "{listed}");
    }
}

#[tokio::test]
async fn a_received_file_that_is_gone_is_found_before_it_is_sealed() {
    let service = TestService::new().await;
    let received = service.received("H13.12-261123-0001", &[&pdf("a")]).await;
    let examined = async || {
        let publication = &service.app.publication;
        let examination = publication.examination(ObjectsRead::All).await.unwrap();
        examination.run(|| ()).await.unwrap()
    };
    assert_eq!(examined().await.flaws, []);
    let [object] = service.objects().try_into().unwrap();
    std::fs::remove_file(service.path().join("objects").join(object)).unwrap();
    let gone = Flaw {
        result: received.id,
        file: Some(1),
        kind: FlawKind::ObjectGone,
    };
    assert_eq!(examined().await.flaws, [gone]);
}

#[tokio::test]
async fn a_sample_has_as_many_objects_as_were_asked_for() {
    let service = TestService::new().await;
    for nth in 0..5 {
        let code = format!("H13.12-261123-000{nth}");
        service.received(&code, &[&pdf(&code)]).await;
    }
    for (asked, read) in [(0, 0), (1, 1), (3, 3), (5, 5), (9, 5)] {
        let publication = &service.app.publication;
        let examination = publication.examination(ObjectsRead::Some(asked)).await;
        let examination = examination.unwrap();
        assert_eq!(examination.objects(), read);
        let examined = examination.run(|| ()).await.unwrap();
        assert_eq!((examined.results, examined.objects), (5, read), "{asked}");
    }
}

const NOTHING: [&str; 0] = [];
