//! Puts a sealed file together: the received bytes, the prepared revision, the CMS in its hole.
//! The service does this itself and parses nothing: the digest that the key signs is computed
//! over the very bytes that are written, whatever the child said.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::os::unix::fs::FileExt as _;

use sha2::{Digest as _, Sha256, Sha384, Sha512};

use super::SealingError;
use super::wire::Answer;
use crate::model::Sha256Digest;
use crate::pades::{
    self, DigestAlgorithm, SignedMessage, SigningIdentity, TimeStampToken, byte_range,
};

/// The room that a block of a streamed copy takes.
const BLOCK_BYTES: usize = 256 << 10;

/// What the child prepared, as the service checks it.
pub(super) struct Revision {
    pub(super) appended: Vec<u8>,
    pub(super) byte_range: [u64; 4],
    /// Where the hole lies in the sealed file, `<` and `>` included.
    pub(super) hole: Range<u64>,
}

impl Revision {
    /// The revision that a child answers with.
    ///
    /// # Errors
    /// [`SealingError::NotValid`] where it finds the file with it not as sealing wants it,
    /// [`SealingError::Malformed`] where it answers something else.
    pub(super) fn of((answer, appended): (Answer, Vec<u8>)) -> Result<Self, SealingError> {
        match answer {
            Answer::Prepared { wrong, .. } if !wrong.is_empty() => {
                Err(SealingError::NotValid(wrong))
            }
            Answer::Prepared {
                byte_range, hole, ..
            } => Ok(Self {
                appended,
                byte_range,
                hole: hole.0..hole.1,
            }),
            _ => Err(SealingError::Malformed("not a revision")),
        }
    }
}

/// A sealed file as it was written.
pub(super) struct Sealed {
    pub(super) sha256: Sha256Digest,
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
    received_len: u64,
    /// Over what was written so far.
    file: Sha256,
    content_digest: Vec<u8>,
}

/// Writes the received bytes to `out` and signs: one pass over them serves the copy, the check
/// that they are the approved ones, the signature's digest and the digest of the outcome.
pub(super) fn begin(
    received: &mut File,
    approved: Option<Sha256Digest>,
    revision: Revision,
    identity: &SigningIdentity,
    out: &mut File,
) -> Result<Begun, SealingError> {
    let received_len = received.metadata()?.len();
    let parts = Parts::of(&revision, received_len)?;
    let mut digests = Digests::new(identity.digest_algorithm());
    let copied = copy(received, out, &mut digests)?;
    let is_approved = approved.is_none_or(|approved| digests.file_so_far() == approved);
    if copied != received_len || !is_approved {
        return Err(SealingError::Changed);
    }
    digests.update(parts.before);
    let (file, mut content) = digests.part();
    content.update(parts.after);
    let content_digest = content.finish();
    let message = pades::sign(&content_digest, identity)?;
    Ok(Begun {
        message,
        revision,
        received_len,
        file,
        content_digest,
    })
}

impl Begun {
    /// Writes the rest, with the CMS in its hole, and has the disk give it back.
    pub(super) fn finish(
        mut self,
        token: Option<&TimeStampToken>,
        out: &mut File,
    ) -> Result<Sealed, SealingError> {
        let message = match token {
            Some(token) => self.message.to_der_with(token),
            None => self.message.to_der(),
        };
        let parts = Parts::of(&self.revision, self.received_len)?;
        let hole = byte_range::fill(parts.hole.len(), &message)?;
        self.file.update(&hole);
        self.file.update(parts.after);
        let rest = [parts.before, &hole, parts.after].concat();
        out.write_all(&rest)?;
        let len = self.received_len + rest.len() as u64;
        confirm_end(out, len, self.received_len, &rest)?;
        Ok(Sealed {
            sha256: Sha256Digest::from_bytes(self.file.finalize().into()),
            len,
            content_digest: self.content_digest,
            message,
        })
    }
}

/// The file is as long as it shall be and ends with these bytes.
fn confirm_end(out: &File, len: u64, from: u64, rest: &[u8]) -> io::Result<()> {
    let mut there = vec![0; rest.len()];
    out.read_exact_at(&mut there, from)?;
    if out.metadata()?.len() == len && there == rest {
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
    let len = file.metadata()?.len();
    let parts = Parts::of(revision, len)?;
    let mut digest = hash(file)?;
    digest.update(parts.before);
    digest.update(parts.after);
    Ok(digest.finalize().to_vec())
}

/// The bytes of a revision with this in its hole.
pub(super) fn filled(
    revision: &Revision,
    file_len: u64,
    der: &[u8],
) -> Result<Vec<u8>, SealingError> {
    let parts = Parts::of(revision, file_len)?;
    let hole = byte_range::fill(parts.hole.len(), der)?;
    Ok([parts.before, &hole, parts.after].concat())
}

/// A block to read a file by: not larger than it is, and a byte more to find its end.
fn block_for(file: &File) -> io::Result<Vec<u8>> {
    let len = usize::try_from(file.metadata()?.len()).unwrap_or(usize::MAX);
    Ok(vec![0; len.saturating_add(1).min(BLOCK_BYTES)])
}

/// The running SHA-256 over a whole file.
pub(super) fn hash(file: &mut File) -> io::Result<Sha256> {
    file.seek(SeekFrom::Start(0))?;
    let mut digest = Sha256::new();
    let mut block = block_for(file)?;
    loop {
        let count = file.read(&mut block)?;
        match block.get(..count) {
            None | Some([]) => return Ok(digest),
            Some(bytes) => digest.update(bytes),
        }
    }
}

/// The appended bytes before the hole, in it and after it.
struct Parts<'r> {
    before: &'r [u8],
    hole: &'r [u8],
    after: &'r [u8],
}

impl<'r> Parts<'r> {
    /// Takes the child's word for nothing: the hole lies in the appended bytes, it is one empty
    /// hexadecimal string, and the byte range is all that is outside it (ISO 32000-2, 12.8.1).
    fn of(revision: &'r Revision, received_len: u64) -> Result<Self, SealingError> {
        let Range { start, end } = revision.hole;
        let total = received_len + revision.appended.len() as u64;
        let inside = |offset: u64| {
            offset
                .checked_sub(received_len)
                .and_then(|inside| usize::try_from(inside).ok())
        };
        let parts = inside(start).zip(inside(end)).and_then(|(from, to)| {
            Some(Self {
                before: revision.appended.get(..from)?,
                hole: revision.appended.get(from..to)?,
                after: revision.appended.get(to..)?,
            })
        });
        let parts = parts.ok_or(SealingError::Malformed(
            "the hole lies outside the revision",
        ))?;
        let empty = match parts.hole {
            // Without a branch for each of the thousands of them.
            [b'<', zeros @ .., b'>'] => {
                zeros.iter().fold(0, |other, &byte| other | (byte ^ b'0')) == 0
            }
            _ => false,
        };
        if !empty {
            return Err(SealingError::Malformed("the hole is not one empty string"));
        }
        if revision.byte_range != [0, start, end, total - end] {
            return Err(SealingError::Malformed(
                "the byte range is not all but the hole",
            ));
        }
        Ok(parts)
    }
}

fn copy(received: &mut File, out: &mut File, digests: &mut Digests) -> io::Result<u64> {
    received.seek(SeekFrom::Start(0))?;
    let mut block = block_for(received)?;
    let mut copied = 0;
    loop {
        let count = received.read(&mut block)?;
        let bytes = block.get(..count).unwrap_or_default();
        if bytes.is_empty() {
            return Ok(copied);
        }
        digests.update(bytes);
        out.write_all(bytes)?;
        copied += count as u64;
    }
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
