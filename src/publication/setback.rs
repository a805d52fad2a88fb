//! What becomes of a result whose attempt failed: another try after a pause, or a person must look.

use std::io;
use std::time::Duration;

use serde_json::json;

use super::Publication;
use super::work::Work;
use crate::archive::ArchiveError;
use crate::database::DatabaseError;
use crate::model::ResultState;
use crate::telemetry;

/// The stable code of a result whose every attempt failed.
pub(super) const TRIES_SPENT: &str = "tries_spent";
/// The child's deaths over one result's files that hold it.
const DEATHS_MAX: u32 = 2;
/// The pause after the first failed attempt; it doubles with each …
const PAUSE: Duration = Duration::from_secs(5);
/// … up to this.
const PAUSE_MAX: Duration = Duration::from_mins(10);

/// Why an attempt ended early.
#[derive(Debug)]
pub(super) enum Setback {
    /// Another try cannot help: a person must act. Stable code and sentence.
    Held(&'static str, String),
    /// The child died over a file.
    ChildDied(String),
    /// Disk, network, archive, database or key did not answer; another try may go well.
    Later(String),
    /// Others did not answer whose word the policy waits for: the stable code of what is missing,
    /// and the sentence. Another try may go well; when the tries are spent, a person must know
    /// what they were spent on.
    Awaiting(&'static str, String),
    /// Somebody else has the result, or decided about it.
    Lost,
}

impl Setback {
    pub(super) fn held(code: &'static str, sentence: impl Into<String>) -> Self {
        Self::Held(code, sentence.into())
    }
}

impl From<DatabaseError> for Setback {
    fn from(error: DatabaseError) -> Self {
        Self::Later(error.to_string())
    }
}

impl From<ArchiveError> for Setback {
    /// A stored object that is gone or another is for a person to look into; everything else may
    /// pass.
    fn from(error: ArchiveError) -> Self {
        match error {
            ArchiveError::Corrupt(_) | ArchiveError::NotFound => {
                Self::held("object_lost", error.to_string())
            }
            error => Self::Later(error.to_string()),
        }
    }
}

impl From<io::Error> for Setback {
    fn from(error: io::Error) -> Self {
        Self::Later(error.to_string())
    }
}

/// Deals with a setback. Where even this fails, the lease runs out and a sweep tries again.
pub(super) async fn deal_with(flow: &Publication, work: &mut Work, setback: Setback) {
    let id = work.row.id;
    let dealt = match setback {
        Setback::Lost => Ok(()),
        Setback::Held(code, sentence) => hold(flow, work, code, &sentence).await,
        Setback::ChildDied(why) => bury(flow, work, &why).await,
        Setback::Later(why) => put_off(flow, work, TRIES_SPENT, &why).await,
        Setback::Awaiting(code, why) => put_off(flow, work, code, &why).await,
    };
    match dealt {
        Ok(()) | Err(Setback::Lost) => {}
        Err(error) => tracing::error!(result = %id, ?error, "a setback was not recorded"),
    }
}

async fn hold(
    flow: &Publication,
    work: &mut Work,
    code: &'static str,
    sentence: &str,
) -> Result<(), Setback> {
    tracing::warn!(result = %work.row.id, agency = %work.row.agency, code, "a result is held");
    metrics::counter!(telemetry::RESULTS_HELD, "reason" => code).increment(1);
    let detail = json!({ "code": code });
    work.step(flow, ResultState::Held, Some((code, sentence)), detail)
        .await
}

/// Counts a death; the second holds the result.
async fn bury(flow: &Publication, work: &mut Work, why: &str) -> Result<(), Setback> {
    let mut tx = flow.db.begin().await?;
    work.check(&mut tx).await?;
    let deaths = tx.count_death(work.row.id).await?;
    tx.commit().await?;
    if deaths >= DEATHS_MAX {
        hold(
            flow,
            work,
            "child_died",
            "reading the file broke the reading process twice",
        )
        .await
    } else {
        put_off(flow, work, TRIES_SPENT, why).await
    }
}

/// Another try after a pause; when the tries are spent, it is held by this code.
async fn put_off(
    flow: &Publication,
    work: &mut Work,
    code: &'static str,
    why: &str,
) -> Result<(), Setback> {
    tracing::warn!(result = %work.row.id, code, error = why, "an attempt failed");
    if work.row.attempts >= flow.settings.attempts_max {
        return hold(flow, work, code, why).await;
    }
    let doublings = work.row.attempts.saturating_sub(1).min(16);
    let pause = PAUSE.saturating_mul(1 << doublings).min(PAUSE_MAX);
    let awaits = (code != TRIES_SPENT).then_some(code);
    Ok(work.pause(flow, pause, awaits).await?)
}
