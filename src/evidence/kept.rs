//! Answers about revocation that need not be asked for again.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};

use crate::pades::{RevocationAnswer, RevocationStatus};

/// Answers by the digest of the certificate that they are about.
#[derive(Debug, Default)]
pub(super) struct Kept {
    answers: Mutex<HashMap<[u8; 32], (OffsetDateTime, RevocationAnswer)>>,
}

impl Kept {
    /// An answer that was asked for lately and still counts.
    pub(super) fn get(&self, certificate: &[u8], now: OffsetDateTime) -> Option<RevocationAnswer> {
        let answers = self.answers();
        let (asked_at, answer) = answers.get(&digest(certificate))?;
        let is_recent = (now - *asked_at).abs() <= KEPT_FOR;
        (is_recent && answer.is_fresh(now)).then(|| answer.clone())
    }

    /// Keeps a good answer; a revocation is asked for again each time.
    pub(super) fn keep(
        &self,
        certificate: &[u8],
        answer: RevocationAnswer,
        now: OffsetDateTime,
    ) -> RevocationAnswer {
        if answer.status == RevocationStatus::Good {
            let mut answers = self.answers();
            answers.retain(|_, (asked_at, _)| (now - *asked_at).abs() <= KEPT_FOR);
            if answers.len() < ANSWERS_MAX {
                answers.insert(digest(certificate), (now, answer.clone()));
            }
        }
        answer
    }

    fn answers(&self) -> MutexGuard<'_, HashMap<[u8; 32], (OffsetDateTime, RevocationAnswer)>> {
        self.answers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn digest(certificate: &[u8]) -> [u8; 32] {
    Sha256::digest(certificate).into()
}

/// A revocation is to be seen within so long.
const KEPT_FOR: Duration = Duration::hours(1);
/// Certificates that an installation signs and time-stamps with, and those above them.
const ANSWERS_MAX: usize = 1000;
