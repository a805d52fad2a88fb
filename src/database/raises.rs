//! Which results' sealed files are to be raised or renewed, and when. A worker takes a row by
//! putting its time off: should it die, the row is due again then.

use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, Tx};
use crate::model::ResultId;
use crate::pades::Level;

/// A result whose sealed files are to be raised.
#[derive(Clone, Debug)]
pub struct RaiseRow {
    /// The result.
    pub result: ResultId,
    /// The level to reach, `B-T` …
    pub level: String,
    /// When it is due: for who has taken it, until when it is theirs.
    pub due_at: OffsetDateTime,
    /// Attempts in a row that fell short, this one included.
    pub attempts: u32,
    /// Stable code of why the last one fell short.
    pub reason: Option<String>,
}

/// Files with an archive time-stamp that stands for no renewal, of results that count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unrenewed {
    /// Those that nobody planned to renew.
    pub unplanned: u64,
    /// Those that can take nothing more.
    pub given_up: u64,
}

fn raise(row: &SqliteRow) -> Result<RaiseRow, DatabaseError> {
    Ok(RaiseRow {
        result: row.parsed("result_id")?,
        level: row.text("level")?,
        due_at: row.time("due_at")?,
        attempts: row.number("attempts")?,
        reason: row.text_option("reason")?,
    })
}

impl Database {
    /// All results that are to be raised, the next one first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn raises(&self) -> Result<Vec<RaiseRow>, DatabaseError> {
        let rows = sqlx::query("SELECT * FROM raises ORDER BY due_at, result_id")
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(raise).collect()
    }

    /// How many files with an archive time-stamp nobody will renew.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn unrenewed(&self) -> Result<Unrenewed, DatabaseError> {
        let row = sqlx::query(
            "SELECT count(*) FILTER (WHERE v.given_up IS NULL) AS unplanned, \
               count(*) FILTER (WHERE v.given_up IS NOT NULL) AS given_up \
             FROM revisions AS v JOIN results AS r ON r.id = v.result_id \
             WHERE v.level = $1 AND r.state IN ('stored', 'released') \
             AND v.revision = (SELECT max(w.revision) FROM revisions AS w \
               WHERE w.result_id = v.result_id AND w.n = v.n) \
             AND (v.given_up IS NOT NULL \
               OR v.result_id NOT IN (SELECT p.result_id FROM raises AS p))",
        )
        .bind(Level::BLta.as_str())
        .fetch_one(&self.reader)
        .await?;
        Ok(Unrenewed {
            unplanned: row.number("unplanned")?,
            given_up: row.number("given_up")?,
        })
    }
}

