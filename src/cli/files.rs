//! Which files a verb works on and where their outcome goes.

use std::path::{Path, PathBuf};
use std::{fs, io};

use fluent_bundle::FluentArgs;
use secrecy::SecretString;

use super::failure::{self, Failure};
use super::terminal;
use crate::app;
use crate::config::Settings;
use crate::http::texts::Texts;
use crate::pades::TrustAnchors;
use crate::publication;
use crate::sealing::{ReaderSettings, Sealing};

/// The PDFs named on the command line: files as they are, folders for the `.pdf` files in them.
/// What lies in folders below those, and what a link leads to that is not there, is left alone, and
/// that is said.
pub(super) fn inputs(named: &[PathBuf]) -> Result<Vec<PathBuf>, Failure> {
    let (mut files, mut folders_below, mut broken_links) = (Vec::new(), 0, 0);
    for path in named {
        if path.is_dir() {
            let folder = Folder::read(path)?;
            files.extend(folder.pdfs);
            folders_below += folder.below;
            broken_links += folder.broken_links;
        } else {
            files.push(path.clone());
        }
    }
    tell_left_out("links-left-out", broken_links);
    if files.is_empty() {
        // Whoever named a file has one: only folders can hold none.
        let folders: Vec<String> = named
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        let word = match folders_below {
            0 => "no_pdf_in_folder",
            _ => "folders_in_folder",
        };
        return Err(Failure::naming("field_invalid", "*.pdf")
            .worded(word)
            .about(folders.join(", ")));
    }
    tell_left_out("folders-left-out", folders_below);
    Ok(files)
}

/// Says how many of them were left out, if any; `text` is what says it.
fn tell_left_out(text: &str, count: usize) {
    if count > 0 {
        let mut values = FluentArgs::new();
        values.set("count", count);
        let told = Texts::shipped().filled(failure::language(), text, &values);
        terminal::note(&format!("trao: {told}"));
    }
}

/// Whether a name is that of a PDF file, which may not be there. With a slash at its end it is a
/// folder's.
pub(super) fn is_named_pdf(path: &Path) -> bool {
    let is_folder = path.as_os_str().as_encoded_bytes().ends_with(b"/");
    let kind = path.extension();
    !is_folder && kind.is_some_and(|kind| kind.eq_ignore_ascii_case("pdf"))
}

/// What lies in a folder.
#[derive(Default)]
struct Folder {
    pdfs: Vec<PathBuf>,
    /// How many folders.
    below: usize,
    /// How many links by the name of a PDF that lead nowhere.
    broken_links: usize,
}

impl Folder {
    fn read(path: &Path) -> Result<Self, Failure> {
        let failure = |error| read_failure(path, &error);
        let mut folder = Self::default();
        for entry in fs::read_dir(path).map_err(failure)? {
            let path = entry.map_err(failure)?.path();
            if path.is_dir() {
                folder.below += 1;
            } else if is_named_pdf(&path) && path.is_file() {
                folder.pdfs.push(path);
            } else if is_named_pdf(&path) && path.is_symlink() && !path.exists() {
                folder.broken_links += 1;
            }
        }
        folder.pdfs.sort();
        Ok(folder)
    }
}

/// A file that cannot be read, or should be text and is none.
pub(super) fn read_failure(path: &Path, error: &io::Error) -> Failure {
    match error.kind() {
        io::ErrorKind::InvalidData => no_text(path),
        _ => Failure::io(&path.display().to_string(), error),
    }
}

/// A file that should be text and is something else: a picture, a PDF, text of another encoding.
pub(super) fn no_text(path: &Path) -> Failure {
    let failure = Failure::new("field_invalid", "").worded("no_text");
    failure.about_file(path)
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
    app::anchors(&[path]).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => {
            Failure::new("field_invalid", error.to_string()).about("--trust")
        }
        _ => read_failure(path, &error),
    })
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
