//! The reading child: this same binary, confined before it reads anything. It has the files that it
//! is handed, one after the other, and neither key, database nor network.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use super::confine::{allow, confine};
use super::wire::{self, Answer, Request};
use crate::pades::{self, FileSource, Limits, Refusal, TrustAnchors};

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
    match request {
        Request::Inspect { anchors, now } => {
            let inspection = pades::inspect(&source, &limits)?;
            let earlier = pades::verify(&source, &limits, &TrustAnchors::from_der(anchors), now)?;
            Ok((
                Answer::Inspected {
                    inspection: Box::new(inspection),
                    earlier,
                },
                Vec::new(),
            ))
        }
        Request::Prepare(request) => {
            let prepared = pades::prepare(&source, &limits, &request)?;
            let appended_bytes = u32::try_from(prepared.appended.len())
                .map_err(|_| Refusal::PdfTooComplex("the revision is too long".into()))?;
            let hole = (prepared.hole.start, prepared.hole.end);
            let byte_range = prepared.byte_range;
            Ok((
                Answer::Prepared {
                    byte_range,
                    hole,
                    appended_bytes,
                },
                prepared.appended,
            ))
        }
        Request::Verify { anchors, now } => {
            let anchors = TrustAnchors::from_der(anchors);
            Ok((
                Answer::Verified(pades::verify(&source, &limits, &anchors, now)?),
                Vec::new(),
            ))
        }
        Request::VerifyOwn(own) => Ok((
            Answer::Verified(pades::verify_own(&source, &limits, &own)?),
            Vec::new(),
        )),
    }
}
