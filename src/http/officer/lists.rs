//! The work that waits, and all results.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};

use super::desk;
use super::facts;
use super::views::{ResultsPage, WaitingPage};
use crate::account::Scope;
use crate::app::App;
use crate::dossier::DossierCode;
use crate::http::answer;
use crate::http::fields::Fields;
use crate::http::page::Place;
use crate::http::problem::Problem;
use crate::http::session::Session;
use crate::model::ResultState;
use crate::publication::{Filter, Order};

/// Lines of one page of a list.
const ROWS: u32 = 50;

/// `GET /officer`: what waits to be sealed, the oldest first, and what is held.
pub(crate) async fn waiting(
    State(app): State<Arc<App>>,
    session: Session,
) -> Result<Response, Problem> {
    let by_state = |state| Filter {
        state: Some(state),
        order: Order::OldestFirst,
        ..Filter::default()
    };
    let publication = &app.publication;
    let waiting = publication
        .results(&session.caller, &by_state(ResultState::Received), ROWS)
        .await?;
    let held = publication
        .results(&session.caller, &by_state(ResultState::Held), ROWS)
        .await?;
    let page = desk::page(&app, &session, Some(Place::Waiting)).await?;
    let view = WaitingPage {
        total: page.desk.as_ref().map_or(0, |desk| desk.waiting),
        page,
        rows: waiting.results.iter().map(facts::row).collect(),
        held: held.results.iter().map(facts::row).collect(),
        may_seal: session.caller.may(Scope::Approve),
    };
    Ok(answer::page(StatusCode::OK, &view))
}

/// `GET /officer/results`.
pub(crate) async fn results(
    State(app): State<Arc<App>>,
    session: Session,
    uri: Uri,
) -> Result<Response, Problem> {
    let narrowing = Fields::parse(uri.query().unwrap_or_default().as_bytes());
    let state = narrowing.raw("state").parse().ok();
    let after = narrowing.raw("after").parse().ok();
    let filter = Filter {
        state,
        after,
        ..Filter::default()
    };
    let found = app
        .publication
        .results(&session.caller, &filter, ROWS)
        .await?;
    let view = ResultsPage {
        page: desk::page(&app, &session, Some(Place::Results)).await?,
        rows: found.results.iter().map(facts::row).collect(),
        state,
        code: String::new(),
        not_found: None,
        next: found.next.map(|id| id.to_string()),
    };
    Ok(answer::page(StatusCode::OK, &view))
}

/// `POST /officer/results/search`: by dossier code, which stands in the body and nowhere else.
pub(crate) async fn search(
    State(app): State<Arc<App>>,
    session: Session,
    fields: Fields,
) -> Result<Response, Problem> {
    session.check_form(&app, fields.raw("form_token"))?;
    let typed = fields.raw("code");
    let rows = match DossierCode::parse(typed) {
        Ok(code) => app.publication.by_code(&session.caller, &code).await?,
        Err(_) => Vec::new(),
    };
    if let [only] = rows.as_slice() {
        return Ok(answer::see(&format!("/officer/results/{}", only.id)));
    }
    let page = desk::page_at(&app, &session, "/officer/results", Some(Place::Results)).await?;
    let view = ResultsPage {
        page,
        not_found: rows.is_empty().then_some(ResultsPage::NOTHING),
        rows: rows.iter().map(facts::row).collect(),
        state: None,
        code: typed.to_owned(),
        next: None,
    };
    Ok(answer::page(StatusCode::OK, &view))
}
