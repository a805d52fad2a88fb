//! The life of a result. The whole path, a file each:
//!
//! ```text
//! receive ── inspect, keep the files, one commit: `received`. Only now the caller gets its 201.
//!    │       (automatic sealing: `approved` in the same commit)
//! approve ── the clerk sends the manifest of what was shown: `approved`. Or return_, withdraw.
//!    │
//! sign ───── the manifest is checked once more: `signing`. For each file: the intent is
//!    │       committed, the key is used;
//! store ──── the sealed object lies in the archive, read back; its row is committed.
//!    │       All files: `stored`.
//! release ── `released`: the link answers.
//! ```
//!
//! Order is always object, then database, then notice. A change of state is a compare-and-set with
//! its entry in the record in one transaction, so a crash between any two lines above leaves a row
//! that says what comes next, and `recover` goes on from there. Work once begun is a task of the
//! service: a caller that hangs up drops its answer, not the work. docs/adr/0004 says why.

mod act;
mod admission;
mod approve;
mod choice;
mod claim;
mod certificate_watch;
mod earlier;
mod error;
mod evidence;
mod examine;
mod failpoint;
mod field_flaw;
mod identities;
mod identity_source;
mod look;
mod manifest;
mod mark;
mod names;
mod policy;
mod raise;
mod receive;
mod recover;
mod release;
mod relink;
mod setback;
mod sign;
mod store;
mod submission;
mod view;
mod withdraw;
mod work;

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::Semaphore;
use tokio::task::JoinHandle;
use tokio_util::task::{AbortOnDropHandle, TaskTracker};

pub use certificate_watch::{IdentityHealth, Remaining};
pub use choice::AppearanceChoice;
pub use earlier::SignatureFlaw;
pub use error::PublicationError;
pub use examine::{Examination, Examined, Flaw, FlawKind, ObjectsRead};
pub use failpoint::{FAILPOINTS, RAISE_FAILPOINTS};
pub use field_flaw::FieldFlaw;
pub use identities::{ActiveIdentity, Identities, IdentityRefused};
pub use identity_source::{IdentitySource, SourceError, first_line};
pub use look::{Filter, OpenedFile, Order, ResultsPage};
pub use manifest::{Intake, Warning};
pub use mark::{MarkView, MissingLook};
pub use policy::{SealPolicy, UnknownRevocation};
pub use raise::{FellShort, RENEWED_AHEAD, RaiseOutcome};
pub use submission::Submission;
pub use view::{EventView, FileView, IdentityView, ResultView};

use crate::account::Caller;
use crate::archive::Archive;
use crate::database::Database;
use crate::evidence::Evidence;
use crate::model::{Clock, LinkId, ResultId, ResultState, Sha256Digest};
use crate::sealing::Sealing;
use crate::secrets::KeyRing;
use setback::Setback;
use work::Work;

/// What the flow needs to know of the configuration.
#[derive(Clone, Debug)]
pub struct PublicationSettings {
    /// What links begin with, without a slash at the end.
    pub public_url: String,
    /// A folder on this machine for files under way.
    pub spool: PathBuf,
    /// How long a result belongs to the worker that took it.
    pub lease: Duration,
    /// After so many attempts a result is held.
    pub attempts_max: u32,
    /// How long an answer waits for a result to be released.
    pub answer_wait: Duration,
    /// `/Reason` of the seal.
    pub reason: Option<String>,
    /// `/Location` of the seal.
    pub location: Option<String>,
    /// The kinds of active or hidden content that are refused.
    pub refused_content: Vec<String>,
    /// Those that are refused where no clerk looks.
    pub refused_unseen: Vec<String>,
    /// The most files of one result.
    pub result_files: u64,
    /// The most bytes of the files of one result together.
    pub result_bytes: u64,
    /// Whether anybody's signature is trusted here: then automatic sealing asks for that.
    pub is_anchored: bool,
}

/// What the flow works with.
pub struct PublicationParts {
    /// The rows.
    pub db: Database,
    /// The keys that guard codes and links.
    pub keys: Arc<KeyRing>,
    /// The objects.
    pub archive: Archive,
    /// What reads and seals PDFs.
    pub sealing: Sealing,
    /// Who is asked for time-stamps and about revocation.
    pub evidence: Arc<Evidence>,
    /// Who seals.
    pub identities: Identities,
    /// The time.
    pub clock: Clock,
    /// The settings.
    pub settings: PublicationSettings,
}

