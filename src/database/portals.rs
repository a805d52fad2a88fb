//! Portals and their origins.

use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, Tx};
use crate::model::{AgencyId, PortalId};

/// A site that embeds links.
#[derive(Clone, Debug)]
pub struct PortalRow {
    /// Its id.
    pub id: PortalId,
    /// The agency that registered it.
    pub agency: AgencyId,
    /// Its name.
    pub name: String,
    /// Its exact origins.
    pub origins: Vec<String>,
    /// When it came.
    pub created_at: OffsetDateTime,
    /// Since when it may no longer embed.
    pub disabled_at: Option<OffsetDateTime>,
}

fn portal(row: &SqliteRow) -> Result<PortalRow, DatabaseError> {
    Ok(PortalRow {
        id: row.parsed("id")?,
        agency: row.parsed("agency_id")?,
        name: row.text("name")?,
        origins: row.json("origins")?,
        created_at: row.time("created_at")?,
        disabled_at: row.time_option("disabled_at")?,
    })
}

impl Database {
    /// All portals, the oldest first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn portals(&self) -> Result<Vec<PortalRow>, DatabaseError> {
        let rows = sqlx::query("SELECT * FROM portals ORDER BY created_at, id")
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(portal).collect()
    }

    /// The portals that may embed: neither they nor their agencies are disabled.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn portals_in_use(&self) -> Result<Vec<PortalRow>, DatabaseError> {
        let rows = sqlx::query(
            "SELECT p.* FROM portals AS p JOIN agencies AS a ON a.id = p.agency_id \
             WHERE p.disabled_at IS NULL AND a.disabled_at IS NULL",
        )
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(portal).collect()
    }
}

impl Tx {
    /// Adds a portal.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn insert_portal(&mut self, portal: &PortalRow) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO portals (id, agency_id, name, origins, created_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(portal.id.to_string())
        .bind(portal.agency.to_string())
        .bind(&portal.name)
        .bind(serde_json::Value::from(portal.origins.as_slice()).to_string())
        .bind(millis(portal.created_at))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Ends a portal's right to embed; whose it was, if it was in use.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn disable_portal(
        &mut self,
        id: PortalId,
        now: OffsetDateTime,
    ) -> Result<Option<AgencyId>, DatabaseError> {
        let row = sqlx::query(
            "UPDATE portals SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL \
             RETURNING agency_id AS agency",
        )
        .bind(id.to_string())
        .bind(millis(now))
        .fetch_optional(&mut *self.inner)
        .await?;
        row.map(|row| row.parsed("agency")).transpose()
    }
}
