//! Idempotency keys: a request that is sent again gets the answer of the first. Refusals are not
//! remembered.

use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Actor, Database, DatabaseError, Tx};
use crate::model::{ResultId, Sha256Digest};

/// A request with a key.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Who sent it: keys of different callers never meet.
    pub caller: Actor,
    /// SHA-256 of the key.
    pub key_sha256: Sha256Digest,
    /// SHA-256 over what was asked: parsed fields and the files' digests.
    pub fingerprint: Sha256Digest,
    /// Drawn for this request: what it does to a claim that is another request's by now has no
    /// effect.
    pub holder: [u8; 16],
}

/// What is known of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// It is new, and this request's now.
    New,
    /// The same request is under way.
    InFlight,
    /// The same request led to this result.
    Done(ResultId),
    /// The key was used for something else.
    Conflict,
}

impl Tx {
    /// Claims a key. Rows from before `forgotten` do not count any more; claims without a result
    /// that nobody has renewed since `abandoned` were left by a crash.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn claim(
        &mut self,
        claim: &Claim,
        now: OffsetDateTime,
        forgotten: OffsetDateTime,
        abandoned: OffsetDateTime,
    ) -> Result<Claimed, DatabaseError> {
        self.forget_claims(forgotten, abandoned).await?;
        let row = sqlx::query(
            "SELECT fingerprint, result_id FROM idempotency WHERE caller = $1 AND key_sha256 = $2",
        )
        .bind(claim.caller.to_string())
        .bind(&claim.key_sha256.as_bytes()[..])
        .fetch_optional(&mut *self.inner)
        .await?;
        if let Some(row) = row {
            let is_same = row.digest("fingerprint")? == claim.fingerprint;
            return Ok(match row.parsed_option("result_id")? {
                _ if !is_same => Claimed::Conflict,
                Some(result) => Claimed::Done(result),
                None => Claimed::InFlight,
            });
        }
        sqlx::query(
            "INSERT INTO idempotency (caller, key_sha256, fingerprint, created_at, holder) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(claim.caller.to_string())
        .bind(&claim.key_sha256.as_bytes()[..])
        .bind(&claim.fingerprint.as_bytes()[..])
        .bind(millis(now))
        .bind(&claim.holder[..])
        .execute(&mut *self.inner)
        .await?;
        Ok(Claimed::New)
    }

    /// Says that the request of a claim still lives; whether the claim is its own yet.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn renew_claim(
        &mut self,
        claim: &Claim,
        now: OffsetDateTime,
    ) -> Result<bool, DatabaseError> {
        // The time of a claim is the last one at which its request was seen alive.
        let renewed = sqlx::query(
            "UPDATE idempotency SET created_at = $4 WHERE caller = $1 AND key_sha256 = $2 \
             AND holder = $3",
        )
        .bind(claim.caller.to_string())
        .bind(&claim.key_sha256.as_bytes()[..])
        .bind(&claim.holder[..])
        .bind(millis(now))
        .execute(&mut *self.inner)
        .await?;
        Ok(renewed.rows_affected() == 1)
    }

    /// Records what a claimed request led to.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn end_claim(
        &mut self,
        claim: &Claim,
        result: ResultId,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "UPDATE idempotency SET result_id = $4 \
             WHERE caller = $1 AND key_sha256 = $2 AND holder = $3",
        )
        .bind(claim.caller.to_string())
        .bind(&claim.key_sha256.as_bytes()[..])
        .bind(&claim.holder[..])
        .bind(result.to_string())
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Gives a claim back: the request was refused and may be sent again, mended.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn drop_claim(&mut self, claim: &Claim) -> Result<(), DatabaseError> {
        sqlx::query(
            "DELETE FROM idempotency WHERE caller = $1 AND key_sha256 = $2 \
             AND holder = $3 AND result_id IS NULL",
        )
        .bind(claim.caller.to_string())
        .bind(&claim.key_sha256.as_bytes()[..])
        .bind(&claim.holder[..])
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    async fn forget_claims(
        &mut self,
        forgotten: OffsetDateTime,
        abandoned: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "DELETE FROM idempotency WHERE created_at < $1 \
             OR (created_at < $2 AND result_id IS NULL)",
        )
        .bind(millis(forgotten))
        .bind(millis(abandoned))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }
}

impl Database {
    /// Forgets keys that no longer count.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn sweep_claims(
        &self,
        forgotten: OffsetDateTime,
        abandoned: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        let mut tx = self.begin().await?;
        tx.forget_claims(forgotten, abandoned).await?;
        tx.commit().await
    }
}
