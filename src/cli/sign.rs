//! `trao sign`: seals files without the service.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use rustix::process::{Resource, getrlimit};

use super::appearance_options::AppearanceOptions;
use super::batch::{self, Outcome, Pace, Pair};
use super::evidence_options::{EvidenceOptions, LevelName, WRITTEN, lower_level, unless_revoked};
use super::failure::Failure;
use super::identity_options::IdentityOptions;
use super::{earlier, files};
use crate::app;
use crate::evidence::Evidence;
use crate::pades::{Appearance, Level, Reading, SigningIdentity, TrustAnchors};
use crate::publication::UnknownRevocation;
use crate::sealing::{LevelOrder, Received, SealOrder, Sealing, SignedPdf};

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

    /// A file for one input, a folder for several or for a folder; a file that is there is replaced
    #[arg(long, value_name = "PATH")]
    out: PathBuf,

    #[command(flatten)]
    identity: IdentityOptions,

    /// The level to reach
    #[arg(long, value_enum, default_value = "b")]
    level: LevelName,

    #[command(flatten)]
    evidence: EvidenceOptions,

    #[command(flatten)]
    appearance: Box<AppearanceOptions>,

    /// Why it is signed (/Reason)
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,

    /// Where it is signed (/Location)
    #[arg(long, value_name = "TEXT")]
    location: Option<String>,

    /// Where nobody tells whether the certificate is revoked: seal and warn, or seal nothing
    #[arg(long, value_name = "warn|hold", default_value = "warn", value_parser = ["warn", "hold"])]
    unchecked: String,

    /// How many files at once
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=256))]
    jobs: u16,
}

impl Sign {
    pub(super) async fn run(self) -> Result<(), Failure> {
        self.evidence.warn_if_idle(self.level);
        let trusted = self.evidence.anchors()?;
        let identity = Arc::new(self.identity.load_knowing(&trusted)?);
        let appearance = self.appearance.appearance(&identity)?;
        identity.check(app::now())?;
        let evidence = self.evidence(&identity, trusted)?;
        let pairs = batch::pairs(&self.inputs, &self.out)?;
        let scratch = batch::folder_of_all(&pairs)?;
        self.ask_about(&identity, &evidence).await?;
        let jobs = usize::from(self.jobs);
        let pace = Pace {
            runs: jobs * WAIT_FOR_DISK,
            together: self.together(pairs.len()),
        };
        let work = Arc::new(Work {
            sealing: files::sealing(TrustAnchors::default(), jobs + HANDED_ON)?,
            identity,
            appearance,
            level: self.level.into(),
            evidence,
            reason: self.reason,
            location: self.location,
            scratch,
        });
        batch::run_all(work, pairs, pace, seal_some).await
    }

    /// How many of so many files are sealed in one run: few enough that all jobs have some, and that
    /// all of them may be open at once. Where a time-stamp is asked for, each has a time of its own.
    fn together(&self, files: usize) -> usize {
        if self.level != LevelName::B {
            return 1;
        }
        let jobs = usize::from(self.jobs);
        let descriptors = getrlimit(Resource::Nofile).current;
        let descriptors = descriptors.and_then(|most| usize::try_from(most).ok());
        let left = descriptors
            .unwrap_or(usize::MAX)
            .saturating_sub(OTHER_FILES);
        let of_a_job = (left / (jobs + HANDED_ON)).saturating_sub(FILES_BESIDE);
        let runs = jobs * WAIT_FOR_DISK;
        (files / runs).min(of_a_job).clamp(1, TOGETHER_MAX)
    }

    /// The law wants to know before a key is used that its certificate is not revoked, and the
    /// signer to be warned where nobody tells (Thông tư 15/2025/TT-BKHCN, Annex II).
    async fn ask_about(
        &self,
        identity: &SigningIdentity,
        evidence: &Evidence,
    ) -> Result<(), Failure> {
        let Some(unknown) = unless_revoked(evidence, identity).await? else {
            return Ok(());
        };
        if UnknownRevocation::of(&self.unchecked) == Some(UnknownRevocation::Hold) {
            return Err(unknown);
        }
        unknown.warn();
        Ok(())
    }

