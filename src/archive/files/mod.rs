//! Objects as files below one folder.
//!
//! A write goes: temporary file, bytes hashed on their way, sync, read back from the disk and
//! hashed again, hard link to the object's name (which fails when the name is taken), sync of the
//! folder. So an object appears at once and whole, and is never overwritten.

mod folder;

use std::fs::File;
use std::io::{self, Read, Seek as _};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use futures_util::stream;
use rustix::fs::Advice;
use time::OffsetDateTime;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

use self::folder::Folder;
use super::disk::{PIECE_BYTES, blocking, copy, hash};
use super::object::{Listed, Listing, ObjectInfo, ObjectReader, Pieces};
use super::{ArchiveError, Area, Capabilities, Damage, Source};
use crate::database::StoredObject;
use crate::model::{ObjectKey, Sha256Digest};

/// Objects that a listing holds ready.
const LISTED_AHEAD: usize = 64;

#[derive(Clone, Debug)]
pub(super) struct Files {
    folder: Arc<Folder>,
}

impl Files {
    pub(super) async fn open(root: &Path) -> Result<Self, ArchiveError> {
        let root = root.to_owned();
        let folder =
            blocking(move || Folder::open(&root).map_err(ArchiveError::unavailable)).await?;
        Ok(Self {
            folder: Arc::new(folder),
        })
    }

    pub(super) async fn put(&self, key: &ObjectKey, source: &Source) -> Result<(), ArchiveError> {
        let (folder, key, source) = (Arc::clone(&self.folder), key.clone(), source.clone());
        blocking(move || {
            let mut from = File::open(&source.path).map_err(ArchiveError::unavailable)?;
            put(&folder, &key, &mut from, source.sha256, source.len)
        })
        .await
    }

    pub(super) async fn read(
        &self,
        object: &StoredObject,
        range: Range<u64>,
    ) -> Result<ObjectReader, ArchiveError> {
        let (folder, key, len) = (Arc::clone(&self.folder), object.key.clone(), object.len);
        let file = blocking(move || {
            let file = folder.object(&key)?;
            if regular_len(&file)? == len {
                Ok(file)
            } else {
                Err(ArchiveError::Corrupt(Damage::Length))
            }
        })
        .await?;
        Ok(ObjectReader::new(
            pieces(file, range.clone()),
            object,
            range,
        ))
    }

    pub(super) async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectInfo>, ArchiveError> {
        let (folder, key) = (Arc::clone(&self.folder), key.clone());
        let len = blocking(move || regular_len(&folder.object(&key)?)).await;
        match len {
            Ok(len) => Ok(Some(ObjectInfo { len, sha256: None })),
            Err(ArchiveError::NotFound) => Ok(None),
            Err(error) => Err(error),
        }
    }

    pub(super) async fn delete(&self, key: &ObjectKey) -> Result<(), ArchiveError> {
        let (folder, key) = (Arc::clone(&self.folder), key.clone());
        match blocking(move || Ok(folder.remove(&key)?)).await {
            Err(ArchiveError::NotFound) => Ok(()),
            other => other,
        }
    }

    pub(super) fn list(&self, area: Area) -> Listing {
        let folder = Arc::clone(&self.folder);
        let (sender, receiver) = mpsc::channel(LISTED_AHEAD);
        spawn_blocking(move || {
            let listed = list(&folder, area, &mut |object| {
                sender.blocking_send(Ok(object)).is_ok()
            });
            if let Err(error) = listed {
                // Nobody to tell: whoever listed has gone.
                let _gone = sender.blocking_send(Err(error));
            }
        });
        Box::pin(stream::unfold(receiver, async |mut receiver| {
            Some((receiver.recv().await?, receiver))
        }))
    }

    pub(super) async fn clear_abandoned(
        &self,
        before: OffsetDateTime,
    ) -> Result<u64, ArchiveError> {
        let folder = Arc::clone(&self.folder);
        blocking(move || Ok(folder.remove_unfinished(before)?)).await
    }

    pub(super) async fn reachable(&self) -> Result<(), ArchiveError> {
        let folder = Arc::clone(&self.folder);
        blocking(move || Ok(folder.entries(Area::Results.as_str()).map(drop)?)).await
    }

