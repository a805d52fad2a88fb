//! `trao publish`: hands results in through the API, one or a whole batch.

use std::collections::HashMap;
use std::io::BufRead as _;
use std::path::{Path, PathBuf};

use clap::Args;
use reqwest::multipart::{Form, Part};
use reqwest::{Client, StatusCode};
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use tokio::fs::File;
use tokio::io::AsyncReadExt as _;

use super::failure::Failure;
use super::files;
use super::progress::Progress;

/// Publishes results through the API of a service
#[derive(Args)]
#[command(
    after_help = "Examples:\n  trao publish ket-qua.pdf --code-file code.txt --title \"Giấy \
    phép\" --server https://tra.example.vn --key-file mot-cua.key\n  trao publish --manifest \
    ngay-23.csv --server https://tra.example.vn --key-file mot-cua.key\n\nThe manifest's columns: \
    code,title,document_number,procedure,file,file2,… A second run does only what is missing."
)]
pub(super) struct Publish {
    /// The files of one result, the main one first
    #[arg(
        value_name = "FILE",
        required_unless_present = "manifest",
        conflicts_with = "manifest"
    )]
    inputs: Vec<PathBuf>,

    /// The dossier code; other users of this machine can see it, so prefer --code-file
    #[arg(long, conflicts_with = "code_file")]
    code: Option<String>,

    /// The file whose first line is the dossier code
    #[arg(long, value_name = "FILE")]
    code_file: Option<PathBuf>,

    /// The result's title; the main file's name unless given
    #[arg(long)]
    title: Option<String>,

    /// The number and symbol of the document
    #[arg(long)]
    document_number: Option<String>,

    /// The procedure
    #[arg(long)]
    procedure: Option<String>,

    /// How the seal shows: none, attachment, seal, copy, or a template of the agency; the agency's
    /// default unless given
    #[arg(long)]
    appearance: Option<String>,

    /// A CSV with a line for each result
    #[arg(long, value_name = "FILE.csv")]
    manifest: Option<PathBuf>,

    /// The service's address
    #[arg(long, value_name = "URL")]
    server: String,

    /// The file whose first line is the key
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,

    /// One line of JSON for each result
    #[arg(long)]
    json: bool,
}

/// One result to be handed in.
struct Item {
    /// What messages call it: a file's name or a line's number, never the code.
    label: String,
    code: SecretString,
    fields: Vec<(&'static str, String)>,
    files: Vec<PathBuf>,
}

impl Publish {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let server = Server {
            client: client()?,
            results: format!("{}/api/v1/results", self.server.trim_end_matches('/')),
            key: files::first_line(&self.key_file)?,
        };
        let items = match &self.manifest {
            Some(manifest) => read_manifest(manifest)?,
            None => vec![self.single()?],
        };
        let (total, mut failed) = (items.len(), 0);
        let progress = Progress::new(total);
        for item in items {
            match server.publish(&item).await {
                Ok(answer) => progress.say(&self.describe(&item, &answer)),
                Err(failure) => {
                    failed += 1;
                    progress.tell(&failure.about(item.label).line());
                }
            }
            progress.step();
        }
        progress.finish();
        if failed > 0 {
            Err(Failure::some(failed, total))
        } else {
            Ok(())
        }
    }

    fn single(&self) -> Result<Item, Failure> {
        let code = match (&self.code_file, &self.code) {
            (Some(file), _) => files::first_line(file)?,
            (None, Some(code)) => code.clone().into(),
            (None, None) => {
                return Err(Failure::new("code_malformed", "give --code-file or --code"));
            }
        };
        let main = self.inputs.first();
        let stem = main.and_then(|file| file.file_stem()).unwrap_or_default();
        let title = self
            .title
            .clone()
            .unwrap_or_else(|| stem.to_string_lossy().into_owned());
        let optional = [
            ("document_number", &self.document_number),
            ("procedure", &self.procedure),
            ("appearance", &self.appearance),
        ];
        let mut fields = vec![("title", title)];
        fields.extend(
            optional
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.clone()?))),
        );
        let label = main.map_or_else(String::new, |file| file.display().to_string());
        Ok(Item {
            label,
            code,
            fields,
            files: self.inputs.clone(),
        })
    }

    fn describe(&self, item: &Item, answer: &Value) -> String {
        if self.json {
            return answer.to_string();
        }
        let text = |name: &str| {
            answer
                .get(name)
                .and_then(Value::as_str)
                .unwrap_or("?")
                .to_owned()
        };
        format!("{}: {}  {}", item.label, text("state"), text("link"))
    }
}

fn client() -> Result<Client, Failure> {
    // One provider for every connection of the process; a second call finds it there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder()
        .user_agent(concat!("trao/", env!("CARGO_PKG_VERSION")))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(std::time::Duration::from_secs(10))
        .build()
        .map_err(|error| Failure::new("unavailable", error.without_url().to_string()))
}

