//! Intents: committed before a key is used, one row for each use. A row without an outcome is the
//! truth about a crash in between: nobody knows whether the key was used.

use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, Tx};
use crate::model::{IdentityId, ObjectKey, ParseIdError, ResultId, Sha256Digest};

/// The intent to seal one file.
#[derive(Clone, Debug)]
pub struct NewIntent {
    /// 128 random bits.
    pub id: [u8; 16],
    /// The result.
    pub result: ResultId,
    /// Which of its files.
    pub n: u32,
    /// With which identity.
    pub identity: IdentityId,
    /// SHA-256 of its certificate.
    pub certificate_sha256: Sha256Digest,
    /// The time that will stand in `/M`.
    pub signed_at: OffsetDateTime,
}

/// What became of an intent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IntentOutcome<'o> {
    /// The key was used, and the sealed file lies there.
    Signed(&'o ObjectKey),
    /// No sealed file came of it.
    Failed,
}

impl Database {
    /// The files of a result that were sealed with an identity.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn sealed_with(
        &self,
        result: ResultId,
        identity: IdentityId,
    ) -> Result<Vec<u32>, DatabaseError> {
        let rows = sqlx::query(
            "SELECT DISTINCT n FROM signing_intents WHERE result_id = $1 AND identity_id = $2 \
             AND outcome = 'signed' ORDER BY n",
        )
        .bind(result.to_string())
        .bind(identity.to_string())
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(|row| row.number("n")).collect()
    }

    /// The objects that intents of a result led to, and how many of its intents have no outcome.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn intents(&self, result: ResultId) -> Result<(Vec<ObjectKey>, u64), DatabaseError> {
        let rows = sqlx::query(
            "SELECT object_key, outcome FROM signing_intents WHERE result_id = $1 \
             ORDER BY created_at, id",
        )
        .bind(result.to_string())
        .fetch_all(&self.reader)
        .await?;
        let (mut objects, mut unknown) = (Vec::new(), 0);
        for row in &rows {
            if let Some(key) = row.text_option("object_key")? {
                objects.push(
                    key.parse()
                        .map_err(|_: ParseIdError| DatabaseError::Malformed("object_key"))?,
                );
            }
            unknown += u64::from(row.text_option("outcome")?.is_none());
        }
        Ok((objects, unknown))
    }
}

impl Tx {
    /// Records that a key is about to be used.
    ///
    /// # Errors
    /// [`DatabaseError`]: then it must not be.
    pub async fn insert_intent(
        &mut self,
        intent: &NewIntent,
        now: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO signing_intents (id, result_id, n, identity_id, certificate_sha256, \
             signed_at, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(hex::encode(intent.id))
        .bind(intent.result.to_string())
        .bind(i64::from(intent.n))
        .bind(intent.identity.to_string())
        .bind(&intent.certificate_sha256.as_bytes()[..])
        .bind(millis(intent.signed_at))
        .bind(millis(now))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Records what became of it.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn end_intent(
        &mut self,
        id: &[u8; 16],
        outcome: IntentOutcome<'_>,
    ) -> Result<(), DatabaseError> {
        let (word, key) = match outcome {
            IntentOutcome::Signed(key) => ("signed", Some(key.as_str())),
            IntentOutcome::Failed => ("failed", None),
        };
        sqlx::query(
            "UPDATE signing_intents SET outcome = $2, object_key = $3 \
             WHERE id = $1 AND outcome IS NULL",
        )
        .bind(hex::encode(id))
        .bind(word)
        .bind(key)
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }
}
