//! Which pages of other origins may call the release: those of registered portals, to the letter.

use axum::http::{Method, StatusCode};
use serde_json::json;
use time::Duration;
use trao::account::NewPortal;
use trao::database::Actor;

use crate::support::service::{TestService, pdf};
use crate::support::visitor::{Answer, Visitor};

const CODE: &str = "H13.12-261123-0001";
const PORTAL: &str = "https://cong.example.vn";
const RELEASE: &str = "/api/v1/links/0123456789abcdefghjkmnpqrs/release";

async fn service() -> TestService {
    let service = TestService::new().await;
    for (name, origin) in [("Cổng", PORTAL), ("Khác", "https://khac.example.vn:8443")] {
        let portal = NewPortal {
            agency: service.agency,
            name: name.to_owned(),
            origins: vec![origin.to_owned()],
        };
        let accounts = &service.app.accounts;
        let added = accounts.add_portal(portal, Actor::Operator, service.now());
        added.await.unwrap();
    }
    service
}

async fn preflight(visitor: &Visitor, path: &str, origin: &str) -> Answer {
    let headers = [
        ("origin", origin),
        ("access-control-request-method", "POST"),
        ("access-control-request-headers", "content-type"),
    ];
    visitor.ask(Method::OPTIONS, path, &headers, "").await
}

async fn release(visitor: &Visitor, path: &str, origin: &str) -> Answer {
    let headers = [("origin", origin), ("content-type", "application/json")];
    let body = json!({ "dossier_code": CODE }).to_string();
    visitor.ask(Method::POST, path, &headers, &body).await
}

fn assert_no_credentials(answer: &Answer) {
    assert_eq!(answer.header("access-control-allow-credentials"), "");
    let varies = answer.headers.get_all("vary").iter();
    assert!(varies.into_iter().any(|by| by == "Origin"));
}

#[tokio::test]
async fn a_registered_origin_is_answered_with_itself() {
    let service = service().await;
    let view = service.received(CODE, &[&pdf("a")]).await;
    let view = service.approved(&view).await;
    let known = format!("/api/v1/links/{}/release", view.link_id);
    let visitor = Visitor::of(&service);
    for origin in [PORTAL, "https://khac.example.vn:8443"] {
        for path in [RELEASE, &known] {
            let asked = preflight(&visitor, path, origin).await;
            assert_eq!(asked.status, StatusCode::NO_CONTENT);
            assert_eq!(asked.header("access-control-allow-origin"), origin);
            assert_eq!(asked.header("access-control-allow-methods"), "POST");
            assert!(
                asked
                    .header("access-control-allow-headers")
                    .contains("Content-Type")
            );
            assert_no_credentials(&asked);
        }
        let refused = release(&visitor, RELEASE, origin).await;
        assert_eq!(refused.status, StatusCode::FORBIDDEN);
        let passed = release(&visitor, &known, origin).await;
        assert_eq!(passed.status, StatusCode::OK);
        for answer in [refused, passed] {
            assert_eq!(answer.header("access-control-allow-origin"), origin);
            assert_eq!(
                answer.header("access-control-expose-headers"),
                "Retry-After"
            );
            assert_no_credentials(&answer);
        }
    }
}

#[tokio::test]
async fn no_other_origin_is() {
    let service = service().await;
    let visitor = Visitor::of(&service);
    for origin in [
        "null",
        "*",
        "https://evil.example",
        "http://cong.example.vn",
        "https://cong.example.vn/",
        "https://cong.example.vn:443",
        "https://CONG.example.vn",
        "https://a.cong.example.vn",
        "https://cong.example.vn.evil.example",
        "https://khac.example.vn",
    ] {
        let asked = preflight(&visitor, RELEASE, origin).await;
        let answered = release(&visitor, RELEASE, origin).await;
        for answer in [asked, answered] {
            for name in [
                "access-control-allow-origin",
                "access-control-allow-methods",
                "access-control-allow-headers",
            ] {
                assert_eq!(answer.header(name), "", "{origin}");
            }
            assert_eq!(
                answer.header("cross-origin-resource-policy"),
                "same-origin",
                "{origin}"
            );
            assert_no_credentials(&answer);
        }
        service.clock.advance(Duration::hours(5));
    }
}

#[tokio::test]
async fn no_other_route_is_open_to_a_portal() {
    let service = service().await;
    let visitor = Visitor::of(&service);
    for path in ["/", "/status", "/api/v1/results", "/officer/login"] {
        for answer in [
            preflight(&visitor, path, PORTAL).await,
            visitor
                .ask(Method::GET, path, &[("origin", PORTAL)], "")
                .await,
        ] {
            assert_eq!(answer.header("access-control-allow-origin"), "", "{path}");
        }
    }
}
