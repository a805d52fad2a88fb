//! A layer that notices proxies nobody told the service of.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;

use super::proxies::Proxies;
use super::server::Peer;
use crate::app::App;

/// Looks for peers that speak for others and are no proxies of ours.
pub(super) async fn watch(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let proxies = Proxies::new(app.settings.proxies.trusted.clone());
    let is_unknown = request
        .extensions()
        .get::<Peer>()
        .is_some_and(|peer| proxies.is_unknown_proxy(peer.0, request.headers()));
    if is_unknown {
        app.saw_unknown_proxy().await;
    }
    next.run(request).await
}
