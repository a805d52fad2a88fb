//! The frame of the officers' pages.

use crate::account::Scope;
use crate::app::App;
use crate::database::AgencyRow;
use crate::http::page::{Desk, Page, Place};
use crate::http::problem::Problem;
use crate::http::session::Session;

/// The frame of a page of the desk.
pub(crate) async fn page(
    app: &App,
    session: &Session,
    place: Option<Place>,
) -> Result<Page, Problem> {
    around(app, session, session.visit.page(app), place).await
}

/// The same where the address takes forms only: the language switch leads to `back`.
pub(crate) async fn page_at(
    app: &App,
    session: &Session,
    back: &str,
    place: Option<Place>,
) -> Result<Page, Problem> {
    around(app, session, session.visit.page_at(app, back), place).await
}

/// The officer's agency.
pub(crate) async fn agency(app: &App, session: &Session) -> Result<AgencyRow, Problem> {
    app.db
        .agency(session.officer.agency)
        .await?
        .ok_or_else(Problem::forbidden)
}

async fn around(
    app: &App,
    session: &Session,
    page: Page,
    place: Option<Place>,
) -> Result<Page, Problem> {
    let desk = Desk {
        officer: session.officer.name.clone(),
        agency: agency(app, session).await?.name,
        waiting: app.publication.waiting(&session.caller).await?,
        may_publish: session.caller.may(Scope::Publish),
        form_token: session.form_token.clone(),
        place,
    };
    Ok(Page {
        desk: Some(desk),
        ..page
    })
}
