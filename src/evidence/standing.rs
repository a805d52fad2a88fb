//! Whether a chain may be relied on now: asked before a key is used, as the law wants it.

use time::OffsetDateTime;

use super::{Evidence, EvidenceError};
use crate::pades::{Addresses, RevocationAnswer, RevocationStatus};

/// What is known about a chain's certificates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// None is revoked.
    Good,
    /// One is.
    Revoked {
        /// From when on.
        at: OffsetDateTime,
    },
    /// About one at least nothing is known.
    Unknown(EvidenceError),
}

/// What is known about a chain, and by which answers.
#[derive(Clone, Debug)]
pub struct ChainStanding {
    /// The word.
    pub standing: Standing,
    /// The answers.
    pub answers: Vec<RevocationAnswer>,
}

impl Standing {
    /// The word for it in records.
    #[must_use]
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Revoked { .. } => "revoked",
            Self::Unknown(_) => "unknown",
        }
    }
}

/// Why nobody can tell whether a chain's first certificate is revoked, whoever is asked.
#[must_use]
pub fn unanswerable(chain: &[Vec<u8>]) -> Option<EvidenceError> {
    let certificate = chain.first().map_or(&[][..], Vec::as_slice);
    if Addresses::of(certificate).is_empty() {
        Some(EvidenceError::NoAddress)
    } else {
        (chain.len() < 2).then_some(EvidenceError::NoIssuer)
    }
}

impl Evidence {
    /// Asks about every certificate of a chain (DER, the signer's first) but the topmost.
    pub async fn standing(&self, chain: &[Vec<u8>]) -> ChainStanding {
        let mut found = ChainStanding {
            standing: Standing::Good,
            answers: Vec::new(),
        };
        if let Some(why) = unanswerable(chain) {
            found.standing = Standing::Unknown(why);
        }
        for (certificate, issuer) in chain.iter().zip(chain.iter().skip(1)) {
            match self.revocation(certificate, issuer).await {
                Ok(answer) => {
                    let status = answer.status;
                    found.answers.push(answer);
                    if let RevocationStatus::Revoked { at, .. } = status {
                        found.standing = Standing::Revoked { at };
                        return found;
                    }
                }
                Err(error) => found.standing = Standing::Unknown(error),
            }
        }
        found
    }
}
