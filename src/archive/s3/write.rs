//! Writing an object once, and finding out what the store does to keep it so.

use std::fs::File;
use std::time::Duration;

use aws_sdk_s3::primitives::{ByteStream, Length};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::answer::Answer;
use super::client::{ATTEMPTS, for_write};
use super::{Precondition, S3};
use crate::archive::disk::{blocking, hash};
use crate::archive::{ArchiveError, Capabilities, Damage, Source, drain};
use crate::database::StoredObject;
use crate::model::{ObjectKey, Sha256Digest};

/// The pause before a second attempt; doubled before a third.
const PAUSE: Duration = Duration::from_millis(500);
const BUFFER_BYTES: usize = 64 * 1024;

/// The bytes of an object, for as many attempts as it takes.
#[derive(Clone, Copy)]
enum Bytes<'b> {
    File(&'b Source),
    Memory(&'b [u8]),
}

impl S3 {
    pub(in crate::archive) async fn put(
        &self,
        key: &ObjectKey,
        source: &Source,
    ) -> Result<(), ArchiveError> {
        // Not every store that refuses other bytes than announced also forgets them.
        let path = source.path.clone();
        let found =
            blocking(move || hash(&mut File::open(path).map_err(ArchiveError::unavailable)?));
        if found.await? != (source.sha256, source.len) {
            return Err(ArchiveError::SourceChanged);
        }
        if self.precondition() != Precondition::Heeded && self.head(key).await?.is_some() {
            return Err(ArchiveError::AlreadyExists);
        }
        let object = StoredObject {
            key: key.clone(),
            sha256: source.sha256,
            len: source.len,
        };
        self.send(&object, Bytes::File(source)).await?;
        // What turns out wrong is left to the sweep: to remove it would be to trust that nobody else
        // wrote there meanwhile.
        self.read_back(&object).await
    }

    /// Writes an object twice under one name, reads and removes it, and remembers what the store
    /// made of that.
    pub(in crate::archive) async fn probe(
        &self,
        key: &ObjectKey,
    ) -> Result<Capabilities, ArchiveError> {
        let first = probe_object(key, b"first");
        self.send(&first, Bytes::Memory(b"first")).await?;
        let outcome = self.probe_again(key, &first).await;
        self.delete(key).await?;
        outcome
    }

    async fn probe_again(
        &self,
        key: &ObjectKey,
        first: &StoredObject,
    ) -> Result<Capabilities, ArchiveError> {
        let tells_sha256 = self
            .head(key)
            .await?
            .is_some_and(|info| info.sha256 == Some(first.sha256));
        let second = probe_object(key, b"second");
        let write_once = match self.send_once(&second, Bytes::Memory(b"second")).await {
            Err(Answer::Exists) => true,
            Ok(()) => false,
            Err(other) => return Err(other.into_error()),
        };
        let now = if write_once { first } else { &second };
        drain(self.read(now, 0..now.len).await?).await?;
        if self.precondition() != Precondition::Refused {
            self.learn(if write_once {
                Precondition::Heeded
            } else {
                Precondition::Ignored
            });
        }
        Ok(Capabilities {
            write_once,
            tells_sha256,
        })
    }

    /// Sends an object until it is there, a few times at most.
    async fn send(&self, object: &StoredObject, bytes: Bytes<'_>) -> Result<(), ArchiveError> {
        let mut uncertain = false;
        let mut pause = PAUSE;
        for attempt in 1..=ATTEMPTS {
            match self.send_once(object, bytes).await {
                Ok(()) => return Ok(()),
                // An attempt whose answer was lost may have written it.
                Err(Answer::Exists) if uncertain => {
                    return self
                        .read_back(object)
                        .await
                        .or(Err(ArchiveError::AlreadyExists));
                }
                Err(Answer::NotImplemented) if self.precondition() != Precondition::Refused => {
                    self.learn(Precondition::Refused);
                }
                Err(Answer::Again(error)) if attempt < ATTEMPTS => {
                    tracing::warn!(%error, attempt, "an object was not stored; once more");
                    uncertain = true;
                    tokio::time::sleep(pause).await;
                    pause *= 2;
                }
                Err(other) => return Err(other.into_error()),
            }
        }
        Err(ArchiveError::unavailable("no attempt was made"))
    }

    async fn send_once(&self, object: &StoredObject, bytes: Bytes<'_>) -> Result<(), Answer> {
        let precondition = (self.precondition() != Precondition::Refused).then(|| "*".to_owned());
        self.client
            .put_object()
            .bucket(&self.bucket)
            .key(self.name(&object.key))
            .set_if_none_match(precondition)
            .checksum_sha256(STANDARD.encode(object.sha256.as_bytes()))
            .content_length(i64::try_from(object.len).unwrap_or(i64::MAX))
            .content_type("application/pdf")
            .body(bytes.stream().await.map_err(Answer::No)?)
            .customize()
            .config_override(for_write(object.len))
            .send()
            .await?;
        Ok(())
    }

    /// Compares what the store now has with what was sent: by the digest that it tells, or by
    /// reading it where it tells none.
    async fn read_back(&self, object: &StoredObject) -> Result<(), ArchiveError> {
        let info = self
            .head(&object.key)
            .await?
            .ok_or(ArchiveError::NotFound)?;
        if info.len != object.len {
            return Err(ArchiveError::Corrupt(Damage::Length));
        }
        match info.sha256 {
            Some(sha256) if sha256 == object.sha256 => Ok(()),
            Some(_) => Err(ArchiveError::Corrupt(Damage::Digest)),
            None => drain(self.read(object, 0..object.len).await?).await,
        }
    }
}

impl Bytes<'_> {
    async fn stream(self) -> Result<ByteStream, ArchiveError> {
        match self {
            Self::Memory(bytes) => Ok(bytes.to_vec().into()),
            Self::File(source) => ByteStream::read_from()
                .path(&source.path)
                .length(Length::Exact(source.len))
                .buffer_size(BUFFER_BYTES)
                .build()
                .await
                .map_err(ArchiveError::unavailable),
        }
    }
}

fn probe_object(key: &ObjectKey, bytes: &[u8]) -> StoredObject {
    StoredObject {
        key: key.clone(),
        sha256: Sha256Digest::of(bytes),
        len: bytes.len() as u64,
    }
}
