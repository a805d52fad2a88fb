//! The clerk's decisions: approve what was shown, give it back, try a held one again.

use serde_json::json;
use time::OffsetDateTime;

use super::act::Act;
use super::view::Shown;
use super::{Publication, PublicationError, ResultView, failpoint};
use crate::account::{Caller, Scope};
use crate::model::{ResultId, ResultState, Sha256Digest};

/// `received` → `approved`: `manifest` is the digest of what the caller was shown, and its warnings
/// are part of it, so that sending it confirms them.
pub(super) async fn approve(
    flow: &Publication,
    caller: &Caller,
    id: ResultId,
    manifest: Sha256Digest,
    now: OffsetDateTime,
) -> Result<ResultView, PublicationError> {
    let act = Act::begin(flow, caller, Scope::Approve, id, now).await?;
    if act.row.state != ResultState::Received {
        return Err(PublicationError::StateConflict);
    }
    let shown = flow.shown(&act.row).await?;
    if shown.manifest != manifest {
        return Err(PublicationError::ManifestChanged);
    }
    check_mark(&shown)?;
    let warnings: Vec<&str> = shown
        .warnings
        .iter()
        .map(|warning| warning.as_str())
        .collect();
    let detail = json!({ "manifest": manifest, "warnings": warnings, "mark": shown.mark.bound() });
    act.approve(flow, "approved", &shown, detail).await?;
    failpoint::at("approved");
    flow.advance_and_wait(id).await;
    flow.seen(caller, id).await
}

/// `held` → `approved`, the one step back. The approval is bound anew to what stands there now: the
/// files are those that were approved; what may have changed is the identity and the mark, and that is
/// in the record. A person is shown both, and `seen` is the digest of that; a program may leave it out.
pub(super) async fn retry(
    flow: &Publication,
    caller: &Caller,
    id: ResultId,
    seen: Option<Sha256Digest>,
    now: OffsetDateTime,
) -> Result<ResultView, PublicationError> {
    let act = Act::begin(flow, caller, Scope::Approve, id, now).await?;
    if act.row.state != ResultState::Held {
        return Err(PublicationError::StateConflict);
    }
    let shown = flow.shown(&act.row).await?;
    if seen.is_some_and(|seen| seen != shown.manifest) {
        return Err(PublicationError::ManifestChanged);
    }
    check_mark(&shown)?;
    let (mark, held_for) = (shown.mark.bound(), &act.row.reason_code);
    let detail = json!({ "manifest": shown.manifest, "mark": mark, "held_for": held_for });
    act.approve(flow, "retried", &shown, detail).await?;
    flow.advance_and_wait(id).await;
    flow.seen(caller, id).await
}

/// A mark whose template or image is gone cannot be approved, however well it is known.
fn check_mark(shown: &Shown) -> Result<(), PublicationError> {
    let missing = shown.mark.look().missing();
    missing.map_or(Ok(()), |missing| {
        Err(PublicationError::MarkMissing(missing))
    })
}

/// `received` → `returned`, with the reason for whoever handed it in.
pub(super) async fn return_(
    flow: &Publication,
    caller: &Caller,
    id: ResultId,
    reason: &str,
    now: OffsetDateTime,
) -> Result<ResultView, PublicationError> {
    let act = Act::begin(flow, caller, Scope::Approve, id, now).await?;
    act.end(flow, ResultState::Returned, reason).await?;
    flow.seen(caller, id).await
}
