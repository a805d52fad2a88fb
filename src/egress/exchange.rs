//! One request and its answer, within limits.

use std::error::Error;
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, Response, StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};

use super::client::VettedClient;
use super::error::{Denial, EgressError, EgressFailure};
use super::network::OffTheInternet;

/// What is asked, and what is taken for an answer.
pub(super) struct Exchange<'a> {
    pub(super) url: Url,
    /// Content type and body of a POST; a GET without.
    pub(super) request: Option<(&'static str, Vec<u8>)>,
    pub(super) login: Option<(&'a str, &'a SecretString)>,
    /// Content types, the right one first.
    pub(super) answers: &'static [&'static str],
    pub(super) bytes_max: u64,
    /// From the look-up of the name to the last byte.
    pub(super) time_max: Duration,
}

impl Exchange<'_> {
    /// Asks, and gives the body of the answer.
    pub(super) async fn run(self, client: &VettedClient) -> Result<Vec<u8>, EgressError> {
        let url = self.url.clone();
        let answer = self.answered(client).await;
        answer.map_err(|failure| EgressError::of(&url, failure))
    }

    async fn answered(self, client: &VettedClient) -> Result<Vec<u8>, EgressFailure> {
        let (answers, bytes_max) = (self.answers, self.bytes_max);
        let answer = self.send(client).await?;
        if answer.status() != StatusCode::OK {
            return Err(EgressFailure::HttpStatus(answer.status().as_u16()));
        }
        if !is_of_type(&answer, answers) {
            return Err(EgressFailure::WrongType);
        }
        body(answer, bytes_max).await
    }

    async fn send(self, client: &VettedClient) -> Result<Response, EgressFailure> {
        let method = match self.request {
            Some(_) => Method::POST,
            None => Method::GET,
        };
        let mut request = client.request(method, self.url)?.timeout(self.time_max);
        if let Some((kind, body)) = self.request {
            request = request.header(CONTENT_TYPE, kind).body(body);
        }
        if let Some((user, password)) = self.login {
            request = request.basic_auth(user, Some(password.expose_secret()));
        }
        if let Some(kind) = self.answers.first() {
            request = request.header(ACCEPT, *kind);
        }
        request.send().await.map_err(failure)
    }
}

/// Whether the content type, without its parameters, is one of these.
fn is_of_type(answer: &Response, kinds: &[&str]) -> bool {
    let given = answer.headers().get(CONTENT_TYPE);
    let given = given.and_then(|value| value.to_str().ok());
    given
        .and_then(|value| value.split(';').next())
        .is_some_and(|given| {
            kinds
                .iter()
                .any(|kind| kind.eq_ignore_ascii_case(given.trim()))
        })
}

/// Reads the body piece by piece; one byte too many ends it, whatever length was announced.
async fn body(mut answer: Response, bytes_max: u64) -> Result<Vec<u8>, EgressFailure> {
    let too_large = || EgressFailure::TooLarge { bytes_max };
    if answer.content_length().is_some_and(|len| len > bytes_max) {
        return Err(too_large());
    }
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(failure)? {
        if (body.len() + piece.len()) as u64 > bytes_max {
            return Err(too_large());
        }
        body.extend_from_slice(&piece);
    }
    Ok(body)
}

/// What the client's error says, without the address that it would tell.
fn failure(error: reqwest::Error) -> EgressFailure {
    if error.is_timeout() {
        return EgressFailure::TimedOut;
    }
    let error = error.without_url();
    let mut innermost: &dyn Error = &error;
    while let Some(inner) = innermost.source() {
        innermost = inner;
    }
    match innermost.downcast_ref() {
        Some(OffTheInternet(address)) => EgressFailure::Denied(Denial::Private(*address)),
        None => EgressFailure::Unreachable {
            cause: innermost.to_string(),
        },
    }
}
