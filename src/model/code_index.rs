//! What a dossier code is looked up by.

use std::fmt;

/// The keyed index of a dossier code: HMAC-SHA-256 over its canonical form under the index key of
/// the given version. It is made by `secrets` alone; the database sees nothing else of a code but a
/// sealed copy.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CodeIndex {
    /// Which index key made it.
    pub key_version: u32,
    /// The full HMAC.
    pub bytes: [u8; 32],
}

impl fmt::Debug for CodeIndex {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "CodeIndex(v{})", self.key_version)
    }
}
