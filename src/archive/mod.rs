//! Where received files and sealed results are kept: one contract, two stores.
//!
//! - **Written once.** An object's name is unguessable and never used twice; a store that can
//!   refuse to overwrite is told to, one that cannot is found by [`Archive::probe`] and asked first.
//! - **Written right.** The digest travels with the bytes, and what was written is read back by
//!   its digest before `put` answers.
//! - **Read right.** Reading takes a [`ReadPermit`], which exists only once the record says who
//!   reads what and why, and gives exactly the recorded bytes or an error.
//! - **Streaming.** Whatever the object's size, a transfer takes a small constant of memory.
//!
//! Only an [`InspectedPdf`] is stored as received and only a [`SignedPdf`] as a result: what was
//! not inspected, or not sealed and verified, cannot be put here.

mod disk;
mod error;
mod files;
mod object;
mod s3;

use std::io;
use std::ops::Range;
use std::path::{Path, PathBuf};

use futures_util::StreamExt as _;
use time::OffsetDateTime;
use tokio::fs::{File, OpenOptions};
use tokio::io::AsyncWriteExt as _;

pub use self::error::{ArchiveError, Damage};
use self::files::Files;
pub use self::object::{Listed, Listing, ObjectInfo, ObjectReader};
use self::s3::S3;
use crate::config::S3Settings;
use crate::database::{ReadPermit, StoredObject};
use crate::model::{ObjectKey, Sha256Digest};
use crate::sealing::{InspectedPdf, SignedPdf};
use crate::secrets;

/// The object store. Clones share it.
#[derive(Clone, Debug)]
pub struct Archive {
    store: Store,
}

#[derive(Clone, Debug)]
enum Store {
    Files(Files),
    S3(S3),
}

/// What a store can do by itself, as [`Archive::probe`] found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Capabilities {
    /// It refuses to overwrite (`If-None-Match: *`). Where it does not, names are asked for before
    /// each write, and that they are never used twice is all that protects an object.
    pub write_once: bool,
    /// It tells the SHA-256 of what it holds, so that reading back costs no second transfer.
    pub tells_sha256: bool,
}

/// One of the two halves of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Area {
    /// The files as they came.
    Received,
    /// The sealed results.
    Results,
}

impl Area {
    fn as_str(self) -> &'static str {
        match self {
            Self::Received => "received",
            Self::Results => "results",
        }
    }
}

/// A file on disk that is to be stored, and what it must be.
#[derive(Clone, Debug)]
struct Source {
    path: PathBuf,
    sha256: Sha256Digest,
    len: u64,
}

impl Archive {
    /// Opens the folder `root`, made where missing, readable by its owner alone.
    ///
    /// # Errors
    /// [`ArchiveError::Unavailable`] when it cannot be made or opened.
    pub async fn open_files(root: &Path) -> Result<Self, ArchiveError> {
        Ok(Self {
            store: Store::Files(Files::open(root).await?),
        })
    }

    /// Opens a bucket. Nothing is sent yet: that is what [`Archive::probe`] is for.
    ///
    /// # Errors
    /// [`ArchiveError::Settings`] when a setting is unfit or the secret key cannot be read.
    pub async fn open_s3(settings: &S3Settings) -> Result<Self, ArchiveError> {
        Ok(Self {
            store: Store::S3(S3::open(settings).await?),
        })
    }

    /// Writes, overwrites, reads and removes an object of its own, and so learns what the store can
    /// do. Called once at the start; until then the store is trusted with nothing.
    ///
    /// # Errors
    /// When the store cannot be written to or does not give back what was written.
    pub async fn probe(&self) -> Result<Capabilities, ArchiveError> {
        let key = ObjectKey::probe(secrets::random());
        match &self.store {
            Store::Files(files) => files.probe(key).await,
            Store::S3(s3) => s3.probe(&key).await,
        }
    }

    /// Whether the store answers: cheap enough for a readiness check.
    ///
    /// # Errors
    /// [`ArchiveError::Unavailable`] when it does not.
    pub async fn reachable(&self) -> Result<(), ArchiveError> {
        match &self.store {
            Store::Files(files) => files.reachable().await,
            Store::S3(s3) => s3.reachable().await,
        }
    }

    /// Keeps a received file under a name of [`ObjectKey::received`]. When this returns, every byte
    /// is durable and was read back.
    ///
    /// # Errors
    /// [`ArchiveError::AlreadyExists`] leaves what is there alone; [`ArchiveError::SourceChanged`]
    /// when the file is no longer the inspected one; [`ArchiveError::Corrupt`] when the store does
    /// not give back what was written.
    pub async fn put_received(
        &self,
        key: &ObjectKey,
        pdf: &InspectedPdf,
    ) -> Result<(), ArchiveError> {
        self.put(
            key,
            Source {
                path: pdf.path().to_owned(),
                sha256: pdf.sha256(),
                len: pdf.len(),
            },
        )
        .await
    }

