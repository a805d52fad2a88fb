//! An officer's session: its cookie, and what a handler must ask for before it does anything.

use std::sync::Arc;

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::HeaderValue;
use http::request::Parts;

use super::problem::Problem;
use super::texts::cookie;
use super::visit::Visit;
use crate::account::{Caller, Officer};
use crate::app::App;
use crate::secrets::Token;

/// Over https: the prefix binds the cookie to this host, to path `/` and to `Secure`.
const SECURE_NAME: &str = "__Host-trao";
/// Over http on the loopback, where `Secure` cookies are not kept.
const LOOPBACK_NAME: &str = "trao_session";

/// A signed-in officer. To ask for one is to demand a session: without one the handler does not
/// run, and the login comes instead.
pub(crate) struct Session {
    /// The officer, as one who acts.
    pub(crate) caller: Caller,
    /// The same, as a person.
    pub(crate) officer: Officer,
    /// What every form of the session carries.
    pub(crate) form_token: String,
    /// The request.
    pub(crate) visit: Visit,
}

impl Session {
    /// Refuses a form that was not made for this session.
    pub(crate) fn check_form(&self, app: &App, token: &str) -> Result<(), Problem> {
        let own = app
            .keys
            .form_token_matches(&self.officer.session_sha256, token);
        if own {
            Ok(())
        } else {
            Err(Problem::form_outdated())
        }
    }
}

impl FromRequestParts<Arc<App>> for Session {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, app: &Arc<App>) -> Result<Self, Problem> {
        let Ok(visit) = Visit::from_request_parts(parts, app).await;
        let token = token_in(&parts.headers, app).ok_or_else(Problem::unauthenticated)?;
        let officer = app
            .accounts
            .session(&token, visit.now)
            .await
            .map_err(|_| Problem::unavailable())?
            .ok_or_else(Problem::unauthenticated)?;
        let form_token = app.keys.form_token(&officer.session_sha256);
        Ok(Self {
            caller: Caller::Officer(officer.clone()),
            officer,
            form_token,
            visit,
        })
    }
}

/// The session's secret in a request, if it carries one that could be ours.
pub(crate) fn token_in(headers: &HeaderMap, app: &App) -> Option<Token> {
    Token::parse(cookie(headers, name(app))?)
}

/// `Set-Cookie` that begins a session.
pub(crate) fn begins(token: &Token, app: &App) -> Option<HeaderValue> {
    set(app, token.reveal(), "")
}

/// `Set-Cookie` that ends one.
pub(crate) fn ends(app: &App) -> Option<HeaderValue> {
    set(app, "", "; Max-Age=0")
}

fn set(app: &App, value: &str, more: &str) -> Option<HeaderValue> {
    let secure = if app.settings.is_https() {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!(
        "{}={value}; Path=/; HttpOnly; SameSite=Strict{secure}{more}",
        name(app)
    );
    let mut value = HeaderValue::try_from(cookie).ok()?;
    value.set_sensitive(true);
    Some(value)
}

fn name(app: &App) -> &'static str {
    if app.settings.is_https() {
        SECURE_NAME
    } else {
        LOOPBACK_NAME
    }
}
