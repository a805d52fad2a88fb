//! The service's side of the reading children: a pool of them. It hands one a question and the files
//! that it is about, waits no longer than allowed, and tells a refusal from a death.
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
//! - it is renewed after [`FILES_OF_ONE_MAX`] files, and after any that was too much for it.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::os::unix::process::ExitStatusExt;
use std::path::PathBuf;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::SealingError;
use super::processor::Processor;
use super::wire::{self, Allowance, Answer, FILES_MAX, Question, Request};
use crate::pades::Refusal;

/// A child is renewed after so many files, or some more.
const FILES_OF_ONE_MAX: u32 = 4000;

/// One file of up to this length is read where it is asked about.
const BESIDE_US_MAX: u64 = 1 << 20;

/// So much of its answers is read at once.
const ANSWERS_BYTES: usize = 64 << 10;

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
            file_bytes,
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

    /// Asks one thing about one file and has the answer checked, with the file's length. Blocks; call
    /// it on a thread that may.
    ///
    /// # Errors
    /// [`SealingError::Refused`] when the child refuses the file, [`SealingError::ChildDied`] when
    /// it ends without an answer, [`SealingError::TimedOut`] when none comes in time; what the check
    /// says.
    pub(super) fn ask<T>(
        &self,
        request: Request,
        file: &File,
        check: impl Fn(Said, u64) -> Result<T, SealingError>,
    ) -> Result<T, SealingError> {
        let len = file.metadata()?.len();
        let answer = Answers::new(self, request, vec![(file, len)], check).next();
        answer.unwrap_or(Err(SealingError::Malformed("no answer")))
    }

    /// Keeps a child for the next question, unless it has had its share, or said more than it was
    /// asked.
    fn keep(&self, request: &Request, reader: Reader) {
        if reader.files < FILES_OF_ONE_MAX && reader.stream.buffer().is_empty() {
            let mut idle = self.idle(request);
            if idle.len() < self.settings.workers {
                idle.push(reader);
            }
        }
    }

    fn idle(&self, request: &Request) -> MutexGuard<'_, Vec<Reader>> {
        let idle = match request {
            Request::Inspect { .. } | Request::Verify { .. } | Request::Grounds { .. } => {
                &self.judging
            }
            Request::Prepare(..)
            | Request::PrepareTimeStamp { .. }
            | Request::PrepareValidationData(_) => &self.sealing,
        };
        idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What a child says of a file: its answer, and the bytes behind it.
pub(super) type Said = (Answer, Vec<u8>);

/// The answers about some files, in their order, each when it is wanted: by then the child is at
/// work on those behind it.
pub(super) struct Answers<'f, C> {
    readers: &'f Readers,
    request: Request,
    files: Vec<(&'f File, u64)>,
    /// Takes what is said of a file of that length; a child whose word is malformed is not asked again.
    check: C,
    next: usize,
    /// The child that was asked about the next files, and how many of them.
    asked: Option<(Reader, usize)>,
    wants_fresh: bool,
}

impl<'f, T, C: Fn(Said, u64) -> Result<T, SealingError>> Answers<'f, C> {
    /// Nobody is asked yet. Each file comes with its length.
    pub(super) fn new(
        readers: &'f Readers,
        request: Request,
        files: Vec<(&'f File, u64)>,
        check: C,
    ) -> Self {
        Self {
            readers,
            request,
            files,
            check,
            next: 0,
            asked: None,
            wants_fresh: false,
        }
    }

    /// Asks about the first files before the first answer is wanted. Where that fails, it is tried
    /// again when one is.
    pub(super) fn ahead(mut self) -> Self {
        if !self.files.is_empty() {
            self.asked = self.ask().ok();
        }
        self
    }

    fn answer(&mut self, len: u64) -> Result<T, SealingError> {
        loop {
            let (mut reader, awaited) = match self.asked.take() {
                Some(asked) => asked,
                None => self.ask()?,
            };
            let answer = reader.answer();
            let is_gone = matches!(
                answer,
                Err(SealingError::ChildDied { .. } | SealingError::TimedOut)
            );
            if is_gone && reader.answered > 0 {
                // What came before may have broken it: a fresh one decides whose fault it was.
                self.wants_fresh = true;
                continue;
            }
            let checked = answer.and_then(|said| (self.check)(said, len));
            self.settle(reader, awaited - 1, checked.as_ref().err());
            return checked;
        }
    }

    /// Asks about the files that are left, or as many of them as one question may be about.
    fn ask(&mut self) -> Result<(Reader, usize), SealingError> {
        loop {
            let mut reader = self.take()?;
            match self.hand_to(&mut reader) {
                Ok(files) => return Ok((reader, files)),
                // One that stands still since it answered last takes no question.
                Err(_) if reader.answered > 0 => self.wants_fresh = true,
                Err(error) => return Err(error.into()),
            }
        }
    }

    /// A child that waits, or a new one.
    fn take(&mut self) -> io::Result<Reader> {
        let waiting = if std::mem::take(&mut self.wants_fresh) {
            None
        } else {
            self.readers.idle(&self.request).pop()
        };
        waiting.map_or_else(|| Reader::start(&self.readers.settings), Ok)
    }

    /// Asks it; about how many files.
    fn hand_to(&self, reader: &mut Reader) -> io::Result<usize> {
        let settings = &self.readers.settings;
        let left = self.files.get(self.next..).unwrap_or_default();
        let files = left.get(..FILES_MAX).unwrap_or(left);
        let (files, lengths): (Vec<&File>, Vec<u64>) = files.iter().copied().unzip();
        let allowances = lengths.iter().map(|&len| settings.allowance_for(len));
        let question = Question {
            allowances: allowances.collect(),
            request: &self.request,
        };
        let is_small = matches!(lengths.as_slice(), [len] if *len <= BESIDE_US_MAX);
        reader.processor.choose(&reader.child, is_small);
        reader.ask(&question, &files)?;
        Ok(files.len())
    }

    /// A child that still has files to answer for goes on, one that has none waits for others; one
    /// that had too much with this one is ended.
    fn settle(&mut self, reader: Reader, awaited: usize, error: Option<&SealingError>) {
        let may_stay = match error {
            None | Some(SealingError::NotValid(_)) => true,
            Some(SealingError::Refused(refusal)) => !matches!(refusal, Refusal::PdfTooComplex(_)),
            Some(_) => false,
        };
        if may_stay && awaited > 0 {
            self.asked = Some((reader, awaited));
        } else if may_stay {
            self.readers.keep(&self.request, reader);
        }
    }
}

impl<T, C: Fn(Said, u64) -> Result<T, SealingError>> Iterator for Answers<'_, C> {
    type Item = Result<T, SealingError>;

