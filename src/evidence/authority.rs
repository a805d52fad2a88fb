//! Time-stamping authorities, and which of them did not do their work lately.

use std::sync::{Mutex, PoisonError};

use time::{Duration, OffsetDateTime};

use crate::egress::Tsa;
use crate::pades::TrustAnchors;

/// A time-stamping authority that may be asked.
#[derive(Clone, Debug)]
pub struct Authority {
    /// Its address and how it is asked.
    pub tsa: Tsa,
    /// By whom its certificate must be vouched for; where nobody is named, none of its time-stamps
    /// is taken.
    pub anchors: TrustAnchors,
}

/// Those who are asked. One that is down makes each file of a batch wait for nothing, so whoever
/// failed is asked last for a minute.
#[derive(Debug)]
pub(super) struct Authorities(Vec<Asked>);

/// One of them.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) authority: Authority,
    failed_at: Mutex<Option<OffsetDateTime>>,
}

impl Authorities {
    pub(super) fn new(authorities: Vec<Authority>) -> Self {
        let asked = |authority| Asked {
            authority,
            failed_at: Mutex::default(),
        };
        Self(authorities.into_iter().map(asked).collect())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them in the order in which they are asked now: that of the settings, but those that
    /// failed lately behind the others.
    pub(super) fn in_turn(&self, now: OffsetDateTime) -> impl Iterator<Item = &Asked> {
        let (failing, well): (Vec<_>, Vec<_>) =
            self.0.iter().partition(|asked| asked.failed_lately(now));
        well.into_iter().chain(failing)
    }
}

impl Asked {
    /// Remembers how it did.
    pub(super) fn note(&self, failed_at: Option<OffsetDateTime>) {
        *self
            .failed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner) = failed_at;
    }

    fn failed_lately(&self, now: OffsetDateTime) -> bool {
        let failed_at = *self
            .failed_at
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        failed_at.is_some_and(|at| (now - at).abs() < REMEMBERED)
    }
}

/// How long a failure is remembered.
const REMEMBERED: Duration = Duration::minutes(1);
