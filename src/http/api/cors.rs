//! Which other origins may call the release from a page: the union of all portals' origins,
//! exactly, without credentials, and the same for every link.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
    ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ORIGIN, VARY,
};
use http::{HeaderName, HeaderValue, Method, StatusCode};

use crate::app::App;

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");

/// Answers preflights and marks answers: a layer around the release route.
pub(super) async fn portals(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let allowed = allowed_origin(&app, request.headers().get(ORIGIN)).await;
    let mut response = if request.method() == Method::OPTIONS {
        StatusCode::NO_CONTENT.into_response()
    } else {
        next.run(request).await
    };
    let headers = response.headers_mut();
    headers.append(VARY, HeaderValue::from_static("Origin"));
    if let Some(origin) = allowed {
        headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        for (name, value) in [
            (ACCESS_CONTROL_ALLOW_METHODS, "POST"),
            (
                ACCESS_CONTROL_ALLOW_HEADERS,
                "Content-Type, Authorization, Accept-Language",
            ),
            (ACCESS_CONTROL_EXPOSE_HEADERS, "Retry-After"),
            (ACCESS_CONTROL_MAX_AGE, "600"),
            (CROSS_ORIGIN_RESOURCE_POLICY, "cross-origin"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
    }
    response
}

/// The request's origin if it is a portal's. Where the list cannot be had, nobody's is.
async fn allowed_origin(app: &App, origin: Option<&HeaderValue>) -> Option<HeaderValue> {
    let origin = origin?;
    let known = app.accounts.allowed_origins(app.now()).await.ok()?;
    known
        .iter()
        .any(|known| known.as_bytes() == origin.as_bytes())
        .then(|| origin.clone())
}
