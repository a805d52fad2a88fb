//! What a grant opens: the list of a result's files, and each file.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use bytes::Bytes;
use futures_util::{Stream, StreamExt as _, stream};
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderMap, HeaderValue, Method, StatusCode};
use tokio::time::Instant;

use super::views::{FileLine, FilesPage};
use crate::app::App;
use crate::archive::ObjectReader;
use crate::dossier::ReleaseGrant;
use crate::http::answer;
use crate::http::download::{Manner, Named};
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::range::Wanted;
use crate::http::visit::Visit;

/// How long bytes may flow before their result is looked at again.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A saved file is no page: whatever a browser makes of it, it may do nothing.
const FILE_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// `GET /f/{grant}`.
pub(crate) async fn list(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(secret): Path<String>,
) -> Result<Response, Problem> {
    let grant = granted(&app, &visit, &secret).await?;
    let main = grant.files().first().ok_or_else(Problem::not_found)?;
    let is_doubted = app.publication.is_doubted(grant.result()).await;
    let view = FilesPage {
        page: visit.page(&app),
        agency: grant.agency_name().to_owned(),
        telephone: grant.telephone().map(str::to_owned),
        title: grant.title().to_owned(),
        signer: main.signer.clone(),
        signed_at: main.signed_at,
        is_doubted: is_doubted?,
        expires_at: grant.expires_at(),
        files: grant
            .files()
            .iter()
            .map(|file| FileLine {
                n: file.n,
                name: file.name.clone(),
                size: file.size,
                sha256: file.sha256.to_string(),
                href: format!("/f/{secret}/{}", file.n),
            })
            .collect(),
    };
    Ok(answer::page(StatusCode::OK, &view))
}

/// `GET /f/{grant}/{n}`: the entry in the record is committed before the first byte; a HEAD reads
/// nothing and leaves no entry.
pub(crate) async fn file(
    State(app): State<Arc<App>>,
    visit: Visit,
    method: Method,
    headers: HeaderMap,
    Path((secret, n)): Path<(String, u32)>,
) -> Result<Response, Problem> {
    let grant = granted(&app, &visit, &secret).await?;
    let file = grant
        .files()
        .iter()
        .find(|file| file.n == n)
        .ok_or_else(Problem::not_found)?;
    let wanted = Wanted::of(&headers, &file.sha256, file.size);
    let named = Named {
        name: &file.name,
        sha256: &file.sha256,
        len: file.size,
        manner: Manner::Attachment,
    };
    let (status, mut head) = wanted.head(&named);
    head.insert(CONTENT_SECURITY_POLICY, FILE_POLICY);
    if method == Method::HEAD || wanted == Wanted::Unsatisfiable {
        return Ok((status, head).into_response());
    }
    let released = app
        .gate
        .permit(&grant, n, visit.client, visit.now)
        .await
        .map_err(|_| Problem::unavailable())?
        .ok_or_else(Problem::not_found)?;
    let range = wanted.range();
    let bytes = app
        .archive
        .open(&released.permit, range)
        .await
        .map_err(|error| {
            tracing::error!(%error, "a released file cannot be read");
            Problem::unavailable()
        })?;
    let bytes = while_open(app, grant, bytes);
    Ok((status, head, Body::from_stream(bytes)).into_response())
}

/// The bytes as long as the result stays released by its link: once it is withdrawn, the answer
/// breaks off, however slowly it was taken.
fn while_open(
    app: Arc<App>,
    grant: ReleaseGrant,
    bytes: ObjectReader,
) -> impl Stream<Item = io::Result<Bytes>> {
    let (begin, grant) = ((bytes, Instant::now()), Arc::new(grant));
    stream::try_unfold(begin, move |(mut bytes, mut looked_at)| {
        let (app, grant) = (Arc::clone(&app), Arc::clone(&grant));
        async move {
            let Some(piece) = bytes.next().await else {
                return Ok(None);
            };
            let piece = piece.map_err(io::Error::other)?;
            if looked_at.elapsed() >= LOOK_EVERY {
                let is_open = app.gate.still_opens(&grant).await;
                if !is_open.map_err(io::Error::other)? {
                    return Err(io::Error::other("the result is no longer released"));
                }
                looked_at = Instant::now();
            }
            Ok(Some((piece, (bytes, looked_at))))
        }
    })
}

async fn granted(app: &App, visit: &Visit, secret: &str) -> Result<ReleaseGrant, Problem> {
    app.gate
        .grant(secret, visit.now)
        .await
        .map_err(|_| Problem::unavailable())?
        .ok_or_else(Problem::not_found)
}
