//! `POST /api/v1/links/{link}/release`: the gate for programs and portals' pages.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;
use utoipa::ToSchema;

use super::authenticated::key_of;
use super::json::JsonBody;
use crate::app::App;
use crate::dossier::{Attempt, GateRefusal};
use crate::http::path::Path;
use crate::http::problem::{self, Problem};
use crate::http::visit::Visit;

/// What a requester supplies.
#[derive(Deserialize, ToSchema)]
pub(super) struct ReleaseRequest {
    /// The dossier code as it was typed.
    dossier_code: String,
    /// The PIN, where the result's policy asks for one.
    #[serde(default)]
    #[schema(nullable)]
    #[expect(dead_code, reason = "no policy that is offered yet asks for one")]
    pin: Option<String>,
}

/// What is let out.
#[derive(Serialize, ToSchema)]
pub(super) struct Release {
    /// The files, the main one first.
    files: Vec<ReleasedFile>,
    /// Until when their addresses answer (RFC 3339).
    expires_at: String,
}

/// One file.
#[derive(Serialize, ToSchema)]
pub(super) struct ReleasedFile {
    /// Its name.
    name: String,
    /// Its bytes.
    size: u64,
    /// Its SHA-256 in hexadecimal.
    sha256: String,
    /// Where it is had, for ten minutes.
    url: String,
}

/// Lets the files of a result out to whoever has its link and its dossier code
#[utoipa::path(
    post,
    path = "/api/v1/links/{link}/release",
    params(("link" = String, Path, description = "The link id")),
    request_body = ReleaseRequest,
    responses(
        (status = 200, description = "The files, for ten minutes", body = Release),
        (status = 403, description = "`not_released`: one answer for every cause",
            body = problem::Body, content_type = "application/problem+json"),
        (status = 429, description = "`too_many_requests`, with `Retry-After`",
            body = problem::Body, content_type = "application/problem+json"),
    )
)]
pub(super) async fn release(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(link): Path<String>,
    headers: HeaderMap,
    JsonBody(request): JsonBody<ReleaseRequest>,
) -> Result<Json<Release>, Problem> {
    let key = key_of(&headers, &app, &visit).await?;
    let attempt = Attempt {
        link: &link,
        code: &request.dossier_code,
        client: visit.client,
        key: key.map(|key| key.id),
    };
    let issued = app
        .gate
        .release(attempt, visit.now)
        .await
        .map_err(refusal)?;
    let secret = issued.secret.reveal();
    let grant = app
        .gate
        .grant(secret, visit.now)
        .await
        .map_err(|_| Problem::unavailable())?;
    let grant = grant.ok_or_else(Problem::not_released)?;
    let base = app.settings.public_url();
    let base = base.trim_end_matches('/');
    let files = grant.files().iter().map(|file| ReleasedFile {
        name: file.name.clone(),
        size: file.size,
        sha256: file.sha256.to_string(),
        url: format!("{base}/f/{secret}/{}", file.n),
    });
    Ok(Json(Release {
        files: files.collect(),
        expires_at: whole_seconds(issued.expires_at)
            .format(&Rfc3339)
            .unwrap_or_default(),
    }))
}

fn refusal(refusal: GateRefusal) -> Problem {
    match refusal {
        GateRefusal::Denied => Problem::not_released(),
        GateRefusal::Throttled { retry_after_s } => Problem::too_many_requests(retry_after_s),
        GateRefusal::Unavailable => Problem::unavailable(),
    }
}

fn whole_seconds(time: OffsetDateTime) -> OffsetDateTime {
    time.replace_nanosecond(0).unwrap_or(time)
}
