//! The gate as the program on the other side of a connection sees it: one answer for every way of
//! not passing, to the byte, and no secret where it does not belong.

use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::support::process::{Process, client};
use crate::support::service::pdf;

const UNKNOWN: &str = "0123456789abcdefghjkmnpqrs";
const WRONG: &str = "H99.1-261123-0999";
/// Sent along everywhere; no policy asks for one yet, and none may be kept.
const PIN: &str = "7K3M9QXA";

/// An answer without what must differ from one second to the next.
#[derive(Debug, PartialEq)]
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    async fn of(response: Response) -> Self {
        let mut headers = response.headers().clone();
        assert!(headers.remove(DATE).is_some());
        Self {
            status: response.status(),
            headers,
            body: response.text().await.unwrap(),
        }
    }
}

async fn release(process: &Process, client: &Client, link: &str, code: &str) -> Answer {
    let request = client
        .post(format!("{}/api/v1/links/{link}/release", process.url))
        .json(&json!({ "dossier_code": code, "pin": PIN }));
    Answer::of(request.send().await.unwrap()).await
}

async fn open(process: &Process, client: &Client, link: &str, code: &str) -> Answer {
    let answer = form(
        process,
        client,
        &format!("/r/{link}"),
        &format!("code={code}&pin={PIN}"),
    )
    .await;
    Answer {
        // The page's forms lead back to the address that was asked for.
        body: answer.body.replace(link, "LINK"),
        ..answer
    }
}

async fn form(process: &Process, client: &Client, path: &str, fields: &str) -> Answer {
    let request = client
        .post(format!("{}{path}", process.url))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .body(fields.to_owned());
    Answer::of(request.send().await.unwrap()).await
}

/// Hands a result in with the key; it is not approved.
async fn publish(process: &Process, code: &str) -> Value {
    let file = reqwest::multipart::Part::bytes(pdf(code))
        .file_name("ket-qua.pdf")
        .mime_str("application/pdf")
        .unwrap();
    let fields = reqwest::multipart::Form::new()
        .text("dossier_code", code.to_owned())
        .text("title", "Giấy phép")
        .part("file", file);
    let request = client(1)
        .post(format!("{}/api/v1/results", process.url))
        .bearer_auth(&process.shown.api_key)
        .multipart(fields);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::CREATED);
    response.json().await.unwrap()
}

async fn act(process: &Process, view: &Value, act: &str, body: Value) -> Value {
    let id = view["id"].as_str().unwrap();
    let request = client(1)
        .post(format!("{}/api/v1/results/{id}/{act}", process.url))
        .bearer_auth(&process.shown.api_key)
        .json(&body);
    let response = request.send().await.unwrap();
    assert_eq!(response.status(), StatusCode::OK, "{act}");
    response.json().await.unwrap()
}

fn link(view: &Value) -> &str {
    view["link_id"].as_str().unwrap()
}

#[tokio::test]
async fn every_way_of_not_passing_is_one_answer() {
    let process = Process::start(&[("TRAO_GATE__FLOOR_MS", "0")]).await;
    let shown = &process.shown;
    let (early, late) = ("H99.1-261123-0002", "H99.1-261123-0003");
    let waiting = publish(&process, early).await;
    let gone = publish(&process, late).await;
    let gone = act(
        &process,
        &gone,
        "approve",
        json!({ "manifest": gone["manifest"] }),
    )
    .await;
    assert_eq!(gone["state"], "released");
    act(&process, &gone, "withdraw", json!({ "reason": "thử" })).await;

    // Each caller asks from an address of its own, so that none is slowed down.
    let mut answers = Vec::new();
    for (host, link, code) in [
        (11, UNKNOWN, WRONG),
        (12, "no-link-at-all", WRONG),
        (13, shown.link_id.as_str(), WRONG),
        (14, shown.link_id.as_str(), "?"),
        (15, link(&waiting), early),
        (16, link(&gone), late),
    ] {
        let answer = release(&process, &client(host), link, code).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{link} {code}");
        answers.push(answer);
    }
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }

    // The page repeats what was typed, so the same is typed everywhere.
    let mut pages = Vec::new();
    for (host, link) in [
        (21, UNKNOWN),
        (22, &shown.link_id),
        (23, link(&waiting)),
        (24, link(&gone)),
    ] {
        let page = open(&process, &client(host), link, late).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{link}");
        pages.push(page);
    }
    for page in &pages {
        assert_eq!(page, &pages[0]);
    }
    let passed = release(&process, &client(31), &shown.link_id, &shown.dossier_code).await;
    assert_eq!(passed.status, StatusCode::OK, "the right code passes");
}

