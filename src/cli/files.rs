//! Which files a verb works on and where their outcome goes.

use std::fs;
use std::path::{Path, PathBuf};

use secrecy::SecretString;

use super::failure::Failure;
use crate::app;
use crate::config::Settings;
use crate::pades::TrustAnchors;
use crate::publication;
use crate::sealing::{ReaderSettings, Sealing};

/// The PDFs named on the command line: files as they are, folders for the `.pdf` files in them.
pub(super) fn inputs(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let mut files = Vec::new();
    for path in named {
        if path.is_dir() {
            files.extend(pdfs_in(path)?);
        } else {
            files.push(path.clone());
        }
    }
    if files.is_empty() {
        // Whoever named a file has one: only folders can hold none.
        let folders: Vec<String> = named
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        return Err(Failure::naming("field_invalid", "*.pdf")
            .worded("no_pdf_in_folder")
            .about(folders.join(", ")));
    }
    Ok(files)
}

fn pdfs_in(folder: &Path) -> Result<Vec<PathBuf>, Failure> {
    let entries = fs::read_dir(folder).map_err(|error| read_failure(folder, &error))?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| read_failure(folder, &error))?.path();
        let is_pdf = path
            .extension()
            .is_some_and(|kind| kind.eq_ignore_ascii_case("pdf"));
        if is_pdf && path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

/// A file that cannot be read.
pub(super) fn read_failure(path: &Path, error: &std::io::Error) -> Failure {
    Failure::io(&path.display().to_string(), error)
}

/// Reads a small file whole: a template, a picture.
pub(super) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    fs::read(path).map_err(|error| read_failure(path, &error))
}

/// The first line of a file that holds a secret.
pub(super) fn first_line(path: &Path) -> Result<SecretString, Failure> {
    Ok(publication::first_line(path)?)
}

/// Trust anchors from a file or a folder.
pub(super) fn anchors(path: &Path) -> Result<TrustAnchors, Failure> {
    app::anchors(&[path])
        .map_err(|error| Failure::new("field_invalid", error.to_string()).about("--trust"))
}

/// The trust anchors of `[trust]`.
pub(super) fn configured_anchors(settings: &Settings) -> Result<TrustAnchors, Failure> {
    app::anchors(&settings.trust.anchors).map_err(|error| Failure::io("[trust]", &error))
}

/// The door to the reading child, for a verb that works without the service.
pub(super) fn sealing(anchors: TrustAnchors, workers: usize) -> Result<Sealing, Failure> {
    let executable = std::env::current_exe().map_err(|error| Failure::io("the program", &error))?;
    let reader = ReaderSettings {
        workers,
        ..ReaderSettings::of(executable)
    };
    Ok(Sealing::new(reader, anchors.into()))
}
