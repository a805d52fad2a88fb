//! Alarms: somebody tries codes out. Each is an entry in the record, once an hour for one thing;
//! officers see those of their agency on their desk.

use serde_json::json;
use time::OffsetDateTime;

use super::gate::Gate;
use crate::database::{Actor, AuditEntry, DatabaseError, GateRow};
use crate::model::{AgencyId, ResultId, UnitDay};

/// One alarm an hour for one thing.
const EVERY: time::Duration = time::Duration::hours(1);

/// What is being tried.
#[derive(Clone, Debug)]
pub(super) struct Alarm {
    action: &'static str,
    agency: Option<AgencyId>,
    result: Option<ResultId>,
    codes: Option<UnitDay>,
}

impl Alarm {
    /// Codes everywhere.
    pub(super) const EVERYWHERE: Self = Self {
        action: "gate_alarm_all",
        agency: None,
        result: None,
        codes: None,
    };

    /// Statuses.
    pub(super) const STATUSES: Self = Self {
        action: "status_alarm",
        agency: None,
        result: None,
        codes: None,
    };

    /// The link of a result.
    pub(super) fn link(row: &GateRow) -> Self {
        Self {
            result: Some(row.result),
            ..Self::of_agency(row)
        }
    }

    /// The codes of a unit and day on the links of an agency. The unit is the one that was typed:
    /// one that does not exist must not silence the one that does.
    pub(super) fn codes(row: &GateRow, of: &UnitDay) -> Self {
        Self {
            codes: Some(of.clone()),
            ..Self::of_agency(row)
        }
    }

    fn of_agency(row: &GateRow) -> Self {
        Self {
            action: "gate_alarm",
            agency: Some(row.agency),
            result: None,
            codes: None,
        }
    }

    /// As it stands in the record. What is told of is all in it: two that differ in a word are two.
    fn entry(self, now: OffsetDateTime) -> AuditEntry {
        AuditEntry {
            at: now,
            agency: self.agency,
            actor: Actor::Service,
            action: self.action,
            result: self.result,
            detail: self.codes.map_or_else(|| json!({}), |codes| json!(codes)),
        }
    }
}

impl Gate {
    /// Raises an alarm where there is cause.
    pub(super) async fn raise_if(
        &self,
        is_due: bool,
        alarm: Alarm,
        now: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        if is_due {
            self.raise(alarm, now).await?;
        }
        Ok(())
    }

    /// Raises an alarm, unless one about the same was raised within the hour.
    pub(super) async fn raise(
        &self,
        alarm: Alarm,
        now: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        let entry = alarm.entry(now);
        if self.db.is_audited_since(&entry, now - EVERY).await? {
            return Ok(());
        }
        tracing::warn!(action = entry.action, "the gate is being tried");
        metrics::counter!("trao_gate_alarms_total").increment(1);
        let mut tx = self.db.begin().await?;
        tx.audit(&entry).await?;
        tx.commit().await
    }
}
