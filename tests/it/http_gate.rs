//! The gate as the program on the other side of a connection sees it: one answer for every way of
//! not passing, to the byte, and no secret where it does not belong.

use std::time::Duration;

use reqwest::header::{CONTENT_TYPE, DATE, HeaderMap, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};
use tokio::io::AsyncReadExt as _;

use crate::support::caller::{Caller, text};
use crate::support::pdf_file::heavy;
use crate::support::process::{Demonstration, Process, client};
use crate::support::raw::Raw;
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

/// Publishes and approves.
async fn released(process: &Process, code: &str) -> Value {
    let view = publish(process, code).await;
    let manifest = json!({ "manifest": view["manifest"] });
    let view = act(process, &view, "approve", manifest).await;
    assert_eq!(view["state"], "released");
    view
}

/// A result that no identity can seal.
async fn held(process: &Process, code: &str) -> Value {
    let view = publish(process, code).await;
    let (is_done, identities) = process.run(&["identity", "list", "--json"]);
    assert!(is_done);
    let identity: Value = serde_json::from_str(identities.lines().next().unwrap()).unwrap();
    let (is_done, _) = process.run(&["identity", "disable", identity["id"].as_str().unwrap()]);
    assert!(is_done);
    let manifest = view["manifest"].clone();
    let id = view["id"].as_str().unwrap();
    let url = format!("{}/api/v1/results/{id}", process.url);
    let now = client(1).get(url).bearer_auth(&process.shown.api_key);
    let now: Value = now.send().await.unwrap().json().await.unwrap();
    // Another identity, or none, is another manifest.
    assert_ne!(now["manifest"], manifest);
    let approval = json!({ "manifest": now["manifest"] });
    let view = act(process, &now, "approve", approval).await;
    assert_eq!(view["state"], "held");
    view
}

#[tokio::test]
async fn every_way_of_not_passing_is_one_answer() {
    let process = Process::start(&[("TRAO_GATE__FLOOR_MS", "0")]).await;
    let shown = &process.shown;
    let because = json!({ "reason": "thử" });
    let codes: Vec<String> = (2..=6).map(|n| format!("H99.1-261123-{n:04}")).collect();
    let waiting = publish(&process, &codes[0]).await;
    let gone = released(&process, &codes[1]).await;
    act(&process, &gone, "withdraw", because.clone()).await;
    let back = publish(&process, &codes[2]).await;
    act(&process, &back, "return", because).await;
    let moved = released(&process, &codes[3]).await;
    act(&process, &moved, "relink", json!({})).await;
    let held = held(&process, &codes[4]).await;

    let unlike = [
        (UNKNOWN, WRONG),
        (&shown.link_id, WRONG),
        (link(&waiting), &codes[0]),
        (link(&gone), &codes[1]),
        (link(&back), &codes[2]),
        (link(&moved), &codes[3]),
        (link(&held), &codes[4]),
        (&shown.link_id, "?"),
        (UNKNOWN, ""),
        ("no-link-at-all", WRONG),
    ];
    // Each caller asks from an address of its own, so that none is slowed down.
    let mut answers = Vec::new();
    for (host, (link, code)) in (11..).zip(unlike) {
        let answer = release(&process, &client(host), link, code).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{link} {code}");
        answers.push(answer);
    }
    for answer in &answers {
        assert_eq!(answer, &answers[0]);
    }

    // The page repeats what was typed, and asks for a code where there is none; a link of no shape is
    // no page at all.
    let mut pages = Vec::new();
    let typed = unlike[..unlike.len() - 1].iter();
    for (host, (link, code)) in (41..).zip(typed.filter(|(_, code)| !code.is_empty())) {
        let page = open(&process, &client(host), link, code).await;
        assert_eq!(page.status, StatusCode::FORBIDDEN, "{link} {code}");
        pages.push(without_what_was_typed(page, code));
    }
    for page in &pages {
        assert_eq!(page, &pages[0]);
    }
    let passed = release(&process, &client(31), &shown.link_id, &shown.dossier_code).await;
    assert_eq!(passed.status, StatusCode::OK, "the right code passes");
}

