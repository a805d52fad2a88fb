//! Each limit of a body at n and at n + 1, as the router sees it.

use axum::http::{Method, StatusCode};
use serde_json::json;
use trao::account::Scope;

use crate::support::key_holder::{Form, KeyHolder};
use crate::support::service::{TestService, pdf};
use crate::support::visitor::{Visitor, clerk};

const CODE: &str = "H13.12-261123-0001";
const OTHER: &str = "H13.12-261123-0002";
const LARGE: StatusCode = StatusCode::PAYLOAD_TOO_LARGE;

#[tokio::test]
async fn a_body_of_json_has_64_kib() {
    let service = TestService::new().await;
    assert_eq!(service.app.settings.limits.json_bytes, 64 << 10);
    let link = "/api/v1/links/0123456789abcdefghjkmnpqrs/release";
    let visitor = Visitor::of(&service);
    let json = ("content-type", "application/json");
    let asked = |len: usize| {
        // White space around a value is none of it.
        let body = json!({ "dossier_code": CODE }).to_string();
        let body = format!("{body}{}", " ".repeat(len - body.len()));
        let visitor = &visitor;
        async move { visitor.send(Method::POST, link, &[json], body).await }
    };
    assert_eq!(asked(64 << 10).await.status, StatusCode::FORBIDDEN);
    let refused = asked((64 << 10) + 1).await;
    assert_eq!(refused.status, LARGE);
    assert_eq!(refused.json()["code"], "file_too_large");
}

#[tokio::test]
async fn a_plain_form_has_as_much_and_the_setting_counts() {
    let service = TestService::with(|settings| settings.limits.json_bytes = 2_000).await;
    let visitor = Visitor::of(&service);
    let form = |len: usize| format!("code={CODE}&more={}", "x".repeat(len - 29));
    assert_eq!(form(2_000).len(), 2_000);
    let taken = visitor.post("/status", &form(2_000)).await;
    assert_eq!(taken.status, StatusCode::OK);
    let refused = visitor.post("/status", &form(2_001)).await;
    assert_eq!(refused.status, LARGE);
    assert!(refused.text().contains("file_too_large"));
    let link = "/api/v1/links/0123456789abcdefghjkmnpqrs/release";
    let body = " ".repeat(2_001);
    let json = ("content-type", "application/json");
    let refused = visitor.send(Method::POST, link, &[json], body).await;
    assert_eq!(refused.status, LARGE);
}

#[tokio::test]
async fn a_body_with_files_has_its_bytes() {
    let whole = Form::new(CODE, &pdf("a"));
    let len = whole.body().len();
    let service = TestService::with(|settings| settings.limits.body_bytes = len as u64).await;
    let program = KeyHolder::new(&service, Scope::ALL).await;
    let longer = Form::new(CODE, &[&pdf("a")[..], b"\n"].concat());
    let refused = program.publish(&longer).await;
    assert_eq!(refused.status, LARGE, "{}", refused.text());
    assert_eq!(refused.json()["code"], "file_too_large");
    assert_eq!(program.publish(&whole).await.status, StatusCode::CREATED);
}

#[tokio::test]
async fn the_files_of_a_result_have_their_number_and_their_bytes() {
    let file = pdf("a");
    let service = TestService::with(|settings| {
        settings.limits.result_files = 2;
        settings.limits.result_bytes = 2 * file.len() as u64;
    })
    .await;
    let program = KeyHolder::new(&service, Scope::ALL).await;
    let two = Form::new(CODE, &file).file(&file);
    assert_eq!(program.publish(&two).await.status, StatusCode::CREATED);
    let longer = [&file[..], b"\n"].concat();
    for form in [
        Form::new(OTHER, b"1").file(b"2").file(b"3"),
        Form::new(OTHER, &file).file(&longer),
    ] {
        let refused = program.publish(&form).await;
        assert_eq!(refused.status, LARGE, "{}", refused.text());
        assert_eq!(refused.json()["code"], "file_too_large");
    }
}

#[tokio::test]
async fn what_is_too_large_is_told_how_much_is_taken() {
    let service = TestService::with(|settings| {
        settings.limits.result_files = 3;
        settings.limits.result_bytes = 3 << 19;
        settings.limits.body_bytes = 2 << 20;
    })
    .await;
    let vietnamese = "Tổng dung lượng không quá 1,5 MB, tối đa 3 tệp.";
    let program = KeyHolder::new(&service, Scope::ALL).await;
    let many = Form::new(CODE, b"1").file(b"2").file(b"3").file(b"4");
    // The second is more than the body may have.
    for form in [many, Form::new(CODE, &vec![0; 3 << 20])] {
        let refused = program.publish(&form).await;
        assert_eq!(refused.status, LARGE, "{}", refused.text());
        assert_eq!(refused.json()["detail"], vietnamese);
    }

    let officer = clerk(&service).await;
    let token = officer.get("/officer").await.field("form_token");
    let form = Form::empty().field("form_token", &token);
    let form = form.file(&vec![0; (3 << 19) + 1]);
    let headers = [
        ("content-type", Form::KIND),
        ("sec-fetch-site", "same-origin"),
        ("accept-language", "en"),
    ];
    let sent = officer.send(Method::POST, "/officer/publish", &headers, form.body());
    let refused = sent.await;
    assert_eq!(refused.status, LARGE);
    let english = "At most 3 files, 1.5 MB together.";
    let told = refused.text().replace(&format!("large. {english}"), "");
    assert!(told.contains(english), "{told}");
}

#[tokio::test]
async fn one_file_at_most_is_told_as_one() {
    let service = TestService::with(|settings| settings.limits.result_files = 1).await;
    let program = KeyHolder::new(&service, Scope::ALL).await;
    let two = Form::new(CODE, b"1").file(b"2");
    let english = [("accept-language", "en"), ("content-type", Form::KIND)];
    let refused = program
        .call(Method::POST, "/api/v1/results", &english, two.body())
        .await;
    assert_eq!(refused.json()["detail"], "At most 1 file, 200 MB together.");
}

#[tokio::test]
async fn too_many_fields_are_not_told_as_a_file_too_large() {
    let service = TestService::new().await;
    let program = KeyHolder::new(&service, Scope::ALL).await;
    let with = |fields: usize| {
        let names = (0..fields).map(|n| format!("field-{n}"));
        names.fold(Form::empty(), |form, name| form.field(&name, "x"))
    };
    let known = program.publish(&with(32)).await;
    assert!(known.text().contains("mục lạ"), "{}", known.text());
    let refused = program.publish(&with(33)).await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let told = refused.json();
    assert_eq!(told["code"], "request_malformed");
    assert_eq!(told["detail"], "Biểu mẫu có quá nhiều mục: tối đa 32.");

    let officer = clerk(&service).await;
    let headers = [
        ("content-type", Form::KIND),
        ("sec-fetch-site", "same-origin"),
    ];
    let sent = officer.send(Method::POST, "/officer/publish", &headers, with(33).body());
    let refused = sent.await;
    assert_eq!(refused.status, StatusCode::BAD_REQUEST);
    let summary = refused.text().split("class=\"summary\"").nth(1);
    let told = summary
        .and_then(|rest| rest.split("</div>").next())
        .unwrap();
    assert!(told.contains("Biểu mẫu có quá nhiều mục"), "{told}");
    assert!(!told.contains("200 MB"), "{told}");
}
