//! The edge: routes, pages, the API.
//!
//! Every route stands in [`router`]. Citizens' and officers' pages answer a refusal with a page,
//! the API with a problem document; what every answer bears is added around them all.

mod access_log;
mod answer;
mod api;
mod assets;
mod body;
mod citizen;
mod detail;
mod download;
mod fields;
mod headers;
mod heads;
mod multipart;
mod officer;
pub mod operators;
mod origin;
pub mod pace;
mod page;
mod page_problem;
mod parts;
mod path;
mod portal;
#[cfg(any(test, fuzzing))]
pub(crate) mod probe;
pub mod problem;
pub mod proxies;
mod proxy_watch;
mod query;
mod range;
pub mod server;
mod refusal;
mod session;
mod submission;
mod switch;
pub mod texts;
mod visit;

#[cfg(test)]
#[path = "../../tests/gallery/mod.rs"]
mod gallery;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};

use crate::app::App;
use assets::serve;
use citizen::{files, home, link};
use officer::{acts, decide, lists, login, mark, publish, result};

/// The service's routes.
pub fn router(app: Arc<App>) -> Router {
    let https = headers::Https(app.settings.is_https());
    Router::new()
        .merge(citizens(&app))
        .merge(officers(&app))
        .merge(api::routes(&app))
        .merge(operators::routes())
        .layer(from_fn_with_state(Arc::clone(&app), proxy_watch::watch))
        .layer(from_fn(access_log::record))
        .layer(from_fn_with_state(https, headers::complete))
        .with_state(app)
}

/// What anybody may ask for.
fn citizens(app: &Arc<App>) -> Router<Arc<App>> {
    Router::new()
        .route("/", get(home::show))
        .route("/status", post(home::status))
        .route("/r/{link}", get(link::show).post(link::open))
        .route("/f/{grant}", get(files::list))
        .route("/f/{grant}/{n}", get(files::file))
        .route("/embed.js", get(portal::element))
        .route("/embed/{link}", get(portal::frame))
        .route("/language", post(switch::language))
        .route("/assets/emblem", get(serve::emblem))
        .route("/assets/{name}", get(serve::asset))
        .fallback(serve::nothing)
        .layer(from_fn_with_state(
            Arc::clone(app),
            page_problem::of_citizens,
        ))
}

/// The officers' desk.
fn officers(app: &Arc<App>) -> Router<Arc<App>> {
    let body_max = usize::try_from(app.settings.limits.body_bytes).unwrap_or(usize::MAX);
    let publishing = Router::new()
        .route("/officer/publish", post(publish::publish))
        .layer(DefaultBodyLimit::max(body_max));
    Router::new()
        .route("/officer/login", get(login::show).post(login::login))
        .route("/officer/logout", post(login::logout))
        .route("/officer", get(lists::waiting))
        .route("/officer/results", get(lists::results))
        .route("/officer/results/search", post(lists::search))
        .route("/officer/results/{id}", get(result::show))
        .route("/officer/results/{id}/received/{n}", get(result::received))
        .route("/officer/results/{id}/sealed/{n}", get(result::sealed))
        .route("/officer/results/{id}/evidence", get(result::evidence))
        .route(
            "/officer/results/{id}/seal",
            get(decide::show).post(decide::seal),
        )
        .route("/officer/results/{id}/mark/{sha256}", get(mark::image))
        .route("/officer/results/{id}/slip", get(result::slip))
        .route(
            "/officer/results/{id}/{act}",
            get(acts::show).post(acts::act),
        )
        .route("/officer/publish", get(publish::show))
        .merge(publishing)
        .layer(from_fn_with_state(
            Arc::clone(app),
            page_problem::of_officers,
        ))
}
