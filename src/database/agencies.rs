//! Agencies.

use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, Tx};
use crate::model::{AgencyId, AppearanceName, MarkLanguage, Sealing};

/// A public body.
#[derive(Clone, Debug)]
pub struct AgencyRow {
    /// Its id.
    pub id: AgencyId,
    /// The one above it.
    pub parent: Option<AgencyId>,
    /// Its name.
    pub name: String,
    /// Beginnings of the codes it issues; empty: any.
    pub code_prefixes: Vec<String>,
    /// Names of the code profiles it uses; empty: all.
    pub code_profiles: Vec<String>,
    /// Who seals.
    pub sealing: Sealing,
    /// Whether its results are register extracts that need no earlier signature.
    pub unsigned_allowed: bool,
    /// How its seal shows unless a result asks otherwise; none: as the agency above has it.
    pub appearance: Option<AppearanceName>,
    /// The language of its marks; none: as the agency above has it.
    pub mark_language: Option<MarkLanguage>,
    /// Whom a requester may call.
    pub telephone: Option<String>,
    /// When it came.
    pub created_at: OffsetDateTime,
    /// Since when it is no longer in use.
    pub disabled_at: Option<OffsetDateTime>,
}

pub(super) fn agency(row: &SqliteRow) -> Result<AgencyRow, DatabaseError> {
    Ok(AgencyRow {
        id: row.parsed("id")?,
        parent: row.parsed_option("parent_id")?,
        name: row.text("name")?,
        code_prefixes: row.json("code_prefixes")?,
        code_profiles: row.json("code_profiles")?,
        sealing: row.parsed("sealing")?,
        unsigned_allowed: row.flag("unsigned_allowed")?,
        appearance: if row.flag("appearance_inherited")? {
            None
        } else {
            Some(row.parsed("appearance")?)
        },
        mark_language: row.parsed_option("mark_language")?,
        telephone: row.text_option("telephone")?,
        created_at: row.time("created_at")?,
        disabled_at: row.time_option("disabled_at")?,
    })
}

impl Database {
    /// An agency.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn agency(&self, id: AgencyId) -> Result<Option<AgencyRow>, DatabaseError> {
        let row = sqlx::query("SELECT * FROM agencies WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.reader)
            .await?;
        row.as_ref().map(agency).transpose()
    }

    /// All agencies, the oldest first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn agencies(&self) -> Result<Vec<AgencyRow>, DatabaseError> {
        let rows = sqlx::query("SELECT * FROM agencies ORDER BY created_at, id")
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(agency).collect()
    }
}

fn list(items: &[String]) -> String {
    serde_json::Value::from(items).to_string()
}

impl Tx {
    /// Adds an agency.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn insert_agency(&mut self, agency: &AgencyRow) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO agencies (id, parent_id, name, code_prefixes, code_profiles, sealing, \
             unsigned_allowed, appearance, appearance_inherited, mark_language, telephone, \
             created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
        )
        .bind(agency.id.to_string())
        .bind(agency.parent.map(|parent| parent.to_string()))
        .bind(&agency.name)
        .bind(list(&agency.code_prefixes))
        .bind(list(&agency.code_profiles))
        .bind(agency.sealing.as_str())
        .bind(i64::from(agency.unsigned_allowed))
        .bind(
            agency
                .appearance
                .as_ref()
                .unwrap_or(&AppearanceName::None)
                .as_str(),
        )
        .bind(i64::from(agency.appearance.is_none()))
        .bind(agency.mark_language.map(MarkLanguage::as_str))
        .bind(&agency.telephone)
        .bind(millis(agency.created_at))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Records who seals an agency's results from now on.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn set_sealing(
        &mut self,
        id: AgencyId,
        sealing: Sealing,
        unsigned_allowed: bool,
    ) -> Result<bool, DatabaseError> {
        let done =
            sqlx::query("UPDATE agencies SET sealing = $2, unsigned_allowed = $3 WHERE id = $1")
                .bind(id.to_string())
                .bind(sealing.as_str())
                .bind(i64::from(unsigned_allowed))
                .execute(&mut *self.inner)
                .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Takes an agency out of use; whose it was, if it was in use.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn disable_agency(
        &mut self,
        id: AgencyId,
        now: OffsetDateTime,
    ) -> Result<Option<AgencyId>, DatabaseError> {
        let row = sqlx::query(
            "UPDATE agencies SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL \
             RETURNING id AS agency",
        )
        .bind(id.to_string())
        .bind(millis(now))
        .fetch_optional(&mut *self.inner)
        .await?;
        row.map(|row| row.parsed("agency")).transpose()
    }
}
