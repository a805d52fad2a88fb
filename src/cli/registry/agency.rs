//! `trao agency`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::appearance::Appearance;
use super::{Listed, found, mark, one_of, parsed, print_added, print_list};
use crate::account::NewAgency;
use crate::app;
use crate::cli::failure::Failure;
use crate::cli::service::ServiceOptions;
use crate::database::Actor;
use crate::dossier;
use crate::model::{AgencyId, AppearanceName, Sealing};

/// Agencies: public bodies with their own certificates and officers
#[derive(Args)]
#[command(
    after_help = "Example:\n  trao agency add --name \"Ủy ban nhân dân phường Đống Đa\" \
    --prefix H26.12 --telephone \"024 1234 5678\""
)]
pub(in crate::cli) struct Agency {
    #[command(flatten)]
    service: ServiceOptions,
    #[command(subcommand)]
    act: Act,
}

#[derive(Subcommand)]
enum Act {
    /// Adds an agency and prints its id
    #[command(
        after_help = "Example:\n  trao agency add --name \"Ủy ban nhân dân phường Mẫu\" --prefix H99.1"
    )]
    Add(Add),
    /// Lists all
    #[command(after_help = "Example:\n  trao agency list --json")]
    List {
        /// A line of JSON each
        #[arg(long)]
        json: bool,
    },
    /// How its seal shows
    Appearance(Box<Appearance>),
    /// Takes one out of use
    #[command(after_help = "Example:\n  trao agency disable ID")]
    Disable {
        /// Its id
        #[arg(value_parser = parsed::<AgencyId>)]
        id: AgencyId,
    },
}

#[derive(Args)]
struct Add {
    /// Its name
    #[arg(long)]
    name: String,
    /// The agency above it
    #[arg(long, value_parser = parsed::<AgencyId>, value_name = "ID")]
    parent: Option<AgencyId>,
    /// A beginning of its dossier codes, such as H26.12; none: any code
    #[arg(long = "prefix", value_name = "PREFIX", value_parser = prefix)]
    prefixes: Vec<String>,
    /// A code profile that it uses: vn-2018, vn-2020, free; none: all
    #[arg(long = "profile", value_name = "PROFILE", value_parser = ["vn-2018", "vn-2020", "free"])]
    profiles: Vec<String>,
    /// Who seals: clerk (in person), or automatic (the agency's own, recorded choice)
    #[arg(long, default_value = "clerk", value_parser = one_of::<Sealing>(Sealing::ALL.iter().map(|word| word.as_str())))]
    sealing: Sealing,
    /// With automatic sealing: its results are register extracts that nobody signed before
    #[arg(long, requires = "sealing")]
    unsigned_allowed: bool,
    /// How its seal shows: none, attachment, seal, copy or a template's name; as the agency above
    /// it has it unless given
    #[arg(long, value_name = "NAME", value_parser = parsed::<AppearanceName>)]
    appearance: Option<AppearanceName>,
    /// Whom requesters may call
    #[arg(long)]
    telephone: Option<String>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// Results are compared with the canonical beginning: another spelling would match none of them.
fn prefix(text: &str) -> Result<String, String> {
    dossier::code_beginning(text)
        .map_err(|_| "a code begins with letters without accents, digits, . - or /".to_owned())
}

impl Agency {
    pub(in crate::cli) async fn run(self) -> Result<(), Failure> {
        let service = match &self.act {
            Act::Add(_) => self.service.open_or_make().await?,
            _ => self.service.open().await?,
        };
        match self.act {
            Act::Add(add) => {
                let json = add.json;
                let new = NewAgency {
                    name: add.name,
                    parent: add.parent,
                    code_prefixes: add.prefixes,
                    code_profiles: add.profiles,
                    sealing: add.sealing,
                    unsigned_allowed: add.unsigned_allowed,
                    appearance: add.appearance,
                    telephone: add.telephone,
                };
                let added = service
                    .accounts
                    .add_agency(new, Actor::Operator, app::now())
                    .await?;
                print_added(&added.to_string(), json)
            }
            Act::List { json } => {
                let agencies = service.db.agencies().await?;
                let list = agencies.into_iter().map(|agency| Listed {
                    line: format!(
                        "{}  {}  sealing={}{}",
                        agency.id,
                        agency.name,
                        agency.sealing,
                        mark(agency.disabled_at.is_some())
                    ),
                    json: json!({
                        "id": agency.id, "name": agency.name, "sealing": agency.sealing,
                        "prefixes": agency.code_prefixes, "profiles": agency.code_profiles,
                        "disabled": agency.disabled_at.is_some(),
                    }),
                });
                print_list(list.collect(), json)
            }
            Act::Appearance(appearance) => appearance.run(&service).await,
            Act::Disable { id } => found(
                service
                    .accounts
                    .disable_agency(id, Actor::Operator, app::now())
                    .await?,
                "no_such_agency",
                &id,
            ),
        }
    }
}
