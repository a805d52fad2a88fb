//! Objects in a bucket of an S3 service.
//!
//! An object is sent in one request, with its SHA-256 and with `If-None-Match: *`. A multipart
//! upload would have a digest of digests, which cannot be compared with the file's own, and not
//! every store heeds the precondition at its end; 200 MiB pass in one request.

mod answer;
mod client;
mod connection;
mod write;

use std::io;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

use aws_sdk_s3::Client;
use aws_sdk_s3::primitives::ByteStream;
use aws_sdk_s3::types::ChecksumMode;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::{StreamExt as _, stream};
use time::OffsetDateTime;

use self::answer::Answer;
use super::object::{Listed, Listing, ObjectInfo, ObjectReader, Pieces};
use super::{ArchiveError, Area, Damage};
use crate::config::S3Settings;
use crate::database::StoredObject;
use crate::model::{ObjectKey, Sha256Digest};

/// How long the next piece of an object may take.
const PIECE: Duration = Duration::from_secs(30);

#[derive(Clone, Debug)]
pub(super) struct S3 {
    client: Client,
    bucket: String,
    prefix: String,
    precondition: Arc<AtomicU8>,
}

/// What the store makes of `If-None-Match: *`, as the probe found it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Precondition {
    /// Not probed yet: sent, not relied on.
    Unknown,
    /// Heeded.
    Heeded,
    /// Accepted and not heeded.
    Ignored,
    /// Refused as not implemented: not sent.
    Refused,
}

impl S3 {
    pub(super) async fn open(settings: &S3Settings) -> Result<Self, ArchiveError> {
        Ok(Self {
            client: client::client(settings).await?,
            bucket: settings.bucket.clone(),
            prefix: settings.prefix.clone(),
            precondition: Arc::new(AtomicU8::new(Precondition::Unknown as u8)),
        })
    }

    pub(super) async fn reachable(&self) -> Result<(), ArchiveError> {
        let asked = self.client.head_bucket().bucket(&self.bucket).send().await;
        asked.map_err(|error| match Answer::of(&error) {
            Answer::Missing => ArchiveError::unavailable("there is no such bucket"),
            other => other.into_error(),
        })?;
        Ok(())
    }

    pub(super) async fn read(
        &self,
        object: &StoredObject,
        range: Range<u64>,
    ) -> Result<ObjectReader, ArchiveError> {
        let len = range.end - range.start;
        let part = (len < object.len).then(|| format!("bytes={}-{}", range.start, range.end - 1));
        let got = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .key(self.name(&object.key));
        let got = got.set_range(part.clone()).send().await;
        let got = got.map_err(|error| Answer::of(&error).into_error())?;
        // A part names the whole's length too: "bytes 2-4/6".
        let whole_fits = part.is_none()
            || got
                .content_range()
                .and_then(|text| text.rsplit_once('/')?.1.parse().ok())
                == Some(object.len);
        if got.content_length().and_then(|len| u64::try_from(len).ok()) != Some(len) || !whole_fits
        {
            return Err(ArchiveError::Corrupt(Damage::Length));
        }
        Ok(ObjectReader::new(pieces(got.body), object, range))
    }

    pub(super) async fn head(&self, key: &ObjectKey) -> Result<Option<ObjectInfo>, ArchiveError> {
        let asked = self
            .client
            .head_object()
            .bucket(&self.bucket)
            .key(self.name(key));
        let asked = asked.checksum_mode(ChecksumMode::Enabled).send().await;
        match asked.map_err(Answer::from) {
            Ok(head) => Ok(Some(ObjectInfo {
                len: head
                    .content_length()
                    .and_then(|len| u64::try_from(len).ok())
                    .unwrap_or(0),
                sha256: head.checksum_sha256().and_then(sha256_of),
            })),
            Err(Answer::Missing) => Ok(None),
            Err(other) => Err(other.into_error()),
        }
    }

    pub(super) async fn delete(&self, key: &ObjectKey) -> Result<(), ArchiveError> {
        let removed = self
            .client
            .delete_object()
            .bucket(&self.bucket)
            .key(self.name(key));
        match removed.send().await.map_err(Answer::from) {
            Ok(_) | Err(Answer::Missing) => Ok(()),
            Err(other) => Err(other.into_error()),
        }
    }

    pub(super) fn list(&self, area: Area) -> Listing {
        let prefix = self.prefix.clone();
        let pages = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .prefix(format!("{prefix}{}/", area.as_str()))
            .into_paginator()
            .send();
        let pages = stream::unfold(pages, async |mut pages| Some((pages.next().await?, pages)));
        Box::pin(pages.flat_map(move |page| {
            let listed: Vec<_> = match page {
                Ok(page) => page
                    .contents()
                    .iter()
                    .filter_map(|object| listed(object, &prefix))
                    .map(Ok)
                    .collect(),
                Err(error) => vec![Err(Answer::of(&error).into_error())],
            };
            stream::iter(listed)
        }))
    }

    /// The object's name in the bucket.
    fn name(&self, key: &ObjectKey) -> String {
        format!("{}{key}", self.prefix)
    }

    fn precondition(&self) -> Precondition {
        match self.precondition.load(Ordering::Relaxed) {
            1 => Precondition::Heeded,
            2 => Precondition::Ignored,
            3 => Precondition::Refused,
            _ => Precondition::Unknown,
        }
    }

    fn learn(&self, precondition: Precondition) {
        self.precondition
            .store(precondition as u8, Ordering::Relaxed);
    }
}

/// The body as pieces; a store that falls silent in the midst of it is given up.
fn pieces(body: ByteStream) -> Pieces {
    Box::pin(stream::unfold(body, async |mut body| {
        let piece = match tokio::time::timeout(PIECE, body.next()).await {
            Ok(piece) => piece?.map_err(io::Error::other),
            Err(_) => Err(io::ErrorKind::TimedOut.into()),
        };
        Some((piece, body))
    }))
}

fn listed(object: &aws_sdk_s3::types::Object, prefix: &str) -> Option<Listed> {
    let name = object.key()?;
    let Some(key) = name.strip_prefix(prefix).and_then(|name| name.parse().ok()) else {
        tracing::warn!(name, "an object that is none of ours lies in the bucket");
        return None;
    };
    Some(Listed {
        key,
        len: u64::try_from(object.size()?).ok()?,
        modified: OffsetDateTime::from_unix_timestamp(object.last_modified()?.secs()).ok()?,
    })
}

/// The digest of a checksum header; the composite one of a multipart upload is none.
fn sha256_of(base64: &str) -> Option<Sha256Digest> {
    let bytes = STANDARD.decode(base64).ok()?;
    bytes.try_into().ok().map(Sha256Digest::from_bytes)
}
