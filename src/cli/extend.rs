//! `trao extend`: raises the level of signed files without the service.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;

use super::batch::{self, Outcome, Pace, Pair};
use super::evidence_options::{EvidenceOptions, LevelName, WRITTEN, lower_level};
use super::failure::Failure;
use super::{earlier, files};
use crate::evidence::Evidence;
use crate::pades::{Level, Refusal, TrustAnchors};
use crate::sealing::{RaiseOrder, RaisedPdf, Sealing, SealingError};

/// Adds a time-stamp, validation data, an archive time-stamp to signed PDF files
#[derive(Args)]
#[command(
    after_help = "Example:\n  trao extend da-ky.pdf --out luu-tru.pdf --level lta \
    --tsa http://tsa.example.vn --trust ca/"
)]
pub(super) struct Extend {
    /// Signed PDF files, or folders of them
    #[arg(required = true, value_name = "IN")]
    inputs: Vec<PathBuf>,

    /// A file for one input, a folder for several or for a folder; a file that is there is replaced,
    /// unless the outcome falls short of the level asked for and that file has a higher one or
    /// cannot be judged
    #[arg(long, value_name = "PATH")]
    out: PathBuf,

    /// The level to reach
    #[arg(long, value_enum)]
    level: LevelName,

    /// Add a new archive time-stamp even to files that have one
    #[arg(long)]
    renew: bool,

    #[command(flatten)]
    evidence: EvidenceOptions,

    /// How many files at once
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: u16,
}

/// What all files of one call share.
struct Work {
    sealing: Sealing,
    evidence: Arc<Evidence>,
    anchors: TrustAnchors,
    level: Level,
    renew: bool,
}

impl Extend {
    pub(super) async fn run(self) -> Result<(), Failure> {
        if self.level == LevelName::B {
            let why = "a signed file has level B already: give t, lt or lta";
            return Err(Failure::new("field_invalid", why).about("--level"));
        }
        let anchors = self.evidence.anchors()?;
        if anchors.is_empty() {
            return Err(Failure::new("no_anchor", ""));
        }
        let jobs = usize::from(self.jobs);
        let work = Arc::new(Work {
            sealing: files::sealing(TrustAnchors::default(), jobs)?,
            evidence: self.evidence.evidence(&anchors)?,
            anchors,
            level: self.level.into(),
            renew: self.renew,
        });
        let pairs = batch::pairs(&self.inputs, &self.out)?;
        let pace = Pace {
            runs: jobs,
            together: 1,
        };
        batch::run_all(work, pairs, pace, extend_some).await
    }
}

async fn extend_some(work: Arc<Work>, pairs: Vec<Pair>) -> Vec<Outcome> {
    let mut outcomes = Vec::with_capacity(pairs.len());
    for (input, out) in pairs {
        let extended = extend_one(&work, input, out).await;
        outcomes.push(extended.unwrap_or_else(Outcome::from));
    }
    outcomes
}

async fn extend_one(work: &Work, input: PathBuf, out: PathBuf) -> Result<Outcome, Failure> {
    let raised = work
        .sealing
        .raise(RaiseOrder {
            source: &input,
            expected: None,
            level: work.level,
            renew: work.renew,
            anchors: &work.anchors,
            evidence: &work.evidence,
            scratch: batch::folder_of(&out),
        })
        .await
        .map_err(|error| Failure::sealing(error, &out))?;
    let is_there = raised.level().reaches(work.level) && raised.shortfall().is_none();
    let fate = if is_there {
        WRITTEN
    } else {
        fate(work, &raised, &out).await?
    };
    let short = (!is_there).then(|| lower_level(fate, raised.level(), raised.shortfall()));
    let is_written = fate == WRITTEN;
    let mut warning = None;
    if is_written {
        // The outcome may stand where the file stood.
        warning = earlier::broken(&work.sealing, &input).await;
        let kept = raised.keep_at(&out);
        kept.map_err(|error| Failure::unwritable(&out, &error))?;
    }
    Ok(Outcome {
        is_written,
        warning,
        failure: short,
    })
}

/// What becomes of a file that fell short: what was not raised at all is nothing new, and what
/// stands there is not replaced by less.
async fn fate(work: &Work, raised: &RaisedPdf, out: &Path) -> Result<&'static str, Failure> {
    if !raised.has_grown() {
        return Ok("level-kept");
    }
    let there = work.sealing.level(out, &work.anchors, &work.evidence).await;
    match there {
        Ok(Some(there)) if !raised.level().reaches(there) => Ok("level-outdone"),
        // What is no PDF, as no file at all, has no level; what could not be judged may have one,
        // as what is damaged, encrypted or too complex for us may.
        Ok(_) | Err(SealingError::Refused(Refusal::NotPdf)) => Ok(WRITTEN),
        Err(SealingError::Unavailable(error)) if error.kind() == io::ErrorKind::NotFound => {
            Ok(WRITTEN)
        }
        Err(error) => Err(Failure::sealing(error, out).or_about_file(out)),
    }
}
