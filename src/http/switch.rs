//! The switch of the language: a form on every page.

use std::sync::Arc;

use axum::extract::State;
use axum::response::Response;
use http::HeaderValue;
use http::header::SET_COOKIE;

use super::answer;
use super::fields::Fields;
use super::problem::Problem;
use super::texts::Language;
use crate::app::App;

/// A year: a choice is seldom changed.
const KEPT_S: u32 = 31_536_000;

/// `POST /language`: keeps the choice and leads back to the page. It changes nothing but the
/// browser's own cookie, so it asks for no proof of where the form stood.
pub(super) async fn language(
    State(app): State<Arc<App>>,
    fields: Fields,
) -> Result<Response, Problem> {
    let chosen = Language::from_tag(fields.raw("lang")).ok_or_else(Problem::malformed)?;
    let secure = if app.settings.is_https() {
        "; Secure"
    } else {
        ""
    };
    let cookie = format!(
        "{}={}; Path=/; Max-Age={KEPT_S}; SameSite=Lax; HttpOnly{secure}",
        Language::COOKIE,
        chosen.tag(),
    );
    let cookie = HeaderValue::try_from(cookie).map_err(|_| Problem::malformed())?;
    let mut response = answer::see(own_path(fields.raw("back")));
    response.headers_mut().insert(SET_COOKIE, cookie);
    Ok(response)
}

/// The path to lead back to, or home where it is none of ours.
fn own_path(path: &str) -> &str {
    let is_own = path.starts_with('/')
        && !path.starts_with("//")
        && path
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b'\\');
    if is_own { path } else { "/" }
}

#[cfg(test)]
mod tests {
    use super::own_path;

    #[test]
    fn the_switch_leads_nowhere_else() {
        assert_eq!(own_path("/r/0123"), "/r/0123");
        for path in [
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "",
            "/\r\nx: y",
            "/đ",
        ] {
            assert_eq!(own_path(path), "/", "{path:?}");
        }
    }
}
