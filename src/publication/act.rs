//! What every act of a person on a result has in common: who may, on which row, and that nothing
//! happens if the row has moved meanwhile.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::view::Shown;
use super::{FieldFlaw, Publication, PublicationError};
use crate::account::{Caller, Scope};
use crate::database::{Actor, AuditEntry, ResultRow, Step, Tx};
use crate::model::{ResultId, ResultState};

/// The longest reason, in letters.
const REASON_LETTERS_MAX: usize = 1_000;

/// An act on one result.
pub(super) struct Act {
    pub(super) row: ResultRow,
    actor: Actor,
    now: OffsetDateTime,
}

impl Act {
    /// Reads the row for a caller who may do this.
    pub(super) async fn begin(
        flow: &Publication,
        caller: &Caller,
        scope: Scope,
        id: ResultId,
        now: OffsetDateTime,
    ) -> Result<Self, PublicationError> {
        if !caller.may(scope) {
            return Err(PublicationError::Forbidden);
        }
        let row = flow.row(caller, id).await?;
        Ok(Self {
            row,
            actor: caller.actor(),
            now,
        })
    }

    /// Takes the result to `approved`, bound to what was shown.
    pub(super) async fn approve(
        &self,
        flow: &Publication,
        action: &'static str,
        shown: &Shown,
        detail: Value,
    ) -> Result<(), PublicationError> {
        let mut tx = flow.db.begin().await?;
        step(&mut tx, &self.row, ResultState::Approved, None, self.now).await?;
        let identity = shown.identity.as_ref().map(|identity| identity.id);
        tx.bind_approval(self.row.id, &shown.manifest, identity)
            .await?;
        tx.audit(&self.entry(action, detail)).await?;
        tx.commit().await?;
        Ok(())
    }

    /// Takes the result to a final state, for a reason. It needs no more than that the state
    /// allows it when the commit comes: what a worker did meanwhile does not shield a result.
    pub(super) async fn end(
        &self,
        flow: &Publication,
        to: ResultState,
        reason: &str,
    ) -> Result<(), PublicationError> {
        let reason = read_reason(reason)?;
        let mut tx = flow.db.begin().await?;
        let row = tx
            .result(self.row.id)
            .await?
            .ok_or(PublicationError::NotFound)?;
        step(&mut tx, &row, to, Some((to.as_str(), &reason)), self.now).await?;
        tx.audit(&self.entry(to.as_str(), json!({ "reason": reason })))
            .await?;
        tx.commit().await?;
        tracing::info!(result = %row.id, agency = %row.agency, state = %to, "a result");
        Ok(())
    }

    /// That the row stands as it was read.
    pub(super) async fn check(&self, tx: &mut Tx) -> Result<(), PublicationError> {
        match tx.result(self.row.id).await? {
            Some(row) if row.fence == self.row.fence => Ok(()),
            _ => Err(PublicationError::StateConflict),
        }
    }

    /// An entry in the record about this act.
    pub(super) fn entry(&self, action: &'static str, detail: Value) -> AuditEntry {
        AuditEntry {
            at: self.now,
            agency: Some(self.row.agency),
            actor: self.actor,
            action,
            result: Some(self.row.id),
            detail,
        }
    }
}

async fn step(
    tx: &mut Tx,
    row: &ResultRow,
    to: ResultState,
    reason: Option<(&str, &str)>,
    at: OffsetDateTime,
) -> Result<(), PublicationError> {
    let (result, from, fence) = (row.id, row.state, row.fence);
    let step = Step {
        result,
        from,
        fence,
        to,
        reason,
        at,
    };
    if tx.step(&step).await? {
        Ok(())
    } else {
        Err(PublicationError::StateConflict)
    }
}

fn read_reason(text: &str) -> Result<String, PublicationError> {
    let text = text.trim();
    let is_plain = |letter: char| !letter.is_control() || letter == '\n' || letter == '\r';
    if text.is_empty() {
        return Err(PublicationError::FieldInvalid {
            field: "reason",
            why: FieldFlaw::Required,
        });
    }
    if text.chars().count() > REASON_LETTERS_MAX || !text.chars().all(is_plain) {
        return Err(PublicationError::FieldInvalid {
            field: "reason",
            why: FieldFlaw::TooLong,
        });
    }
    Ok(text.to_owned())
}
