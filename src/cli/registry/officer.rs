//! `trao officer`.

use std::path::PathBuf;

use clap::{Args, Subcommand};
use secrecy::SecretString;
use serde_json::json;

use super::{Listed, found, mark, one_of, parsed, print_added, print_list};
use crate::account::{AccountError, NewOfficer, Role};
use crate::app;
use crate::cli::failure::Failure;
use crate::cli::files;
use crate::cli::service::ServiceOptions;
use crate::database::Actor;
use crate::model::{AgencyId, OfficerId};

/// Officers: who publishes, seals, looks and administers
#[derive(Args)]
#[command(
    after_help = "Example:\n  trao officer add --agency ID --login lan --name \"Nguyễn Thị \
    Lan\" --role clerk --password-file lan.txt"
)]
pub(in crate::cli) struct Officer {
    #[command(flatten)]
    service: ServiceOptions,
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Adds an officer and prints the id
    #[command(
        after_help = "Example:\n  trao officer add --agency ID --login lan --name \"Nguyễn Thị \
        Lan\" --role clerk --password-file lan.txt"
    )]
    Add(Add),
    /// Lists all
    #[command(after_help = "Example:\n  trao officer list --json")]
    List {
        /// A line of JSON each
        #[arg(long)]
        json: bool,
    },
    /// Ends an officer's access at once
    #[command(after_help = "Example:\n  trao officer disable ID")]
    Disable {
        /// The id
        #[arg(value_parser = parsed::<OfficerId>)]
        id: OfficerId,
    },
}

#[derive(Args)]
struct Add {
    /// The agency
    #[arg(long, value_parser = parsed::<AgencyId>, value_name = "ID")]
    agency: AgencyId,
    /// The name to log in by
    #[arg(long)]
    login: String,
    /// The officer's own name
    #[arg(long)]
    name: String,
    /// clerk, publisher, head, auditor, administrator; may be given several times
    #[arg(long = "role", required = true, value_parser = one_of::<Role>(Role::ALL.iter().map(|role| role.as_str())))]
    roles: Vec<Role>,
    /// The file whose first line is the password, 10 letters or more
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Officer {
    pub(in crate::cli) async fn run(self) -> Result<(), Failure> {
        let service = self.service.open().await?;
        match self.act {
            Act::Add(add) => {
                let password: SecretString = files::first_line(&add.password_file)?;
                let login = add.login.clone();
                let new = NewOfficer {
                    agency: add.agency,
                    login: add.login,
                    name: add.name,
                    roles: add.roles,
                    password,
                };
                let added = service
                    .accounts
                    .add_officer(new, Actor::Operator, app::now())
                    .await
                    .map_err(|error| refused(error, login))?;
                print_added(&added.to_string(), add.json)
            }
            Act::List { json } => {
                let list = service
                    .db
                    .officers()
                    .await?
                    .into_iter()
                    .map(|officer| Listed {
                        line: format!(
                            "{}  {}  {}  {}{}",
                            officer.id,
                            officer.login,
                            officer.name,
                            officer.roles.join(","),
                            mark(officer.disabled_at.is_some())
                        ),
                        json: json!({
                            "id": officer.id, "login": officer.login, "name": officer.name,
                            "agency": officer.agency, "roles": officer.roles,
                            "disabled": officer.disabled_at.is_some(),
                        }),
                    });
                print_list(list.collect(), json)
            }
            Act::Disable { id } => found(
                service
                    .accounts
                    .disable_officer(id, Actor::Operator, app::now())
                    .await?,
                "no_such_officer",
                &id,
            ),
        }
    }
}

/// Why an officer was not added: nothing but the login name is anybody's alone.
fn refused(error: AccountError, login: String) -> Failure {
    match error {
        AccountError::Conflict => Failure::naming("state_conflict", login).worded("officer_exists"),
        error => error.into(),
    }
}
