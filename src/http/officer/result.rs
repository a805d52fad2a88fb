//! One result: its story, its link, its files, and the slip for its recipient.

use std::sync::Arc;

use axum::body::Body;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderMap, HeaderValue, StatusCode, Uri};

use super::views::{Act, LinkFacts, Notice, ResultPage, SlipPage};
use super::{desk, facts, mark, qr, story};
use crate::account::Scope;
use crate::app::App;
use crate::http::answer;
use crate::http::download::{self, Manner, Named};
use crate::http::fields::Fields;
use crate::http::page::{Page, Place};
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::range::Wanted;
use crate::http::session::Session;
use crate::model::{ResultId, ResultState};
use crate::publication::{OpenedFile, ResultView};

/// A received file is shown inside the page that seals it, by the browser's own reader, and may
/// load nothing.
const RECEIVED_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'self'");
/// A sealed file is saved; whatever a browser makes of it, it may do nothing.
const SEALED_POLICY: HeaderValue = HeaderValue::from_static("default-src 'none'; sandbox");

/// "See the result": what follows an act.
pub(crate) fn see(id: ResultId) -> Response {
    answer::see(&format!("/officer/results/{id}"))
}

/// The same with a word about what was done.
pub(crate) fn see_with(id: ResultId, notice: Notice) -> Response {
    let word = notice.as_str();
    answer::see(&format!("/officer/results/{id}?notice={word}"))
}

/// `GET /officer/results/{id}`.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    session: Session,
    Path(id): Path<ResultId>,
    uri: Uri,
) -> Result<Response, Problem> {
    let asked = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let result = app.publication.result(&session.caller, id).await?;
    let page = desk::page(&app, &session, Some(Place::Results)).await?;
    let story = story::of(&app, &page, &result).await?;
    let acts = Act::ALL
        .into_iter()
        .filter(|act| act.is_open_in(result.state) && act.is_open_to(&session.caller));
    let view = ResultPage {
        id: result.id.to_string(),
        agency: page.agency().to_owned(),
        appearance: mark::facts(&page, &result).name,
        policy: result.policy,
        state: result.state,
        link: link(&page, &result),
        handed_over_at: result.handed_over_at,
        has_evidence: result.files.iter().all(|file| file.level.is_some()),
        files: result.files.iter().map(facts::file).collect(),
        story,
        acts: acts.collect(),
        may_seal: result.state == ResultState::Received && session.caller.may(Scope::Approve),
        notice: Notice::from_word(asked.raw("notice")),
        page,
        title: result.title,
        code: result.dossier_code.unwrap_or_default(),
        document_number: result.document_number,
        procedure: result.procedure,
        reason_code: result.reason_code,
        reason: result.reason,
    };
    Ok(answer::page(StatusCode::OK, &view))
}

/// `GET /officer/results/{id}/slip`.
pub(crate) async fn slip(
    State(app): State<Arc<App>>,
    session: Session,
    Path(id): Path<ResultId>,
) -> Result<Response, Problem> {
    let result = app.publication.result(&session.caller, id).await?;
    let page = desk::page(&app, &session, Some(Place::Results)).await?;
    let Some(link) = link(&page, &result) else {
        return Ok(see(id));
    };
    let view = SlipPage {
        id: id.to_string(),
        agency: page.agency().to_owned(),
        telephone: desk::agency(&app, &session).await?.telephone,
        page,
        title: result.title,
        address: link.address,
        qr: link.qr,
        printed_at: session.visit.now,
    };
    Ok(answer::page(StatusCode::OK, &view))
}

/// `GET /officer/results/{id}/received/{n}`: the file as it came, to be looked at.
pub(crate) async fn received(
    State(app): State<Arc<App>>,
    session: Session,
    headers: HeaderMap,
    Path((id, n)): Path<(ResultId, u32)>,
) -> Result<Response, Problem> {
    let now = session.visit.now;
    let file = app
        .publication
        .received_file(&session.caller, id, n, now)
        .await?;
    sent(&app, &headers, &file, Manner::Inline, RECEIVED_POLICY).await
}

/// `GET /officer/results/{id}/sealed/{n}`: the agency's own copy.
pub(crate) async fn sealed(
    State(app): State<Arc<App>>,
    session: Session,
    headers: HeaderMap,
    Path((id, n)): Path<(ResultId, u32)>,
) -> Result<Response, Problem> {
    let now = session.visit.now;
    let file = app
        .publication
        .sealed_file(&session.caller, id, n, now)
        .await?;
    sent(&app, &headers, &file, Manner::Attachment, SEALED_POLICY).await
}

/// `GET /officer/results/{id}/evidence`: what proves the seals.
pub(crate) async fn evidence(
    State(app): State<Arc<App>>,
    session: Session,
    Path(id): Path<ResultId>,
) -> Result<Response, Problem> {
    let now = session.visit.now;
    let archive = app
        .publication
        .evidence_of(&session.caller, id, now)
        .await?;
    download::archive(&format!("chung-cu-{id}.zip"), archive).await
}

async fn sent(
    app: &App,
    headers: &HeaderMap,
    file: &OpenedFile,
    manner: Manner,
    policy: HeaderValue,
) -> Result<Response, Problem> {
    let object = file.permit.object();
    let wanted = Wanted::of(headers, &object.sha256, object.len);
    let named = Named {
        name: &file.name,
        sha256: &object.sha256,
        len: object.len,
        manner,
    };
    let (status, mut head) = wanted.head(&named);
    head.insert(CONTENT_SECURITY_POLICY, policy);
    if wanted == Wanted::Unsatisfiable {
        return Ok((status, head).into_response());
    }
    let bytes = app
        .archive
        .open(&file.permit, wanted.range())
        .await
        .map_err(|error| {
            tracing::error!(%error, "a file cannot be read");
            Problem::unavailable()
        })?;
    Ok((status, head, Body::from_stream(bytes)).into_response())
}

/// The link, while it answers.
fn link(page: &Page, result: &ResultView) -> Option<LinkFacts> {
    if result.state != ResultState::Released {
        return None;
    }
    let qr = qr::draw(&result.link, &page.t("result-link"))?;
    Some(LinkFacts {
        address: result.link.clone(),
        qr,
    })
}
