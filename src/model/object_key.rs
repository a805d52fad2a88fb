//! The names of stored objects. No client's text ever reaches one.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::{ParseIdError, ResultId, Sha256Digest};

/// The name of an object in the archive, unguessable and never used twice:
/// `received/{result}/{n}-{salt}` or `results/{result}/{n}-{sha256}`, with `n` from 1.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct ObjectKey(String);

impl ObjectKey {
    /// The name of a received file. `salt` is drawn at random for each attempt, so that a retry
    /// never meets what an earlier one left behind.
    #[must_use]
    pub fn received(result: ResultId, n: u32, salt: [u8; 8]) -> Self {
        Self(format!("received/{result}/{n}-{}", hex::encode(salt)))
    }

    /// The name of a sealed file: its digest is part of it, so one name has one content.
    #[must_use]
    pub fn sealed(result: ResultId, n: u32, sha256: &Sha256Digest) -> Self {
        Self(format!("results/{result}/{n}-{sha256}"))
    }

    /// The name of the object that the archive's own probe writes and removes.
    #[must_use]
    pub fn probe(salt: [u8; 16]) -> Self {
        Self(format!("probe/{}", hex::encode(salt)))
    }

    /// The name, relative, with `/` between its parts.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ObjectKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for ObjectKey {
    type Err = ParseIdError;

    /// Takes only names of the shapes above: lower-case letters, digits and `-` between `/`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        };
        let parts: Vec<&str> = text.split('/').collect();
        let shaped = match parts.as_slice() {
            ["received" | "results", result, name] => {
                result.parse::<ResultId>().is_ok() && plain(name)
            }
            ["probe", name] => plain(name),
            _ => false,
        };
        if shaped {
            Ok(Self(text.to_owned()))
        } else {
            Err(ParseIdError)
        }
    }
}

impl TryFrom<String> for ObjectKey {
    type Error = ParseIdError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<ObjectKey> for String {
    fn from(key: ObjectKey) -> Self {
        key.0
    }
}

#[cfg(test)]
mod tests {
    use super::ObjectKey;
    use crate::model::{ResultId, Sha256Digest};

    #[test]
    fn a_key_is_read_back_as_written() {
        let result = ResultId::from_bytes([9; 16]);
        for key in [
            ObjectKey::received(result, 1, [3; 8]),
            ObjectKey::sealed(result, 20, &Sha256Digest::of(b"x")),
            ObjectKey::probe([1; 16]),
        ] {
            assert_eq!(key.as_str().parse(), Ok(key.clone()));
        }
    }

    #[test]
    fn no_other_path_is_a_key() {
        let result = ResultId::from_bytes([9; 16]);
        for text in ["", "/etc/passwd", "results/..", "probe/../x", "probe/A"] {
            assert!(text.parse::<ObjectKey>().is_err(), "{text}");
        }
        assert!(
            format!("results/{result}/../x")
                .parse::<ObjectKey>()
                .is_err()
        );
        assert!(
            format!("results/{result}/a.b")
                .parse::<ObjectKey>()
                .is_err()
        );
    }
}
