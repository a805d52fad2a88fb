//! What of a batch is done: a list beside its manifest, so that another run does only the rest.
//!
//! A line is written once the service has acknowledged its result, whole and synced; whatever a
//! crash left half-written is passed over. No line holds a dossier code.

use std::collections::HashMap;
use std::fs::{File, OpenOptions, Permissions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::item::Request;
use crate::cli::batch::folder_of;
use crate::cli::failure::Failure;

/// The list of a manifest.
pub(super) struct DoneList {
    path: PathBuf,
    file: File,
    by_request: HashMap<String, Done>,
}

/// A result that the service has acknowledged.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Done {
    request: String,
    pub(super) id: String,
    pub(super) link: String,
}

impl Done {
    /// What is noted of a request and its answer.
    pub(super) fn of(request: &Request, answer: &Value) -> Self {
        let text = |name: &str| {
            let value = answer.get(name).and_then(Value::as_str);
            value.unwrap_or_default().to_owned()
        };
        Self {
            request: request.name(),
            id: text("id"),
            link: text("link"),
        }
    }
}

impl DoneList {
    /// Opens the list of a manifest, or begins it; only its owner may read it.
    pub(super) fn open(manifest: &Path) -> Result<Self, Failure> {
        let mut name = manifest.as_os_str().to_owned();
        name.push(".done");
        let path = PathBuf::from(name);
        let (file, text) = opened(&path).map_err(|error| {
            // It is the first thing that is done of a batch.
            Failure::unwritable(&path, &error).worded("done_unwritable")
        })?;
        let lines = text.split(|&byte| byte == b'\n');
        let whole = lines.filter_map(|line| serde_json::from_slice::<Done>(line).ok());
        Ok(Self {
            path,
            file,
            by_request: whole.map(|done| (done.request.clone(), done)).collect(),
        })
    }

    /// The result of the same request in an earlier run.
    pub(super) fn find(&self, request: &Request) -> Option<&Done> {
        self.by_request.get(&request.name())
    }

    /// Notes a result that was published.
    pub(super) fn add(&mut self, done: Done) -> Result<(), Failure> {
        let line = serde_json::json!(done).to_string() + "\n";
        self.file
            .write_all(line.as_bytes())
            .and_then(|()| self.file.sync_data())
            .map_err(|error| {
                Failure::new("published_unnoted", error.to_string()).about_file(&self.path)
            })?;
        self.by_request.insert(done.request.clone(), done);
        Ok(())
    }
}

/// The file, ready for the next line, and what stands in it.
fn opened(path: &Path) -> io::Result<(File, Vec<u8>)> {
    let mut options = OpenOptions::new();
    let mut file = options
        .read(true)
        .append(true)
        .create(true)
        .mode(0o600)
        .open(path)?;
    file.set_permissions(Permissions::from_mode(0o600))?;
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    if text.last().is_some_and(|&byte| byte != b'\n') {
        file.write_all(b"\n")?;
    }
    file.sync_all()?;
    File::open(folder_of(path))?.sync_all()?;
    Ok((file, text))
}
