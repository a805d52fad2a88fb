//! The clerk's decision: look, then seal.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::header::CONTENT_SECURITY_POLICY;
use http::{HeaderValue, StatusCode};

use super::views::{FormProblem, SealPage};
use super::{desk, facts, mark, result, story};
use crate::account::Scope;
use crate::app::App;
use crate::http::answer;
use crate::http::fields::Fields;
use crate::http::page::Place;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::session::Session;
use crate::model::{ResultId, ResultState};
use crate::publication::Warning;

/// The policy of every page, and the received file in a frame.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' data:; \
     connect-src 'self'; frame-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'",
);

/// `GET /officer/results/{id}/seal`.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    session: Session,
    Path(id): Path<ResultId>,
) -> Result<Response, Problem> {
    decision(&app, &session, id, false, None).await
}

/// `POST /officer/results/{id}/seal`: what was shown is approved, each warning confirmed.
pub(crate) async fn seal(
    State(app): State<Arc<App>>,
    session: Session,
    Path(id): Path<ResultId>,
    fields: Fields,
) -> Result<Response, Problem> {
    session.check_form(&app, fields.raw("form_token"))?;
    let shown = app.publication.result(&session.caller, id).await?;
    let confirmed = |warning: &Warning| fields.all("confirm").any(|word| word == warning.as_str());
    if !shown.warnings.iter().all(confirmed) {
        return decision(&app, &session, id, true, None).await;
    }
    let manifest = fields
        .text("manifest")
        .parse()
        .map_err(|_| Problem::malformed())?;
    match app
        .publication
        .approve(&session.caller, id, manifest, session.visit.now)
        .await
    {
        Ok(_) => Ok(result::see(id)),
        // The fresh facts, and why the ones that were shown no longer count.
        Err(error) => decision(&app, &session, id, false, Some(error.into())).await,
    }
}

/// The page of a result that waits; any other is shown as it stands.
async fn decision(
    app: &App,
    session: &Session,
    id: ResultId,
    unconfirmed: bool,
    problem: Option<Problem>,
) -> Result<Response, Problem> {
    if !session.caller.may(Scope::Approve) {
        return Err(Problem::forbidden());
    }
    let result = app.publication.result(&session.caller, id).await?;
    if result.state != ResultState::Received {
        return Ok(result::see(id));
    }
    let status = match &problem {
        Some(problem) => problem.status(),
        None if unconfirmed => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let back = format!("/officer/results/{id}/seal");
    let page = desk::page_at(app, session, &back, Some(Place::Waiting)).await?;
    let names = story::names(app, &result.history).await?;
    let mark = mark::facts(&page, &result);
    let view = SealPage {
        agency: page.agency().to_owned(),
        sent_by: story::who(&page, &names, &result.created_by.to_string()),
        page,
        id: id.to_string(),
        received_at: result.created_at,
        identity: result.identity.as_ref().map(facts::identity),
        mark,
        files: result.files.iter().map(facts::file).collect(),
        warnings: result
            .warnings
            .iter()
            .map(|warning| warning.as_str())
            .collect(),
        manifest: result.manifest.to_string(),
        title: result.title,
        code: result.dossier_code.unwrap_or_default(),
        document_number: result.document_number,
        procedure: result.procedure,
        problem: problem.map(|problem| FormProblem::of(&problem, session.visit.language)),
        unconfirmed,
    };
    let mut response = answer::page(status, &view);
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, POLICY);
    Ok(response)
}
