//! Inspecting, sealing and verifying files of strangers.
//!
//! Invariant: **the key and the untrusted file never meet in one process.** Whatever walks a
//! received PDF runs in a child of this same binary (`child`), which has no key, no database and
//! no network and limits itself before it reads; the service's process copies bytes, hashes them
//! and signs the digest (`assemble`). A child that dies costs its file an error.
//!
//! This module is the sole maker of [`InspectedPdf`] and [`SignedPdf`], and the archive takes
//! nothing else: what was not inspected is not stored, what is not sealed and verified is not
//! stored as a result.

mod assemble;
mod child;
mod confine;
mod reader;
mod wire;

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempPath;
use thiserror::Error;
use time::OffsetDateTime;
use tokio::sync::Semaphore;

pub use child::run as run_child;
pub use reader::ReaderSettings;

use crate::model::Sha256Digest;
use crate::pades::byte_range::FillError;
use crate::pades::{
    self, Appearance, Inspection, OwnSignature, Refusal, Report, Scheme, SealRequest, SignError,
    SigningIdentity, TrustAnchors,
};
use assemble::{Revision, Sealed};
use reader::Readers;
use wire::{Answer, Request};

/// Why a file was not inspected, sealed or verified.
#[derive(Debug, Error)]
pub enum SealingError {
    /// The file itself is at fault.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The child ended without an answer: the file broke it or ate what it may have.
    #[error("the reading process died")]
    ChildDied {
        /// The signal that ended it, if one did.
        signal: Option<i32>,
    },
    /// The child gave no answer in time.
    #[error("the reading process gave no answer in time")]
    TimedOut,
    /// The received file is no longer the one that was approved.
    #[error("the received file has changed")]
    Changed,
    /// The child's answer contradicts itself; nothing was signed.
    #[error("the prepared revision is malformed: {0}")]
    Malformed(&'static str),
    /// The key could not be used.
    #[error("the signature could not be made")]
    Signing(#[from] SignError),
    /// The CMS does not fit into its hole.
    #[error(transparent)]
    Fill(#[from] FillError),
    /// Our own verifier does not hold the sealed file valid; it was thrown away.
    #[error("the sealed file failed its own verification")]
    NotValid(Box<Report>),
    /// The machine is at fault: disk, process table, memory.
    #[error("sealing is unavailable")]
    Unavailable(#[from] io::Error),
}

/// A received file whose bytes are on disk and counted, not yet looked into.
#[derive(Debug)]
pub struct SpooledFile {
    /// Where it lies; removed when this value is dropped.
    pub path: TempPath,
    /// The digest of the bytes as they came.
    pub sha256: Sha256Digest,
    /// Their number.
    pub len: u64,
}

/// A received file that can be sealed, with what was found in it.
#[derive(Debug)]
pub struct InspectedPdf {
    file: SpooledFile,
    inspection: Inspection,
    earlier: Report,
}

impl InspectedPdf {
    /// Where the file lies.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.file.path
    }

    /// The digest of its bytes.
    #[must_use]
    pub fn sha256(&self) -> Sha256Digest {
        self.file.sha256
    }

    /// The number of its bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.file.len
    }

    /// Whether it has no bytes; never true of an inspected file.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.file.len == 0
    }

    /// What was found in it.
    #[must_use]
    pub fn inspection(&self) -> &Inspection {
        &self.inspection
    }

    /// The verdict on the signatures that it came with.
    #[must_use]
    pub fn earlier(&self) -> &Report {
        &self.earlier
    }
}

/// A sealed file that our own verifier holds valid.
#[derive(Debug)]
pub struct SignedPdf {
    path: TempPath,
    sha256: Sha256Digest,
    len: u64,
    signed_at: OffsetDateTime,
    scheme: Scheme,
    signer: String,
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

    /// The level reached (EN 319 142-1).
    #[must_use]
    pub fn level(&self) -> &'static str {
        "B-B"
    }

