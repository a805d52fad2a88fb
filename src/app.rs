//! The composition root: settings become working parts here, and the clock is read here alone.

use std::io;
use std::path::Path;

use time::{OffsetDateTime, UtcOffset};

use crate::pades::TrustAnchors;

/// Viet Nam's time: what is printed on papers and shown to people.
pub const VIETNAM: UtcOffset = match UtcOffset::from_hms(7, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

/// The time now, in Viet Nam's offset.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
pub fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc().to_offset(VIETNAM)
}

/// Trust anchors from files, and from every file of folders; PEM or DER.
///
/// # Errors
/// `InvalidData` for a file that holds no certificate, otherwise as it is read.
pub fn anchors<P: AsRef<Path>>(paths: &[P]) -> io::Result<TrustAnchors> {
    let mut anchors = TrustAnchors::default();
    for path in paths {
        for file in files_at(path.as_ref())? {
            let read = TrustAnchors::from_pem_or_der(&std::fs::read(&file)?);
            anchors
                .extend(read.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?);
        }
    }
    Ok(anchors)
}

fn files_at(path: &Path) -> io::Result<Vec<std::path::PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
