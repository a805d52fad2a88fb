//! From where officers have logged in lately.

use time::{Duration, OffsetDateTime};

use super::row::millis;
use super::{Database, DatabaseError, Tx};
use crate::model::OfficerId;

/// A client is known for an officer for so long after the last login from it.
const REMEMBERED: Duration = Duration::days(30);

impl Database {
    /// Whether the officer of a login has lately logged in from a client.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn is_login_client(
        &self,
        login: &str,
        client: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<bool, DatabaseError> {
        let row = sqlx::query(
            "SELECT c.seen_at AS seen_at FROM login_clients AS c \
             JOIN officers AS o ON o.id = c.officer_id \
             WHERE o.login = $1 AND c.client = $2 AND c.seen_at > $3",
        )
        .bind(login)
        .bind(&client[..])
        .bind(millis(now - REMEMBERED))
        .fetch_optional(&self.reader)
        .await?;
        Ok(row.is_some())
    }
}

impl Tx {
    /// Remembers from where an officer logged in, and forgets what is long ago.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn note_login_client(
        &mut self,
        officer: OfficerId,
        client: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        sqlx::query("DELETE FROM login_clients WHERE seen_at < $1")
            .bind(millis(now - REMEMBERED))
            .execute(&mut *self.inner)
            .await?;
        sqlx::query(
            "INSERT INTO login_clients (officer_id, client, seen_at) VALUES ($1, $2, $3) \
             ON CONFLICT (officer_id, client) DO UPDATE SET seen_at = excluded.seen_at",
        )
        .bind(officer.to_string())
        .bind(&client[..])
        .bind(millis(now))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }
}
