//! `trao audit`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::failure::Failure;
use super::service::ServiceOptions;
use super::terminal;

/// The record of who did and read what
#[derive(Args)]
#[command(after_help = "Example:\n  trao audit verify --config /etc/trao/trao.toml")]
pub(super) struct Audit {
    #[command(flatten)]
    service: ServiceOptions,

    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Walks the chain of the record: no entry was changed or removed
    #[command(after_help = "Example:\n  trao audit verify --json")]
    Verify {
        /// One line of JSON
        #[arg(long)]
        json: bool,
    },
}

impl Audit {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let Act::Verify { json } = self.act;
        let service = self.service.open().await?;
        let summary = service.db.audit_verify().await?;
        let head = hex::encode(summary.head);
        let line = if json {
            json!({ "entries": summary.rows, "head": head, "broken_at": summary.broken_at })
                .to_string()
        } else {
            format!("{} entries, head {head}", summary.rows)
        };
        let verdict = match summary.broken_at {
            None => Ok(()),
            Some(seq) => Err(Failure::new(
                "audit_broken",
                format!("the chain breaks at entry {seq}"),
            )),
        };
        terminal::ended(terminal::say(&line), verdict)
    }
}
