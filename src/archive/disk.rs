//! Work on the local disk: off the executor's threads, in pieces, hashed on the way.

use std::fs::File;
use std::io::{self, Read, Write};

use sha2::{Digest as _, Sha256};
use tokio::task::spawn_blocking;

use super::ArchiveError;
use crate::model::Sha256Digest;

/// The bytes that one read from disk gives, and the memory that one download takes.
pub(super) const PIECE_BYTES: usize = 64 * 1024;

/// Disks block: their work runs on a thread that may. It goes on when the caller drops the answer.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, ArchiveError> + Send + 'static,
) -> Result<T, ArchiveError> {
    spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(ArchiveError::unavailable(error)))
}

/// The digest and the number of the bytes from where the file stands to its end.
pub(super) fn hash(file: &mut File) -> Result<(Sha256Digest, u64), ArchiveError> {
    Ok(copy(file, &mut io::sink())?)
}

/// Copies in pieces; gives the digest and the number of the bytes.
pub(super) fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<(Sha256Digest, u64)> {
    let mut hasher = Sha256::new();
    let mut piece = vec![0; PIECE_BYTES];
    let mut len = 0;
    loop {
        let read = match from.read(&mut piece) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        let Some(bytes) = piece.get(..read).filter(|bytes| !bytes.is_empty()) else {
            return Ok((Sha256Digest::from_bytes(hasher.finalize().into()), len));
        };
        hasher.update(bytes);
        to.write_all(bytes)?;
        len += read as u64;
    }
}
