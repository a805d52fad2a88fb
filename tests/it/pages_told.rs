//! What the pages say to whoever did something that has no effect, or cannot have it.

use axum::http::{Method, StatusCode};
use trao::account::Scope;

use crate::support::damage::without_startxref;
use crate::support::key_holder::{Form, KeyHolder};
use crate::support::pdf_file::{PdfFile, XrefKind};
use crate::support::pki::identity_of;
use crate::support::seal::{request, sealed};
use crate::support::service::{TestService, pdf};
use crate::support::visitor::{Answer, Visitor, clerk};

const CODE: &str = "H13.12-261123-0001";

async fn publish(officer: &Visitor, title: &str, file: &[u8]) -> Answer {
    let token = officer.get("/officer").await.field("form_token");
    let form = Form::empty()
        .field("form_token", &token)
        .field("dossier_code", CODE)
        .field("title", title)
        .file(file);
    let headers = [
        ("content-type", Form::KIND),
        ("sec-fetch-site", "same-origin"),
    ];
    officer
        .send(Method::POST, "/officer/publish", &headers, form.body())
        .await
}

#[tokio::test]
async fn a_result_that_is_here_already_says_that_nothing_was_changed() {
    let service = TestService::new().await;
    let officer = clerk(&service).await;
    let first = publish(&officer, "Giấy phép", &pdf("a")).await;
    let path = first.header("location").to_owned();
    let told = "lần gửi vừa rồi không thay đổi gì";
    assert!(!officer.get(&path).await.text().contains(told));

    let again = publish(&officer, "Quyết định", &pdf("a")).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER, "{}", again.text());
    let there = again.header("location").to_owned();
    assert!(there.starts_with(&path) && there != path, "{there}");
    let page = officer.get(&there).await;
    assert!(page.text().contains(told));
    assert!(page.text().contains("Giấy phép") && !page.text().contains("Quyết định"));
}

