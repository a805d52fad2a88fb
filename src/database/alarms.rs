//! The gate's alarms that an agency still has to look at.

use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError};
use crate::model::{AgencyId, ResultId};

/// Codes were tried out on an agency's links.
#[derive(Clone, Debug)]
pub struct AlarmRow {
    /// When it was last said.
    pub at: OffsetDateTime,
    /// The result on whose link, with its title; nothing where it was on many links of one day.
    pub result: Option<(ResultId, String)>,
}

impl Database {
    /// The agency's alarms since a time, the newest first, one for each result. A link that was
    /// changed since, or that leads nowhere by now, needs no look any more.
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
            "SELECT max(a.at) AS at, a.result_id AS result_id, r.title AS title \
             FROM audit AS a LEFT JOIN results AS r ON r.id = a.result_id \
             WHERE a.action = 'gate_alarm' AND a.at >= $2 AND a.agency_id = $1 \
             AND (a.result_id IS NULL OR \
               (r.state NOT IN ('returned', 'replaced', 'withdrawn') AND NOT EXISTS \
                 (SELECT 1 FROM audit AS b WHERE b.result_id = a.result_id \
                  AND b.action = 'relinked' AND b.seq > a.seq))) \
             GROUP BY a.result_id, r.title ORDER BY at DESC LIMIT $3",
        )
        .bind(agency.to_string())
        .bind(millis(since))
        .bind(i64::from(rows_max))
        .fetch_all(&self.reader)
        .await?;
        rows.iter()
            .map(|row| {
                let result = row.parsed_option("result_id")?;
                Ok(AlarmRow {
                    at: row.time("at")?,
                    result: result.zip(row.text_option("title")?),
                })
            })
            .collect()
    }
}
