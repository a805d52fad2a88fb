//! Raising and renewing what is stored: files that went out at a lower level because somebody did
//! not answer, and archive time-stamps before their authority's certificates end. A raised file is
//! a further revision of the stored one; the former stays in the archive.

use std::sync::Arc;
use std::time::Duration;

use futures_util::StreamExt as _;
use serde_json::json;
use time::OffsetDateTime;

use super::{Publication, PublicationError, failpoint};
use crate::archive::ArchiveError;
use crate::database::{
    Actor, AuditEntry, RaiseRow, ReadReason, ResultRow, RevisionRow, StoredObject,
};
use crate::evidence::EvidenceError;
use crate::model::{ObjectKey, ResultId, ResultState};
use crate::pades::{Level, Refusal, Scheme, TrustAnchors};
use crate::sealing::{RaiseOrder, RaisedPdf, SealingError};

/// What one sweep did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RaiseOutcome {
    /// How many results were due.
    pub due: usize,
    /// Those of which a file is not at the level that was asked for, but for files given up before.
    pub short: Vec<FellShort>,
}

/// A result that is not where it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FellShort {
    /// Which one.
    pub result: ResultId,
    /// Why, by a stable code.
    pub code: &'static str,
    /// More about it, in English, for those who look for the cause.
    pub detail: String,
}

/// When a file must be looked at again: at once if its level fell short, in time before its archive
/// time-stamp ends if it has one, whatever level was wanted; never otherwise or if it was given up.
pub(super) fn due(
    wanted: Level,
    revision: &RevisionRow,
    now: OffsetDateTime,
) -> Option<OffsetDateTime> {
    if is_short(wanted, revision) {
        return Some(now + FIRST_PAUSE);
    }
    let renewal = renewal(revision).filter(|_| revision.given_up.is_none())?;
    Some(renewal.max(now))
}

/// When the archive time-stamp of a file is to be renewed. An authority whose own certificate ends
/// soon is asked each time that half of what was left is over, not at every sweep.
fn renewal(revision: &RevisionRow) -> Option<OffsetDateTime> {
    let renew_by = revision.renew_by?;
    let half: time::Duration = (renew_by - revision.created_at) / 2;
    let earliest = revision
        .created_at
        .saturating_add(half.max(time::Duration::DAY));
    Some(renew_by.saturating_sub(RENEWED_AHEAD).max(earliest))
}

/// Takes up what is due.
pub(super) async fn raise_due(flow: &Publication) -> Result<RaiseOutcome, PublicationError> {
    // First of all: a row that is taken in vain waits for half an hour.
    let anchors = flow.identities.anchors().await.map_err(|error| {
        tracing::error!(%error, "nothing can be raised");
        PublicationError::Unavailable("the identities")
    })?;
    let anchors = Arc::new(anchors);
    let now = flow.clock.now();
    let mut tx = flow.db.begin().await?;
    let due = tx.take_raises(now, now + TAKEN_FOR, RESULTS_MAX).await?;
    tx.commit().await?;
    let mut outcome = RaiseOutcome {
        due: due.len(),
        short: Vec::new(),
    };
    // What was begun ends whatever becomes of the sweep, as when the service stops.
    let begin = |row: RaiseRow| {
        let (owned, anchors, result) = (flow.clone(), Arc::clone(&anchors), row.result);
        let work = async move { raise_one(&owned, row, &anchors).await };
        let task = flow.tasks.spawn(work);
        async move { (result, task.await) }
    };
    let mut tasks = futures_util::stream::iter(due)
        .map(begin)
        .buffer_unordered(AT_ONCE);
    while let Some((result, ended)) = tasks.next().await {
        let short = ended.unwrap_or_else(|broken| Some(Cause::unavailable(broken)));
        outcome.short.extend(short.map(|why| FellShort {
            result,
            code: why.code,
            detail: why.detail,
        }));
    }
    Ok(outcome)
}

