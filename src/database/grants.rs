//! What the gate looks up and writes: results by link, grants, openings, misses.

use time::{Duration, OffsetDateTime};

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, StoredObject, Tx};
use crate::model::{AgencyId, CodeIndex, ReleasePolicy, ResultId, ResultState};

/// An opening counts again after so long.
const OPENING_REMEMBERED: Duration = Duration::hours(24);

/// A result as the gate sees it.
#[derive(Clone, Debug)]
pub struct GateRow {
    /// The result.
    pub result: ResultId,
    /// Whose it is.
    pub agency: AgencyId,
    /// Where it stands.
    pub state: ResultState,
    /// What a requester must supply.
    pub policy: ReleasePolicy,
    /// The index of its dossier's code.
    pub code: CodeIndex,
}

/// A grant to be kept.
#[derive(Clone, Debug)]
pub struct NewGrant {
    /// SHA-256 of its secret.
    pub secret_sha256: [u8; 32],
    /// What it opens.
    pub result: ResultId,
    /// The keyed hash of who got it.
    pub client: [u8; 32],
    /// When.
    pub created_at: OffsetDateTime,
    /// Until when.
    pub expires_at: OffsetDateTime,
}

/// A file of a released result.
#[derive(Clone, Debug)]
pub struct GrantFile {
    /// From 1.
    pub n: u32,
    /// Its name.
    pub name: String,
    /// Where the newest sealed revision lies.
    pub object: StoredObject,
    /// Who signed it.
    pub signer: String,
    /// When.
    pub signed_at: OffsetDateTime,
}

/// A grant with what it opens.
#[derive(Clone, Debug)]
pub struct GrantRow {
    /// The result.
    pub result: ResultId,
    /// Whose it is.
    pub agency: AgencyId,
    /// Its title.
    pub title: String,
    /// The agency's name.
    pub agency_name: String,
    /// Whom to call there.
    pub telephone: Option<String>,
    /// Until when.
    pub expires_at: OffsetDateTime,
    /// The digest of the link that it is released by.
    pub link_sha256: [u8; 32],
    /// Its files.
    pub files: Vec<GrantFile>,
}

const IS_RELEASED_BY: &str = "SELECT 1 FROM results WHERE id = $1 AND link_sha256 = $2 \
     AND state = 'released' AND policy = 'link'";

impl Database {
    /// A grant that lasts, of a result that is still released.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn grant(
        &self,
        secret_sha256: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<Option<GrantRow>, DatabaseError> {
        let row = sqlx::query(
            "SELECT r.id AS id, r.agency_id AS agency_id, r.title AS title, \
               r.link_sha256 AS link_sha256, a.name AS agency_name, \
               a.telephone AS telephone, g.expires_at AS expires_at \
             FROM grants AS g JOIN results AS r ON r.id = g.result_id \
             JOIN agencies AS a ON a.id = r.agency_id \
             WHERE g.secret_sha256 = $1 AND g.expires_at > $2 AND r.state = 'released'",
        )
        .bind(&secret_sha256[..])
        .bind(millis(now))
        .fetch_optional(&self.reader)
        .await?;
        let Some(row) = row else { return Ok(None) };
        let result: ResultId = row.parsed("id")?;
        Ok(Some(GrantRow {
            result,
            agency: row.parsed("agency_id")?,
            title: row.text("title")?,
            agency_name: row.text("agency_name")?,
            telephone: row.text_option("telephone")?,
            expires_at: row.time("expires_at")?,
            link_sha256: row.bytes32("link_sha256")?,
            files: self.sealed_files(result).await?,
        }))
    }

