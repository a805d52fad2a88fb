//! The reading child: this same binary under limits that it sets for itself before it reads
//! anything. It has the file, and neither key, database nor network.

use std::fs::File;
use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::process::ExitCode;

use rustix::process::{DumpableBehavior, Resource, Rlimit, set_dumpable_behavior, setrlimit};

use super::wire::{self, Answer, Request};
use crate::pades::{self, FileSource, Limits, Refusal, TrustAnchors};

/// The most memory that the child may map: `memory_bytes` and CPU time `cpu_seconds`, by which it
/// is started (`trao reader MEMORY CPU`).
#[derive(Clone, Copy, Debug)]
pub struct ChildLimits {
    /// Address space in bytes (`RLIMIT_AS`).
    pub memory_bytes: u64,
    /// CPU time in seconds (`RLIMIT_CPU`).
    pub cpu_seconds: u64,
}

/// Serves requests from standard input, a socket, until the other side closes it.
#[must_use]
pub fn run(limits: ChildLimits) -> ExitCode {
    match confine(limits).and_then(|()| serve()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(_) => ExitCode::FAILURE,
    }
}

/// Takes away what reading a PDF does not need. `RLIMIT_FSIZE` 0 ends every attempt to write a
/// file, `RLIMIT_CORE` 0 keeps the file's contents out of core dumps.
fn confine(limits: ChildLimits) -> io::Result<()> {
    let ceiling = |value| Rlimit {
        current: Some(value),
        maximum: Some(value),
    };
    setrlimit(Resource::As, ceiling(limits.memory_bytes))?;
    setrlimit(Resource::Cpu, ceiling(limits.cpu_seconds))?;
    setrlimit(Resource::Fsize, ceiling(0))?;
    setrlimit(Resource::Core, ceiling(0))?;
    setrlimit(Resource::Nofile, ceiling(16))?;
    setrlimit(Resource::Nproc, ceiling(0))?;
    set_dumpable_behavior(DumpableBehavior::NotDumpable)?;
    Ok(())
}

fn serve() -> io::Result<()> {
    let mut stream = UnixStream::from(io::stdin().as_fd().try_clone_to_owned()?);
    while let Some((request, file)) = wire::receive(&mut stream)? {
        let (answer, appended) = answer(request, File::from(file))
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
