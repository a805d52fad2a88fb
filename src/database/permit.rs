//! The permit to read an object. It exists only once the record says who reads what and why: no
//! byte leaves the archive without its entry.

use serde_json::json;
use time::OffsetDateTime;

use super::row::millis;
use super::{AuditEntry, Database, DatabaseError, Tx};
use crate::model::{ObjectKey, Sha256Digest};

/// Why an object is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReadReason {
    /// A requester passed the gate.
    Release,
    /// To seal it.
    Sealing,
    /// The clerk looks at what is to be sealed.
    ClerkView,
    /// The agency's own copy.
    AgencyCopy,
    /// A periodic check of what is stored.
    Scrub,
    /// To raise its level.
    Renewal,
    /// To copy it elsewhere.
    Backup,
    /// The operator's check.
    Doctor,
}

impl ReadReason {
    fn as_str(self) -> &'static str {
        match self {
            Self::Release => "release",
            Self::Sealing => "sealing",
            Self::ClerkView => "clerk_view",
            Self::AgencyCopy => "agency_copy",
            Self::Scrub => "scrub",
            Self::Renewal => "renewal",
            Self::Backup => "backup",
            Self::Doctor => "doctor",
        }
    }
}

/// An object as the database recorded it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredObject {
    /// Its name.
    pub key: ObjectKey,
    /// Its digest.
    pub sha256: Sha256Digest,
    /// Its bytes.
    pub len: u64,
}

/// The right to read one object, on record.
#[derive(Debug)]
pub struct ReadPermit {
    object: StoredObject,
}

impl ReadPermit {
    /// The object that may be read: what is read must be this and nothing else.
    #[must_use]
    pub fn object(&self) -> &StoredObject {
        &self.object
    }
}

/// A requester's reading of one file under a grant.
#[derive(Clone, Copy, Debug)]
pub struct GrantRead<'r> {
    /// The digest of the grant's secret.
    pub secret_sha256: &'r [u8; 32],
    /// Which file, from 1.
    pub n: u32,
    /// Who reads, hashed under a key.
    pub client: &'r [u8; 32],
}

impl Database {
    /// Records that an object is read and by whom, then permits it. `entry.detail` gets the
    /// reason and the object's name.
    ///
    /// # Errors
    /// [`DatabaseError`]: without its entry there is no permit.
    pub async fn permit(
        &self,
        object: StoredObject,
        reason: ReadReason,
        entry: &AuditEntry,
    ) -> Result<ReadPermit, DatabaseError> {
        let mut tx = self.begin().await?;
        tx.audit(&told(entry, reason, &object)).await?;
        tx.commit().await?;
        Ok(ReadPermit { object })
    }

    /// The same for a requester, as long as the grant lasts and the result is released; `None` where
    /// that has ended by the time of this commit. A client's ranges of one file under one grant go
    /// by one entry. The first release to a requester is noted with its result.
    ///
    /// # Errors
    /// [`DatabaseError`]: without its entry there is no permit.
    pub async fn permit_release(
        &self,
        object: StoredObject,
        read: GrantRead<'_>,
        entry: &AuditEntry,
    ) -> Result<Option<ReadPermit>, DatabaseError> {
        let mut tx = self.begin().await?;
        if !tx.lasts(read.secret_sha256, entry.at).await? {
            return Ok(None);
        }
        if tx.note_read(&read).await? {
            tx.audit(&told(entry, ReadReason::Release, &object)).await?;
            if let Some(result) = entry.result {
                tx.mark_handed_over(result, entry.at).await?;
            }
        }
        tx.commit().await?;
        Ok(Some(ReadPermit { object }))
    }
}

impl Tx {
    /// Whether a grant lasts and its result is released, as this transaction sees it.
    async fn lasts(
        &mut self,
        secret_sha256: &[u8; 32],
        now: OffsetDateTime,
    ) -> Result<bool, DatabaseError> {
        let row = sqlx::query(
            "SELECT 1 FROM grants AS g JOIN results AS r ON r.id = g.result_id \
             WHERE g.secret_sha256 = $1 AND g.expires_at > $2 AND r.state = 'released'",
        )
        .bind(&secret_sha256[..])
        .bind(millis(now))
        .fetch_optional(&mut *self.inner)
        .await?;
        Ok(row.is_some())
    }

    /// Notes who reads what under a grant; whether that is new.
    async fn note_read(&mut self, read: &GrantRead<'_>) -> Result<bool, DatabaseError> {
        let noted = sqlx::query(
            "INSERT INTO grant_reads (secret_sha256, n, client) VALUES ($1, $2, $3) \
             ON CONFLICT DO NOTHING",
        )
        .bind(&read.secret_sha256[..])
        .bind(read.n)
        .bind(&read.client[..])
        .execute(&mut *self.inner)
        .await?;
        Ok(noted.rows_affected() == 1)
    }
}

/// The entry with the reason and the object's name.
fn told(entry: &AuditEntry, reason: ReadReason, object: &StoredObject) -> AuditEntry {
    let mut entry = entry.clone();
    if !entry.detail.is_object() {
        entry.detail = json!({});
    }
    if let Some(detail) = entry.detail.as_object_mut() {
        detail.insert("reason".to_owned(), reason.as_str().into());
        detail.insert("object".to_owned(), object.key.as_str().into());
    }
    entry
}
