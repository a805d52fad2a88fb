//! What portals embed: a custom element, and the frame that it shows.

pub(crate) mod views;

use std::sync::Arc;

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, HeaderName};
use http::{HeaderMap, HeaderValue, StatusCode};

use crate::app::App;
use crate::http::answer;
use crate::http::assets::EMBED;
use crate::http::path::Path;
use crate::http::problem::Problem;
use crate::http::visit::Visit;
use crate::model::LinkId;
use views::FramePage;

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");
const CROSS_ORIGIN: HeaderValue = HeaderValue::from_static("cross-origin");

/// `GET /embed.js`: the one file of ours that other sites load.
pub(crate) async fn element() -> Response {
    let headers = [
        (
            CONTENT_TYPE,
            HeaderValue::from_static("text/javascript; charset=utf-8"),
        ),
        (
            CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=3600"),
        ),
        (CROSS_ORIGIN_RESOURCE_POLICY, CROSS_ORIGIN),
    ];
    (headers, EMBED).into_response()
}

/// `GET /embed/{link}`: a form that opens the link in a tab of its own. It is the same for every
/// link, reads no cookie and holds no file; only registered portals may frame it.
pub(crate) async fn frame(
    State(app): State<Arc<App>>,
    visit: Visit,
    headers: HeaderMap,
    Path(link): Path<String>,
) -> Result<Response, Problem> {
    link.parse::<LinkId>().map_err(|_| Problem::not_found())?;
    let origins = app
        .accounts
        .allowed_origins(visit.now)
        .await
        .map_err(|_| Problem::unavailable())?;
    let visit = visit.without_cookie(&headers);
    let view = FramePage {
        page: visit.page(&app),
        link,
    };
    let mut response = answer::page(StatusCode::OK, &view);
    let policy = HeaderValue::try_from(policy(&origins)).map_err(|_| Problem::unavailable())?;
    response
        .headers_mut()
        .insert(CONTENT_SECURITY_POLICY, policy);
    response
        .headers_mut()
        .insert(CROSS_ORIGIN_RESOURCE_POLICY, CROSS_ORIGIN);
    Ok(response)
}

fn policy(origins: &[String]) -> String {
    let ancestors = if origins.is_empty() {
        "'none'".to_owned()
    } else {
        origins.join(" ")
    };
    format!(
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
         form-action 'self'; base-uri 'none'; frame-ancestors {ancestors}"
    )
}
