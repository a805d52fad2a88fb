//! Where a dossier stands, by its code: what the law lets anybody know (one of the ten national
//! statuses, and dates), never a file and never a person's data.

use std::net::IpAddr;

use time::OffsetDateTime;

use super::alarm::Alarm;
use super::buckets::Origin;
use super::code::{CodeMalformed, DossierCode};
use super::gate::{Gate, retry_after_s};
use super::spending::{Shared, Spending};
use crate::database::{DatabaseError, RetryAfterMs, StatusRow};
use crate::model::DossierStatus;

/// A dossier as anybody with its code may see it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DossierStatusView {
    /// The agency.
    pub agency: String,
    /// Whom to call there.
    pub telephone: Option<String>,
    /// The procedure, if the one-stop system told it.
    pub procedure: Option<String>,
    /// The status.
    pub status: DossierStatus,
    /// When it was received.
    pub received_at: Option<OffsetDateTime>,
    /// When the result is due.
    pub due_at: Option<OffsetDateTime>,
    /// When it was finished.
    pub finished_at: Option<OffsetDateTime>,
    /// When the result was handed over.
    pub returned_at: Option<OffsetDateTime>,
}

/// Why there is no status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StatusRefusal {
    /// What was typed is no code.
    Malformed(CodeMalformed),
    /// Too many tries.
    Throttled {
        /// When to try again.
        retry_after_s: u64,
    },
    /// The service cannot answer now.
    Unavailable,
}

impl From<DatabaseError> for StatusRefusal {
    fn from(error: DatabaseError) -> Self {
        tracing::error!(%error, "no status can be told");
        Self::Unavailable
    }
}

impl Gate {
    /// The dossiers with that code: none, or one of each agency that uses it.
    ///
    /// # Errors
    /// [`StatusRefusal`].
    pub async fn status(
        &self,
        code: &str,
        client: IpAddr,
        now: OffsetDateTime,
    ) -> Result<Vec<DossierStatusView>, StatusRefusal> {
        let code = DossierCode::parse(code).map_err(StatusRefusal::Malformed)?;
        let origin = Origin::of(&self.keys, client, None);
        let charges = self.settings.status_charges(&self.keys, &origin, &code);
        let mut spending = Spending::of(origin.net, self.clock.steady(now));
        let mut tx = self.db.begin().await?;
        let mut wait = spending.charge_own(&mut tx, &charges.own).await?;
        // Looked at before anything is known: an empty one refuses right and wrong codes alike.
        wait = wait.max(spending.wait_for(&mut tx, &charges.told).await?);
        let mut is_drained = false;
        for charge in &charges.shared {
            let shared = spending.charge_shared(&mut tx, charge).await?;
            is_drained |= shared.is_drained();
            if let Shared::Empty(until) = shared {
                wait = wait.max(Some(until));
            }
        }
        if let Some(wait) = wait {
            drop(tx);
            self.raise_if(is_drained, Alarm::STATUSES, now).await?;
            return Err(throttled(wait));
        }
        tx.commit().await?;
        let rows = self
            .db
            .statuses(&self.keys.code_indices(code.as_str()))
            .await?;
        let mut tx = self.db.begin().await?;
        if rows.is_empty() {
            spending.note_miss(&mut tx).await?;
        } else {
            if let Some(wait) = spending.charge_for_good(&mut tx, &charges.told).await? {
                return Err(throttled(wait));
            }
            spending.give_back(&mut tx).await?;
        }
        tx.commit().await?;
        Ok(rows.into_iter().map(view).collect())
    }
}

fn throttled(wait: RetryAfterMs) -> StatusRefusal {
    StatusRefusal::Throttled {
        retry_after_s: retry_after_s(wait),
    }
}

/// What the one-stop system said counts; a dossier known only by its result is at 4, at 9 once
/// that is out, at 10 once a requester has had it.
fn view(row: StatusRow) -> DossierStatusView {
    let by_result = match (row.released_at, row.handed_over_at) {
        (_, Some(_)) => DossierStatus::RETURNED,
        (Some(_), None) => DossierStatus::FINISHED,
        (None, None) => DossierStatus::PROCESSING,
    };
    let told = row.status.and_then(DossierStatus::from_number);
    let status = told.map_or(by_result, |told| match row.released_at {
        Some(_) => told.max(by_result),
        None => told,
    });
    DossierStatusView {
        agency: row.agency_name,
        telephone: row.telephone,
        procedure: row.procedure,
        status,
        received_at: row.received_at,
        due_at: row.due_at,
        finished_at: row.finished_at.or(row.released_at),
        returned_at: row.returned_at.or(row.handed_over_at),
    }
}
