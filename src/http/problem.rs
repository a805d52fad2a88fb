//! Refusals of the API: RFC 9457 problem details with a stable code, in the reader's language.

use axum::extract::Request;
use axum::http::header::{CONTENT_TYPE, RETRY_AFTER, VARY, WWW_AUTHENTICATE};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::detail::Detail;
use super::texts::{Language, Texts};

/// A refusal on its way to the caller. A handler says what; the words are found by
/// `render`, which knows the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    status: StatusCode,
    code: &'static str,
    words: &'static str,
    field: Option<&'static str>,
    detail: Option<Box<Detail>>,
    diagnostic: Option<String>,
    retry_after_s: Option<u64>,
}

impl Problem {
    /// A refusal by status and stable code.
    #[must_use]
    pub fn new(status: StatusCode, code: &'static str) -> Self {
        Self {
            status,
            code,
            words: code,
            field: None,
            detail: None,
            diagnostic: None,
            retry_after_s: None,
        }
    }

    /// A refusal of the framework's, which has a status and no words. What answers a range that
    /// cannot be had is none.
    pub(super) fn of_status(status: StatusCode) -> Option<Self> {
        let code = match status {
            StatusCode::RANGE_NOT_SATISFIABLE => return None,
            StatusCode::NOT_FOUND => return Some(Self::not_found()),
            StatusCode::METHOD_NOT_ALLOWED => "method_not_allowed",
            StatusCode::PAYLOAD_TOO_LARGE => return Some(Self::too_large()),
            StatusCode::UNSUPPORTED_MEDIA_TYPE => return Some(Self::media_type()),
            status if status.is_server_error() => return Some(Self::unavailable()),
            status if status.is_client_error() => "request_malformed",
            _ => return None,
        };
        Some(Self::new(status, code))
    }

    /// The request could not be read as what it should be.
    #[must_use]
    pub fn malformed() -> Self {
        Self::new(StatusCode::BAD_REQUEST, "request_malformed")
    }

    /// The body is of another kind than this address takes.
    #[must_use]
    pub fn media_type() -> Self {
        Self::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type_unsupported")
    }

    /// The body, a file or the number of files is beyond its limit.
    #[must_use]
    pub fn too_large() -> Self {
        Self::new(StatusCode::PAYLOAD_TOO_LARGE, "file_too_large")
    }

    /// The same of a body that carries no file.
    #[must_use]
    pub fn body_too_large() -> Self {
        Self::too_large().told_as("body_too_large")
    }

