//! Signing: the approval is checked once more, the intent is committed, the key is used.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::error::MISFIT;
use super::identities::ActiveIdentity;
use super::manifest;
use super::mark::{Mark, Picture};
use super::policy::UnknownRevocation;
use super::view::Shown;
use super::work::Work;
use super::{Publication, Setback, failpoint};
use crate::database::{FileRow, IntentOutcome, NewIntent, ReadReason, RevocationAnswerRow};
use crate::evidence::{ChainStanding, EvidenceError, Standing};
use crate::model::{ResultState, in_viet_nam};
use crate::pades::{Appearance, RevocationSource};
use crate::sealing::{LevelOrder, Received, SealOrder, SealingError, SignedPdf};
use crate::secrets::random;
use crate::telemetry;

/// A file that was sealed, on its way into the archive.
pub(super) struct Sealed {
    pub(super) pdf: SignedPdf,
    /// The intent that it ends.
    pub(super) intent: [u8; 16],
}

/// What was approved, as it is used: who seals, and what is drawn.
pub(super) struct Approved {
    pub(super) identity: ActiveIdentity,
    mark: Mark,
}

/// The identity that seals and the mark: it may sign now, and what it would seal is what was
/// approved. That is asked at every attempt; an identity or a template that came after the approval
/// was not approved.
pub(super) async fn approved(
    flow: &Publication,
    work: &Work,
    files: &[FileRow],
) -> Result<Approved, Setback> {
    let active = flow.identities.of(work.row.agency).await.map_err(|error| {
        tracing::error!(%error, "an identity cannot be used");
        if error.may_pass() {
            return Setback::Later("the token does not answer".to_owned());
        }
        unfit("the signing identity cannot be read")
    })?;
    let active = active.ok_or_else(|| unfit("the agency has no signing identity"))?;
    check(&active, flow.clock.now())?;
    let mark = flow.mark_of(&work.row).await;
    let mark = mark.map_err(|error| Setback::Later(error.to_string()))?;
    let shown = Shown::of(&work.row, files, Some(active.clone()), mark);
    if work.row.manifest != shown.manifest {
        return Err(changed());
    }
    Ok(Approved {
        identity: active,
        mark: shown.mark,
    })
}

fn changed() -> Setback {
    Setback::held("manifest_changed", "what was approved has changed")
}

fn check(active: &ActiveIdentity, at: OffsetDateTime) -> Result<(), Setback> {
    active
        .signing
        .check(at)
        .map_err(|why| unfit(&why.to_string()))
}

fn unfit(why: &str) -> Setback {
    Setback::held("identity_unfit", why)
}

/// `approved` → `signing`.
pub(super) async fn begin(
    flow: &Publication,
    work: &mut Work,
    identity: &ActiveIdentity,
) -> Result<(), Setback> {
    let detail = standing(flow, work, identity).await?;
    work.step(flow, ResultState::Signing, None, detail).await?;
    failpoint::at("signing");
    Ok(())
}

/// A further attempt at what was begun: it uses the key again, and days may have passed.
pub(super) async fn go_on(
    flow: &Publication,
    work: &Work,
    identity: &ActiveIdentity,
) -> Result<(), Setback> {
    let detail = standing(flow, work, identity).await?;
    let mut tx = flow.db.begin().await?;
    work.check(&mut tx).await?;
    tx.audit(&work.entry(flow, "revocation_asked", detail))
        .await?;
    Ok(tx.commit().await?)
}

/// The law wants to know before a key is used that its certificate is not revoked
/// (Thông tư 15/2025/TT-BKHCN, Annex II). The answers are kept with the result; where there is
/// none, the record says so, or the result waits, as the identity's policy has it. What the record
/// is told.
async fn standing(
    flow: &Publication,
    work: &Work,
    identity: &ActiveIdentity,
) -> Result<Value, Setback> {
    let now = flow.clock.now();
    let chain = identity.signing.chain_der();
    let found = flow.evidence.standing(chain).await;
    let mut warning = None;
    match &found.standing {
        Standing::Good => {}
        Standing::Revoked { at } => {
            let why = format!("the signing certificate is revoked since {}", at.date());
            return Err(Setback::held("certificate_revoked", why));
        }
        Standing::Unknown(why) if identity.policy.unknown == UnknownRevocation::Hold => {
            return Err(awaiting(why));
        }
        Standing::Unknown(why) => {
            tracing::warn!(result = %work.row.id, %why, "sealed without word about revocation");
            metrics::counter!(telemetry::SEALED_UNCHECKED).increment(1);
            warning = Some(why.code());
        }
    }
    let detail = json!({
        "certificate": identity.certificate_sha256(),
        "revocation": found.standing.as_str(),
        "warning": warning,
    });
    keep_answers(flow, work, found, now).await?;
    Ok(detail)
}

async fn keep_answers(
    flow: &Publication,
    work: &Work,
    found: ChainStanding,
    asked_at: OffsetDateTime,
) -> Result<(), Setback> {
    let mut tx = flow.db.begin().await?;
    for answer in found.answers {
        let kind = match answer.source {
            RevocationSource::Ocsp => "ocsp",
            RevocationSource::Crl => "crl",
        };
        let row = RevocationAnswerRow {
            kind: kind.to_owned(),
            der: answer.der,
            asked_at,
        };
        tx.keep_revocation_answer(work.row.id, &row).await?;
    }
    Ok(tx.commit().await?)
}

