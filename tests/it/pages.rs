//! The pages as a browser asks for them: what they say, what they never tell, whom they obey.

use axum::http::{Method, StatusCode};
use trao::account::{AppearanceChange, Change, Role};
use trao::database::Actor;
use trao::model::{Sealing, Sha256Digest};
use trao::publication::ResultView;

use crate::support::seal::faded_ring;
use crate::support::service::{TestService, pdf};
use crate::support::visitor::{Visitor, add_officer, clerk};

const CODE: &str = "H13.12-261123-0001";

async fn released(service: &TestService, code: &str) -> ResultView {
    let view = service.received(code, &[&pdf(code)]).await;
    service.approved(&view).await
}

fn path_of(view: &ResultView) -> String {
    format!("/r/{}", view.link_id)
}

#[tokio::test]
async fn a_link_is_one_page_whether_it_is_known_or_not() {
    let service = TestService::new().await;
    let view = released(&service, CODE).await;
    let citizen = Visitor::of(&service);
    let unknown = "/r/0123456789abcdefghjkmnpqrs";
    let (known, not) = (
        citizen.get(&path_of(&view)).await,
        citizen.get(unknown).await,
    );
    assert_eq!((known.status, not.status), (StatusCode::OK, StatusCode::OK));
    assert_eq!(known.headers, not.headers);
    assert_eq!(known.text().replace(&path_of(&view), unknown), not.text());
    assert_eq!(
        citizen.get("/r/not-a-link").await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn every_way_of_not_passing_is_one_page() {
    let service = TestService::new().await;
    let waiting = service.received(CODE, &[&pdf("waiting")]).await;
    let out = released(&service, "H13.12-261123-0002").await;
    let gone = released(&service, "H13.12-261123-0003").await;
    let (clerk, now) = (service.officer(), service.now());
    let reason = "thử".to_owned();
    service
        .app
        .publication
        .withdraw(&clerk, gone.id, reason, now)
        .await
        .unwrap();
    let unknown = "/r/0123456789abcdefghjkmnpqrs".to_owned();

    let mut pages = Vec::new();
    for (path, code) in [
        (path_of(&waiting), CODE),
        (path_of(&out), CODE),
        (path_of(&gone), "H13.12-261123-0003"),
        (unknown, CODE),
    ] {
        let answer = Visitor::of(&service)
            .post(&path, &format!("code={code}"))
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN);
        let typed = format!("value=\"{code}\"");
        let body = answer
            .text()
            .replace(&path, "/r/…")
            .replace(&typed, "value=\"…\"");
        pages.push((answer.headers.clone(), body));
    }
    for page in &pages {
        assert_eq!(page, &pages[0]);
    }
}

#[tokio::test]
async fn a_file_comes_whole_or_in_part_under_a_grant() {
    let service = TestService::new().await;
    let view = released(&service, CODE).await;
    let citizen = Visitor::of(&service);
    let opened = citizen.post(&path_of(&view), &format!("code={CODE}")).await;
    assert_eq!(opened.status, StatusCode::SEE_OTHER);
    let files = opened.header("location").to_owned();
    assert!(!files.contains(CODE) && files.starts_with("/f/"));
    assert!(
        citizen
            .get(&files)
            .await
            .text()
            .contains("Giấy phép xây dựng")
    );

    let file = format!("{files}/1");
    let whole = citizen.get(&file).await;
    assert_eq!(
        (whole.status, whole.header("content-type")),
        (StatusCode::OK, "application/pdf")
    );
    assert!(
        whole
            .header("content-disposition")
            .starts_with("attachment; filename=\"Giay phep")
    );
    assert!(whole.header("content-security-policy").contains("sandbox"));
    let tag = whole.header("etag").to_owned();
    let part = citizen
        .ask(
            Method::GET,
            &file,
            &[("range", "bytes=5-9"), ("if-range", &tag)],
            "",
        )
        .await;
    assert_eq!(part.status, StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.body, &whole.body[5..10]);
    let other = citizen
        .ask(
            Method::GET,
            &file,
            &[("range", "bytes=5-9"), ("if-range", "\"x\"")],
            "",
        )
        .await;
    assert_eq!(
        (other.status, other.body.len()),
        (StatusCode::OK, whole.body.len())
    );
    let beyond = citizen
        .ask(Method::GET, &file, &[("range", "bytes=99999999-")], "")
        .await;
    assert_eq!(beyond.status, StatusCode::RANGE_NOT_SATISFIABLE);
    assert_eq!(
        citizen.get(&format!("{files}/2")).await.status,
        StatusCode::NOT_FOUND
    );
}

#[tokio::test]
async fn a_grant_ends_with_the_result_and_a_look_at_the_head_leaves_no_entry() {
    let service = TestService::new().await;
    let view = released(&service, CODE).await;
    let citizen = Visitor::of(&service);
    let opened = citizen.post(&path_of(&view), &format!("code={CODE}")).await;
    let files = opened.header("location").to_owned();
    let file = format!("{files}/1");
    let whole = citizen.get(&file).await;

    let entries = service.app.db.audit_of(view.id).await.unwrap().len();
    let head = citizen.ask(Method::HEAD, &file, &[], "").await;
    assert_eq!(head.header("content-length"), whole.body.len().to_string());
    assert_eq!(
        service.app.db.audit_of(view.id).await.unwrap().len(),
        entries,
        "a HEAD reads nothing"
    );

    let (clerk, now) = (service.officer(), service.now());
    service
        .app
        .publication
        .withdraw(&clerk, view.id, "thử".to_owned(), now)
        .await
        .unwrap();
    for path in [&files, &file] {
        assert_eq!(citizen.get(path).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test]
async fn a_code_in_an_address_is_refused_and_not_repeated() {
    let service = TestService::new().await;
    let citizen = Visitor::of(&service);
    for path in ["/", "/r/0123456789abcdefghjkmnpqrs", "/officer/results"] {
        let answer = citizen.get(&format!("{path}?code={CODE}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{path}");
        assert!(!answer.text().contains(CODE), "{path}");
    }
    for query in [
        format!("c%6fde={CODE}"),
        format!("q={CODE}"),
        format!("ma-ho-so={}", CODE.to_lowercase()),
        "M%C3%A3=x&Ma_Ho_So=1".to_owned(),
    ] {
        let answer = citizen.get(&format!("/?{query}")).await;
        assert_eq!(answer.status, StatusCode::BAD_REQUEST, "{query}");
    }
    assert_eq!(citizen.get("/?fbclid=x").await.status, StatusCode::OK);
    let release = "/api/v1/links/0123456789abcdefghjkmnpqrs/release?a=b";
    let answer = citizen.ask(Method::POST, release, &[], "{}").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text().contains("request_malformed"));
}

#[tokio::test]
async fn every_page_bears_a_policy_without_anything_unsafe() {
    let service = TestService::new().await;
    let officer = clerk(&service).await;
    for path in [
        "/",
        "/r/0123456789abcdefghjkmnpqrs",
        "/nowhere",
        "/officer",
        "/officer/publish",
    ] {
        let answer = officer.get(path).await;
        let policy = answer.header("content-security-policy");
        assert!(
            policy.starts_with("default-src 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert!(
            answer.header("cache-control").contains("no-store"),
            "{path}"
        );
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
    }
}

#[tokio::test]
async fn the_desk_obeys_its_own_pages_only() {
    let service = TestService::new().await;
    let officer = clerk(&service).await;
    let token = officer.get("/officer").await.field("form_token");
    let form = format!("form_token={token}");
    for site in ["cross-site", "same-site", "none"] {
        let answer = officer.post_from(site, "/officer/logout", &form).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{site}");
    }
    let answer = officer.post("/officer/logout", "form_token=another").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN);
    let login = officer
        .post_from("cross-site", "/officer/login", "login=lan&password=x")
        .await;
    assert_eq!(login.status, StatusCode::FORBIDDEN);
    assert_eq!(
        officer.get("/officer").await.status,
        StatusCode::OK,
        "still there"
    );
    let out = officer.post("/officer/logout", &form).await;
    assert_eq!(out.header("location"), "/officer/login");
    assert_eq!(
        officer.get("/officer").await.header("location"),
        "/officer/login"
    );
    let late = officer.post("/officer/results/search", &form).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn a_session_cookie_is_bound_to_the_host_where_there_is_tls() {
    let service = TestService::with(|settings| {
        settings.public_url = Some("https://tra.example".to_owned());
    })
    .await;
    add_officer(&service, service.agency, "lan", &[Role::Clerk]).await;
    let mut officer = Visitor::of(&service);
    let answer = officer.log_in("lan").await;
    let cookie = answer.header("set-cookie");
    assert!(
        cookie.starts_with("__Host-trao=") && cookie.contains("; Secure"),
        "{cookie}"
    );
    assert!(cookie.contains("HttpOnly; SameSite=Strict"), "{cookie}");
    assert!(
        answer
            .header("strict-transport-security")
            .starts_with("max-age=")
    );
    assert_eq!(officer.get("/officer").await.status, StatusCode::OK);
}

#[tokio::test]
async fn an_officer_sees_nothing_of_another_agency() {
    let service = TestService::new().await;
    let view = released(&service, CODE).await;
    let other = service.other_agency(Sealing::Clerk, false).await;
    add_officer(&service, other, "binh", Role::ALL).await;
    let mut stranger = Visitor::of(&service);
    stranger.log_in("binh").await;
    let token = stranger.get("/officer").await.field("form_token");
    for path in [
        "",
        "/received/1",
        "/sealed/1",
        "/seal",
        "/withdraw",
        "/slip",
    ] {
        let answer = stranger
            .get(&format!("/officer/results/{}{path}", view.id))
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{path}");
    }
    let form = format!("form_token={token}&reason=x");
    let answer = stranger
        .post(&format!("/officer/results/{}/withdraw", view.id), &form)
        .await;
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    let found = stranger
        .post("/officer/results/search", &format!("{form}&code={CODE}"))
        .await;
    assert!(!found.text().contains(&view.id.to_string()));
}

#[tokio::test]
async fn sealing_takes_every_warning_confirmed_and_the_manifest_that_was_shown() {
    let service = TestService::new().await;
    let view = service.received(CODE, &[&pdf("x")]).await;
    let officer = clerk(&service).await;
    let path = format!("/officer/results/{}/seal", view.id);
    let page = officer.get(&path).await;
    let (token, manifest) = (page.field("form_token"), page.field("manifest"));
    let without = officer
        .post(&path, &format!("form_token={token}&manifest={manifest}"))
        .await;
    assert_eq!(without.status, StatusCode::UNPROCESSABLE_ENTITY);
    let confirm = "confirm=no_earlier_signature";
    let other = "0".repeat(64);
    let form = format!("form_token={token}&{confirm}&manifest={other}");
    let changed = officer.post(&path, &form).await;
    assert_eq!(changed.status, StatusCode::CONFLICT);
    assert!(changed.text().contains("manifest_changed"));
    let form = format!("form_token={token}&{confirm}&manifest={manifest}");
    let sealed = officer.post(&path, &form).await;
    assert_eq!(sealed.status, StatusCode::SEE_OTHER);
    let shown = officer.get(sealed.header("location")).await;
    assert!(shown.text().contains(&view.link_id.to_string()));
}

#[tokio::test]
async fn the_clerk_reads_where_the_mark_stands_and_sees_its_image() {
    let service = TestService::new().await;
    let template = "title = \"Sao lục\"\n[[item]]\nimage = \"seal\"\n[place]\npage = \"last\"\n\
                    at = \"bottom-left\"";
    let png = faded_ring();
    let change = AppearanceChange {
        image: Some(Change::Set(png.clone())),
        templates: vec![("sao-luc".parse().unwrap(), Change::Set(template.to_owned()))],
        ..AppearanceChange::default()
    };
    let accounts = &service.app.accounts;
    let changed =
        accounts.change_appearance(service.agency, change, Actor::Operator, service.now());
    changed.await.unwrap();
    let officer = clerk(&service).await;
    let form = officer.get("/officer/publish").await;
    for choice in ["none", "attachment", "seal", "copy", "sao-luc"] {
        let input = format!("id=\"appearance-{choice}\"");
        assert!(form.text().contains(&input), "{choice}");
    }
    let mut submission = service.submission(CODE, &[&pdf("x")]);
    submission.appearance = Some("sao-luc".to_owned());
    let (publication, caller) = (&service.app.publication, service.officer());
    let receipt = publication.receive(&caller, submission, service.now());
    let view = receipt.await.unwrap().view;

    let page = officer
        .get(&format!("/officer/results/{}/seal", view.id))
        .await;
    assert!(page.text().contains("Sao lục"));
    assert!(page.text().contains("Trang cuối, góc dưới bên trái."));
    let digest = Sha256Digest::of(&png);
    let address = format!("/officer/results/{}/mark/{digest}", view.id);
    assert!(page.text().contains(&format!("src=\"{address}\"")));
    let image = officer.get(&address).await;
    assert_eq!(image.header("content-type"), "image/png");
    assert_eq!(
        image.header("content-security-policy"),
        "default-src 'none'; sandbox"
    );
    assert_eq!(image.body, png);
    // Another image is not the one that was shown.
    let other = Sha256Digest::of(b"another");
    let other = format!("/officer/results/{}/mark/{other}", view.id);
    assert_eq!(officer.get(&other).await.status, StatusCode::NOT_FOUND);
    let stranger = service.other_agency(Sealing::Clerk, false).await;
    add_officer(&service, stranger, "binh", Role::ALL).await;
    let mut stranger = Visitor::of(&service);
    stranger.log_in("binh").await;
    assert_eq!(stranger.get(&address).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_publisher_is_no_clerk() {
    let service = TestService::new().await;
    let view = service.received(CODE, &[&pdf("x")]).await;
    add_officer(&service, service.agency, "tam", &[Role::Publisher]).await;
    let mut publisher = Visitor::of(&service);
    publisher.log_in("tam").await;
    for act in ["seal", "return", "withdraw"] {
        let answer = publisher
            .get(&format!("/officer/results/{}/{act}", view.id))
            .await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{act}");
    }
    let page = publisher
        .get(&format!("/officer/results/{}", view.id))
        .await;
    assert!(!page.text().contains("/seal\""));
}
