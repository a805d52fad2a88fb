//! Keys that never leave their device: tokens, smart cards and HSMs by PKCS#11 (OASIS, v2.40 and
//! v3.0).
//!
//! A module is loaded once for the process (`module`), a token is logged in to once, its key is
//! found once, and sessions are kept for the next signature (`key`). When the session, the login or
//! the token itself is lost, the next signature finds the key again; nothing is restarted. A PIN
//! that was refused once is never tried again: three wrong ones lock a token for good.

mod error;
mod key;
mod module;

use std::path::Path;

use secrecy::SecretString;

pub use error::TokenError;
pub use key::{Certificates, TokenKey};

/// Which key of which token.
#[derive(Clone, Copy, Debug)]
pub struct KeyPlace<'p> {
    /// The maker's library.
    pub module: &'p Path,
    /// The token's label, or its serial number.
    pub token: &'p str,
    /// The key's label, or `id:` and its identifier in hexadecimal.
    pub key: &'p str,
}

/// Logs in to a token and finds a key and its certificates.
///
/// # Errors
/// [`TokenError`] says what is missing or was refused.
pub fn open(
    place: KeyPlace<'_>,
    pin: SecretString,
) -> Result<(TokenKey, Certificates), TokenError> {
    let key = TokenKey::open(place, pin)?;
    let certificates = key.certificates()?;
    Ok((key, certificates))
}
