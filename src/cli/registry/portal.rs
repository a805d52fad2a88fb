//! `trao portal`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Listed, found, mark, parsed, print_added, print_list};
use crate::account::NewPortal;
use crate::app;
use crate::cli::failure::Failure;
use crate::cli::service::ServiceOptions;
use crate::database::Actor;
use crate::model::{AgencyId, PortalId};

/// Portals: sites that may embed links
#[derive(Args)]
#[command(
    after_help = "Example:\n  trao portal add --agency ID --name \"Cổng thông tin\" \
    --origin https://portal.example.vn"
)]
pub(in crate::cli) struct Portal {
    #[command(flatten)]
    service: ServiceOptions,
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Registers a portal and prints its id
    #[command(
        after_help = "Example:\n  trao portal add --agency ID --name \"Cổng thông tin\" --origin \
        https://portal.example.vn"
    )]
    Add {
        /// The agency
        #[arg(long, value_parser = parsed::<AgencyId>, value_name = "ID")]
        agency: AgencyId,
        /// Its name
        #[arg(long)]
        name: String,
        /// An exact origin such as `https://portal.example.vn`; may be given several times
        #[arg(long = "origin", required = true, value_name = "ORIGIN")]
        origins: Vec<String>,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Lists all
    #[command(after_help = "Example:\n  trao portal list --json")]
    List {
        /// A line of JSON each
        #[arg(long)]
        json: bool,
    },
    /// Ends a portal's right to embed
    #[command(after_help = "Example:\n  trao portal disable ID")]
    Disable {
        /// The id
        #[arg(value_parser = parsed::<PortalId>)]
        id: PortalId,
    },
}

impl Portal {
    pub(in crate::cli) async fn run(self) -> Result<(), Failure> {
        let service = self.service.open().await?;
        match self.act {
            Act::Add {
                agency,
                name,
                origins,
                json,
            } => {
                let new = NewPortal {
                    agency,
                    name,
                    origins,
                };
                let added = service
                    .accounts
                    .add_portal(new, Actor::Operator, app::now())
                    .await?;
                print_added(&added.to_string(), json)
            }
            Act::List { json } => {
                let list = service
                    .db
                    .portals()
                    .await?
                    .into_iter()
                    .map(|portal| Listed {
                        line: format!(
                            "{}  {}  {}{}",
                            portal.id,
                            portal.name,
                            portal.origins.join(" "),
                            mark(portal.disabled_at.is_some())
                        ),
                        json: json!({
                            "id": portal.id, "name": portal.name, "agency": portal.agency,
                            "origins": portal.origins, "disabled": portal.disabled_at.is_some(),
                        }),
                    });
                print_list(list.collect(), json)
            }
            Act::Disable { id } => found(
                service
                    .accounts
                    .disable_portal(id, Actor::Operator, app::now())
                    .await?,
                "no_such_portal",
                &id,
            ),
        }
    }
}