    /// Whom to ask. Where nobody was named to vouch for the authorities, the signer's own topmost
    /// certificate does.
    fn evidence(
        &self,
        identity: &SigningIdentity,
        mut anchors: TrustAnchors,
    ) -> Result<Arc<Evidence>, Failure> {
        if self.level == LevelName::B {
            return self.evidence.evidence(&TrustAnchors::default());
        }
        if anchors.is_empty() {
            anchors = TrustAnchors::from_der(vec![identity.anchor_der().to_vec()]);
        }
        let evidence = self.evidence.evidence(&anchors)?;
        if !evidence.has_authority() {
            let why = "give --tsa, or [[tsa]] in the configuration";
            return Err(Failure::new("field_invalid", why).about("--level"));
        }
        Ok(evidence)
    }
}

/// What all files of one call share.
struct Work {
    sealing: Sealing,
    identity: Arc<SigningIdentity>,
    appearance: Appearance,
    level: Level,
    evidence: Arc<Evidence>,
    reason: Option<String>,
    location: Option<String>,
    /// Where all outcomes will stand.
    scratch: PathBuf,
}

async fn seal_some(work: Arc<Work>, pairs: Vec<Pair>) -> Vec<Outcome> {
    let received = pairs.iter().map(|(input, _)| Received {
        path: input.clone(),
        approved: None,
    });
    let order = SealOrder {
        identity: &work.identity,
        appearance: work.appearance.clone(),
        signed_at: app::now(),
        reason: work.reason.clone(),
        location: work.location.clone(),
        reading: Reading::Either,
        level: LevelOrder::Higher(work.level, &work.evidence),
        scratch: &work.scratch,
    };
    let files = pairs.len();
    let outcomes = match work.sealing.seal_each(received.collect(), order).await {
        Ok(outcomes) => outcomes,
        Err(error) => return batch::broken_off(files, &error.to_string()),
    };
    let level = work.level;
    let mut sealed = Vec::new();
    for (outcome, (input, out)) in outcomes.into_iter().zip(pairs) {
        let doubt = match &outcome {
            Ok(sealed) => doubt(&work.sealing, sealed, &input).await,
            Err(_) => None,
        };
        sealed.push((outcome, doubt, out));
    }
    let kept = tokio::task::spawn_blocking(move || {
        let kept = sealed.into_iter().map(|(sealed, doubt, out)| match sealed {
            Ok(sealed) => keep(sealed, doubt, &out, level),
            Err(error) => Failure::sealing(error, &out).into(),
        });
        kept.collect()
    });
    kept.await
        .unwrap_or_else(|error| batch::broken_off(files, &error.to_string()))
}

/// What whoever seals a file must know of it, though it is sealed.
async fn doubt(sealing: &Sealing, sealed: &SignedPdf, input: &Path) -> Option<Failure> {
    if sealed.is_rebuilt() {
        // None of its earlier signatures is good enough to be broken.
        return Some(Failure::new("structure_rebuilt", ""));
    }
    if sealed.follows_others()
        && let Some(broken) = earlier::broken(sealing, input).await
    {
        return Some(broken);
    }
    let at_risk = || Failure::new("earlier_signature_at_risk", "readers_differ");
    sealed.puts_earlier_at_risk().then(at_risk)
}

/// Puts a sealed file in its place. One of a lower level than ordered stands there too.
fn keep(sealed: SignedPdf, warning: Option<Failure>, out: &Path, wanted: Level) -> Outcome {
    let short = (!sealed.level().reaches(wanted))
        .then(|| lower_level(WRITTEN, sealed.level(), sealed.shortfall()));
    match sealed.keep_at(out) {
        Ok(()) => Outcome {
            is_written: true,
            warning,
            failure: short,
        },
        Err(error) => Failure::unwritable(out, &error).into(),
    }
}

/// So many more files than that are sealed at once: while one is handed from thread to thread, or to
/// a child and back, another takes the processor.
const HANDED_ON: usize = 1;

/// So many runs of files for each that may be worked on at once: the others wait for the disk to
/// confirm what was written, which takes no processor.
const WAIT_FOR_DISK: usize = 4;

/// So many files are sealed one behind the other: threads and processes are woken once for all.
const TOGETHER_MAX: usize = 32;

/// Descriptors that a job has open besides its files, and that all jobs have open together.
const FILES_BESIDE: usize = 4;
const OTHER_FILES: usize = 64;
