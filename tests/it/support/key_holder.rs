//! A program with a key, as the router sees it.

use axum::http::Method;
use secrecy::ExposeSecret as _;
use time::Duration;
use trao::account::{NewApiKey, Scope};
use trao::database::Actor;
use trao::model::{AgencyId, ApiKeyId};

use super::service::TestService;
use super::visitor::{Answer, Visitor};

/// The boundary of its forms.
const BOUNDARY: &str = "trao-test-boundary";

/// A program of an agency.
pub(crate) struct KeyHolder {
    pub(crate) id: ApiKeyId,
    pub(crate) authorization: String,
    visitor: Visitor,
}

impl KeyHolder {
    /// One of the service's first agency.
    pub(crate) async fn new(service: &TestService, scopes: &[Scope]) -> Self {
        Self::of(service, service.agency, scopes).await
    }

    pub(crate) async fn of(service: &TestService, agency: AgencyId, scopes: &[Scope]) -> Self {
        let new = NewApiKey {
            agency,
            name: "một cửa".to_owned(),
            scopes: scopes.to_vec(),
            expires_at: service.now() + Duration::hours(1),
        };
        let accounts = &service.app.accounts;
        let added = accounts.add_api_key(new, Actor::Operator, service.now());
        let (id, key) = added.await.unwrap();
        Self {
            id,
            authorization: format!("Bearer {}", key.expose_secret()),
            visitor: Visitor::of(service),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.call(Method::GET, path, &[], Vec::new()).await
    }

    pub(crate) async fn post(&self, path: &str, json: &serde_json::Value) -> Answer {
        let kind = ("content-type", "application/json");
        let body = json.to_string().into_bytes();
        self.call(Method::POST, path, &[kind], body).await
    }

    pub(crate) async fn call(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> Answer {
        let own = [("authorization", self.authorization.as_str())];
        let headers = [&own[..], headers].concat();
        self.visitor.send(method, path, &headers, body).await
    }

    /// Hands a result in.
    pub(crate) async fn publish(&self, form: &Form) -> Answer {
        let headers = [("content-type", Form::KIND)];
        let body = form.body();
        self.call(Method::POST, "/api/v1/results", &headers, body)
            .await
    }
}

/// A submission on its way.
#[derive(Clone)]
pub(crate) struct Form {
    parts: Vec<u8>,
}

impl Form {
    pub(crate) const KIND: &str = "multipart/form-data; boundary=trao-test-boundary";

    /// A dossier's code and title, and a file.
    pub(crate) fn new(code: &str, file: &[u8]) -> Self {
        Self::empty()
            .field("dossier_code", code)
            .field("title", "Giấy phép xây dựng")
            .file(file)
    }

    /// Nothing yet.
    pub(crate) fn empty() -> Self {
        Self { parts: Vec::new() }
    }

    pub(crate) fn field(self, name: &str, value: &str) -> Self {
        self.part(&format!("name=\"{name}\""), value.as_bytes())
    }

    pub(crate) fn file(self, bytes: &[u8]) -> Self {
        self.part("name=\"file\"; filename=\"a.pdf\"", bytes)
    }

    fn part(mut self, named: &str, content: &[u8]) -> Self {
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; {named}\r\n\r\n");
        self.parts.extend(head.bytes());
        self.parts.extend(content);
        self.parts.extend(b"\r\n");
        self
    }

    pub(crate) fn body(&self) -> Vec<u8> {
        let end = format!("--{BOUNDARY}--\r\n");
        [&self.parts, end.as_bytes()].concat()
    }
}
