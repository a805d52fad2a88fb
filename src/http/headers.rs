//! The headers on every answer.

use axum::extract::{Request, State};
use axum::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderName, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, HeaderValue};
use axum::middleware::Next;
use axum::response::Response;

/// What a page may load and do: its own styles, script and pictures, forms to itself, nothing
/// else; and nobody may frame it. A handler that needs another policy sets its own.
pub(super) const PAGE_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
     img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; \
     frame-ancestors 'none'";

const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-resource-policy");
const CROSS_ORIGIN_OPENER_POLICY: HeaderName =
    HeaderName::from_static("cross-origin-opener-policy");
const PERMISSIONS_POLICY: HeaderName = HeaderName::from_static("permissions-policy");
const ROBOTS: HeaderName = HeaderName::from_static("x-robots-tag");

/// Whether the installation is reached by https.
#[derive(Clone, Copy, Debug)]
pub(super) struct Https(pub(super) bool);

/// Adds what a handler did not set itself: a layer around all routes.
pub(super) async fn complete(
    State(Https(https)): State<Https>,
    request: Request,
    next: Next,
) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    default(headers, CONTENT_SECURITY_POLICY, PAGE_POLICY);
    default(headers, CACHE_CONTROL, "no-store, private");
    default(headers, X_CONTENT_TYPE_OPTIONS, "nosniff");
    // With no-referrer a browser sends `Origin: null` with the page's own forms.
    default(headers, REFERRER_POLICY, "same-origin");
    default(headers, CROSS_ORIGIN_RESOURCE_POLICY, "same-origin");
    default(headers, CROSS_ORIGIN_OPENER_POLICY, "same-origin");
    default(
        headers,
        PERMISSIONS_POLICY,
        "camera=(), microphone=(), geolocation=(), payment=()",
    );
    default(headers, ROBOTS, "noindex, nofollow");
    if https {
        // Not `includeSubDomains`: other services of the agency may live below this name.
        default(headers, STRICT_TRANSPORT_SECURITY, "max-age=31536000");
    }
    response
}

fn default(headers: &mut HeaderMap, name: HeaderName, value: &'static str) {
    headers
        .entry(name)
        .or_insert(HeaderValue::from_static(value));
}
