//! What no address may hold: a code would end in histories, referrers and logs.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use http::Method;

use super::fields::Fields;
use super::problem::Problem;
use crate::dossier::{DossierCode, Profile};

/// Names by which a code or PIN might be put into an address, letters and digits alone.
const CODE_NAMES: &[&str] = &["code", "dossiercode", "pin", "ma", "mahoso", "masohoso"];

/// Whether the query of a page's address has a code in it, by its name or by its shape. Other
/// parameters pass: messengers add theirs to the links that people send each other.
pub(super) fn may_hold_a_code(request: &Request) -> bool {
    let query = Fields::parse(request.uri().query().unwrap_or_default().as_bytes());
    query.pairs().any(|(name, value)| {
        let letters = name.chars().filter(|letter| letter.is_alphanumeric());
        let name: String = letters.flat_map(char::to_lowercase).collect();
        CODE_NAMES.contains(&name.as_str()) || is_official(value)
    })
}

/// Refuses every query of the API but the one of its list, which knows its own parameters.
pub(super) async fn refuse(request: Request, next: Next) -> Response {
    let is_list = request.method() == Method::GET && request.uri().path() == LIST;
    if request.uri().query().is_some() && !is_list {
        return Problem::malformed().into_response();
    }
    next.run(request).await
}

fn is_official(value: &str) -> bool {
    DossierCode::parse(value).is_ok_and(|code| code.profile() != Profile::Free)
}

const LIST: &str = "/api/v1/results";
