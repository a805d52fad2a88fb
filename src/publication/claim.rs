//! The claim of an idempotency key: one request at a time, and what became of it. A claim is the
//! living request's; one that its process left behind is free again after `sealing.lease_s`.

use std::future;

use time::{Duration, OffsetDateTime};

use super::{Publication, PublicationError, failpoint};
use crate::database::{Claim, Claimed, DatabaseError};
use crate::model::ResultId;

/// How long an idempotency key is remembered; the contract says at least 24 hours.
const REMEMBERED: Duration = Duration::hours(48);

/// Claims the key; the result of the same request, if there was one.
pub(super) async fn claimed(
    flow: &Publication,
    claim: &Claim,
) -> Result<Option<ResultId>, PublicationError> {
    let now = flow.clock.now();
    let mut tx = flow.db.begin().await?;
    let claimed = tx
        .claim(claim, now, now - REMEMBERED, abandoned(flow, now))
        .await?;
    tx.commit().await?;
    failpoint::at("claimed");
    match claimed {
        Claimed::New => Ok(None),
        Claimed::Done(result) => Ok(Some(result)),
        Claimed::InFlight => Err(PublicationError::IdempotencyInFlight),
        Claimed::Conflict => Err(PublicationError::IdempotencyConflict),
    }
}

/// Does the work of a claimed request, and says all the while that it lives.
pub(super) async fn held<T>(flow: &Publication, claim: &Claim, work: impl Future<Output = T>) -> T {
    let renewing = async {
        keep_alive(flow, claim).await;
        future::pending().await
    };
    tokio::select! {
        outcome = work => outcome,
        never = renewing => never,
    }
}

/// Renews a claim until it is another's. One that is lost saves no double work any more; that a
/// dossier has one result, its row guards.
async fn keep_alive(flow: &Publication, claim: &Claim) {
    loop {
        tokio::time::sleep(flow.settings.lease / 3).await;
        match renew(flow, claim).await {
            Ok(true) => {}
            Ok(false) => return tracing::warn!("a claim was lost to the same request, sent again"),
            // The next beat tries again.
            Err(error) => tracing::warn!(%error, "a claim was not renewed"),
        }
    }
}

/// Forgets the keys that no longer count.
pub(super) async fn sweep(flow: &Publication) -> Result<(), DatabaseError> {
    let now = flow.clock.now();
    flow.db
        .sweep_claims(now - REMEMBERED, abandoned(flow, now))
        .await
}

async fn renew(flow: &Publication, claim: &Claim) -> Result<bool, DatabaseError> {
    let mut tx = flow.db.begin().await?;
    let is_own = tx.renew_claim(claim, flow.clock.now()).await?;
    tx.commit().await?;
    Ok(is_own)
}

/// What was last seen alive before that was left by a crash.
fn abandoned(flow: &Publication, now: OffsetDateTime) -> OffsetDateTime {
    now - flow.settings.lease
}

/// Refusals are not remembered. Where even this fails, the claim is abandoned and runs out.
pub(super) async fn drop_claim(flow: &Publication, claim: &Claim) {
    let dropped = async {
        let mut tx = flow.db.begin().await?;
        tx.drop_claim(claim).await?;
        tx.commit().await
    };
    if let Err(error) = dropped.await {
        tracing::warn!(%error, "a claim was not given back");
    }
}
