//! Results: the rows that are their own work orders. Every change of state is one compare-and-set
//! on (state, fence); every taking over of the work raises the fence too, so that a worker who was
//! thought dead writes nothing any more.

use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Actor, Database, DatabaseError, Tx};
use crate::model::{
    AgencyId, AppearanceName, CodeIndex, DossierId, IdentityId, ReleasePolicy, ResultId,
    ResultState, Sha256Digest,
};

/// A result with its dossier's code, sealed.
#[derive(Clone, Debug)]
pub struct ResultRow {
    /// Its id.
    pub id: ResultId,
    /// Whose it is.
    pub agency: AgencyId,
    /// Its dossier.
    pub dossier: DossierId,
    /// The dossier's code, sealed with the dossier's id as context.
    pub code_sealed: Vec<u8>,
    /// The code's index.
    pub code: CodeIndex,
    /// The link id, sealed with the result's id as context.
    pub link_sealed: Vec<u8>,
    /// What it is.
    pub title: String,
    /// Number and symbol of the document.
    pub document_number: Option<String>,
    /// The procedure.
    pub procedure: Option<String>,
    /// What a requester must supply.
    pub policy: ReleasePolicy,
    /// How the seal shows.
    pub appearance: AppearanceName,
    /// Where it stands.
    pub state: ResultState,
    /// The compare of every compare-and-set.
    pub fence: i64,
    /// Stable code of why it is held.
    pub reason_code: Option<String>,
    /// The sentence to it, or a person's reason to return or withdraw it.
    pub reason: Option<String>,
    /// The digest over what was shown, when it was received or approved.
    pub manifest: Sha256Digest,
    /// The identity of the approval.
    pub identity: Option<IdentityId>,
    /// The child's deaths over its files since the last approval.
    pub deaths: u32,
    /// Attempts to seal it since the last approval.
    pub attempts: u32,
    /// Who handed it in.
    pub created_by: Actor,
    /// The result it takes the place of.
    pub replaces: Option<ResultId>,
    /// When it was received.
    pub created_at: OffsetDateTime,
    /// When its state last changed.
    pub updated_at: OffsetDateTime,
    /// When it was approved.
    pub approved_at: Option<OffsetDateTime>,
    /// When its sealed files were in the archive.
    pub stored_at: Option<OffsetDateTime>,
    /// When its link began to answer.
    pub released_at: Option<OffsetDateTime>,
    /// When a requester first had it.
    pub handed_over_at: Option<OffsetDateTime>,
}

/// A result to be added, in the state `received`.
#[derive(Clone, Debug)]
pub struct NewResult {
    /// Its id.
    pub id: ResultId,
    /// Whose it is.
    pub agency: AgencyId,
    /// Its dossier.
    pub dossier: DossierId,
    /// SHA-256 of the link id's text.
    pub link_sha256: Sha256Digest,
    /// The link id, sealed with the result's id as context.
    pub link_sealed: Vec<u8>,
    /// What it is.
    pub title: String,
    /// Number and symbol of the document.
    pub document_number: Option<String>,
    /// The procedure.
    pub procedure: Option<String>,
    /// What a requester must supply.
    pub policy: ReleasePolicy,
    /// How the seal shows.
    pub appearance: AppearanceName,
    /// How to reach the recipient, sealed with the result's id as context.
    pub contact_sealed: Option<Vec<u8>>,
    /// The digest over what will be shown.
    pub manifest: Sha256Digest,
    /// The identity that would seal it today.
    pub identity: Option<IdentityId>,
    /// Who handed it in.
    pub created_by: Actor,
    /// The result it takes the place of.
    pub replaces: Option<ResultId>,
}

/// A change of state: from a row as it was read to the next state.
#[derive(Clone, Copy, Debug)]
pub struct Step<'s> {
    /// The result.
    pub result: ResultId,
    /// Where it stood when it was read.
    pub from: ResultState,
    /// Its fence then.
    pub fence: i64,
    /// Where it shall stand.
    pub to: ResultState,
    /// Stable code and sentence of why, for `held`, `returned` and `withdrawn`.
    pub reason: Option<(&'s str, &'s str)>,
    /// When.
    pub at: OffsetDateTime,
}

/// Which results of an agency are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResultFilter {
    /// In that state only.
    pub state: Option<ResultState>,
    /// Those behind this one in the list's order.
    pub after: Option<ResultId>,
    /// The oldest first instead of the newest.
    pub oldest_first: bool,
}

