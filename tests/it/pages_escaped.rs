//! What people type comes out as text, on every page that shows it.

use axum::http::{Method, StatusCode};
use percent_encoding::NON_ALPHANUMERIC;
use trao::account::{NewAgency, NewOfficer, Role};
use trao::config::Settings;
use trao::database::Actor;
use trao::model::{AppearanceName, Sealing};

use crate::support::key_holder::Form;
use crate::support::service::{TestService, pdf};
use crate::support::visitor::{Answer, PASSWORD, Visitor};

const CODE: &str = "H13.12-261123-0001";
/// Each value that is typed carries its own name.
const TAG: &str = "<script>alert";

fn evil(name: &str) -> String {
    format!("{TAG}('{name}')</script>\"'><img src=x>")
}

/// Nothing of it stands as it was typed; and `names`, which the page shows, stand as text.
fn assert_text(page: &Answer, names: &[&str], what: &str) {
    assert_eq!(page.status, StatusCode::OK, "{what}: {}", page.text());
    let text = page.text();
    assert!(!text.contains(TAG), "{what}: {text}");
    assert!(!text.contains("<img src=x"), "{what}: {text}");
    for name in names {
        let escaped = format!("&#60;script&#62;alert(&#39;{name}&#39;)");
        assert!(text.contains(&escaped), "{what} shows no {name}: {text}");
    }
}

/// A service, an agency and an officer with such names.
async fn site() -> (TestService, Visitor) {
    let service = TestService::with(|settings: &mut Settings| {
        settings.installation.name = evil("installation");
        settings.installation.telephone = Some(evil("telephone"));
    })
    .await;
    let accounts = &service.app.accounts;
    let agency = NewAgency {
        name: evil("agency"),
        parent: None,
        code_prefixes: Vec::new(),
        code_profiles: Vec::new(),
        sealing: Sealing::Clerk,
        unsigned_allowed: false,
        appearance: Some(AppearanceName::None),
        telephone: Some(evil("telephone")),
    };
    let agency = accounts.add_agency(agency, Actor::Operator, service.now());
    let agency = agency.await.unwrap();
    service.add_identity(agency, service.pki.agency()).await;
    let officer = NewOfficer {
        agency,
        login: "lan".to_owned(),
        name: evil("officer"),
        roles: Role::ALL.to_vec(),
        password: PASSWORD.into(),
    };
    let added = accounts.add_officer(officer, Actor::Operator, service.now());
    added.await.unwrap();
    let mut officer = Visitor::of(&service);
    officer.log_in("lan").await;
    (service, officer)
}

fn form(token: &str, code: &str, file: &[u8]) -> Form {
    let form = Form::empty()
        .field("form_token", token)
        .field("dossier_code", code)
        .field("title", &evil("title"))
        .field("document_number", &evil("number"))
        .field("procedure", &evil("procedure"))
        .field("recipient_phone", "024 1234 5678");
    form.file(file)
}

async fn publish(officer: &Visitor, form: &Form) -> Answer {
    let headers = [
        ("content-type", Form::KIND),
        ("sec-fetch-site", "same-origin"),
    ];
    officer
        .send(Method::POST, "/officer/publish", &headers, form.body())
        .await
}

/// A value in a plain form.
fn encoded(text: &str) -> String {
    let escaped = percent_encoding::percent_encode(text.as_bytes(), NON_ALPHANUMERIC);
    escaped.to_string()
}

#[tokio::test]
async fn titles_names_and_reasons_are_text_on_every_page() {
    let (service, officer) = site().await;
    let token = officer.get("/officer").await.field("form_token");
    let received = publish(&officer, &form(&token, CODE, &pdf("a"))).await;
    assert_eq!(
        received.status,
        StatusCode::SEE_OTHER,
        "{}",
        received.text()
    );
    let result = received.header("location").to_owned();

    let everywhere = ["agency", "officer"];
    for (path, shown) in [
        ("/officer".to_owned(), vec!["title", "number"]),
        ("/officer/results".to_owned(), vec!["title"]),
        (result.clone(), vec!["title", "number", "procedure"]),
        (
            format!("{result}/seal"),
            vec!["title", "number", "procedure"],
        ),
        (format!("{result}/return"), vec!["title"]),
        ("/officer/publish".to_owned(), vec![]),
    ] {
        let names = [&everywhere[..], &shown].concat();
        assert_text(&officer.get(&path).await, &names, &path);
    }
    // A form that was not received stands again as it was typed.
    let again = publish(&officer, &form(&token, "H13.12-261123-0002", b"no PDF")).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    let again = Answer {
        status: StatusCode::OK,
        ..again
    };
    assert_text(&again, &["title", "number", "procedure"], "the form again");

    let page = officer.get(&format!("{result}/seal")).await;
    let manifest = page.field("manifest");
    let seal = format!("form_token={token}&manifest={manifest}&confirm=no_earlier_signature");
    let sealed = officer.post(&format!("{result}/seal"), &seal).await;
    assert_eq!(sealed.status, StatusCode::SEE_OTHER, "{}", sealed.text());
    for path in [result.clone(), format!("{result}/slip")] {
        assert_text(&officer.get(&path).await, &["title", "agency"], &path);
    }
    assert_citizens_pages(&service, &officer, &result).await;

    let reason = format!("form_token={token}&reason={}", encoded(&evil("reason")));
    let withdrawn = officer.post(&format!("{result}/withdraw"), &reason).await;
    assert_eq!(withdrawn.status, StatusCode::SEE_OTHER);
    assert_text(
        &officer.get(&result).await,
        &["reason", "title"],
        "withdrawn",
    );
    let list = officer.get("/officer/results?state=withdrawn").await;
    assert_text(&list, &["title"], "the list");
}

async fn assert_citizens_pages(service: &TestService, officer: &Visitor, result: &str) {
    let citizen = Visitor::of(service);
    let page = officer.get(result).await;
    let link = page.text().split("/r/").nth(1).unwrap();
    let link = format!("/r/{}", &link[..26]);
    assert_text(&citizen.get("/").await, &["installation"], "home");
    assert_text(&citizen.get(&link).await, &["installation"], "the link");
    let typed = format!("code={}", encoded(&evil("typed")));
    let refused = citizen.post(&link, &typed).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let refused = Answer {
        status: StatusCode::OK,
        ..refused
    };
    assert_text(&refused, &["typed"], "the refusal");
    let opened = citizen.post(&link, &format!("code={CODE}")).await;
    let files = citizen.get(opened.header("location")).await;
    assert_text(&files, &["title", "agency", "telephone"], "the files");
    let status = citizen.post("/status", &format!("code={CODE}")).await;
    assert_text(&status, &["agency", "procedure", "telephone"], "the status");
    let frame = citizen.get(&link.replace("/r/", "/embed/")).await;
    assert_text(&frame, &[], "the frame");
    let typed = format!("login={}", encoded(&evil("login")));
    let login = citizen.post("/officer/login", &typed).await;
    assert!(!login.text().contains(TAG), "{}", login.text());
}
