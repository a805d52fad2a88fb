//! Reading an object: its bytes as a stream that never gives more or less than recorded, nor other
//! ones where it is read whole.

use std::io;
use std::ops::Range;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use bytes::Bytes;
use futures_util::Stream;
use sha2::{Digest as _, Sha256};
use time::OffsetDateTime;

use super::{ArchiveError, Damage};
use crate::database::StoredObject;
use crate::model::{ObjectKey, Sha256Digest};

/// What the archive knows of an object without reading it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    /// Its bytes.
    pub len: u64,
    /// Its digest, where the store keeps one.
    pub sha256: Option<Sha256Digest>,
}

/// An object as a listing shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// Its name.
    pub key: ObjectKey,
    /// Its bytes.
    pub len: u64,
    /// When it was stored, by the store's clock, in whole seconds.
    pub modified: OffsetDateTime,
}

/// The objects of an area, in no order that may be relied on.
pub type Listing = Pin<Box<dyn Stream<Item = Result<Listed, ArchiveError>> + Send>>;

pub(super) type Pieces = Pin<Box<dyn Stream<Item = io::Result<Bytes>> + Send>>;

/// The bytes of an object, or of a range of it, as a stream.
///
/// A store is not believed: the stream ends with an error when there are more or fewer bytes than
/// recorded. When the whole object is read, its digest is computed on the way and the last piece is
/// held back until it is right, so that nobody ends up with a complete file that is the wrong one.
pub struct ObjectReader {
    pieces: Pieces,
    range: Range<u64>,
    left: u64,
    check: Option<(Sha256, Sha256Digest)>,
    ended: bool,
}

impl ObjectReader {
    pub(super) fn new(pieces: Pieces, object: &StoredObject, range: Range<u64>) -> Self {
        let left = range.end.saturating_sub(range.start);
        let whole = left == object.len;
        Self {
            pieces,
            range,
            left,
            check: whole.then(|| (Sha256::new(), object.sha256)),
            ended: false,
        }
    }

    /// Which bytes of the object these are.
    #[must_use]
    pub fn range(&self) -> Range<u64> {
        self.range.clone()
    }

    /// Lets a piece through if it is one that was to come.
    fn pass(&mut self, piece: Bytes) -> Result<Bytes, ArchiveError> {
        let len = piece.len() as u64;
        self.left = self
            .left
            .checked_sub(len)
            .ok_or(ArchiveError::Corrupt(Damage::Length))?;
        if let Some((hasher, _)) = &mut self.check {
            hasher.update(&piece);
        }
        if self.left > 0 {
            return Ok(piece);
        }
        self.ended = true;
        let right = self.check.take().is_none_or(|(hasher, recorded)| {
            Sha256Digest::from_bytes(hasher.finalize().into()) == recorded
        });
        if right {
            Ok(piece)
        } else {
            Err(ArchiveError::Corrupt(Damage::Digest))
        }
    }
}

impl Stream for ObjectReader {
    type Item = io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.ended {
            return Poll::Ready(None);
        }
        let passed = match ready!(self.pieces.as_mut().poll_next(context)) {
            Some(Ok(piece)) => self.pass(piece).map_err(ArchiveError::into_io),
            Some(Err(error)) => Err(error),
            None => Err(ArchiveError::Corrupt(Damage::Length).into_io()),
        };
        self.ended |= passed.is_err();
        Poll::Ready(Some(passed))
    }
}

impl std::fmt::Debug for ObjectReader {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("ObjectReader")
            .field("range", &self.range)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}

/// The range to read of an object of `len` bytes: what was asked for, or all of it.
pub(super) fn within(range: Option<Range<u64>>, len: u64) -> Result<Range<u64>, ArchiveError> {
    let range = range.unwrap_or(0..len);
    if range.start < range.end && range.end <= len {
        Ok(range)
    } else {
        Err(ArchiveError::OutOfRange)
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use futures_util::{StreamExt as _, stream};

    use super::{ObjectReader, within};
    use crate::database::StoredObject;
    use crate::model::{ObjectKey, Sha256Digest};

    /// What a reader makes of a store that sends these pieces for the object `abcdef`.
    fn read(
        pieces: &'static [&'static str],
        range: std::ops::Range<u64>,
    ) -> Vec<Result<Bytes, String>> {
        let object = StoredObject {
            key: ObjectKey::probe([0; 16]),
            sha256: Sha256Digest::of(b"abcdef"),
            len: 6,
        };
        let pieces = stream::iter(
            pieces
                .iter()
                .map(|piece| Ok(Bytes::from_static(piece.as_bytes()))),
        );
        let reader = ObjectReader::new(Box::pin(pieces), &object, range);
        let read = reader.map(|piece| piece.map_err(|error| error.to_string()));
        tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap()
            .block_on(read.collect())
    }

    #[test]
    fn what_was_recorded_passes() {
        assert_eq!(
            read(&["abc", "def"], 0..6),
            [Ok("abc".into()), Ok("def".into())]
        );
        assert_eq!(read(&["cd"], 2..4), [Ok("cd".into())]);
    }

    #[test]
    fn other_bytes_never_come_out_complete() {
        let digest = "the stored object is not the recorded one: its digest differs";
        assert_eq!(
            read(&["abc", "deX"], 0..6),
            [Ok("abc".into()), Err(digest.to_owned())]
        );
    }

    #[test]
    fn more_or_fewer_bytes_are_an_error() {
        let length = "the stored object is not the recorded one: its length differs";
        assert_eq!(read(&["abcdefg"], 0..6), [Err(length.to_owned())]);
        assert_eq!(
            read(&["abc"], 0..6),
            [Ok("abc".into()), Err(length.to_owned())]
        );
        assert_eq!(read(&["cde"], 2..4), [Err(length.to_owned())]);
    }

    #[test]
    fn a_range_lies_within_the_object() {
        for good in [0..1, 5..6, 0..6] {
            assert_eq!(within(Some(good.clone()), 6).unwrap(), good);
        }
        assert_eq!(within(None, 6).unwrap(), 0..6);
        #[expect(
            clippy::reversed_empty_ranges,
            reason = "a range that a client may ask for"
        )]
        for bad in [0..0, 6..6, 5..7, 6..7, 4..2, 0..u64::MAX] {
            assert!(within(Some(bad), 6).is_err());
        }
        assert!(within(None, 0).is_err());
    }
}
