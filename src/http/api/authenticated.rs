//! Who calls the API: a program with its key, or an officer's page with its session.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::header::AUTHORIZATION;
use http::request::Parts;
use http::{HeaderMap, Method};

use crate::account::{Caller, Key, Scope};
use crate::app::App;
use crate::http::origin;
use crate::http::problem::Problem;
use crate::http::session::Session;
use crate::http::visit::Visit;

/// The token of a session's forms, on calls that a page's script makes.
const CSRF_TOKEN: &str = "x-csrf-token";

/// Somebody who is known. To ask for one is to demand it.
pub(crate) struct Authenticated {
    /// Who.
    pub(crate) caller: Caller,
    /// The request.
    pub(crate) visit: Visit,
}

impl Authenticated {
    /// Refuses a caller who may not do that.
    pub(crate) fn must(&self, scope: Scope) -> Result<(), Problem> {
        if self.caller.may(scope) {
            Ok(())
        } else {
            Err(Problem::forbidden())
        }
    }
}

impl FromRequestParts<Arc<App>> for Authenticated {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Ok(visit) = Visit::from_request_parts(parts, app).await;
        if let Some(key) = key_of(&parts.headers, app, &visit).await? {
            return Ok(Self {
                caller: Caller::Key(key),
                visit,
            });
        }
        let session = Session::from_request_parts(parts, app).await?;
        if !matches!(parts.method, Method::GET | Method::HEAD) {
            let token = parts
                .headers
                .get(CSRF_TOKEN)
                .and_then(|token| token.to_str().ok());
            session.check_form(app, token.unwrap_or_default())?;
            if !origin::is_own(&parts.headers, &app.settings.public_url()) {
                return Err(Problem::forbidden());
            }
        }
        Ok(Self {
            caller: session.caller,
            visit: session.visit,
        })
    }
}

/// The program of a request that carries a key; a key that is not good is an error, never the
/// same as none.
pub(super) async fn key_of(
    headers: &HeaderMap,
    app: &App,
    visit: &Visit,
) -> Result<Option<Key>, Problem> {
    let Some(value) = headers.get(AUTHORIZATION) else {
        return Ok(None);
    };
    let text = value
        .to_str()
        .ok()
        .and_then(|value| value.strip_prefix("Bearer "));
    let text = text.ok_or_else(Problem::unauthenticated)?;
    let key = app.accounts.bearer(text.trim(), visit.now).await;
    key.map_err(|_| Problem::unavailable())?
        .map(Some)
        .ok_or_else(Problem::key_invalid)
}