/// Every query below reads the same columns.
macro_rules! select {
    ($rest:literal) => {
        concat!(
            "SELECT r.*, d.code_sealed AS code_sealed, d.code_index AS code_index, \
             d.code_key_version AS code_key_version \
             FROM results AS r JOIN dossiers AS d ON d.id = r.dossier_id ",
            $rest
        )
    };
}

fn result(row: &SqliteRow) -> Result<ResultRow, DatabaseError> {
    Ok(ResultRow {
        id: row.parsed("id")?,
        agency: row.parsed("agency_id")?,
        dossier: row.parsed("dossier_id")?,
        code_sealed: row.blob("code_sealed")?,
        code: CodeIndex {
            key_version: row.number("code_key_version")?,
            bytes: row.bytes32("code_index")?,
        },
        link_sealed: row.blob("link_sealed")?,
        title: row.text("title")?,
        document_number: row.text_option("document_number")?,
        procedure: row.text_option("procedure")?,
        policy: row.parsed("policy")?,
        appearance: row.parsed("appearance")?,
        state: row.parsed("state")?,
        fence: row.integer("fence")?,
        reason_code: row.text_option("reason_code")?,
        reason: row.text_option("reason")?,
        manifest: row.digest("manifest")?,
        identity: row.parsed_option("identity_id")?,
        deaths: row.number("deaths")?,
        attempts: row.number("attempts")?,
        created_by: row.parsed("created_by")?,
        replaces: row.parsed_option("replaces_id")?,
        created_at: row.time("created_at")?,
        updated_at: row.time("updated_at")?,
        approved_at: row.time_option("approved_at")?,
        stored_at: row.time_option("stored_at")?,
        released_at: row.time_option("released_at")?,
        handed_over_at: row.time_option("handed_over_at")?,
    })
}

impl Database {
    /// A result.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn result(&self, id: ResultId) -> Result<Option<ResultRow>, DatabaseError> {
        let row = sqlx::query(select!("WHERE r.id = $1"))
            .bind(id.to_string())
            .fetch_optional(&self.reader)
            .await?;
        row.as_ref().map(result).transpose()
    }

    /// The agency's result that counts for a code, by the code's index under every key: not
    /// returned, not replaced, not withdrawn. There is one at most.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn live_result(
        &self,
        agency: AgencyId,
        indices: &[CodeIndex],
    ) -> Result<Option<ResultRow>, DatabaseError> {
        let found = self.results_by_code(agency, indices).await?;
        Ok(found.into_iter().find(|row| !row.state.is_final()))
    }

    /// The agency's results for a code, the newest first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn results_by_code(
        &self,
        agency: AgencyId,
        indices: &[CodeIndex],
    ) -> Result<Vec<ResultRow>, DatabaseError> {
        let mut found = Vec::new();
        for index in indices {
            let rows = sqlx::query(select!(
                "WHERE d.agency_id = $1 AND d.code_index = $2 AND d.code_key_version = $3 \
                 ORDER BY r.created_at DESC, r.id DESC LIMIT 100"
            ))
            .bind(agency.to_string())
            .bind(&index.bytes[..])
            .bind(i64::from(index.key_version))
            .fetch_all(&self.reader)
            .await?;
            for row in &rows {
                found.push(result(row)?);
            }
        }
        Ok(found)
    }

    /// One page of an agency's results.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn results(
        &self,
        agency: AgencyId,
        filter: &ResultFilter,
        rows_max: u32,
    ) -> Result<Vec<ResultRow>, DatabaseError> {
        let sql = if filter.oldest_first {
            select!(
                "WHERE r.agency_id = $1 AND ($2 IS NULL OR r.state = $2) AND ($3 IS NULL OR \
                 (r.created_at, r.id) > (SELECT c.created_at, c.id FROM results AS c \
                   WHERE c.id = $3)) \
                 ORDER BY r.created_at, r.id LIMIT $4"
            )
        } else {
            select!(
                "WHERE r.agency_id = $1 AND ($2 IS NULL OR r.state = $2) AND ($3 IS NULL OR \
                 (r.created_at, r.id) < (SELECT c.created_at, c.id FROM results AS c \
                   WHERE c.id = $3)) \
                 ORDER BY r.created_at DESC, r.id DESC LIMIT $4"
            )
        };
        let rows = sqlx::query(sql)
            .bind(agency.to_string())
            .bind(filter.state.map(ResultState::as_str))
            .bind(filter.after.map(|id| id.to_string()))
            .bind(i64::from(rows_max))
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(result).collect()
    }

    /// How many results of an agency stand in a state.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn count_results(
        &self,
        agency: AgencyId,
        state: ResultState,
    ) -> Result<u64, DatabaseError> {
        let row =
            sqlx::query("SELECT count(*) AS n FROM results WHERE agency_id = $1 AND state = $2")
                .bind(agency.to_string())
                .bind(state.as_str())
                .fetch_one(&self.reader)
                .await?;
        row.number("n")
    }
}

