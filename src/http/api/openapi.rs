//! The description of the API (OpenAPI 3.1), generated from the handlers.

use axum::Json;
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityScheme};
use utoipa::{Modify, OpenApi};

use super::{acts, files, release, results};

#[derive(OpenApi)]
#[openapi(
    info(
        title = "Trao",
        description = "Signs the results of administrative dossiers and hands each over to \
            whoever gives the right dossier code. Refusals are `application/problem+json` with a \
            stable `code`."
    ),
    paths(
        results::receive,
        results::list,
        results::show,
        files::sealed,
        files::evidence,
        acts::approve,
        acts::return_,
        acts::withdraw,
        acts::retry,
        acts::relink,
        release::release,
    ),
    modifiers(&Keys),
    security(("key" = []))
)]
struct Api;

/// A program's key in `Authorization: Bearer`.
struct Keys;

impl Modify for Keys {
    fn modify(&self, document: &mut utoipa::openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_default();
        components.add_security_scheme("key", SecurityScheme::Http(scheme));
    }
}

/// `GET /api/v1/openapi.json`.
pub(super) async fn document() -> Json<utoipa::openapi::OpenApi> {
    Json(Api::openapi())
}