/// Nobody here sees what a page shows: whoever seals must look, and is told so.
#[tokio::test]
async fn a_page_that_cannot_be_decoded_is_not_called_read_in_full() {
    let service = TestService::new().await;
    let garbage = "<< /Filter /FlateDecode /Length 9 >>\nstream\nnonsense!\nendstream";
    let file = PdfFile::new(XrefKind::Table).object(4, garbage).build();
    let view = service.received(CODE, &[&file]).await;
    let officer = clerk(&service).await;
    let page = officer.get(&format!("/officer/results/{}", view.id)).await;
    assert!(!page.text().contains("đọc trọn vẹn"), "{}", page.text());
    assert!(
        page.text().contains("hãy xem từng trang của tệp"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_new_link_is_confirmed() {
    let service = TestService::new().await;
    let view = service.received(CODE, &[&pdf("a")]).await;
    service.approved(&view).await;
    let officer = clerk(&service).await;
    let token = officer.get("/officer").await.field("form_token");
    let path = format!("/officer/results/{}/relink", view.id);
    let done = officer.post(&path, &format!("form_token={token}")).await;
    let page = officer.get(done.header("location")).await;
    assert!(page.text().contains("Đã cấp đường dẫn mới."));
}

#[tokio::test]
async fn no_code_at_all_is_asked_for_and_is_no_try() {
    let service = TestService::new().await;
    let view = service.received(CODE, &[&pdf("a")]).await;
    service.approved(&view).await;
    let citizen = Visitor::of(&service);
    let known = format!("/r/{}", view.link_id);
    let unknown = "/r/0123456789abcdefghjkmnpqrs";
    // More often than any bucket would let pass.
    for _ in 0..70 {
        for body in ["", "code=", "code=+%09+"] {
            let (one, other) = (
                citizen.post(&known, body).await,
                citizen.post(unknown, body).await,
            );
            assert_eq!(one.status, StatusCode::FORBIDDEN);
            assert_eq!((one.status, &one.headers), (other.status, &other.headers));
            assert_eq!(one.text().replace(&known, unknown), other.text());
            assert!(one.text().contains("Chưa nhập mã hồ sơ"));
        }
    }
    for _ in 0..70 {
        let asked = citizen.post("/status", "code=+").await;
        assert_eq!(asked.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(asked.text().contains("Chưa nhập mã hồ sơ"));
    }
    let opened = citizen.post(&known, &format!("code={CODE}")).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER, "{}", opened.text());
    let api = "/api/v1/links/0123456789abcdefghjkmnpqrs/release";
    let json = ("content-type", "application/json");
    let body = r#"{"dossier_code":""}"#;
    let refused = citizen.send(Method::POST, api, &[json], body).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(refused.json()["code"], "not_released");
}

#[tokio::test]
async fn a_text_that_is_too_long_is_told_by_its_field() {
    let service = TestService::new().await;
    let program = KeyHolder::new(&service, Scope::ALL).await;
    for len in [201, 5_000] {
        let form = Form::empty()
            .field("dossier_code", CODE)
            .field("title", &"x".repeat(len))
            .file(&pdf("a"));
        let refused = program.publish(&form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{len}");
        let told = refused.json();
        assert_eq!(
            (&told["code"], &told["field"]),
            (&"field_invalid".into(), &"title".into())
        );
    }
    let officer = clerk(&service).await;
    let refused = publish(&officer, &"x".repeat(5_000), &pdf("a")).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused
            .text()
            .contains("<a href=\"#title\">Tên kết quả: Nội dung quá dài.</a>")
    );

    let visitor = Visitor::of(&service);
    let long = visitor.post("/status", &"x".repeat((64 << 10) + 1)).await;
    assert_eq!(long.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(!long.text().contains("Tệp quá lớn"), "no file was sent");
}

#[tokio::test]
async fn a_refused_file_is_marked_where_it_was_chosen_in_the_readers_language() {
    let service = TestService::new().await;
    let officer = clerk(&service).await;
    let refused = publish(&officer, "Giấy phép", b"no PDF").await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = refused.text();
    assert!(page.contains("<a href=\"#file\">Tệp kết quả: Tệp này không phải là PDF."));
    let beside = page.split("id=\"flaw\"").nth(1).unwrap();
    let beside = beside.split("<input").next().unwrap();
    assert!(beside.contains("Tệp này không phải là PDF."), "{beside}");
    assert!(
        !page.contains("<p class=\"small\" lang=\"en\""),
        "no sentence in English"
    );
}

#[tokio::test]
async fn a_form_of_an_old_page_is_told_apart_from_a_missing_right() {
    let service = TestService::new().await;
    let officer = clerk(&service).await;
    for form in ["", "form_token=another"] {
        let refused = officer.post("/officer/logout", form).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        assert!(refused.text().contains("Trang này đã quá cũ"));
        assert!(!refused.text().contains("không có quyền"));
    }
}

#[tokio::test]
async fn evidence_before_the_seal_is_told_as_such() {
    let service = TestService::new().await;
    let view = service.received(CODE, &[&pdf("a")]).await;
    let officer = clerk(&service).await;
    let path = format!("/officer/results/{}/evidence", view.id);
    let refused = officer.get(&path).await;
    assert_eq!(refused.status, StatusCode::CONFLICT);
    assert!(refused.text().contains("Kết quả này chưa được ký số"));
    assert!(refused.text().contains("state_conflict"));
}

#[tokio::test]
async fn a_refused_login_shows_its_code() {
    let service = TestService::new().await;
    clerk(&service).await;
    let visitor = Visitor::of(&service);
    let refused = visitor.post("/officer/login", "login=lan&password=x").await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert!(
        refused
            .text()
            .contains("<span class=\"code\">login_wrong</span>")
    );
}

#[tokio::test]
async fn who_receives_a_file_whose_earlier_signature_readers_doubt_is_told_so() {
    let service = TestService::new().await;
    let person = identity_of(service.pki.agency());
    let signed = sealed(&pdf("signed"), request(), &person);
    let damaged = without_startxref(&signed);
    let citizen = Visitor::of(&service);
    for (code, files, is_doubted) in [
        (CODE, vec![&signed[..]], false),
        ("H13.12-261123-0002", vec![&damaged[..]], true),
        (
            "H13.12-261123-0003",
            vec![&pdf("a")[..], &damaged[..]],
            true,
        ),
    ] {
        let shown = service.received(code, &files).await;
        service.approved(&shown).await;
        let path = format!("/r/{}", shown.link_id);
        let opened = citizen.post(&path, &format!("code={code}")).await;
        let page = citizen.get(opened.header("location")).await;
        let told = |words: &str| page.text().contains(words);
        assert_eq!(told("có thể báo là không hợp lệ"), is_doubted, "{code}");
        assert_eq!(told("tệp nguyên vẹn"), !is_doubted, "{code}");
        assert!(told("Tệp không bị thay đổi từ khi ký."), "{code}");
    }
}

#[tokio::test]
async fn a_wait_of_hours_is_told_in_hours_and_minutes() {
    let service = TestService::with(|settings| settings.gate.client.burst = 50).await;
    let visitor = Visitor::of(&service);
    let link = "/r/0123456789abcdefghjkmnpqrs";
    let form = "code=H13.12-261123-0001";
    let tries = service.app.settings.gate.client_link.burst;
    for _ in 0..tries {
        let refused = visitor.post(link, form).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
    }
    let slowed = visitor.post(link, form).await;
    assert_eq!(slowed.status, StatusCode::TOO_MANY_REQUESTS);
    let told = slowed.text();
    assert!(
        told.contains("Hãy thử lại sau 4 giờ 49 phút nữa."),
        "{told}"
    );
}

#[tokio::test]
async fn who_comes_before_the_result_is_not_told_that_the_code_is_wrong() {
    let service = TestService::new().await;
    let view = service.received(CODE, &[&pdf("a")]).await;
    let visitor = Visitor::of(&service);
    let link = format!("/r/{}", view.link_id);
    let early = visitor.post(&link, &format!("code={CODE}")).await;
    let wrong = visitor.post(&link, "code=H13.12-261123-0002").await;
    assert_eq!(early.status, StatusCode::FORBIDDEN);
    // It is what everybody is told who does not pass.
    let told = early.text();
    assert_eq!(told, wrong.text().replace("H13.12-261123-0002", CODE));
    assert!(
        told.contains("chưa sẵn sàng") && !told.contains("không đúng"),
        "{told}"
    );
}
