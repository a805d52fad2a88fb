//! What the object service answers, in the words of the contract.

use std::io;

use aws_sdk_s3::config::http::HttpResponse;
use aws_sdk_s3::error::{DisplayErrorContext, ProvideErrorMetadata, SdkError};

use super::ArchiveError;

/// What a refused or failed request means.
#[derive(Debug)]
pub(super) enum Answer {
    /// There is no object of this name.
    Missing,
    /// There is one already.
    Exists,
    /// The bytes are not those of the digest.
    OtherBytes,
    /// The object is too short for the range.
    NoSuchRange,
    /// The service does not know something that the request asks for.
    NotImplemented,
    /// It was not done, or nobody knows: it may be sent again.
    Again(ArchiveError),
    /// It will not be done.
    No(ArchiveError),
}

impl Answer {
    pub(super) fn of<E>(error: &SdkError<E, HttpResponse>) -> Self
    where
        E: std::error::Error + ProvideErrorMetadata + 'static,
    {
        let told =
            ArchiveError::unavailable(io::Error::other(DisplayErrorContext(error).to_string()));
        let SdkError::ServiceError(answered) = error else {
            return if matches!(error, SdkError::ConstructionFailure(_)) {
                Self::No(told)
            } else {
                Self::Again(told)
            };
        };
        let code = error.code().unwrap_or_default();
        match (answered.raw().status().as_u16(), code) {
            (404, "NoSuchBucket") => Self::No(told),
            (404, _) => Self::Missing,
            (412, _) => Self::Exists,
            (416, _) => Self::NoSuchRange,
            (
                400,
                "BadDigest"
                | "InvalidDigest"
                | "XAmzContentChecksumMismatch"
                | "XAmzContentSHA256Mismatch",
            ) => Self::OtherBytes,
            (501, _) => Self::NotImplemented,
            // 409 is what AWS says of a write that ran against another one of the same name.
            (408 | 409 | 429 | 500..=599, _) => Self::Again(told),
            _ => Self::No(told),
        }
    }

    /// As the outcome of a request that is not sent again.
    pub(super) fn into_error(self) -> ArchiveError {
        match self {
            Self::Missing => ArchiveError::NotFound,
            Self::Exists => ArchiveError::AlreadyExists,
            Self::OtherBytes => ArchiveError::SourceChanged,
            Self::NoSuchRange => ArchiveError::Corrupt(super::Damage::Length),
            Self::NotImplemented => {
                ArchiveError::unavailable("the object service lacks what is needed")
            }
            Self::Again(error) | Self::No(error) => error,
        }
    }
}

impl<E> From<SdkError<E, HttpResponse>> for Answer
where
    E: std::error::Error + ProvideErrorMetadata + 'static,
{
    fn from(error: SdkError<E, HttpResponse>) -> Self {
        Self::of(&error)
    }
}
