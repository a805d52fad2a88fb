//! Home: a dossier's status by its code.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::suggestion;
use super::views::{CodeProblem, DossierLine, HomePage, StatusAnswer};
use crate::app::App;
use crate::dossier::{DossierStatusView, StatusRefusal};
use crate::http::answer;
use crate::http::fields::Fields;
use crate::http::visit::Visit;

/// `GET /`.
pub(crate) async fn show(State(app): State<Arc<App>>, visit: Visit) -> Response {
    let page = visit.page(&app);
    answer::page(
        StatusCode::OK,
        &HomePage {
            page,
            code: String::new(),
            problem: None,
            answer: None,
        },
    )
}

/// `POST /status`: never a file, never a person's data.
pub(crate) async fn status(State(app): State<Arc<App>>, visit: Visit, fields: Fields) -> Response {
    let code = fields.raw("code").to_owned();
    let page = visit.page_at(&app, "/");
    let view = |code, problem, answer| HomePage {
        page,
        code,
        problem,
        answer,
    };
    if code.trim().is_empty() {
        let view = view(String::new(), Some(CodeProblem::Empty), None);
        return answer::page(StatusCode::UNPROCESSABLE_ENTITY, &view);
    }
    match app.gate.status(&code, visit.client, visit.now).await {
        Ok(dossiers) if dossiers.is_empty() => {
            let found = Some(StatusAnswer::NotFound {
                meant: suggestion(&code),
            });
            answer::page(StatusCode::OK, &view(code, None, found))
        }
        Ok(dossiers) => {
            let lines = dossiers.into_iter().map(line).collect();
            answer::page(
                StatusCode::OK,
                &view(code, None, Some(StatusAnswer::Found(lines))),
            )
        }
        Err(StatusRefusal::Malformed(_)) => {
            let problem = CodeProblem::Malformed {
                meant: suggestion(&code),
            };
            answer::page(
                StatusCode::UNPROCESSABLE_ENTITY,
                &view(code, Some(problem), None),
            )
        }
        Err(StatusRefusal::Throttled { retry_after_s }) => {
            let minutes = answer::minutes(retry_after_s);
            let view = view(code, Some(CodeProblem::Throttled { minutes }), None);
            answer::page_later(StatusCode::TOO_MANY_REQUESTS, &view, retry_after_s)
        }
        Err(StatusRefusal::Unavailable) => {
            let view = view(code, Some(CodeProblem::Unavailable), None);
            answer::page(StatusCode::SERVICE_UNAVAILABLE, &view)
        }
    }
}

fn line(dossier: DossierStatusView) -> DossierLine {
    DossierLine {
        agency: dossier.agency,
        telephone: dossier.telephone,
        procedure: dossier.procedure,
        status: dossier.status,
        received: dossier.received_at,
        due: dossier.due_at,
        finished: dossier.finished_at,
        returned: dossier.returned_at,
    }
}
