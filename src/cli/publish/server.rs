//! The service that takes the results, asked with patience.

use std::cell::Cell;
use std::error::Error;
use std::time::{Duration, Instant};

use reqwest::header::{ACCEPT_LANGUAGE, RETRY_AFTER};
use reqwest::{Client, RequestBuilder, Response, StatusCode, Url, redirect};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;

use super::item::{Item, Request};
use crate::cli::failure::{Failure, Told, language};

/// How long it waits before each further try, unless the service names a time: for a restart, and
/// for a request that a killed run left under way.
const PAUSES_S: [u64; 7] = [1, 2, 4, 8, 15, 15, 15];
/// A network that carries to the service at all does so within this; the answer may take longer.
const CONNECT: Duration = Duration::from_secs(5);
/// A service that was not reached once in this run is more likely to be elsewhere than to start again:
/// no further try begins after this.
const UNREACHED_MAX: Duration = Duration::from_secs(20);
/// A service that wants to be left alone for longer is left alone.
const PAUSE_MAX_S: u64 = 120;
/// How often the same result may have been returned or withdrawn within the time that the service
/// remembers its requests.
const GENERATIONS_MAX: u32 = 10;

/// What keeps a batch from going on as it should.
pub(super) enum Setback {
    /// This result is refused; another may be taken.
    One(Failure),
    /// The service takes none just now, or none with this key.
    All(Failure),
    /// This result is out, and could not be noted; nor could any further one.
    Unnoted(Failure),
}

impl From<Failure> for Setback {
    fn from(failure: Failure) -> Self {
        Self::One(failure)
    }
}

/// What became of a result since it was published.
pub(super) enum Standing {
    /// It counts; this is what it looks like now.
    Alive(Value),
    /// It was returned or withdrawn.
    Dead,
    /// The key may not look.
    Unknown,
}

/// The service that takes the results.
pub(super) struct Server {
    client: Client,
    results: Url,
    key: SecretString,
    /// Until the service says otherwise.
    may_read: Cell<bool>,
    /// Whether it was reached before in this run.
    is_known: Cell<bool>,
}

impl Server {
    pub(super) fn new(address: &Url, key: SecretString) -> Result<Self, Failure> {
        let address = address.as_str().trim_end_matches('/');
        let results = Url::parse(&format!("{address}/api/v1/results"));
        let results = results.map_err(|error| Failure::new("field_invalid", error.to_string()))?;
        Ok(Self {
            client: client()?,
            results,
            key,
            may_read: Cell::new(true),
            is_known: Cell::new(false),
        })
    }

    /// Where results are handed in.
    pub(super) fn results(&self) -> &Url {
        &self.results
    }

    /// Hands a result in. The same request in another run is answered with the same result, and
    /// nothing is done twice; but one that was returned or withdrawn meanwhile is none.
    pub(super) async fn publish(&self, item: &Item, request: &Request) -> Result<Value, Setback> {
        for generation in 0..GENERATIONS_MAX {
            let key = request.key(generation);
            let post = async || {
                let post = self.client.post(self.results.clone());
                let post = post.header("Idempotency-Key", &key);
                Ok(post.multipart(item.form().await?))
            };
            let answer = self.ask(post).await?;
            if !answer.is_a_result() {
                return Err(answer.setback());
            }
            if !is_dead(&answer.body) {
                return Ok(answer.body);
            }
        }
        let why = "it was returned or withdrawn too often; try again in two days";
        Err(Failure::new("state_conflict", why).into())
    }

    /// What became of a result, where the key may look. One that the service does not show is
    /// refused, not dead: it may be there, and another agency's.
    pub(super) async fn look_up(&self, id: &str) -> Result<Standing, Setback> {
        if !self.may_read.get() {
            return Ok(Standing::Unknown);
        }
        let address = format!("{}/{id}", self.results);
        let answer = self.ask(async || Ok(self.client.get(&address))).await?;
        match answer.status {
            StatusCode::FORBIDDEN => {
                self.may_read.set(false);
                Ok(Standing::Unknown)
            }
            _ if !answer.is_a_result() => Err(answer.setback()),
            _ if is_dead(&answer.body) => Ok(Standing::Dead),
            _ => Ok(Standing::Alive(answer.body)),
        }
    }

