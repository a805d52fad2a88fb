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

use super::assemble::{self, Begun};
use super::raise::{Draft, Goal};
use super::reader::Readers;
use super::trusted::Trusted;
use super::{Sealing, SealingError};
use crate::evidence::{Evidence, EvidenceError};
use crate::model::Sha256Digest;
use crate::pades::byte_range::FillError;
use crate::pades::{
    self, Appearance, Level, OwnMessage, Scheme, SealRequest, SigningIdentity, TimeStampToken,
    TrustAnchors,
};

/// A sealed file that stood the last look (docs/adr/0009).
#[derive(Debug)]
pub struct SignedPdf {
    pub(super) path: TempPath,
    pub(super) sha256: Sha256Digest,
    pub(super) len: u64,
    pub(super) signed_at: OffsetDateTime,
    pub(super) scheme: Scheme,
    pub(super) signer: String,
    pub(super) level: Level,
    pub(super) shortfall: Option<EvidenceError>,
    pub(super) renew_by: Option<OffsetDateTime>,
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
        self.sha256
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

/// What is to be sealed, with what, and how it shall look.
pub struct SealOrder<'o> {
    /// The received file.
    pub source: &'o Path,
    /// The digest that was approved: other bytes are not sealed. `None` seals what lies there.
    pub approved: Option<Sha256Digest>,
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

/// What one file's sealing needs on the threads that do it.
struct Job {
    readers: Arc<Readers>,
    identity: Arc<SigningIdentity>,
    source: PathBuf,
    scratch: PathBuf,
    approved: Option<Sha256Digest>,
    request: SealRequest,
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
    pub async fn seal(&self, order: SealOrder<'_>) -> Result<SignedPdf, SealingError> {
        let (level, evidence) = match order.level {
            LevelOrder::Higher(level, evidence) if level.reaches(Level::BT) => {
                (level, Arc::clone(evidence))
            }
            _ => {
                let job = self.job(order);
                let nobody = TrustAnchors::default();
                return self
                    .blocking(move || job.finish(job.begin(0)?, None, &nobody))
                    .await;
            }
        };
        let job = Arc::new(self.job(order));
        let signed = self.seal_with_time_stamp(&job, &evidence).await?;
        if level == Level::BT || signed.shortfall.is_some() {
            return Ok(signed);
        }
        let anchors = TrustAnchors::from_der(vec![job.identity.anchor_der().to_vec()]);
        let goal = Goal {
            level,
            renew: false,
        };
        self.climb_from(signed, &goal, &anchors, &evidence).await
    }

    fn job(&self, order: SealOrder<'_>) -> Job {
        Job {
            readers: Arc::clone(&self.readers),
            identity: Arc::clone(order.identity),
            source: order.source.to_owned(),
            scratch: order.scratch.to_owned(),
            approved: order.approved,
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
        evidence: &Evidence,
    ) -> Result<SignedPdf, SealingError> {
        loop {
            let (room, working) = (evidence.time_stamp_room(), Arc::clone(job));
            let waiting = self.blocking(move || working.begin(room)).await?;
            let algorithm = job.identity.digest_algorithm();
            let imprint = algorithm.digest(waiting.begun.message.signature())?;
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
        let (signed_at, scheme) = (signed.signed_at, signed.scheme);
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
        Ok(raised.into_signed(signed_at, scheme, signed.signer))
    }
}

impl Job {
    /// Prepares, copies and signs, with room for a time-stamp of so many bytes.
    fn begin(&self, time_stamp_bytes: usize) -> Result<Waiting, SealingError> {
        let mut received = File::open(&self.source)?;
        let mut request = self.request.clone();
        request.contents_bytes += time_stamp_bytes;
        let revision = self.readers.prepare(&received, request)?;
        let (mut out, path) = draft_in(&self.scratch)?;
        let begun = assemble::begin(
            &mut received,
            self.approved,
            revision,
            &self.identity,
            &mut out,
        )?;
        Ok(Waiting { begun, out, path })
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
            sha256: sealed.sha256,
            len: sealed.len,
            signed_at,
            scheme: self.identity.scheme(),
            signer: self.identity.subject().to_owned(),
            level,
            shortfall: None,
            renew_by: None,
        })
    }
}

/// A new file of this process's own in a folder.
pub(super) fn draft_in(folder: &Path) -> io::Result<(File, TempPath)> {
    let draft = tempfile::Builder::new()
        .prefix("sealing-")
        .make_in(folder, |path| {
            OpenOptions::new()
                .write(true)
                .read(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
        })?;
    Ok(draft.into_parts())
}
