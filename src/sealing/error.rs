//! How sealing fails.

use std::io;

use thiserror::Error;

use crate::pades::byte_range::FillError;
use crate::pades::{Refusal, SignError};

/// Why a file was not inspected, sealed or verified.
#[derive(Debug, Error)]
pub enum SealingError {
    /// The file itself is at fault.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The child ended without an answer: the file broke it or ate what it may have.
    #[error("the reading process died")]
    ChildDied {
        /// The signal that ended it, if one did.
        signal: Option<i32>,
    },
    /// The child gave no answer in time.
    #[error("the reading process gave no answer in time")]
    TimedOut,
    /// The received file is no longer the one that was approved.
    #[error("the received file has changed")]
    Changed,
    /// The child's answer contradicts itself; nothing was signed.
    #[error("the prepared revision is malformed: {0}")]
    Malformed(&'static str),
    /// The key could not be used.
    #[error("the signature could not be made")]
    Signing(#[from] SignError),
    /// The CMS does not fit into its hole.
    #[error(transparent)]
    Fill(#[from] FillError),
    /// There is nothing to raise.
    #[error("the file has no signature")]
    NotSigned,
    /// No signature of the file can be raised: none is a baseline signature that leads to an anchor.
    #[error("the file has no baseline signature that leads to a trusted certificate")]
    NotRaisable,
    /// Our own verifier does not hold the sealed file valid; it was thrown away.
    /// These are the codes of what is wrong.
    #[error("the sealed file failed its own verification: {}", .0.join(", "))]
    NotValid(Vec<String>),
    /// The outcome finds no room or may not be written where it shall stand.
    #[error("the outcome cannot be written")]
    Unwritable(#[source] io::Error),
    /// The machine is at fault: disk, process table, memory.
    #[error("sealing is unavailable")]
    Unavailable(#[from] io::Error),
}
