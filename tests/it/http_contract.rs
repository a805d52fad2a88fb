//! What the API refuses, cause by cause: the status, the stable code, the kind of the body, the
//! language, and when to try again.

use axum::http::{Method, StatusCode};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use time::Duration;
use trao::account::Scope;
use trao::config::Rate;
use trao::database::Actor;
use trao::http::texts::{Language, Texts};
use trao::model::Sealing;

use crate::support::key_holder::{Form, KeyHolder};
use crate::support::pdf_file::{PdfFile, XrefKind};
use crate::support::service::{TestService, pdf};
use crate::support::visitor::{Answer, Visitor, add_officer};

const CODE: &str = "H13.12-261123-0001";
const OTHER: &str = "H13.12-261123-0002";
const JSON: (&str, &str) = ("content-type", "application/json");

/// A request that is refused.
struct Case {
    cause: &'static str,
    status: StatusCode,
    code: &'static str,
    method: Method,
    path: String,
    headers: Vec<(&'static str, String)>,
    body: Vec<u8>,
}

impl Case {
    fn new(cause: &'static str, status: u16, code: &'static str, path: impl Into<String>) -> Self {
        Self {
            cause,
            status: StatusCode::from_u16(status).unwrap(),
            code,
            method: Method::GET,
            path: path.into(),
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    fn by(mut self, program: &KeyHolder) -> Self {
        self.headers
            .push(("authorization", program.authorization.clone()));
        self
    }

    fn with(mut self, name: &'static str, value: &str) -> Self {
        self.headers.push((name, value.to_owned()));
        self
    }

    fn json(mut self, body: &Value) -> Self {
        self.method = Method::POST;
        self.body = body.to_string().into_bytes();
        self.with(JSON.0, JSON.1)
    }

    fn form(mut self, form: &Form) -> Self {
        self.method = Method::POST;
        self.body = form.body();
        self.with("content-type", Form::KIND)
    }

    async fn ask(&self, visitor: &Visitor, language: Option<&str>) -> Answer {
        let mut headers: Vec<(&str, &str)> = Vec::new();
        for (name, value) in &self.headers {
            headers.push((name, value));
        }
        headers.extend(language.map(|language| ("accept-language", language)));
        let (method, body) = (self.method.clone(), self.body.clone());
        visitor.send(method, &self.path, &headers, body).await
    }

    /// Asks without a language, in English and for one that there is not.
    async fn assert_refused(&self, visitor: &Visitor) {
        for (asked, language) in [
            (None, Language::Vietnamese),
            (Some("en-GB, vi;q=0.5"), Language::English),
            (Some("fr"), Language::Vietnamese),
        ] {
            let answer = self.ask(visitor, asked).await;
            let (cause, said) = (self.cause, answer.text());
            assert_eq!(answer.status, self.status, "{cause}: {said}");
            let kind = answer.header("content-type");
            assert_eq!(kind, "application/problem+json", "{cause}");
            let problem = answer.json();
            assert_eq!(problem["code"], self.code, "{cause}: {said}");
            assert_eq!(problem["status"], self.status.as_u16(), "{cause}");
            assert_eq!(problem["type"], "about:blank", "{cause}");
            let title = Texts::shipped().word(language, "problem", self.code);
            assert_eq!(problem["title"], *title.unwrap(), "{cause}");
            let varies = answer.headers.get_all("vary").iter();
            let varies = varies.filter(|by| *by == "Accept-Language");
            assert_eq!(varies.count(), 1, "{cause}");
            let is_later =
                ["idempotency_in_flight", "too_many_requests", "unavailable"].contains(&self.code);
            let retry_after = answer.header("retry-after").parse::<u64>();
            assert_eq!(
                retry_after.is_ok_and(|after| after > 0),
                is_later,
                "{cause}"
            );
            let is_challenge = self.status == StatusCode::UNAUTHORIZED;
            let challenge = answer.header("www-authenticate");
            assert_eq!(challenge == "Bearer", is_challenge, "{cause}");
            assert!(!said.contains("H13.12"), "{cause} repeats a code: {said}");
        }
    }
}

/// A service, its result and its programs.
struct Site {
    service: TestService,
    visitor: Visitor,
    all: KeyHolder,
    received: Value,
}

impl Site {
    async fn new() -> Self {
        let service = TestService::with(|settings| {
            settings.gate.client = Rate {
                burst: 3,
                every_s: 600,
            };
        })
        .await;
        let all = KeyHolder::new(&service, Scope::ALL).await;
        let answer = all.publish(&Form::new(CODE, &pdf("a"))).await;
        assert_eq!(answer.status, StatusCode::CREATED, "{}", answer.text());
        Self {
            visitor: Visitor::of(&service),
            received: answer.json(),
            all,
            service,
        }
    }

    fn at(&self, act: &str) -> String {
        let id = self.received["id"].as_str().unwrap();
        format!("/api/v1/results/{id}{act}")
    }

    async fn assert_refused(&self, cases: Vec<Case>) {
        for case in cases {
            case.assert_refused(&self.visitor).await;
        }
    }

    async fn meddle(&self, statement: &'static str) {
        let file = self.service.path().join("trao.db");
        let options = SqliteConnectOptions::new().filename(file);
        let intruder = SqlitePool::connect_with(options).await.unwrap();
        sqlx::query(statement).execute(&intruder).await.unwrap();
        intruder.close().await;
    }
}

const LIST: &str = "/api/v1/results";

#[tokio::test]
async fn who_is_not_known_is_told_so() {
    let site = Site::new().await;
    let (accounts, now) = (&site.service.app.accounts, site.service.now());
    let disabled = KeyHolder::new(&site.service, Scope::ALL).await;
    let done = accounts.disable_api_key(disabled.id, Actor::Operator, now);
    assert!(done.await.unwrap());
    let expired = KeyHolder::new(&site.service, Scope::ALL).await;
    site.service.clock.advance(Duration::hours(2));
    let wrong = format!("{}x", &site.all.authorization);
    let case = |cause| Case::new(cause, 401, "unauthenticated", LIST);
    let release = format!("/api/v1/links/{}/release", "0123456789abcdefghjkmnpqrs");
    let right = json!({ "dossier_code": CODE });
    site.assert_refused(vec![
        case("no key"),
        case("a wrong key").with("authorization", &wrong),
        case("another scheme").with("authorization", "Basic dHJhbzp0cmFv"),
        case("an expired key").by(&expired),
        case("a disabled key").by(&disabled),
        case("a session that is none").with("cookie", "trao_session=x"),
        Case::new("a wrong key at the gate", 401, "unauthenticated", release)
            .json(&right)
            .with("authorization", &wrong),
    ])
    .await;
}

#[tokio::test]
async fn who_may_not_is_told_so_and_another_agencys_results_are_not_there() {
    let site = Site::new().await;
    let publisher = KeyHolder::new(&site.service, &[Scope::Publish]).await;
    let reader = KeyHolder::new(&site.service, &[Scope::Read]).await;
    let agency = site.service.other_agency(Sealing::Clerk, false).await;
    let stranger = KeyHolder::of(&site.service, agency, Scope::ALL).await;
    let (forbidden, not_found) = ("forbidden", "not_found");
    let because = json!({ "reason": "thử" });
    let approval = json!({ "manifest": site.received["manifest"] });
    let unknown = "/api/v1/results/0123456789abcdefghjkmnpqrs";
    site.assert_refused(vec![
        Case::new("listing without the scope", 403, forbidden, LIST).by(&publisher),
        Case::new("reading without the scope", 403, forbidden, site.at("")).by(&publisher),
        Case::new("publishing without the scope", 403, forbidden, LIST)
            .by(&reader)
            .form(&Form::new(OTHER, &pdf("b"))),
        Case::new("approving without it", 403, forbidden, site.at("/approve"))
            .by(&publisher)
            .json(&approval),
        Case::new(
            "withdrawing without it",
            403,
            forbidden,
            site.at("/withdraw"),
        )
        .by(&publisher)
        .json(&because),
        Case::new("another agency's", 404, not_found, site.at("")).by(&stranger),
        Case::new("another agency's file", 404, not_found, site.at("/files/1")).by(&stranger),
        Case::new(
            "another agency's, withdrawn",
            404,
            not_found,
            site.at("/withdraw"),
        )
        .by(&stranger)
        .json(&because),
        Case::new("unknown", 404, not_found, unknown).by(&site.all),
        Case::new("no id", 404, not_found, "/api/v1/results/x").by(&site.all),
        Case::new("no number", 404, not_found, site.at("/files/abc")).by(&site.all),
        Case::new("no text", 404, not_found, "/api/v1/results/%ff").by(&site.all),
        Case::new("no such route", 404, not_found, "/api/v1/nothing").by(&site.all),
        Case::new("no such version", 404, not_found, "/api/v9/results").by(&site.all),
    ])
    .await;
    let view = site.all.get(&site.at("")).await.json();
    assert_eq!(view["state"], "received", "nobody did anything");
}

#[tokio::test]
async fn what_cannot_be_read_is_told_by_its_kind() {
    let site = Site::new().await;
    let malformed = "request_malformed";
    let approve = site.at("/approve");
    let case = |cause, status, code| Case::new(cause, status, code, &approve).by(&site.all);
    let mut broken = case("no JSON", 400, malformed).json(&Value::Null);
    broken.body = b"{".to_vec();
    let mut text = case("text", 415, "media_type_unsupported").with("content-type", "text/plain");
    text.method = Method::POST;
    let mut delete = case("a method that it has not", 405, "method_not_allowed");
    delete.method = Method::DELETE;
    let large = json!({ "manifest": "x".repeat(64 << 10) });
    let mut unended = Case::new("a form that breaks off", 400, malformed, LIST)
        .by(&site.all)
        .form(&Form::new(OTHER, &pdf("b")));
    unended.body.truncate(unended.body.len() - 20);
    site.assert_refused(vec![
        broken,
        case("a member is missing", 400, malformed).json(&json!({})),
        case("no digest", 400, malformed).json(&json!({ "manifest": "x" })),
        text,
        delete,
        case("a large body", 413, "file_too_large").json(&large),
        unended,
        Case::new("JSON for a form", 415, "media_type_unsupported", LIST)
            .by(&site.all)
            .json(&json!({})),
        Case::new("an unknown field", 400, malformed, LIST)
            .by(&site.all)
            .form(&Form::new(OTHER, &pdf("b")).field("titel", "x")),
        Case::new(
            "an unknown parameter",
            400,
            malformed,
            "/api/v1/results?code=x",
        )
        .by(&site.all),
        Case::new("a query where none is", 400, malformed, site.at("?a=b")).by(&site.all),
        Case::new("no state", 400, malformed, "/api/v1/results?state=x").by(&site.all),
    ])
    .await;
    let answer = Case::new("", 405, "", LIST).by(&site.all);
    let answer = site
        .visitor
        .ask(Method::DELETE, &answer.path, &[], "")
        .await;
    assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(answer.header("allow").contains("GET") && answer.header("allow").contains("POST"));
}

#[tokio::test]
async fn what_is_not_taken_is_told_by_its_field_or_file() {
    let site = Site::new().await;
    let form = |code| Form::new(code, &pdf("b"));
    let case = |cause, code| Case::new(cause, 422, code, LIST).by(&site.all);
    let of = |file: PdfFile| Form::new(OTHER, &file.build());
    let table = || PdfFile::new(XrefKind::Table);
    let files = (0..20).fold(form(OTHER), |form, _| form.file(&pdf("c")));
    let automatic = site.service.other_agency(Sealing::Automatic, false).await;
    let register = KeyHolder::of(&site.service, automatic, Scope::ALL).await;
    site.assert_refused(vec![
        case("no title", "field_invalid").form(&form(OTHER).field("document_number", "\u{7}")),
        case("a PIN", "field_invalid").form(&form(OTHER).field("policy", "pin")),
        case("link and PIN", "field_invalid").form(&form(OTHER).field("policy", "link+pin")),
        case("no policy", "field_invalid").form(&form(OTHER).field("policy", "nonsense")),
        case("the code alone", "policy_too_weak").form(&form(OTHER).field("policy", "code")),
        case("a level", "field_invalid").form(&form(OTHER).field("level", "lta")),
        case("no appearance", "field_invalid").form(&form(OTHER).field("appearance", "gold")),
        case("no image", "appearance_unusable").form(&form(OTHER).field("appearance", "seal")),
        case("no number", "document_number_missing")
            .form(&form(OTHER).field("appearance", "attachment")),
        case("no code", "code_malformed").form(&form("?")),
        case("a code of another day", "code_malformed").form(&form("H13.12-261230-0001")),
        case("text", "not_pdf").form(&Form::new(OTHER, b"no PDF")),
        case("a damaged file", "pdf_damaged").form(&Form::new(OTHER, b"%PDF-1.7\n%%EOF\n")),
        case("an encrypted file", "pdf_encrypted").form(&of(table().trailer("/Encrypt 9 0 R"))),
        Case::new("too many files", 413, "file_too_large", LIST)
            .by(&site.all)
            .form(&files),
        Case::new("nobody signed it", 422, "not_signed", LIST)
            .by(&register)
            .form(&form(OTHER)),
    ])
    .await;
    let list = site.all.get(LIST).await.json();
    assert_eq!(list["results"].as_array().unwrap().len(), 1, "none is kept");

    let refused = case("", "").form(&Form::new(OTHER, b"%PDF-1.7\nstartxref\n9\n%%EOF\n"));
    for (language, detail) in [("vi", "Tệp số 1."), ("en", "File 1.")] {
        let problem = refused.ask(&site.visitor, Some(language)).await.json();
        assert_eq!(problem["detail"], detail);
        let diagnostic = "no cross-reference section stands where startxref says";
        assert_eq!(problem["diagnostic"], diagnostic);
        assert_eq!(problem["field"], "file");
    }
}

#[tokio::test]
async fn what_stands_in_the_way_is_told() {
    let site = Site::new().await;
    let case = |cause, code, path: String| Case::new(cause, 409, code, path).by(&site.all);
    let other = json!({ "manifest": "0".repeat(64) });
    let key = ("idempotency-key", "k1");
    let form = Form::new(OTHER, &pdf("b"));
    let sent = [key, ("content-type", Form::KIND)];
    let sent = site.all.call(Method::POST, LIST, &sent, form.body()).await;
    assert_eq!(sent.status, StatusCode::CREATED);
    let location = format!("{LIST}/{}", sent.json()["id"].as_str().unwrap());
    assert_eq!(sent.header("location"), location);
    assert_eq!(
        site.all.get(&location).await.json()["id"],
        sent.json()["id"]
    );

    site.assert_refused(vec![
        case("other files", "dossier_has_result", LIST.to_owned())
            .form(&Form::new(CODE, &pdf("another"))),
        case("another manifest", "manifest_changed", site.at("/approve")).json(&other),
        case("not held", "state_conflict", site.at("/retry")).json(&Value::Null),
        case("not sealed", "state_conflict", site.at("/evidence")),
        Case::new("another request", 422, "idempotency_conflict", LIST)
            .by(&site.all)
            .with(key.0, key.1)
            .form(&Form::new(OTHER, &pdf("c"))),
    ])
    .await;
    // As if the first one were still being worked on.
    site.meddle("UPDATE idempotency SET result_id = NULL").await;
    site.assert_refused(vec![
        case("under way", "idempotency_in_flight", LIST.to_owned())
            .with(key.0, key.1)
            .form(&form),
    ])
    .await;
}

#[tokio::test]
async fn the_gate_refuses_alike_then_slows_down_and_shuts_where_it_cannot_count() {
    let site = Site::new().await;
    let link = site.received["link_id"].as_str().unwrap();
    let path = format!("/api/v1/links/{link}/release");
    let right = json!({ "dossier_code": CODE });
    let case = |cause, status, code| Case::new(cause, status, code, &path).json(&right);
    // Three tries, one for each language asked for.
    site.assert_refused(vec![
        case("not released", 403, "not_released"),
        case("a fourth try", 429, "too_many_requests"),
    ])
    .await;
    site.service.app.db.close().await;
    site.assert_refused(vec![
        case("no database at the gate", 503, "unavailable"),
        Case::new("no database", 503, "unavailable", LIST).by(&site.all),
    ])
    .await;
}

/// Officers' pages may call the API with their session, and what changes something needs the token
/// of the session and a page of ours.
#[tokio::test]
async fn a_session_acts_under_api_with_its_token_alone() {
    let site = Site::new().await;
    add_officer(
        &site.service,
        site.service.agency,
        "lan",
        trao::account::Role::ALL,
    )
    .await;
    let mut officer = Visitor::of(&site.service);
    officer.log_in("lan").await;
    let token = officer.get("/officer").await.field("form_token");
    assert_eq!(officer.get(&site.at("")).await.status, StatusCode::OK);
    let body = json!({ "reason": "thử" }).to_string();
    let own = ("sec-fetch-site", "same-origin");
    let path = site.at("/return");
    for headers in [
        vec![JSON, own],
        vec![JSON, own, ("x-csrf-token", "another")],
        vec![JSON, ("x-csrf-token", token.as_str())],
        vec![
            JSON,
            ("sec-fetch-site", "cross-site"),
            ("x-csrf-token", &token),
        ],
    ] {
        let answer = officer.ask(Method::POST, &path, &headers, &body).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{headers:?}");
        assert_eq!(answer.json()["code"], "forbidden");
    }
    let headers = [JSON, own, ("x-csrf-token", &token)];
    let answer = officer.ask(Method::POST, &path, &headers, &body).await;
    assert_eq!(answer.status, StatusCode::OK, "{}", answer.text());
    assert_eq!(answer.json()["state"], "returned");
}

/// Whatever is no address of a file is one answer, at a page as at the API.
#[tokio::test]
async fn what_is_no_file_of_a_grant_is_one_answer() {
    let site = Site::new().await;
    let secret = trao::secrets::Token::draw();
    let unknown = secret.reveal();
    let first = site.visitor.get(&format!("/f/{unknown}")).await;
    assert_eq!(first.status, StatusCode::NOT_FOUND);
    for path in [
        format!("/f/{unknown}/1"),
        format!("/f/{unknown}/abc"),
        format!("/f/{unknown}/99999999999"),
        "/f/x/1".to_owned(),
        "/f/%ff/1".to_owned(),
    ] {
        let answer = site.visitor.get(&path).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
        assert_eq!(answer.headers, first.headers, "{path}");
        assert_eq!(answer.body, first.body, "{path}");
    }
    let put = site.visitor.ask(Method::PUT, "/status", &[], "").await;
    assert_eq!(put.status, StatusCode::METHOD_NOT_ALLOWED);
    assert!(put.text().contains("method_not_allowed"));
    assert_eq!(put.header("allow"), "POST");
    let json = site
        .visitor
        .ask(Method::POST, "/status", &[JSON], "{}")
        .await;
    assert_eq!(json.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert!(json.text().contains("media_type_unsupported"));
}
