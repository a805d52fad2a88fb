//! `trao identity`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Listed, disabled, mark, parsed, print_added, print_list};
use crate::account::NewIdentity;
use crate::app;
use crate::cli::failure::Failure;
use crate::cli::identity_options::IdentityOptions;
use crate::cli::service::ServiceOptions;
use crate::database::Actor;
use crate::model::{AgencyId, IdentityId};

/// Signing identities: where an agency's key lies
#[derive(Args)]
#[command(
    after_help = "Example:\n  trao identity add --agency ID --name \"Con dấu 2026\" \
    --identity con-dau.p12 --passphrase-file con-dau.txt"
)]
pub(in crate::cli) struct Identity {
    #[command(flatten)]
    service: ServiceOptions,
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Registers an identity after trying it, and prints its id; the files stay where they are
    Add {
        /// The agency that signs with it
        #[arg(long, value_parser = parsed::<AgencyId>, value_name = "ID")]
        agency: AgencyId,
        /// Its name
        #[arg(long)]
        name: String,
        #[command(flatten)]
        files: Box<IdentityOptions>,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Lists all
    List {
        /// A line of JSON each
        #[arg(long)]
        json: bool,
    },
    /// Takes one out of use
    Disable {
        /// The id
        #[arg(value_parser = parsed::<IdentityId>)]
        id: IdentityId,
    },
}

impl Identity {
    pub(in crate::cli) async fn run(self) -> Result<(), Failure> {
        let service = self.service.open().await?;
        match self.act {
            Act::Add {
                agency,
                name,
                files,
                json,
            } => {
                files.load()?;
                let new = NewIdentity {
                    agency,
                    name,
                    source: json!(files.lasting_source()?),
                    scheme: files.scheme.map(|scheme| scheme.to_string()),
                };
                let added = service
                    .accounts
                    .add_identity(new, Actor::Operator, app::now())
                    .await?;
                print_added(&added.to_string(), json)
            }
            Act::List { json } => {
                let list = service
                    .db
                    .identities()
                    .await?
                    .into_iter()
                    .map(|identity| Listed {
                        line: format!(
                            "{}  {}  agency={}{}",
                            identity.id,
                            identity.name,
                            identity.agency,
                            mark(identity.disabled_at.is_some())
                        ),
                        json: json!({
                            "id": identity.id, "name": identity.name, "agency": identity.agency,
                            "scheme": identity.scheme, "disabled": identity.disabled_at.is_some(),
                        }),
                    });
                print_list(list.collect(), json)
            }
            Act::Disable { id } => disabled(
                service
                    .accounts
                    .disable_identity(id, Actor::Operator, app::now())
                    .await?,
            ),
        }
    }
}
