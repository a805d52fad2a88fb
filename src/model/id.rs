//! Identifiers: 128 random bits each, written as 26 letters of Crockford's base32 in lower case.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The text is not an identifier.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("not an identifier")]
pub struct ParseIdError;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LETTERS: usize = 26;

fn encode(value: u128) -> String {
    (0..LETTERS)
        .rev()
        .map(|place| {
            let index = usize::try_from((value >> (5 * place)) & 31).unwrap_or_default();
            char::from(ALPHABET.get(index).copied().unwrap_or(b'0'))
        })
        .collect()
}

/// The inverse of [`encode`] and of nothing else: upper case, look-alikes and values of more than
/// 128 bits are refused, so that an identifier has one spelling.
fn decode(text: &str) -> Result<u128, ParseIdError> {
    if text.len() != LETTERS {
        return Err(ParseIdError);
    }
    let mut value: u128 = 0;
    for (place, letter) in text.bytes().enumerate() {
        let digit = ALPHABET
            .iter()
            .position(|&known| known == letter)
            .ok_or(ParseIdError)?;
        if place == 0 && digit > 7 {
            return Err(ParseIdError);
        }
        value = (value << 5) | digit as u128;
    }
    Ok(value)
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(u128);

        impl $name {
            /// Makes an identifier of 16 bytes that the caller drew at random.
            #[must_use]
            pub fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(u128::from_be_bytes(bytes))
            }

            /// The 16 bytes.
            #[must_use]
            pub fn to_bytes(self) -> [u8; 16] {
                self.0.to_be_bytes()
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(&encode(self.0))
            }
        }

        impl FromStr for $name {
            type Err = ParseIdError;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                decode(text).map(Self)
            }
        }

        impl TryFrom<String> for $name {
            type Error = ParseIdError;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> Self {
                id.to_string()
            }
        }
    };
}

/// Identifiers that may be written to a log.
macro_rules! shown {
    ($($name:ident),*) => {$(
        impl fmt::Debug for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(formatter, concat!(stringify!($name), "({})"), self)
            }
        }
    )*};
}

identifier!(
    /// A public body in Trao.
    AgencyId
);
identifier!(
    /// A person who works for an agency.
    OfficerId
);
identifier!(
    /// A program's key; the public half of `Authorization: Bearer`.
    ApiKeyId
);
identifier!(
    /// A site that embeds links.
    PortalId
);
identifier!(
    /// A signing identity of an agency.
    IdentityId
);
identifier!(
    /// One administrative case.
    DossierId
);
identifier!(
    /// A result; known to officers and programs, useless without their rights.
    ResultId
);
identifier!(
    /// The unguessable address of a result: half of what opens it, so `Debug` keeps it to itself.
    LinkId
);

shown!(
    AgencyId, OfficerId, ApiKeyId, PortalId, IdentityId, DossierId, ResultId
);

impl fmt::Debug for LinkId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("LinkId(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::{LinkId, ResultId};

    #[test]
    fn text_and_bytes_say_the_same() {
        for bytes in [[0; 16], [0xff; 16], *b"0123456789abcdef"] {
            let id = ResultId::from_bytes(bytes);
            assert_eq!(id.to_string().len(), 26);
            assert_eq!(id.to_string().parse::<ResultId>(), Ok(id));
        }
    }

    #[test]
    fn another_spelling_is_no_identifier() {
        let id = ResultId::from_bytes([0xab; 16]).to_string();
        assert!(id.to_uppercase().parse::<ResultId>().is_err());
        assert!("8zzzzzzzzzzzzzzzzzzzzzzzzz".parse::<ResultId>().is_err());
        assert!(
            id.get(1..)
                .is_some_and(|short| short.parse::<ResultId>().is_err())
        );
    }

    #[test]
    fn a_link_is_not_shown() {
        assert_eq!(format!("{:?}", LinkId::from_bytes([7; 16])), "LinkId(..)");
    }
}