/// The field with what was typed, and the length that comes with it.
fn without_what_was_typed(mut page: Answer, code: &str) -> Answer {
    let typed = format!("value=\"{code}\"");
    assert!(page.body.contains(&typed), "{}", page.body);
    page.body = page.body.replace(&typed, "value=\"\"");
    let length = page.headers.remove("content-length").unwrap();
    let length: usize = length.to_str().unwrap().parse().unwrap();
    page.headers
        .insert("content-length", (length - code.len()).into());
    page
}

/// A link or a day that is being tried out refuses a right code from where the tries came, and says
/// nothing of it.
#[tokio::test]
async fn a_right_code_that_is_slowed_down_is_refused_alike() {
    let demonstration = Demonstration::make();
    for (bucket, hosts) in [("LINK", 71_u8..), ("AGENCY_DAY", 81..)] {
        let burst = format!("TRAO_GATE__{bucket}__BURST");
        let variables = [("TRAO_GATE__FLOOR_MS", "0"), (burst.as_str(), "1")];
        let process = demonstration.serve(&variables).await;
        let shown = &process.shown;
        let wrong = shown.dossier_code.replace("-0001", "-0999");
        assert_ne!(wrong, shown.dossier_code);
        let unlike = [
            (UNKNOWN, wrong.as_str()),
            (&shown.link_id, &wrong),
            (&shown.link_id, &shown.dossier_code),
        ];
        let mut answers = Vec::new();
        for (host, (link, code)) in hosts.clone().zip(unlike) {
            let answer = release(&process, &client(host), link, code).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{bucket} {code}");
            answers.push(answer);
        }
        for answer in &answers {
            assert_eq!(answer, &answers[0], "{bucket}");
        }
        let mut pages = Vec::new();
        for (host, (link, code)) in hosts.skip(4).zip(unlike) {
            let page = open(&process, &client(host), link, code).await;
            assert_eq!(page.status, StatusCode::FORBIDDEN, "{bucket} {code}");
            pages.push(without_what_was_typed(page, code));
        }
        for page in &pages {
            assert_eq!(page, &pages[0], "{bucket}");
        }
    }
}

