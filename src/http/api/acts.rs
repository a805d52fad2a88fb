//! Acts on a result: approve, return, withdraw, retry, relink.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;

use super::authenticated::Authenticated;
use super::json::JsonBody;
use super::results::parsed_id;
use super::schema::ResultDocument;
use crate::app::App;
use crate::http::path::Path;
use crate::http::problem::{self, Problem};
use crate::model::Sha256Digest;
use crate::publication::ResultView;

type Answer = Result<Json<ResultView>, Problem>;

/// What is approved.
#[derive(Deserialize, ToSchema)]
pub(super) struct Approval {
    /// The `manifest` of the result as it was shown; sending it confirms the warnings too.
    #[schema(value_type = String)]
    manifest: Sha256Digest,
}

/// Why.
#[derive(Deserialize, ToSchema)]
pub(super) struct Reason {
    /// In words, for the record and for who asks.
    reason: String,
}

/// Approves what was shown, and seals it
#[utoipa::path(
    post,
    path = "/api/v1/results/{id}/approve",
    params(("id" = String, Path, description = "The result's id")),
    request_body = Approval,
    responses(
        (status = 200, description = "Approved", body = ResultDocument),
        (status = 409, description = "`manifest_changed`, `state_conflict`",
            body = problem::Body, content_type = "application/problem+json"),
    )
)]
pub(super) async fn approve(
    State(app): State<Arc<App>>,
    by: Authenticated,
    Path(id): Path<String>,
    JsonBody(approval): JsonBody<Approval>,
) -> Answer {
    let id = parsed_id(&id)?;
    let now = by.visit.now;
    Ok(Json(
        app.publication
            .approve(&by.caller, id, approval.manifest, now)
            .await?,
    ))
}

/// Gives a received result back to who handed it in
#[utoipa::path(
    post,
    path = "/api/v1/results/{id}/return",
    params(("id" = String, Path, description = "The result's id")),
    request_body = Reason,
    responses((status = 200, description = "Returned", body = ResultDocument))
)]
pub(super) async fn return_(
    State(app): State<Arc<App>>,
    by: Authenticated,
    Path(id): Path<String>,
    JsonBody(because): JsonBody<Reason>,
) -> Answer {
    let id = parsed_id(&id)?;
    let now = by.visit.now;
    Ok(Json(
        app.publication
            .return_(&by.caller, id, because.reason, now)
            .await?,
    ))
}

/// Takes a result back: its link stops at once
#[utoipa::path(
    post,
    path = "/api/v1/results/{id}/withdraw",
    params(("id" = String, Path, description = "The result's id")),
    request_body = Reason,
    responses((status = 200, description = "Withdrawn", body = ResultDocument))
)]
pub(super) async fn withdraw(
    State(app): State<Arc<App>>,
    by: Authenticated,
    Path(id): Path<String>,
    JsonBody(because): JsonBody<Reason>,
) -> Answer {
    let id = parsed_id(&id)?;
    let now = by.visit.now;
    Ok(Json(
        app.publication
            .withdraw(&by.caller, id, because.reason, now)
            .await?,
    ))
}

/// Tries a held result again
#[utoipa::path(
    post,
    path = "/api/v1/results/{id}/retry",
    params(("id" = String, Path, description = "The result's id")),
    responses((status = 200, description = "Under way again", body = ResultDocument))
)]
pub(super) async fn retry(
    State(app): State<Arc<App>>,
    by: Authenticated,
    Path(id): Path<String>,
) -> Answer {
    let id = parsed_id(&id)?;
    let now = by.visit.now;
    Ok(Json(
        app.publication.retry(&by.caller, id, None, now).await?,
    ))
}

/// Gives a result another link; the old one leads nowhere from then on
#[utoipa::path(
    post,
    path = "/api/v1/results/{id}/relink",
    params(("id" = String, Path, description = "The result's id")),
    responses((status = 200, description = "It has another link", body = ResultDocument))
)]
pub(super) async fn relink(
    State(app): State<Arc<App>>,
    by: Authenticated,
    Path(id): Path<String>,
) -> Answer {
    let id = parsed_id(&id)?;
    Ok(Json(
        app.publication.relink(&by.caller, id, by.visit.now).await?,
    ))
}
