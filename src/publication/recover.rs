//! The sweep: whatever a crash left is finished or cleared by any instance.

use futures_util::StreamExt as _;
use time::{Duration, OffsetDateTime};

use super::{Publication, PublicationError, claim};
use crate::model::ObjectKey;

/// How many results one sweep takes up; the next one goes on.
const RESULTS_MAX: u32 = 200;
/// How many of them at once: sealing itself has fewer places.
const AT_ONCE: usize = 8;
/// How many abandoned objects are asked for at once.
const UPLOADS_MAX: u32 = 200;
/// What is younger may belong to a request under way.
const ORPHAN_AGE: Duration = Duration::hours(24);

/// Goes on with every result that is due and that nobody works on; how many there were.
pub(super) async fn recover(flow: &Publication) -> Result<usize, PublicationError> {
    claim::sweep(flow).await?;
    let due = flow.db.due_results(flow.clock.now(), RESULTS_MAX).await?;
    let count = due.len();
    futures_util::stream::iter(due)
        .for_each_concurrent(AT_ONCE, |id| async move {
            flow.start(id).await.ok();
        })
        .await;
    Ok(count)
}

/// Removes received objects whose writing was begun a day ago and that no row names: each was left by
/// a crash before its commit, and nobody was told that it was received. What this database does not
/// know of is never removed, nor is a sealed object. Also clears the spool of what died with its
/// process. Says how many objects went.
pub(super) async fn clean(flow: &Publication) -> Result<u64, PublicationError> {
    let before = flow.clock.now() - ORPHAN_AGE;
    clean_spool(flow, before).await;
    flow.archive.clear_abandoned(before).await?;
    let mut removed = 0;
    loop {
        let abandoned = flow.db.abandoned_uploads(before, UPLOADS_MAX).await?;
        for key in &abandoned {
            remove_upload(flow, key).await?;
            tracing::info!(object = %key, "an object that no result names was removed");
            removed += 1;
        }
        if abandoned.is_empty() {
            return Ok(removed);
        }
    }
}

/// Removes a received object that no row names, then what says that it was begun.
pub(super) async fn remove_upload(
    flow: &Publication,
    key: &ObjectKey,
) -> Result<(), PublicationError> {
    flow.archive.delete(key).await?;
    let mut tx = flow.db.begin().await?;
    tx.end_upload(key).await?;
    Ok(tx.commit().await?)
}

/// Uploads and half-sealed files of a process that died. Errors wait for the next time.
async fn clean_spool(flow: &Publication, before: OffsetDateTime) {
    let Ok(mut entries) = tokio::fs::read_dir(&flow.settings.spool).await else {
        return;
    };
    while let Ok(Some(entry)) = entries.next_entry().await {
        let Ok(metadata) = entry.metadata().await else {
            continue;
        };
        let is_old = metadata
            .modified()
            .is_ok_and(|at| OffsetDateTime::from(at) < before);
        if is_old && metadata.is_dir() {
            tokio::fs::remove_dir_all(entry.path()).await.ok();
        } else if is_old {
            tokio::fs::remove_file(entry.path()).await.ok();
        }
    }
}
