//! `trao key`.

use clap::{Args, Subcommand};
use secrecy::ExposeSecret as _;
use serde_json::json;
use time::format_description::well_known::Rfc3339;
use time::{Duration, OffsetDateTime};

use super::{Listed, found, mark, one_of, parsed, print_list};
use crate::account::{Accounts, NewApiKey, Scope};
use crate::app;
use crate::cli::failure::Failure;
use crate::cli::service::ServiceOptions;
use crate::cli::terminal::{self, say};
use crate::database::Actor;
use crate::model::{AgencyId, ApiKeyId, in_viet_nam};

/// Programs' keys: `Authorization: Bearer …`
#[derive(Args)]
#[command(
    after_help = "Example:\n  trao key add --agency ID --name \"Một cửa điện tử\" --scope \
    publish --scope read --days 365 > mot-cua.key"
)]
pub(in crate::cli) struct Key {
    #[command(flatten)]
    service: ServiceOptions,
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Adds a key and prints it: it is shown this once
    #[command(
        after_help = "Example:\n  trao key add --agency ID --name \"Một cửa điện tử\" --scope publish \
        --days 365 > mot-cua.key"
    )]
    Add {
        /// The agency
        #[arg(long, value_parser = parsed::<AgencyId>, value_name = "ID")]
        agency: AgencyId,
        /// What it is for
        #[arg(long)]
        name: String,
        /// publish, read, approve, withdraw, dossiers; may be given several times
        #[arg(long = "scope", required = true, value_parser = one_of::<Scope>(Scope::ALL.iter().map(|scope| scope.as_str())))]
        scopes: Vec<Scope>,
        /// For how many days it is good
        #[arg(long, default_value_t = 365, value_parser = clap::value_parser!(u16).range(1..=730))]
        days: u16,
        /// Prints JSON
        #[arg(long)]
        json: bool,
    },
    /// Lists all, without their secrets
    #[command(after_help = "Example:\n  trao key list --json")]
    List {
        /// A line of JSON each
        #[arg(long)]
        json: bool,
    },
    /// Ends a key at once
    #[command(after_help = "Example:\n  trao key disable ID")]
    Disable {
        /// The id
        #[arg(value_parser = parsed::<ApiKeyId>)]
        id: ApiKeyId,
    },
}

impl Key {
    pub(in crate::cli) async fn run(self) -> Result<(), Failure> {
        let service = self.service.open().await?;
        let now = app::now();
        match self.act {
            Act::Add {
                agency,
                name,
                scopes,
                days,
                json,
            } => {
                let expires_at = now + Duration::days(days.into());
                let new = NewApiKey {
                    agency,
                    name,
                    scopes,
                    expires_at,
                };
                add(&service.accounts, new, json, now).await
            }
            Act::List { json } => {
                let list = service.db.api_keys().await?.into_iter().map(|key| Listed {
                    line: format!(
                        "{}  {}  {}  until {}{}",
                        key.id,
                        key.name,
                        key.scopes.join(","),
                        in_viet_nam(key.expires_at).date(),
                        mark(key.disabled_at.is_some() || key.expires_at <= now)
                    ),
                    json: json!({
                        "id": key.id, "name": key.name, "agency": key.agency,
                        "scopes": key.scopes, "expires_at": key.expires_at.format(&Rfc3339).unwrap_or_default(),
                        "disabled": key.disabled_at.is_some(),
                    }),
                });
                print_list(list.collect(), json)
            }
            Act::Disable { id } => found(
                service
                    .accounts
                    .disable_api_key(id, Actor::Operator, now)
                    .await?,
                "no_such_key",
                &id,
            ),
        }
    }
}

/// Adds a key and shows it this once. One that cannot be shown is ended: nobody has its secret.
async fn add(
    accounts: &Accounts,
    new: NewApiKey,
    json: bool,
    now: OffsetDateTime,
) -> Result<(), Failure> {
    let (id, key) = accounts.add_api_key(new, Actor::Operator, now).await?;
    let secret = key.expose_secret();
    let said = if json {
        say(&json!({ "id": id, "key": secret }).to_string())
    } else {
        say(secret)
    };
    if said.is_ok() {
        return Ok(());
    }
    let disabled = accounts.disable_api_key(id, Actor::Operator, now).await;
    let unseen = Failure::naming("key_unseen", id.to_string());
    terminal::ended(
        said,
        Err(match disabled {
            Ok(_) => unseen,
            Err(error) => {
                Failure::from(error).print();
                unseen.worded("key_unseen_in_use")
            }
        }),
    )
}
