//! Sealing a received file: prepare and look at the outcome (child), copy, hash and sign (here), ask
//! for a time-stamp where the level wants one, confirm the message. The outcome exists only if all
//! of it went well.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempPath;
use time::OffsetDateTime;

use super::assemble::{self, Begun, Copied, FileDigest, Heritage, Revision};
use super::raise::{Draft, Goal};
use super::reader::Readers;
use super::received::{NotOpened, Opened, Received};
use super::trusted::Trusted;
use super::wire::FILES_MAX;
use super::{Sealing, SealingError};
use crate::evidence::{Evidence, EvidenceError};
use crate::model::Sha256Digest;
use crate::pades::byte_range::FillError;
use crate::pades::{
    self, Appearance, Level, OwnMessage, Reading, Scheme, SealRequest, SigningIdentity,
    TimeStampToken, TrustAnchors,
};

/// A sealed file that stood the last look (docs/adr/0009).
#[derive(Debug)]
pub struct SignedPdf {
    pub(super) path: TempPath,
    pub(super) digest: FileDigest,
    pub(super) len: u64,
    pub(super) signed_at: OffsetDateTime,
    pub(super) scheme: Scheme,
    pub(super) signer: String,
    pub(super) level: Level,
    pub(super) shortfall: Option<EvidenceError>,
    pub(super) renew_by: Option<OffsetDateTime>,
    pub(super) heritage: Heritage,
}

impl SignedPdf {
    /// Where the file lies; removed when this value is dropped.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The digest of the sealed file.
    #[must_use]
    pub fn sha256(&self) -> Sha256Digest {
        self.digest.finished()
    }

    /// The number of its bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.len
    }

    /// Whether it has no bytes; never true of a sealed file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The time in `/M`, and on the page where it is printed.
    #[must_use]
    pub fn signed_at(&self) -> OffsetDateTime {
        self.signed_at
    }

    /// How the signature was made.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// The level reached (EN 319 142-1), as our own verifier sees it.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Why the level is lower than ordered, if it is.
    #[must_use]
    pub fn shortfall(&self) -> Option<&EvidenceError> {
        self.shortfall.as_ref()
    }

    /// Until when its archive time-stamp must be renewed, at level B-LTA.
    #[must_use]
    pub fn renew_by(&self) -> Option<OffsetDateTime> {
        self.renew_by
    }

    /// Whether somebody signed the received file before. Nobody has judged those signatures here.
    #[must_use]
    pub fn follows_others(&self) -> bool {
        self.heritage.follows_others
    }

    /// Whether readers will doubt an earlier signature now, since they see this file differently
    /// from each other.
    #[must_use]
    pub fn puts_earlier_at_risk(&self) -> bool {
        self.heritage.puts_earlier_at_risk
    }

    /// Whether what was received is damaged and was rebuilt: somebody must look whether all is there.
    #[must_use]
    pub fn is_rebuilt(&self) -> bool {
        self.heritage.is_rebuilt
    }

    /// The common name of the signer's certificate.
    #[must_use]
    pub fn signer(&self) -> &str {
        &self.signer
    }

    /// Moves the file to its lasting place, in the stead of what stands there. Blocks until its
    /// bytes are on the disk: what bears the name is whole, whenever the power goes.
    ///
    /// # Errors
    /// When the disk refuses or the move fails.
    pub fn keep_at(self, path: &Path) -> io::Result<()> {
        File::open(&self.path)?.sync_all()?;
        self.path.persist(path).map_err(|error| error.error)
    }
}

/// With what it is sealed, and how it shall look.
pub struct SealOrder<'o> {
    /// Who seals.
    pub identity: &'o Arc<SigningIdentity>,
    /// How the seal shows.
    pub appearance: Appearance,
    /// The time for `/M` and the page, in the offset that is printed.
    pub signed_at: OffsetDateTime,
    /// `/Reason`.
    pub reason: Option<String>,
    /// `/Location`.
    pub location: Option<String>,
    /// How the file is read: as it was when somebody looked at it, if somebody did.
    pub reading: Reading,
    /// The level to reach.
    pub level: LevelOrder<'o>,
    /// A folder on the disk where the outcome will stay.
    pub scratch: &'o Path,
}

/// The level to reach, and who is asked for what it takes.
#[derive(Clone, Copy)]
pub enum LevelOrder<'o> {
    /// B-B: nobody is asked.
    Basic,
    /// A higher one. Where what it takes is not to be had, the file is sealed all the same, at the
    /// level that can be reached.
    Higher(Level, &'o Arc<Evidence>),
}

impl LevelOrder<'_> {
    /// The level, if somebody must be asked for it, and who is.
    fn evidence(&self) -> Option<(Level, Arc<Evidence>)> {
        match self {
            Self::Higher(level, evidence) if level.reaches(Level::BT) => {
                Some((*level, Arc::clone(evidence)))
            }
            _ => None,
        }
    }
}

/// What sealing needs on the threads that do it.
struct Job {
    readers: Arc<Readers>,
    identity: Arc<SigningIdentity>,
    scratch: PathBuf,
    request: SealRequest,
    reading: Reading,
}

