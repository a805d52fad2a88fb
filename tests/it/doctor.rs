//! What an operator is told: by `trao doctor`, by `trao audit verify`.

use serde_json::Value;

use crate::support::doctor;
use crate::support::process::{Process, client};

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
