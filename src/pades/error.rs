//! Why a PDF is refused.

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A PDF that will not be sealed, by whose fault and why. The `Display` text names the structure
/// that is wrong, never the file's contents.
#[derive(Clone, Debug, Error, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "code", content = "detail", rename_all = "snake_case")]
pub enum Refusal {
    /// No `%PDF-` header within the first 1024 bytes.
    #[error("this is not a PDF")]
    NotPdf,
    /// A structure that sealing must rely on cannot be read.
    #[error("the PDF is damaged: {0}")]
    PdfDamaged(String),
    /// An `/Encrypt` entry, be the password empty or not.
    #[error("the PDF is encrypted")]
    PdfEncrypted,
    /// The page tree has no page.
    #[error("the PDF has no page")]
    PdfNoPages,
    /// The file forbids a further signature (DocMDP, FieldMDP, `SigFlags` …); says which rule.
    #[error("the PDF does not allow a further signature: {0}")]
    PdfLocked(String),
    /// A limit on depth, count, time or decompressed size was reached; says which.
    #[error("the PDF is too complex: {0}")]
    PdfTooComplex(String),
    /// Content that acts, hides or is not told apart, which this installation does not take; says
    /// which.
    #[error("the PDF has content that is not taken here: {0}")]
    PdfActiveContent(String),
    /// What was asked for cannot be done with this file (appearance, page, position).
    #[error("{0}")]
    FieldInvalid(String),
    /// The file could not be read from its device.
    #[error("the file could not be read: {0}")]
    Unavailable(String),
}

impl Refusal {
    /// The stable code that programs and telephone lines use.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotPdf => "not_pdf",
            Self::PdfDamaged(_) => "pdf_damaged",
            Self::PdfEncrypted => "pdf_encrypted",
            Self::PdfNoPages => "pdf_no_pages",
            Self::PdfLocked(_) => "pdf_locked",
            Self::PdfTooComplex(_) => "pdf_too_complex",
            Self::PdfActiveContent(_) => "pdf_active_content",
            Self::FieldInvalid(_) => "field_invalid",
            Self::Unavailable(_) => "unavailable",
        }
    }
}

impl Refusal {
    /// What of the file it is, in English, without the sentence that its code has anyway.
    #[must_use]
    pub fn detail(&self) -> &str {
        match self {
            Self::NotPdf | Self::PdfEncrypted | Self::PdfNoPages => "",
            Self::PdfDamaged(detail)
            | Self::PdfLocked(detail)
            | Self::PdfTooComplex(detail)
            | Self::PdfActiveContent(detail)
            | Self::FieldInvalid(detail)
            | Self::Unavailable(detail) => detail,
        }
    }
}

impl From<std::io::Error> for Refusal {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::UnexpectedEof => {
                Self::PdfDamaged("it ends where more is announced".into())
            }
            kind => Self::Unavailable(kind.to_string()),
        }
    }
}