    fn next(&mut self) -> Option<Self::Item> {
        let &(_, len) = self.files.get(self.next)?;
        let answer = self.answer(len);
        self.next += 1;
        Some(answer)
    }
}

/// The service's end of a child's socket: whoever reads from it waits until the deadline and a second
/// at most, however slowly the bytes come.
#[derive(Debug)]
struct Ear {
    stream: UnixStream,
    deadline: Instant,
    /// How long one read waits, as the stream was told last.
    wait: Duration,
}

impl Read for Ear {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        // In whole seconds: what is set already is not set again.
        let wait = Duration::from_secs(left.as_secs() + 1);
        if self.wait != wait {
            self.stream.set_read_timeout(Some(wait))?;
            self.wait = wait;
        }
        self.stream.read(buffer)
    }
}

/// One child. It is ended with this value.
#[derive(Debug)]
struct Reader {
    child: Child,
    /// The child answers in one go: what comes is read in one go too.
    stream: BufReader<Ear>,
    /// How long one answer is waited for.
    patience: Duration,
    /// How many files it was handed, and for how many it answered.
    files: u32,
    answered: u32,
    processor: Processor,
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
        let ear = Ear {
            stream: ours,
            deadline: Instant::now(),
            wait: Duration::ZERO,
        };
        Ok(Self {
            child,
            stream: BufReader::with_capacity(ANSWERS_BYTES, ear),
            patience: Duration::ZERO,
            files: 0,
            answered: 0,
            processor: Processor::default(),
        })
    }

    /// A child that is gone is found when its answer is wanted.
    fn ask(&mut self, question: &Question<&Request>, files: &[&File]) -> io::Result<()> {
        self.files += u32::try_from(files.len()).unwrap_or(u32::MAX);
        // Twice the CPU time and some: a child that waits burns no CPU, but it does not answer.
        let cpu = question.allowances.iter().map(|each| each.cpu_seconds);
        let cpu = cpu.max().unwrap_or_default();
        let patience = Duration::from_secs(cpu.saturating_mul(2).saturating_add(5));
        let stream = &mut self.stream.get_mut().stream;
        if patience != self.patience {
            stream.set_write_timeout(Some(patience))?;
            self.patience = patience;
        }
        match wire::send(stream, question, files) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
            sent => sent,
        }
    }

    fn answer(&mut self) -> Result<Said, SealingError> {
        self.stream.get_mut().deadline = Instant::now() + self.patience;
        match wire::receive_answer(&mut self.stream) {
            Ok(answer) => {
                self.answered += 1;
                match answer {
                    (Answer::Refused(refusal), _) => Err(SealingError::Refused(refusal)),
                    answer => Ok(answer),
                }
            }
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

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[test]
    fn nobody_is_listened_to_beyond_the_deadline() {
        let (mut theirs, stream) = UnixStream::pair().unwrap();
        theirs.write_all(b"more and more").unwrap();
        let mut ear = Ear {
            stream,
            deadline: Instant::now() + Duration::from_mins(1),
            wait: Duration::ZERO,
        };
        assert_eq!(ear.read(&mut [0; 4]).unwrap(), 4);
        ear.deadline = Instant::now();
        let error = ear.read(&mut [0; 4]).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::TimedOut);
    }
}
