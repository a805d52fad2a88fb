//! A time-stamping authority, ready to be asked.

use std::fmt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use reqwest::Url;
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::allowed;
use super::error::EgressSetupError;
use crate::config::TsaSettings;

/// A TSA of the settings, its password read.
#[derive(Clone)]
pub struct Tsa {
    name: String,
    url: Url,
    policy: Option<String>,
    login: Option<(String, SecretString)>,
    anchors: Vec<PathBuf>,
    timeout: Duration,
}

impl Tsa {
    /// Reads the password's file, if the TSA wants a login.
    ///
    /// # Errors
    /// When the file cannot be read, or the address is none that can be asked.
    pub fn open(settings: &TsaSettings) -> Result<Self, EgressSetupError> {
        let url = allowed::parse(&settings.url).map_err(|error| EgressSetupError::Setting {
            setting: "tsa.url",
            why: error.to_string(),
        })?;
        let login = match (&settings.user, &settings.password_file) {
            (Some(user), Some(file)) => Some((user.clone(), password(file)?)),
            _ => None,
        };
        Ok(Self {
            name: settings.name.clone(),
            url,
            policy: settings.policy.clone(),
            login,
            anchors: settings.anchors.clone(),
            timeout: Duration::from_secs(settings.timeout_s),
        })
    }

    /// What it is called in the log and in the record.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The policy to ask for, if one was chosen.
    #[must_use]
    pub fn policy(&self) -> Option<&str> {
        self.policy.as_deref()
    }

    /// Files and folders with its roots; none: those of `[trust]` judge it.
    #[must_use]
    pub fn anchors(&self) -> &[PathBuf] {
        &self.anchors
    }

    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    pub(super) fn login(&self) -> Option<(&str, &SecretString)> {
        let (user, password) = self.login.as_ref()?;
        Some((user, password))
    }

    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }
}

/// Its address may hold a secret, and is not shown.
impl fmt::Debug for Tsa {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Tsa")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// The file's text without the end of its line, and without a byte order mark before it.
fn password(file: &Path) -> Result<SecretString, EgressSetupError> {
    let text = std::fs::read_to_string(file).map(Zeroizing::new);
    let text = text.map_err(|source| EgressSetupError::File {
        setting: "tsa.password_file",
        path: file.to_owned(),
        source,
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(SecretString::from(text.trim_end_matches(['\r', '\n'])))
}
