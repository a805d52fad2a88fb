//! Alarms: somebody tries codes out. Each is an entry in the record, once an hour for one thing;
//! officers see those of their agency on their desk.

use serde_json::json;
use time::OffsetDateTime;

use super::gate::Gate;
use crate::database::{Actor, AuditEntry, DatabaseError, GateRow};
use crate::model::{AgencyId, ResultId};

/// One alarm an hour for one thing.
const EVERY: time::Duration = time::Duration::hours(1);

/// What is being tried.
#[derive(Clone, Copy, Debug)]
pub(super) struct Alarm {
    action: &'static str,
    agency: Option<AgencyId>,
    result: Option<ResultId>,
}

impl Alarm {
    /// Codes everywhere.
    pub(super) const EVERYWHERE: Self = Self {
        action: "gate_alarm_all",
        agency: None,
        result: None,
    };

    /// Statuses.
    pub(super) const STATUSES: Self = Self {
        action: "status_alarm",
        agency: None,
        result: None,
    };

    /// The link of a result.
    pub(super) fn link(row: &GateRow) -> Self {
        Self {
            result: Some(row.result),
            ..Self::day(row)
        }
    }

    /// A day's codes on the links of an agency.
    pub(super) fn day(row: &GateRow) -> Self {
        Self {
            action: "gate_alarm",
            agency: Some(row.agency),
            result: None,
        }
    }
}

impl Gate {
    /// Raises an alarm where there is cause, unless one about the same was raised within the hour.
    pub(super) async fn raise_if(
        &self,
        is_due: bool,
        alarm: Alarm,
        now: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        if !is_due {
            return Ok(());
        }
        let Alarm {
            action,
            agency,
            result,
        } = alarm;
        let since = now - EVERY;
        let lately = self.db.audited_since(action, agency, result, since);
        if lately.await? > 0 {
            return Ok(());
        }
        tracing::warn!(action, "the gate is being tried");
        metrics::counter!("trao_gate_alarms_total").increment(1);
        let mut tx = self.db.begin().await?;
        tx.audit(&AuditEntry {
            at: now,
            agency,
            actor: Actor::Service,
            action,
            result,
            detail: json!({}),
        })
        .await?;
        tx.commit().await
    }
}
