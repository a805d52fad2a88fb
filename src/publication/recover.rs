//! The sweep: whatever a crash left is finished or cleared by any instance.

use futures_util::StreamExt as _;
use time::{Duration, OffsetDateTime};

use super::{Publication, PublicationError, claim};
use crate::archive::Area;
use crate::model::{ObjectKey, ResultId};

/// How many results one sweep takes up; the next one goes on.
const RESULTS_MAX: u32 = 200;
/// How many of them at once: sealing itself has fewer places.
const AT_ONCE: usize = 8;
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

/// Removes received objects that no row names and that are a day old: each was left by a crash
/// before its commit, and nobody was told that it was received. Sealed objects are never removed.
/// Also clears the spool of what died with its process. Says how many objects went.
pub(super) async fn clean(flow: &Publication) -> Result<u64, PublicationError> {
    let before = flow.clock.now() - ORPHAN_AGE;
    clean_spool(flow, before).await;
    flow.archive.clear_abandoned(before).await?;
    let mut removed = 0;
    let mut objects = flow.archive.list(Area::Received);
    while let Some(object) = objects.next().await {
        let object = object?;
        if object.modified < before && !is_known(flow, &object.key).await? {
            flow.archive.delete(&object.key).await?;
            removed += 1;
        }
    }
    Ok(removed)
}

/// What is not named as we name received files is not ours to remove.
async fn is_known(flow: &Publication, key: &ObjectKey) -> Result<bool, PublicationError> {
    let result = key
        .as_str()
        .split('/')
        .nth(1)
        .and_then(|id| id.parse::<ResultId>().ok());
    match result {
        Some(result) => Ok(flow.db.is_received_known(result, key).await?),
        None => Ok(true),
    }
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
