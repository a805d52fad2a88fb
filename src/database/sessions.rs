//! Officers' sessions.

use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, Tx};
use crate::model::OfficerId;

/// A session.
#[derive(Clone, Debug)]
pub struct SessionRow {
    /// SHA-256 of the cookie's secret.
    pub secret_sha256: [u8; 32],
    /// Whose it is.
    pub officer: OfficerId,
    /// When it was last used.
    pub seen_at: OffsetDateTime,
    /// When it ends whatever happens.
    pub expires_at: OffsetDateTime,
}

impl Database {
    /// The session of a cookie.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn session(
        &self,
        secret_sha256: &[u8; 32],
    ) -> Result<Option<SessionRow>, DatabaseError> {
        let row = sqlx::query("SELECT * FROM sessions WHERE secret_sha256 = $1")
            .bind(&secret_sha256[..])
            .fetch_optional(&self.reader)
            .await?;
        row.map(|row| {
            Ok(SessionRow {
                secret_sha256: row.bytes32("secret_sha256")?,
                officer: row.parsed("officer_id")?,
                seen_at: row.time("seen_at")?,
                expires_at: row.time("expires_at")?,
            })
        })
        .transpose()
    }
}

impl Tx {
    /// Begins a session, and forgets those that have ended.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn insert_session(&mut self, session: &SessionRow) -> Result<(), DatabaseError> {
        sqlx::query("DELETE FROM sessions WHERE expires_at < $1")
            .bind(millis(session.seen_at))
            .execute(&mut *self.inner)
            .await?;
        sqlx::query(
            "INSERT INTO sessions (secret_sha256, officer_id, created_at, seen_at, expires_at) \
             VALUES ($1, $2, $3, $3, $4)",
        )
        .bind(&session.secret_sha256[..])
        .bind(session.officer.to_string())
        .bind(millis(session.seen_at))
        .bind(millis(session.expires_at))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Notes that a session is in use.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn touch_session(
        &mut self,
        secret_sha256: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        sqlx::query("UPDATE sessions SET seen_at = $2 WHERE secret_sha256 = $1")
            .bind(&secret_sha256[..])
            .bind(millis(now))
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Ends a session.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn delete_session(&mut self, secret_sha256: &[u8; 32]) -> Result<(), DatabaseError> {
        sqlx::query("DELETE FROM sessions WHERE secret_sha256 = $1")
            .bind(&secret_sha256[..])
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }
}
