//! Databases and keys of a test's own.

use std::sync::Arc;

use tempfile::TempDir;
use trao::account::{Accounts, NewAgency};
use trao::database::{Actor, Database};
use trao::model::{AgencyId, AppearanceName, Sealing};
use trao::secrets::KeyRing;

use super::pki::{AGENCY, NOW};
use super::service::whenever;

/// A migrated database in a folder that goes with it.
pub(crate) struct Keeping {
    pub(crate) folder: TempDir,
    pub(crate) db: Database,
    pub(crate) accounts: Accounts,
}

impl Keeping {
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let db = Database::open(&folder.path().join("trao.db"))
            .await
            .unwrap();
        db.migrate().await.unwrap();
        let keys = Arc::new(KeyRing::generate());
        let accounts = Accounts::new(db.clone(), keys, whenever());
        Self {
            folder,
            db,
            accounts,
        }
    }

    pub(crate) async fn agency(&self) -> AgencyId {
        let new = NewAgency {
            name: AGENCY.to_owned(),
            parent: None,
            code_prefixes: Vec::new(),
            code_profiles: Vec::new(),
            sealing: Sealing::Clerk,
            unsigned_allowed: false,
            appearance: Some(AppearanceName::None),
            telephone: Some("024 1234 5678".to_owned()),
        };
        self.accounts
            .add_agency(new, Actor::Operator, NOW)
            .await
            .unwrap()
    }
}
