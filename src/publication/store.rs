//! Storing: the object first, then the row that names it, then the state that relies on it.

use serde_json::json;

use super::sign::Sealed;
use super::work::Work;
use super::{Publication, SealPolicy, Setback, failpoint, raise};
use crate::archive::ArchiveError;
use crate::database::{FileRow, IntentOutcome, RevisionRow, StoredObject};
use crate::model::{ObjectKey, ResultState};

/// Puts a sealed file into the archive, which reads it back by its digest, and records it.
pub(super) async fn keep(
    flow: &Publication,
    work: &Work,
    file: &FileRow,
    sealed: Sealed,
    policy: SealPolicy,
) -> Result<(), Setback> {
    let pdf = &sealed.pdf;
    let key = ObjectKey::sealed(work.row.id, file.n, &pdf.sha256());
    match flow.archive.put_result(&key, pdf).await {
        // The name holds the digest: what stands there is this file, left by an attempt that died.
        Ok(()) | Err(ArchiveError::AlreadyExists) => {}
        // Whatever kept it out, nothing is lost: the received file is there to be sealed again.
        Err(error) => return Err(Setback::Later(error.to_string())),
    }
    failpoint::at("object_stored");
    let mut revisions = flow.db.revisions(work.row.id).await?;
    let earlier = revisions.iter().find(|revision| revision.n == file.n);
    let revision = RevisionRow {
        n: file.n,
        revision: earlier.map_or(1, |revision| revision.revision + 1),
        object: StoredObject {
            key: key.clone(),
            sha256: pdf.sha256(),
            len: pdf.len(),
        },
        level: pdf.level().as_str().to_owned(),
        scheme: pdf.scheme().as_str().to_owned(),
        signer: pdf.signer().to_owned(),
        signed_at: pdf.signed_at(),
        created_at: flow.clock.now(),
        renew_by: pdf.renew_by(),
        renew_asked: false,
        given_up: None,
    };
    let mut tx = flow.db.begin().await?;
    work.check(&mut tx).await?;
    tx.insert_revision(work.row.id, &revision).await?;
    tx.end_intent(&sealed.intent, IntentOutcome::Signed(&key))
        .await?;
    // The first of the result's files to be due tells when the result is.
    revisions.retain(|other| other.n != file.n);
    revisions.push(revision);
    let due_at = |revision| raise::due(policy.level, revision, flow.clock.now());
    if let Some(due) = revisions.iter().filter_map(due_at).min() {
        tx.plan_raise(work.row.id, policy.level.as_str(), due)
            .await?;
    }
    tx.commit().await?;
    failpoint::at("revision");
    Ok(())
}

/// `signing` → `stored`: every file has its sealed object.
pub(super) async fn finish(flow: &Publication, work: &mut Work) -> Result<(), Setback> {
    let revisions = flow.db.revisions(work.row.id).await?;
    let sealed: Vec<_> = revisions
        .iter()
        .map(|revision| revision.object.sha256)
        .collect();
    let detail = json!({ "sealed": sealed });
    work.step(flow, ResultState::Stored, None, detail).await?;
    failpoint::at("stored");
    Ok(())
}
