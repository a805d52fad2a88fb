//! The beginning and the end of a session.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use http::header::SET_COOKIE;
use secrecy::SecretString;

use super::views::{LoginPage, LoginProblem};
use crate::account::LoginRefused;
use crate::app::App;
use crate::http::answer;
use crate::http::fields::Fields;
use crate::http::problem::Problem;
use crate::http::session::{self, Session};
use crate::http::visit::Visit;

/// Where a session begins.
pub(crate) const LOGIN: &str = "/officer/login";

/// `GET /officer/login`.
pub(crate) async fn show(State(app): State<Arc<App>>, visit: Visit) -> Response {
    page(&app, &visit, StatusCode::OK, String::new(), None)
}

/// `POST /officer/login`.
pub(crate) async fn login(State(app): State<Arc<App>>, visit: Visit, fields: Fields) -> Response {
    let login = fields.text("login").to_owned();
    let password = SecretString::from(fields.raw("password"));
    let (status, problem) = match app
        .accounts
        .login(&login, &password, &visit.client_bytes(), visit.now)
        .await
    {
        Ok(session) => {
            let mut response = answer::see("/officer");
            if let Some(cookie) = session::begins(&session.cookie, &app) {
                response.headers_mut().insert(SET_COOKIE, cookie);
            }
            return response;
        }
        Err(LoginRefused::Wrong) => (StatusCode::FORBIDDEN, LoginProblem::Wrong),
        Err(LoginRefused::Throttled { retry_after_s }) => {
            let minutes = answer::minutes(retry_after_s);
            (
                StatusCode::TOO_MANY_REQUESTS,
                LoginProblem::Throttled { minutes },
            )
        }
        Err(LoginRefused::Unavailable) => {
            (StatusCode::SERVICE_UNAVAILABLE, LoginProblem::Unavailable)
        }
    };
    page(&app, &visit, status, login, Some(problem))
}

/// What a form gets whose session has run out.
pub(crate) fn ended(app: &App, visit: &Visit) -> Response {
    page(
        app,
        visit,
        StatusCode::UNAUTHORIZED,
        String::new(),
        Some(LoginProblem::Ended),
    )
}

/// `POST /officer/logout`.
pub(crate) async fn logout(
    State(app): State<Arc<App>>,
    session: Session,
    fields: Fields,
) -> Result<Response, Problem> {
    session.check_form(&app, fields.raw("form_token"))?;
    let ended = app
        .accounts
        .logout(&session.officer, session.visit.now)
        .await;
    ended.map_err(|_| Problem::unavailable())?;
    let mut response = answer::see(LOGIN);
    if let Some(cookie) = session::ends(&app) {
        response.headers_mut().insert(SET_COOKIE, cookie);
    }
    Ok(response)
}

fn page(
    app: &App,
    visit: &Visit,
    status: StatusCode,
    login: String,
    problem: Option<LoginProblem>,
) -> Response {
    answer::page(
        status,
        &LoginPage {
            page: visit.page_at(app, LOGIN),
            login,
            problem,
        },
    )
}