/// Seals one file: fetched from the archive under a permit, sealed on the local disk. The time in
/// `/M` is the intent's.
pub(super) async fn seal(
    flow: &Publication,
    work: &Work,
    approved: &Approved,
    file: &FileRow,
) -> Result<Sealed, Setback> {
    let identity = &approved.identity;
    let appearance = appearance(flow, &approved.mark, file.n).await?;
    let folder = tempfile::Builder::new()
        .prefix("sealing-")
        .tempdir_in(&flow.settings.spool)?;
    let source = folder.path().join("received.pdf");
    let entry = work.entry(flow, "file_read", json!({ "n": file.n }));
    let permit = flow
        .db
        .permit(file.received.clone(), ReadReason::Sealing, &entry)
        .await?;
    flow.archive.fetch_to(&permit, &source).await?;
    let signed_at = signing_time(flow.clock.now());
    check(identity, signed_at)?;
    let intent = intend(flow, work, identity, file, signed_at).await?;
    failpoint::at("intended");
    let received = Received {
        path: source.clone(),
        approved: Some(file.received.sha256),
    };
    let order = SealOrder {
        identity: &identity.signing,
        appearance,
        signed_at,
        reason: flow.settings.reason.clone(),
        location: flow.settings.location.clone(),
        reading: manifest::reading(file),
        level: LevelOrder::Higher(identity.policy.level, &flow.evidence),
        scratch: &flow.settings.spool,
    };
    match flow.sealing.seal(received, order).await {
        Ok(pdf) if pdf.level().reaches(identity.policy.level_min) => {
            failpoint::at("sealed");
            Ok(Sealed { pdf, intent })
        }
        Ok(pdf) => {
            end_failed(flow, &intent).await;
            Err(pdf.shortfall().map_or_else(
                || Setback::Later("the level was not reached".to_owned()),
                awaiting,
            ))
        }
        Err(error) => {
            end_failed(flow, &intent).await;
            Err(setback(error))
        }
    }
}

/// Commits the intent to use the key; from here on nobody can say that it was not used.
async fn intend(
    flow: &Publication,
    work: &Work,
    identity: &ActiveIdentity,
    file: &FileRow,
    signed_at: OffsetDateTime,
) -> Result<[u8; 16], Setback> {
    let intent = NewIntent {
        id: random(),
        result: work.row.id,
        n: file.n,
        identity: identity.id,
        certificate_sha256: identity.certificate_sha256(),
        signed_at,
    };
    let mut tx = flow.db.begin().await?;
    work.check(&mut tx).await?;
    tx.insert_intent(&intent, flow.clock.now()).await?;
    tx.commit().await?;
    Ok(intent.id)
}

async fn end_failed(flow: &Publication, intent: &[u8; 16]) {
    let ended = async {
        let mut tx = flow.db.begin().await?;
        tx.end_intent(intent, IntentOutcome::Failed).await?;
        tx.commit().await
    };
    if let Err(error) = ended.await {
        tracing::warn!(%error, "an intent is left without its outcome");
    }
}

/// What is drawn in file `n`: by the template that was approved, with the image that was.
async fn appearance(flow: &Publication, mark: &Mark, n: u32) -> Result<Appearance, Setback> {
    match flow.picture_of(mark).await? {
        Picture::None => Ok(mark.appearance(n, None)),
        Picture::Png(png) => Ok(mark.appearance(n, Some(png))),
        Picture::Changed => Err(changed()),
    }
}

/// What is printed and stands in `/M`: whole seconds at +07:00.
fn signing_time(now: OffsetDateTime) -> OffsetDateTime {
    let local = in_viet_nam(now);
    local.replace_nanosecond(0).unwrap_or(local)
}

/// What others owe us. A file that cannot be raised is no matter of waiting: another try would use
/// the key again for the same outcome.
fn awaiting(missing: &EvidenceError) -> Setback {
    match missing {
        EvidenceError::FileUnfit(_) => Setback::held(missing.code(), missing.to_string()),
        EvidenceError::ReaderDied(_) => Setback::ChildDied(missing.to_string()),
        _ => Setback::Awaiting(missing.code(), missing.to_string()),
    }
}

/// Whether another try may help.
fn setback(error: SealingError) -> Setback {
    match error {
        SealingError::Refused(crate::pades::Refusal::Unavailable(_))
        | SealingError::Signing(_)
        | SealingError::Changed
        | SealingError::Unwritable(_)
        | SealingError::Unavailable(_) => Setback::Later(error.to_string()),
        SealingError::Refused(refusal @ crate::pades::Refusal::FieldInvalid(_)) => {
            Setback::held(MISFIT, refusal.to_string())
        }
        SealingError::Refused(refusal) => Setback::held(refusal.code(), refusal.to_string()),
        SealingError::ChildDied { .. } | SealingError::TimedOut => {
            Setback::ChildDied(error.to_string())
        }
        SealingError::Malformed(_)
        | SealingError::Fill(_)
        | SealingError::NotSigned
        | SealingError::NotRaisable
        | SealingError::NotValid(_) => Setback::held("seal_failed", error.to_string()),
    }
}
