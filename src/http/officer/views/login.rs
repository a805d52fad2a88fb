//! The page where a session begins.

use askama::Template;

use crate::http::page::Page;

/// The login.
#[derive(Template)]
#[template(path = "officer/login.html")]
pub(crate) struct LoginPage {
    /// The frame.
    pub(crate) page: Page,
    /// The name that was typed.
    pub(crate) login: String,
    /// Why nobody is let in.
    pub(crate) problem: Option<LoginProblem>,
}

/// Why a login fails.
#[derive(Clone, Copy, Debug)]
pub(crate) enum LoginProblem {
    /// Name and password do not go together; which of the two is not told.
    Wrong,
    /// Too many tries.
    Throttled {
        /// When to try again.
        minutes: u64,
    },
    /// The session ran out before the form was sent.
    Ended,
    /// The service cannot answer now.
    Unavailable,
}

impl LoginProblem {
    /// Its stable code.
    pub(crate) fn code(self) -> &'static str {
        match self {
            Self::Wrong => "login_wrong",
            Self::Throttled { .. } => "too_many_requests",
            Self::Ended => "unauthenticated",
            Self::Unavailable => "unavailable",
        }
    }
}
