//! The service's side of the reading child: starts one, hands it a file, waits no longer than
//! allowed, and tells a refusal from a death.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::time::Duration;

use super::SealingError;
use super::child::ChildLimits;
use super::wire::{self, Answer, Request};

/// How a child is started and what it may use. The time and memory for a file grow with it:
/// `memory_bytes + 5 × size`, `cpu_seconds + 1 for each 10 MiB`.
#[derive(Clone, Debug)]
pub struct ReaderSettings {
    /// The program: this same binary.
    pub executable: PathBuf,
    /// Address space for a file of no length.
    pub memory_bytes: u64,
    /// CPU seconds for a file of no length.
    pub cpu_seconds: u64,
    /// How many children may run at once.
    pub workers: usize,
}

impl ReaderSettings {
    /// The usual limits: 256 MiB, 5 seconds of CPU, as many children as processors.
    #[must_use]
    pub fn of(executable: PathBuf) -> Self {
        let workers = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            executable,
            memory_bytes: 256 << 20,
            cpu_seconds: 5,
            workers,
        }
    }

    fn limits_for(&self, file_bytes: u64) -> ChildLimits {
        ChildLimits {
            memory_bytes: self
                .memory_bytes
                .saturating_add(file_bytes.saturating_mul(5)),
            cpu_seconds: self.cpu_seconds.saturating_add(file_bytes / (10 << 20)),
        }
    }

    /// Asks a fresh child one thing about one file. Blocks; call it on a thread that may.
    ///
    /// # Errors
    /// [`SealingError::Refused`] when the child refuses the file, [`SealingError::ChildDied`] when
    /// it ends without an answer, [`SealingError::TimedOut`] when none comes in time.
    pub(super) fn ask(
        &self,
        request: &Request,
        file: &File,
    ) -> Result<(Answer, Vec<u8>), SealingError> {
        let limits = self.limits_for(file.metadata()?.len());
        let (mut child, mut stream) = self.start(limits)?;
        // Twice the CPU time and some: a child that waits burns no CPU, but it does not answer.
        let patience = Duration::from_secs(limits.cpu_seconds.saturating_mul(2).saturating_add(5));
        stream.set_read_timeout(Some(patience))?;
        stream.set_write_timeout(Some(patience))?;
        let answer =
            wire::send(&mut stream, request, file).and_then(|()| wire::receive_answer(&mut stream));
        drop(stream);
        match answer {
            Ok((Answer::Refused(refusal), _)) => {
                end(&mut child)?;
                Err(SealingError::Refused(refusal))
            }
            Ok(answer) => {
                end(&mut child)?;
                Ok(answer)
            }
            Err(error) => {
                let timed_out = matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                );
                let status = end(&mut child)?;
                Err(if timed_out {
                    SealingError::TimedOut
                } else {
                    died(status)
                })
            }
        }
    }

    fn start(&self, limits: ChildLimits) -> io::Result<(Child, UnixStream)> {
        let (ours, theirs) = UnixStream::pair()?;
        let child = Command::new(&self.executable)
            .arg("reader")
            .arg(limits.memory_bytes.to_string())
            .arg(limits.cpu_seconds.to_string())
            .env_clear()
            .current_dir("/")
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok((child, ours))
    }
}

/// Ends a child that has answered or never will, and takes its status, so that none is left over.
fn end(child: &mut Child) -> io::Result<ExitStatus> {
    if let Some(status) = child.try_wait()? {
        return Ok(status);
    }
    child.kill()?;
    child.wait()
}

fn died(status: ExitStatus) -> SealingError {
    SealingError::ChildDied {
        signal: status.signal(),
    }
}