    /// Whether a result is still released by this link.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn is_released_by(
        &self,
        result: ResultId,
        link_sha256: &[u8; 32],
    ) -> Result<bool, DatabaseError> {
        let row = sqlx::query(IS_RELEASED_BY)
            .bind(result.to_string())
            .bind(&link_sha256[..])
            .fetch_optional(&self.reader)
            .await?;
        Ok(row.is_some())
    }

    /// The newest sealed revision of each file of a result.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn sealed_files(&self, result: ResultId) -> Result<Vec<GrantFile>, DatabaseError> {
        let rows = sqlx::query(
            "SELECT f.n AS n, f.name AS name, v.object_key AS object_key, v.sha256 AS sha256, \
               v.size AS size, v.signer AS signer, v.signed_at AS signed_at \
             FROM files AS f JOIN revisions AS v ON v.result_id = f.result_id AND v.n = f.n \
             WHERE f.result_id = $1 AND v.revision = (SELECT max(w.revision) FROM revisions AS w \
               WHERE w.result_id = f.result_id AND w.n = f.n) \
             ORDER BY f.n",
        )
        .bind(result.to_string())
        .fetch_all(&self.reader)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(GrantFile {
                    n: row.number("n")?,
                    name: row.text("name")?,
                    object: StoredObject {
                        key: row.parsed("object_key")?,
                        sha256: row.digest("sha256")?,
                        len: row.number("size")?,
                    },
                    signer: row.text("signer")?,
                    signed_at: row.time("signed_at")?,
                })
            })
            .collect()
    }

    /// Forgets grants, openings and misses that no longer matter.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn sweep_gate(&self, now: OffsetDateTime) -> Result<(), DatabaseError> {
        let day_ago = millis(now - OPENING_REMEMBERED);
        let mut tx = self.begin().await?;
        for (sql, before) in [
            ("DELETE FROM grants WHERE expires_at < $1", millis(now)),
            ("DELETE FROM openings WHERE opened_at < $1", day_ago),
            ("DELETE FROM misses WHERE missed_at < $1", day_ago),
        ] {
            sqlx::query(sql)
                .bind(before)
                .execute(&mut *tx.inner)
                .await?;
        }
        tx.commit().await
    }
}

impl Tx {
    /// The result of a link, whatever its state.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn gate_row(
        &mut self,
        link_sha256: &[u8; 32],
    ) -> Result<Option<GateRow>, DatabaseError> {
        let row = sqlx::query(
            "SELECT r.id AS id, r.agency_id AS agency_id, r.state AS state, r.policy AS policy, \
               d.code_index AS code_index, d.code_key_version AS code_key_version \
             FROM results AS r JOIN dossiers AS d ON d.id = r.dossier_id \
             WHERE r.link_sha256 = $1",
        )
        .bind(&link_sha256[..])
        .fetch_optional(&mut *self.inner)
        .await?;
        row.map(|row| {
            Ok(GateRow {
                result: row.parsed("id")?,
                agency: row.parsed("agency_id")?,
                state: row.parsed("state")?,
                policy: row.parsed("policy")?,
                code: CodeIndex {
                    key_version: row.number("code_key_version")?,
                    bytes: row.bytes32("code_index")?,
                },
            })
        })
        .transpose()
    }

    /// Whether a result is still released by this link, as this transaction sees it.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn is_released_by(
        &mut self,
        result: ResultId,
        link_sha256: &[u8; 32],
    ) -> Result<bool, DatabaseError> {
        let row = sqlx::query(IS_RELEASED_BY)
            .bind(result.to_string())
            .bind(&link_sha256[..])
            .fetch_optional(&mut *self.inner)
            .await?;
        Ok(row.is_some())
    }

    /// Keeps a grant.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn insert_grant(&mut self, grant: &NewGrant) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO grants (secret_sha256, result_id, client, created_at, expires_at) \
             VALUES ($1, $2, $3, $4, $5)",
        )
        .bind(&grant.secret_sha256[..])
        .bind(grant.result.to_string())
        .bind(&grant.client[..])
        .bind(millis(grant.created_at))
        .bind(millis(grant.expires_at))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Notes that a client opens a result; whether that is new within 24 hours.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn note_opening(
        &mut self,
        client: &[u8; 32],
        result: ResultId,
        now: OffsetDateTime,
    ) -> Result<bool, DatabaseError> {
        let noted = sqlx::query(
            "INSERT INTO openings AS o (client, result_id, opened_at) VALUES ($1, $2, $3) \
             ON CONFLICT (client, result_id) DO UPDATE SET opened_at = excluded.opened_at \
             WHERE o.opened_at < $4",
        )
        .bind(&client[..])
        .bind(result.to_string())
        .bind(millis(now))
        .bind(millis(now - OPENING_REMEMBERED))
        .execute(&mut *self.inner)
        .await?;
        Ok(noted.rows_affected() == 1)
    }

    /// Notes the first release to a requester.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn mark_handed_over(
        &mut self,
        result: ResultId,
        now: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "UPDATE results SET handed_over_at = $2 WHERE id = $1 AND handed_over_at IS NULL",
        )
        .bind(result.to_string())
        .bind(millis(now))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }
}
