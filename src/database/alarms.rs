//! The gate's alarms that an agency still has to look at.

use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError};
use crate::model::{AgencyId, ResultId, UnitDay};

/// Codes were tried out on an agency's links.
#[derive(Clone, Debug)]
pub struct AlarmRow {
    /// When it was last said.
    pub at: OffsetDateTime,
    /// What was tried.
    pub tried: Tried,
}

/// What codes were tried out on.
#[derive(Clone, Debug)]
pub enum Tried {
    /// The link of a result, with its title.
    Link(ResultId, String),
    /// Many links, by the codes of one unit and day.
    Codes(UnitDay),
}

impl Database {
    /// The agency's alarms since a time, one for each thing: those of results' links, about which
    /// something can be done, before those of units' days, which whoever tries can make up; of
    /// both the newest first. A link that was changed since, or that leads nowhere by now, needs no
    /// look any more.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn open_alarms(
        &self,
        agency: AgencyId,
        since: OffsetDateTime,
        rows_max: u32,
    ) -> Result<Vec<AlarmRow>, DatabaseError> {
        let rows = sqlx::query(
            "SELECT max(a.at) AS at, a.detail AS detail, a.result_id AS result_id, \
               r.title AS title \
             FROM audit AS a LEFT JOIN results AS r ON r.id = a.result_id \
             WHERE a.action = 'gate_alarm' AND a.at >= $2 AND a.agency_id = $1 \
             AND (a.result_id IS NULL OR \
               (r.state NOT IN ('returned', 'replaced', 'withdrawn') AND NOT EXISTS \
                 (SELECT 1 FROM audit AS b WHERE b.result_id = a.result_id \
                  AND b.action = 'relinked' AND b.seq > a.seq))) \
             GROUP BY a.detail, a.result_id, r.title \
             ORDER BY a.result_id IS NULL, max(a.at) DESC LIMIT $3",
        )
        .bind(agency.to_string())
        .bind(millis(since))
        .bind(i64::from(rows_max))
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(alarm).collect()
    }
}

fn alarm(row: &SqliteRow) -> Result<AlarmRow, DatabaseError> {
    Ok(AlarmRow {
        at: row.time("at")?,
        tried: match row.parsed_option("result_id")? {
            Some(result) => Tried::Link(result, row.text("title")?),
            None => Tried::Codes(row.json("detail")?),
        },
    })
}