/// A file that waits for its time-stamp.
struct Waiting {
    begun: Begun,
    out: File,
    path: TempPath,
}

impl Sealing {
    /// Seals a received file.
    ///
    /// # Errors
    /// See [`SealingError`]; whatever was written is removed. An outage of those who are asked for
    /// evidence is none: it costs a level ([`SignedPdf::shortfall`]).
    ///
    /// At level B-B the caller's task stands still until the file is sealed; other tasks do not.
    pub async fn seal(
        &self,
        received: Received,
        order: SealOrder<'_>,
    ) -> Result<SignedPdf, SealingError> {
        let asked = order.level.evidence();
        let job = Arc::new(self.job(order));
        match asked {
            Some((level, evidence)) => self.seal_higher(job, received, level, &evidence).await,
            None => self.in_place(move || job.seal(&received)).await,
        }
    }

    /// Seals received files alike, with the same time. Threads and processes are woken once for many
    /// of them: of a small file that is a third of what it costs.
    ///
    /// # Errors
    /// When the machine is at fault; what became of each file is told in their order, as
    /// [`Sealing::seal`] tells it, and the caller's task stands still as there.
    pub async fn seal_each(
        &self,
        received: Vec<Received>,
        order: SealOrder<'_>,
    ) -> Result<Vec<Result<SignedPdf, SealingError>>, SealingError> {
        let asked = order.level.evidence();
        let job = Arc::new(self.job(order));
        let Some((level, evidence)) = asked else {
            return self.in_place(move || Ok(job.seal_each(&received))).await;
        };
        let mut outcomes = Vec::with_capacity(received.len());
        for each in received {
            let job = Arc::clone(&job);
            outcomes.push(self.seal_higher(job, each, level, &evidence).await);
        }
        Ok(outcomes)
    }

    async fn seal_higher(
        &self,
        job: Arc<Job>,
        received: Received,
        level: Level,
        evidence: &Evidence,
    ) -> Result<SignedPdf, SealingError> {
        let signed = self.seal_with_time_stamp(&job, received, evidence).await?;
        if level == Level::BT || signed.shortfall.is_some() {
            return Ok(signed);
        }
        let anchors = TrustAnchors::from_der(vec![job.identity.anchor_der().to_vec()]);
        let goal = Goal {
            level,
            renew: false,
        };
        self.climb_from(signed, &goal, &anchors, evidence).await
    }

    fn job(&self, order: SealOrder<'_>) -> Job {
        Job {
            readers: Arc::clone(&self.readers),
            identity: Arc::clone(order.identity),
            scratch: order.scratch.to_owned(),
            reading: order.reading,
            request: SealRequest {
                signed_at: order.signed_at,
                signer_name: Some(order.identity.subject().to_owned()),
                reason: order.reason,
                location: order.location,
                appearance: order.appearance,
                contents_bytes: pades::contents_size(order.identity),
                field_name: None,
            },
        }
    }

    /// Signs, asks for a time-stamp of the signature and puts it in. Should the token be longer
    /// than any before, the file is signed once more with more room: nothing is ever cut off.
    async fn seal_with_time_stamp(
        &self,
        job: &Arc<Job>,
        received: Received,
        evidence: &Evidence,
    ) -> Result<SignedPdf, SealingError> {
        let received = Arc::new(received);
        loop {
            let (room, working) = (evidence.time_stamp_room(), Arc::clone(job));
            let source = Arc::clone(&received);
            let waiting = self.blocking(move || working.begin(&source, room)).await?;
            let algorithm = job.identity.digest_algorithm();
            let imprint = algorithm.digest(waiting.begun.message.signature());
            let asked = evidence.time_stamp(algorithm, &imprint).await;
            let (token, shortfall) = match asked {
                Ok(token) => (Some(token), None),
                Err(error) => (None, Some(error)),
            };
            let (working, authorities) = (Arc::clone(job), evidence.anchors().clone());
            let finished = self
                .blocking(move || working.finish(waiting, token.as_ref(), &authorities))
                .await;
            match finished {
                Err(SealingError::Fill(FillError::TooSmall { .. }))
                    if evidence.time_stamp_room() > room => {}
                finished => {
                    return finished.map(|signed| SignedPdf {
                        shortfall,
                        ..signed
                    });
                }
            }
        }
    }

    /// Raises a file that was just sealed. It is good as it is: one that cannot be raised goes out
    /// so, and the shortfall says it.
    async fn climb_from(
        &self,
        signed: SignedPdf,
        goal: &Goal,
        anchors: &TrustAnchors,
        evidence: &Evidence,
    ) -> Result<SignedPdf, SealingError> {
        let trust = Trusted::of(anchors, evidence);
        let (signed_at, scheme, heritage) = (signed.signed_at, signed.scheme, signed.heritage);
        let draft = Draft::open(signed.path)?;
        let grounds = match self.grounds_of(&draft, &trust, evidence.now()).await {
            Ok(grounds) => grounds,
            Err(error) => {
                let shortfall = Some(error.shortfall().ok_or(error)?);
                return Ok(SignedPdf {
                    path: draft.into_path(),
                    shortfall,
                    ..signed
                });
            }
        };
        let raised = self.climb(draft, grounds, goal, &trust, evidence).await?;
        Ok(SignedPdf {
            heritage,
            ..raised.into_signed(signed_at, scheme, signed.signer)
        })
    }
}

