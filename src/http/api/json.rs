//! Bodies of JSON, refused as problems.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;
use serde::de::DeserializeOwned;
use serde_json::error::Category;

use crate::app::App;
use crate::http::body;
use crate::http::detail::Detail;
use crate::http::problem::Problem;

/// A body of JSON, of at most `limits.json_bytes`.
pub(super) struct JsonBody<T>(pub(super) T);

impl<T: DeserializeOwned> FromRequest<Arc<App>> for JsonBody<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        read(request, app.settings.limits.json_bytes)
            .await
            .map(Self)
    }
}

async fn read<T: DeserializeOwned>(request: Request, bytes_max: u64) -> Result<T, Problem> {
    let is_json = request
        .headers()
        .get(CONTENT_TYPE)
        .is_some_and(|kind| kind.as_bytes().starts_with(b"application/json"));
    if !is_json {
        return Err(Problem::media_type());
    }
    let body = body::whole(request, bytes_max).await?;
    serde_json::from_slice(&body)
        .map_err(|error| Problem::malformed().with_detail(what_is_wrong(&error)))
}

/// What serde says of a malformed body may repeat parts of it, so only the place is passed on.
fn what_is_wrong(error: &serde_json::Error) -> Detail {
    let word = match error.classify() {
        // A value that is of the right kind and no digest, no date has no place of its own.
        Category::Data if error.column() == 0 => return Detail::of("json_value"),
        Category::Data => "json_member",
        Category::Syntax | Category::Eof | Category::Io => "json_syntax",
    };
    Detail::of(word)
        .with("line", error.line().to_string())
        .with("column", error.column().to_string())
}

#[cfg(test)]
mod tests {
    use axum::extract::Request;
    use http::header::CONTENT_TYPE;

    use super::read;
    use crate::http::problem::Problem;
    use crate::http::texts::Language;
    use crate::model::Sha256Digest;

    async fn problem_of(kind: &str, body: &'static str) -> Problem {
        let request = Request::builder().header(CONTENT_TYPE, kind);
        let request = request.body(body.into()).unwrap();
        let read = read::<Vec<Sha256Digest>>(request, 1000).await;
        read.err().unwrap()
    }

    #[tokio::test]
    async fn a_refusal_says_where_and_repeats_nothing() {
        let json = "application/json";
        let other = problem_of("text/plain", "[]").await;
        assert_eq!(other.code(), "media_type_unsupported");
        for (body, english, vietnamese) in [
            (
                "[\n\"H13.12-261123-0001\"]",
                "line 2, column 21",
                "Thiếu một mục",
            ),
            ("[\nH13.12", "line 2, column 1", "dòng 2, cột 1"),
            ("[\n13]", "line 2, column 2", "dòng 2, cột 2"),
        ] {
            let problem = problem_of(json, body).await;
            assert_eq!(problem.code(), "request_malformed");
            for (language, words) in [
                (Language::English, english),
                (Language::Vietnamese, vietnamese),
            ] {
                let detail = problem.detail(language).unwrap();
                assert!(detail.contains(words) && !detail.contains("13"), "{detail}");
            }
        }
    }
}
