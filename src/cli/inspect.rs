//! `trao inspect`: what the intake would say of a file.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use clap::Args;
use fluent_bundle::FluentArgs;
use serde::Serialize;

use super::advice::Advice;
use super::failure::{self, Failure};
use super::{files, terminal};
use crate::app;
use crate::http::texts::{Language, Texts};
use crate::pades::{Inspection, TrustAnchors};

/// Says whether a file would be sealed, what is in it, and if not why
#[derive(Args)]
#[command(after_help = "Example:\n  trao inspect ket-qua.pdf")]
pub(super) struct Inspect {
    /// PDF files, or folders of them
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,

    /// One line of JSON for each file
    #[arg(long)]
    json: bool,
}

/// The line of JSON of one file.
#[derive(Serialize)]
struct Line {
    file: String,
    sealable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    #[serde(flatten)]
    inspection: Option<Inspection>,
}

impl Inspect {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let inputs = files::inputs(&self.inputs)?;
        let sealing = files::sealing(TrustAnchors::default(), 1)?;
        let (mut refused, mut said, mut advice) = (0, Ok(()), Advice::default());
        for input in &inputs {
            let found = sealing.look_into(input.clone(), app::now()).await;
            let found = found.map_err(|error| Failure::from(error).about_file(input));
            refused += usize::from(found.is_err());
            said = said.and(self.tell(input, found, &mut advice));
        }
        advice.lines().for_each(terminal::note);
        let verdict = if refused > 0 {
            Err(Failure::some(refused, inputs.len()))
        } else {
            Ok(())
        };
        terminal::ended(said, verdict)
    }

    /// Tells about one file.
    fn tell(
        &self,
        input: &Path,
        found: Result<Inspection, Failure>,
        advice: &mut Advice,
    ) -> Result<(), Failure> {
        if self.json {
            let line = Line {
                file: input.display().to_string(),
                sealable: found.is_ok(),
                code: found
                    .as_ref()
                    .err()
                    .map(|failure| failure.code().to_owned()),
                inspection: found.ok(),
            };
            return terminal::say(&serde_json::to_string(&line).unwrap_or_default());
        }
        match found {
            Ok(inspection) => terminal::say(&describe(failure::language(), input, &inspection)),
            Err(failure) => {
                failure.print_among(advice);
                Ok(())
            }
        }
    }
}

/// Says in plain words what is in a file.
fn describe(language: Language, input: &Path, inspection: &Inspection) -> String {
    let (major, minor) = inspection.version;
    let mut values = FluentArgs::new();
    values.set("version", format!("{major}.{minor}"));
    values.set("pages", inspection.pages.to_string());
    values.set("revisions", inspection.revisions.to_string());
    values.set("signatures", inspection.signatures.len().to_string());
    let texts = Texts::shipped();
    let heading = texts.filled(language, "inspect-heading", &values);
    let mut text = terminal::line(&format!("{}: {heading}", input.display()));
    for finding in &inspection.findings {
        let sentence = texts.word(language, "finding", &finding.code);
        let sentence = sentence.as_deref().unwrap_or(&finding.code);
        let told = failure::with_detail(language, sentence, &finding.detail);
        let line = terminal::line(&format!("  ! {told} [{}]", finding.code));
        let _ = write!(text, "\n{line}");
    }
    text
}
