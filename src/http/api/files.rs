//! `GET /api/v1/results/{id}/files/{n}` and `…/evidence`: the sealed file for the agency itself, and
//! what proves its seals.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;

use super::authenticated::Authenticated;
use super::results::parsed_id;
use crate::app::App;
use crate::http::download::{self, Manner, Named};
use crate::http::path::Path;
use crate::http::problem::{self, Problem};
use crate::http::range::Wanted;

/// Gives the agency its own copy of a sealed file; each reading is on record
#[utoipa::path(
    get,
    path = "/api/v1/results/{id}/files/{n}",
    params(
        ("id" = String, Path, description = "The result's id"),
        ("n" = u32, Path, description = "The file's number, from 1"),
    ),
    responses(
        (status = 200, description = "The file", content_type = "application/pdf"),
        (status = 404, description = "`not_found`", body = problem::Body,
            content_type = "application/problem+json"),
    )
)]
pub(super) async fn sealed(
    State(app): State<Arc<App>>,
    by: Authenticated,
    Path((id, n)): Path<(String, u32)>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let id = parsed_id(&id)?;
    let file = app
        .publication
        .sealed_file(&by.caller, id, n, by.visit.now)
        .await?;
    let object = file.permit.object();
    let wanted = Wanted::of(&headers, &object.sha256, object.len);
    let (status, head) = wanted.head(&Named {
        name: &file.name,
        sha256: &object.sha256,
        len: object.len,
        manner: Manner::Attachment,
    });
    if wanted == Wanted::Unsatisfiable {
        return Ok((status, head).into_response());
    }
    let bytes = app
        .archive
        .open(&file.permit, wanted.range())
        .await
        .map_err(|error| {
            tracing::error!(%error, "a sealed file cannot be read");
            Problem::unavailable()
        })?;
    Ok((status, head, Body::from_stream(bytes)).into_response())
}

/// Gives what proves the seals: certificates, revocation answers, time-stamps, reports and record
#[utoipa::path(
    get,
    path = "/api/v1/results/{id}/evidence",
    params(("id" = String, Path, description = "The result's id")),
    responses(
        (status = 200, description = "A ZIP archive", content_type = "application/zip"),
        (status = 404, description = "`not_found`", body = problem::Body,
            content_type = "application/problem+json"),
        (status = 409, description = "`state_conflict`: it is not sealed yet",
            body = problem::Body, content_type = "application/problem+json"),
    )
)]
pub(super) async fn evidence(
    State(app): State<Arc<App>>,
    by: Authenticated,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let id = parsed_id(&id)?;
    let archive = app.publication.evidence_of(&by.caller, id, by.visit.now);
    download::archive(&format!("chung-cu-{id}.zip"), archive.await?).await
}