/// Why a file is not where it should be yet.
enum Short {
    /// Somebody may answer later.
    Later(Cause),
    /// Nobody will, whatever the file.
    Never(&'static str),
    /// Nothing more can be appended to this revision of the file.
    Unfit { revision: u32, code: &'static str },
}

/// What keeps a file from its level.
struct Cause {
    code: &'static str,
    detail: String,
}

impl Cause {
    fn of(code: &'static str) -> Self {
        let detail = String::new();
        Self { code, detail }
    }

    fn unavailable(error: impl std::fmt::Display) -> Self {
        let detail = error.to_string();
        Self {
            detail,
            ..Self::of("unavailable")
        }
    }

    /// What the record and the log tell: the code, unless it says nothing.
    fn told(&self) -> &str {
        match self.code {
            "unavailable" => &self.detail,
            code => code,
        }
    }
}

/// What came of the files of one result.
#[derive(Default)]
struct Swept {
    /// The next time that one of them must be looked at, if there is one.
    next: Option<OffsetDateTime>,
    /// Why one of them must be tried again.
    later: Option<Cause>,
    /// Why one of them was given up.
    given_up: Option<&'static str>,
}

/// Raises the files of one result; what keeps one of them from where it should be.
async fn raise_one(flow: &Publication, row: RaiseRow, anchors: &TrustAnchors) -> Option<Cause> {
    let raised = raise_files(flow, &row, anchors).await;
    let (ended, short) = match raised {
        Ok(Swept {
            later: None,
            next,
            given_up,
        }) => {
            let ended = match next {
                Some(next) => plan(flow, &row, next).await,
                None => end(flow, &row, None).await,
            };
            (ended, given_up.map(Cause::of))
        }
        Ok(Swept {
            later: Some(why), ..
        })
        | Err(Short::Later(why)) => {
            let told = why.told();
            tracing::warn!(result = %row.result, why = told, "a level could not be raised yet");
            (put_off(flow, &row, told).await, Some(why))
        }
        Err(Short::Never(code) | Short::Unfit { code, .. }) => {
            tracing::error!(result = %row.result, code, "a level cannot be raised");
            (end(flow, &row, Some(code)).await, Some(Cause::of(code)))
        }
    };
    if let Err(error) = ended {
        // The row is due again when its time is over.
        tracing::error!(%error, result = %row.result, "the outcome of a raise was not recorded");
    }
    short
}

/// Takes up each file that is due. One that falls short keeps no other one from its turn.
async fn raise_files(
    flow: &Publication,
    row: &RaiseRow,
    anchors: &TrustAnchors,
) -> Result<Swept, Short> {
    let mut swept = Swept::default();
    let result = flow.db.result(row.result).await.map_err(later)?;
    let Some(result) = result.filter(|result| !result.state.is_final()) else {
        return Ok(swept);
    };
    if !matches!(result.state, ResultState::Stored | ResultState::Released) {
        // Its files may all be sealed: then nobody plans their raise again.
        return Err(Short::Later(Cause::of("not_stored")));
    }
    let wanted = Level::of(&row.level).ok_or(Short::Never("level_unknown"))?;
    let revisions = flow.db.revisions(row.result).await.map_err(later)?;
    for revision in revisions {
        if revision.given_up.is_some() {
            continue;
        }
        let now = flow.clock.now();
        let is_due = due(wanted, &revision, now).is_some_and(|at| at <= now);
        let raised = if is_due || revision.renew_asked || is_short(wanted, &revision) {
            raise_file(flow, &result, &revision, wanted, anchors).await
        } else {
            Ok(revision.clone())
        };
        match raised {
            Ok(newest) => {
                let again = due(wanted, &newest, flow.clock.now());
                swept.next = swept.next.into_iter().chain(again).min();
            }
            Err(Short::Later(why)) => swept.later = swept.later.or(Some(why)),
            Err(Short::Unfit { revision: of, code }) => {
                swept.given_up = Some(code);
                if let Err(error) = give_up(flow, &result, (revision.n, of), code).await {
                    swept.later = swept.later.or(Some(Cause::unavailable(error)));
                }
            }
            Err(never @ Short::Never(_)) => return Err(never),
        }
    }
    Ok(swept)
}

fn is_short(wanted: Level, revision: &RevisionRow) -> bool {
    let reaches = |level: Level| level.reaches(wanted);
    revision.given_up.is_none() && !Level::of(&revision.level).is_some_and(reaches)
}

async fn raise_file(
    flow: &Publication,
    result: &ResultRow,
    revision: &RevisionRow,
    wanted: Level,
    anchors: &TrustAnchors,
) -> Result<RevisionRow, Short> {
    let folder = tempfile::Builder::new()
        .prefix("raising-")
        .tempdir_in(&flow.settings.spool)
        .map_err(later)?;
    let source = folder.path().join("stored.pdf");
    let reading = entry(flow, result, "file_read", json!({ "n": revision.n }));
    let permit = flow
        .db
        .permit(revision.object.clone(), ReadReason::Renewal, &reading)
        .await
        .map_err(later)?;
    flow.archive
        .fetch_to(&permit, &source)
        .await
        .map_err(later)?;
    failpoint::at("raise_fetched");
    // What has an archive time-stamp keeps one, even where a lower level was wanted.
    let renew = Level::of(&revision.level) == Some(Level::BLta);
    let wanted = if renew { Level::BLta } else { wanted };
    let mut trusted = anchors.clone();
    trusted.extend(flow.sealing.anchors().clone());
    let raised = flow
        .sealing
        .raise(RaiseOrder {
            source: &source,
            expected: Some(revision.object.sha256),
            level: wanted,
            renew,
            anchors: &trusted,
            evidence: &flow.evidence,
            scratch: folder.path(),
        })
        .await
        .map_err(|error| unread(revision.revision, error))?;
    failpoint::at("raised");
    keep(flow, result, revision, wanted, raised).await
}

/// Why a file could not be raised at all: what is refused as it stands always will be.
fn unread(revision: u32, error: SealingError) -> Short {
    match error {
        SealingError::NotSigned => {}
        SealingError::Refused(refusal) if !matches!(refusal, Refusal::Unavailable(_)) => {}
        error => return later(error),
    }
    let code = "file_not_raisable";
    Short::Unfit { revision, code }
}

/// Keeps what was reached, even if it is not all that was wanted.
async fn keep(
    flow: &Publication,
    result: &ResultRow,
    revision: &RevisionRow,
    wanted: Level,
    raised: RaisedPdf,
) -> Result<RevisionRow, Short> {
    let has_grown = raised.has_grown();
    let scheme = revision.scheme.parse().unwrap_or(Scheme::Pss);
    let pdf = raised.into_signed(revision.signed_at, scheme, revision.signer.clone());
    let mut newest = revision.clone();
    if has_grown {
        let key = ObjectKey::sealed(result.id, revision.n, &pdf.sha256());
        match flow.archive.put_result(&key, &pdf).await {
            Ok(()) | Err(ArchiveError::AlreadyExists) => {}
            Err(error) => return Err(later(error)),
        }
        failpoint::at("raise_stored");
        newest = RevisionRow {
            revision: revision.revision + 1,
            object: StoredObject {
                key,
                sha256: pdf.sha256(),
                len: pdf.len(),
            },
            level: pdf.level().as_str().to_owned(),
            created_at: flow.clock.now(),
            renew_by: pdf.renew_by(),
            // A renewal that got half of what it takes is still to be made.
            renew_asked: pdf.level() == Level::BLta && pdf.shortfall().is_some(),
            ..newest
        };
        let detail = json!({
            "n": revision.n, "from": revision.level, "to": newest.level,
            "sha256": newest.object.sha256,
        });
        let mut tx = flow.db.begin().await.map_err(later)?;
        tx.insert_revision(result.id, &newest)
            .await
            .map_err(later)?;
        tx.audit(&entry(flow, result, "level_raised", detail))
            .await
            .map_err(later)?;
        tx.commit().await.map_err(later)?;
        failpoint::at("raise_recorded");
    }
    match pdf.shortfall() {
        None if pdf.level().reaches(wanted) => Ok(newest),
        Some(error @ (EvidenceError::Revoked(_) | EvidenceError::FileUnfit(_))) => {
            let (revision, code) = (newest.revision, error.code());
            Err(Short::Unfit { revision, code })
        }
        Some(error) => Err(Short::Later(Cause {
            code: error.code(),
            detail: error.to_string(),
        })),
        None => Err(Short::Later(Cause::of("level_not_reached"))),
    }
}

async fn plan(
    flow: &Publication,
    row: &RaiseRow,
    next: OffsetDateTime,
) -> Result<(), PublicationError> {
    let mut tx = flow.db.begin().await?;
    tx.plan_raise_again(row, next).await?;
    Ok(tx.commit().await?)
}

async fn put_off(flow: &Publication, row: &RaiseRow, why: &str) -> Result<(), PublicationError> {
    let doublings = row.attempts.saturating_sub(1).min(16);
    let pause = FIRST_PAUSE.saturating_mul(1 << doublings).min(PAUSE_MAX);
    let mut tx = flow.db.begin().await?;
    tx.put_off_raise(row, flow.clock.now() + pause, why).await?;
    Ok(tx.commit().await?)
}

/// Leaves a file at the level that it has: told once, and not tried again.
async fn give_up(
    flow: &Publication,
    result: &ResultRow,
    (n, revision): (u32, u32),
    code: &'static str,
) -> Result<(), PublicationError> {
    let mut tx = flow.db.begin().await?;
    if tx.give_up_raise(result.id, n, revision, code).await? {
        tracing::error!(result = %result.id, n, code, "the level of a file cannot be raised");
        let detail = json!({ "n": n, "code": code });
        tx.audit(&entry(flow, result, "level_not_raised", detail))
            .await?;
    }
    Ok(tx.commit().await?)
}

/// Nothing more is to be done; with a code: because nothing can be.
async fn end(
    flow: &Publication,
    row: &RaiseRow,
    code: Option<&'static str>,
) -> Result<(), PublicationError> {
    let result = flow.db.result(row.result).await?;
    let mut tx = flow.db.begin().await?;
    tx.end_raise(row).await?;
    if let (Some(code), Some(result)) = (code, result) {
        let detail = json!({ "code": code });
        tx.audit(&entry(flow, &result, "level_not_raised", detail))
            .await?;
    }
    Ok(tx.commit().await?)
}

fn entry(
    flow: &Publication,
    result: &ResultRow,
    action: &'static str,
    detail: serde_json::Value,
) -> AuditEntry {
    AuditEntry {
        at: flow.clock.now(),
        agency: Some(result.agency),
        actor: Actor::Service,
        action,
        result: Some(result.id),
        detail,
    }
}

fn later(error: impl std::fmt::Display) -> Short {
    Short::Later(Cause::unavailable(error))
}

/// How many results one sweep takes up.
const RESULTS_MAX: u32 = 20;
/// How many of them at once.
const AT_ONCE: usize = 2;
/// A worker that died leaves its results for so long.
const TAKEN_FOR: Duration = Duration::from_mins(30);
/// The pause after the first attempt that fell short; it doubles with each …
const FIRST_PAUSE: Duration = Duration::from_mins(2);
/// … up to this.
const PAUSE_MAX: Duration = Duration::from_hours(6);
/// An archive time-stamp is renewed so long before its authority's certificates end.
pub const RENEWED_AHEAD: time::Duration = time::Duration::days(90);

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;
    use crate::model::Sha256Digest;

    const STORED: OffsetDateTime = datetime!(2026-11-23 14:05:09 +7);

    fn ends_after(days: i64) -> RevisionRow {
        RevisionRow {
            n: 1,
            revision: 1,
            object: StoredObject {
                key: ObjectKey::sealed(ResultId::from_bytes([0; 16]), 1, &Sha256Digest::of(b"")),
                sha256: Sha256Digest::of(b""),
                len: 0,
            },
            level: "B-LTA".to_owned(),
            scheme: "pss".to_owned(),
            signer: String::new(),
            signed_at: STORED,
            created_at: STORED,
            renew_by: Some(STORED + time::Duration::days(days)),
            renew_asked: false,
            given_up: None,
        }
    }

    #[test]
    fn what_was_renewed_just_now_is_not_due_again_however_soon_its_authority_ends() {
        for (ends, renewed) in [(730, 640), (120, 60), (30, 15), (1, 1), (-5, 1)] {
            let at = renewal(&ends_after(ends)).unwrap();
            assert_eq!(at, STORED + time::Duration::days(renewed), "{ends}");
        }
    }
}
