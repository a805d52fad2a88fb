//! Whether a peer that is no proxy of ours speaks for others: then either somebody tries it on, or
//! a proxy is missing in the configuration and all citizens share one address.

use std::sync::atomic::{AtomicI64, Ordering};

use time::{Duration, OffsetDateTime};

use crate::database::{Database, DatabaseError};

/// The fact by which `doctor` learns what a running service saw.
const FACT: &str = "unknown_proxy_seen";
/// It is said once in so long: the peer may send thousands of requests.
const EVERY: Duration = Duration::minutes(10);

/// What was seen by this process.
#[derive(Debug, Default)]
pub(super) struct ProxyWatch {
    /// Seconds since 1970, of the last time that it was said.
    said_at: AtomicI64,
}

impl ProxyWatch {
    /// Says it in the log and keeps it for `doctor`, unless that was done a short while ago.
    pub(super) async fn seen(&self, db: &Database, now: OffsetDateTime) {
        let seconds = now.unix_timestamp();
        let said_at = self.said_at.load(Ordering::Relaxed);
        let is_due = (seconds - said_at).abs() >= EVERY.whole_seconds();
        let is_mine =
            self.said_at
                .compare_exchange(said_at, seconds, Ordering::Relaxed, Ordering::Relaxed);
        if !is_due || is_mine.is_err() {
            return;
        }
        tracing::error!("X-Forwarded-For came from a peer that is not in proxies.trusted");
        if let Err(error) = keep(db, seconds).await {
            tracing::warn!(%error, "an unknown proxy was not noted");
        }
    }
}

/// When one was last seen.
pub(super) async fn last(db: &Database) -> Result<Option<OffsetDateTime>, DatabaseError> {
    let seconds = db.installation(FACT).await?;
    Ok(seconds
        .and_then(|seconds| seconds.parse().ok())
        .and_then(|seconds| OffsetDateTime::from_unix_timestamp(seconds).ok()))
}

async fn keep(db: &Database, seconds: i64) -> Result<(), DatabaseError> {
    let mut tx = db.begin().await?;
    tx.set_installation(FACT, &seconds.to_string()).await?;
    tx.commit().await
}