/// The flow. Clones share it.
#[derive(Clone)]
pub struct Publication {
    parts: Arc<PublicationParts>,
    tasks: TaskTracker,
    /// One evidence at a time: it is large, and seldom wanted.
    evidence_turns: Arc<Semaphore>,
}

impl std::ops::Deref for Publication {
    type Target = PublicationParts;

    fn deref(&self) -> &PublicationParts {
        &self.parts
    }
}

/// The answer to a submission.
#[derive(Clone, Debug)]
pub struct Receipt {
    /// The result, as it stands now.
    pub view: ResultView,
    /// Whether this request, or an earlier one with its idempotency key, made it; otherwise it
    /// stood there already with the same files.
    pub is_new: bool,
}

impl Publication {
    /// Puts the flow together. Nothing runs yet.
    #[must_use]
    pub fn new(parts: PublicationParts) -> Self {
        Self {
            parts: Arc::new(parts),
            tasks: TaskTracker::new(),
            evidence_turns: Arc::new(Semaphore::new(1)),
        }
    }

    /// Receives a result (scope `publish`). Where the agency seals automatically, the answer waits
    /// a short time for `released`.
    ///
    /// # Errors
    /// [`PublicationError`]; then nothing of it is kept.
    pub async fn receive(
        &self,
        caller: &Caller,
        submission: Submission,
        now: OffsetDateTime,
    ) -> Result<Receipt, PublicationError> {
        let (flow, caller) = (self.clone(), caller.clone());
        let work = async move { receive::receive(&flow, &caller, submission, now).await };
        let receipt = self.tracked(work).await;
        if let Err(refusal) = &receipt {
            metrics::counter!(crate::telemetry::RESULTS_REFUSED, "code" => refusal.code())
                .increment(1);
        }
        receipt
    }

    /// Approves what was shown (scope `approve`) and seals it; the answer waits a short time for
    /// `released`.
    ///
    /// # Errors
    /// [`PublicationError::ManifestChanged`] when something else stands there now.
    pub async fn approve(
        &self,
        caller: &Caller,
        id: ResultId,
        manifest: Sha256Digest,
        now: OffsetDateTime,
    ) -> Result<ResultView, PublicationError> {
        let (flow, caller) = (self.clone(), caller.clone());
        let work = async move { approve::approve(&flow, &caller, id, manifest, now).await };
        self.tracked(work).await
    }

    /// Tries a held result again (scope `approve`), as [`Publication::approve`]. `seen` is the digest of
    /// what the caller was shown, if anything was.
    ///
    /// # Errors
    /// [`PublicationError::StateConflict`] when it is not held, [`PublicationError::ManifestChanged`]
    /// when something else stands there than was seen.
    pub async fn retry(
        &self,
        caller: &Caller,
        id: ResultId,
        seen: Option<Sha256Digest>,
        now: OffsetDateTime,
    ) -> Result<ResultView, PublicationError> {
        let (flow, caller) = (self.clone(), caller.clone());
        self.tracked(async move { approve::retry(&flow, &caller, id, seen, now).await })
            .await
    }

    /// Gives a received result back to who handed it in (scope `approve`).
    ///
    /// # Errors
    /// [`PublicationError::StateConflict`] when it is decided already.
    pub async fn return_(
        &self,
        caller: &Caller,
        id: ResultId,
        reason: String,
        now: OffsetDateTime,
    ) -> Result<ResultView, PublicationError> {
        let (flow, caller) = (self.clone(), caller.clone());
        self.tracked(async move { approve::return_(&flow, &caller, id, &reason, now).await })
            .await
    }

    /// Takes a result back (scope `withdraw`): its link and its grants stop in this commit.
    ///
    /// # Errors
    /// [`PublicationError::StateConflict`] when it is final already.
    pub async fn withdraw(
        &self,
        caller: &Caller,
        id: ResultId,
        reason: String,
        now: OffsetDateTime,
    ) -> Result<ResultView, PublicationError> {
        let (flow, caller) = (self.clone(), caller.clone());
        self.tracked(async move { withdraw::withdraw(&flow, &caller, id, &reason, now).await })
            .await
    }

    /// Gives a result another link (scope `withdraw`).
    ///
    /// # Errors
    /// [`PublicationError::StateConflict`] when it is final or being worked on.
    pub async fn relink(
        &self,
        caller: &Caller,
        id: ResultId,
        now: OffsetDateTime,
    ) -> Result<ResultView, PublicationError> {
        let (flow, caller) = (self.clone(), caller.clone());
        self.tracked(async move { relink::relink(&flow, &caller, id, now).await })
            .await
    }

