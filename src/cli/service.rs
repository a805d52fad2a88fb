//! What the verbs that work on the service's data have in common.

use std::path::{Path, PathBuf};

use clap::Args;

use super::failure::Failure;
use super::files;
use crate::account::AccountError;
use crate::app::{Foundation, StartError, clock};
use crate::config::{ConfigError, Settings};
use crate::database::DatabaseError;
use crate::publication::IdentityRefused;

/// Which service.
#[derive(Args, Clone, Debug)]
pub(super) struct ServiceOptions {
    /// The configuration; the environment and the defaults without one
    #[arg(long, value_name = "trao.toml", global = true)]
    config: Option<PathBuf>,
}

impl ServiceOptions {
    /// The settings.
    pub(super) fn settings(&self) -> Result<Settings, Failure> {
        Ok(Settings::load(self.config.as_deref())?)
    }

    /// The settings of a service whose database is there: a verb that only looks, or changes what
    /// is there, would otherwise make an empty one wherever `data_dir` is mistyped.
    pub(super) fn existing(&self) -> Result<Settings, Failure> {
        let settings = self.settings()?;
        let database = settings.database_file();
        match database.try_exists() {
            Ok(true) => Ok(settings),
            Ok(false) => Err(Failure::new("store_missing", "").about_file(&database)),
            Err(error) => Err(files::read_failure(&database, &error)),
        }
    }

    /// The service's database, keys and accounts, which must be there.
    pub(super) async fn open(&self) -> Result<Foundation, Failure> {
        Ok(Foundation::open(self.existing()?, clock()).await?)
    }

    /// The same, made where there is nothing yet: for what an installation begins with.
    pub(super) async fn open_or_make(&self) -> Result<Foundation, Failure> {
        Ok(Foundation::open(self.settings()?, clock()).await?)
    }
}

impl From<ConfigError> for Failure {
    fn from(error: ConfigError) -> Self {
        match error {
            ConfigError::File { path, source } => files::read_failure(&path, &source),
            error => Self::new("field_invalid", error.to_string()).worded("setting_invalid"),
        }
    }
}

impl From<StartError> for Failure {
    fn from(error: StartError) -> Self {
        let code = match &error {
            StartError::Identity(
                IdentityRefused::Malformed { .. } | IdentityRefused::Source { .. },
            ) => "identity_unfit",
            StartError::KeysExposed(path) => return of_keys("key_file_exposed", path),
            StartError::KeysMissing(path) => return of_keys("keys_missing", path),
            StartError::DatabaseMissing(path) => return of_keys("database_missing", path),
            StartError::KeysForeign(path) => return of_keys("keys_foreign", path),
            _ => "unavailable",
        };
        Self::new(code, error.to_string())
    }
}

fn of_keys(word: &'static str, path: &Path) -> Failure {
    Failure::new("unavailable", "")
        .worded(word)
        .about_file(path)
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Self {
        Self::new("unavailable", error.to_string())
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        let code = match error {
            AccountError::Field { .. } => "field_invalid",
            AccountError::Template { .. } => "template_invalid",
            AccountError::Picture(_) => "image_invalid",
            AccountError::AppearanceUnusable(_) => "appearance_unusable",
            AccountError::NotFound => "not_found",
            AccountError::Conflict => {
                return Self::new("state_conflict", "").worded("exists_already");
            }
            AccountError::Unavailable => "unavailable",
        };
        Self::new(code, error.to_string())
    }
}