#[tokio::test]
async fn a_download_breaks_off_when_its_result_is_withdrawn() {
    let process = Process::start(&[]).await;
    let caller = Caller::of(&process);
    let code = "H99.1-261123-0031";
    // More than the buffers of a connection hold.
    let file = heavy(24 << 20);
    let (_, view) = caller.publish(code, &file).await.unwrap();
    caller.approve(&view).await.unwrap();
    let view = caller.released(text(&view, "id")).await;
    let (path, _) = caller.let_out(link(&view), code).await;
    let raw = Raw::new(&process, &format!("GET {path}"), "", Vec::new());
    let mut line = raw.send(&process, raw.bytes().len()).await;
    let mut piece = vec![0; 256 << 10];
    line.read_exact(&mut piece).await.unwrap();
    assert!(piece.starts_with(b"HTTP/1.1 200 "));

    act(&process, &view, "withdraw", json!({ "reason": "thử" })).await;
    let mut taken = piece.len();
    // At a pace at which all of it would take ten seconds.
    while let Ok(count @ 1..) = line.read(&mut piece).await {
        taken += count;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    assert!(taken < file.len(), "{taken}: it came whole");
    let again = client(1).get(format!("{}{path}", process.url)).send().await;
    assert_eq!(again.unwrap().status(), StatusCode::NOT_FOUND);
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

/// Codes that are typed, and are no result's.
const TYPED: &str = "H99.1-261123-0777";
const SEARCHED: &str = "H99.1-261123-0888";

/// Goes everywhere where a secret is handed over; what was handed out on the way, with its name.
async fn walk_the_pages(process: &Process) -> Vec<(&'static str, String)> {
    let shown = &process.shown;
    let (citizen, officer) = (client(51), client(52));
    release(process, &citizen, &shown.link_id, TYPED).await;
    open(process, &citizen, &shown.link_id, TYPED).await;
    let (path, code) = (format!("/r/{}", shown.link_id), &shown.dossier_code);
    let opened = form(process, &citizen, &path, &format!("code={code}")).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    let files = opened.headers["location"].to_str().unwrap().to_owned();
    let file = citizen.get(format!("{}{files}/1", process.url)).send();
    let file = file.await.unwrap().bytes().await.unwrap();
    assert!(file.starts_with(b"%PDF-"));
    let asked = citizen.get(format!("{}/?code={code}", process.url)).send();
    assert_eq!(asked.await.unwrap().status(), StatusCode::BAD_REQUEST);
    for code in [code, TYPED] {
        let asked = form(process, &citizen, "/status", &format!("code={code}")).await;
        assert_eq!(asked.status, StatusCode::OK);
    }
    let fields = format!("login={}&password={}", shown.officer, shown.password);
    let logged_in = form(process, &officer, "/officer/login", &fields).await;
    assert_eq!(logged_in.status, StatusCode::SEE_OTHER);
    let cookie = logged_in.headers["set-cookie"].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap();
    for code in [code, SEARCHED] {
        search(process, &officer, cookie, code).await;
    }
    let published = publish(process, "H99.1-261123-0002").await;
    let (_, session) = cookie.split_once('=').unwrap();
    let grant = files.strip_prefix("/f/").unwrap();
    vec![
        ("session", session.to_owned()),
        ("grant", grant.to_owned()),
        ("new link", link(&published).to_owned()),
    ]
}

#[tokio::test]
async fn no_secret_lies_where_it_does_not_belong() {
    let process = Process::start(&[("TRAO_LOG__FILTER", "debug")]).await;
    let mut secrets = walk_the_pages(&process).await;
    let printed = walk_the_verbs(&process);
    let metrics = client(51).get(&process.metrics_url).send().await.unwrap();
    let metrics = metrics.bytes().await.unwrap().to_vec();
    let (log, database) = (process.log(), process.database());
    // What is looked for could be found: each place does hold what belongs there.
    for route in ["/r/{link}", "/status", "/officer/results/search"] {
        assert!(holds(&log, route), "{route}");
    }
    assert!(holds(&database, "Ủy ban nhân dân phường Mẫu"));
    assert!(holds(&metrics, "trao_gate_attempts_total"));
    assert!(holds(&printed, "Ủy ban nhân dân phường Mẫu"));

    let shown = process.shown.clone();
    let (_, key) = shown.api_key.rsplit_once('_').unwrap();
    let passphrase = process.data().join("pki/agency.passphrase");
    let passphrase = std::fs::read_to_string(passphrase).unwrap();
    secrets.extend(
        [
            ("dossier code", shown.dossier_code.as_str()),
            ("published code", "H99.1-261123-0002"),
            ("typed code", TYPED),
            ("code that was searched for", SEARCHED),
            ("password", &shown.password),
            ("key", key),
            ("PIN", PIN),
            ("passphrase", passphrase.trim()),
            ("link", &shown.link_id),
        ]
        .map(|(what, secret)| (what, secret.to_owned())),
    );
    for (what, secret) in secrets {
        for (place, bytes) in [
            ("log", &log),
            ("database", &database),
            ("metrics", &metrics),
            ("command line", &printed),
        ] {
            assert!(!holds(bytes, &secret), "the {what} lies in the {place}");
        }
    }
}

/// An officer looks for a dossier.
async fn search(process: &Process, officer: &Client, cookie: &str, code: &str) {
    let desk = officer.get(format!("{}/officer", process.url));
    let desk = desk.header("cookie", cookie).send().await.unwrap();
    let desk = desk.text().await.unwrap();
    let token = desk.split("name=\"form_token\" value=\"").nth(1).unwrap();
    let token = token.split('"').next().unwrap();
    let found = officer
        .post(format!("{}/officer/results/search", process.url))
        .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", cookie)
        .body(format!("form_token={token}&code={code}"));
    let status = found.send().await.unwrap().status();
    assert!(
        status.is_success() || status == StatusCode::SEE_OTHER,
        "{status}"
    );
}

/// What every verb prints that looks at the service's data, on both ways out.
fn walk_the_verbs(process: &Process) -> Vec<u8> {
    let mut all = String::new();
    for verb in [
        &["agency", "list"][..],
        &["officer", "list"],
        &["portal", "list"],
        &["key", "list"],
        &["identity", "list"],
        &["audit", "verify"],
        &["doctor"],
        &["renew"],
    ] {
        for more in [&[][..], &["--json"]] {
            let arguments = [verb, more].concat();
            let (is_done, printed) = process.run(&arguments);
            assert!(is_done, "{arguments:?}: {printed}");
            all += &printed;
            let (_, said) = process.tell("vi_VN.UTF-8", &arguments);
            all += &said;
        }
    }
    all.into_bytes()
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}