    /// Keeps a sealed file under its name of [`ObjectKey::sealed`]; as [`Archive::put_received`],
    /// but that name has one content only: where this very file stands there already, left by an
    /// attempt that died, it is kept.
    ///
    /// # Errors
    /// As [`Archive::put_received`]; [`ArchiveError::Corrupt`] when something else stands there.
    pub async fn put_result(&self, key: &ObjectKey, pdf: &SignedPdf) -> Result<(), ArchiveError> {
        let source = Source {
            path: pdf.path().to_owned(),
            sha256: pdf.sha256(),
            len: pdf.len(),
        };
        match self.put(key, source).await {
            Err(ArchiveError::AlreadyExists) => {
                let object = StoredObject {
                    key: key.clone(),
                    sha256: pdf.sha256(),
                    len: pdf.len(),
                };
                drain(self.store.read(&object, 0..object.len).await?).await
            }
            other => other,
        }
    }

    /// Reads the permitted object, or a range of it (half-open, not empty, within the object).
    ///
    /// # Errors
    /// [`ArchiveError::OutOfRange`], [`ArchiveError::NotFound`], or [`ArchiveError::Corrupt`] where
    /// its length is not the recorded one. A wrong digest shows at the end of the stream.
    pub async fn open(
        &self,
        permit: &ReadPermit,
        range: Option<Range<u64>>,
    ) -> Result<ObjectReader, ArchiveError> {
        let object = permit.object();
        self.store
            .read(object, object::within(range, object.len)?)
            .await
    }

    /// Copies the permitted object to a new file, readable by its owner alone, and checks its
    /// digest; on an error there is no such file.
    ///
    /// # Errors
    /// As [`Archive::open`]; [`ArchiveError::AlreadyExists`] when there is something at `path`.
    pub async fn fetch_to(&self, permit: &ReadPermit, path: &Path) -> Result<(), ArchiveError> {
        let reader = self.open(permit, None).await?;
        let mut options = OpenOptions::new();
        let options = options.write(true).create_new(true).mode(0o600);
        let file = options
            .open(path)
            .await
            .map_err(|error| match error.kind() {
                io::ErrorKind::AlreadyExists => ArchiveError::AlreadyExists,
                _ => ArchiveError::unavailable(error),
            })?;
        let copied = copy(reader, file).await;
        if copied.is_err() {
            tokio::fs::remove_file(path)
                .await
                .map_err(ArchiveError::unavailable)?;
        }
        copied
    }

    /// Reads the whole of the permitted object and checks its digest, keeping nothing.
    ///
    /// # Errors
    /// As [`Archive::open`]; [`ArchiveError::Corrupt`] when the digest is wrong.
    pub async fn check(&self, permit: &ReadPermit) -> Result<(), ArchiveError> {
        drain(self.open(permit, None).await?).await
    }

    /// What is known of an object without reading it; `None` when it is not there.
    ///
    /// # Errors
    /// [`ArchiveError::Unavailable`], or [`ArchiveError::Corrupt`] where it is no regular file.
    pub async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectInfo>, ArchiveError> {
        match &self.store {
            Store::Files(files) => files.head(key).await,
            Store::S3(s3) => s3.head(key).await,
        }
    }

    /// Removes an object that no record names; one that is not there is removed already.
    ///
    /// # Errors
    /// [`ArchiveError::Unavailable`].
    pub async fn delete(&self, key: &ObjectKey) -> Result<(), ArchiveError> {
        match &self.store {
            Store::Files(files) => files.delete(key).await,
            Store::S3(s3) => s3.delete(key).await,
        }
    }

    /// All objects of an area, in constant memory: for whoever compares them with the records.
    /// An object may be listed before its record is committed: judge only those of some age.
    #[must_use]
    pub fn list(&self, area: Area) -> Listing {
        match &self.store {
            Store::Files(files) => files.list(area),
            Store::S3(s3) => s3.list(area),
        }
    }

    /// Removes what writes that never ended left before `before`; says how many. They are under no
    /// object's name; a store of objects leaves none, because each is sent in one request.
    ///
    /// # Errors
    /// [`ArchiveError::Unavailable`].
    pub async fn clear_abandoned(&self, before: OffsetDateTime) -> Result<u64, ArchiveError> {
        match &self.store {
            Store::Files(files) => files.clear_abandoned(before).await,
            Store::S3(_) => Ok(0),
        }
    }

    async fn put(&self, key: &ObjectKey, source: Source) -> Result<(), ArchiveError> {
        if source.len == 0 {
            return Err(ArchiveError::Empty);
        }
        match &self.store {
            Store::Files(files) => files.put(key, &source).await,
            Store::S3(s3) => s3.put(key, &source).await,
        }
    }
}

impl Store {
    async fn read(
        &self,
        object: &StoredObject,
        range: Range<u64>,
    ) -> Result<ObjectReader, ArchiveError> {
        match self {
            Self::Files(files) => files.read(object, range).await,
            Self::S3(s3) => s3.read(object, range).await,
        }
    }
}

async fn copy(mut reader: ObjectReader, mut file: File) -> Result<(), ArchiveError> {
    while let Some(piece) = reader.next().await {
        file.write_all(&piece?)
            .await
            .map_err(ArchiveError::unavailable)?;
    }
    file.flush().await.map_err(ArchiveError::unavailable)
}

/// Reads to the end for the sake of the check that is there.
async fn drain(mut reader: ObjectReader) -> Result<(), ArchiveError> {
    while let Some(piece) = reader.next().await {
        piece?;
    }
    Ok(())
}
