//! `trao identity`.

use clap::{Args, Subcommand};
use serde_json::json;

use super::{Listed, found, mark, parsed, print_added, print_list};
use crate::account::{AccountError, NewIdentity, NewSealPolicy, SealPolicyChange};
use crate::app::{self, Foundation};
use crate::cli::evidence_options::{LevelName, evidence_of, unless_revoked};
use crate::cli::failure::Failure;
use crate::cli::files::configured_anchors;
use crate::cli::identity_options::IdentityOptions;
use crate::cli::service::ServiceOptions;
use crate::database::{Actor, IdentityRow};
use crate::model::{AgencyId, IdentityId};
use crate::pades::{Level, TrustAnchors};

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
    #[command(
        after_help = "Example:\n  trao identity add --agency ID --name \"Con dấu 2026\" --identity \
        con-dau.p12 --passphrase-file con-dau.txt"
    )]
    Add(Box<Add>),
    /// Says how far an identity's seals shall be provable from now on: what is named
    #[command(
        after_help = "Example:\n  trao identity policy ID --level lta --level-min b --unchecked hold"
    )]
    Policy {
        /// The id
        #[arg(value_parser = parsed::<IdentityId>)]
        id: IdentityId,
        #[command(flatten)]
        change: ChangeOptions,
    },
    /// Lists all
    #[command(after_help = "Example:\n  trao identity list --json")]
    List {
        /// A line of JSON each
        #[arg(long)]
        json: bool,
    },
    /// Takes one out of use
    #[command(after_help = "Example:\n  trao identity disable ID")]
    Disable {
        /// The id
        #[arg(value_parser = parsed::<IdentityId>)]
        id: IdentityId,
    },
}

#[derive(Args)]
struct Add {
    /// The agency that signs with it
    #[arg(long, value_parser = parsed::<AgencyId>, value_name = "ID")]
    agency: AgencyId,
    /// Its name
    #[arg(long)]
    name: String,
    #[command(flatten)]
    files: IdentityOptions,
    #[command(flatten)]
    policy: PolicyOptions,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

impl Add {
    async fn run(self, service: &Foundation) -> Result<(), Failure> {
        let trusted = configured_anchors(&service.settings)?;
        let identity = self.files.load_knowing(&trusted)?;
        // The newest identity seals: one that cannot holds every result of its agency.
        if let Err(unfit) = identity.check(app::now()) {
            Failure::from(unfit).warn();
        }
        let evidence = evidence_of(&service.settings, &[], &TrustAnchors::default())?;
        if let Ok(Some(doubt)) | Err(doubt) = unless_revoked(&evidence, &identity).await {
            doubt.warn();
        }
        let new = NewIdentity {
            agency: self.agency,
            name: self.name,
            source: json!(self.files.lasting_source()?),
            scheme: self.files.scheme.map(|scheme| scheme.to_string()),
            policy: self.policy.policy(),
        };
        let added = service
            .accounts
            .add_identity(new, Actor::Operator, app::now())
            .await
            .map_err(told)?;
        print_added(&added.to_string(), self.json)
    }
}

/// How far an identity's seals shall be provable.
#[derive(Args)]
struct PolicyOptions {
    /// The level that its seals shall reach, at once or later
    #[arg(long, value_enum, default_value = "b")]
    level: LevelName,
    /// With less than this no result goes out
    #[arg(long, value_enum, default_value = "b")]
    level_min: LevelName,
    /// Where nobody tells whether the certificate is revoked: seal and say so on record, or wait
    #[arg(long, value_name = "warn|hold", default_value = "warn", value_parser = ["warn", "hold"])]
    unchecked: String,
}

impl PolicyOptions {
    fn policy(self) -> NewSealPolicy {
        NewSealPolicy {
            level: Level::from(self.level).as_str().to_owned(),
            level_min: Level::from(self.level_min).as_str().to_owned(),
            revocation: self.unchecked,
        }
    }
}

/// What of it becomes another. What is left out stays as it is.
#[derive(Args)]
#[group(required = true, multiple = true)]
struct ChangeOptions {
    /// The level that its seals shall reach, at once or later
    #[arg(long, value_enum)]
    level: Option<LevelName>,
    /// With less than this no result goes out
    #[arg(long, value_enum)]
    level_min: Option<LevelName>,
    /// Where nobody tells whether the certificate is revoked: seal and say so on record, or wait
    #[arg(long, value_name = "warn|hold", value_parser = ["warn", "hold"])]
    unchecked: Option<String>,
}

impl ChangeOptions {
    fn change(self) -> SealPolicyChange {
        SealPolicyChange {
            level: self.level.map(Level::from),
            level_min: self.level_min.map(Level::from),
            revocation: self.unchecked,
        }
    }
}

impl Identity {
    pub(in crate::cli) async fn run(self) -> Result<(), Failure> {
        let service = self.service.open().await?;
        match self.act {
            Act::Add(add) => add.run(&service).await,
            Act::Policy { id, change } => found(
                service
                    .accounts
                    .set_seal_policy(id, change.change(), Actor::Operator, app::now())
                    .await
                    .map_err(told)?,
                "no_such_identity",
                &id,
            ),
            Act::List { json } => {
                let list = service.db.identities().await?;
                print_list(list.iter().map(listed).collect(), json)
            }
            Act::Disable { id } => found(
                service
                    .accounts
                    .disable_identity(id, Actor::Operator, app::now())
                    .await?,
                "no_such_identity",
                &id,
            ),
        }
    }
}

fn listed(identity: &IdentityRow) -> Listed {
    Listed {
        line: format!(
            "{}  {}  agency={}  level={}  level-min={}  unchecked={}{}",
            identity.id,
            identity.name,
            identity.agency,
            identity.level,
            identity.level_min,
            identity.revocation,
            mark(identity.disabled_at.is_some())
        ),
        json: json!({
            "id": identity.id, "name": identity.name, "agency": identity.agency,
            "scheme": identity.scheme, "level": identity.level,
            "level_min": identity.level_min,
            "revocation": identity.revocation, "disabled": identity.disabled_at.is_some(),
        }),
    }
}

/// A refusal, about the option that it is about.
fn told(error: AccountError) -> Failure {
    match error {
        AccountError::Field {
            field: "level_min",
            reason,
        } => Failure::new("field_invalid", reason).about("--level-min"),
        other => other.into(),
    }
}
