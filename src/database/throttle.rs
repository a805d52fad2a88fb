//! The throttle's statement: GCRA (the generic cell rate algorithm) with its theoretical arrival
//! time in the database, so that all instances count together.
//!
//! A bucket admits `burst` at once and then one each `every_ms`. What is stored is the time at
//! which the bucket would be full again; a charge moves it by `every_ms` and is refused where it
//! would lie more than `burst × every_ms` ahead of now. A stored time further ahead than that (a
//! clock set back) counts as just that far, so that nobody is shut out for longer.

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
                 ON CONFLICT (bucket) DO UPDATE SET tat = $3 + CASE \
                   WHEN t.tat < $2 THEN $2 WHEN t.tat > $2 + $4 THEN $2 + $4 ELSE t.tat END \
                 WHERE $3 + CASE \
                   WHEN t.tat < $2 THEN $2 WHEN t.tat > $2 + $4 THEN $2 + $4 ELSE t.tat END \
                   <= $2 + $4 \
                 RETURNING tat",
            )
            .bind(&charge.bucket[..])
            .bind(now)
            .bind(charge.every_ms)
            .bind(charge.reach_ms())
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
        let tat = row
            .map(|row| row.integer("tat"))
            .transpose()?
            .unwrap_or(now);
        let tat = tat.clamp(now, now.saturating_add(charge.reach_ms()));
        Ok(RetryAfterMs(
            (tat + charge.every_ms - charge.reach_ms() - now).max(0),
        ))
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
