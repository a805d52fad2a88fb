//! The service's side of the reading children: a pool of them. It hands one a file and a question,
//! waits no longer than allowed, and tells a refusal from a death.
//!
//! A child takes many files: to start one costs thousands of times what a question costs. What a
//! child might have become by a hostile file must not reach another sender's, hence:
//!
//! - it is confined (`confine`): the most that could be won is its next answers;
//! - children that read strangers' bytes by code that is not memory-safe (a verdict on signatures
//!   goes through OpenSSL) are others than those that prepare and confirm seals, which is Rust
//!   without `unsafe` all the way: nobody who wins one of the former is asked what to sign;
//! - the service signs nothing but the approved bytes and what was appended to them
//!   (`assemble`), whatever a child says;
//! - it is renewed after [`QUESTIONS_MAX`] questions, and after any file that was too much for it.

use std::fs::File;
use std::io;
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use super::SealingError;
use super::wire::{self, Allowance, Answer, Question, Request};
use crate::pades::Refusal;

/// A child is renewed after so many questions.
const QUESTIONS_MAX: u32 = 1000;

/// How a child is started and what it may use. A file is read by positions, yet a large one may
/// have more objects to keep: `memory_bytes` and as much as its size, twice `memory_bytes` at most;
/// `cpu_seconds` and one for each 10 MiB.
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

    fn allowance_for(&self, file_bytes: u64) -> Allowance {
        Allowance {
            memory_bytes: self
                .memory_bytes
                .saturating_add(file_bytes.min(self.memory_bytes)),
            memory_bytes_max: self.memory_bytes.saturating_mul(2),
            cpu_seconds: self.cpu_seconds.saturating_add(file_bytes / (10 << 20)),
        }
    }
}

/// The children, those that wait for a question.
#[derive(Debug)]
pub(super) struct Readers {
    settings: ReaderSettings,
    judging: Mutex<Vec<Reader>>,
    sealing: Mutex<Vec<Reader>>,
}

impl Readers {
    /// No child runs yet.
    pub(super) fn new(settings: ReaderSettings) -> Self {
        Self {
            settings,
            judging: Mutex::default(),
            sealing: Mutex::default(),
        }
    }

    /// Asks one thing about one file. Blocks; call it on a thread that may.
    ///
    /// # Errors
    /// [`SealingError::Refused`] when the child refuses the file, [`SealingError::ChildDied`] when
    /// it ends without an answer, [`SealingError::TimedOut`] when none comes in time.
    pub(super) fn ask(
        &self,
        request: &Request,
        file: &File,
    ) -> Result<(Answer, Vec<u8>), SealingError> {
        let question = Question {
            allowance: self.settings.allowance_for(file.metadata()?.len()),
            request,
        };
        let waiting = self.idle(request).pop();
        if let Some(mut reader) = waiting {
            match reader.ask(&question, file) {
                // It may have died long before: a fresh one decides whose fault it was.
                Err(SealingError::ChildDied { .. }) => {}
                answer => return self.settle(request, reader, answer),
            }
        }
        let mut reader = Reader::start(&self.settings)?;
        let answer = reader.ask(&question, file);
        self.settle(request, reader, answer)
    }

    /// Keeps a child for the next question, unless it has had its share.
    fn settle(
        &self,
        request: &Request,
        reader: Reader,
        answer: Result<(Answer, Vec<u8>), SealingError>,
    ) -> Result<(Answer, Vec<u8>), SealingError> {
        let may_stay = match &answer {
            Ok(_) => true,
            Err(SealingError::Refused(refusal)) => !matches!(refusal, Refusal::PdfTooComplex(_)),
            Err(_) => false,
        };
        if may_stay && reader.questions < QUESTIONS_MAX {
            let mut idle = self.idle(request);
            if idle.len() < self.settings.workers {
                idle.push(reader);
            }
        }
        answer
    }

    fn idle(&self, request: &Request) -> MutexGuard<'_, Vec<Reader>> {
        let idle = match request {
            Request::Inspect { .. } | Request::Verify { .. } | Request::Grounds { .. } => {
                &self.judging
            }
            Request::Prepare(_)
            | Request::PrepareTimeStamp { .. }
            | Request::PrepareValidationData(_) => &self.sealing,
        };
        idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// One child. It is ended with this value.
#[derive(Debug)]
struct Reader {
    child: Child,
    stream: UnixStream,
    /// How long the stream waits, as it is set.
    patience: Duration,
    questions: u32,
}

impl Reader {
    fn start(settings: &ReaderSettings) -> io::Result<Self> {
        let (ours, theirs) = UnixStream::pair()?;
        let child = Command::new(&settings.executable)
            .arg("reader")
            .env_clear()
            .current_dir("/")
            .stdin(OwnedFd::from(theirs))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self {
            child,
            stream: ours,
            patience: Duration::ZERO,
            questions: 0,
        })
    }

    fn ask(
        &mut self,
        question: &Question<&Request>,
        file: &File,
    ) -> Result<(Answer, Vec<u8>), SealingError> {
        self.questions += 1;
        // Twice the CPU time and some: a child that waits burns no CPU, but it does not answer.
        let cpu = question.allowance.cpu_seconds;
        let patience = Duration::from_secs(cpu.saturating_mul(2).saturating_add(5));
        if patience != self.patience {
            self.stream.set_read_timeout(Some(patience))?;
            self.stream.set_write_timeout(Some(patience))?;
            self.patience = patience;
        }
        let answer = wire::send(&mut self.stream, question, file)
            .and_then(|()| wire::receive_answer(&mut self.stream));
        match answer {
            Ok((Answer::Refused(refusal), _)) => Err(SealingError::Refused(refusal)),
            Ok(answer) => Ok(answer),
            Err(error) => {
                let timed_out = matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut
                );
                let status = self.end()?;
                Err(if timed_out {
                    SealingError::TimedOut
                } else {
                    SealingError::ChildDied {
                        signal: status.signal(),
                    }
                })
            }
        }
    }

    /// Ends the child, if it runs, and takes its status, so that none is left over.
    fn end(&mut self) -> io::Result<ExitStatus> {
        if let Some(status) = self.child.try_wait()? {
            return Ok(status);
        }
        self.child.kill()?;
        self.child.wait()
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        // What cannot be ended now ends when its socket closes.
        let _ = self.end();
    }
}
