//! What may be wrong with a field.

use thiserror::Error;

/// Why a field's value is not taken.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum FieldFlaw {
    /// There is none.
    #[error("it is required")]
    Required,
    /// It has more letters than are taken.
    #[error("it is too long")]
    TooLong,
    /// It holds what is no letter, digit or sign.
    #[error("it holds control characters")]
    ControlCharacters,
    /// It shows the dossier code, which is half of the key.
    #[error("it holds the dossier code")]
    HoldsCode,
    /// It is none of the words that there are.
    #[error("there is no such value")]
    Unknown,
    /// The contract has the word, the service does not do it yet.
    #[error("this value is not supported yet")]
    Unsupported,
    /// It is no e-mail address.
    #[error("it is no e-mail address")]
    NoEmail,
    /// It is no telephone number.
    #[error("it is no telephone number")]
    NoTelephone,
    /// It is no idempotency key.
    #[error("it is not 1 to 255 visible letters of ASCII")]
    NoKey,
}

impl FieldFlaw {
    /// Every one.
    pub const ALL: [Self; 9] = [
        Self::Required,
        Self::TooLong,
        Self::ControlCharacters,
        Self::HoldsCode,
        Self::Unknown,
        Self::Unsupported,
        Self::NoEmail,
        Self::NoTelephone,
        Self::NoKey,
    ];

    /// The word for it in the texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Required => "required",
            Self::TooLong => "too_long",
            Self::ControlCharacters => "control_characters",
            Self::HoldsCode => "holds_code",
            Self::Unknown => "unknown",
            Self::Unsupported => "unsupported",
            Self::NoEmail => "no_email",
            Self::NoTelephone => "no_telephone",
            Self::NoKey => "no_key",
        }
    }
}
