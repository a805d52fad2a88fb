//! Why a token does not sign.

use cryptoki::error::{Error, RvError};
use thiserror::Error as ThisError;

/// Why a token cannot be used. Names of tokens and keys may stand in it, a PIN never.
#[derive(Debug, ThisError)]
pub enum TokenError {
    /// The maker's library does not load or does not start.
    #[error("the PKCS#11 module {path} does not start: {source}")]
    Module {
        /// Its file.
        path: String,
        /// Why not.
        source: Error,
    },
    /// No token has that label or serial number.
    #[error("there is no token {0}")]
    NoToken(String),
    /// Several tokens have that label: the serial number tells them apart.
    #[error("there are several tokens {0}; name one by its serial number")]
    AmbiguousToken(String),
    /// The token has no private key of that name.
    #[error("the token has no key {0}")]
    NoKey(String),
    /// Several keys have that label: the identifier tells them apart.
    #[error("the token has several keys {0}; name one by id:")]
    AmbiguousKey(String),
    /// The key's name begins with `id:` and goes on with something else than hexadecimal.
    #[error("what follows id: is not hexadecimal")]
    KeyName,
    /// No PIN is given, or an empty one; none was tried.
    #[error("the token wants a PIN and none is given")]
    PinMissing,
    /// The PIN was refused; it is not tried again.
    #[error("the token refused the PIN; it is not tried again")]
    PinRefused,
    /// Somebody gave a wrong PIN before, and another may lock the token for good.
    #[error("a wrong PIN was given to this token before: log in to it once by hand")]
    PinAtRisk,
    /// The token is locked.
    #[error("the token is locked")]
    PinLocked,
    /// The token does not sign by this scheme.
    #[error("the token has no mechanism for this")]
    Mechanism,
    /// The signature that came back is malformed.
    #[error("the token's answer is malformed")]
    Malformed,
    /// What the token said.
    #[error("the token failed: {0}")]
    Device(#[from] Error),
}

impl TokenError {
    /// Whether the token may answer later without anybody's doing: it is unplugged, or its network
    /// is down.
    #[must_use]
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::NoToken(_) | Self::Device(_))
    }

    /// Whether the session, the login, the handle or the token itself is gone, so that finding the
    /// key again may help.
    pub(super) fn is_loss(&self) -> bool {
        let Self::Device(Error::Pkcs11(answer, _)) = self else {
            return false;
        };
        matches!(
            answer,
            RvError::SessionHandleInvalid
                | RvError::SessionClosed
                | RvError::UserNotLoggedIn
                | RvError::KeyHandleInvalid
                | RvError::ObjectHandleInvalid
                | RvError::TokenNotPresent
                | RvError::TokenNotRecognized
                | RvError::SlotIdInvalid
                | RvError::DeviceRemoved
                | RvError::DeviceError
                | RvError::CryptokiNotInitialized
                | RvError::FunctionFailed
                | RvError::GeneralError
        )
    }
}
