//! Keys, keyed indices, sealed values, tokens and passwords: the only place that knows how.

mod key_ring;
mod passwords;
mod token;

use thiserror::Error;

pub use key_ring::{KeyRing, Purpose};
pub use passwords::{PasswordError, PasswordHash, Passwords};
pub use token::Token;

/// What went wrong with a secret. Nothing of the secret is in it.
#[derive(Debug, Error)]
pub enum SecretsError {
    /// The key file cannot be read or written.
    #[error("the key file: {0}")]
    File(#[from] std::io::Error),
    /// The key file is not what it should be.
    #[error("the key file is malformed")]
    Malformed,
    /// The key file may be read by others.
    #[error("the key file may be read by others than its owner")]
    Exposed,
    /// A sealed value was made under a key that is not here, or was changed.
    #[error("a sealed value cannot be opened")]
    Sealed,
}

/// Random bytes from the operating system.
///
/// # Panics
/// When the operating system has none: then nothing here is safe any more.
#[must_use]
#[expect(
    clippy::expect_used,
    reason = "without randomness no secret can be made; see Panics"
)]
pub fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).expect("the operating system gives random bytes");
    bytes
}
