//! Officers.

use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, Tx};
use crate::model::{AgencyId, OfficerId};

/// A person who works for an agency.
#[derive(Clone)]
pub struct OfficerRow {
    /// Their id.
    pub id: OfficerId,
    /// Their agency.
    pub agency: AgencyId,
    /// The name they log in by.
    pub login: String,
    /// Their own name.
    pub name: String,
    /// Words of their roles.
    pub roles: Vec<String>,
    /// The password's hash.
    pub password_phc: String,
    /// Which pepper went into it.
    pub pepper_version: u32,
    /// When they came.
    pub created_at: OffsetDateTime,
    /// Since when they may no longer log in.
    pub disabled_at: Option<OffsetDateTime>,
}

fn officer(row: &SqliteRow) -> Result<OfficerRow, DatabaseError> {
    Ok(OfficerRow {
        id: row.parsed("id")?,
        agency: row.parsed("agency_id")?,
        login: row.text("login")?,
        name: row.text("name")?,
        roles: row.json("roles")?,
        password_phc: row.text("password_hash")?,
        pepper_version: row.number("pepper_version")?,
        created_at: row.time("created_at")?,
        disabled_at: row.time_option("disabled_at")?,
    })
}

impl Database {
    /// An officer by id.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn officer(&self, id: OfficerId) -> Result<Option<OfficerRow>, DatabaseError> {
        let row = sqlx::query("SELECT * FROM officers WHERE id = $1")
            .bind(id.to_string())
            .fetch_optional(&self.reader)
            .await?;
        row.as_ref().map(officer).transpose()
    }

    /// An officer by login.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn officer_by_login(&self, login: &str) -> Result<Option<OfficerRow>, DatabaseError> {
        let row = sqlx::query("SELECT * FROM officers WHERE login = $1")
            .bind(login)
            .fetch_optional(&self.reader)
            .await?;
        row.as_ref().map(officer).transpose()
    }

    /// All officers by login.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn officers(&self) -> Result<Vec<OfficerRow>, DatabaseError> {
        let rows = sqlx::query("SELECT * FROM officers ORDER BY login")
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(officer).collect()
    }
}

impl Tx {
    /// Adds an officer.
    ///
    /// # Errors
    /// [`DatabaseError::Conflict`] when the login is taken.
    pub async fn insert_officer(&mut self, officer: &OfficerRow) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO officers (id, agency_id, login, name, roles, password_hash, \
             pepper_version, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        )
        .bind(officer.id.to_string())
        .bind(officer.agency.to_string())
        .bind(&officer.login)
        .bind(&officer.name)
        .bind(serde_json::Value::from(officer.roles.as_slice()).to_string())
        .bind(&officer.password_phc)
        .bind(i64::from(officer.pepper_version))
        .bind(millis(officer.created_at))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Ends an officer's access, sessions included; whose it was, if it was in use.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn disable_officer(
        &mut self,
        id: OfficerId,
        now: OffsetDateTime,
    ) -> Result<Option<AgencyId>, DatabaseError> {
        sqlx::query("DELETE FROM sessions WHERE officer_id = $1")
            .bind(id.to_string())
            .execute(&mut *self.inner)
            .await?;
        let row = sqlx::query(
            "UPDATE officers SET disabled_at = $2 WHERE id = $1 AND disabled_at IS NULL \
             RETURNING agency_id AS agency",
        )
        .bind(id.to_string())
        .bind(millis(now))
        .fetch_optional(&mut *self.inner)
        .await?;
        row.map(|row| row.parsed("agency")).transpose()
    }
}
