//! A link: one page for each, known or not, and the one way behind it.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::suggestion;
use super::views::{LinkPage, LinkProblem};
use crate::app::App;
use crate::dossier::{Attempt, GateRefusal};
use crate::http::answer;
use crate::http::fields::Fields;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::visit::Visit;
use crate::model::LinkId;

/// `GET /r/{link}`: looks nothing up.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(link): Path<String>,
) -> Result<Response, Problem> {
    well_formed(&link)?;
    let page = visit.page(&app);
    Ok(answer::page(
        StatusCode::OK,
        &LinkPage {
            page,
            code: String::new(),
            problem: None,
        },
    ))
}

/// `POST /r/{link}`: a code, and then the files or the one refusal.
pub(crate) async fn open(
    State(app): State<Arc<App>>,
    visit: Visit,
    Path(link): Path<String>,
    fields: Fields,
) -> Result<Response, Problem> {
    well_formed(&link)?;
    let code = fields.raw("code");
    if code.trim().is_empty() {
        // No try at a code: it is asked for, alike for every link, and no bucket pays for it. The
        // status is that of whatever does not pass.
        let view = LinkPage {
            page: visit.page(&app),
            code: String::new(),
            problem: Some(LinkProblem::Empty),
        };
        return Ok(answer::page(StatusCode::FORBIDDEN, &view));
    }
    let attempt = Attempt {
        link: &link,
        code,
        client: visit.client,
        key: None,
    };
    let refusal = match app.gate.release(attempt, visit.now).await {
        Ok(issued) => return Ok(answer::see(&format!("/f/{}", issued.secret.reveal()))),
        Err(refusal) => refusal,
    };
    let view = |problem| LinkPage {
        page: visit.page(&app),
        code: code.to_owned(),
        problem: Some(problem),
    };
    Ok(match refusal {
        GateRefusal::Denied => {
            let problem = LinkProblem::Refused {
                meant: suggestion(code),
            };
            answer::page(StatusCode::FORBIDDEN, &view(problem))
        }
        GateRefusal::Throttled { retry_after_s } => {
            let minutes = answer::minutes(retry_after_s);
            let view = view(LinkProblem::Throttled { minutes });
            answer::page_later(StatusCode::TOO_MANY_REQUESTS, &view, retry_after_s)
        }
        GateRefusal::Unavailable => answer::page(
            StatusCode::SERVICE_UNAVAILABLE,
            &view(LinkProblem::Unavailable),
        ),
    })
}

fn well_formed(link: &str) -> Result<LinkId, Problem> {
    link.parse().map_err(|_| Problem::not_found())
}
