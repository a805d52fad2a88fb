//! The work that waits, and all results.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::{StatusCode, Uri};
use time::{Duration, OffsetDateTime};

use super::desk;
use super::facts;
use super::views::{CertificateNotice, ResultsPage, WaitingPage};
use crate::account::Scope;
use crate::app::App;
use crate::dossier::DossierCode;
use crate::http::answer;
use crate::http::fields::Fields;
use crate::http::page::Place;
use crate::http::problem::Problem;
use crate::http::session::Session;
use crate::model::ResultState;
use crate::pades::Unfit;
use crate::publication::{Filter, IdentityHealth, Order, Remaining};

/// Lines of one page of a list.
const ROWS: u32 = 50;
/// Alarms on the page of what waits.
const ALARMS: u32 = 5;
/// How long an alarm is shown: a night's must be seen after a long holiday.
const ALARMS_SHOWN: Duration = Duration::days(14);

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
    let (agency, since) = (session.officer.agency, session.visit.now - ALARMS_SHOWN);
    let view = WaitingPage {
        total: page.desk.as_ref().map_or(0, |desk| desk.waiting),
        page,
        rows: waiting.results.iter().map(facts::row).collect(),
        held: held.results.iter().map(facts::row).collect(),
        may_seal: session.caller.may(Scope::Approve),
        certificate: certificate(&app, &session).await?,
        alarms: app.db.open_alarms(agency, since, ALARMS).await?,
    };
    Ok(answer::page(StatusCode::OK, &view))
}

/// What the officer must know of the certificate that seals the agency's results.
async fn certificate(app: &App, session: &Session) -> Result<Option<CertificateNotice>, Problem> {
    let (agency, now) = (session.officer.agency, session.visit.now);
    let health = app.identities.health_of(agency, now).await;
    let health = health.map_err(|error| {
        tracing::error!(%error, "the agency's identity cannot be looked at");
        Problem::unavailable()
    })?;
    Ok(health.and_then(|own| notice(&own, now)))
}

fn notice(own: &IdentityHealth, now: OffsetDateTime) -> Option<CertificateNotice> {
    let word = match (own.why_unfit(), own.remaining(now)) {
        _ if own.unfit == Some(Unfit::Expired) => Remaining::Over.as_str(),
        (Some(why), _) => why,
        (None, Some(Remaining::Long) | None) => return None,
        (None, Some(remaining)) => remaining.as_str(),
    };
    let left = own.expires_at.map_or(Duration::ZERO, |at| at - now);
    Some(CertificateNotice {
        word,
        expires_at: own.expires_at,
        days: u64::try_from(left.whole_days()).unwrap_or(0),
    })
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
