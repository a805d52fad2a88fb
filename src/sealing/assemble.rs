//! Puts a sealed file together: the received bytes, the prepared revision, the CMS in its hole.
//! The service does this itself and parses nothing: the digest that the key signs is computed
//! over the very bytes that are written, whatever the child said.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::SealingError;
use super::received::Opened;
use super::wire::Answer;
use crate::model::Sha256Digest;
use crate::pades::byte_range::FillError;
use crate::pades::{
    self, DigestAlgorithm, SignedMessage, SigningIdentity, TimeStampToken, byte_range, read_file,
};

/// The room that a block of a streamed copy takes.
const BLOCK_BYTES: usize = 256 << 10;

/// So long a rest is kept until somebody asks for its digest.
const REST_KEPT_MAX: u64 = 64 << 10;

/// What a sealed file has from the one that was received.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Heritage {
    pub(super) follows_others: bool,
    pub(super) puts_earlier_at_risk: bool,
    pub(super) is_rebuilt: bool,
}

/// What the child prepared, as the service checks it.
pub(super) struct Revision {
    /// How long the file is that it follows.
    received_len: u64,
    /// What is appended before the hole and, from `before` on, behind it.
    around: Vec<u8>,
    before: usize,
    /// The length of the hole, `<` and `>` included.
    hole_len: usize,
    heritage: Heritage,
}

impl Revision {
    /// The revision that a child answers with. Its word is taken for nothing: the hole lies in the
    /// appended bytes and is as long as was asked for, and the byte range is all that is outside it
    /// (ISO 32000-2, 12.8.1).
    ///
    /// # Errors
    /// [`SealingError::NotValid`] where it finds the file with it not as sealing wants it,
    /// [`SealingError::Malformed`] where it answers something else.
    pub(super) fn of(
        (answer, around): (Answer, Vec<u8>),
        received_len: u64,
        contents_bytes: usize,
    ) -> Result<Self, SealingError> {
        let Answer::Prepared {
            byte_range,
            hole: (start, end),
            look,
            ..
        } = answer
        else {
            return Err(SealingError::Malformed("not a revision"));
        };
        if !look.wrong.is_empty() {
            return Err(SealingError::NotValid(look.wrong));
        }
        let hole_len = byte_range::hole_len(contents_bytes);
        let before = start
            .checked_sub(received_len)
            .and_then(|before| usize::try_from(before).ok())
            .filter(|&before| before <= around.len())
            .ok_or(SealingError::Malformed(
                "the hole lies outside the revision",
            ))?;
        if end.checked_sub(start) != Some(hole_len as u64) {
            return Err(SealingError::Malformed("the hole has another length"));
        }
        let behind = (around.len() - before) as u64;
        if byte_range != [0, start, end, behind] {
            return Err(SealingError::Malformed(
                "the byte range is not all but the hole",
            ));
        }
        Ok(Self {
            received_len,
            around,
            before,
            hole_len,
            heritage: Heritage {
                follows_others: look.follows_others,
                puts_earlier_at_risk: look.puts_earlier_at_risk,
                is_rebuilt: look.is_rebuilt,
            },
        })
    }

    /// The appended bytes before the hole and those behind it.
    fn around_hole(&self) -> (&[u8], &[u8]) {
        self.around.split_at(self.before)
    }

    /// The appended bytes with this in the hole.
    pub(super) fn filled(&self, der: &[u8]) -> Result<Vec<u8>, FillError> {
        let hole = byte_range::fill(self.hole_len, der)?;
        let (before, behind) = self.around_hole();
        Ok([before, &hole, behind].concat())
    }
}

/// The digest of a whole file, finished when it is asked for: who puts the file down and no more
/// never asks.
#[derive(Clone, Debug)]
pub(super) enum FileDigest {
    Finished(Sha256Digest),
    Unfinished {
        so_far: Sha256,
        /// The bytes that it has not seen.
        rest: Vec<u8>,
    },
}