impl Tx {
    /// Says that a result is to be raised to a level, from `due_at` on.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn plan_raise(
        &mut self,
        result: ResultId,
        level: &str,
        due_at: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO raises (result_id, level, due_at) VALUES ($1, $2, $3) \
             ON CONFLICT (result_id) DO UPDATE SET level = $2, due_at = $3, attempts = 0, \
             reason = NULL",
        )
        .bind(result.to_string())
        .bind(level)
        .bind(millis(due_at))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Takes at most `max` rows that are due, and puts them off until `until`.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn take_raises(
        &mut self,
        now: OffsetDateTime,
        until: OffsetDateTime,
        max: u32,
    ) -> Result<Vec<RaiseRow>, DatabaseError> {
        let rows = sqlx::query(
            // Where writers run side by side, who waited for another's commit looks at the row once
            // more: the outer condition keeps what the other took from being taken twice.
            "UPDATE raises SET due_at = $2, attempts = attempts + 1 \
             WHERE due_at <= $1 AND result_id IN \
             (SELECT result_id FROM raises WHERE due_at <= $1 ORDER BY due_at LIMIT $3) \
             RETURNING *",
        )
        .bind(millis(now))
        .bind(millis(until))
        .bind(i64::from(max))
        .fetch_all(&mut *self.inner)
        .await?;
        rows.iter().map(raise).collect()
    }

    /// Says when a row that was taken is due again. This and what else ends a turn does nothing where
    /// somebody else has planned or taken the row meanwhile: theirs counts.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn plan_raise_again(
        &mut self,
        taken: &RaiseRow,
        due_at: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "UPDATE raises SET due_at = $3, attempts = 0, reason = NULL \
             WHERE result_id = $1 AND due_at = $2",
        )
        .bind(taken.result.to_string())
        .bind(millis(taken.due_at))
        .bind(millis(due_at))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Puts a row off that was taken and fell short.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn put_off_raise(
        &mut self,
        taken: &RaiseRow,
        due_at: OffsetDateTime,
        reason: &str,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "UPDATE raises SET due_at = $3, reason = $4 WHERE result_id = $1 AND due_at = $2",
        )
        .bind(taken.result.to_string())
        .bind(millis(taken.due_at))
        .bind(millis(due_at))
        .bind(reason)
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Marks a revision as one that can never be raised; `code` says why. Whether it is the newest of
    /// its file and was not marked before: else somebody else was quicker.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn give_up_raise(
        &mut self,
        result: ResultId,
        n: u32,
        revision: u32,
        code: &str,
    ) -> Result<bool, DatabaseError> {
        let done = sqlx::query(
            "UPDATE revisions SET given_up = $4 WHERE result_id = $1 AND n = $2 \
             AND revision = $3 AND given_up IS NULL AND NOT EXISTS (SELECT 1 FROM revisions AS w \
             WHERE w.result_id = $1 AND w.n = $2 AND w.revision > $3)",
        )
        .bind(result.to_string())
        .bind(i64::from(n))
        .bind(i64::from(revision))
        .bind(code)
        .execute(&mut *self.inner)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Nothing is to be raised any more of a row that was taken.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn end_raise(&mut self, taken: &RaiseRow) -> Result<(), DatabaseError> {
        sqlx::query("DELETE FROM raises WHERE result_id = $1 AND due_at = $2")
            .bind(taken.result.to_string())
            .bind(millis(taken.due_at))
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Makes everything due now, as if for the first time, that would be due until `until` or is due
    /// already, and asks for the renewal of those of its files that must be renewed until `renew_by`;
    /// how many results.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn hasten_raises(
        &mut self,
        now: OffsetDateTime,
        until: OffsetDateTime,
        renew_by: OffsetDateTime,
    ) -> Result<u64, DatabaseError> {
        sqlx::query(
            "UPDATE revisions SET renew_asked = 1 WHERE renew_by <= $2 AND result_id IN \
             (SELECT result_id FROM raises WHERE due_at <= $1)",
        )
        .bind(millis(until))
        .bind(millis(renew_by))
        .execute(&mut *self.inner)
        .await?;
        let done = sqlx::query(
            "UPDATE raises SET due_at = $1, attempts = 0, reason = NULL \
             WHERE due_at <= $2",
        )
        .bind(millis(now))
        .bind(millis(until))
        .execute(&mut *self.inner)
        .await?;
        Ok(done.rows_affected())
    }

    /// Plans to raise every stored or released result, what was given up too, and to renew what has
    /// an archive time-stamp already; how many. What is to reach a higher level still is.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn plan_all_raises(
        &mut self,
        level: &str,
        now: OffsetDateTime,
    ) -> Result<u64, DatabaseError> {
        sqlx::query(
            // Also of one whose end is not known: nothing else would ever renew it.
            "UPDATE revisions SET given_up = NULL, \
             renew_asked = CASE WHEN level = 'B-LTA' THEN 1 ELSE 0 END \
             WHERE result_id IN (SELECT id FROM results WHERE state IN ('stored', 'released'))",
        )
        .execute(&mut *self.inner)
        .await?;
        let done = sqlx::query(
            "INSERT INTO raises (result_id, level, due_at) \
             SELECT id, $1, $2 FROM results WHERE state IN ('stored', 'released') \
             ON CONFLICT (result_id) DO UPDATE SET due_at = $2, attempts = 0, reason = NULL, \
             level = CASE WHEN raises.level = 'B-LTA' OR $1 = 'B-B' \
             OR (raises.level = 'B-LT' AND $1 = 'B-T') THEN raises.level ELSE $1 END",
        )
        .bind(level)
        .bind(millis(now))
        .execute(&mut *self.inner)
        .await?;
        Ok(done.rows_affected())
    }
}
