//! What was asked about revocation before a key was used, and answered. An answer that many
//! results rest on is kept once.

use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, Tx};
use crate::model::{ResultId, Sha256Digest};

/// An answer about revocation, as it came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RevocationAnswerRow {
    /// `ocsp` or `crl`.
    pub kind: String,
    /// The `OCSPResponse` or `CertificateList`.
    pub der: Vec<u8>,
    /// When the result's signing asked for it.
    pub asked_at: OffsetDateTime,
}

impl Database {
    /// The answers that a result's signing rests on.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn revocation_answers(
        &self,
        result: ResultId,
    ) -> Result<Vec<RevocationAnswerRow>, DatabaseError> {
        let rows = sqlx::query(
            "SELECT a.kind AS kind, a.der AS der, r.asked_at AS asked_at \
             FROM result_answers AS r JOIN revocation_answers AS a \
             ON a.sha256 = r.answer_sha256 WHERE r.result_id = $1 \
             ORDER BY r.asked_at, a.sha256",
        )
        .bind(result.to_string())
        .fetch_all(&self.reader)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(RevocationAnswerRow {
                    kind: row.text("kind")?,
                    der: row.blob("der")?,
                    asked_at: row.time("asked_at")?,
                })
            })
            .collect()
    }
}

impl Tx {
    /// Keeps an answer that a result's signing rests on.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn keep_revocation_answer(
        &mut self,
        result: ResultId,
        answer: &RevocationAnswerRow,
    ) -> Result<(), DatabaseError> {
        let sha256 = Sha256Digest::of(&answer.der);
        sqlx::query(
            "INSERT INTO revocation_answers (sha256, kind, der) VALUES ($1, $2, $3) \
             ON CONFLICT (sha256) DO NOTHING",
        )
        .bind(&sha256.as_bytes()[..])
        .bind(&answer.kind)
        .bind(&answer.der)
        .execute(&mut *self.inner)
        .await?;
        sqlx::query(
            "INSERT INTO result_answers (result_id, answer_sha256, asked_at) \
             VALUES ($1, $2, $3) ON CONFLICT (result_id, answer_sha256) DO NOTHING",
        )
        .bind(result.to_string())
        .bind(&sha256.as_bytes()[..])
        .bind(millis(answer.asked_at))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }
}