impl FileDigest {
    pub(super) fn finished(&self) -> Sha256Digest {
        match self {
            Self::Finished(digest) => *digest,
            Self::Unfinished { so_far, rest } => {
                let digest = so_far.clone().chain_update(rest).finalize();
                Sha256Digest::from_bytes(digest.into())
            }
        }
    }
}

/// A sealed file as it was written.
pub(super) struct Sealed {
    pub(super) digest: FileDigest,
    pub(super) len: u64,
    /// The digest that the CMS covers, by the identity's algorithm.
    pub(super) content_digest: Vec<u8>,
    /// The CMS in DER.
    pub(super) message: Vec<u8>,
}

/// A file that is signed but for its last bytes: the CMS may still get its time-stamp.
pub(super) struct Begun {
    pub(super) message: SignedMessage,
    revision: Revision,
    /// Over what was written so far.
    file: Sha256,
    content_digest: Vec<u8>,
}

/// What was received, written to where the outcome will stand.
pub(super) struct Copied {
    bytes: u64,
    digests: Digests,
}

/// Writes the received bytes to `out`: one pass over them serves the copy, the check that they are
/// the approved ones, the signature's digest and the digest of the outcome.
pub(super) fn copy(
    received: &Opened,
    identity: &SigningIdentity,
    out: &mut File,
) -> Result<Copied, SealingError> {
    let mut digests = Digests::new(identity.digest_algorithm());
    let bytes = copy_bytes(&received.file, received.len, out, |bytes| {
        digests.update(bytes);
    })?;
    Ok(Copied { bytes, digests })
}

/// Signs what was copied together with the revision behind it.
pub(super) fn begin(
    received: &Opened,
    Copied { bytes, mut digests }: Copied,
    revision: Revision,
    identity: &SigningIdentity,
) -> Result<Begun, SealingError> {
    let approved = received.approved;
    let is_approved = approved.is_none_or(|approved| digests.file_so_far() == approved);
    // The revision was made meanwhile: nobody may have written between the two readings.
    if bytes != revision.received_len || !is_approved || received.has_changed()? {
        return Err(SealingError::Changed);
    }
    let (before, behind) = revision.around_hole();
    digests.update(before);
    let (file, mut content) = digests.part();
    content.update(behind);
    let content_digest = content.finish();
    let message = pades::sign(&content_digest, identity)?;
    Ok(Begun {
        message,
        revision,
        file,
        content_digest,
    })
}

impl Begun {
    pub(super) fn heritage(&self) -> Heritage {
        self.revision.heritage
    }

    /// Writes the rest, with the CMS in its hole, and has the disk give it back.
    pub(super) fn finish(
        self,
        token: Option<&TimeStampToken>,
        out: &mut File,
    ) -> Result<Sealed, SealingError> {
        let message = match token {
            Some(token) => self.message.to_der_with(token),
            None => self.message.to_der(),
        };
        let mut rest = self.revision.filled(&message)?;
        out.write_all(&rest).map_err(SealingError::Unwritable)?;
        let received_len = self.revision.received_len;
        let len = received_len + rest.len() as u64;
        confirm_end(out, received_len, &rest).map_err(SealingError::Unwritable)?;
        rest.drain(..self.revision.before);
        let mut digest = FileDigest::Unfinished {
            so_far: self.file,
            rest,
        };
        if len - received_len > REST_KEPT_MAX {
            digest = FileDigest::Finished(digest.finished());
        }
        Ok(Sealed {
            digest,
            len,
            content_digest: self.content_digest,
            message,
        })
    }
}

/// The file ends with these bytes from there on.
fn confirm_end(out: &File, from: u64, rest: &[u8]) -> io::Result<()> {
    // A byte more than there should be: a file that has it gives it with the others.
    let mut there = Vec::with_capacity(rest.len() + 1);
    read_file(out, from, rest.len(), &mut there)?;
    if there == rest {
        Ok(())
    } else {
        Err(io::Error::other("the disk gave back other bytes"))
    }
}