    /// The common name of the signer's certificate.
    #[must_use]
    pub fn signer(&self) -> &str {
        &self.signer
    }

    /// Moves the file to its lasting place, in the stead of what stands there.
    ///
    /// # Errors
    /// When the move fails.
    pub fn keep_at(self, path: &Path) -> io::Result<()> {
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
    /// A folder on the disk where the outcome will stay.
    pub scratch: &'o Path,
}

/// The door to everything that is done with a PDF.
#[derive(Clone, Debug)]
pub struct Sealing {
    readers: Arc<Readers>,
    /// How many files are worked on at once; the others wait.
    places: Arc<Semaphore>,
    anchors: Arc<TrustAnchors>,
}

impl Sealing {
    /// Works with children started by `reader` and judges earlier signatures by `anchors`.
    #[must_use]
    pub fn new(reader: ReaderSettings, anchors: Arc<TrustAnchors>) -> Self {
        let places = Arc::new(Semaphore::new(reader.workers.max(1)));
        Self {
            readers: Arc::new(Readers::new(reader)),
            places,
            anchors,
        }
    }

    /// Whether this kernel can shut its children out of the file system as a whole; without it the
    /// filter of system calls alone does.
    #[must_use]
    pub fn has_landlock() -> bool {
        confine::has_landlock()
    }

    /// Looks into a received file: would it be sealed, and what is in it?
    ///
    /// # Errors
    /// [`SealingError::Refused`] names what is wrong with it.
    pub async fn inspect(
        &self,
        file: SpooledFile,
        now: OffsetDateTime,
    ) -> Result<InspectedPdf, SealingError> {
        let readers = Arc::clone(&self.readers);
        let anchors = self.anchors.to_der();
        self.blocking(move || {
            let opened = File::open(&file.path)?;
            let (inspection, earlier) = inspect(&readers, &opened, anchors, now)?;
            Ok(InspectedPdf {
                file,
                inspection,
                earlier,
            })
        })
        .await
    }

    /// Looks into a file that will not be kept.
    ///
    /// # Errors
    /// As [`Sealing::inspect`].
    pub async fn look_into(
        &self,
        path: PathBuf,
        now: OffsetDateTime,
    ) -> Result<Inspection, SealingError> {
        let readers = Arc::clone(&self.readers);
        let anchors = self.anchors.to_der();
        self.blocking(move || {
            inspect(&readers, &File::open(path)?, anchors, now).map(|(inspection, _)| inspection)
        })
        .await
    }

    /// Seals a received file. The order is: prepare (child), copy, hash and sign (here), verify
    /// (child); the outcome exists only if all of it went well.
    ///
    /// # Errors
    /// See [`SealingError`]; whatever was written is removed.
    pub async fn seal(&self, order: SealOrder<'_>) -> Result<SignedPdf, SealingError> {
        let readers = Arc::clone(&self.readers);
        let identity = Arc::clone(order.identity);
        let source = order.source.to_owned();
        let scratch = order.scratch.to_owned();
        let approved = order.approved;
        let request = SealRequest {
            signed_at: order.signed_at,
            signer_name: Some(identity.subject().to_owned()),
            reason: order.reason,
            location: order.location,
            appearance: order.appearance,
            contents_bytes: pades::contents_size(&identity),
            field_name: None,
        };
        self.blocking(move || seal(&readers, &identity, &source, &scratch, approved, request))
            .await
    }

    /// Judges the signatures of any PDF by `anchors`.
    ///
    /// # Errors
    /// [`SealingError::Refused`] when it cannot be read as a PDF.
    pub async fn verify(
        &self,
        path: PathBuf,
        anchors: &TrustAnchors,
        now: OffsetDateTime,
    ) -> Result<Report, SealingError> {
        let readers = Arc::clone(&self.readers);
        let anchors = anchors.to_der();
        self.blocking(move || verify(&readers, &File::open(path)?, anchors, now))
            .await
    }

