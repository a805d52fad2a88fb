//! The reading child: this same binary, confined before it reads anything. It has the files that it
//! is handed, one after the other, and neither key, database nor network.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use super::confine::{allow, confine};
use super::wire::{self, Answer, Request};
use crate::pades::{self, FileSource, Limits, PreparedRevision, Refusal, Trust, TrustAnchors};

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
    while let Some((question, file)) = wire::receive(&mut stream)? {
        allow(question.allowance)?;
        let (answer, appended) = answer(question.request, File::from(file))
            .unwrap_or_else(|refusal| (Answer::Refused(refusal), Vec::new()));
        wire::reply(&mut stream, &answer, &appended)?;
    }
    Ok(())
}

fn answer(request: Request, file: File) -> Result<(Answer, Vec<u8>), Refusal> {
    let source = FileSource::new(file)?;
    let limits = Limits::default();
    let answer = match request {
        Request::Inspect { anchors, now } => {
            let inspection = Box::new(pades::inspect(&source, &limits)?);
            let anchors = TrustAnchors::from_der(anchors);
            let earlier = pades::verify(&source, &limits, &anchors, now)?;
            Answer::Inspected {
                inspection,
                earlier,
            }
        }
        Request::Prepare(request) => {
            return prepared(pades::prepare(&source, &limits, &request)?);
        }
        Request::PrepareTimeStamp { contents_bytes } => {
            return prepared(pades::prepare_time_stamp(&source, &limits, contents_bytes)?);
        }
        Request::PrepareValidationData(data) => {
            let appended = pades::prepare_validation_data(&source, &limits, &data)?;
            let appended = appended.unwrap_or_default();
            let appended_bytes = length(&appended)?;
            return Ok((Answer::Appendix { appended_bytes }, appended));
        }
        Request::Verify { anchors, now } => {
            let anchors = TrustAnchors::from_der(anchors);
            Answer::Verified(pades::verify(&source, &limits, &anchors, now)?)
        }
        Request::VerifyOwn(own) => Answer::VerifiedOwn(pades::verify_own(&source, &limits, &own)?),
        Request::Grounds {
            signers,
            authorities,
            now,
        } => {
            let trust = Trust {
                signers: &TrustAnchors::from_der(signers),
                authorities: &TrustAnchors::from_der(authorities),
            };
            Answer::Grounds(Box::new(pades::grounds(&source, &limits, trust, now)?))
        }
    };
    Ok((answer, Vec::new()))
}

fn prepared(revision: PreparedRevision) -> Result<(Answer, Vec<u8>), Refusal> {
    let answer = Answer::Prepared {
        byte_range: revision.byte_range,
        hole: (revision.hole.start, revision.hole.end),
        appended_bytes: length(&revision.appended)?,
    };
    Ok((answer, revision.appended))
}

fn length(appended: &[u8]) -> Result<u32, Refusal> {
    u32::try_from(appended.len())
        .map_err(|_| Refusal::PdfTooComplex("the revision is too long".into()))
}
