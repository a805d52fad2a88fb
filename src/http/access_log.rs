//! One line a request: the route's template, never the path (links and grants stand in it), never
//! a query, never an address.

use std::time::Instant;

use axum::extract::{MatchedPath, Request};
use axum::middleware::Next;
use axum::response::Response;

/// Logs and counts a request when its answer's header is ready: a layer around all routes.
pub(super) async fn record(request: Request, next: Next) -> Response {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or_else(|| "unmatched".to_owned(), |path| path.as_str().to_owned());
    let method = request.method().clone();
    let start = Instant::now();
    let response = next.run(request).await;
    let status = response.status().as_u16();
    let elapsed = start.elapsed();
    tracing::info!(
        method = method.as_str(),
        route,
        status,
        elapsed_ms = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX),
        "request"
    );
    let labels = [("route", route), ("status", status.to_string())];
    metrics::counter!("trao_http_requests_total", &labels).increment(1);
    metrics::histogram!("trao_http_request_seconds", &labels).record(elapsed.as_secs_f64());
    response
}
