//! What is wrong or doubtful in a file, by a stable word.

use std::fmt;

use serde::{Deserialize, Serialize};

/// One finding: a stable word that programs and texts know, and where it was seen.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Finding {
    /// The word, such as `javascript` or `hole_not_one_string`.
    pub code: String,
    /// Where or what, in English; structure only, never the file's text.
    pub detail: String,
}

impl Finding {
    pub(super) fn new(code: &str, detail: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            detail: detail.into(),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} ({})", self.code, self.detail)
    }
}
