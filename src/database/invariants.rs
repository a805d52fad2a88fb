//! What must hold between the tables, as the operator's check asks for it.

use sqlx::sqlite::SqliteRow;

use super::row::{Columns as _, millis};
use super::{Actor, Database, DatabaseError};
use crate::model::{AgencyId, ResultId, ResultState};

/// A result with what else there must be of it.
#[derive(Clone, Copy, Debug)]
pub struct ExaminedRow {
    /// The result.
    pub id: ResultId,
    /// Whose it is.
    pub agency: AgencyId,
    /// Where it stands.
    pub state: ResultState,
    /// Whether its link answers or ever did.
    pub was_released: bool,
    /// How many files it has.
    pub files: u32,
    /// How many of them have a sealed revision.
    pub sealed: u32,
    /// Whether the record has its release.
    pub is_on_record: bool,
}

fn examined(row: &SqliteRow) -> Result<ExaminedRow, DatabaseError> {
    Ok(ExaminedRow {
        id: row.parsed("id")?,
        agency: row.parsed("agency_id")?,
        state: row.parsed("state")?,
        was_released: row.flag("was_released")?,
        files: row.number("files")?,
        sealed: row.number("sealed")?,
        is_on_record: row.flag("is_on_record")?,
    })
}

impl Database {
    /// One page of all results, in the order of their ids.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn examined_results(
        &self,
        after: Option<ResultId>,
        rows_max: u32,
    ) -> Result<Vec<ExaminedRow>, DatabaseError> {
        let rows = sqlx::query(
            "SELECT r.id AS id, r.agency_id AS agency_id, r.state AS state, \
               CASE WHEN r.released_at IS NOT NULL OR r.state IN ('released', 'replaced') \
                 THEN 1 ELSE 0 END AS was_released, \
               (SELECT count(*) FROM files AS f WHERE f.result_id = r.id) AS files, \
               (SELECT count(DISTINCT v.n) FROM revisions AS v WHERE v.result_id = r.id) \
                 AS sealed, \
               CASE WHEN EXISTS (SELECT 1 FROM audit AS a WHERE a.result_id = r.id \
                 AND a.action = 'released') THEN 1 ELSE 0 END AS is_on_record \
             FROM results AS r WHERE $1 IS NULL OR r.id > $1 ORDER BY r.id LIMIT $2",
        )
        .bind(after.map(|id| id.to_string()))
        .bind(i64::from(rows_max))
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(examined).collect()
    }

    /// How many files are kept for results that count.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn count_kept_files(&self) -> Result<u64, DatabaseError> {
        let row = sqlx::query(
            "SELECT count(*) AS n FROM files AS f JOIN results AS r ON r.id = f.result_id \
             WHERE r.state NOT IN ('returned', 'replaced', 'withdrawn')",
        )
        .fetch_one(&self.reader)
        .await?;
        row.number("n")
    }

    /// The results of grants that the record does not have: each grant, and each reading of a file
    /// under one, is committed with its entry.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn grants_off_record(&self) -> Result<Vec<ResultId>, DatabaseError> {
        let granted = "SELECT g.result_id AS id, g.client AS client, g.created_at AS since \
             FROM grants AS g ORDER BY g.result_id";
        let read = "SELECT g.result_id AS id, d.client AS client, g.created_at AS since \
             FROM grant_reads AS d JOIN grants AS g ON g.secret_sha256 = d.secret_sha256 \
             ORDER BY g.result_id";
        let mut off_record = Vec::new();
        for (acts, action) in [(granted, "release_granted"), (read, "file_released")] {
            for row in sqlx::query(acts).fetch_all(&self.reader).await? {
                let id = row.parsed("id")?;
                if !self.is_on_record(id, action, &row).await? {
                    off_record.push(id);
                }
            }
        }
        off_record.sort_unstable();
        off_record.dedup();
        Ok(off_record)
    }

    /// Whether the record has such an act of the row's client since the row's time.
    async fn is_on_record(
        &self,
        id: ResultId,
        action: &str,
        row: &SqliteRow,
    ) -> Result<bool, DatabaseError> {
        let found = sqlx::query(
            "SELECT 1 FROM audit AS a WHERE a.result_id = $1 AND a.action = $2 AND a.actor = $3 \
             AND a.at >= $4 LIMIT 1",
        )
        .bind(id.to_string())
        .bind(action)
        .bind(Actor::Requester(row.bytes32("client")?).to_string())
        .bind(millis(row.time("since")?))
        .fetch_optional(&self.reader)
        .await?;
        Ok(found.is_some())
    }
}