    /// The sweep of the start and of every ten seconds: goes on with every result that is due and that
    /// nobody works on, and says how many there were.
    ///
    /// # Errors
    /// [`PublicationError::Unavailable`]; the next sweep tries again.
    pub async fn recover(&self) -> Result<usize, PublicationError> {
        recover::recover(self).await
    }

    /// The sweep of every minute: raises and renews what is due, at most some results at a time.
    ///
    /// # Errors
    /// As [`Publication::recover`].
    pub async fn raise_due(&self) -> Result<RaiseOutcome, PublicationError> {
        raise::raise_due(self).await
    }

    /// The sweep of every hour: clears what a crash left in archive and spool, a day later.
    ///
    /// # Errors
    /// As [`Publication::recover`].
    pub async fn clean(&self) -> Result<u64, PublicationError> {
        recover::clean(self).await
    }

    /// Waits until the work that was begun is done; new work may still begin.
    pub async fn settle(&self) {
        self.tasks.close();
        self.tasks.wait().await;
        self.tasks.reopen();
    }

    /// Takes an approved result as far as it goes: the path of the module's page, from the state
    /// in which it stands.
    async fn advance(&self, work: &mut Work) -> Result<(), Setback> {
        if work.row.state != ResultState::Stored {
            let files = self.db.files(work.row.id).await?;
            let approved = sign::approved(self, work, &files).await?;
            let done = self
                .db
                .sealed_with(work.row.id, approved.identity.id)
                .await?;
            let left: Vec<_> = files
                .iter()
                .filter(|file| !done.contains(&file.n))
                .collect();
            if work.row.state == ResultState::Approved {
                sign::begin(self, work, &approved.identity).await?;
            } else if !left.is_empty() {
                sign::go_on(self, work, &approved.identity).await?;
            }
            for file in left {
                let sealed = sign::seal(self, work, &approved, file).await?;
                store::keep(self, work, file, sealed, approved.identity.policy).await?;
            }
            store::finish(self, work).await?;
        }
        release::release(self, work).await
    }

    /// Works on a result, if it is due and nobody else does, and deals with what goes wrong.
    async fn work_on(&self, id: ResultId) {
        let begun = Work::begin(self, id).await;
        let mut work = match begun {
            Ok(Some(work)) => work,
            Ok(None) => return,
            Err(error) => return tracing::error!(%error, result = %id, "no work was begun"),
        };
        failpoint::at("leased");
        let owner = work.owner.clone();
        let outcome = if work.row.attempts > self.settings.attempts_max {
            Err(Setback::held(
                setback::TRIES_SPENT,
                "every attempt to seal it failed",
            ))
        } else {
            // In a task of its own: what seals a file may keep this one from going on.
            let flow = self.clone();
            let beats = async move { work::heartbeat(&flow, id, owner).await };
            let lost = AbortOnDropHandle::new(tokio::spawn(beats));
            tokio::select! {
                outcome = self.advance(&mut work) => outcome,
                lost = lost => Err(lost.unwrap_or(Setback::Lost)),
            }
        };
        if let Err(setback) = outcome {
            setback::deal_with(self, &mut work, setback).await;
        }
    }

    /// Begins to work on a result in a task of the service.
    fn start(&self, id: ResultId) -> JoinHandle<()> {
        let flow = self.clone();
        self.tasks.spawn(async move { flow.work_on(id).await })
    }

    /// Begins to work on a result and waits a short time for the outcome.
    async fn advance_and_wait(&self, id: ResultId) {
        let task = self.start(id);
        // Whether it is released by then or not, the answer tells the state.
        tokio::time::timeout(self.settings.answer_wait, task)
            .await
            .ok();
    }

    /// Runs an act as a task of the service, so that it ends whatever becomes of its caller.
    async fn tracked<T: Send + 'static>(
        &self,
        act: impl Future<Output = Result<T, PublicationError>> + Send + 'static,
    ) -> Result<T, PublicationError> {
        let task = self.tasks.spawn(act);
        task.await
            .unwrap_or(Err(PublicationError::Unavailable("the task")))
    }
}

/// What the database knows of a link: never the link itself.
fn link_sha256(link: LinkId) -> Sha256Digest {
    Sha256Digest::of(link.to_string().as_bytes())
}
