//! Which network has missed lately where: anybody can empty a bucket of the throttle that is
//! everybody's, and a network that has not missed there still has one try.

use time::OffsetDateTime;

use super::row::millis;
use super::{DatabaseError, Tx};

impl Tx {
    /// Notes that a network gave a wrong code that a bucket counts.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn note_miss(
        &mut self,
        bucket: &[u8; 32],
        net: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO misses (bucket, net, missed_at) VALUES ($1, $2, $3) \
             ON CONFLICT (bucket, net) DO UPDATE SET missed_at = excluded.missed_at",
        )
        .bind(&bucket[..])
        .bind(&net[..])
        .bind(millis(now))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Takes the one try of a network that has not missed there since `since`; whether it had one.
    /// It counts as a miss from then on: of callers that come together one has it.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn take_try(
        &mut self,
        bucket: &[u8; 32],
        net: &[u8; 32],
        since: OffsetDateTime,
        now: OffsetDateTime,
    ) -> Result<bool, DatabaseError> {
        let taken = sqlx::query(
            "INSERT INTO misses AS m (bucket, net, missed_at) VALUES ($1, $2, $3) \
             ON CONFLICT (bucket, net) DO UPDATE SET missed_at = excluded.missed_at \
             WHERE m.missed_at <= $4",
        )
        .bind(&bucket[..])
        .bind(&net[..])
        .bind(millis(now))
        .bind(millis(since))
        .execute(&mut *self.inner)
        .await?;
        Ok(taken.rows_affected() == 1)
    }

    /// Gives a try back: it was no miss.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn give_try_back(
        &mut self,
        bucket: &[u8; 32],
        net: &[u8; 32],
    ) -> Result<(), DatabaseError> {
        sqlx::query("DELETE FROM misses WHERE bucket = $1 AND net = $2")
            .bind(&bucket[..])
            .bind(&net[..])
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }
}
