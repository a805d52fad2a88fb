//! One worker's hold on one result: a lease that is renewed while the work goes on, and changes of
//! state that count only while nobody else has touched the result.

use std::time::Duration;

use serde_json::Value;

use super::{Publication, Setback};
use crate::database::{Actor, AuditEntry, DatabaseError, ResultRow, Step, Tx};
use crate::model::{ResultId, ResultState};
use crate::secrets::random;

/// A result that is this worker's.
pub(super) struct Work {
    /// The row as this worker last read or wrote it.
    pub(super) row: ResultRow,
    /// The name under which it is held, drawn for this attempt.
    pub(super) owner: String,
}

impl Work {
    /// Takes a due result; `None` where another works on it or nothing is to be done.
    pub(super) async fn begin(
        flow: &Publication,
        id: ResultId,
    ) -> Result<Option<Self>, DatabaseError> {
        let owner = hex::encode(random::<16>());
        let now = flow.clock.now();
        let mut tx = flow.db.begin().await?;
        let row = tx.lease(id, &owner, now, now + flow.settings.lease).await?;
        tx.commit().await?;
        Ok(row.map(|row| Self { row, owner }))
    }

    /// Whether nobody has taken the result away, as `tx` sees it and its commit will find it.
    pub(super) async fn check(&self, tx: &mut Tx) -> Result<(), Setback> {
        match tx.result(self.row.id).await? {
            Some(row) if row.fence == self.row.fence && row.state == self.row.state => Ok(()),
            _ => Err(Setback::Lost),
        }
    }

    /// Takes the result to its next state, with its entry in the record.
    pub(super) async fn step(
        &mut self,
        flow: &Publication,
        to: ResultState,
        reason: Option<(&str, &str)>,
        detail: Value,
    ) -> Result<(), Setback> {
        let now = flow.clock.now();
        let mut tx = flow.db.begin().await?;
        let step = Step {
            result: self.row.id,
            from: self.row.state,
            fence: self.row.fence,
            to,
            reason,
            at: now,
        };
        if !tx.step(&step).await? {
            return Err(Setback::Lost);
        }
        tx.audit(&self.entry(flow, to.as_str(), detail)).await?;
        tx.commit().await?;
        self.row.state = to;
        self.row.fence += 1;
        tracing::info!(result = %self.row.id, agency = %self.row.agency, state = %to, "a result");
        Ok(())
    }

    /// An entry of the service about this result.
    pub(super) fn entry(
        &self,
        flow: &Publication,
        action: &'static str,
        detail: Value,
    ) -> AuditEntry {
        AuditEntry {
            at: flow.clock.now(),
            agency: Some(self.row.agency),
            actor: Actor::Service,
            action,
            result: Some(self.row.id),
            detail,
        }
    }

    /// Lets the result go until some pause has passed, and notes by its code what others owe it.
    pub(super) async fn pause(
        &self,
        flow: &Publication,
        pause: Duration,
        awaits: Option<&str>,
    ) -> Result<(), DatabaseError> {
        let mut tx = flow.db.begin().await?;
        let due = flow.clock.now() + pause;
        tx.end_lease(self.row.id, &self.owner, due, awaits).await?;
        tx.commit().await?;
        Ok(())
    }
}

/// Renews a lease until it is lost; goes on for ever otherwise. A renewal that fails is tried again
/// at the next beat: it is the fence that guards the writes, the lease only saves double work.
pub(super) async fn heartbeat(flow: &Publication, id: ResultId, owner: String) -> Setback {
    loop {
        tokio::time::sleep(flow.settings.lease / 3).await;
        match renew(flow, id, &owner).await {
            Ok(true) => {}
            Ok(false) => return Setback::Lost,
            Err(error) => tracing::warn!(%error, result = %id, "a lease was not renewed"),
        }
    }
}

async fn renew(flow: &Publication, id: ResultId, owner: &str) -> Result<bool, DatabaseError> {
    let mut tx = flow.db.begin().await?;
    let held = tx
        .renew_lease(id, owner, flow.clock.now() + flow.settings.lease)
        .await?;
    tx.commit().await?;
    Ok(held)
}
