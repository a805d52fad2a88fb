//! The files of results as they were received, and their sealed revisions.

use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::row::{Columns as _, millis};
use super::{Database, DatabaseError, StoredObject, Tx};
use crate::model::ResultId;

/// A received file.
#[derive(Clone, Debug)]
pub struct FileRow {
    /// From 1; the main one first.
    pub n: u32,
    /// Its name with suffix.
    pub name: String,
    /// Where the received bytes lie.
    pub received: StoredObject,
    /// What the intake found, as JSON.
    pub inspection: serde_json::Value,
}

/// A sealed form of a file; the newest counts.
#[derive(Clone, Debug)]
pub struct RevisionRow {
    /// Which file.
    pub n: u32,
    /// From 1, one more for each raise of the level.
    pub revision: u32,
    /// Where it lies.
    pub object: StoredObject,
    /// The baseline level, `B-B` …
    pub level: String,
    /// The scheme of the signature, `pss` …
    pub scheme: String,
    /// Who signed: the certificate's common name.
    pub signer: String,
    /// When, by `/M`.
    pub signed_at: OffsetDateTime,
    /// When it was stored.
    pub created_at: OffsetDateTime,
    /// Until when its newest archive time-stamp must be renewed, if it has one.
    pub renew_by: Option<OffsetDateTime>,
    /// Whether an earlier renewal was asked for, which has not succeeded yet.
    pub renew_asked: bool,
    /// Stable code of why it can never be raised or renewed, once that is known.
    pub given_up: Option<String>,
}

fn file(row: &SqliteRow) -> Result<FileRow, DatabaseError> {
    Ok(FileRow {
        n: row.number("n")?,
        name: row.text("name")?,
        received: StoredObject {
            key: row.parsed("received_key")?,
            sha256: row.digest("received_sha256")?,
            len: row.number("received_size")?,
        },
        inspection: row.json("inspection")?,
    })
}

fn revision(row: &SqliteRow) -> Result<RevisionRow, DatabaseError> {
    Ok(RevisionRow {
        n: row.number("n")?,
        revision: row.number("revision")?,
        object: StoredObject {
            key: row.parsed("object_key")?,
            sha256: row.digest("sha256")?,
            len: row.number("size")?,
        },
        level: row.text("level")?,
        scheme: row.text("scheme")?,
        signer: row.text("signer")?,
        signed_at: row.time("signed_at")?,
        created_at: row.time("created_at")?,
        renew_by: row.time_option("renew_by")?,
        renew_asked: row.number::<u8>("renew_asked")? != 0,
        given_up: row.text_option("given_up")?,
    })
}

impl Database {
    /// The files of a result, in order.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn files(&self, result: ResultId) -> Result<Vec<FileRow>, DatabaseError> {
        let rows = sqlx::query("SELECT * FROM files WHERE result_id = $1 ORDER BY n")
            .bind(result.to_string())
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(file).collect()
    }

    /// The newest revision of each file of a result that has one, in the files' order.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn revisions(&self, result: ResultId) -> Result<Vec<RevisionRow>, DatabaseError> {
        let rows = sqlx::query(
            "SELECT v.* FROM revisions AS v WHERE v.result_id = $1 AND v.revision = \
             (SELECT max(w.revision) FROM revisions AS w \
               WHERE w.result_id = v.result_id AND w.n = v.n) \
             ORDER BY v.n",
        )
        .bind(result.to_string())
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(revision).collect()
    }
}

impl Tx {
    /// Adds a received file.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn insert_file(
        &mut self,
        result: ResultId,
        file: &FileRow,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO files (result_id, n, name, received_key, received_sha256, \
             received_size, inspection) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(result.to_string())
        .bind(i64::from(file.n))
        .bind(&file.name)
        .bind(file.received.key.as_str())
        .bind(&file.received.sha256.as_bytes()[..])
        .bind(size(&file.received)?)
        .bind(file.inspection.to_string())
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }

    /// Adds a sealed revision.
    ///
    /// # Errors
    /// [`DatabaseError::Conflict`] when that revision stands already.
    pub async fn insert_revision(
        &mut self,
        result: ResultId,
        revision: &RevisionRow,
    ) -> Result<(), DatabaseError> {
        sqlx::query(
            "INSERT INTO revisions (result_id, n, revision, object_key, sha256, size, level, \
             scheme, signer, signed_at, created_at, renew_by, given_up, renew_asked) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
        )
        .bind(result.to_string())
        .bind(i64::from(revision.n))
        .bind(i64::from(revision.revision))
        .bind(revision.object.key.as_str())
        .bind(&revision.object.sha256.as_bytes()[..])
        .bind(size(&revision.object)?)
        .bind(&revision.level)
        .bind(&revision.scheme)
        .bind(&revision.signer)
        .bind(millis(revision.signed_at))
        .bind(millis(revision.created_at))
        .bind(revision.renew_by.map(millis))
        .bind(&revision.given_up)
        .bind(i64::from(revision.renew_asked))
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }
}

fn size(object: &StoredObject) -> Result<i64, DatabaseError> {
    i64::try_from(object.len).map_err(|_| DatabaseError::Malformed("size"))
}
