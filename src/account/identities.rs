//! Signing identities: registering them, and how far their seals shall be provable.

use serde_json::{Value, json};
use time::OffsetDateTime;

use super::registry::{entry, named};
use super::{AccountError, Accounts};
use crate::database::{Actor, IdentityRow};
use crate::model::{AgencyId, IdentityId};
use crate::pades::Level;
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

/// What of an identity's policy becomes another; the rest stays as it is.
#[derive(Clone, Debug, Default)]
pub struct SealPolicyChange {
    /// The level to reach.
    pub level: Option<Level>,
    /// The least that goes out.
    pub level_min: Option<Level>,
    /// `warn` or `hold`.
    pub revocation: Option<String>,
}

/// The policy of an identity, for the record.
fn detail(identity: &IdentityRow) -> Value {
    json!({
        "identity": identity.id, "level": identity.level, "level_min": identity.level_min,
        "revocation": identity.revocation,
    })
}

/// Sees that an identity's least level is one that its seals shall reach at all.
fn check_levels(identity: &IdentityRow) -> Result<(), AccountError> {
    let levels = (Level::of(&identity.level), Level::of(&identity.level_min));
    match levels {
        (Some(level), Some(least)) if level.reaches(least) => Ok(()),
        _ => Err(AccountError::Field {
            field: "level_min",
            reason: "the least level is above the one to reach",
        }),
    }
}

impl Accounts {
    /// Changes how far an identity's seals shall be provable from now on; whether it is in use.
    ///
    /// # Errors
    /// [`AccountError`]; of `level_min`, where it would be above the level to reach.
    pub async fn set_seal_policy(
        &self,
        identity: IdentityId,
        change: SealPolicyChange,
        by: Actor,
        now: OffsetDateTime,
    ) -> Result<bool, AccountError> {
        let mut tx = self.db.begin().await?;
        let changed = tx
            .set_identity_policy(
                identity,
                change.level.map(Level::as_str),
                change.level_min.map(Level::as_str),
                change.revocation.as_deref(),
            )
            .await?;
        let Some(changed) = changed else {
            return Ok(false);
        };
        check_levels(&changed)?;
        let (agency, detail) = (changed.agency, detail(&changed));
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
            level: new.policy.level,
            level_min: new.policy.level_min,
            revocation: new.policy.revocation,
            created_at: now,
            disabled_at: None,
        };
        check_levels(&identity)?;
        let detail = detail(&identity);
        let mut tx = self.db.begin().await?;
        tx.insert_identity(&identity).await?;
        tx.audit(&entry(by, "identity_added", Some(new.agency), detail, now))
            .await?;
        tx.commit().await?;
        Ok(identity.id)
    }
}