    /// Asks until an answer counts, or patience ends.
    async fn ask(
        &self,
        request: impl AsyncFn() -> Result<RequestBuilder, Failure>,
    ) -> Result<Answer, Setback> {
        let (mut pauses, begun) = (PAUSES_S.into_iter(), Instant::now());
        loop {
            let request = request()
                .await?
                .bearer_auth(self.key.expose_secret())
                .header(ACCEPT_LANGUAGE, language().tag());
            let answered = match request.send().await {
                Ok(response) => Answer::read(response).await,
                Err(error) => Err(error),
            };
            let is_unreached = answered.as_ref().is_err_and(reqwest::Error::is_connect);
            self.is_known.set(self.is_known.get() || !is_unreached);
            let named = match &answered {
                Ok(answer) if !answer.is_passing() => return answered.map_err(lost),
                Ok(answer) => answer.retry_after_s,
                Err(_) => None,
            };
            let is_worth_it = |pause: &Duration| {
                self.is_known.get() || begun.elapsed().saturating_add(*pause) <= UNREACHED_MAX
            };
            let pause = pauses.next().map(|own| named.unwrap_or(own));
            let pause = pause.filter(|&pause| pause <= PAUSE_MAX_S);
            match pause.map(Duration::from_secs).filter(is_worth_it) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return answered.map_err(lost),
            }
        }
    }
}

/// What the service answered, whole.
struct Answer {
    status: StatusCode,
    retry_after_s: Option<u64>,
    body: Value,
}

impl Answer {
    async fn read(response: Response) -> reqwest::Result<Self> {
        let status = response.status();
        let named = response.headers().get(RETRY_AFTER);
        let named = named.and_then(|value| value.to_str().ok()?.parse().ok());
        let body = response.bytes().await?;
        Ok(Self {
            status,
            retry_after_s: named,
            body: serde_json::from_slice(&body).unwrap_or_default(),
        })
    }

    /// Whether this is what was asked for: another server may answer anything.
    fn is_a_result(&self) -> bool {
        self.status.is_success() && self.text("id").is_some()
    }

    /// Whether a later try may be answered otherwise.
    fn is_passing(&self) -> bool {
        self.is_busy()
            || self.status == StatusCode::CONFLICT
                && self.text("code") == Some("idempotency_in_flight")
    }

    /// Whether the service takes nothing now, by its own word or by that of a proxy before it.
    fn is_busy(&self) -> bool {
        matches!(
            self.status,
            StatusCode::TOO_MANY_REQUESTS
                | StatusCode::BAD_GATEWAY
                | StatusCode::SERVICE_UNAVAILABLE
                | StatusCode::GATEWAY_TIMEOUT
        )
    }

    /// The problem, in the service's own words.
    fn setback(&self) -> Setback {
        let failure = self.failure();
        match self.status {
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Setback::All(failure),
            // A proxy may find one result too large; else no stranger is handed a further one.
            StatusCode::PAYLOAD_TOO_LARGE => Setback::One(failure),
            _ if self.is_busy() || self.is_foreign() => Setback::All(failure),
            _ => Setback::One(failure),
        }
    }

    fn failure(&self) -> Failure {
        if let (Some(code), Some(title)) = (self.text("code"), self.text("title")) {
            return Failure::told(Told {
                code,
                sentence: [Some(title.to_owned()), self.detail()]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join(": "),
                diagnostic: self.text("diagnostic"),
                advice: self.text("hint"),
            });
        }
        let status = format!("HTTP {}", self.status.as_u16());
        let failure = Failure::naming("unavailable", status);
        if self.is_busy() {
            failure
        } else {
            failure.worded("server_foreign")
        }
    }

    /// Whether another server has spoken: the service has words for every refusal.
    fn is_foreign(&self) -> bool {
        self.text("code").is_none() || self.text("title").is_none()
    }

    /// What is wrong and where, in the user's language; that a file is no right field says nothing.
    fn detail(&self) -> Option<String> {
        let detail = self.text("detail");
        match self.text("field").filter(|field| *field != "file") {
            Some(field) => {
                let words = [Some(field), detail].into_iter().flatten();
                Some(words.collect::<Vec<_>>().join(": "))
            }
            None => detail.map(str::to_owned),
        }
    }

    fn text(&self, name: &str) -> Option<&str> {
        self.body.get(name).and_then(Value::as_str)
    }
}

/// Whether a result leads nowhere any more, so that its code waits for another one.
fn is_dead(result: &Value) -> bool {
    let state = result.get("state").and_then(Value::as_str);
    matches!(state, Some("returned" | "withdrawn"))
}

/// No answer came. The innermost error says why: those around it say only that there is one.
fn lost(error: reqwest::Error) -> Setback {
    let is_unreached = error.is_connect();
    let error = error.without_url();
    let mut innermost: &dyn Error = &error;
    while let Some(inner) = innermost.source() {
        innermost = inner;
    }
    let failure = Failure::new("unavailable", innermost.to_string());
    Setback::All(if is_unreached {
        failure.worded("server_unreached")
    } else {
        failure
    })
}

fn client() -> Result<Client, Failure> {
    // One provider for every connection of the process; a second call finds it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("trao/", env!("CARGO_PKG_VERSION")))
        .redirect(redirect::Policy::none())
        .connect_timeout(CONNECT)
        .build()
        .map_err(|error| Failure::new("unavailable", error.without_url().to_string()))
}
