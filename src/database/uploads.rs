//! Received objects between their first byte and the commit that names them. What is written down here
//! and was never committed is a crash's leavings; an object that is not was put there by another
//! installation, or by this one before its database was set back, and is nobody's to remove.

use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, Tx};
use crate::model::ObjectKey;

impl Database {
    /// Objects whose writing was begun before that time and that no result names, at most so many.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn abandoned_uploads(
        &self,
        before: OffsetDateTime,
        most: u32,
    ) -> Result<Vec<ObjectKey>, DatabaseError> {
        let rows = sqlx::query(
            "SELECT object_key FROM uploads WHERE begun_at < $1 \
             AND object_key NOT IN (SELECT received_key FROM files) ORDER BY begun_at LIMIT $2",
        )
        .bind(millis(before))
        .bind(i64::from(most))
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(|row| row.parsed("object_key")).collect()
    }
}

impl Tx {
    /// Writes down that an object is about to be written.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn begin_upload(
        &mut self,
        key: &ObjectKey,
        at: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        sqlx::query("INSERT INTO uploads (object_key, begun_at) VALUES ($1, $2)")
            .bind(key.as_str())
            .bind(millis(at))
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }

    /// Forgets it: a result names the object now, or it was removed.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn end_upload(&mut self, key: &ObjectKey) -> Result<(), DatabaseError> {
        sqlx::query("DELETE FROM uploads WHERE object_key = $1")
            .bind(key.as_str())
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }
}