/// The SHA-256 over all that a document time-stamp covers: the file and the revision around its
/// hole. That is what a token is asked for.
pub(super) fn digest_of_revision(
    file: &mut File,
    revision: &Revision,
) -> Result<Vec<u8>, SealingError> {
    let (before, behind) = revision.around_hole();
    let mut digest = hash(file)?;
    digest.update(before);
    digest.update(behind);
    Ok(digest.finalize().to_vec())
}

/// How much of a file is read at once: not more than it has, and a byte to find its end.
fn block_bytes(file_len: u64) -> usize {
    let len = usize::try_from(file_len).unwrap_or(usize::MAX);
    len.saturating_add(1).min(BLOCK_BYTES)
}

/// The running SHA-256 over a whole file.
pub(super) fn hash(file: &mut File) -> io::Result<Sha256> {
    file.seek(SeekFrom::Start(0))?;
    let mut digest = Sha256::new();
    let mut block = vec![0; block_bytes(file.metadata()?.len())];
    loop {
        let count = file.read(&mut block)?;
        match block.get(..count) {
            None | Some([]) => return Ok(digest),
            Some(bytes) => digest.update(bytes),
        }
    }
}

/// Copies the first `len` bytes of a file, as far as they are there, and shows them to `seen`; how
/// many they were.
///
/// # Errors
/// [`SealingError::Unwritable`] where it is the copy that fails.
pub(super) fn copy_bytes(
    file: &File,
    len: u64,
    out: &mut File,
    mut seen: impl FnMut(&[u8]),
) -> Result<u64, SealingError> {
    let mut block = Vec::with_capacity(block_bytes(len));
    let mut copied = 0;
    while copied < len {
        let left = usize::try_from(len - copied).unwrap_or(usize::MAX);
        block.clear();
        if read_file(file, copied, 1, &mut block)? == 0 {
            break;
        }
        block.truncate(left);
        seen(&block);
        out.write_all(&block).map_err(SealingError::Unwritable)?;
        copied += block.len() as u64;
    }
    Ok(copied)
}

/// The digest of the file and, where the signature wants another algorithm, that one beside it:
/// up to the hole both run over the same bytes.
struct Digests {
    file: Sha256,
    other: Option<Content>,
}

impl Digests {
    fn new(algorithm: DigestAlgorithm) -> Self {
        let other = match algorithm {
            DigestAlgorithm::Sha256 => None,
            DigestAlgorithm::Sha384 => Some(Content::Sha384(Sha384::new())),
            DigestAlgorithm::Sha512 => Some(Content::Sha512(Sha512::new())),
        };
        Self {
            file: Sha256::new(),
            other,
        }
    }

    fn update(&mut self, bytes: &[u8]) {
        self.file.update(bytes);
        if let Some(other) = &mut self.other {
            other.update(bytes);
        }
    }

    fn file_so_far(&self) -> Sha256Digest {
        Sha256Digest::from_bytes(self.file.clone().finalize().into())
    }

    /// At the hole the two part: the file's digest goes through it, the content's around it.
    fn part(self) -> (Sha256, Content) {
        let content = self
            .other
            .unwrap_or_else(|| Content::Sha256(self.file.clone()));
        (self.file, content)
    }
}

/// The running digest that the CMS will hold as its message digest.
enum Content {
    Sha256(Sha256),
    Sha384(Sha384),
    Sha512(Sha512),
}

impl Content {
    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha256(digest) => digest.update(bytes),
            Self::Sha384(digest) => digest.update(bytes),
            Self::Sha512(digest) => digest.update(bytes),
        }
    }

    fn finish(self) -> Vec<u8> {
        match self {
            Self::Sha256(digest) => digest.finalize().to_vec(),
            Self::Sha384(digest) => digest.finalize().to_vec(),
            Self::Sha512(digest) => digest.finalize().to_vec(),
        }
    }
}
