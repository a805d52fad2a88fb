//! What a grant opens. The state is looked at again at each request: withdrawing stops at once.

use std::net::IpAddr;

use serde_json::json;
use time::OffsetDateTime;

use super::buckets::Origin;
use super::gate::Gate;
use crate::database::{
    Actor, AuditEntry, DatabaseError, GrantRead, GrantRow, ReadPermit, StoredObject,
};
use crate::model::{AgencyId, ResultId, Sha256Digest};
use crate::secrets::Token;

/// A file as the holder of a grant sees it.
#[derive(Clone, Debug)]
pub struct GrantedFile {
    /// From 1; the main one first.
    pub n: u32,
    /// Its name.
    pub name: String,
    /// Its bytes.
    pub size: u64,
    /// Its digest.
    pub sha256: Sha256Digest,
    /// Who signed it.
    pub signer: String,
    /// When.
    pub signed_at: OffsetDateTime,
    object: StoredObject,
}

/// Somebody passed the gate for one result, not long ago, and it is still released.
#[derive(Clone, Debug)]
pub struct ReleaseGrant {
    result: ResultId,
    agency: AgencyId,
    title: String,
    agency_name: String,
    telephone: Option<String>,
    expires_at: OffsetDateTime,
    secret_sha256: [u8; 32],
    link_sha256: [u8; 32],
    files: Vec<GrantedFile>,
}

impl ReleaseGrant {
    /// The result.
    #[must_use]
    pub fn result(&self) -> ResultId {
        self.result
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// The agency that gives it.
    #[must_use]
    pub fn agency_name(&self) -> &str {
        &self.agency_name
    }

    /// Whom to call there.
    #[must_use]
    pub fn telephone(&self) -> Option<&str> {
        self.telephone.as_deref()
    }

    /// Until when the grant lasts.
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        self.expires_at
    }

    /// Its files.
    #[must_use]
    pub fn files(&self) -> &[GrantedFile] {
        &self.files
    }
}

/// One file, permitted.
#[derive(Debug)]
pub struct Released {
    /// The permit, on record.
    pub permit: ReadPermit,
    /// The file.
    pub file: GrantedFile,
}

impl Gate {
    /// The grant of a secret; `None` for an unknown, expired or withdrawn one alike.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn grant(
        &self,
        secret: &str,
        now: OffsetDateTime,
    ) -> Result<Option<ReleaseGrant>, DatabaseError> {
        let Some(secret) = Token::parse(secret) else {
            return Ok(None);
        };
        let secret_sha256 = secret.sha256();
        let row = self.db.grant(&secret_sha256, now).await?;
        Ok(row.map(|row| granted(row, secret_sha256)))
    }

    /// Whether a grant's result is still released by the link that it was granted for: what flows
    /// stops when that ends.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn still_opens(&self, grant: &ReleaseGrant) -> Result<bool, DatabaseError> {
        self.db
            .is_released_by(grant.result, &grant.link_sha256)
            .await
    }

    /// Permits one file of a grant: the entry in the record comes first. `None` where there is no
    /// such file, or the grant has ended meanwhile.
    ///
    /// # Errors
    /// [`DatabaseError`]: without its entry no byte goes out.
    pub async fn permit(
        &self,
        grant: &ReleaseGrant,
        n: u32,
        client: IpAddr,
        now: OffsetDateTime,
    ) -> Result<Option<Released>, DatabaseError> {
        let Some(file) = grant.files.iter().find(|file| file.n == n).cloned() else {
            return Ok(None);
        };
        let origin = Origin::of(&self.keys, client, None);
        let entry = AuditEntry {
            at: now,
            agency: Some(grant.agency),
            actor: Actor::Requester(origin.client),
            action: "file_released",
            result: Some(grant.result),
            detail: json!({ "n": n }),
        };
        let read = GrantRead {
            secret_sha256: &grant.secret_sha256,
            n,
            client: &origin.client,
        };
        let permit = self
            .db
            .permit_release(file.object.clone(), read, &entry)
            .await?;
        Ok(permit.map(|permit| Released { permit, file }))
    }
}

fn granted(row: GrantRow, secret_sha256: [u8; 32]) -> ReleaseGrant {
    let files = row.files.into_iter().map(|file| GrantedFile {
        n: file.n,
        name: file.name,
        size: file.object.len,
        sha256: file.object.sha256,
        signer: file.signer,
        signed_at: file.signed_at,
        object: file.object,
    });
    ReleaseGrant {
        result: row.result,
        agency: row.agency,
        title: row.title,
        agency_name: row.agency_name,
        telephone: row.telephone,
        expires_at: row.expires_at,
        secret_sha256,
        link_sha256: row.link_sha256,
        files: files.collect(),
    }
}
