//! `trao verify`: what each signature of a PDF is worth.

use std::borrow::Cow;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use clap::Args;
use fluent_bundle::FluentArgs;
use serde::Serialize;

use super::failure::{Failure, language};
use super::files;
use super::service::ServiceOptions;
use crate::app;
use crate::http::texts::Texts;
use crate::pades::{Report, SignatureVerdict, TrustAnchors};
use crate::sealing::Sealing;

/// Says for each signature whether it is intact, what it covers, who made it and when
#[derive(Args)]
#[command(
    after_help = "Example:\n  trao verify da-ky.pdf --trust goc.pem\n\nThe exit status is 0 \
    only when every signature of every file is good."
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
}

impl Verify {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let inputs = files::inputs(&self.inputs)?;
        let anchors = match &self.trust {
            Some(path) => files::anchors(path)?,
            None => app::anchors(&self.service.settings()?.trust.anchors)
                .map_err(|error| Failure::io("[trust]", &error))?,
        };
        let sealing = files::sealing(TrustAnchors::default(), 1)?;
        let mut failed = 0;
        for input in &inputs {
            match self.verify(&sealing, &anchors, input).await {
                Ok(true) => {}
                Ok(false) => failed += 1,
                Err(failure) => {
                    failure.about_file(input).print();
                    failed += 1;
                }
            }
        }
        if anchors.is_empty() {
            return Err(Failure::new(
                "no_anchor",
                "give --trust, or [trust] in the configuration",
            ));
        }
        if failed > 0 {
            Err(Failure::some(failed, inputs.len()))
        } else {
            Ok(())
        }
    }

    async fn verify(
        &self,
        sealing: &Sealing,
        anchors: &TrustAnchors,
        input: &Path,
    ) -> Result<bool, Failure> {
        let report = sealing
            .verify(input.to_owned(), anchors, app::now())
            .await?;
        let text = if self.json {
            let line = Line {
                file: input.display().to_string(),
                report: &report,
            };
            serde_json::to_string(&line).unwrap_or_default()
        } else {
            describe(input, &report)
        };
        writeln!(io::stdout(), "{text}").map_err(|error| Failure::io("standard output", &error))?;
        Ok(report.valid)
    }
}

/// The report in words.
fn describe(input: &Path, report: &Report) -> String {
    let texts = Texts::shipped();
    let verdict = match (report.valid, report.signatures.is_empty()) {
        (true, _) => "verify-valid",
        (false, true) => "verify-unsigned",
        (false, false) => "verify-not-valid",
    };
    let mut lines = vec![format!(
        "{}: {}",
        input.display(),
        texts.text(language(), verdict)
    )];
    for (index, signature) in report.signatures.iter().enumerate() {
        lines.extend(describe_signature(index + 1, signature));
    }
    lines.join("\n")
}

fn describe_signature(number: usize, signature: &SignatureVerdict) -> Vec<String> {
    let (texts, language) = (Texts::shipped(), language());
    let fact = |id: &str, family: &str, word: &str| {
        let value = texts.word(language, family, word);
        let mut values = FluentArgs::new();
        values.set(
            "value",
            value.map_or_else(|| word.to_owned(), Cow::into_owned),
        );
        texts.filled(language, id, &values).into_owned()
    };
    let intact = if signature.intact {
        "verify-intact"
    } else {
        "verify-broken"
    };
    let facts = [
        texts.text(language, intact).into_owned(),
        fact("verify-covers", "covers", signature.covers.as_str()),
        fact(
            "verify-changes",
            "changes",
            signature.changes_after.as_str(),
        ),
        fact("verify-chain", "chain", signature.chain.as_str()),
        fact(
            "verify-revocation",
            "revocation",
            signature.revocation.as_str(),
        ),
        fact("verify-level", "level", signature.level.as_str()),
    ];
    let mut lines = vec![
        format!(
            "  {number}. {} · {} · {}",
            signature.field,
            signature.signer.as_deref().unwrap_or("?"),
            signature.time.as_deref().unwrap_or("?"),
        ),
        format!("     {}", facts.join("; ")),
    ];
    lines.extend(
        signature
            .findings
            .iter()
            .map(|finding| format!("     ! {finding}")),
    );
    lines
}
