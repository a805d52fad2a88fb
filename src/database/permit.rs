//! The permit to read an object. It exists only once the record says who reads what and why: no
//! byte leaves the archive without its entry.

use serde_json::json;

use super::{AuditEntry, Database, DatabaseError};
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

impl Database {
    /// Records that an object is read and by whom, then permits it. `entry.detail` gets the
    /// reason and the object's name. The first release to a requester is noted with its result.
    ///
    /// # Errors
    /// [`DatabaseError`]: without its entry there is no permit.
    pub async fn permit(
        &self,
        object: StoredObject,
        reason: ReadReason,
        entry: &AuditEntry,
    ) -> Result<ReadPermit, DatabaseError> {
        let mut entry = entry.clone();
        if !entry.detail.is_object() {
            entry.detail = json!({});
        }
        if let Some(detail) = entry.detail.as_object_mut() {
            detail.insert("reason".to_owned(), reason.as_str().into());
            detail.insert("object".to_owned(), object.key.as_str().into());
        }
        let mut tx = self.begin().await?;
        tx.audit(&entry).await?;
        if let (ReadReason::Release, Some(result)) = (reason, entry.result) {
            tx.mark_handed_over(result, entry.at).await?;
        }
        tx.commit().await?;
        Ok(ReadPermit { object })
    }
}
