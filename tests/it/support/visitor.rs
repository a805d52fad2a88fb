//! A visitor of the pages: asks as a browser asks, keeps a cookie, logs in.

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{HeaderMap, Method, StatusCode};
use tower::ServiceExt as _;
use trao::account::{NewOfficer, Role};
use trao::database::Actor;
use trao::http::router;
use trao::model::AgencyId;

use super::service::TestService;

pub(crate) const PASSWORD: &str = "một mật khẩu dài";

/// What came back.
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("{}", self.text()))
    }

    /// The value of a hidden field.
    pub(crate) fn field(&self, name: &str) -> String {
        let begin = format!("name=\"{name}\" value=\"");
        let rest = self.text().split(&begin).nth(1).unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

/// A visitor's browser, with a cookie at most.
pub(crate) struct Visitor {
    pub(crate) router: Router,
    pub(crate) cookie: String,
}

impl Visitor {
    pub(crate) fn of(service: &TestService) -> Self {
        Self {
            router: router(service.app.clone()),
            cookie: String::new(),
        }
    }

    pub(crate) async fn ask(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        self.send(method, path, headers, body.to_owned()).await
    }

    /// The same with a body of any bytes.
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(path)
            .header("cookie", &self.cookie);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(body.into()).unwrap();
        let (parts, body) = self
            .router
            .clone()
            .oneshot(request)
            .await
            .unwrap()
            .into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body,
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.ask(Method::GET, path, &[], "").await
    }

    /// A form of a page of the service.
    pub(crate) async fn post(&self, path: &str, form: &str) -> Answer {
        self.post_from("same-origin", path, form).await
    }

    pub(crate) async fn post_from(&self, site: &str, path: &str, form: &str) -> Answer {
        let form_type = ("content-type", "application/x-www-form-urlencoded");
        self.ask(
            Method::POST,
            path,
            &[form_type, ("sec-fetch-site", site)],
            form,
        )
        .await
    }

    pub(crate) async fn log_in(&mut self, login: &str) -> Answer {
        let password = PASSWORD.replace(' ', "+");
        let answer = self
            .post(
                "/officer/login",
                &format!("login={login}&password={password}"),
            )
            .await;
        self.cookie = answer
            .header("set-cookie")
            .split(';')
            .next()
            .unwrap()
            .to_owned();
        answer
    }
}

pub(crate) async fn add_officer(
    service: &TestService,
    agency: AgencyId,
    login: &str,
    roles: &[Role],
) {
    let new = NewOfficer {
        agency,
        login: login.to_owned(),
        name: "Nguyễn Thị Lan".to_owned(),
        roles: roles.to_vec(),
        password: PASSWORD.into(),
    };
    service
        .app
        .accounts
        .add_officer(new, Actor::Operator, service.now())
        .await
        .unwrap();
}

pub(crate) async fn clerk(service: &TestService) -> Visitor {
    add_officer(
        service,
        service.agency,
        "lan",
        &[Role::Clerk, Role::Publisher],
    )
    .await;
    let mut visitor = Visitor::of(service);
    visitor.log_in("lan").await;
    visitor
}
