//! Bodies of JSON, at most 64 KiB, refused as problems.

use axum::extract::{FromRequest, Request};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;

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
            return Err(Problem::malformed());
        }
        let body = axum::body::to_bytes(request.into_body(), JSON_BYTES_MAX).await;
        let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "file_too_large");
        let body = body.map_err(|_| too_large())?;
        // What serde says of a malformed body may repeat parts of it, so it is not passed on.
        serde_json::from_slice(&body)
            .map(Self)
            .map_err(|_| Problem::malformed())
    }
}