/// Reads the batch. Columns that begin with `file` are files, relative to the manifest's folder.
fn read_manifest(path: &Path) -> Result<Vec<Item>, Failure> {
    let failure = |error: csv::Error| {
        // What the parser says may repeat a line, and with it a code: the place is enough.
        if let csv::ErrorKind::Io(error) = error.kind() {
            return files::read_failure(path, error);
        }
        let line = error.position().map_or(0, csv::Position::line);
        let why = match error.kind() {
            csv::ErrorKind::UnequalLengths {
                expected_len, len, ..
            } => format!("line {line} has {len} fields, line 1 has {expected_len}"),
            _ => format!("line {line} cannot be read"),
        };
        Failure::new("request_malformed", why).about_file(path)
    };
    let folder = path.parent().unwrap_or(Path::new("."));
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .delimiter(delimiter(path)?)
        .from_path(path)
        .map_err(failure)?;
    let headers = reader.headers().map_err(failure)?.clone();
    for column in ["code", "file"] {
        if !headers.iter().any(|name| name == column) {
            let why = format!("line 1: there is no column {column}");
            return Err(Failure::new("request_malformed", why).about_file(path));
        }
    }
    let mut items = Vec::new();
    for (index, record) in reader.records().enumerate() {
        let record = record.map_err(failure)?;
        let pairs: HashMap<&str, &str> = headers.iter().zip(record.iter()).collect();
        let value = |name: &str| pairs.get(name).copied().unwrap_or_default();
        let named = ["title", "document_number", "procedure", "appearance"];
        let mut files: Vec<(&str, &str)> = headers
            .iter()
            .zip(record.iter())
            .filter(|(name, value)| name.starts_with("file") && !value.is_empty())
            .collect();
        files.sort_by_key(|(name, _)| (name.len(), *name));
        items.push(Item {
            label: format!("{}:{}", path.display(), index + 2),
            code: value("code").into(),
            fields: named
                .into_iter()
                .filter(|name| !value(name).is_empty())
                .map(|name| (name, value(name).to_owned()))
                .collect(),
            files: files
                .into_iter()
                .map(|(_, file)| folder.join(file))
                .collect(),
        });
    }
    if items.is_empty() {
        return Err(Failure::new("request_malformed", "there is no line").about_file(path));
    }
    Ok(items)
}

/// What parts the fields: a comma, or the semicolon of spreadsheets in Vietnamese.
fn delimiter(path: &Path) -> Result<u8, Failure> {
    let file = std::fs::File::open(path).map_err(|error| files::read_failure(path, &error))?;
    let mut head = String::new();
    let read = std::io::BufReader::new(file).read_line(&mut head);
    read.map_err(|error| files::read_failure(path, &error))?;
    let is_semicolon = head.contains(';') && !head.contains(',');
    Ok(if is_semicolon { b';' } else { b',' })
}

/// The service that takes the results.
struct Server {
    client: Client,
    results: String,
    key: SecretString,
}

impl Server {
    async fn publish(&self, item: &Item) -> Result<Value, Failure> {
        let mut form = Form::new().text("dossier_code", item.code.expose_secret().to_owned());
        for (name, value) in &item.fields {
            form = form.text(*name, value.clone());
        }
        let mut identity = Sha256::new();
        identity.update(item.code.expose_secret());
        for file in &item.files {
            let (part, digest) = file_part(file).await?;
            identity.update(digest);
            form = form.part("file", part);
        }
        // The same code and files in a second run are the same request: nothing is done twice.
        let key = hex::encode(identity.finalize());
        let answer = self
            .client
            .post(&self.results)
            .bearer_auth(self.key.expose_secret())
            .header("Idempotency-Key", key)
            .header("Accept-Language", super::failure::language().tag())
            .multipart(form)
            .send()
            .await
            .map_err(|error| Failure::new("unavailable", error.without_url().to_string()))?;
        let status = answer.status();
        let body: Value = answer.json().await.unwrap_or_default();
        if status.is_success() {
            Ok(body)
        } else {
            Err(refusal(status, &body))
        }
    }
}

/// A file as a part that is streamed, and its digest.
async fn file_part(path: &Path) -> Result<(Part, [u8; 32]), Failure> {
    let failure = |error: std::io::Error| files::read_failure(path, &error);
    let mut file = File::open(path).await.map_err(failure)?;
    let mut digest = Sha256::new();
    let mut block = vec![0; 256 << 10];
    let mut len = 0_u64;
    loop {
        let count = file.read(&mut block).await.map_err(failure)?;
        if count == 0 {
            break;
        }
        digest.update(block.get(..count).unwrap_or_default());
        len += count as u64;
    }
    let body = reqwest::Body::from(File::open(path).await.map_err(failure)?);
    // The file's own name stays here: it may hold the code.
    let part = Part::stream_with_length(body, len).file_name("file.pdf");
    let part = part.mime_str("application/pdf");
    let part = part.map_err(|error| Failure::new("unavailable", error.to_string()))?;
    Ok((part, digest.finalize().into()))
}

/// The problem that the service answered with, in its own words.
fn refusal(status: StatusCode, body: &Value) -> Failure {
    let text = |name: &str| body.get(name).and_then(Value::as_str);
    let code = text("code").unwrap_or("unavailable");
    let detail = text("detail").or_else(|| text("title")).unwrap_or_default();
    Failure::told(code.to_owned(), format!("{detail} ({})", status.as_u16()))
}
