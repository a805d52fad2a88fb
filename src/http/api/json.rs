//! Bodies of JSON, at most 64 KiB, refused as problems.

use axum::extract::{FromRequest, Request};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::http::problem::Problem;

/// The most that a body of JSON may weigh.
pub(super) const JSON_BYTES_MAX: usize = 64 << 10;

/// A body of JSON.
pub(super) struct JsonBody<T>(pub(super) T);

impl<S: Send + Sync, T: DeserializeOwned> FromRequest<S> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, _: &S) -> Result<Self, Problem> {
        let is_json = request
            .headers()
            .get(CONTENT_TYPE)
            .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
        if !is_json {
            return Err(Problem::malformed().with_detail("Content-Type is not application/json"));
        }
        let body = axum::body::to_bytes(request.into_body(), JSON_BYTES_MAX).await;
        let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "file_too_large");
        let body = body.map_err(|_| too_large())?;
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|error| Problem::malformed().with_detail(what_is_wrong(&error)))
    }
}

/// What serde says of a malformed body may repeat parts of it, so only the place is passed on.
fn what_is_wrong(error: &serde_json::Error) -> String {
    let what = match error.classify() {
        Category::Data => "a member is missing or of another kind than it must be",
        Category::Syntax | Category::Eof | Category::Io => "the body is not JSON",
    };
    match (error.line(), error.column()) {
        // A value that is of the right kind and no digest, no date has no place of its own.
        (_, 0) => what.to_owned(),
        (line, column) => format!("{what}: line {line}, column {column}"),
    }
}

#[cfg(test)]
mod tests {
    use axum::extract::{FromRequest as _, Request};
    use http::header::CONTENT_TYPE;

    use super::JsonBody;
    use crate::model::Sha256Digest;

    async fn detail_of(kind: &str, body: &'static str) -> String {
        let request = Request::builder().header(CONTENT_TYPE, kind);
        let request = request.body(body.into()).unwrap();
        let read = JsonBody::<Vec<Sha256Digest>>::from_request(request, &()).await;
        read.err().unwrap().detail().unwrap().to_owned()
    }

    #[tokio::test]
    async fn a_refusal_says_where_and_repeats_nothing() {
        let json = "application/json";
        assert!(detail_of("text/plain", "[]").await.contains("Content-Type"));
        let detail = detail_of(json, "[\n\"H13.12-261123-0001\"]").await;
        assert!(
            detail.contains("a member") && !detail.contains("H13"),
            "{detail}"
        );
        let detail = detail_of(json, "[\nH13.12").await;
        assert!(
            detail.contains("not JSON: line 2") && !detail.contains("H13"),
            "{detail}"
        );
    }
}
