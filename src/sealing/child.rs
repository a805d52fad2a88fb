//! The reading child: this same binary, confined before it reads anything. It has the files that it
//! is handed, one after the other, and neither key, database nor network.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use super::confine::{Allowed, confine};
use super::wire::{self, Answer, Request};
use crate::pades::{
    self, Appended, FileSource, LastLook, Limits, OwnSignature, PreparedRevision, Refusal,
    SealRequest, Source, Trust, TrustAnchors,
};

/// Serves questions from standard input, a socket, until the other side closes it.
#[must_use]
pub fn run() -> ExitCode {
    match confine().and_then(|()| serve()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

fn serve() -> io::Result<()> {
    let mut stream = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    let mut allowed = Allowed::default();
    while let Some((question, files)) = wire::receive(&mut stream)? {
        for (allowance, file) in question.allowances.into_iter().zip(files) {
            allowed.become_at_most(allowance)?;
            let source = FileSource::of_len(File::from(file), allowance.file_bytes);
            let (answer, appended) = source
                .map_err(Refusal::from)
                .and_then(|source| answer(&question.request, &source))
                .unwrap_or_else(|refusal| (Answer::Refused(refusal), Vec::new()));
            wire::reply(&mut stream, &answer, &appended)?;
        }
    }
    Ok(())
}

fn answer(request: &Request, source: &FileSource) -> Result<(Answer, Vec<u8>), Refusal> {
    let limits = Limits::default();
    let answer = match request {
        Request::Inspect { anchors, now } => {
            let inspection = Box::new(pades::inspect(source, &limits)?);
            let anchors = TrustAnchors::from_der(anchors.clone());
            let reading = inspection.reading();
            let earlier = pades::verify_as(source, &limits, &anchors, *now, reading)?;
            Answer::Inspected {
                inspection,
                earlier,
            }
        }
        Request::Prepare(request, reading) => {
            let revision = pades::prepare_as(source, &limits, request, *reading)?;
            let look = looked_at(source, &limits, &revision, request)?;
            return prepared(revision, look);
        }
        Request::PrepareTimeStamp { contents_bytes } => {
            let revision = pades::prepare_time_stamp(source, &limits, *contents_bytes)?;
            return prepared(revision, LastLook::default());
        }
        Request::PrepareValidationData(data) => {
            let appended = pades::prepare_validation_data(source, &limits, data)?;
            let appended = appended.unwrap_or_default();
            let appended_bytes = length(&appended)?;
            return Ok((Answer::Appendix { appended_bytes }, appended));
        }
        Request::Verify { anchors, now } => {
            let anchors = TrustAnchors::from_der(anchors.clone());
            Answer::Verified(pades::verify(source, &limits, &anchors, *now)?)
        }
        Request::Grounds {
            signers,
            authorities,
            now,
        } => {
            let trust = Trust {
                signers: &TrustAnchors::from_der(signers.clone()),
                authorities: &TrustAnchors::from_der(authorities.clone()),
            };
            Answer::Grounds(Box::new(pades::grounds(source, &limits, trust, *now)?))
        }
    };
    Ok((answer, Vec::new()))
}

/// The last look at a sealed file, taken before its hole is filled: what fills it is confirmed where
/// it is made.
fn looked_at(
    source: &FileSource,
    limits: &Limits,
    revision: &PreparedRevision,
    request: &SealRequest,
) -> Result<LastLook, Refusal> {
    let own = OwnSignature {
        received_len: source.len(),
        follows_others: revision.follows_others,
        is_rebuilt: revision.is_rebuilt,
        byte_range: revision.byte_range,
        signed_at: request.signed_at,
        contents: vec![0; request.contents_bytes],
    };
    let sealed = Appended::new(source, &revision.appended);
    pades::verify_own(&sealed, limits, &own)
}

/// Whoever asked knows what a hole looks like: it stays out of the answer.
fn prepared(revision: PreparedRevision, look: LastLook) -> Result<(Answer, Vec<u8>), Refusal> {
    let (byte_range, hole) = (revision.byte_range, revision.hole.clone());
    let appended = revision.without_hole();
    let appended =
        appended.ok_or_else(|| Refusal::PdfDamaged("the revision has no hole".into()))?;
    let answer = Answer::Prepared {
        byte_range,
        hole: (hole.start, hole.end),
        appended_bytes: length(&appended)?,
        look,
    };
    Ok((answer, appended))
}

fn length(appended: &[u8]) -> Result<u32, Refusal> {
    u32::try_from(appended.len())
        .map_err(|_| Refusal::PdfTooComplex("the revision is too long".into()))
}
