//! Signing identities: registering them, and how far their seals shall be provable.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::registry::{entry, named};
use super::{AccountError, Accounts};
use crate::database::{Actor, IdentityRow};
use crate::model::{AgencyId, IdentityId};
use crate::secrets::random;

/// A signing identity to be registered: where its key lies.
#[derive(Clone, Debug)]
pub struct NewIdentity {
    /// The agency that signs with it.
    pub agency: AgencyId,
    /// Its name.
    pub name: String,
    /// The files, as `publication::identities` reads them.
    pub source: Value,
    /// The scheme, unless it is its key's default.
    pub scheme: Option<String>,
    /// How far its seals shall be provable.
    pub policy: NewSealPolicy,
}

/// How far an identity's seals shall be provable, in the words of its row.
#[derive(Clone, Debug)]
pub struct NewSealPolicy {
    /// `B-B`, `B-T`, `B-LT` or `B-LTA`.
    pub level: String,
    /// With less than this no result goes out.
    pub level_min: String,
    /// `warn` or `hold`.
    pub revocation: String,
}

impl Default for NewSealPolicy {
    /// Level B-B; where nobody tells about revocation, it is sealed with a word on record.
    fn default() -> Self {
        Self {
            level: "B-B".to_owned(),
            level_min: "B-B".to_owned(),
            revocation: "warn".to_owned(),
        }
    }
}

impl NewSealPolicy {
    fn detail(&self, identity: IdentityId) -> Value {
        json!({
            "identity": identity, "level": self.level, "level_min": self.level_min,
            "revocation": self.revocation,
        })
    }
}

impl Accounts {
    /// Sets how far an identity's seals shall be provable from now on; whether it is in use.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn set_seal_policy(
        &self,
        identity: IdentityId,
        policy: &NewSealPolicy,
        by: Actor,
        now: OffsetDateTime,
    ) -> Result<bool, AccountError> {
        let detail = policy.detail(identity);
        let mut tx = self.db.begin().await?;
        let agency = tx
            .set_identity_policy(
                identity,
                &policy.level,
                &policy.level_min,
                &policy.revocation,
            )
            .await?;
        let Some(agency) = agency else {
            return Ok(false);
        };
        tx.audit(&entry(by, "identity_policy_set", Some(agency), detail, now))
            .await?;
        tx.commit().await?;
        Ok(true)
    }

    /// Registers a signing identity; the caller has loaded it once.
    ///
    /// # Errors
    /// [`AccountError`].
    pub async fn add_identity(
        &self,
        new: NewIdentity,
        by: Actor,
        now: OffsetDateTime,
    ) -> Result<IdentityId, AccountError> {
        let identity = IdentityRow {
            id: IdentityId::from_bytes(random()),
            agency: new.agency,
            name: named(&new.name)?,
            source: new.source,
            scheme: new.scheme,
            level: new.policy.level.clone(),
            level_min: new.policy.level_min.clone(),
            revocation: new.policy.revocation.clone(),
            created_at: now,
            disabled_at: None,
        };
        let detail = new.policy.detail(identity.id);
        let mut tx = self.db.begin().await?;
        tx.insert_identity(&identity).await?;
        tx.audit(&entry(by, "identity_added", Some(new.agency), detail, now))
            .await?;
        tx.commit().await?;
        Ok(identity.id)
    }
}
