//! What guards a file and who seals it: words that stand in the database, in JSON and on the command
//! line alike.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A word that is none of those expected.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("unknown word")]
pub struct UnknownWord;

/// Gives an enum of plain words its spelling, once.
macro_rules! words {
    ($name:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $name {
            /// The word.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// Every word, in the order of the definition.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];
        }

        impl fmt::Display for $name {
            fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownWord;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text { $($word => Ok(Self::$variant),)+ _ => Err(UnknownWord) }
            }
        }

        impl TryFrom<String> for $name {
            type Error = UnknownWord;

            fn try_from(text: String) -> Result<Self, Self::Error> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(word: $name) -> Self {
                word.as_str().to_owned()
            }
        }
    };
}
pub(super) use words;

/// What a requester must supply before a file is let out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum ReleasePolicy {
    /// The unguessable link and the dossier code.
    Link,
    /// The dossier code and a PIN.
    Pin,
    /// The link, the code and the PIN.
    LinkPin,
    /// The code alone, for results that are public anyway.
    Code,
}

words!(ReleasePolicy { Link = "link", Pin = "pin", LinkPin = "link+pin", Code = "code" });

/// Who seals an agency's results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Sealing {
    /// The clerk approves each result in person (Decree 30/2020 art. 32).
    Clerk,
    /// The service seals what arrives, by the agency's recorded choice.
    Automatic,
}

words!(Sealing { Clerk = "clerk", Automatic = "automatic" });
