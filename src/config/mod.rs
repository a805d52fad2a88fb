//! Every setting of the service with its default and its limit.
//!
//! One TOML file, and for each setting an environment variable that wins over it:
//! `TRAO_LIMITS__RESULT_FILES=5` is `result_files` of `[limits]`. Secrets are never settings: a
//! setting names the file that holds one. Of a list of tables each has its number, from 0:
//! `TRAO_TSA__0__URL`. `docs/trao.example.toml` shows all of them.

mod egress;
mod environment;
mod gate;
mod limits;
mod misfit;
mod sections;

use std::borrow::Cow;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use thiserror::Error;

pub use egress::{EgressSettings, TsaSettings};
pub use gate::{GateSettings, Rate};
pub use limits::LimitSettings;
pub use sections::{
    ArchiveKind, ArchiveSettings, CONTENT_WORDS, DatabaseSettings, InstallationSettings,
    IntakeSettings, LogFormat, LogSettings, ProxySettings, S3Settings, SealingSettings,
    TrustSettings,
};

/// Why the service does not start with its settings. Values are not repeated: one might be a
/// secret in the wrong place.
#[derive(Debug, Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("the configuration file {}: {source}", path.display())]
    File {
        /// Which file.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// The file is not TOML.
    #[error("the configuration: {0}")]
    Malformed(String),
    /// A setting that does not exist or is of another type.
    #[error("the setting {setting}{}: {why}", in_line(*line))]
    Misfit {
        /// Its name, `section.key`.
        setting: String,
        /// Where it stands in the file.
        line: Option<usize>,
        /// What is wrong with it.
        why: String,
    },
    /// A variable that looks like a setting and is none, or whose value does not fit.
    #[error("the environment variable {0} is no setting or its value does not fit")]
    Variable(String),
    /// A setting outside its limits.
    #[error("the setting {setting}{}: {why}", in_line(*line))]
    Invalid {
        /// Its name, `section.key`.
        setting: &'static str,
        /// Where it stands in the file.
        line: Option<usize>,
        /// What is wrong with it.
        why: Cow<'static, str>,
    },
}

impl ConfigError {
    /// A setting outside its limits, wherever it stands.
    fn invalid(setting: &'static str, why: impl Into<Cow<'static, str>>) -> Self {
        Self::Invalid {
            setting,
            line: None,
            why: why.into(),
        }
    }
}

fn in_line(line: Option<usize>) -> String {
    line.map(|line| format!(" (line {line})"))
        .unwrap_or_default()
}

/// All settings. `Settings::default()` serves on the loopback from `storage/`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The address under which people reach the service, without a path: links and QR codes are
    /// made of it, forms are checked against it; the `Host` header is never asked. Required off
    /// the loopback, and `https` there.
    pub public_url: Option<String>,
    /// Where the service listens; a proxy that speaks TLS stands before it.
    pub listen: SocketAddr,
    /// Where `/metrics` is served; nowhere unless set.
    pub metrics_listen: Option<SocketAddr>,
    /// The folder of everything that is kept here: database, keys, objects, spool.
    pub data_dir: PathBuf,
    /// The database.
    pub database: DatabaseSettings,
    /// Where files are kept.
    pub archive: ArchiveSettings,
    /// The children that read PDFs, and the seal.
    pub sealing: SealingSettings,
    /// Which active content is not taken.
    pub intake: IntakeSettings,
    /// By whom earlier signatures are judged.
    pub trust: TrustSettings,
    /// Whom the service asks over HTTP.
    pub egress: EgressSettings,
    /// Who stamps the time, the first choice first.
    pub tsa: Vec<TsaSettings>,
    /// How fast anybody may guess.
    pub gate: GateSettings,
    /// How much is taken.
    pub limits: LimitSettings,
    /// Who runs the service, as citizens see it.
    pub installation: InstallationSettings,
    /// Whose word about client addresses counts.
    pub proxies: ProxySettings,
    /// What is logged.
    pub log: LogSettings,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            public_url: None,
            listen: SocketAddr::from(([127, 0, 0, 1], 8080)),
            metrics_listen: None,
            data_dir: PathBuf::from("storage"),
            database: DatabaseSettings::default(),
            archive: ArchiveSettings::default(),
            sealing: SealingSettings::default(),
            intake: IntakeSettings::default(),
            trust: TrustSettings::default(),
            egress: EgressSettings::default(),
            tsa: Vec::new(),
            gate: GateSettings::default(),
            limits: LimitSettings::default(),
            installation: InstallationSettings::default(),
            proxies: ProxySettings::default(),
            log: LogSettings::default(),
        }
    }
}

impl Settings {
    /// Reads the file, if one is named, then the environment, and checks the outcome.
    ///
    /// # Errors
    /// [`ConfigError`] says which setting is wrong.
    pub fn load(file: Option<&Path>) -> Result<Self, ConfigError> {
        Self::load_with(file, std::env::vars())
    }

