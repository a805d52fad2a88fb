//! Who may do what: officers with their roles and sessions, programs with their keys and scopes,
//! portals with their origins.

mod appearance;
mod caller;
mod identities;
mod login;
mod registry;

use std::sync::{Arc, Mutex};

use time::{Duration, OffsetDateTime};

pub use appearance::{AppearanceChange, Change};
pub use caller::{Caller, Key, Officer, Role, Scope, UnknownRole};
pub use identities::{NewIdentity, NewSealPolicy, SealPolicyChange};
pub use login::{LoginRefused, NewSession};
pub use registry::{AccountError, NewAgency, NewApiKey, NewOfficer, NewPortal};

use crate::database::{Database, DatabaseError};
use crate::model::Clock;
use crate::secrets::{KeyRing, Passwords};

/// A session that nobody uses ends after so long …
const IDLE: Duration = Duration::minutes(30);
/// … and any session after so long.
const LIFETIME: Duration = Duration::hours(12);
/// How long a list of origins is taken for the present one.
const ORIGINS_FRESH: Duration = Duration::seconds(5);

/// A list of origins and when it was read.
type KnownOrigins = (OffsetDateTime, Arc<Vec<String>>);

/// Officers, programs and portals.
#[derive(Clone)]
pub struct Accounts {
    db: Database,
    keys: Arc<KeyRing>,
    passwords: Passwords,
    clock: Clock,
    origins: Arc<Mutex<Option<KnownOrigins>>>,
}

impl Accounts {
    /// Works on a database with the keys that guard it. The tries at the login go by the clock's
    /// steady time.
    #[must_use]
    pub fn new(db: Database, keys: Arc<KeyRing>, clock: Clock) -> Self {
        let passwords = Passwords::new(Arc::clone(&keys));
        Self {
            db,
            keys,
            passwords,
            clock,
            origins: Arc::default(),
        }
    }

    /// The origins of all portals in use: who may frame `/embed/…` and call the release API from
    /// a page. The same list for every link, so that it tells nothing of one.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn allowed_origins(
        &self,
        now: OffsetDateTime,
    ) -> Result<Arc<Vec<String>>, DatabaseError> {
        if let Some(known) = self.fresh_origins(now) {
            return Ok(known);
        }
        let portals = self.db.portals_in_use().await?;
        let mut origins: Vec<String> = portals
            .into_iter()
            .flat_map(|portal| portal.origins)
            .collect();
        origins.sort();
        origins.dedup();
        let origins = Arc::new(origins);
        if let Ok(mut kept) = self.origins.lock() {
            *kept = Some((now, Arc::clone(&origins)));
        }
        Ok(origins)
    }

    fn fresh_origins(&self, now: OffsetDateTime) -> Option<Arc<Vec<String>>> {
        let kept = self.origins.lock().ok()?;
        let (at, origins) = kept.as_ref()?;
        let is_fresh = *at <= now && now - *at < ORIGINS_FRESH;
        is_fresh.then(|| Arc::clone(origins))
    }
}
