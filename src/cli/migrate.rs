//! `trao migrate`: brings the database to this program's version.

use clap::Args;

use super::failure::Failure;
use super::service::ServiceOptions;
use crate::app::migrate;

/// Brings the database's tables to this program's version; `trao serve` does it too
#[derive(Args)]
#[command(after_help = "Example:\n  trao migrate --config /etc/trao/trao.toml")]
pub(super) struct Migrate {
    #[command(flatten)]
    service: ServiceOptions,
}

impl Migrate {
    pub(super) async fn run(self) -> Result<(), Failure> {
        migrate(&self.service.settings()?).await?;
        let service = self.service.open().await?;
        service.db.close().await;
        Ok(())
    }
}
