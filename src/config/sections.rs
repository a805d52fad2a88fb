//! The sections of the configuration that are not numbers alone.

use std::path::PathBuf;

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

use super::{ConfigError, counted, within};

/// `[database]`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatabaseSettings {
    /// SQLite's file; `trao.db` in the data folder unless set.
    pub file: Option<PathBuf>,
}

/// Where objects are kept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArchiveKind {
    /// In a folder of this machine.
    #[default]
    Files,
    /// In a bucket of an S3 service.
    S3,
}

/// `[archive]`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArchiveSettings {
    /// Which of the two.
    pub kind: ArchiveKind,
    /// For `files`: the folder; `objects` in the data folder unless set.
    pub folder: Option<PathBuf>,
    /// For `s3`.
    pub s3: S3Settings,
}

/// `[archive.s3]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct S3Settings {
    /// The address of the service, `https://s3.example.vn`; AWS's own unless set.
    pub endpoint: Option<String>,
    /// Its region.
    pub region: String,
    /// The bucket. It must exist.
    pub bucket: String,
    /// `endpoint/bucket/key` instead of `bucket.endpoint/key`: what MinIO, Garage and Ceph want.
    pub path_style: bool,
    /// The public half of the access key.
    pub access_key_id: String,
    /// The file that holds its secret half, readable by the service alone.
    pub secret_access_key_file: Option<PathBuf>,
    /// What the names of objects begin with, `trao/`, where the bucket is shared.
    pub prefix: String,
    /// The authority of the service's certificate, PEM; those of the system unless set.
    pub ca_file: Option<PathBuf>,
}

impl Default for S3Settings {
    fn default() -> Self {
        Self {
            endpoint: None,
            region: "us-east-1".to_owned(),
            bucket: String::new(),
            path_style: true,
            access_key_id: String::new(),
            secret_access_key_file: None,
            prefix: String::new(),
            ca_file: None,
        }
    }
}

impl ArchiveSettings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.kind == ArchiveKind::Files {
            return Ok(());
        }
        let why = "it is required where the archive is of kind s3";
        for (setting, is_there) in [
            ("archive.s3.bucket", !self.s3.bucket.is_empty()),
            (
                "archive.s3.access_key_id",
                !self.s3.access_key_id.is_empty(),
            ),
            (
                "archive.s3.secret_access_key_file",
                self.s3.secret_access_key_file.is_some(),
            ),
        ] {
            if !is_there {
                return Err(ConfigError::invalid(setting, why));
            }
        }
        Ok(())
    }
}

/// `[sealing]`: the children that read PDFs, how long an attempt may take, the seal's own words.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SealingSettings {
    /// How many children may run at once; 0: as many as there are processors.
    pub workers: u64,
    /// The memory of a child in MiB; as much as its file has comes on top, up to twice this in all.
    pub memory_mib: u64,
    /// The CPU time of a child in seconds; one for each 10 MiB comes on top.
    pub cpu_s: u64,
    /// How long a result belongs to the instance that works on it, in seconds; a living one renews
    /// it, a dead one's results are taken over when it has run out.
    pub lease_s: u64,
    /// After so many failed attempts a result is held until a person has looked.
    pub attempts_max: u64,
    /// How long an answer waits for a result to be released, in seconds.
    pub answer_wait_s: u64,
    /// `/Reason` of the seal.
    pub reason: Option<String>,
    /// `/Location` of the seal.
    pub location: Option<String>,
}

impl Default for SealingSettings {
    fn default() -> Self {
        Self {
            workers: 0,
            memory_mib: 256,
            cpu_s: 5,
            lease_s: 20,
            attempts_max: 8,
            answer_wait_s: 10,
            reason: None,
            location: None,
        }
    }
}

impl SealingSettings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within("sealing.workers", self.workers, 0..=1_024)?;
        within("sealing.memory_mib", self.memory_mib, 64..=16_384)?;
        within("sealing.cpu_s", self.cpu_s, 1..=600)?;
        within("sealing.lease_s", self.lease_s, 5..=3_600)?;
        within("sealing.attempts_max", self.attempts_max, 1..=100)?;
        within("sealing.answer_wait_s", self.answer_wait_s, 0..=60)
    }
}

/// `[intake]`: which active or hidden content is not taken.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IntakeSettings {
    /// What no file may have; what is not named is shown to the clerk.
    pub refuse: Vec<String>,
    /// What a file may not have where no clerk looks at it: the agency seals automatically.
    pub refuse_unseen: Vec<String>,
}

/// The words for active and hidden content and for what readers show differently, as the intake
/// finds it.
pub const CONTENT_WORDS: [&str; 15] = [
    "additional_action",
    "ambiguous_structure",
    "embedded_files",
    "external_action",
    "external_content",
    "hidden_annotation",
    "javascript",
    "launch_action",
    "open_action",
    "optional_content_hidden",
    "page_tree_uneven",
    "rich_media",
    "structure_rebuilt",
    "usage_rights",
    "xfa",
];

impl Default for IntakeSettings {
    fn default() -> Self {
        let harmless = ["embedded_files", "hidden_annotation", "usage_rights"];
        let unseen = CONTENT_WORDS
            .into_iter()
            .filter(|word| !harmless.contains(word));
        Self {
            refuse: Vec::new(),
            refuse_unseen: unseen.map(str::to_owned).collect(),
        }
    }
}

impl IntakeSettings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        for (setting, words) in [
            ("intake.refuse", &self.refuse),
            ("intake.refuse_unseen", &self.refuse_unseen),
        ] {
            if words
                .iter()
                .any(|word| !CONTENT_WORDS.contains(&word.as_str()))
            {
                let why = "it names no kind of active or hidden content";
                return Err(ConfigError::invalid(setting, why));
            }
        }
        Ok(())
    }
}

/// `[trust]`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TrustSettings {
    /// Files and folders with the certificates of the roots, PEM or DER.
    pub anchors: Vec<PathBuf>,
}

/// `[installation]`: shown before any agency is known.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InstallationSettings {
    /// Its name.
    pub name: String,
    /// Whom to call.
    pub telephone: Option<String>,
    /// An SVG or PNG file; a plain star unless set.
    pub emblem: Option<PathBuf>,
}

impl Default for InstallationSettings {
    fn default() -> Self {
        Self {
            name: "Trả kết quả hồ sơ".to_owned(),
            telephone: None,
            emblem: None,
        }
    }
}

impl InstallationSettings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        let letters = self.name.trim().chars().count();
        counted("installation.name", (letters, "letters"), 1..=200)
    }
}

/// `[proxies]`.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ProxySettings {
    /// The networks of our own proxies: their `X-Forwarded-For` counts, nobody else's.
    pub trusted: Vec<IpNet>,
}

/// How log lines look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// One JSON object a line, for machines.
    #[default]
    Json,
    /// For people at a terminal.
    Text,
}

/// `[log]`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LogSettings {
    /// What is logged: `info`, or by module, `warn,trao::publication=debug`.
    pub filter: String,
    /// How.
    pub format: LogFormat,
}

impl Default for LogSettings {
    fn default() -> Self {
        Self {
            filter: "info".to_owned(),
            format: LogFormat::Json,
        }
    }
}
