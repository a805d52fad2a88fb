//! `trao publish`: hands results in through the API, one or a whole batch.

mod done;
mod item;
mod manifest;
mod server;
pub(super) mod table;

use std::path::PathBuf;

use clap::Args;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::{Value, json};

use super::advice::Advice;
use super::failure::{Failure, language};
use super::progress::Progress;
use super::{files, terminal};
use crate::http::texts::Texts;
use done::{Done, DoneList};
use item::{Item, Line};
use server::{Server, Setback, Standing};

/// Publishes results through the API of a service
#[derive(Args)]
#[command(
    after_help = "Examples:\n  trao publish ket-qua.pdf --code-file code.txt --title \"Giấy \
    phép\" --server https://tra.example.vn --key-file mot-cua.key\n  trao publish --manifest \
    ngay-23.csv --server https://tra.example.vn --key-file mot-cua.key\n\nThe manifest's columns: \
    code,title,document_number,procedure,recipient_email,recipient_phone,policy,appearance,file,\
    file2,…\nWhat is published is noted in ngay-23.csv.done: a second run does only what is \
    missing, and sends nothing of the rest. With a key that may read, it publishes anew what was \
    returned or withdrawn since."
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
    #[arg(
        long,
        required_unless_present_any = ["code_file", "manifest"],
        conflicts_with_all = ["code_file", "manifest"]
    )]
    code: Option<String>,

    /// The file whose first line is the dossier code
    #[arg(long, value_name = "FILE", conflicts_with = "manifest")]
    code_file: Option<PathBuf>,

    #[command(flatten)]
    fields: FieldOptions,

    /// A CSV with a line for each result
    #[arg(long, value_name = "FILE.csv")]
    manifest: Option<PathBuf>,

    /// The service's address
    #[arg(long, value_name = "URL", value_parser = address)]
    server: Url,

    /// The file whose first line is the key
    #[arg(long, value_name = "FILE")]
    key_file: PathBuf,

    /// One line of JSON for each result
    #[arg(long)]
    json: bool,
}

/// What else is said of one result.
#[derive(Args)]
struct FieldOptions {
    /// The result's title: requesters see it, and the file is named by it
    #[arg(
        long,
        required_unless_present = "manifest",
        conflicts_with = "manifest"
    )]
    title: Option<String>,

    /// The number and symbol of the document
    #[arg(long, conflicts_with = "manifest")]
    document_number: Option<String>,

    /// The procedure
    #[arg(long, conflicts_with = "manifest")]
    procedure: Option<String>,

    /// How the seal shows: none, attachment, seal, copy, or a template of the agency; the agency's
    /// default unless given
    #[arg(long, conflicts_with = "manifest")]
    appearance: Option<String>,
}

impl Publish {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let server = Server::new(&self.server, self.key()?)?;
        let (lines, done) = match &self.manifest {
            Some(manifest) => (manifest::read(manifest)?, Some(DoneList::open(manifest)?)),
            None => (vec![self.single()?], None),
        };
        let batch = Batch {
            server,
            done,
            progress: Progress::new(lines.len()),
            advice: Advice::default(),
            said: Ok(()),
            json: self.json,
        };
        batch.run(lines).await
    }

    fn key(&self) -> Result<SecretString, Failure> {
        let key = files::first_line(&self.key_file)?;
        if key.expose_secret().trim().is_empty() {
            let failure = Failure::new("field_invalid", "").worded("key_file_empty");
            return Err(failure.about_file(&self.key_file));
        }
        Ok(key)
    }

    fn single(&self) -> Result<Line, Failure> {
        let code = match &self.code_file {
            Some(file) => files::first_line(file)?,
            None => self.code.clone().unwrap_or_default().into(),
        };
        let optional = [
            ("title", &self.fields.title),
            ("document_number", &self.fields.document_number),
            ("procedure", &self.fields.procedure),
            ("appearance", &self.fields.appearance),
        ];
        let given = optional.into_iter();
        let main = self.inputs.first();
        Ok(Line {
            label: main.map_or_else(String::new, |file| file.display().to_string()),
            item: Ok(Item {
                code,
                fields: given
                    .filter_map(|(name, value)| Some((name, value.clone()?)))
                    .collect(),
                files: self.inputs.clone(),
            }),
        })
    }
}

