//! What can be done with a result besides sealing it.

use askama::Template;

use super::{FormProblem, IdentityFacts, MarkFacts, form_token, is_wrong};
use crate::account::{Caller, Scope};
use crate::http::page::Page;
use crate::model::ResultState;

/// What can be done with a result besides sealing it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Act {
    /// Give it back to who sent it.
    Return,
    /// Take it from who could have it.
    Withdraw,
    /// Give it another link.
    Relink,
    /// Try again to seal it.
    Retry,
}

impl Act {
    /// All of them, in the order in which they are offered.
    pub(crate) const ALL: [Self; 4] = [Self::Retry, Self::Relink, Self::Return, Self::Withdraw];

    /// Its word: the last part of its address, and its member of the family `act`.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Return => "return",
            Self::Withdraw => "withdraw",
            Self::Relink => "relink",
            Self::Retry => "retry",
        }
    }

    /// The act of a word.
    pub(crate) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|act| act.as_str() == word)
    }

    /// Whether a state allows it.
    pub(crate) fn is_open_in(self, state: ResultState) -> bool {
        match self {
            Self::Return => state == ResultState::Received,
            Self::Withdraw => state.may_become(ResultState::Withdrawn),
            Self::Relink => state == ResultState::Released,
            Self::Retry => state == ResultState::Held,
        }
    }

    /// Whether somebody may do it.
    pub(crate) fn is_open_to(self, caller: &Caller) -> bool {
        caller.may(match self {
            Self::Return | Self::Retry => Scope::Approve,
            Self::Withdraw | Self::Relink => Scope::Withdraw,
        })
    }

    /// Whether the record wants a reason.
    pub(crate) fn needs_reason(self) -> bool {
        matches!(self, Self::Return | Self::Withdraw)
    }

    /// Whether it cannot be undone.
    fn is_grave(self) -> bool {
        matches!(self, Self::Withdraw)
    }

    fn reason_hint(self) -> &'static str {
        match self {
            Self::Withdraw => "act-withdraw-hint",
            _ => "act-return-hint",
        }
    }

    fn button(self) -> &'static str {
        match self {
            Self::Return => "act-return-button",
            Self::Withdraw => "act-withdraw-button",
            Self::Relink => "act-relink-button",
            Self::Retry => "act-retry-button",
        }
    }

    fn consequences(self) -> &'static [&'static str] {
        match self {
            Self::Return => &["act-return-first", "act-return-second"],
            Self::Withdraw => &[
                "act-withdraw-first",
                "act-withdraw-second",
                "act-withdraw-third",
            ],
            Self::Relink => &["act-relink-first", "act-relink-second"],
            Self::Retry => &["act-retry-first", "act-retry-second"],
        }
    }
}

/// With what a result would be sealed now: whoever has it sealed again approves that.
pub(crate) struct SealingFacts {
    /// The certificate.
    pub(crate) identity: Option<IdentityFacts>,
    /// How the seal will show.
    pub(crate) mark: MarkFacts,
    /// The digest over that and all else that is approved.
    pub(crate) manifest: String,
}

/// One act, its consequence in words before it is done.
#[derive(Template)]
#[template(path = "officer/act.html")]
pub(crate) struct ActPage {
    /// The frame.
    pub(crate) page: Page,
    /// What is to be done.
    pub(crate) act: Act,
    /// The result.
    pub(crate) id: String,
    /// What it is.
    pub(crate) title: String,
    /// The dossier code.
    pub(crate) code: String,
    /// With what it would be sealed now, where it would be.
    pub(crate) sealing: Option<SealingFacts>,
    /// The reason that was typed.
    pub(crate) reason: String,
    /// Why it was not done.
    pub(crate) problem: Option<FormProblem>,
}

impl ActPage {
    fn is_wrong(&self, field: &str) -> bool {
        is_wrong(self.problem.as_ref(), field)
    }

    fn form_token(&self) -> &str {
        form_token(&self.page)
    }
}
