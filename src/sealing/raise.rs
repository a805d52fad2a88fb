//! Raising the level of a signed file (EN 319 142-1 §6.3): a time-stamp over it, what it can be
//! judged by later, a time-stamp over that. Each step is a revision appended to the file; the bytes
//! before stay what they are. After every step the file is judged anew: the level that is told is
//! the one that was reached, and no signature may be worse off than before.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::Path;
use std::sync::Arc;

use sha2::{Digest as _, Sha256};
use tempfile::TempPath;
use time::OffsetDateTime;

use super::assemble::{self, FileDigest, Heritage};
use super::gather::gather;
use super::seal::{SignedPdf, draft_in};
use super::steps::{STEPS_MAX, Step, is_progress, level, newest, next};
use super::trusted::Trusted;
use super::{Sealing, SealingError};
use crate::evidence::{Evidence, EvidenceError};
use crate::model::Sha256Digest;
use crate::pades::byte_range::FillError;
use crate::pades::{DigestAlgorithm, Grounds, Level, Scheme, SignatureVerdict, TrustAnchors};

/// What is to be raised, and how far.
pub struct RaiseOrder<'o> {
    /// The signed file; it is copied.
    pub source: &'o Path,
    /// The digest that it must have.
    pub expected: Option<Sha256Digest>,
    /// The level to reach.
    pub level: Level,
    /// Whether a file that is there already gets a new archive time-stamp all the same: before an
    /// algorithm or a certificate of the last one ages out.
    pub renew: bool,
    /// By what its signatures are judged; for time-stamps those whom `evidence` trusts come to it.
    pub anchors: &'o TrustAnchors,
    /// Who is asked.
    pub evidence: &'o Arc<Evidence>,
    /// A folder on the disk where the outcome will stay.
    pub scratch: &'o Path,
}

/// A file whose level was raised as far as could be.
#[derive(Debug)]
pub struct RaisedPdf {
    path: TempPath,
    sha256: Sha256Digest,
    len: u64,
    level: Level,
    shortfall: Option<EvidenceError>,
    renew_by: Option<OffsetDateTime>,
    has_grown: bool,
}

impl RaisedPdf {
    /// The level reached.
    #[must_use]
    pub fn level(&self) -> Level {
        self.level
    }

    /// Why it is lower than ordered, if it is.
    #[must_use]
    pub fn shortfall(&self) -> Option<&EvidenceError> {
        self.shortfall.as_ref()
    }

    /// Whether anything was appended.
    #[must_use]
    pub fn has_grown(&self) -> bool {
        self.has_grown
    }

    /// A signed file again, with what is on record about its seal.
    #[must_use]
    pub fn into_signed(
        self,
        signed_at: OffsetDateTime,
        scheme: Scheme,
        signer: String,
    ) -> SignedPdf {
        SignedPdf {
            path: self.path,
            digest: FileDigest::Finished(self.sha256),
            len: self.len,
            signed_at,
            scheme,
            signer,
            level: self.level,
            shortfall: self.shortfall,
            renew_by: self.renew_by,
            heritage: Heritage::default(),
        }
    }

    /// Moves the file to its lasting place, in the stead of what stands there.
    ///
    /// # Errors
    /// When the move fails.
    pub fn keep_at(self, path: &Path) -> io::Result<()> {
        self.path.persist(path).map_err(|error| error.error)
    }
}

/// How far a file shall get.
pub(super) struct Goal {
    pub(super) level: Level,
    pub(super) renew: bool,
}

/// A file of this process's own that grows.
pub(super) struct Draft {
    file: File,
    path: TempPath,
}

/// Why no further step is taken.
enum Stop {
    /// What it takes is not to be had, proves nothing, or this file cannot take it.
    Short(EvidenceError),
    /// The machine fails.
    Failed(SealingError),
}

impl From<EvidenceError> for Stop {
    fn from(error: EvidenceError) -> Self {
        Self::Short(error)
    }
}

impl From<SealingError> for Stop {
    fn from(error: SealingError) -> Self {
        error
            .shortfall()
            .map_or_else(|| Self::Failed(error), Self::Short)
    }
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Failed(error.into())
    }
}

