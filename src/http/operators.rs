//! What operators' programs ask: does it live, is it ready, how is it doing?

use std::sync::Arc;

use axum::extract::State;
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use axum::{Json, Router};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::json;

use super::headers::{self, Https};
use crate::app::App;
use crate::telemetry::Figures;

/// Routes beside the pages.
pub(super) fn routes() -> Router<Arc<App>> {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
}

/// `/metrics`, for a listener of its own.
pub fn figures(figures: Figures) -> Router {
    let metrics = move || {
        let text = figures.render();
        async move { ([(CONTENT_TYPE, "text/plain; version=0.0.4")], text) }
    };
    Router::new()
        .route("/metrics", get(metrics))
        .layer(from_fn_with_state(Https(false), headers::complete))
}

/// The process answers.
async fn healthz() -> &'static str {
    "ok"
}

/// The parts answer. Identities that may not sign are listed and fail nobody else.
async fn readyz(State(app): State<Arc<App>>) -> Response {
    let readiness = app.readiness_lately().await;
    let is_ready = readiness.database && readiness.archive && !app.is_stopping();
    let status = if is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let unfit: Vec<_> = readiness
        .unfit_identities
        .iter()
        .map(|(id, why)| json!({ "identity": id, "reason": why }))
        .collect();
    let body = json!({
        "ready": is_ready,
        "database": readiness.database,
        "archive": readiness.archive,
        "unfit_identities": unfit,
    });
    (status, Json(body)).into_response()
}
