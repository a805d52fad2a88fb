//! Who runs the service.

use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;

use super::StartError;
use crate::config::Settings;

/// Who runs the service, as citizens see it before any agency is known.
#[derive(Clone, Debug)]
pub struct Installation {
    /// Its name.
    pub name: String,
    /// Whom to call.
    pub telephone: Option<String>,
    /// Its emblem, where it has one of its own.
    pub emblem: Option<Emblem>,
}

/// A picture as it was configured.
#[derive(Clone, Debug)]
pub struct Emblem {
    /// `image/svg+xml` or `image/png`.
    pub media_type: &'static str,
    /// The file.
    pub bytes: Vec<u8>,
}

impl Installation {
    pub(super) fn of(settings: &Settings) -> Result<Self, StartError> {
        let emblem = settings
            .installation
            .emblem
            .as_deref()
            .map(emblem)
            .transpose();
        Ok(Self {
            name: settings.installation.name.clone(),
            telephone: settings.installation.telephone.clone(),
            emblem: emblem.map_err(|source| StartError::File {
                setting: "installation.emblem",
                source,
            })?,
        })
    }
}

/// Every page shows it, on slow lines too: a page weighs 60 kB at most.
const EMBLEM_BYTES_MAX: u64 = 30 << 10;

fn emblem(path: &Path) -> io::Result<Emblem> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(EMBLEM_BYTES_MAX + 1)
        .read_to_end(&mut bytes)?;
    if bytes.len() as u64 > EMBLEM_BYTES_MAX {
        let why = "the emblem has more than 30 KiB";
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    let media_type = if bytes.starts_with(b"\x89PNG\r\n") {
        "image/png"
    } else {
        "image/svg+xml"
    };
    Ok(Emblem { media_type, bytes })
}
