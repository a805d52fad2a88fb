//! Inspecting, sealing and verifying files of strangers.
//!
//! Invariant: **the key and the untrusted file never meet in one process.** Whatever walks a
//! received PDF runs in a child of this same binary (`child`), which has no key, no database and
//! no network and limits itself before it reads; the service's process copies bytes, hashes them
//! and signs the digest (`assemble`), and later appends what raises a level (`raise`). A child that dies costs its file an error.
//!
//! This module is the sole maker of [`InspectedPdf`] and [`SignedPdf`], and the archive takes
//! nothing else: what was not inspected is not stored, what is not sealed and verified is not
//! stored as a result.

mod ask;
mod assemble;
mod child;
mod confine;
mod error;
mod gather;
#[cfg(any(test, fuzzing))]
pub(crate) mod probe;
mod processor;
mod raise;
mod reader;
mod received;
mod rehearse;
mod seal;
mod shortfall;
mod steps;
mod trusted;
mod wire;

use std::fs::File;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tempfile::TempPath;
use time::OffsetDateTime;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

pub use child::run as run_child;
pub use error::SealingError;
pub use reader::ReaderSettings;
pub use rehearse::Rehearsal;

pub use raise::{RaiseOrder, RaisedPdf};
pub use received::Received;
pub use seal::{LevelOrder, SealOrder, SignedPdf};

use crate::model::Sha256Digest;
use crate::pades::{Grounds, Inspection, Report, Trust, TrustAnchors};
use reader::Readers;

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

    /// By whom earlier signatures are judged.
    #[must_use]
    pub fn anchors(&self) -> &TrustAnchors {
        &self.anchors
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
            let (inspection, earlier) = readers.inspect(&opened, anchors, now)?;
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
            let read = readers.inspect(&File::open(path)?, anchors, now);
            read.map(|(inspection, _)| inspection)
        })
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
        self.blocking(move || readers.verify(&File::open(path)?, anchors, now))
            .await
    }

    /// Finds what the signatures of any PDF rest on, as judged by `anchors`.
    ///
    /// # Errors
    /// As [`Sealing::verify`].
    pub async fn grounds(
        &self,
        path: PathBuf,
        anchors: &TrustAnchors,
        now: OffsetDateTime,
    ) -> Result<Grounds, SealingError> {
        let readers = Arc::clone(&self.readers);
        let anchors = anchors.clone();
        self.blocking(move || readers.grounds(&File::open(path)?, Trust::alike(&anchors), now))
            .await
    }

    /// Runs one file's work on a thread that may block, when there is a place for it. The work
    /// goes on when the caller drops the answer.
    async fn blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, SealingError> + Send + 'static,
    ) -> Result<T, SealingError> {
        let place = self.place().await?;
        tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        })
        .await
        .unwrap_or_else(|_| Err(broken_off()))
    }

    /// The same on this thread, whose other tasks the runtime takes elsewhere: to hand a small file
    /// to another thread and back takes a sixth of what its seal does. The caller's own task stands
    /// still meanwhile. A runtime of one thread has no elsewhere.
    async fn in_place<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, SealingError> + Send + 'static,
    ) -> Result<T, SealingError> {
        if Handle::current().runtime_flavor() == RuntimeFlavor::CurrentThread {
            return self.blocking(work).await;
        }
        let _place = self.place().await?;
        let work = AssertUnwindSafe(work);
        tokio::task::block_in_place(|| catch_unwind(work)).unwrap_or_else(|_| Err(broken_off()))
    }

    async fn place(&self) -> Result<OwnedSemaphorePermit, SealingError> {
        let place = Arc::clone(&self.places).acquire_owned().await;
        place.map_err(|_| broken_off())
    }
}

/// The work did not come to its end.
fn broken_off() -> SealingError {
    SealingError::Unavailable(io::ErrorKind::Other.into())
}
