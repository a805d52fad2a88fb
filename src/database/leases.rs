//! Who works on which result: leases in the result's own row. A lease saves double work; what guards
//! the writes is the fence, which rises with every change of worker.

use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, ResultRow, Tx};
use crate::model::ResultId;

impl Database {
    /// Results that are due for a step and that nobody works on, the longest waiting first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn due_results(
        &self,
        now: OffsetDateTime,
        rows_max: u32,
    ) -> Result<Vec<ResultId>, DatabaseError> {
        let rows = sqlx::query(
            "SELECT id FROM results WHERE state IN ('approved', 'signing', 'stored') \
             AND (lease_until IS NULL OR lease_until <= $1) ORDER BY updated_at LIMIT $2",
        )
        .bind(millis(now))
        .bind(i64::from(rows_max))
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(|row| row.parsed("id")).collect()
    }
}

impl Tx {
    /// Takes a due result for `owner` until a time and counts the attempt; `None` where another
    /// works on it or nothing is to be done.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn lease(
        &mut self,
        id: ResultId,
        owner: &str,
        now: OffsetDateTime,
        until: OffsetDateTime,
    ) -> Result<Option<ResultRow>, DatabaseError> {
        let done = sqlx::query(
            "UPDATE results SET lease_owner = $2, lease_until = $4, fence = fence + 1, \
             attempts = attempts + 1 \
             WHERE id = $1 AND state IN ('approved', 'signing', 'stored') \
             AND (lease_until IS NULL OR lease_until <= $3)",
        )
        .bind(id.to_string())
        .bind(owner)
        .bind(millis(now))
        .bind(millis(until))
        .execute(&mut *self.inner)
        .await?;
        if done.rows_affected() == 0 {
            return Ok(None);
        }
        self.result(id).await
    }

    /// Goes on holding a result; whether `owner` still had it.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn renew_lease(
        &mut self,
        id: ResultId,
        owner: &str,
        until: OffsetDateTime,
    ) -> Result<bool, DatabaseError> {
        let done =
            sqlx::query("UPDATE results SET lease_until = $3 WHERE id = $1 AND lease_owner = $2")
                .bind(id.to_string())
                .bind(owner)
                .bind(millis(until))
                .execute(&mut *self.inner)
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Lets a result go: nobody has it, and it is not due before `due`; `awaits` says by its code
    /// what others owe it.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn end_lease(
        &mut self,
        id: ResultId,
        owner: &str,
        due: OffsetDateTime,
        awaits: Option<&str>,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "UPDATE results SET lease_owner = NULL, lease_until = $3, reason_code = $4 \
             WHERE id = $1 AND lease_owner = $2",
        )
        .bind(id.to_string())
        .bind(owner)
        .bind(millis(due))
        .bind(awaits)
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Counts a death of the child over a result's files; how many there were.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn count_death(&mut self, id: ResultId) -> Result<u32, DatabaseError> {
        let row =
            sqlx::query("UPDATE results SET deaths = deaths + 1 WHERE id = $1 RETURNING deaths")
                .bind(id.to_string())
                .fetch_one(&mut *self.inner)
                .await?;
        row.number("deaths")
    }
}
