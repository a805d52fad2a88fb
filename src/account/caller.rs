//! Who calls, and what they may.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use crate::database::Actor;
use crate::model::{AgencyId, ApiKeyId, OfficerId};

/// A word that names no role or scope.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("unknown role or scope")]
pub struct UnknownRole;

macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// The word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Every word.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownRole;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)+ _ => Err(UnknownRole) }
            }
        }
    };
}

/// What an officer is in the agency.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// *Văn thư*: seals.
    Clerk,
    /// Uploads results.
    Publisher,
    /// Sees the figures.
    Head,
    /// Sees the record of acts.
    Auditor,
    /// Adds officers, keys, portals; switches what an agency may.
    Administrator,
}

words!(Role {
    Clerk = "clerk",
    Publisher = "publisher",
    Head = "head",
    Auditor = "auditor",
    Administrator = "administrator",
});

/// What a program's key may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Hand in results.
    Publish,
    /// See results and have their files.
    Read,
    /// Approve for sealing; given by an administrator's act alone.
    Approve,
    /// Withdraw, replace, give a new link.
    Withdraw,
    /// Feed dossiers.
    Dossiers,
}

words!(Scope {
    Publish = "publish",
    Read = "read",
    Approve = "approve",
    Withdraw = "withdraw",
    Dossiers = "dossiers",
});

/// An officer in a session.
#[derive(Clone, Debug)]
pub struct Officer {
    /// Their id.
    pub id: OfficerId,
    /// Their agency.
    pub agency: AgencyId,
    /// Their own name.
    pub name: String,
    /// Their roles.
    pub roles: Vec<Role>,
    /// SHA-256 of the session's secret.
    pub session_sha256: [u8; 32],
}

/// A program with its key.
#[derive(Clone, Debug)]
pub struct Key {
    /// The key's public half.
    pub id: ApiKeyId,
    /// Whose it is.
    pub agency: AgencyId,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

/// Somebody who is known.
#[derive(Clone, Debug)]
pub enum Caller {
    /// An officer.
    Officer(Officer),
    /// A program.
    Key(Key),
}

impl Caller {
    /// The caller as the record names it.
    #[must_use]
    pub fn actor(&self) -> Actor {
        match self {
            Self::Officer(officer) => Actor::Officer(officer.id),
            Self::Key(key) => Actor::Key(key.id),
        }
    }

    /// The agency on whose behalf it acts, and beyond whose results it sees nothing.
    #[must_use]
    pub fn agency(&self) -> AgencyId {
        match self {
            Self::Officer(officer) => officer.agency,
            Self::Key(key) => key.agency,
        }
    }

    /// Whether it may do that.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        match self {
            Self::Officer(officer) => officer.may(scope),
            Self::Key(key) => key.scopes.contains(&scope),
        }
    }
}

impl Officer {
    /// Whether one of the roles brings it.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        let has = |role| self.roles.contains(&role);
        match scope {
            Scope::Read => !self.roles.is_empty(),
            Scope::Publish => has(Role::Publisher),
            Scope::Approve => has(Role::Clerk),
            Scope::Withdraw => has(Role::Clerk) || has(Role::Administrator),
            Scope::Dossiers => has(Role::Administrator),
        }
    }
}
