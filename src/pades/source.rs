//! Random access to the bytes of a PDF, without holding them.

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

    /// Whether there is nothing to read.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Source for [u8] {
    fn len(&self) -> u64 {
        <[u8]>::len(self) as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let bytes = usize::try_from(offset)
            .ok()
            .and_then(|start| self.get(start..start.checked_add(buffer.len())?))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(bytes);
        Ok(())
    }
}

impl Source for Vec<u8> {
    fn len(&self) -> u64 {
        Source::len(self.as_slice())
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        self.as_slice().read_at(offset, buffer)
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
        let whole = match usize::try_from(len) {
            Ok(len) if len <= SMALL_BYTES => {
                let mut whole = vec![0; len];
                file.read_exact_at(&mut whole, 0)?;
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
}