    /// A field's value is wrong or not supported yet.
    #[must_use]
    pub fn field(name: &'static str) -> Self {
        Self {
            field: Some(name),
            ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, "field_invalid")
        }
    }

    /// Nobody is logged in, or the key is not known.
    #[must_use]
    pub fn unauthenticated() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "unauthenticated")
    }

    /// The key is wrong, has expired or was disabled: which of these, nobody is told.
    #[must_use]
    pub fn key_invalid() -> Self {
        Self::unauthenticated()
            .told_as("key_invalid")
            .with_detail(Detail::of("key_invalid"))
    }

    /// The caller is known and may not.
    #[must_use]
    pub fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, "forbidden")
    }

    /// The form was not made for the session that sends it: its page is too old.
    #[must_use]
    pub fn form_outdated() -> Self {
        Self::forbidden().told_as("form_outdated")
    }

    /// There is nothing here, or nothing for this caller.
    #[must_use]
    pub fn not_found() -> Self {
        Self::new(StatusCode::NOT_FOUND, "not_found")
    }

    /// One answer for every way of not passing the gate.
    #[must_use]
    pub fn not_released() -> Self {
        Self::new(StatusCode::FORBIDDEN, "not_released")
    }

    /// A bucket is empty; another try makes sense in so many seconds.
    #[must_use]
    pub fn too_many_requests(retry_after_s: u64) -> Self {
        Self {
            retry_after_s: Some(retry_after_s),
            ..Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_requests")
        }
    }

    /// A part of the service does not answer.
    #[must_use]
    pub fn unavailable() -> Self {
        Self {
            retry_after_s: Some(10),
            ..Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable")
        }
    }

    /// Tells a person in the words of another member of the family `problem`, where those of its
    /// code would not fit the case. To programs the title stays the code's (RFC 9457 §3.1.4).
    #[must_use]
    pub fn told_as(mut self, words: &'static str) -> Self {
        self.words = words;
        self
    }

    /// Names the field that is wrong.
    #[must_use]
    pub fn at_field(mut self, name: &'static str) -> Self {
        self.field = Some(name);
        self
    }

    /// Says more.
    #[must_use]
    pub fn with_detail(mut self, detail: Detail) -> Self {
        self.detail = Some(Box::new(detail));
        self
    }

    /// Says for whoever looks for the cause, in English, which structure of the PDF, which limit.
    /// Never a value that came in. Nothing where there is nothing more to say.
    #[must_use]
    pub fn with_diagnostic(mut self, diagnostic: impl Into<String>) -> Self {
        self.diagnostic = Some(diagnostic.into()).filter(|diagnostic| !diagnostic.is_empty());
        self
    }

    /// Asks the caller to wait.
    #[must_use]
    pub fn with_retry_after(mut self, seconds: u64) -> Self {
        self.retry_after_s = Some(seconds);
        self
    }

    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// The member of the family `problem` that tells it.
    #[must_use]
    pub fn words(&self) -> &'static str {
        self.words
    }

    /// The status.
    #[must_use]
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// In how many seconds another try makes sense.
    #[must_use]
    pub fn retry_after_s(&self) -> Option<u64> {
        self.retry_after_s
    }

    /// The field that is wrong.
    #[must_use]
    pub fn field_name(&self) -> Option<&'static str> {
        self.field
    }

    /// More about it, in a reader's language.
    #[must_use]
    pub fn detail(&self, language: Language) -> Option<String> {
        self.detail.as_ref().map(|detail| detail.told(language))
    }

    /// More about it for whoever looks for the cause, in English.
    #[must_use]
    pub fn diagnostic(&self) -> Option<&str> {
        self.diagnostic.as_deref()
    }

    fn body(&self, language: Language) -> Body {
        let texts = Texts::shipped();
        Body {
            r#type: "about:blank",
            title: texts
                .word(language, "problem", self.code)
                .map_or_else(|| self.code.to_owned(), std::borrow::Cow::into_owned),
            status: self.status.as_u16(),
            code: self.code,
            detail: self.detail(language),
            diagnostic: self.diagnostic.clone(),
            hint: texts
                .next(language, "problem", self.words)
                .map(std::borrow::Cow::into_owned),
            field: self.field,
        }
    }
}

impl IntoResponse for Problem {
    /// The words come later, in `render`.
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// What is sent (RFC 9457 §3.1, with the members `code`, `diagnostic`, `hint` and `field` of our own).
#[derive(Serialize, ToSchema)]
#[schema(as = Problem)]
pub(crate) struct Body {
    /// Always `about:blank`: `code` tells problems apart.
    r#type: &'static str,
    /// What happened, in the reader's language.
    title: String,
    /// The HTTP status.
    status: u16,
    /// The stable code.
    code: &'static str,
    /// More about it, in the reader's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<String>,
    /// More about it for whoever looks for the cause, in English.
    #[serde(skip_serializing_if = "Option::is_none")]
    diagnostic: Option<String>,
    /// What to do now, in the reader's language.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<String>,
    /// The field that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    field: Option<&'static str>,
}

/// Finds the words of a problem: a layer around the API's routes. An empty refusal of the
/// framework (no such method, no such media type) becomes a problem here too.
pub(super) async fn render(request: Request, next: Next) -> Response {
    let language = Language::accepted(request.headers());
    let response = next.run(request).await;
    let problem = match response.extensions().get::<Problem>() {
        Some(problem) => problem.clone(),
        None => match framework_problem(&response) {
            Some(problem) => problem,
            None => return response,
        },
    };
    let (mut parts, _) = response.into_parts();
    parts.status = problem.status;
    parts.headers.remove(http::header::CONTENT_LENGTH);
    parts.headers.insert(
        CONTENT_TYPE,
        HeaderValue::from_static("application/problem+json"),
    );
    parts
        .headers
        .append(VARY, HeaderValue::from_static("Accept-Language"));
    if let Some(seconds) = problem.retry_after_s {
        parts
            .headers
            .insert(RETRY_AFTER, HeaderValue::from(seconds));
    }
    if problem.status == StatusCode::UNAUTHORIZED {
        // RFC 9110 §15.5.2: a 401 says what would be taken.
        parts
            .headers
            .insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    }
    let body = serde_json::to_vec(&problem.body(language)).unwrap_or_default();
    Response::from_parts(parts, body.into())
}

fn framework_problem(response: &Response) -> Option<Problem> {
    let is_json = response
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/"));
    if is_json {
        return None;
    }
    Problem::of_status(response.status())
}
