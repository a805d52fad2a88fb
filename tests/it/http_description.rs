//! The description of the API says what the API does: each route, each method, each member.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use trao::account::Scope;

use crate::support::key_holder::{Form, KeyHolder};
use crate::support::service::{TestService, pdf};
use crate::support::visitor::Visitor;

const CODE: &str = "H13.12-261123-0001";
/// The one that the description does not describe: itself.
const OWN: &str = "/api/v1/openapi.json";
const ROUTES: &str = include_str!("../../src/http/api/mod.rs");

async fn description(service: &TestService) -> Value {
    let answer = Visitor::of(service).get(OWN).await;
    assert_eq!(answer.header("content-type"), "application/json");
    answer.json()
}

fn members(object: &Value) -> BTreeSet<&str> {
    let object = object.as_object().unwrap_or_else(|| panic!("{object}"));
    object.keys().map(String::as_str).collect()
}

#[tokio::test]
async fn it_has_every_route_and_every_method_and_no_other() {
    let service = TestService::new().await;
    let description = description(&service).await;
    let version = description["openapi"].as_str().unwrap();
    assert!(version.starts_with("3.1"), "{version}");
    let quoted: BTreeSet<&str> = ROUTES.split('"').collect();
    let routes = quoted
        .into_iter()
        .filter(|text| text.starts_with("/api/v1/") && *text != OWN);
    let paths = &description["paths"];
    assert_eq!(members(paths), routes.collect());

    let visitor = Visitor::of(&service);
    for (path, methods) in paths.as_object().unwrap() {
        let concrete = path
            .replace("{id}", "0123456789abcdefghjkmnpqrs")
            .replace("{link}", "0123456789abcdefghjkmnpqrs")
            .replace("{n}", "1");
        for method in [
            Method::GET,
            Method::POST,
            Method::PUT,
            Method::PATCH,
            Method::DELETE,
        ] {
            let is_described = methods.get(method.as_str().to_lowercase()).is_some();
            let answer = visitor.ask(method.clone(), &concrete, &[], "").await;
            let is_taken = answer.status != StatusCode::METHOD_NOT_ALLOWED;
            assert_eq!(is_taken, is_described, "{method} {path}");
        }
    }
}

#[tokio::test]
async fn what_is_answered_has_the_members_that_are_described() {
    let service = TestService::new().await;
    let description = description(&service).await;
    let described = |name: &str| members(&description["components"]["schemas"][name]["properties"]);
    let program = KeyHolder::new(&service, Scope::ALL).await;
    let received = program.publish(&Form::new(CODE, &pdf("a"))).await.json();
    let id = received["id"].as_str().unwrap();
    let approval = json!({ "manifest": received["manifest"] });
    let path = format!("/api/v1/results/{id}/approve");
    let released = program.post(&path, &approval).await.json();
    assert_eq!(released["state"], "released");
    for view in [&received, &released] {
        assert_eq!(members(view), described("ResultDocument"));
        assert_eq!(members(&view["files"][0]), described("FileDocument"));
        assert_eq!(members(&view["identity"]), described("IdentityDocument"));
        assert_eq!(members(&view["history"][0]), described("EventDocument"));
    }
    let list = program.get("/api/v1/results").await.json();
    assert_eq!(members(&list), described("ResultsDocument"));
    assert_eq!(members(&list["results"][0]), described("ResultDocument"));

    let link = released["link_id"].as_str().unwrap();
    let path = format!("/api/v1/links/{link}/release");
    let asked = json!({ "dossier_code": CODE });
    let release = program.post(&path, &asked).await.json();
    assert_eq!(members(&release), described("Release"));
    assert_eq!(members(&release["files"][0]), described("ReleasedFile"));

    let refused = program.publish(&Form::new(CODE, b"no PDF")).await.json();
    let other = program.post(&path, &json!({})).await.json();
    let mut seen = members(&refused);
    seen.extend(members(&other));
    assert!(seen.is_subset(&described("Problem")), "{seen:?}");
    let form = Form::new("H13.12-261123-0002", b"%PDF-1.7\nstartxref\n9\n%%EOF\n");
    let refused = program.publish(&form).await.json();
    assert_eq!(members(&refused), described("Problem"), "all of them");
}

/// `/readyz` is for whoever balances the load: it lists unfit identities without failing on them.
#[tokio::test]
async fn readiness_names_what_answers() {
    let service = TestService::new().await;
    let visitor = Visitor::of(&service);
    let ready = visitor.get("/readyz").await;
    assert_eq!(ready.status, StatusCode::OK);
    let well = json!({
        "ready": true, "database": true, "archive": true, "unfit_identities": [],
    });
    assert_eq!(ready.json(), well);
    service.app.begin_stop();
    let stopping = visitor.get("/readyz").await;
    assert_eq!(stopping.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(stopping.json()["ready"], false);

    let down = TestService::new().await;
    down.app.db.close().await;
    let answer = Visitor::of(&down).get("/readyz").await;
    assert_eq!(answer.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(answer.json()["database"], false);
}
