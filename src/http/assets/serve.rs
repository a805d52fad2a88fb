//! Handing out the files that pages load.

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderValue, Uri};

use super::Assets;
use crate::app::App;
use crate::http::problem::Problem;

/// `GET /assets/{name}`: a name carries its content's digest, so it may be kept for ever.
pub(crate) async fn asset(uri: Uri) -> Result<Response, Problem> {
    let asset = Assets::shipped()
        .at(uri.path())
        .ok_or_else(Problem::not_found)?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    Ok((headers, asset.body).into_response())
}

/// `GET /assets/emblem`: the installation's own.
pub(crate) async fn emblem(State(app): State<Arc<App>>) -> Result<Response, Problem> {
    let emblem = app
        .installation
        .emblem
        .as_ref()
        .ok_or_else(Problem::not_found)?;
    let headers = [
        (CONTENT_TYPE, HeaderValue::from_static(emblem.media_type)),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=3600"),
        ),
    ];
    Ok((headers, emblem.bytes.clone()).into_response())
}

/// Any other address: there is no such page.
pub(crate) async fn nothing() -> Problem {
    Problem::not_found()
}
