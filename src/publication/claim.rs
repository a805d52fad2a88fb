//! The claim of an idempotency key: one request at a time, and what became of it.

use time::{Duration, OffsetDateTime};

use super::{Publication, PublicationError, failpoint};
use crate::database::{Claim, Claimed};
use crate::model::ResultId;

/// How long an idempotency key is remembered; the contract says at least 24 hours.
pub(super) const REMEMBERED: Duration = Duration::hours(48);
/// A claim without an outcome is a crash's after so long: no request takes a tenth of it.
pub(super) const ABANDONED: Duration = Duration::minutes(10);

/// Claims the key; the result of the same request, if there was one.
pub(super) async fn claimed(
    flow: &Publication,
    claim: &Claim,
    now: OffsetDateTime,
) -> Result<Option<ResultId>, PublicationError> {
    let mut tx = flow.db.begin().await?;
    let claimed = tx
        .claim(claim, now, now - REMEMBERED, now - ABANDONED)
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