    /// Runs one file's work on a thread that may block, when there is a place for it. The work
    /// goes on when the caller drops the answer.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, SealingError> + Send + 'static,
    ) -> Result<T, SealingError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        let place = place.map_err(|_| SealingError::Unavailable(io::ErrorKind::Other.into()))?;
        tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        })
        .await
        .unwrap_or_else(|_| Err(SealingError::Unavailable(io::ErrorKind::Other.into())))
    }
}

fn inspect(
    readers: &Readers,
    file: &File,
    anchors: Vec<Vec<u8>>,
    now: OffsetDateTime,
) -> Result<(Inspection, Report), SealingError> {
    match readers.ask(&Request::Inspect { anchors, now }, file)? {
        (
            Answer::Inspected {
                inspection,
                earlier,
            },
            _,
        ) => Ok((*inspection, earlier)),
        _ => Err(SealingError::Malformed("not an inspection")),
    }
}

fn seal(
    readers: &Readers,
    identity: &SigningIdentity,
    source: &Path,
    scratch: &Path,
    approved: Option<Sha256Digest>,
    request: SealRequest,
) -> Result<SignedPdf, SealingError> {
    let signed_at = request.signed_at;
    let mut received = File::open(source)?;
    let revision = prepare(readers, &received, request)?;
    let path = tempfile::Builder::new()
        .prefix("sealing-")
        .make_in(scratch, |path| {
            OpenOptions::new()
                .write(true)
                .read(true)
                .create_new(true)
                .mode(0o600)
                .open(path)
        })?;
    let (mut out, path) = path.into_parts();
    let sealed = assemble::assemble(&mut received, approved, &revision, identity, &mut out)?;
    let (sha256, len) = (sealed.sha256, sealed.len);
    check(readers, identity, &out, sealed, signed_at)?;
    Ok(SignedPdf {
        path,
        sha256,
        len,
        signed_at,
        scheme: identity.scheme(),
        signer: identity.subject().to_owned(),
    })
}

fn prepare(
    readers: &Readers,
    received: &File,
    request: SealRequest,
) -> Result<Revision, SealingError> {
    match readers.ask(&Request::Prepare(Box::new(request)), received)? {
        (
            Answer::Prepared {
                byte_range, hole, ..
            },
            appended,
        ) => Ok(Revision {
            appended,
            byte_range,
            hole: hole.0..hole.1,
        }),
        _ => Err(SealingError::Malformed("not a revision")),
    }
}

/// Nothing that our own verifier does not hold valid leaves this module: the newest signature
/// covers the whole file, is the one that was just made, and leads to the identity's own root.
fn check(
    readers: &Readers,
    identity: &SigningIdentity,
    out: &File,
    sealed: Sealed,
    signed_at: OffsetDateTime,
) -> Result<(), SealingError> {
    let own = OwnSignature {
        byte_range: sealed.byte_range,
        signed_at,
        certificate_sha256: identity.fingerprint_sha256(),
        anchors: vec![identity.anchor_der().to_vec()],
        digest_algorithm: identity.digest_algorithm(),
        content_digest: sealed.content_digest,
    };
    match readers.ask(&Request::VerifyOwn(Box::new(own)), out)? {
        (Answer::Verified(report), _) if report.valid => Ok(()),
        (Answer::Verified(report), _) => Err(SealingError::NotValid(Box::new(report))),
        _ => Err(SealingError::Malformed("not a verdict")),
    }
}

fn verify(
    readers: &Readers,
    file: &File,
    anchors: Vec<Vec<u8>>,
    now: OffsetDateTime,
) -> Result<Report, SealingError> {
    match readers.ask(&Request::Verify { anchors, now }, file)? {
        (Answer::Verified(report), _) => Ok(report),
        _ => Err(SealingError::Malformed("not a verdict")),
    }
}