impl Tx {
    /// A result as this transaction sees it.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn result(&mut self, id: ResultId) -> Result<Option<ResultRow>, DatabaseError> {
        let row = sqlx::query(select!("WHERE r.id = $1"))
            .bind(id.to_string())
            .fetch_optional(&mut *self.inner)
            .await?;
        row.as_ref().map(result).transpose()
    }

    /// Adds a result.
    ///
    /// # Errors
    /// [`DatabaseError::Conflict`] when its dossier has one that counts.
    pub async fn insert_result(
        &mut self,
        new: &NewResult,
        now: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO results (id, agency_id, dossier_id, link_sha256, link_sealed, title, \
             document_number, procedure, policy, appearance, contact_sealed, state, manifest, \
             identity_id, created_by, replaces_id, created_at, updated_at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 'received', $12, $13, $14, \
             $15, $16, $16)",
        )
        .bind(new.id.to_string())
        .bind(new.agency.to_string())
        .bind(new.dossier.to_string())
        .bind(&new.link_sha256.as_bytes()[..])
        .bind(&new.link_sealed)
        .bind(&new.title)
        .bind(&new.document_number)
        .bind(&new.procedure)
        .bind(new.policy.as_str())
        .bind(new.appearance.as_str())
        .bind(&new.contact_sealed)
        .bind(&new.manifest.as_bytes()[..])
        .bind(new.identity.map(|id| id.to_string()))
        .bind(new.created_by.to_string())
        .bind(new.replaces.map(|id| id.to_string()))
        .bind(millis(now))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Changes a state, if the result still stands where it was read; whether it did. Whoever
    /// works on it keeps it only on the way through `signing` and `stored`.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn step(&mut self, step: &Step<'_>) -> Result<bool, DatabaseError> {
        if !step.from.may_become(step.to) {
            return Ok(false);
        }
        let keeps_lease = matches!(step.to, ResultState::Signing | ResultState::Stored);
        let done = sqlx::query(
            "UPDATE results SET state = $4, fence = fence + 1, updated_at = $5, \
             reason_code = $6, reason = $7, \
             approved_at = CASE WHEN $4 = 'approved' THEN $5 ELSE approved_at END, \
             stored_at = CASE WHEN $4 = 'stored' THEN $5 ELSE stored_at END, \
             released_at = CASE WHEN $4 = 'released' THEN $5 ELSE released_at END, \
             lease_owner = CASE WHEN $8 = 1 THEN lease_owner ELSE NULL END, \
             lease_until = CASE WHEN $8 = 1 THEN lease_until ELSE NULL END \
             WHERE id = $1 AND state = $2 AND fence = $3",
        )
        .bind(step.result.to_string())
        .bind(step.from.as_str())
        .bind(step.fence)
        .bind(step.to.as_str())
        .bind(millis(step.at))
        .bind(step.reason.map(|(code, _)| code))
        .bind(step.reason.map(|(_, sentence)| sentence))
        .bind(i64::from(keeps_lease))
        .execute(&mut *self.inner)
        .await?;
        Ok(done.rows_affected() == 1)
    }

    /// Binds an approval to what was shown, and begins to count attempts and deaths anew.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn bind_approval(
        &mut self,
        id: ResultId,
        manifest: &Sha256Digest,
        identity: Option<IdentityId>,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "UPDATE results SET manifest = $2, identity_id = $3, attempts = 0, deaths = 0 \
             WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(&manifest.as_bytes()[..])
        .bind(identity.map(|id| id.to_string()))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Gives a result another link; the old one leads nowhere from this commit on.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn set_link(
        &mut self,
        id: ResultId,
        link_sha256: &Sha256Digest,
        link_sealed: &[u8],
        now: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "UPDATE results SET link_sha256 = $2, link_sealed = $3, fence = fence + 1, \
             updated_at = $4 WHERE id = $1",
        )
        .bind(id.to_string())
        .bind(&link_sha256.as_bytes()[..])
        .bind(link_sealed)
        .bind(millis(now))
        .execute(&mut *self.inner)
        .await?;
        sqlx::query("DELETE FROM grants WHERE result_id = $1")
            .bind(id.to_string())
            .execute(&mut *self.inner)
            .await?;
        Ok(())
    }
}
