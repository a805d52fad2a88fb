//! Why an act on a result was refused.

use std::io;

use thiserror::Error;

use super::{FieldFlaw, MissingLook, SignatureFlaw};
use crate::archive::ArchiveError;
use crate::database::DatabaseError;
use crate::dossier::{CodeMalformed, CodeRefused};
use crate::pades::Refusal;
use crate::sealing::SealingError;
use crate::secrets::SecretsError;

/// A refusal, with the stable code of each variant in [`PublicationError::code`].
#[derive(Debug, Error)]
pub enum PublicationError {
    /// A field's value is wrong or not supported yet.
    #[error("{field}: {why}")]
    FieldInvalid {
        /// Its name in the request.
        field: &'static str,
        /// What is wrong with it.
        why: FieldFlaw,
    },
    /// The policy asks for less than the dossier's procedure does.
    #[error("the policy is weaker than the procedure's")]
    PolicyTooWeak,
    /// What was given as a dossier code is none.
    #[error(transparent)]
    CodeMalformed(#[from] CodeMalformed),
    /// The code is well formed and not one that this agency issues.
    #[error(transparent)]
    CodeRefused(#[from] CodeRefused),
    /// The appearance prints a document number, and there is none.
    #[error("this appearance needs a document number")]
    DocumentNumberMissing,
    /// What the appearance draws is not there.
    #[error("{}", .0.why())]
    MarkMissing(MissingLook),
    /// There are more files or bytes than one result may have.
    #[error("the files are too many or too large")]
    FileTooLarge,
    /// A file cannot be sealed.
    #[error("file {n}: {refusal}")]
    Refused {
        /// Which, from 1.
        n: u32,
        /// Why not.
        refusal: Refusal,
    },
    /// The agency seals automatically, and the main file bears no good signature of a person.
    #[error("the main file bears no good signature")]
    NotSigned,
    /// The agency seals automatically, and something stands against a signature that a file brought
    /// along.
    #[error("file {n}: {flaw}")]
    EarlierSignature {
        /// Which, from 1.
        n: u32,
        /// What.
        flaw: SignatureFlaw,
    },
    /// The caller may not do that.
    #[error("the caller may not do that")]
    Forbidden,
    /// There is no such result, or none of the caller's agency.
    #[error("there is no such result")]
    NotFound,
    /// The idempotency key was used for another request.
    #[error("the idempotency key belongs to another request")]
    IdempotencyConflict,
    /// The same request is under way.
    #[error("the same request is under way")]
    IdempotencyInFlight,
    /// The dossier has a result with other files.
    #[error("the dossier has a result already")]
    DossierHasResult,
    /// What was approved is not what would be sealed.
    #[error("what was shown has changed")]
    ManifestChanged,
    /// The result is not sealed yet.
    #[error("the result is not sealed yet")]
    NotSealed,
    /// The state forbids it, or somebody else was faster.
    #[error("the state forbids it")]
    StateConflict,
    /// Database, archive, disk or processes do not answer.
    #[error("the service is unavailable: {0}")]
    Unavailable(&'static str),
}

impl PublicationError {
    /// The stable code that programs and telephone lines use.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::FieldInvalid { .. } => "field_invalid",
            Self::PolicyTooWeak => "policy_too_weak",
            Self::CodeMalformed(_) | Self::CodeRefused(_) => "code_malformed",
            Self::DocumentNumberMissing => "document_number_missing",
            Self::MarkMissing(_) => "appearance_unusable",
            Self::FileTooLarge => "file_too_large",
            // Nothing but a mark is asked of a file.
            Self::Refused {
                refusal: Refusal::FieldInvalid(_),
                ..
            } => MISFIT,
            Self::Refused { refusal, .. } => refusal.code(),
            Self::NotSigned => "not_signed",
            Self::EarlierSignature { .. } => "earlier_signature_broken",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not_found",
            Self::IdempotencyConflict => "idempotency_conflict",
            Self::IdempotencyInFlight => "idempotency_in_flight",
            Self::DossierHasResult => "dossier_has_result",
            Self::ManifestChanged => "manifest_changed",
            Self::NotSealed | Self::StateConflict => "state_conflict",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// The field at fault, if it is one field's.
    #[must_use]
    pub fn field(&self) -> Option<&'static str> {
        match self {
            Self::FieldInvalid { field, .. } => Some(field),
            Self::PolicyTooWeak => Some("policy"),
            Self::CodeMalformed(_) | Self::CodeRefused(_) => Some("dossier_code"),
            Self::DocumentNumberMissing => Some("document_number"),
            Self::MarkMissing(_)
            | Self::Refused {
                refusal: Refusal::FieldInvalid(_),
                ..
            } => Some("appearance"),
            Self::FileTooLarge
            | Self::Refused { .. }
            | Self::NotSigned
            | Self::EarlierSignature { .. } => Some("file"),
            _ => None,
        }
    }
}

/// The stable code of a mark that has no place in a file.
pub(super) const MISFIT: &str = "appearance_misfit";

/// The cause is logged where it arises; the caller learns that it may try again.
macro_rules! unavailable {
    ($($error:ty => $what:literal),+ $(,)?) => {$(
        impl From<$error> for PublicationError {
            fn from(error: $error) -> Self {
                tracing::error!(%error, $what);
                Self::Unavailable($what)
            }
        }
    )+};
}

unavailable! {
    DatabaseError => "the database",
    ArchiveError => "the archive",
    SecretsError => "a sealed value",
    io::Error => "the spool",
}

impl PublicationError {
    /// What reading file `n` came to. A child that died or took too long over a file is that
    /// file's fault: the limits are far above what a result needs.
    pub(super) fn of_reading(n: u32, error: SealingError) -> Self {
        let refusal = match error {
            SealingError::Refused(Refusal::Unavailable(_)) => {
                return Self::Unavailable("the spool");
            }
            SealingError::Refused(refusal) => refusal,
            SealingError::ChildDied { .. } | SealingError::TimedOut => {
                Refusal::PdfTooComplex("reading it takes too much time or memory".to_owned())
            }
            error => {
                tracing::error!(%error, "a file could not be inspected");
                return Self::Unavailable("the inspection");
            }
        };
        Self::Refused { n, refusal }
    }
}
