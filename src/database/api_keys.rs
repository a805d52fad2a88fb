//! Programs' keys.

use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, Tx};
use crate::model::{AgencyId, ApiKeyId};

/// A program's key.
#[derive(Clone, Debug)]
pub struct ApiKeyRow {
    /// The public half.
    pub id: ApiKeyId,
    /// Whose it is.
    pub agency: AgencyId,
    /// What it is for, in an administrator's words.
    pub name: String,
    /// SHA-256 of the secret half.
    pub secret_sha256: [u8; 32],
    /// Words of its scopes.
    pub scopes: Vec<String>,
    /// When it came.
    pub created_at: OffsetDateTime,
    /// When it ends.
    pub expires_at: OffsetDateTime,
    /// Since when it is no longer taken.
    pub disabled_at: Option<OffsetDateTime>,
}

fn api_key(row: &SqliteRow) -> Result<ApiKeyRow, DatabaseError> {
    Ok(ApiKeyRow {
        id: row.parsed("id")?,
        agency: row.parsed("agency_id")?,
        name: row.text("name")?,
        secret_sha256: row.bytes32("secret_sha256")?,
        scopes: row.json("scopes")?,
        created_at: row.time("created_at")?,
        expires_at: row.time("expires_at")?,
        disabled_at: row.time_option("disabled_at")?,
    })
}

impl Database {
    /// A key by its public half.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn api_key(&self, id: ApiKeyId) -> Result<Option<ApiKeyRow>, DatabaseError> {
        let row = sqlx::query("SELECT * FROM api_keys WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.reader)
            .await?;
        row.as_ref().map(api_key).transpose()
    }

    /// All keys, the oldest first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn api_keys(&self) -> Result<Vec<ApiKeyRow>, DatabaseError> {
        let rows = sqlx::query("SELECT * FROM api_keys ORDER BY created_at, id")
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(api_key).collect()
    }
}

impl Tx {
    /// Adds a key.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn insert_api_key(&mut self, key: &ApiKeyRow) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO api_keys (id, agency_id, name, secret_sha256, scopes, created_at, \
             expires_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(key.id.to_string())
        .bind(key.agency.to_string())
        .bind(&key.name)
        .bind(&key.secret_sha256[..])
        .bind(serde_json::Value::from(key.scopes.as_slice()).to_string())
        .bind(millis(key.created_at))
        .bind(millis(key.expires_at))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Ends a key; whose it was, if it was in use.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn disable_api_key(
        &mut self,
        id: ApiKeyId,
        now: OffsetDateTime,
    ) -> Result<Option<AgencyId>, DatabaseError> {
        let row = sqlx::query(
            "UPDATE api_keys SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL \
             RETURNING agency_id AS agency",
        )
        .bind(id.to_string())
        .bind(millis(now))
        .fetch_optional(&mut *self.inner)
        .await?;
        row.map(|row| row.parsed("agency")).transpose()
    }
}