    /// The same with variables that are given.
    ///
    /// # Errors
    /// As [`Settings::load`].
    pub fn load_with(
        file: Option<&Path>,
        variables: impl IntoIterator<Item = (String, String)>,
    ) -> Result<Self, ConfigError> {
        // The defaults lie below, so that a rate may be given by one of its two numbers.
        let mut table = toml::Table::try_from(Self::default())
            .map_err(|error| ConfigError::Malformed(error.to_string()))?;
        let text = file.map(read).transpose()?.unwrap_or_default();
        lay_over(&mut table, misfit::table(&text)?);
        let mut variables: Vec<_> = variables.into_iter().collect();
        // A list of tables grows at its end: the first table's variables come first.
        variables.sort();
        environment::overlay(&mut table, &variables)?;
        let settings = misfit::settings(table, &text, &variables)?;
        settings
            .check()
            .map_err(|error| misfit::placed(error, &text, &variables))?;
        Ok(settings)
    }

    /// Holds every setting to its limits.
    ///
    /// # Errors
    /// [`ConfigError::Invalid`] names the first that is outside.
    pub fn check(&self) -> Result<(), ConfigError> {
        self.check_public_url()?;
        self.archive.check()?;
        self.sealing.check()?;
        self.intake.check()?;
        self.egress.check()?;
        TsaSettings::check_all(&self.tsa)?;
        self.gate.check()?;
        self.limits.check()?;
        self.installation.check()
    }

    /// The address that links are made of, without a slash at its end.
    #[must_use]
    pub fn public_url(&self) -> String {
        match &self.public_url {
            Some(url) => url.trim_end_matches('/').to_owned(),
            None => format!("http://{}", self.listen),
        }
    }

    /// Whether people reach the service by TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url().starts_with("https://")
    }

    /// The database's file.
    #[must_use]
    pub fn database_file(&self) -> PathBuf {
        self.database
            .file
            .clone()
            .unwrap_or_else(|| self.data_dir.join("trao.db"))
    }

    /// The keys that guard the database.
    #[must_use]
    pub fn keys_file(&self) -> PathBuf {
        self.data_dir.join("keys.toml")
    }

    /// The folder of the objects, where they are kept as files.
    #[must_use]
    pub fn objects_dir(&self) -> PathBuf {
        self.archive
            .folder
            .clone()
            .unwrap_or_else(|| self.data_dir.join("objects"))
    }

    /// The folder of files under way: uploads, and what is being sealed.
    #[must_use]
    pub fn spool_dir(&self) -> PathBuf {
        self.data_dir.join("spool")
    }

    fn check_public_url(&self) -> Result<(), ConfigError> {
        let wrong = |why| Err(ConfigError::invalid("public_url", why));
        let Some(url) = &self.public_url else {
            return if self.listen.ip().is_loopback() {
                Ok(())
            } else {
                wrong("it is required when the service listens off the loopback")
            };
        };
        let Some((scheme, rest)) = url.split_once("://") else {
            return wrong("it is no absolute address");
        };
        let authority = rest.trim_end_matches('/');
        let is_plain = !authority.is_empty()
            && authority
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b".-:[]".contains(&byte));
        if !is_plain {
            return wrong("it must be a scheme and a host, without path, query or user");
        }
        match scheme {
            "https" => Ok(()),
            "http" if is_loopback(authority) => Ok(()),
            _ => wrong("it must begin with https:// off the loopback"),
        }
    }
}

/// Whether the host of `host:port` is this machine.
fn is_loopback(authority: &str) -> bool {
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    host == "localhost"
        || host
            .parse()
            .is_ok_and(|ip: std::net::IpAddr| ip.is_loopback())
}

fn read(path: &Path) -> Result<String, ConfigError> {
    std::fs::read_to_string(path).map_err(|source| ConfigError::File {
        path: path.to_owned(),
        source,
    })
}

/// Lays what the file says over the defaults, section by section.
fn lay_over(below: &mut toml::Table, above: toml::Table) {
    for (key, value) in above {
        match (below.get_mut(&key), value) {
            (Some(toml::Value::Table(section)), toml::Value::Table(given)) => {
                lay_over(section, given);
            }
            (_, value) => {
                below.insert(key, value);
            }
        }
    }
}

/// A number that must lie between two others, both allowed.
fn within(
    setting: &'static str,
    value: u64,
    range: std::ops::RangeInclusive<u64>,
) -> Result<(), ConfigError> {
    if range.contains(&value) {
        Ok(())
    } else {
        let (least, most) = (range.start(), range.end());
        Err(ConfigError::invalid(
            setting,
            format!("it must be from {least} to {most}"),
        ))
    }
}

/// So many of something, such as letters, between two numbers, both allowed.
fn counted(
    setting: &'static str,
    (count, what): (usize, &'static str),
    range: std::ops::RangeInclusive<usize>,
) -> Result<(), ConfigError> {
    if range.contains(&count) {
        Ok(())
    } else {
        let (least, most) = (range.start(), range.end());
        Err(ConfigError::invalid(
            setting,
            format!("it must have {least} to {most} {what}"),
        ))
    }
}