impl Sealing {
    /// Raises a signed file.
    ///
    /// # Errors
    /// [`SealingError::NotSigned`] and [`SealingError::NotRaisable`] when it has no baseline
    /// signature that leads to an anchor, and the others. That somebody does not answer is none
    /// ([`RaisedPdf::shortfall`]).
    pub async fn raise(&self, order: RaiseOrder<'_>) -> Result<RaisedPdf, SealingError> {
        let (source, scratch) = (order.source.to_owned(), order.scratch.to_owned());
        let expected = order.expected;
        let draft = self
            .blocking(move || Draft::copy(&source, expected, &scratch))
            .await?;
        let trust = Trusted::of(order.anchors, order.evidence);
        let goal = Goal {
            level: order.level,
            renew: order.renew,
        };
        let now = order.evidence.now();
        let grounds = self.grounds_of(&draft, &trust, now).await?;
        if grounds.signatures.is_empty() {
            return Err(SealingError::NotSigned);
        }
        self.climb(draft, grounds, &goal, &trust, order.evidence)
            .await
    }

    /// The level of a signed file as raising sees it; none where it has no signature to raise.
    ///
    /// # Errors
    /// As [`Sealing::grounds`].
    pub async fn level(
        &self,
        path: &Path,
        anchors: &TrustAnchors,
        evidence: &Evidence,
    ) -> Result<Option<Level>, SealingError> {
        let (readers, trust) = (Arc::clone(&self.readers), Trusted::of(anchors, evidence));
        let (path, now) = (path.to_owned(), evidence.now());
        let grounds =
            self.blocking(move || readers.grounds(&File::open(path)?, trust.as_trust(), now));
        Ok(level(&grounds.await?))
    }

    /// Step by step, as far as there is evidence and the file can be worked on. `grounds` are those
    /// of the file as it is.
    pub(super) async fn climb(
        &self,
        mut draft: Draft,
        mut grounds: Grounds,
        goal: &Goal,
        trust: &Trusted,
        evidence: &Evidence,
    ) -> Result<RaisedPdf, SealingError> {
        let begun_with = draft.file.metadata()?.len();
        let mut renew = goal.renew && level(&grounds) == Some(Level::BLta);
        let mut shortfall = None;
        for _ in 0..STEPS_MAX {
            let Some(step) = next(&grounds, goal.level, renew)? else {
                break;
            };
            let safe_len = draft.file.metadata()?.len();
            let taken = self.take(step, &mut draft, &grounds, trust, evidence);
            match taken.await {
                Ok(judged) => grounds = judged,
                Err(Stop::Failed(error)) => return Err(error),
                Err(Stop::Short(error)) => {
                    draft.file.set_len(safe_len)?;
                    shortfall = Some(error);
                    break;
                }
            }
            renew = renew && step != Step::TimeStamp;
        }
        let level = level(&grounds).ok_or(SealingError::NotRaisable)?;
        let renew_by = grounds
            .renew_by(evidence.now())
            .filter(|_| level == Level::BLta);
        self.blocking(move || {
            let has_grown = draft.file.metadata()?.len() > begun_with;
            Ok(RaisedPdf {
                level,
                shortfall,
                renew_by,
                has_grown,
                ..draft.finish()?
            })
        })
        .await
    }

    /// Takes one step and judges the file anew: by our own verifier it must have led further. So a
    /// file keeps its level in which a signed object cannot be read: nobody knows what that object
    /// waits for.
    async fn take(
        &self,
        step: Step,
        draft: &mut Draft,
        before: &Grounds,
        trust: &Trusted,
        evidence: &Evidence,
    ) -> Result<Grounds, Stop> {
        match step {
            Step::TimeStamp => self.time_stamp(draft, evidence).await?,
            Step::ValidationData => self.validation_data(draft, before, evidence).await?,
        }
        let judged = self.grounds_of(draft, trust, evidence.now()).await?;
        if is_progress(before, &judged, step) {
            Ok(judged)
        } else {
            Err(EvidenceError::Useless.into())
        }
    }

