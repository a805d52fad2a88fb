//! What the service and its reading child say to each other: a frame of JSON with, from the
//! service, the opened files beside it (`SCM_RIGHTS`), so that the child needs no path and no
//! right to open one; from the child a frame for each file, in their order, with the bytes of a
//! prepared revision behind it.

use std::fs::File;
use std::io::{self, IoSlice, IoSliceMut, Read, Write};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::net::UnixStream;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::pades::{
    Grounds, Inspection, LastLook, Reading, Refusal, Report, SealRequest, SignatureData,
};

/// The most that either side takes in one frame: 64 MiB. A revision is some kilobytes, or as much
/// as the `/Annots` array and the form that it rewrites.
const FRAME_BYTES_MAX: u32 = 64 << 20;

/// Before each frame its length.
const LENGTH_BYTES: usize = size_of::<u32>();

/// So much room is made before anything of a frame has come.
const USUAL_BYTES: usize = 64 << 10;

/// So much of a question is read at once.
const QUESTION_BYTES: usize = 4 << 10;

/// One question is about so many files at most.
pub(super) const FILES_MAX: usize = 32;

/// A file that comes along, and what the answer about it may cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Allowance {
    /// How long the file is; what is appended meanwhile does not exist.
    pub(super) file_bytes: u64,
    /// Address space in bytes (`RLIMIT_AS`).
    pub(super) memory_bytes: u64,
    /// What no question may have more of: the hard limit.
    pub(super) memory_bytes_max: u64,
    /// CPU time in seconds, on top of what the child has used.
    pub(super) cpu_seconds: u64,
}

/// What the child is asked, and what each answer may cost, in the order of the files.
#[derive(Serialize, Deserialize)]
pub(super) struct Question<R> {
    pub(super) allowances: Vec<Allowance>,
    pub(super) request: R,
}

/// What the child is asked to do with each file that comes along.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Request {
    /// Would it be sealed, and what is in it?
    Inspect {
        anchors: Vec<Vec<u8>>,
        now: OffsetDateTime,
    },
    /// Build the revision that seals it, read in this way, and look at the file with it.
    Prepare(Box<SealRequest>, Reading),
    /// Are its signatures good?
    Verify {
        anchors: Vec<Vec<u8>>,
        now: OffsetDateTime,
    },
    /// What do its signatures rest on?
    Grounds {
        signers: Vec<Vec<u8>>,
        authorities: Vec<Vec<u8>>,
        now: OffsetDateTime,
    },
    /// Build the revision that time-stamps it.
    PrepareTimeStamp { contents_bytes: usize },
    /// Build the revision that takes validation data in.
    PrepareValidationData(Vec<SignatureData>),
}

/// What it answers.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum Answer {
    Inspected {
        inspection: Box<Inspection>,
        earlier: Report,
    },
    /// The appended bytes follow the frame, those before the hole and those after it.
    Prepared {
        byte_range: [u64; 4],
        hole: (u64, u64),
        appended_bytes: u32,
        /// What was found in the file that they end.
        look: LastLook,
    },
    /// So do these; there is no hole in them.
    Appendix {
        appended_bytes: u32,
    },
    Verified(Report),
    Grounds(Box<Grounds>),
    Refused(Refusal),
}

/// Sends a question and the files that it is about, [`FILES_MAX`] at most.
pub(super) fn send(
    stream: &mut UnixStream,
    question: &Question<&Request>,
    files: &[&File],
) -> io::Result<()> {
    let frame = frame(question)?;
    let descriptors: Vec<_> = files.iter().map(|file| file.as_fd()).collect();
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES_MAX))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(io::Error::other("no room for the descriptors"));
    }
    let sent = sendmsg(
        &*stream,
        &[IoSlice::new(&frame)],
        &mut control,
        SendFlags::NOSIGNAL,
    )?;
    stream.write_all(frame.get(sent..).unwrap_or_default())
}

/// Receives a question and its files; `None` when the other side has closed.
pub(super) fn receive(
    stream: &mut UnixStream,
) -> io::Result<Option<(Question<Request>, Vec<OwnedFd>)>> {
    // A usual question comes whole; nothing follows it before it is answered.
    let mut begin = [0; QUESTION_BYTES];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(FILES_MAX))];
    let mut control = RecvAncillaryBuffer::new(&mut space);
    let received = recvmsg(
        &*stream,
        &mut [IoSliceMut::new(&mut begin)],
        &mut control,
        RecvFlags::CMSG_CLOEXEC,
    )?;
    if received.bytes == 0 {
        return Ok(None);
    }
    let files: Vec<OwnedFd> = control
        .drain()
        .filter_map(|message| match message {
            RecvAncillaryMessage::ScmRights(files) => Some(files),
            _ => None,
        })
        .flatten()
        .collect();
    let mut words = begin
        .get(..received.bytes)
        .unwrap_or_default()
        .chain(stream);
    let mut length = [0; LENGTH_BYTES];
    words.read_exact(&mut length)?;
    let question: Question<Request> = read_json(&mut words, u32::from_be_bytes(length))?;
    if !words.into_inner().0.is_empty() {
        return Err(io::Error::other("words behind a question"));
    }
    if question.allowances.len() != files.len() {
        return Err(io::Error::other("a question without its files"));
    }
    Ok(Some((question, files)))
}

/// Sends an answer and, for a prepared revision, its bytes.
pub(super) fn reply(stream: &mut impl Write, answer: &Answer, appended: &[u8]) -> io::Result<()> {
    let mut frame = frame(answer)?;
    frame.extend_from_slice(appended);
    stream.write_all(&frame)
}

/// Receives an answer and the bytes behind it (none unless it announces them).
pub(super) fn receive_answer(stream: &mut impl Read) -> io::Result<(Answer, Vec<u8>)> {
    let mut length = [0; LENGTH_BYTES];
    stream.read_exact(&mut length)?;
    let answer = read_json(stream, u32::from_be_bytes(length))?;
    let appended = match &answer {
        Answer::Prepared { appended_bytes, .. } | Answer::Appendix { appended_bytes } => {
            read_bytes(stream, *appended_bytes)?
        }
        _ => Vec::new(),
    };
    Ok((answer, appended))
}

/// The length and the words, to be sent at once: the other side is woken once.
fn frame(words: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut frame = vec![0; LENGTH_BYTES];
    serde_json::to_writer(&mut frame, words)?;
    let length = u32::try_from(frame.len() - LENGTH_BYTES)
        .ok()
        .filter(|&length| length <= FRAME_BYTES_MAX)
        .ok_or_else(|| io::Error::other("the frame is too long"))?;
    if let Some(head) = frame.first_chunk_mut() {
        *head = length.to_be_bytes();
    }
    Ok(frame)
}

fn read_json<T: DeserializeOwned>(stream: &mut impl Read, length: u32) -> io::Result<T> {
    let body = read_bytes(stream, length)?;
    Ok(serde_json::from_slice(&body)?)
}

/// Reads exactly `length` bytes. The buffer grows as they come, so an announced length alone
/// costs nothing.
fn read_bytes(stream: &mut impl Read, length: u32) -> io::Result<Vec<u8>> {
    if length > FRAME_BYTES_MAX {
        return Err(io::Error::other("the frame is too long"));
    }
    let usual = usize::try_from(length).map_or(USUAL_BYTES, |length| length.min(USUAL_BYTES));
    let mut bytes = Vec::with_capacity(usual);
    stream.take(u64::from(length)).read_to_end(&mut bytes)?;
    if bytes.len() as u64 == u64::from(length) {
        Ok(bytes)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}
