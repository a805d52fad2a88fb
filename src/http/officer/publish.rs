//! The form to publish.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::StatusCode;

use super::views::{FormProblem, Notice, PublishForm, PublishLimits, PublishPage};
use super::{desk, mark, result};
use crate::account::Scope;
use crate::app::App;
use crate::http::answer;
use crate::http::detail::Detail;
use crate::http::multipart::{Form, FormError};
use crate::http::page::Place;
use crate::http::parts::Parts;
use crate::http::problem::Problem;
use crate::http::session::Session;
use crate::http::submission;
use crate::publication::FieldFlaw;
use crate::secrets::Token;

/// What the page adds to the fields of a submission.
const OWN_FIELDS: &[&str] = &["form_token", "idempotency_key"];

/// `GET /officer/publish`.
pub(crate) async fn show(
    State(app): State<Arc<App>>,
    session: Session,
) -> Result<Response, Problem> {
    answer_form(&app, &session, PublishForm::default(), None).await
}

/// `POST /officer/publish`: what `POST /api/v1/results` does for programs.
pub(crate) async fn publish(
    State(app): State<Arc<App>>,
    session: Session,
    parts: Parts,
) -> Result<Response, Problem> {
    // Who may not publish sends no gigabytes here.
    if !session.caller.may(Scope::Publish) {
        return Err(Problem::forbidden());
    }
    let settings = &app.settings;
    let limits = submission::limits(&settings.limits);
    let form = match Form::read(parts, &settings.spool_dir(), limits).await {
        Ok(form) => form,
        // The fields behind what was too much were not read, so none stands again.
        Err(
            error @ (FormError::TooLarge | FormError::TooManyFields | FormError::FieldTooLong(_)),
        ) => {
            let form = PublishForm::default();
            let problem = submission::refused(error, &settings.limits);
            return answer_form(&app, &session, form, Some(problem)).await;
        }
        Err(error) => return Err(error.into()),
    };
    session.check_form(&app, form.field("form_token")?.unwrap_or_default())?;
    let typed = PublishForm::of(&form)?;
    if form.files.is_empty() {
        let missing = Detail::of(FieldFlaw::Required.as_str());
        let problem = Problem::field("file").with_detail(missing);
        return answer_form(&app, &session, typed, Some(problem)).await;
    }
    let key = form.field("idempotency_key")?.map(str::to_owned);
    let submission = submission::of(form, OWN_FIELDS, key)?;
    match app
        .publication
        .receive(&session.caller, submission, session.visit.now)
        .await
    {
        Ok(receipt) if receipt.is_new => Ok(result::see(receipt.view.id)),
        Ok(receipt) => Ok(result::see_with(receipt.view.id, Notice::Same)),
        Err(error) => answer_form(&app, &session, typed, Some(error.into())).await,
    }
}

async fn answer_form(
    app: &App,
    session: &Session,
    mut form: PublishForm,
    problem: Option<Problem>,
) -> Result<Response, Problem> {
    if !session.caller.may(Scope::Publish) {
        return Err(Problem::forbidden());
    }
    let choices = app.publication.appearances(&session.caller).await?;
    if form.appearance.is_none() {
        let default = choices.iter().find(|choice| choice.is_default);
        form.appearance = default.map(|choice| choice.name.clone());
    }
    let page = desk::page(app, session, Some(Place::Publish)).await?;
    let status = problem.as_ref().map_or(StatusCode::OK, Problem::status);
    let limits = &app.settings.limits;
    let view = PublishPage {
        choices: choices
            .iter()
            .map(|choice| mark::choice(&page, choice))
            .collect(),
        page,
        form,
        problem: problem.map(|problem| FormProblem::of(&problem, session.visit.language)),
        idempotency_key: Token::draw().reveal().to_owned(),
        limits: PublishLimits {
            bytes: limits.result_bytes,
            attachments: limits.result_files.saturating_sub(1),
        },
    };
    Ok(answer::page(status, &view))
}
