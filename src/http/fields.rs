//! The fields of a plain form.

use std::sync::Arc;

use axum::extract::{FromRequest, Request};
use http::header::CONTENT_TYPE;

use super::body;
use super::problem::Problem;
use crate::app::App;

/// The fields of an `application/x-www-form-urlencoded` body of at most `limits.json_bytes`, in their
/// order.
#[derive(Default)]
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// The first value of a field as it was typed; empty where there is none.
    pub(crate) fn raw(&self, name: &str) -> &str {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map_or("", |(_, value)| value.as_str())
    }

    /// The same without the white space around it.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.raw(name).trim()
    }

    /// Every field with its value, in their order.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Every value of a field.
    pub(crate) fn all<'f>(&'f self, name: &'f str) -> impl Iterator<Item = &'f str> {
        self.0
            .iter()
            .filter(move |(field, _)| field == name)
            .map(|(_, value)| value.as_str())
    }
}

impl FromRequest<Arc<App>> for Fields {
    type Rejection = Problem;

    async fn from_request(request: Request, app: &Arc<App>) -> Result<Self, Problem> {
        let is_form = request.headers().get(CONTENT_TYPE).is_some_and(|kind| {
            kind.as_bytes()
                .starts_with(b"application/x-www-form-urlencoded")
        });
        if !is_form {
            return Err(Problem::media_type());
        }
        let body = body::whole(request, app.settings.limits.json_bytes).await?;
        Ok(Self::parse(&body))
    }
}

impl Fields {
    /// Reads `a=b&c=d` by the rules of HTML forms; whatever it is, it has a reading.
    pub(crate) fn parse(body: &[u8]) -> Self {
        let pairs = body
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty());
        Self(
            pairs
                .map(|pair| {
                    let mut halves = pair.splitn(2, |byte| *byte == b'=');
                    let mut half = || unescaped(halves.next().unwrap_or_default());
                    (half(), half())
                })
                .collect(),
        )
    }
}

fn unescaped(text: &[u8]) -> String {
    let spaced: Vec<u8> = text
        .iter()
        .map(|&byte| if byte == b'+' { b' ' } else { byte })
        .collect();
    percent_encoding::percent_decode(&spaced)
        .decode_utf8_lossy()
        .into_owned()
}

#[cfg(test)]
mod tests {
    use super::Fields;

    #[test]
    fn a_form_is_read_as_browsers_write_it() {
        let fields = Fields::parse("a=1+2%2B&b=%C4%91&a=3&c&=x&%zz=y".as_bytes());
        assert_eq!(fields.raw("a"), "1 2+");
        assert_eq!(fields.all("a").collect::<Vec<_>>(), ["1 2+", "3"]);
        assert_eq!(
            (fields.text("b"), fields.text("c"), fields.text("d")),
            ("đ", "", "")
        );
        assert_eq!(fields.text("%zz"), "y");
    }
}
