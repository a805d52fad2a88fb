//! A program that calls the API over HTTP, and a requester at the gate.

use std::time::{Duration, Instant};

use reqwest::multipart::{Form, Part};
use reqwest::{Client, RequestBuilder, StatusCode};
use serde_json::{Value, json};
use trao::model::Sha256Digest;

use super::process::{PATIENCE, Process, client};

/// What came back: the status and the JSON, or that the connection broke.
pub(crate) type Answer = reqwest::Result<(StatusCode, Value)>;

/// Whoever has the demonstration's key and the links.
#[derive(Clone)]
pub(crate) struct Caller {
    url: String,
    api_key: String,
    client: Client,
}

impl Caller {
    pub(crate) fn of(process: &Process) -> Self {
        Self {
            url: process.url.clone(),
            api_key: process.shown.api_key.clone(),
            client: client(1),
        }
    }

    /// Hands a result in; its dossier code is its idempotency key as well.
    pub(crate) async fn publish(&self, code: &str, file: &[u8]) -> Answer {
        let file = Part::bytes(file.to_vec()).file_name("ket-qua.pdf");
        let fields = Form::new()
            .text("dossier_code", code.to_owned())
            .text("title", "Giấy phép")
            .part("file", file.mime_str("application/pdf").unwrap());
        let request = self.client.post(format!("{}/api/v1/results", self.url));
        let request = request.header("idempotency-key", code).multipart(fields);
        self.ask(request).await
    }

    /// Approves what was shown.
    pub(crate) async fn approve(&self, view: &Value) -> Answer {
        let url = format!("{}/api/v1/results/{}/approve", self.url, text(view, "id"));
        let request = self.client.post(url);
        self.ask(request.json(&json!({ "manifest": view["manifest"] })))
            .await
    }

    /// Takes a result back.
    pub(crate) async fn withdraw(&self, id: &str) -> Answer {
        let url = format!("{}/api/v1/results/{id}/withdraw", self.url);
        let request = self.client.post(url);
        self.ask(request.json(&json!({ "reason": "sai sót" })))
            .await
    }

    /// A result as it stands.
    pub(crate) async fn result(&self, id: &str) -> Value {
        let request = self.client.get(format!("{}/api/v1/results/{id}", self.url));
        let (status, view) = self.ask(request).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{view}");
        view
    }

    /// All results of the agency.
    pub(crate) async fn results(&self) -> Vec<Value> {
        let request = self.client.get(format!("{}/api/v1/results", self.url));
        let (status, page) = self.ask(request).await.unwrap();
        assert_eq!(status, StatusCode::OK, "{page}");
        page["results"].as_array().unwrap().clone()
    }

    /// The same, however many pages they fill.
    pub(crate) async fn results_of_all_pages(&self) -> Vec<Value> {
        let (mut all, mut after) = (Vec::new(), String::new());
        loop {
            let url = format!("{}/api/v1/results?limit=100{after}", self.url);
            let (status, page) = self.ask(self.client.get(url)).await.unwrap();
            assert_eq!(status, StatusCode::OK, "{page}");
            all.extend(page["results"].as_array().unwrap().clone());
            match page["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return all,
            }
        }
    }

    /// Waits until a result is released.
    pub(crate) async fn released(&self, id: &str) -> Value {
        let until = Instant::now() + PATIENCE;
        loop {
            let view = self.result(id).await;
            if view["state"] == "released" {
                return view;
            }
            assert!(Instant::now() < until, "{view}");
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The address of a result's main file, let out by the gate, and its digest.
    pub(crate) async fn let_out(&self, link: &str, code: &str) -> (String, String) {
        let request = self
            .client
            .post(format!("{}/api/v1/links/{link}/release", self.url));
        let request = request.json(&json!({ "dossier_code": code }));
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{code}");
        let release: Value = response.json().await.unwrap();
        let file = &release["files"][0];
        let at = text(file, "url");
        let path = at.find("/f/").unwrap();
        (at[path..].to_owned(), text(file, "sha256").to_owned())
    }

    /// Fetches a released result through the gate: the received file with a seal behind it, to the
    /// byte what the gate announced and the agency sees.
    pub(crate) async fn assert_handed_out(&self, view: &Value, code: &str, received: &[u8]) {
        let (path, sha256) = self.let_out(text(view, "link_id"), code).await;
        let request = self.client.get(format!("{}{path}", self.url));
        let bytes = request.send().await.unwrap().bytes().await.unwrap();
        assert_eq!(Sha256Digest::of(&bytes).to_string(), sha256, "{code}");
        assert!(view["files"].to_string().contains(&sha256), "{view}");
        assert!(bytes.len() > received.len() && bytes.starts_with(received));
    }

    /// Whether the service lives.
    pub(crate) async fn assert_it_lives(&self) {
        let request = self.client.get(format!("{}/healthz", self.url));
        assert_eq!(request.send().await.unwrap().status(), StatusCode::OK);
    }

    async fn ask(&self, request: RequestBuilder) -> Answer {
        let response = request.bearer_auth(&self.api_key).send().await?;
        Ok((response.status(), response.json().await?))
    }
}

/// A field of an answer that is text.
pub(crate) fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    value[field].as_str().unwrap_or_else(|| panic!("{value}"))
}
