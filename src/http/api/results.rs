//! `POST` and `GET /api/v1/results`.

use std::sync::Arc;

use axum::Json;
use axum::extract::{RawQuery, State};
use axum::response::{IntoResponse as _, Response};
use http::header::LOCATION;
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

use super::authenticated::Authenticated;
use super::schema::{ResultDocument, ResultsDocument, SubmissionForm};
use crate::account::Scope;
use crate::app::App;
use crate::http::detail::Detail;
use crate::http::multipart::Form;
use crate::http::parts::Parts;
use crate::http::path::Path;
use crate::http::problem::{self, Problem};
use crate::http::submission;
use crate::model::{ResultId, ResultState};
use crate::publication::{Filter, ResultView};

/// The key by which a request is told from its repetition.
const IDEMPOTENCY_KEY: &str = "idempotency-key";
/// Hands a result in
#[utoipa::path(
    post,
    path = "/api/v1/results",
    params(("Idempotency-Key" = Option<String>, Header,
        description = "A repetition with this key within 24 hours does nothing twice")),
    request_body(content = SubmissionForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "It is received, for good", body = ResultDocument),
        (status = 200, description = "It was received before: the same code and bytes",
            body = ResultDocument),
        (status = 409, description = "`dossier_has_result`, `idempotency_in_flight`",
            body = problem::Body, content_type = "application/problem+json"),
        (status = 413, description = "`file_too_large`",
            body = problem::Body, content_type = "application/problem+json"),
        (status = 422, description = "`field_invalid`, `code_malformed`, `not_pdf`, `pdf_damaged`, \
            `pdf_encrypted`, `pdf_no_pages`, `pdf_locked`, `pdf_too_complex`, \
            `pdf_active_content`, `not_signed`, `earlier_signature_broken`, \
            `document_number_missing`, `policy_too_weak`, `appearance_unusable`, \
            `appearance_misfit`, `idempotency_conflict`",
            body = problem::Body, content_type = "application/problem+json"),
    )
)]
pub(super) async fn receive(
    State(app): State<Arc<App>>,
    authenticated: Authenticated,
    headers: HeaderMap,
    parts: Parts,
) -> Result<Response, Problem> {
    // Who may not publish sends no gigabytes here.
    authenticated.must(Scope::Publish)?;
    let limits = &app.settings.limits;
    let form = Form::read(parts, &app.settings.spool_dir(), submission::limits(limits)).await;
    let form = form.map_err(|error| submission::refused(error, limits))?;
    let submission = submission::of(form, &[], idempotency_key(&headers)?)?;
    let now = authenticated.visit.now;
    let receipt = app
        .publication
        .receive(&authenticated.caller, submission, now)
        .await?;
    let status = if receipt.is_new {
        StatusCode::CREATED
    } else {
        StatusCode::OK
    };
    let location = format!("/api/v1/results/{}", receipt.view.id);
    let mut response = (status, Json(receipt.view)).into_response();
    if let Ok(location) = HeaderValue::try_from(location) {
        response.headers_mut().insert(LOCATION, location);
    }
    Ok(response)
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let value = headers
        .get(IDEMPOTENCY_KEY)
        .map(HeaderValue::to_str)
        .transpose();
    Ok(value
        .map_err(|_| {
            Problem::malformed()
                .with_detail(Detail::of("header_text").with("name", "Idempotency-Key"))
        })?
        .map(str::to_owned))
}

/// Which results are listed.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Listing {
    /// The id that the page before ended with.
    after: Option<ResultId>,
    /// Results in this state only.
    state: Option<ResultState>,
    /// How many at most, 1 to 100.
    limit: Option<u32>,
}

impl Listing {
    /// Reads a query. An unknown parameter might be a code in the address: it is refused, and not
    /// repeated.
    fn read(query: &str) -> Result<Self, Problem> {
        fn value<T: std::str::FromStr>(
            name: &'static str,
            text: &str,
        ) -> Result<Option<T>, Problem> {
            text.parse()
                .map(Some)
                .map_err(|_| Problem::malformed().at_field(name))
        }
        let mut listing = Self::default();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            match pair.split_once('=') {
                Some(("after", text)) => listing.after = value("after", text)?,
                Some(("state", text)) => listing.state = value("state", text)?,
                Some(("limit", text)) => listing.limit = value("limit", text)?,
                _ => return Err(Problem::malformed().with_detail(Detail::of("unknown_parameter"))),
            }
        }
        Ok(listing)
    }
}

/// A page of results.
#[derive(Serialize, ToSchema)]
struct ResultsBody {
    #[schema(value_type = Vec<ResultDocument>)]
    results: Vec<ResultView>,
    /// What `after` of the next page is; null on the last one.
    #[schema(value_type = Option<String>)]
    next: Option<ResultId>,
}

/// Lists the agency's results, the newest first
#[utoipa::path(
    get,
    path = "/api/v1/results",
    params(
        ("after" = Option<String>, Query, description = "The id that the page before ended with"),
        ("state" = Option<String>, Query, description = "Results in this state only"),
        ("limit" = Option<u32>, Query, description = "How many at most, 1 to 100"),
    ),
    responses((status = 200, description = "A page of results", body = ResultsDocument))
)]
pub(super) async fn list(
    State(app): State<Arc<App>>,
    authenticated: Authenticated,
    RawQuery(query): RawQuery,
) -> Result<Response, Problem> {
    let listing = Listing::read(query.as_deref().unwrap_or_default())?;
    let filter = Filter {
        state: listing.state,
        after: listing.after,
        ..Filter::default()
    };
    let rows = listing.limit.unwrap_or(50);
    let page = app
        .publication
        .results(&authenticated.caller, &filter, rows)
        .await?;
    Ok(Json(ResultsBody {
        results: page.results,
        next: page.next,
    })
    .into_response())
}

/// Shows a result
#[utoipa::path(
    get,
    path = "/api/v1/results/{id}",
    params(("id" = String, Path, description = "The result's id")),
    responses(
        (status = 200, description = "The result", body = ResultDocument),
        (status = 404, description = "`not_found`", body = problem::Body,
            content_type = "application/problem+json"),
    )
)]
pub(super) async fn show(
    State(app): State<Arc<App>>,
    authenticated: Authenticated,
    Path(id): Path<String>,
) -> Result<Json<ResultView>, Problem> {
    let id = parsed_id(&id)?;
    Ok(Json(
        app.publication.result(&authenticated.caller, id).await?,
    ))
}

/// An id in an address; what is none leads nowhere.
pub(super) fn parsed_id(text: &str) -> Result<ResultId, Problem> {
    text.parse().map_err(|_| Problem::not_found())
}
