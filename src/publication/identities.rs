//! The agencies' signing identities: where each comes from, whether it may sign today.
//!
//! A key that cannot be read, a wrong passphrase, a key that is not its certificate's: each stops
//! the start, before anything is promised. An identity that is well made and may not sign (expired,
//! not yet valid, meant for something else) holds its own agency's results and nobody else's.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use thiserror::Error;
use time::OffsetDateTime;

use super::identity_source::{IdentitySource, SourceError};
use super::policy::SealPolicy;
use crate::database::{Database, DatabaseError, IdentityRow};
use crate::model::{AgencyId, Clock, IdentityId, Sha256Digest};
use crate::pades::{SigningIdentity, TrustAnchors, UnknownScheme};

/// Why an identity cannot be used at all.
#[derive(Debug, Error)]
pub enum IdentityRefused {
    /// The row is not one of ours.
    #[error("the identity {name}: its source or scheme is malformed")]
    Malformed {
        /// The identity's name.
        name: String,
    },
    /// It cannot be opened.
    #[error("the identity {name}: {source}")]
    Source {
        /// The identity's name.
        name: String,
        /// Why not.
        source: SourceError,
    },
    /// The database does not answer.
    #[error(transparent)]
    Database(#[from] DatabaseError),
}

impl IdentityRefused {
    /// Whether it may be usable later without anybody's doing: its token does not answer now.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Source { source: SourceError::Token(error), .. } if error.may_pass())
    }
}

/// An identity in use: its row's id and what signs.
#[derive(Clone, Debug)]
pub struct ActiveIdentity {
    /// The row.
    pub id: IdentityId,
    /// Whose it is.
    pub agency: AgencyId,
    /// Key, certificate, chain.
    pub signing: Arc<SigningIdentity>,
    /// How far its seals shall be provable.
    pub policy: SealPolicy,
}

impl ActiveIdentity {
    /// SHA-256 of the certificate.
    #[must_use]
    pub fn certificate_sha256(&self) -> Sha256Digest {
        Sha256Digest::from_bytes(self.signing.fingerprint_sha256())
    }
}

/// All identities of the installation. A row that another process adds is found when its agency
/// next seals.
#[derive(Clone)]
pub struct Identities {
    db: Database,
    /// In DER: those of `[trust]`, among whom may be an issuer that an identity comes without.
    known: Arc<[Vec<u8>]>,
    loaded: Arc<Mutex<HashMap<IdentityId, Arc<SigningIdentity>>>>,
    clock: Clock,
}

impl Identities {
    /// Those of a database; `trusted` may lead their chains further up.
    #[must_use]
    pub fn new(db: Database, trusted: &TrustAnchors, clock: Clock) -> Self {
        Self {
            db,
            known: trusted.to_der().into(),
            loaded: Arc::default(),
            clock,
        }
    }

    /// Loads every identity that is in use. A token that does not answer now holds up its own
    /// agency's results until it does.
    ///
    /// # Errors
    /// [`IdentityRefused`] names the first that cannot be used: the service does not start with it.
    pub async fn load(&self) -> Result<(), IdentityRefused> {
        for row in self.rows().await? {
            match self.signing(row).await {
                Err(error) if error.may_pass() => {
                    tracing::error!(%error, "it is tried again later");
                }
                loaded => drop(loaded?),
            }
        }
        Ok(())
    }

    /// The identity that seals an agency's results: the newest in use, fit or not.
    ///
    /// # Errors
    /// [`IdentityRefused`] when it was added while the service ran and cannot be used.
    pub async fn of(&self, agency: AgencyId) -> Result<Option<ActiveIdentity>, IdentityRefused> {
        match self.row_of(agency).await? {
            Some(row) => self.signing(row).await.map(Some),
            None => Ok(None),
        }
    }

    pub(super) async fn row_of(
        &self,
        agency: AgencyId,
    ) -> Result<Option<IdentityRow>, DatabaseError> {
        self.db.active_identity(agency).await
    }

    pub(super) async fn rows(&self) -> Result<Vec<IdentityRow>, DatabaseError> {
        let mut rows = self.db.identities().await?;
        rows.retain(|row| row.disabled_at.is_none());
        Ok(rows)
    }

    pub(super) async fn signing(
        &self,
        row: IdentityRow,
    ) -> Result<ActiveIdentity, IdentityRefused> {
        let (id, agency, name) = (row.id, row.agency, row.name.clone());
        let policy = SealPolicy::of(&row);
        let policy = policy.ok_or_else(|| IdentityRefused::Malformed { name: name.clone() })?;
        if let Some(signing) = self.known(id) {
            return Ok(ActiveIdentity {
                id,
                agency,
                signing,
                policy,
            });
        }
        // Opening a PKCS#12 file derives a key from its passphrase, slowly on purpose.
        let (known, now) = (Arc::clone(&self.known), self.clock.now());
        let opened = tokio::task::spawn_blocking(move || open(&row, &known, now)).await;
        let signing = opened
            .unwrap_or(Err(IdentityRefused::Malformed { name }))
            .map(Arc::new)?;
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.insert(id, Arc::clone(&signing));
        Ok(ActiveIdentity {
            id,
            agency,
            signing,
            policy,
        })
    }

    /// The topmost certificates of all identities that are in use: by them and those of `[trust]`
    /// our own seals are judged again.
    pub(super) async fn anchors(&self) -> Result<TrustAnchors, IdentityRefused> {
        let mut anchors = Vec::new();
        for row in self.rows().await? {
            match self.signing(row).await {
                Ok(active) => anchors.push(active.signing.anchor_der().to_vec()),
                Err(IdentityRefused::Database(error)) => return Err(error.into()),
                Err(error) => tracing::warn!(%error, "its seals are not raised"),
            }
        }
        Ok(TrustAnchors::from_der(anchors))
    }

    fn known(&self, id: IdentityId) -> Option<Arc<SigningIdentity>> {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.get(&id).cloned()
    }
}

fn open(
    row: &IdentityRow,
    known: &[Vec<u8>],
    now: OffsetDateTime,
) -> Result<SigningIdentity, IdentityRefused> {
    let malformed = || IdentityRefused::Malformed {
        name: row.name.clone(),
    };
    let source: IdentitySource =
        serde_json::from_value(row.source.clone()).map_err(|_| malformed())?;
    let scheme = row.scheme.as_deref().map(str::parse).transpose();
    let scheme = scheme.map_err(|_: UnknownScheme| malformed())?;
    let opened = source
        .open()
        .and_then(|identity| Ok(identity.with_scheme(scheme)?.completed_by(known, now)?));
    let identity = opened.map_err(|source| IdentityRefused::Source {
        name: row.name.clone(),
        source,
    })?;
    if scheme.is_none() && identity.lacks_pss() {
        tracing::warn!(identity = %row.id, "no RSASSA-PSS is offered: RSASSA-PKCS1-v1_5 is used");
    }
    Ok(identity)
}