#[tokio::test]
async fn an_empty_bucket_is_told_alike_for_known_and_unknown_links() {
    let variables = [
        ("TRAO_GATE__FLOOR_MS", "0"),
        ("TRAO_GATE__CLIENT__BURST", "2"),
    ];
    let process = Process::start(&variables).await;
    let client = client(41);
    for link in [UNKNOWN, &process.shown.link_id] {
        let answer = release(&process, &client, link, WRONG).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
    }
    let code = &process.shown.dossier_code;
    let mut slowed = Vec::new();
    for link in [UNKNOWN, &process.shown.link_id] {
        let mut answer = release(&process, &client, link, code).await;
        assert_eq!(answer.status, StatusCode::TOO_MANY_REQUESTS);
        let wait = answer.headers.remove(RETRY_AFTER).unwrap();
        let wait: u64 = wait.to_str().unwrap().parse().unwrap();
        assert!(
            (1..=601).contains(&wait),
            "{wait}: one bucket's, not the link's"
        );
        slowed.push(answer);
    }
    assert_eq!(slowed[0], slowed[1]);
}

#[tokio::test]
async fn no_secret_lies_where_it_does_not_belong() {
    let process = Process::start(&[("TRAO_LOG__FILTER", "debug")]).await;
    let shown = &process.shown;
    let (citizen, officer) = (client(51), client(52));
    let typed = "H99.1-261123-0777";
    release(&process, &citizen, &shown.link_id, typed).await;
    open(&process, &citizen, &shown.link_id, typed).await;
    let opened = form(
        &process,
        &citizen,
        &format!("/r/{}", shown.link_id),
        &format!("code={}", shown.dossier_code),
    )
    .await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    let files = opened.headers["location"].to_str().unwrap().to_owned();
    let file = citizen
        .get(format!("{}{files}/1", process.url))
        .send()
        .await;
    assert!(file.unwrap().bytes().await.unwrap().starts_with(b"%PDF-"));
    let asked = citizen.get(format!("{}/?code={}", process.url, shown.dossier_code));
    assert_eq!(
        asked.send().await.unwrap().status(),
        StatusCode::BAD_REQUEST
    );
    let fields = format!("login={}&password={}", shown.officer, shown.password);
    let logged_in = form(&process, &officer, "/officer/login", &fields).await;
    assert_eq!(logged_in.status, StatusCode::SEE_OTHER);
    let published = publish(&process, "H99.1-261123-0002").await;

    let metrics = citizen.get(&process.metrics_url).send().await.unwrap();
    let metrics = metrics.bytes().await.unwrap().to_vec();
    let (log, database) = (process.log(), process.database());
    // What is looked for could be found: each place does hold what belongs there.
    assert!(holds(&log, "/r/{link}"));
    assert!(holds(&database, "Ủy ban nhân dân phường Mẫu"));
    assert!(holds(&metrics, "trao_gate_attempts_total"));
    let (_, key) = shown.api_key.rsplit_once('_').unwrap();
    let grant = files.strip_prefix("/f/").unwrap();
    let passphrase = process.data().join("pki/agency.passphrase");
    let passphrase = std::fs::read_to_string(passphrase).unwrap();
    for (what, secret) in [
        ("dossier code", shown.dossier_code.as_str()),
        ("published code", "H99.1-261123-0002"),
        ("typed code", typed),
        ("password", &shown.password),
        ("key", key),
        ("PIN", PIN),
        ("passphrase", passphrase.trim()),
        ("grant", grant),
        ("link", &shown.link_id),
        ("new link", link(&published)),
    ] {
        for (place, bytes) in [
            ("log", &log),
            ("database", &database),
            ("metrics", &metrics),
        ] {
            assert!(!holds(bytes, secret), "the {what} lies in the {place}");
        }
    }
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}