    pub(super) async fn grounds_of(
        &self,
        draft: &Draft,
        trust: &Trusted,
        now: OffsetDateTime,
    ) -> Result<Grounds, SealingError> {
        let (readers, trust) = (Arc::clone(&self.readers), trust.clone());
        let file = draft.file.try_clone()?;
        self.blocking(move || readers.grounds(&file, trust.as_trust(), now))
            .await
    }

    /// Appends a document time-stamp.
    async fn time_stamp(&self, draft: &mut Draft, evidence: &Evidence) -> Result<(), Stop> {
        loop {
            let (readers, room) = (Arc::clone(&self.readers), evidence.time_stamp_room());
            let mut file = draft.file.try_clone()?;
            let (revision, digest) = self
                .blocking(move || {
                    let revision = readers.prepare_time_stamp(&file, room)?;
                    let digest = assemble::digest_of_revision(&mut file, &revision)?;
                    Ok((revision, digest))
                })
                .await?;
            let asked = evidence.time_stamp(DigestAlgorithm::Sha256, &digest);
            let token = asked.await?;
            match revision.filled(token.der()) {
                Err(FillError::TooSmall { .. }) if evidence.time_stamp_room() > room => {}
                filled => {
                    let filled = filled.map_err(SealingError::Fill)?;
                    return Ok(draft.append(&filled)?);
                }
            }
        }
    }

    /// Appends what the file's signatures can be judged by later.
    async fn validation_data(
        &self,
        draft: &mut Draft,
        grounds: &Grounds,
        evidence: &Evidence,
    ) -> Result<(), Stop> {
        let own = newest(grounds);
        let mut data = Vec::new();
        for (index, signature) in grounds.signatures.iter().enumerate() {
            if !signature.is_trusted {
                continue;
            }
            let verdict = grounds.report.signatures.get(index);
            let made_at = verdict.and_then(SignatureVerdict::at);
            match gather(signature, made_at, evidence).await {
                Ok(gathered) => data.push(gathered),
                // Others' signatures get what is to be had; the level is that of the newest.
                Err(error) if Some(index) == own => return Err(error.into()),
                Err(_) => {}
            }
        }
        let (readers, file) = (Arc::clone(&self.readers), draft.file.try_clone()?);
        let appended = self
            .blocking(move || readers.prepare_validation_data(&file, data))
            .await?;
        Ok(draft.append(&appended)?)
    }
}

impl Draft {
    /// Goes on with a file of our own.
    pub(super) fn open(path: TempPath) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).open(&path)?;
        Ok(Self { file, path })
    }

    /// Copies a file that must have this digest.
    fn copy(
        source: &Path,
        expected: Option<Sha256Digest>,
        scratch: &Path,
    ) -> Result<Self, SealingError> {
        let source = File::open(source)?;
        let len = source.metadata()?.len();
        let (mut file, path) = draft_in(scratch)?;
        let mut digest = Sha256::new();
        assemble::copy_bytes(&source, len, &mut file, |bytes| digest.update(bytes))?;
        let found = Sha256Digest::from_bytes(digest.finalize().into());
        if expected.is_some_and(|expected| expected != found) {
            return Err(SealingError::Changed);
        }
        Ok(Self { file, path })
    }

    /// The file without what this value is for.
    pub(super) fn into_path(self) -> TempPath {
        self.path
    }

    fn append(&mut self, bytes: &[u8]) -> Result<(), SealingError> {
        let end = self.file.seek(SeekFrom::End(0));
        let written = end.and_then(|_| self.file.write_all(bytes));
        written.map_err(SealingError::Unwritable)
    }

    /// The file as it lies on the disk, with nothing said about its level yet.
    fn finish(mut self) -> Result<RaisedPdf, SealingError> {
        self.file.sync_all().map_err(SealingError::Unwritable)?;
        let sha256 = assemble::hash(&mut self.file)?.finalize().into();
        let len = self.file.metadata()?.len();
        Ok(RaisedPdf {
            path: self.path,
            sha256: Sha256Digest::from_bytes(sha256),
            len,
            level: Level::Other,
            shortfall: None,
            renew_by: None,
            has_grown: false,
        })
    }
}
