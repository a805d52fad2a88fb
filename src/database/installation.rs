//! Facts about the installation, one row each.

use super::row::Columns as _;
use super::{Database, DatabaseError, Tx};

impl Database {
    /// A fact by its name.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn installation(&self, name: &str) -> Result<Option<String>, DatabaseError> {
        let row = sqlx::query("SELECT value FROM installation WHERE name = $1")
            .bind(name)
            .fetch_optional(&self.reader)
            .await?;
        row.map(|row| row.text("value")).transpose()
    }

    /// Whether nobody has used it yet: no fact and no agency.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn is_fresh(&self) -> Result<bool, DatabaseError> {
        let row = sqlx::query(
            "SELECT (SELECT count(*) FROM installation) + (SELECT count(*) FROM agencies) AS n",
        )
        .fetch_one(&self.reader)
        .await?;
        Ok(row.integer("n")? == 0)
    }
}

impl Tx {
    /// Writes a fact, over an older value.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn set_installation(&mut self, name: &str, value: &str) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO installation (name, value) VALUES ($1, $2) \
             ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        )
        .bind(name)
        .bind(value)
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }
}
