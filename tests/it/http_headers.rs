//! What every answer bears, whatever it is.

use axum::http::{HeaderMap, Method, StatusCode};
use serde_json::json;
use trao::account::{NewPortal, Scope};
use trao::database::Actor;

use crate::support::key_holder::{Form, KeyHolder};
use crate::support::process::{Process, client};
use crate::support::service::{TestService, pdf};
use crate::support::visitor::{Answer, Visitor, clerk};

const CODE: &str = "H13.12-261123-0001";
const LINK: &str = "0123456789abcdefghjkmnpqrs";
const STORE: &str = "no-store, private";

fn assert_guarded(headers: &HeaderMap, cache: &str, what: &str) {
    let header = |name: &str| {
        assert_eq!(headers.get_all(name).iter().count(), 1, "{what}: {name}");
        headers[name].to_str().unwrap()
    };
    let policy = header("content-security-policy");
    assert!(policy.starts_with("default-src 'none'"), "{what}: {policy}");
    assert!(!policy.contains("unsafe"), "{what}: {policy}");
    assert_eq!(header("x-content-type-options"), "nosniff", "{what}");
    assert_eq!(header("referrer-policy"), "same-origin", "{what}");
    assert_eq!(header("cache-control"), cache, "{what}");
    assert_eq!(
        header("cross-origin-opener-policy"),
        "same-origin",
        "{what}"
    );
    let resource = header("cross-origin-resource-policy");
    // What stands in portals' pages, whatever policy those have for what they embed.
    let is_portals = ["embed.js", "a frame", "a portal's release"].contains(&what);
    assert_eq!(resource == "cross-origin", is_portals, "{what}: {resource}");
    assert!(
        is_portals || resource == "same-origin",
        "{what}: {resource}"
    );
    assert!(header("permissions-policy").contains("camera=()"), "{what}");
    assert_eq!(header("x-robots-tag"), "noindex, nofollow", "{what}");
}

/// What was asked for, the status that it has, and the answer.
type Kinds = Vec<(&'static str, u16, Answer)>;

/// One answer of each kind.
async fn answers(service: &TestService) -> Kinds {
    let program = KeyHolder::new(service, Scope::ALL).await;
    let received = program.publish(&Form::new(CODE, &pdf("a"))).await;
    let view = received.json();
    let path = format!("/api/v1/results/{}", view["id"].as_str().unwrap());
    let approval = json!({ "manifest": view["manifest"] });
    let approved = program.post(&format!("{path}/approve"), &approval).await;
    let link = format!("/r/{}", view["link_id"].as_str().unwrap());
    let mut all = vec![("a submission", 201, received), ("a result", 200, approved)];
    all.extend(pages(service, &link).await);
    all.extend(calls(service, &program, &path).await);
    all
}

async fn pages(service: &TestService, link: &str) -> Kinds {
    let citizen = Visitor::of(service);
    let officer = clerk(service).await;
    let page = citizen.get("/").await;
    let style = page
        .text()
        .split("href=\"")
        .map(|rest| rest.split('"').next());
    let mut style = style
        .flatten()
        .filter(|path| path.starts_with("/assets/style"));
    let asset = citizen.get(style.next().unwrap()).await;
    let refused = citizen.post(&format!("/r/{LINK}"), "code=x").await;
    let opened = citizen.post(link, &format!("code={CODE}")).await;
    let files = opened.header("location").to_owned();
    let file = format!("{files}/1");
    let range = [("range", "bytes=99999999-")];
    let beyond = citizen.ask(Method::GET, &file, &range, "").await;
    let put = citizen.ask(Method::PUT, "/", &[], "").await;
    let frame = citizen.get(&format!("/embed/{LINK}")).await;
    vec![
        ("a page", 200, page),
        ("a link's page", 200, citizen.get(link).await),
        ("a refusal's page", 403, refused),
        ("a redirection", 303, opened),
        ("the files", 200, citizen.get(&files).await),
        ("a file", 200, citizen.get(&file).await),
        ("no such range", 416, beyond),
        ("the desk", 200, officer.get("/officer").await),
        ("the login", 303, citizen.get("/officer").await),
        ("no page", 404, citizen.get("/nowhere").await),
        ("no such method", 405, put),
        ("an asset", 200, asset),
        ("no asset", 404, citizen.get("/assets/none.css").await),
        ("embed.js", 200, citizen.get("/embed.js").await),
        ("a frame", 200, frame),
    ]
}

async fn calls(service: &TestService, program: &KeyHolder, path: &str) -> Kinds {
    let citizen = Visitor::of(service);
    let portal = [
        ("origin", "https://cong.example.vn"),
        ("content-type", "application/json"),
    ];
    let release = format!("/api/v1/links/{LINK}/release");
    let asked = json!({ "dossier_code": CODE }).to_string();
    let released = citizen.ask(Method::POST, &release, &portal, &asked).await;
    let put = citizen.ask(Method::PUT, path, &[], "").await;
    let description = program.get("/api/v1/openapi.json").await;
    let sealed = program.get(&format!("{path}/files/1")).await;
    vec![
        ("the description", 200, description),
        ("a sealed file", 200, sealed),
        ("a problem", 401, citizen.get("/api/v1/results").await),
        ("no route", 404, citizen.get("/api/v1/none").await),
        ("no method of the API", 405, put),
        ("a portal's release", 403, released),
        ("life", 200, citizen.get("/healthz").await),
        ("readiness", 200, citizen.get("/readyz").await),
    ]
}

#[tokio::test]
async fn every_kind_of_answer_bears_every_header() {
    for (url, is_https) in [("https://tra.example", true), ("http://localhost", false)] {
        let service =
            TestService::with(|settings| settings.public_url = Some(url.to_owned())).await;
        let portal = NewPortal {
            agency: service.agency,
            name: "Cổng".to_owned(),
            origins: vec!["https://cong.example.vn".to_owned()],
        };
        let accounts = &service.app.accounts;
        let added = accounts.add_portal(portal, Actor::Operator, service.now());
        added.await.unwrap();
        for (what, status, answer) in answers(&service).await {
            assert_eq!(
                answer.status.as_u16(),
                status,
                "{what}: {:?}",
                answer.headers
            );
            let cache = match what {
                "an asset" => "public, max-age=31536000, immutable",
                "embed.js" => answer.header("cache-control"),
                _ => STORE,
            };
            assert_guarded(&answer.headers, cache, what);
            let hsts = answer.headers.get("strict-transport-security");
            let hsts = hsts.map(|value| value.to_str().unwrap());
            assert_eq!(hsts, is_https.then_some("max-age=31536000"), "{what}");
            if what == "embed.js" {
                let cache = answer.header("cache-control");
                assert!(cache.starts_with("public, "), "{cache}");
            }
        }
    }
}

#[tokio::test]
async fn the_figures_bear_them_too() {
    let process = Process::start(&[]).await;
    for (path, status) in [("", StatusCode::OK), ("/none", StatusCode::NOT_FOUND)] {
        let asked = client(1).get(format!("{}{path}", process.metrics_url));
        let answer = asked.send().await.unwrap();
        assert_eq!(answer.status().as_u16(), status.as_u16());
        assert_guarded(answer.headers(), STORE, "the figures");
    }
}
