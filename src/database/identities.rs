//! Signing identities: where each key lies, never a key.

use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, Tx};
use crate::model::{AgencyId, IdentityId};

/// Where a signing identity comes from.
#[derive(Clone, Debug)]
pub struct IdentityRow {
    /// Its id.
    pub id: IdentityId,
    /// The agency that signs with it.
    pub agency: AgencyId,
    /// Its name.
    pub name: String,
    /// JSON that tells the files; see `publication::identities`.
    pub source: serde_json::Value,
    /// The scheme, unless it is its key's default.
    pub scheme: Option<String>,
    /// The level that its signatures shall reach, `B-B` …
    pub level: String,
    /// With less than this no result goes out.
    pub level_min: String,
    /// `warn` or `hold`: what happens where nobody tells whether its certificate is revoked.
    pub revocation: String,
    /// When it came.
    pub created_at: OffsetDateTime,
    /// Since when it signs no more.
    pub disabled_at: Option<OffsetDateTime>,
}

fn identity(row: &SqliteRow) -> Result<IdentityRow, DatabaseError> {
    Ok(IdentityRow {
        id: row.parsed("id")?,
        agency: row.parsed("agency_id")?,
        name: row.text("name")?,
        source: row.json("source")?,
        scheme: row.text_option("scheme")?,
        level: row.text("level")?,
        level_min: row.text("level_min")?,
        revocation: row.text("revocation")?,
        created_at: row.time("created_at")?,
        disabled_at: row.time_option("disabled_at")?,
    })
}

impl Database {
    /// All identities, the oldest first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn identities(&self) -> Result<Vec<IdentityRow>, DatabaseError> {
        let rows = sqlx::query("SELECT * FROM identities ORDER BY created_at, id")
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(identity).collect()
    }

    /// The newest identity that is in use, of an agency that is in use itself.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn active_identity(
        &self,
        agency: AgencyId,
    ) -> Result<Option<IdentityRow>, DatabaseError> {
        let row = sqlx::query(
            "SELECT i.* FROM identities AS i JOIN agencies AS a ON a.id = i.agency_id \
             WHERE i.agency_id = $1 AND i.disabled_at IS NULL AND a.disabled_at IS NULL \
             ORDER BY i.created_at DESC, i.id DESC LIMIT 1",
        )
        .bind(agency.to_string())
        .fetch_optional(&self.reader)
        .await?;
        row.as_ref().map(identity).transpose()
    }
}

impl Tx {
    /// Adds an identity.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn insert_identity(&mut self, identity: &IdentityRow) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO identities (id, agency_id, name, source, scheme, created_at, level, \
             level_min, revocation) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(identity.id.to_string())
        .bind(identity.agency.to_string())
        .bind(&identity.name)
        .bind(identity.source.to_string())
        .bind(&identity.scheme)
        .bind(millis(identity.created_at))
        .bind(&identity.level)
        .bind(&identity.level_min)
        .bind(&identity.revocation)
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Sets how far an identity's signatures shall be provable, as far as that is given; the identity
    /// as it is now, if it is in use.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn set_identity_policy(
        &mut self,
        id: IdentityId,
        level: Option<&str>,
        level_min: Option<&str>,
        revocation: Option<&str>,
    ) -> Result<Option<IdentityRow>, DatabaseError> {
        let row = sqlx::query(
            "UPDATE identities SET level = COALESCE($2, level), \
             level_min = COALESCE($3, level_min), revocation = COALESCE($4, revocation) \
             WHERE id = $1 AND disabled_at IS NULL RETURNING *",
        )
        .bind(id.to_string())
        .bind(level)
        .bind(level_min)
        .bind(revocation)
        .fetch_optional(&mut *self.inner)
        .await?;
        row.as_ref().map(identity).transpose()
    }

    /// Takes an identity out of use; whose it was, if it was in use.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn disable_identity(
        &mut self,
        id: IdentityId,
        now: OffsetDateTime,
    ) -> Result<Option<AgencyId>, DatabaseError> {
        let row = sqlx::query(
            "UPDATE identities SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL \
             RETURNING agency_id AS agency",
        )
        .bind(id.to_string())
        .bind(millis(now))
        .fetch_optional(&mut *self.inner)
        .await?;
        row.map(|row| row.parsed("agency")).transpose()
    }
}
