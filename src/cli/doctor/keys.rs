//! How long programs can go on: a key that ends unseen stops the system that hands results in.

use time::{Duration, OffsetDateTime};

use super::{Check, day, end, listed};
use crate::database::{ApiKeyRow, Database};
use crate::publication::Remaining;

/// So long an end is told after it: a program may be silent for days before anybody misses it.
const TOLD_AFTER: Duration = Duration::days(7);

/// Looks at every key in use. An end is no fault: a key may be meant to end.
pub(super) async fn check(db: &Database, now: OffsetDateTime) -> Check {
    let keys = match db.api_keys().await {
        Ok(keys) => keys,
        Err(error) => return Check::of("keys", Some(error.to_string())),
    };
    let in_use = keys.iter().filter(|key| key.disabled_at.is_none());
    let notes: Vec<String> = in_use.filter_map(|key| told(key, now)).collect();
    Check::of("keys", None).noting(listed(&notes))
}

fn told(key: &ApiKeyRow, now: OffsetDateTime) -> Option<String> {
    let (id, at) = (key.id, key.expires_at);
    match Remaining::of(at, now) {
        Remaining::Over if now - at <= TOLD_AFTER => Some(format!("{id}: it ended on {}", day(at))),
        Remaining::Day | Remaining::Week | Remaining::Month => {
            Some(format!("{id}: it ends {}", end(at, now)))
        }
        Remaining::Over | Remaining::Quarter | Remaining::Long => None,
    }
}
