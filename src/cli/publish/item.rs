//! One result to be handed in, and what tells its request from every other.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use reqwest::Url;
use reqwest::multipart::{Form, Part};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use unicode_normalization::UnicodeNormalization as _;

use crate::cli::failure::Failure;
use crate::cli::files;

/// A line of a batch, read or not.
pub(super) struct Line {
    /// What messages call it: a file's name or a line's number, never the code.
    pub(super) label: String,
    pub(super) item: Result<Item, Failure>,
}

/// One result to be handed in.
pub(super) struct Item {
    pub(super) code: SecretString,
    pub(super) fields: Vec<(&'static str, String)>,
    pub(super) files: Vec<PathBuf>,
}

/// A request with everything that the service compares when it sees an idempotency key again: a
/// field that was corrected makes another request.
pub(super) struct Request(Sha256);

impl Item {
    /// The request of this item to the service whose results are at `results`: what one service has
    /// another one lacks.
    pub(super) fn request(&self, results: &Url) -> Result<Request, Failure> {
        #[derive(Serialize)]
        struct Asked<'i> {
            results: &'i str,
            code: &'i str,
            fields: &'i [(&'static str, String)],
            files: Vec<[u8; 32]>,
        }
        let files = self.files.iter().map(|file| digest(file));
        let asked = Asked {
            results: results.as_str(),
            code: self.code.expose_secret(),
            fields: &self.fields,
            files: files.collect::<Result<_, _>>()?,
        };
        let bytes = serde_json::to_vec(&asked)
            .map_err(|error| Failure::new("request_malformed", error.to_string()))?;
        Ok(Request(Sha256::new_with_prefix(bytes)))
    }

    /// What is sent.
    pub(super) async fn form(&self) -> Result<Form, Failure> {
        let mut form = Form::new().text("dossier_code", self.code.expose_secret().to_owned());
        for (name, value) in &self.fields {
            form = form.text(*name, value.clone());
        }
        for file in &self.files {
            form = form.part("file", part(file).await?);
        }
        Ok(form)
    }

    /// Whether the service holds another title or number than this item's: it had the same files
    /// for this code already, and keeps what it was told first.
    pub(super) fn is_told_otherwise(&self, answer: &Value) -> bool {
        self.fields.iter().any(|(name, value)| {
            let kept = answer.get(*name).and_then(Value::as_str);
            let told: String = value.trim().nfc().collect();
            matches!(*name, "title" | "document_number") && kept.is_some_and(|kept| kept != told)
        })
    }
}

impl Request {
    /// The name of the request in a list of what is done.
    pub(super) fn name(&self) -> String {
        self.key(0)
    }

    /// The idempotency key. Each `generation` asks for a result of its own: the service remembers
    /// an earlier one that was returned or withdrawn.
    pub(super) fn key(&self, generation: u32) -> String {
        let hash = self.0.clone().chain_update(generation.to_be_bytes());
        hex::encode(hash.finalize())
    }
}

fn digest(path: &Path) -> Result<[u8; 32], Failure> {
    let mut hash = Sha256::new();
    let read = File::open(path).and_then(|mut file| {
        let mut block = vec![0; 256 << 10];
        loop {
            match file.read(&mut block)? {
                0 => return Ok(()),
                count => hash.update(block.get(..count).unwrap_or_default()),
            }
        }
    });
    read.map_err(|error| files::read_failure(path, &error))?;
    Ok(hash.finalize().into())
}

/// A file as a part that is streamed.
async fn part(path: &Path) -> Result<Part, Failure> {
    let failure = |error: std::io::Error| files::read_failure(path, &error);
    let file = tokio::fs::File::open(path).await.map_err(failure)?;
    let len = file.metadata().await.map_err(failure)?.len();
    let part = Part::stream_with_length(file, len);
    // The file's own name stays here: it may hold the code.
    part.file_name("file.pdf")
        .mime_str("application/pdf")
        .map_err(|error| Failure::new("unavailable", error.to_string()))
}
