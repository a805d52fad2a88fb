//! Random access to the bytes of a PDF, without holding them.

use std::borrow::Cow;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

/// Bytes that can be read at any place; a PDF is read through this, never loaded whole.
pub trait Source: Send + Sync {
    /// The number of bytes.
    fn len(&self) -> u64;

    /// Fills `buffer` with the bytes that begin at `offset`.
    ///
    /// # Errors
    /// `UnexpectedEof` when the range leaves the source; otherwise the device's own error.
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()>;

    /// The same bytes where they lie, if the source has them in memory.
    fn lent(&self, _offset: u64, _len: usize) -> Option<&[u8]> {
        None
    }

    /// Whether there is nothing to read.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// So many bytes that begin at `offset`: where they lie, or read.
///
/// # Errors
/// As [`Source::read_at`].
pub(super) fn read(source: &dyn Source, offset: u64, len: usize) -> io::Result<Cow<'_, [u8]>> {
    if let Some(lent) = source.lent(offset, len) {
        return Ok(Cow::Borrowed(lent));
    }
    let mut bytes = vec![0; len];
    source.read_at(offset, &mut bytes)?;
    Ok(Cow::Owned(bytes))
}

impl Source for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let bytes = self.lent(offset, buffer.len());
        buffer.copy_from_slice(bytes.ok_or(io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }

    fn lent(&self, offset: u64, len: usize) -> Option<&[u8]> {
        let start = usize::try_from(offset).ok()?;
        self.get(start..start.checked_add(len)?)
    }
}

impl Source for Vec<u8> {
    fn len(&self) -> u64 {
        Source::len(self.as_slice())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.as_slice().read_at(offset, buffer)
    }

    fn lent(&self, offset: u64, len: usize) -> Option<&[u8]> {
        self.as_slice().lent(offset, len)
    }
}

/// A file whose length was taken once: what is appended meanwhile does not exist for the reader. A
/// small one is read at once, which costs less than the dozens of places that are looked at.
#[derive(Debug)]
pub struct FileSource {
    file: File,
    len: u64,
    whole: Option<Vec<u8>>,
}

impl FileSource {
    /// Takes the file and its present length.
    ///
    /// # Errors
    /// When the file's metadata cannot be read, or a small file itself.
    pub fn new(file: File) -> io::Result<Self> {
        let len = file.metadata()?.len();
        Self::of_len(file, len)
    }

    /// Takes so many bytes of the file.
    ///
    /// # Errors
    /// When a small file cannot be read, or has fewer.
    pub fn of_len(file: File, len: u64) -> io::Result<Self> {
        let whole = match usize::try_from(len) {
            Ok(len) if len <= SMALL_BYTES => {
                let mut whole = Vec::with_capacity(len);
                if read_file(&file, 0, len, &mut whole)? < len {
                    return Err(io::ErrorKind::UnexpectedEof.into());
                }
                Some(whole)
            }
            _ => None,
        };
        Ok(Self { file, len, whole })
    }
}

impl Source for FileSource {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        if let Some(whole) = &self.whole {
            return whole.read_at(offset, buffer);
        }
        let end = offset.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.file.read_exact_at(buffer, offset)
    }

    fn lent(&self, offset: u64, len: usize) -> Option<&[u8]> {
        self.whole.as_ref()?.lent(offset, len)
    }
}

/// Reads from a place of a file behind what `into` holds, as far as that has room, until it has
/// `enough` bytes or the file ends; how many it has then. The room is not cleared before.
///
/// # Errors
/// When the file cannot be read.
pub(crate) fn read_file(
    file: &File,
    at: u64,
    enough: usize,
    into: &mut Vec<u8>,
) -> io::Result<usize> {
    let held = into.len();
    while into.len() < enough.min(into.capacity()) {
        let place = at + (into.len() - held) as u64;
        match rustix::io::pread(file, rustix::buffer::spare_capacity(into), place) {
            Ok(0) => break,
            Ok(_) | Err(rustix::io::Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(into.len())
}

/// What is read at once.
const SMALL_BYTES: usize = 64 << 10;

/// The beginning of another source: an earlier revision, as a reader saw it then.
pub struct Prefix<'s> {
    source: &'s dyn Source,
    len: u64,
}

impl<'s> Prefix<'s> {
    /// The first `len` bytes of `source`, or all where it has fewer.
    #[must_use]
    pub fn new(source: &'s dyn Source, len: u64) -> Self {
        Self {
            source,
            len: len.min(source.len()),
        }
    }
}

impl Source for Prefix<'_> {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.source.read_at(offset, buffer)
    }

    fn lent(&self, offset: u64, len: usize) -> Option<&[u8]> {
        let end = offset.checked_add(len as u64)?;
        (end <= self.len).then(|| self.source.lent(offset, len))?
    }
}

/// A received file with a revision appended to it, read as one without joining them.
pub struct Appended<'a> {
    received: &'a dyn Source,
    revision: &'a [u8],
}

impl<'a> Appended<'a> {
    /// Joins a received file and the bytes that will follow it.
    #[must_use]
    pub fn new(received: &'a dyn Source, revision: &'a [u8]) -> Self {
        Self { received, revision }
    }
}

impl Source for Appended<'_> {
    fn len(&self) -> u64 {
        self.received.len() + self.revision.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let received = self.received.len();
        let ahead = received.saturating_sub(offset);
        let split = usize::try_from(ahead).map_or(buffer.len(), |ahead| ahead.min(buffer.len()));
        let (head, tail) = buffer.split_at_mut(split);
        if !head.is_empty() {
            self.received.read_at(offset, head)?;
        }
        if !tail.is_empty() {
            self.revision
                .read_at(offset.saturating_sub(received), tail)?;
        }
        Ok(())
    }

    fn lent(&self, offset: u64, len: usize) -> Option<&[u8]> {
        let received = self.received.len();
        match offset.checked_sub(received) {
            Some(inside) => self.revision.lent(inside, len),
            None => self.received.lent(offset, len),
        }
    }
}
