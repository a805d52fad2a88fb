//! veraPDF: whether a file keeps the PDF/A profile that it names itself.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::standing::JAVA;

/// What veraPDF says of a file.
#[derive(Debug, Deserialize)]
pub(crate) struct PdfaVerdict {
    /// The part and level that the file claims, as in `2b`.
    pub(crate) profile: Option<String>,
    pub(crate) conforming: bool,
    /// What it breaks: clause, test, message and place.
    pub(crate) failed: Vec<String>,
}

#[derive(Serialize)]
struct Question<'q> {
    judge: &'static str,
    file: &'q Path,
}

/// Judges a file.
pub(crate) fn pdfa(bytes: &[u8]) -> PdfaVerdict {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    let question = Question {
        judge: "verapdf",
        file: file.path(),
    };
    JAVA.ask(&question)
        .unwrap_or_else(|failure| panic!("veraPDF did not judge: {failure}"))
}
