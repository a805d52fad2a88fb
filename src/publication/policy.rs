//! How far an identity's seals shall be provable, and what happens where nobody tells whether its
//! certificate is revoked.

use crate::database::IdentityRow;
use crate::pades::Level;

/// What an identity's seals shall be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealPolicy {
    /// The level to reach, at once or later.
    pub level: Level,
    /// With less than this no result goes out.
    pub level_min: Level,
    /// Where nobody tells about revocation.
    pub unknown: UnknownRevocation,
}

/// What happens to a result where nobody tells whether the certificate is revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnknownRevocation {
    /// It is sealed, and the record says so.
    Warn,
    /// It waits for word, and is held when none comes.
    Hold,
}

impl UnknownRevocation {
    /// The word for it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Warn => "warn",
            Self::Hold => "hold",
        }
    }

    /// The policy of that word.
    #[must_use]
    pub fn of(word: &str) -> Option<Self> {
        [Self::Warn, Self::Hold]
            .into_iter()
            .find(|policy| policy.as_str() == word)
    }
}

impl SealPolicy {
    /// Reads an identity's row; nothing where its words are not ours.
    pub(super) fn of(row: &IdentityRow) -> Option<Self> {
        Some(Self {
            level: Level::of(&row.level)?,
            level_min: Level::of(&row.level_min)?,
            unknown: UnknownRevocation::of(&row.revocation)?,
        })
    }
}
