//! `trao verify`: what each signature of a PDF is worth.

mod words;

use std::path::{Path, PathBuf};

use clap::Args;
use serde::Serialize;

use super::advice::Advice;
use super::failure::{self, Failure};
use super::service::ServiceOptions;
use super::{files, terminal};
use crate::app;
use crate::pades::{Report, TrustAnchors};

/// Says for each signature whether it is intact, what it covers, who made it and when
#[derive(Args)]
#[command(
    after_help = "Example:\n  trao verify da-ky.pdf --trust goc.pem\n\nThe exit status is 0 \
    only when every signature of every file is good. Nobody is asked: what is known of revocation \
    is what the file carries."
)]
pub(super) struct Verify {
    /// PDF files, or folders of them
    #[arg(required = true, value_name = "FILE")]
    inputs: Vec<PathBuf>,

    /// Certificates to trust: a file or a folder of them, PEM or DER
    #[arg(long, value_name = "DIR")]
    trust: Option<PathBuf>,

    /// One line of JSON for each file
    #[arg(long)]
    json: bool,

    #[command(flatten)]
    service: ServiceOptions,
}

/// The line of JSON of one file.
#[derive(Serialize)]
struct Line<'r> {
    file: String,
    #[serde(flatten)]
    report: &'r Report,
    /// Why nothing could be judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'r str>,
}

impl Verify {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let inputs = files::inputs(&self.inputs)?;
        let anchors = match &self.trust {
            Some(path) => files::anchors(path)?,
            None => files::configured_anchors(&self.service.settings()?)?,
        };
        let sealing = files::sealing(TrustAnchors::default(), 1)?;
        let (mut failed, mut is_any_signed, mut advice) = (0, false, Advice::default());
        let mut said = Ok(());
        for input in &inputs {
            let judged = sealing.verify(input.clone(), &anchors, app::now()).await;
            let judged = judged.map_err(|error| Failure::from(error).about_file(input));
            failed += usize::from(!judged.as_ref().is_ok_and(|report| report.valid));
            match &judged {
                Ok(report) => is_any_signed |= !report.signatures.is_empty(),
                Err(failure) => failure.print_among(&mut advice),
            }
            // The verdict is on all files, whether or not anybody reads on.
            said = said.and(self.tell(input, &judged));
        }
        advice.lines().for_each(terminal::note);
        let verdict = if anchors.is_empty() && is_any_signed {
            Err(Failure::new("no_anchor", ""))
        } else if failed > 0 {
            Err(Failure::some(failed, inputs.len()))
        } else {
            Ok(())
        };
        terminal::ended(said, verdict)
    }

    /// Tells about one file that could be read, and to programs about any.
    fn tell(&self, input: &Path, judged: &Result<Report, Failure>) -> Result<(), Failure> {
        let text = match judged {
            _ if self.json => line(input, judged),
            Ok(report) => words::describe(failure::language(), input, report),
            Err(_) => return Ok(()),
        };
        terminal::say(&text)
    }
}

fn line(input: &Path, judged: &Result<Report, Failure>) -> String {
    let nothing = Report::default();
    let line = Line {
        file: input.display().to_string(),
        report: judged.as_ref().unwrap_or(&nothing),
        error: judged.as_ref().err().map(Failure::code),
    };
    serde_json::to_string(&line).unwrap_or_default()
}
