//! The throttle's statement: GCRA (the generic cell rate algorithm) with its theoretical arrival
//! time in the database, so that all instances count together.
//!
//! A bucket admits `burst` at once and then one each `every_ms`. What is stored is the time at
//! which the bucket would be full again; a charge moves it by `every_ms` and is refused where it
//! would lie more than `burst × every_ms` ahead of now.
//!
//! No charge leaves a time further ahead than that, so one that is found there was written before
//! the clock was set back. The bucket then counts as full but for one, and goes on from there:
//! whoever waits is let in at its rate again, not when the clock has come back to where it was.
//! A little further is no sign of it: callers that waited for their turn bring an earlier now, and
//! the clocks of instances differ. Up to five minutes they are taken as they come, else a late
//! caller would open the bucket to all.

use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, Tx};

/// One charge to one bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Charge {
    /// The bucket's name, hashed under a key.
    pub bucket: [u8; 32],
    /// How many at once.
    pub burst: u32,
    /// Then one in so many milliseconds.
    pub every_ms: i64,
}

/// How far apart the clocks of callers may be: far more than anybody waits for the database.
const SKEW_MS: i64 = 300_000;

impl Charge {
    fn reach_ms(&self) -> i64 {
        self.every_ms.saturating_mul(i64::from(self.burst))
    }
}

/// How long until the bucket takes a charge again, in milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RetryAfterMs(pub i64);

impl Tx {
    /// Charges each bucket by one; an answer for each, in their order. A bucket that refuses is
    /// not written.
    ///
    /// # Errors
    /// [`DatabaseError`]: then nobody was admitted.
    pub async fn charge(
        &mut self,
        charges: &[Charge],
        now: OffsetDateTime,
    ) -> Result<Vec<Result<(), RetryAfterMs>>, DatabaseError> {
        let now = millis(now);
        let mut answers = Vec::with_capacity(charges.len());
        for charge in charges {
            let admitted = sqlx::query(
                "INSERT INTO throttle AS t (bucket, tat) VALUES ($1, $2 + $3) \
                 ON CONFLICT (bucket) DO UPDATE SET tat = CASE \
                   WHEN t.tat > $2 + $4 + $5 THEN $2 + $4 \
                   WHEN t.tat < $2 THEN $2 + $3 \
                   ELSE t.tat + $3 END \
                 WHERE t.tat + $3 <= $2 + $4 OR t.tat > $2 + $4 + $5 \
                 RETURNING tat",
            )
            .bind(&charge.bucket[..])
            .bind(now)
            .bind(charge.every_ms)
            .bind(charge.reach_ms())
            .bind(SKEW_MS)
            .fetch_optional(&mut *self.inner)
            .await?;
            answers.push(match admitted {
                Some(_) => Ok(()),
                None => Err(self.wait(charge, now).await?),
            });
        }
        Ok(answers)
    }

    /// Whether each bucket would take a charge; nothing is written.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn probe(
        &mut self,
        charges: &[Charge],
        now: OffsetDateTime,
    ) -> Result<Vec<Result<(), RetryAfterMs>>, DatabaseError> {
        let now = millis(now);
        let mut answers = Vec::with_capacity(charges.len());
        for charge in charges {
            let wait = self.wait(charge, now).await?;
            answers.push(if wait.0 > 0 { Err(wait) } else { Ok(()) });
        }
        Ok(answers)
    }

    /// Takes a charge back.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn give_back(&mut self, charges: &[Charge]) -> Result<(), DatabaseError> {
        for charge in charges {
            sqlx::query("UPDATE throttle SET tat = tat - $2 WHERE bucket = $1")
                .bind(&charge.bucket[..])
                .bind(charge.every_ms)
                .execute(&mut *self.inner)
                .await?;
        }
        Ok(())
    }

    async fn wait(&mut self, charge: &Charge, now: i64) -> Result<RetryAfterMs, DatabaseError> {
        let row = sqlx::query("SELECT tat FROM throttle WHERE bucket = $1")
            .bind(&charge.bucket[..])
            .fetch_optional(&mut *self.inner)
            .await?;
        let Some(row) = row else {
            return Ok(RetryAfterMs(0));
        };
        let ahead = row.integer("tat")?.saturating_sub(now);
        let reach = charge.reach_ms();
        if ahead > reach.saturating_add(SKEW_MS) {
            return Ok(RetryAfterMs(0));
        }
        Ok(RetryAfterMs((ahead + charge.every_ms - reach).max(0)))
    }
}

impl Database {
    /// Forgets buckets that have long been full again.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn sweep_throttle(&self, now: OffsetDateTime) -> Result<u64, DatabaseError> {
        let mut tx = self.begin().await?;
        let done = sqlx::query("DELETE FROM throttle WHERE tat < $1")
            .bind(millis(now))
            .execute(&mut *tx.inner)
            .await?;
        tx.commit().await?;
        Ok(done.rows_affected())
    }
}
