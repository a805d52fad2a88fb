//! What can go wrong with a stored object.

use std::error::Error;
use std::fmt;
use std::io;

use rustix::io::Errno;
use thiserror::Error;

/// Why an object was not stored, read or removed. A requester learns `unavailable` of all of
/// these; what distinguishes them is for the log and the flow.
#[derive(Debug, Error)]
pub enum ArchiveError {
    /// There is an object of this name; it was left as it is.
    #[error("an object of this name exists already")]
    AlreadyExists,
    /// There is no object of this name.
    #[error("there is no such object")]
    NotFound,
    /// What is stored is not what was recorded.
    #[error("the stored object is not the recorded one: {0}")]
    Corrupt(Damage),
    /// The file to be stored is not, or no longer, what its digest and length say.
    #[error("the file to be stored is not the one that was announced")]
    SourceChanged,
    /// An object has at least one byte.
    #[error("an empty file is not stored")]
    Empty,
    /// The range is empty or ends behind the object.
    #[error("the range does not lie within the object")]
    OutOfRange,
    /// A setting is at fault: the archive was not opened.
    #[error("the archive's settings: {0}")]
    Settings(String),
    /// The disk, the network or the object service is at fault. It may be well again soon.
    #[error("the archive is unavailable")]
    Unavailable(#[source] Box<dyn Error + Send + Sync>),
}

/// How an object differs from what was recorded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Damage {
    /// It has more or fewer bytes.
    Length,
    /// Its bytes have another digest.
    Digest,
    /// It is not a regular file, or a symbolic link stands in its path.
    NotAFile,
}

impl fmt::Display for Damage {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Length => "its length differs",
            Self::Digest => "its digest differs",
            Self::NotAFile => "it is not a regular file or is reached by a symbolic link",
        })
    }
}

impl ArchiveError {
    pub(super) fn unavailable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unavailable(cause.into())
    }

    /// As an error of a stream of bytes.
    pub(super) fn into_io(self) -> io::Error {
        let kind = match self {
            Self::Corrupt(_) => io::ErrorKind::InvalidData,
            Self::NotFound => io::ErrorKind::NotFound,
            _ => io::ErrorKind::Other,
        };
        io::Error::new(kind, self)
    }
}

impl From<io::Error> for ArchiveError {
    /// The inverse of `into_io`, and what the operating system says.
    fn from(error: io::Error) -> Self {
        match error.downcast::<Self>() {
            Ok(ours) => ours,
            Err(error) => match error.raw_os_error().map(Errno::from_raw_os_error) {
                Some(errno) => errno.into(),
                None => Self::unavailable(error),
            },
        }
    }
}

impl From<Errno> for ArchiveError {
    fn from(errno: Errno) -> Self {
        match errno {
            Errno::EXIST => Self::AlreadyExists,
            Errno::NOENT => Self::NotFound,
            // openat2 met a symbolic link, a path out of the root, or a file where a folder was due.
            Errno::LOOP | Errno::XDEV | Errno::NOTDIR => Self::Corrupt(Damage::NotAFile),
            other => Self::unavailable(io::Error::from(other)),
        }
    }
}
