//! `trao sign`: seals files without the service.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use tokio::task::JoinSet;

use super::appearance_options::AppearanceOptions;
use super::failure::Failure;
use super::files;
use super::identity_options::IdentityOptions;
use super::progress::Progress;
use crate::app;
use crate::pades::{Appearance, SigningIdentity, TrustAnchors};
use crate::sealing::{SealOrder, Sealing};

/// Seals PDF files with a certificate (PAdES)
#[derive(Args)]
#[command(
    after_help = "Example:\n  trao sign ket-qua.pdf --out da-ky.pdf --identity ubnd.p12 \
    --passphrase-file pass.txt \\\n      --appearance attachment --document-number 12/QĐ-UBND"
)]
pub(super) struct Sign {
    /// PDF files, or folders of them
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,

    /// A file for one input, a folder for several or for a folder
    #[arg(long, value_name = "PATH")]
    out: PathBuf,

    #[command(flatten)]
    identity: IdentityOptions,

    /// The level to reach
    #[arg(long, default_value = "b", value_parser = ["b", "t", "lt", "lta"])]
    level: String,

    #[command(flatten)]
    appearance: Box<AppearanceOptions>,

    /// Why it is signed (/Reason)
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    /// Where it is signed (/Location)
    #[arg(long, value_name = "TEXT")]
    location: Option<String>,

    /// How many files at once
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: u16,
}

impl Sign {
    pub(super) async fn run(self) -> Result<(), Failure> {
        if self.level != "b" {
            return Err(
                Failure::new("field_invalid", "this level is not supported yet").about("--level"),
            );
        }
        let identity = Arc::new(self.identity.load()?);
        let appearance = self.appearance.appearance(&identity)?;
        identity
            .check(app::now())
            .map_err(|unfit| Failure::new("identity_unfit", unfit.to_string()))?;
        let pairs = self.pairs()?;
        let jobs = usize::from(self.jobs);
        let work = Arc::new(Work {
            sealing: files::sealing(TrustAnchors::default(), jobs)?,
            identity,
            appearance,
            reason: self.reason,
            location: self.location,
        });
        seal_all(work, pairs, jobs).await
    }

    /// Each input with the place of its outcome.
    fn pairs(&self) -> Result<Vec<(PathBuf, PathBuf)>, Failure> {
        let inputs = files::inputs(&self.inputs)?;
        let named_one_file = matches!(self.inputs.as_slice(), [one] if !one.is_dir());
        if named_one_file && !self.out.is_dir() {
            return Ok(inputs
                .into_iter()
                .map(|input| (input, self.out.clone()))
                .collect());
        }
        fs::create_dir_all(&self.out).map_err(|error| files::read_failure(&self.out, &error))?;
        let mut taken = std::collections::HashSet::new();
        inputs
            .into_iter()
            .map(|input| {
                let name = input.file_name().unwrap_or(input.as_os_str()).to_owned();
                if !taken.insert(name.clone()) {
                    return Err(Failure::new("field_invalid", "two inputs have this name")
                        .about_file(&input));
                }
                let out = self.out.join(name);
                Ok((input, out))
            })
            .collect()
    }
}

/// What all files of one call share.
struct Work {
    sealing: Sealing,
    identity: Arc<SigningIdentity>,
    appearance: Appearance,
    reason: Option<String>,
    location: Option<String>,
}

/// Seals one file after the other, `jobs` at once; a refused one is told and the others go on.
async fn seal_all(
    work: Arc<Work>,
    pairs: Vec<(PathBuf, PathBuf)>,
    jobs: usize,
) -> Result<(), Failure> {
    let total = pairs.len();
    let progress = Progress::new(total);
    let mut running = JoinSet::new();
    let mut refused = Vec::new();
    let mut waiting = pairs.into_iter();
    loop {
        while running.len() < jobs {
            let Some((input, out)) = waiting.next() else {
                break;
            };
            let work = Arc::clone(&work);
            running.spawn(async move {
                let outcome = seal_one(&work, &input, &out).await;
                outcome.map_err(|failure| failure.about_file(&input))
            });
        }
        let Some(finished) = running.join_next().await else {
            break;
        };
        let outcome = finished
            .unwrap_or_else(|_| Err(Failure::new("unavailable", "the work was broken off")));
        if let Err(failure) = outcome {
            progress.tell(&failure.line());
            refused.push(failure);
        }
        progress.step();
    }
    progress.finish();
    match refused.len() {
        0 => Ok(()),
        failed => Err(Failure::some(failed, total)),
    }
}

async fn seal_one(work: &Work, input: &Path, out: &Path) -> Result<(), Failure> {
    if same_file(input, out) {
        return Err(Failure::new(
            "field_invalid",
            "the outcome would replace its own input",
        ));
    }
    let folder = match out.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let sealed = work
        .sealing
        .seal(SealOrder {
            source: input,
            approved: None,
            identity: &work.identity,
            appearance: work.appearance.clone(),
            signed_at: app::now(),
            reason: work.reason.clone(),
            location: work.location.clone(),
            scratch: folder,
        })
        .await?;
    sealed
        .keep_at(out)
        .map_err(|error| files::read_failure(out, &error))
}

fn same_file(one: &Path, other: &Path) -> bool {
    match (one.canonicalize(), other.canonicalize()) {
        (Ok(one), Ok(other)) => one == other,
        _ => false,
    }
}
