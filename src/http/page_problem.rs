//! What went wrong, as a page.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{ALLOW, CONTENT_TYPE, RETRY_AFTER};
use http::{HeaderValue, Method, StatusCode};

use super::answer;
use super::citizen::views::ProblemPage;
use super::officer::login;
use super::officer::views::DeskProblemPage;
use super::problem::Problem;
use super::visit::Visit;
use super::{origin, query};
use crate::app::App;
use crate::database::DatabaseError;

/// Turns a refusal into a page in the reader's language: a layer around the citizens' pages.
pub(super) async fn of_citizens(
    State(app): State<Arc<App>>,
    visit: Visit,
    request: Request,
    next: Next,
) -> Response {
    if query::may_hold_a_code(&request) {
        return page(&app, &visit, &Problem::malformed());
    }
    let response = next.run(request).await;
    match problem_of(&response) {
        Some(problem) => allowing(&response, page(&app, &visit, &problem)),
        None => response,
    }
}

/// The same for officers' pages, where a lost session leads to the login, and where only forms of
/// our own pages count.
pub(super) async fn of_officers(
    State(app): State<Arc<App>>,
    visit: Visit,
    request: Request,
    next: Next,
) -> Response {
    let is_safe = matches!(*request.method(), Method::GET | Method::HEAD);
    let is_own = is_safe || origin::is_own(request.headers(), &app.settings.public_url());
    if query::may_hold_a_code(&request) || !is_own {
        let problem = if is_own {
            Problem::malformed()
        } else {
            Problem::forbidden()
        };
        return desk_page(&app, &visit, &problem);
    }
    let response = next.run(request).await;
    match problem_of(&response) {
        Some(problem) if problem.status() == StatusCode::UNAUTHORIZED && is_safe => {
            answer::see(login::LOGIN)
        }
        Some(problem) if problem.status() == StatusCode::UNAUTHORIZED => login::ended(&app, &visit),
        Some(problem) => allowing(&response, desk_page(&app, &visit, &problem)),
        None => response,
    }
}

fn page(app: &App, visit: &Visit, problem: &Problem) -> Response {
    let page = visit.page_at(app, "/");
    told(
        problem,
        answer::page(
            problem.status(),
            &ProblemPage {
                page,
                code: problem.code(),
                words: problem.words(),
            },
        ),
    )
}

fn desk_page(app: &App, visit: &Visit, problem: &Problem) -> Response {
    let page = visit.page_at(app, "/officer");
    told(
        problem,
        answer::page(
            problem.status(),
            &DeskProblemPage {
                page,
                code: problem.code(),
                words: problem.words(),
            },
        ),
    )
}

fn told(problem: &Problem, mut response: Response) -> Response {
    if let Some(seconds) = problem.retry_after_s() {
        response
            .headers_mut()
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    response
}

/// A page that keeps what the refusal said of methods that are taken (RFC 9110 §15.5.6).
fn allowing(refusal: &Response, mut page: Response) -> Response {
    if let Some(methods) = refusal.headers().get(ALLOW) {
        page.headers_mut().insert(ALLOW, methods.clone());
    }
    page
}

/// The refusal of a handler, or one of the framework's own, which have no words.
fn problem_of(response: &Response) -> Option<Problem> {
    if let Some(problem) = response.extensions().get::<Problem>() {
        return Some(problem.clone());
    }
    let is_page = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"text/html"));
    if is_page {
        return None;
    }
    Problem::of_status(response.status())
}

impl From<DatabaseError> for Problem {
    fn from(error: DatabaseError) -> Self {
        tracing::error!(%error, "a page cannot be made");
        Self::unavailable()
    }
}
