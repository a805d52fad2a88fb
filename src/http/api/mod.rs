//! The API for programs and officers' pages: JSON, problems by RFC 9457, described by OpenAPI.

mod acts;
mod authenticated;
mod cors;
mod files;
mod json;
mod openapi;
mod release;
mod results;
mod schema;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

use super::problem::{self, Problem};
use super::query;
use crate::app::App;

/// The API's routes.
pub(super) fn routes(app: &Arc<App>) -> Router<Arc<App>> {
    let body_bytes = usize::try_from(app.settings.limits.body_bytes).unwrap_or(usize::MAX);
    let release = Router::new()
        .route(
            "/api/v1/links/{link}/release",
            post(release::release).options(nothing),
        )
        .layer(from_fn_with_state(Arc::clone(app), cors::portals));
    Router::new()
        .route("/api/v1/results", get(results::list))
        .route("/api/v1/results/{id}", get(results::show))
        .route("/api/v1/results/{id}/files/{n}", get(files::sealed))
        .route("/api/v1/results/{id}/evidence", get(files::evidence))
        .route("/api/v1/results/{id}/approve", post(acts::approve))
        .route("/api/v1/results/{id}/return", post(acts::return_))
        .route("/api/v1/results/{id}/withdraw", post(acts::withdraw))
        .route("/api/v1/results/{id}/retry", post(acts::retry))
        .route("/api/v1/results/{id}/relink", post(acts::relink))
        .route("/api/v1/openapi.json", get(openapi::document))
        .route("/api/{*rest}", axum::routing::any(unknown))
        .merge(release)
        .merge(
            Router::new()
                .route("/api/v1/results", post(results::receive))
                .layer(DefaultBodyLimit::max(body_bytes)),
        )
        .layer(from_fn(query::refuse))
        .layer(from_fn(problem::render))
}

/// A preflight is answered by the layer around its route.
async fn nothing() {}

async fn unknown() -> Problem {
    Problem::not_found()
}
