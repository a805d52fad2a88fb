//! Why a server was not asked, or gave no answer.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;

use reqwest::Url;
use thiserror::Error;

/// A request that brought no answer. The text names the server and never more of its address: a
/// path or a query may hold what only the two of us know.
#[derive(Debug, Error)]
#[error("{server}: {failure}")]
pub struct EgressError {
    server: String,
    failure: EgressFailure,
}

/// What was wrong.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EgressFailure {
    /// It was not asked.
    #[error("not asked: {0}")]
    Denied(Denial),
    /// Its name leads nowhere, nobody listens, its certificate is not trusted, or the connection
    /// broke.
    #[error("not reached: {cause}")]
    Unreachable {
        /// What the system or the TLS library says.
        cause: String,
    },
    /// The answer was not there in time.
    #[error("no answer in time")]
    TimedOut,
    /// The answer has more bytes than are taken.
    #[error("an answer of more than {bytes_max} bytes")]
    TooLarge {
        /// So many are.
        bytes_max: u64,
    },
    /// Another status than 200. Redirects are not followed.
    #[error("status {0}")]
    HttpStatus(u16),
    /// The answer is not of the content type that it must have.
    #[error("an answer of another content type")]
    WrongType,
}

/// Why a server was not asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denial {
    /// It is no address of http or https.
    NoAddress,
    /// The address holds a name or a password.
    HoldsLogin,
    /// Neither settings nor certificates of configured authorities name the server.
    NotAllowed,
    /// Its name or number leads to this address, which is not on the internet, and
    /// `[egress] allow_private` does not have it.
    Private(IpAddr),
}

/// Why there is no client with these settings.
#[derive(Debug, Error)]
pub enum EgressSetupError {
    /// A file that a setting names cannot be read.
    #[error("{setting}: {}: {source}", path.display())]
    File {
        /// Which setting.
        setting: &'static str,
        /// The file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// A setting does not fit.
    #[error("{setting}: {why}")]
    Setting {
        /// Which one.
        setting: &'static str,
        /// What is wrong with it.
        why: String,
    },
}

impl EgressError {
    /// The cause in one stable word: `denied`, `unreachable`, `timed_out`, `too_large`,
    /// `http_status`, `wrong_type`.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self.failure {
            EgressFailure::Denied(_) => "denied",
            EgressFailure::Unreachable { .. } => "unreachable",
            EgressFailure::TimedOut => "timed_out",
            EgressFailure::TooLarge { .. } => "too_large",
            EgressFailure::HttpStatus(_) => "http_status",
            EgressFailure::WrongType => "wrong_type",
        }
    }

    /// The cause.
    #[must_use]
    pub fn failure(&self) -> &EgressFailure {
        &self.failure
    }

    /// The server, `host` or `host:port`.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    pub(super) fn of(url: &Url, failure: EgressFailure) -> Self {
        let host = url.host_str().unwrap_or_default();
        let server = match url.port() {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Self { server, failure }
    }

    pub(super) fn denied(url: &Url, denial: Denial) -> Self {
        Self::of(url, EgressFailure::Denied(denial))
    }

    /// An address of which not even the server can be told.
    pub(super) fn unreadable() -> Self {
        Self {
            server: "no server".to_owned(),
            failure: EgressFailure::Denied(Denial::NoAddress),
        }
    }
}

impl fmt::Display for Denial {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoAddress => formatter.write_str("it is no address of http or https"),
            Self::HoldsLogin => formatter.write_str("the address holds a login"),
            Self::NotAllowed => formatter.write_str(
                "neither the settings nor a configured authority's certificates name it",
            ),
            Self::Private(address) => write!(
                formatter,
                "it leads to {address}, which is not on the internet and not in egress.allow_private"
            ),
        }
    }
}
