//! What can be done with a result besides sealing it: each on a page of its own, its consequence
//! in words before it is done.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::views::{Act, ActPage, FormProblem, Notice, SealingFacts};
use super::{desk, facts, mark, result};
use crate::app::App;
use crate::http::answer;
use crate::http::fields::Fields;
use crate::http::page::Place;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::session::Session;
use crate::model::ResultId;

/// `GET /officer/results/{id}/{act}`.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    session: Session,
    Path((id, act)): Path<(ResultId, String)>,
) -> Result<Response, Problem> {
    let act = Act::from_word(&act).ok_or_else(Problem::not_found)?;
    question(&app, &session, id, act, "", None).await
}

/// `POST /officer/results/{id}/{act}`.
pub(crate) async fn act(
    State(app): State<Arc<App>>,
    session: Session,
    Path((id, act)): Path<(ResultId, String)>,
    fields: Fields,
) -> Result<Response, Problem> {
    session.check_form(&app, fields.raw("form_token"))?;
    let act = Act::from_word(&act).ok_or_else(Problem::not_found)?;
    let reason = fields.text("reason");
    let (caller, now) = (&session.caller, session.visit.now);
    let done = match act {
        Act::Return => {
            app.publication
                .return_(caller, id, reason.to_owned(), now)
                .await
        }
        Act::Withdraw => {
            app.publication
                .withdraw(caller, id, reason.to_owned(), now)
                .await
        }
        Act::Relink => app.publication.relink(caller, id, now).await,
        Act::Retry => {
            let seen = fields.text("manifest").parse();
            let seen = Some(seen.map_err(|_| Problem::malformed())?);
            app.publication.retry(caller, id, seen, now).await
        }
    };
    match done {
        Ok(_) if act == Act::Relink => Ok(result::see_with(id, Notice::Relinked)),
        Ok(_) => Ok(result::see(id)),
        Err(error) => question(&app, &session, id, act, reason, Some(error.into())).await,
    }
}

async fn question(
    app: &App,
    session: &Session,
    id: ResultId,
    act: Act,
    reason: &str,
    problem: Option<Problem>,
) -> Result<Response, Problem> {
    let result = app.publication.result(&session.caller, id).await?;
    if !act.is_open_to(&session.caller) {
        return Err(Problem::forbidden());
    }
    if !act.is_open_in(result.state) {
        return Ok(result::see(id));
    }
    let status = problem.as_ref().map_or(StatusCode::OK, Problem::status);
    let page = desk::page(app, session, Some(Place::Results)).await?;
    let view = ActPage {
        sealing: (act == Act::Retry).then(|| SealingFacts {
            identity: result.identity.as_ref().map(facts::identity),
            mark: mark::facts(&page, &result),
            manifest: result.present.to_string(),
        }),
        page,
        act,
        id: id.to_string(),
        title: result.title,
        code: result.dossier_code.unwrap_or_default(),
        reason: reason.to_owned(),
        problem: problem.map(|problem| FormProblem::of(&problem, session.visit.language)),
    };
    Ok(answer::page(status, &view))
}