impl Job {
    /// Seals at level B-B.
    fn seal(&self, received: &Received) -> Result<SignedPdf, SealingError> {
        self.finish(self.begin(received, 0)?, None, &TrustAnchors::default())
    }

    /// The same with many files, some of them open at once.
    fn seal_each(&self, received: &[Received]) -> Vec<Result<SignedPdf, SealingError>> {
        let some = received.chunks(FILES_MAX);
        some.flat_map(|some| self.seal_some(some)).collect()
    }

    fn seal_some(&self, received: &[Received]) -> Vec<Result<SignedPdf, SealingError>> {
        let nobody = TrustAnchors::default();
        let opened: Vec<_> = received.iter().map(Opened::of).collect();
        let readable = opened.iter().flatten().map(|each| (&each.file, each.len));
        let request = self.request.clone();
        let mut revisions = self
            .readers
            .prepare(readable.collect(), request, self.reading);
        let sealed = opened.iter().map(|opened| {
            let opened = opened.as_ref().map_err(NotOpened::again)?;
            self.finish(self.sign(opened, &mut revisions)?, None, &nobody)
        });
        sealed.collect()
    }

    /// Prepares, copies and signs, with room for a time-stamp of so many bytes.
    fn begin(&self, received: &Received, time_stamp_bytes: usize) -> Result<Waiting, SealingError> {
        let opened = Opened::of(received).map_err(|why| why.again())?;
        let mut request = self.request.clone();
        request.contents_bytes += time_stamp_bytes;
        let file = vec![(&opened.file, opened.len)];
        self.sign(
            &opened,
            &mut self.readers.prepare(file, request, self.reading),
        )
    }

    /// Copies a file and signs the copy with the revision that comes next. While the child prepares
    /// that one, a small file is copied; of a large one it is known first whether it can be sealed.
    fn sign(
        &self,
        opened: &Opened,
        revisions: &mut impl Iterator<Item = Result<Revision, SealingError>>,
    ) -> Result<Waiting, SealingError> {
        let ahead = (opened.len <= COPIED_AHEAD_MAX).then(|| self.copy(opened));
        let revision = revisions.next();
        let revision = revision.ok_or(SealingError::Malformed("no answer"))??;
        let (copied, out, path) = ahead.unwrap_or_else(|| self.copy(opened))?;
        let begun = assemble::begin(opened, copied, revision, &self.identity)?;
        Ok(Waiting { begun, out, path })
    }

    fn copy(&self, opened: &Opened) -> Result<(Copied, File, TempPath), SealingError> {
        let (mut out, path) = draft_in(&self.scratch)?;
        let copied = assemble::copy(opened, &self.identity, &mut out)?;
        Ok((copied, out, path))
    }

    /// Writes the rest and looks at it once more; nothing that does not stand this leaves this
    /// module. The message is confirmed here: over the digest of the bytes that were written, by
    /// this identity, leading to its root. The file around it was confirmed by the child that
    /// prepared it: it ends with the newest signature, over all of it but the hole. What the disk
    /// gives back is that end with this message.
    fn finish(
        &self,
        mut waiting: Waiting,
        token: Option<&TimeStampToken>,
        authorities: &TrustAnchors,
    ) -> Result<SignedPdf, SealingError> {
        let signed_at = self.request.signed_at;
        let heritage = waiting.begun.heritage();
        let sealed = waiting.begun.finish(token, &mut waiting.out)?;
        let own = OwnMessage {
            identity: &self.identity,
            content_digest: &sealed.content_digest,
            signed_at,
            authorities,
        };
        let level = own
            .confirm(&sealed.message)
            .map_err(SealingError::NotValid)?;
        Ok(SignedPdf {
            path: waiting.path,
            digest: sealed.digest,
            len: sealed.len,
            signed_at,
            scheme: self.identity.scheme(),
            signer: self.identity.subject().to_owned(),
            level,
            shortfall: None,
            renew_by: None,
            heritage,
        })
    }
}

/// A file up to this length is copied before anybody knows whether it can be sealed.
const COPIED_AHEAD_MAX: u64 = 1 << 20;

/// A new file of this process's own in a folder.
///
/// # Errors
/// [`SealingError::Unwritable`].
pub(super) fn draft_in(folder: &Path) -> Result<(File, TempPath), SealingError> {
    let draft = tempfile::Builder::new()
        .prefix("sealing-")
        .make_in(folder, |path| {
            OpenOptions::new()
                .write(true)
                .read(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
        });
    let draft = draft.map_err(SealingError::Unwritable)?;
    Ok(draft.into_parts())
}
