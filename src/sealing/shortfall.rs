//! What it means for a file's level that sealing failed.

use super::SealingError;
use crate::evidence::EvidenceError;
use crate::pades::Refusal;

impl SealingError {
    /// What is missing for a higher level where it is this file that cannot be worked on, and no
    /// fault of machine or key. A child that contradicts itself is none of it: whoever wrote the
    /// file may speak through it.
    pub(super) fn shortfall(&self) -> Option<EvidenceError> {
        match self {
            Self::ChildDied { .. } | Self::TimedOut => {
                Some(EvidenceError::ReaderDied(self.to_string()))
            }
            Self::Refused(Refusal::Unavailable(_))
            | Self::Changed
            | Self::Malformed(_)
            | Self::Signing(_)
            | Self::Unwritable(_)
            | Self::Unavailable(_) => None,
            Self::Refused(_)
            | Self::Fill(_)
            | Self::NotSigned
            | Self::NotRaisable
            | Self::NotValid(_) => Some(EvidenceError::FileUnfit(self.to_string())),
        }
    }
}
