//! A received file that is to be sealed, and that it stays what it was while it is.

use std::fs::{File, OpenOptions};
use std::io;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::PathBuf;

use rustix::fs::OFlags;

use super::SealingError;
use crate::model::Sha256Digest;
use crate::pades::Refusal;

/// A file that is to be sealed.
#[derive(Clone, Debug)]
pub struct Received {
    /// Where it lies.
    pub path: PathBuf,
    /// The digest that was approved: other bytes are not sealed. `None` seals what lies there.
    pub approved: Option<Sha256Digest>,
}

/// A received file that is being sealed.
pub(super) struct Opened {
    pub(super) file: File,
    pub(super) len: u64,
    pub(super) approved: Option<Sha256Digest>,
    /// When it was changed last, before anybody read it.
    changed: (i64, i64),
}

/// Why a file could not be opened.
pub(super) enum NotOpened {
    NoFile,
    Error(io::Error),
}

impl Opened {
    /// Nobody waits for what is no regular file: a pipe may never have a writer.
    pub(super) fn of(received: &Received) -> Result<Self, NotOpened> {
        let mut how = OpenOptions::new();
        let how = how
            .read(true)
            .custom_flags(OFlags::NONBLOCK.bits().cast_signed());
        let file = how.open(&received.path).map_err(NotOpened::Error)?;
        let metadata = file.metadata().map_err(NotOpened::Error)?;
        if !metadata.is_file() {
            return Err(NotOpened::NoFile);
        }
        Ok(Self {
            file,
            len: metadata.len(),
            approved: received.approved,
            changed: (metadata.ctime(), metadata.ctime_nsec()),
        })
    }

    /// Whether it was written to since: what was looked at and what was copied may differ then.
    pub(super) fn has_changed(&self) -> io::Result<bool> {
        let now = self.file.metadata()?;
        Ok((now.len(), (now.ctime(), now.ctime_nsec())) != (self.len, self.changed))
    }
}

impl NotOpened {
    pub(super) fn again(&self) -> SealingError {
        match self {
            Self::NoFile => SealingError::Refused(Refusal::NotPdf),
            Self::Error(error) => {
                let code = error.raw_os_error();
                code.map_or_else(|| error.kind().into(), io::Error::from_raw_os_error)
                    .into()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek as _, Write as _};
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn who_writes_to_a_file_that_is_being_sealed_is_found_out() {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(b"%PDF").unwrap();
        let received = Received {
            path: file.path().to_owned(),
            approved: None,
        };
        let opened = Opened::of(&received).ok().unwrap();
        assert!(!opened.has_changed().unwrap());
        // The kernel's clock for files goes in steps: a step later at the latest it is seen.
        let until = Instant::now() + Duration::from_secs(10);
        while !opened.has_changed().unwrap() {
            assert!(Instant::now() < until);
            file.rewind().unwrap();
            file.write_all(b"%FDP").unwrap();
        }
        assert_eq!(file.as_file().metadata().unwrap().len(), opened.len);
    }
}
