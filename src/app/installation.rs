//! Who runs the service.

use std::io;
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

fn emblem(path: &Path) -> io::Result<Emblem> {
    let bytes = std::fs::read(path)?;
    let media_type = if bytes.starts_with(b"\x89PNG\r\n") {
        "image/png"
    } else {
        "image/svg+xml"
    };
    Ok(Emblem { media_type, bytes })
}