fn address(text: &str) -> Result<Url, String> {
    let url = Url::parse(text).map_err(|error| error.to_string())?;
    if matches!(url.scheme(), "http" | "https") && url.has_host() {
        Ok(url)
    } else {
        Err("it begins with https:// or http://".to_owned())
    }
}

/// Results that are handed in one after the other.
struct Batch {
    server: Server,
    done: Option<DoneList>,
    progress: Progress,
    advice: Advice,
    /// Whether all that was published could be said.
    said: Result<(), Failure>,
    json: bool,
}

impl Batch {
    async fn run(mut self, lines: Vec<Line>) -> Result<(), Failure> {
        let (total, mut finished, mut unnoted) = (lines.len(), 0, None);
        for line in lines {
            match self.publish(&line.label, line.item).await {
                Ok(()) => finished += 1,
                Err(Setback::One(failure)) => self.tell(&line.label, failure),
                // Whatever comes after it would fare no better; another run goes on from here.
                Err(Setback::All(failure)) => {
                    self.tell(&line.label, failure);
                    break;
                }
                Err(Setback::Unnoted(failure)) => {
                    finished += 1;
                    unnoted = Some(failure.about(line.label));
                    break;
                }
            }
            self.progress.step();
        }
        self.progress.finish();
        self.advice.lines().for_each(terminal::note);
        let failed = total - finished;
        let verdict = if failed == 0 {
            unnoted.map_or(Ok(()), Err)
        } else {
            unnoted.iter().for_each(Failure::print);
            Err(Failure::some(failed, total))
        };
        terminal::ended(self.said, verdict)
    }

    fn tell(&mut self, label: &str, failure: Failure) {
        let failure = failure.at(label);
        self.progress.tell(&failure.line());
        self.advice.take_up(&failure);
    }

    async fn publish(&mut self, label: &str, item: Result<Item, Failure>) -> Result<(), Setback> {
        let item = item?;
        let request = item.request(self.server.results())?;
        if let Some(done) = self.done.as_ref().and_then(|list| list.find(&request)) {
            let known = match self.server.look_up(&done.id).await? {
                Standing::Alive(answer) => Some(answer),
                Standing::Unknown => Some(json!({ "id": done.id, "link": done.link })),
                Standing::Dead => None,
            };
            if let Some(known) = known {
                self.say(label, &known);
                return Ok(());
            }
        }
        let answer = self.server.publish(&item, &request).await?;
        let noted = match &mut self.done {
            Some(list) => list.add(Done::of(&request, &answer)),
            None => Ok(()),
        };
        if item.is_told_otherwise(&answer) {
            let note = Texts::shipped().text(language(), "publish-told-otherwise");
            self.progress
                .tell(&terminal::line(&format!("{label}: {note}")));
        }
        self.say(label, &answer);
        noted.map_err(Setback::Unnoted)
    }

    /// Says what became of a result. One that cannot be said keeps no other from being published.
    fn say(&mut self, label: &str, answer: &Value) {
        let told = if self.json {
            answer.to_string()
        } else {
            described(label, answer)
        };
        let said = self.progress.say(&told);
        if self.said.is_ok() {
            self.said = said;
        }
    }
}

/// A result in a line for people: its state and its link.
fn described(label: &str, answer: &Value) -> String {
    let text = |name: &str| answer.get(name).and_then(Value::as_str);
    let (texts, language) = (Texts::shipped(), language());
    let state = match text("state") {
        Some(state) => texts.word(language, "state", state),
        None => Some(texts.text(language, "publish-done")),
    };
    let (state, link) = (state.unwrap_or_default(), text("link").unwrap_or("?"));
    terminal::line(&format!("{label}: {state}  {link}"))
}
