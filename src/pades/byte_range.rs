//! The signed ranges of a file and the hole between them (ISO 32000-2, 12.8.1).
//!
//! A signature covers the whole file but one place: the hexadecimal string, angle brackets
//! included, that will hold the signature itself. That place is the *hole*.

use std::io;

use openssl::hash::Hasher;
use thiserror::Error;

use super::scheme::DigestAlgorithm;
use super::source::Source;

/// Why a hole cannot be filled.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FillError {
    /// The signature is longer than the room that was left for it; prepare again with more room.
    #[error("the signature takes {needed} bytes, the hole has room for {room}")]
    TooSmall {
        /// Bytes of the signature.
        needed: usize,
        /// Bytes that the hole can hold.
        room: usize,
    },
    /// A hole is `<`, an even number of digits, `>`.
    #[error("a hole of {0} bytes cannot be a hexadecimal string")]
    Odd(usize),
    /// The revision has no hole where it says.
    #[error("the hole is not where the revision says")]
    Elsewhere,
}

/// The bytes of the hole for a signature: `<`, its DER in hexadecimal, zeros up to the hole's
/// length, `>`. They are written over the file from the hole's start on. Nothing is ever cut off.
pub fn fill(hole_len: usize, der: &[u8]) -> Result<Vec<u8>, FillError> {
    let digits = hole_len.checked_sub(2).filter(|digits| digits % 2 == 0);
    let digits = digits.ok_or(FillError::Odd(hole_len))?;
    if der.len() > digits / 2 {
        return Err(FillError::TooSmall {
            needed: der.len(),
            room: digits / 2,
        });
    }
    let mut filled = vec![b'0'; hole_len];
    if let [first, inside @ .., last] = filled.as_mut_slice()
        && let Some(place) = inside.get_mut(..2 * der.len())
    {
        (*first, *last) = (b'<', b'>');
        hex::encode_to_slice(der, place).map_err(|_| FillError::Odd(hole_len))?;
    }
    Ok(filled)
}

/// The length of the hole that holds a signature of `contents_bytes` bytes.
#[must_use]
pub const fn hole_len(contents_bytes: usize) -> usize {
    2 * contents_bytes + 2
}

/// The bytes of DER that a hole of this length holds.
#[must_use]
pub const fn room(hole_len: usize) -> usize {
    hole_len.saturating_sub(2) / 2
}

/// The digest over ranges of a file, given as (offset, length), in their order. The file is read
/// in pieces: the memory taken does not grow with it.
///
/// # Errors
/// `UnexpectedEof` when a range leaves the file; the device's own error otherwise.
pub fn digest(
    source: &dyn Source,
    ranges: &[(u64, u64)],
    algorithm: DigestAlgorithm,
) -> io::Result<Vec<u8>> {
    let mut hasher = Hasher::new(algorithm.openssl())?;
    let mut buffer = vec![0; PIECE];
    for &(offset, len) in ranges {
        digest_range(&mut hasher, source, offset, len, &mut buffer)?;
    }
    Ok(hasher.finish()?.to_vec())
}

fn digest_range(
    hasher: &mut Hasher,
    source: &dyn Source,
    offset: u64,
    len: u64,
    buffer: &mut [u8],
) -> io::Result<()> {
    let end = offset
        .checked_add(len)
        .ok_or(io::ErrorKind::UnexpectedEof)?;
    let mut at = offset;
    while at < end {
        let take = usize::try_from(end - at).map_or(buffer.len(), |left| left.min(buffer.len()));
        let piece = buffer.get_mut(..take).ok_or(io::ErrorKind::UnexpectedEof)?;
        source.read_at(at, piece)?;
        hasher.update(piece)?;
        at += take as u64;
    }
    Ok(())
}

/// Bytes read at once.
const PIECE: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pades::source::Appended;

    #[test]
    fn a_signature_fills_its_hole_to_the_last_byte_and_not_beyond() {
        assert_eq!(fill(8, &[0xab, 0x01]).unwrap(), b"<ab0100>");
        assert_eq!(fill(8, &[1, 2, 3]).unwrap(), b"<010203>");
        assert_eq!(
            fill(8, &[1, 2, 3, 4]),
            Err(FillError::TooSmall { needed: 4, room: 3 })
        );
        assert_eq!(fill(7, &[1]), Err(FillError::Odd(7)));
        assert_eq!(fill(1, &[]), Err(FillError::Odd(1)));
        assert_eq!(fill(hole_len(0), &[]).unwrap(), b"<>");
    }

    #[test]
    fn the_digest_is_taken_over_the_ranges_and_across_the_seam() {
        let received = b"received".to_vec();
        let joined = Appended::new(&received, b" and appended");
        let expected = openssl::sha::sha256(b"receivedappended");
        let ranges = [(0, 8), (13, 8)];
        assert_eq!(
            digest(&joined, &ranges, DigestAlgorithm::Sha256).unwrap(),
            expected
        );

        let whole = openssl::sha::sha256(b"received and appended");
        assert_eq!(
            digest(&joined, &[(0, 21)], DigestAlgorithm::Sha256).unwrap(),
            whole
        );
        assert!(digest(&joined, &[(0, 22)], DigestAlgorithm::Sha256).is_err());
        assert!(digest(&joined, &[(u64::MAX, 2)], DigestAlgorithm::Sha256).is_err());
    }
}