    /// Writes an object, finds that it cannot be written again, reads and removes it.
    pub(super) async fn probe(&self, key: ObjectKey) -> Result<Capabilities, ArchiveError> {
        let folder = Arc::clone(&self.folder);
        blocking(move || {
            let text = key.as_str().as_bytes();
            let put = || {
                put(
                    &folder,
                    &key,
                    &mut &*text,
                    Sha256Digest::of(text),
                    text.len() as u64,
                )
            };
            put()?;
            let again = put();
            let read = folder
                .object(&key)
                .map_err(ArchiveError::from)
                .and_then(|mut file| hash(&mut file));
            folder.remove(&key)?;
            match (again, read?) {
                (Err(ArchiveError::AlreadyExists), (sha256, _))
                    if sha256 == Sha256Digest::of(text) =>
                {
                    Ok(Capabilities {
                        write_once: true,
                        tells_sha256: false,
                    })
                }
                (Err(ArchiveError::AlreadyExists), _) => Err(ArchiveError::Corrupt(Damage::Digest)),
                (Err(error), _) => Err(error),
                (Ok(()), _) => Err(ArchiveError::unavailable(
                    "the file system overwrites names",
                )),
            }
        })
        .await
    }
}

fn put(
    folder: &Folder,
    key: &ObjectKey,
    from: &mut impl Read,
    sha256: Sha256Digest,
    len: u64,
) -> Result<(), ArchiveError> {
    let mut unfinished = folder.begin()?;
    // One byte more than announced is enough to know that it is too many.
    let mut from = from.take(len.saturating_add(1));
    let copied = copy(&mut from, &mut unfinished.file).map_err(ArchiveError::unavailable)?;
    if copied != (sha256, len) {
        return Err(ArchiveError::SourceChanged);
    }
    unfinished.file.sync_all()?;
    read_back(&mut unfinished.file, sha256, len)?;
    Ok(folder.publish(unfinished, key)?)
}

/// Reads a file from the disk, not from the memory it was written to a moment ago.
fn read_back(file: &mut File, sha256: Sha256Digest, len: u64) -> Result<(), ArchiveError> {
    // Best effort: where pages cannot be dropped, what they hold is compared.
    let _kept = rustix::fs::fadvise(&*file, 0, None, Advice::DontNeed);
    file.rewind()?;
    if hash(file)? == (sha256, len) {
        Ok(())
    } else {
        Err(ArchiveError::Corrupt(Damage::Digest))
    }
}

fn regular_len(file: &File) -> Result<u64, ArchiveError> {
    let metadata = file.metadata()?;
    if metadata.is_file() {
        Ok(metadata.len())
    } else {
        Err(ArchiveError::Corrupt(Damage::NotAFile))
    }
}

/// The bytes of a range. One piece at a time is in memory, and nothing is read before it is wanted.
fn pieces(file: File, range: Range<u64>) -> Pieces {
    Box::pin(stream::try_unfold((file, range), async |(file, range)| {
        if range.is_empty() {
            return Ok(None);
        }
        let read = spawn_blocking(move || {
            let len = usize::try_from(range.end - range.start).unwrap_or(PIECE_BYTES);
            let mut piece = vec![0; len.min(PIECE_BYTES)];
            let read = file.read_exact_at(&mut piece, range.start);
            read.map(|()| (piece, file, range))
                .map_err(|error| match error.kind() {
                    io::ErrorKind::UnexpectedEof => ArchiveError::Corrupt(Damage::Length).into_io(),
                    _ => error,
                })
        });
        let (piece, file, range) = read.await??;
        let rest = range.start + piece.len() as u64..range.end;
        Ok(Some((Bytes::from(piece), (file, rest))))
    }))
}

/// Gives each object of an area to `give` until that says no.
fn list(
    folder: &Folder,
    area: Area,
    give: &mut impl FnMut(Listed) -> bool,
) -> Result<(), ArchiveError> {
    for result in folder.entries(area.as_str())? {
        let (result, opened) = result?;
        let path = format!("{}/{result}", area.as_str());
        if !opened.metadata()?.is_dir() {
            tracing::warn!(path, "a file that is no object lies in the archive");
            continue;
        }
        for object in folder.entries(&path)? {
            let (name, file) = object?;
            let metadata = file.metadata()?;
            let Ok(key) = format!("{path}/{name}").parse::<ObjectKey>() else {
                tracing::warn!(path, name, "a file that is no object lies in the archive");
                continue;
            };
            let modified = OffsetDateTime::from(metadata.modified()?).truncate_to_second();
            if !give(Listed {
                key,
                len: metadata.len(),
                modified,
            }) {
                return Ok(());
            }
        }
    }
    Ok(())
}
