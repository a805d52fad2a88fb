//! What a damaged file has in such a way that readers must mend it, written anew: they would mend it
//! each in its own way, also when the file around it is whole again. It stands behind the received
//! bytes, and what is appended to the file begins with it.

use std::ops::Range;

use lopdf::{Object, ObjectId, Stream};

use crate::pades::error::Refusal;
use crate::pades::reader::lexer::{LexError, Lexer};
use crate::pades::reader::objects::{Placed, place};
use crate::pades::reader::oddities::Oddities;
use crate::pades::reader::token::is_regular;
use crate::pades::reader::{Pdf, XrefEntry};
use crate::pades::{source, syntax};

/// What readers mend of an object.
#[derive(Default)]
pub(super) struct Flaw {
    pub(super) oddities: Oddities,
    /// Whether its first or last word is not as it should be.
    pub(super) is_ragged: bool,
    /// Whether something else stands before its last word.
    pub(super) has_more: bool,
    /// Of a stream that does not end where its length says, or of whose length there are two: where its
    /// data really stand.
    pub(super) data: Option<Range<u64>>,
    /// Whether somebody may read a length out of it that leads beyond the file.
    pub(super) may_reach_beyond: bool,
}

impl Flaw {
    /// Whether there is one.
    pub(super) fn is_any(&self) -> bool {
        self.is_mended() || self.is_ambiguous()
    }

    /// Whether readers mend it.
    pub(super) fn is_mended(&self) -> bool {
        self.oddities.is_to_be_mended() || self.has_more || self.is_ragged || self.data.is_some()
    }

    /// Whether it may be another object than what is read of it.
    pub(super) fn is_ambiguous(&self) -> bool {
        self.oddities.is_any() || self.has_more
    }
}

/// An object with a flaw, and where it lives.
pub(super) struct Flawed {
    pub(super) id: ObjectId,
    pub(super) entry: XrefEntry,
    pub(super) flaw: Flaw,
}

/// Writes those of these objects anew that count and that readers mend, and tells the cross-reference:
/// which of them all can be read in two ways, and what stands behind the bytes that the file is read from.
pub(super) fn written(
    pdf: &mut Pdf<'_>,
    flawed: &[Flawed],
) -> Result<(Vec<ObjectId>, Vec<u8>), Refusal> {
    let mut anew = Anew::behind(pdf);
    let mut ambiguous = Vec::new();
    for Flawed { id, entry, flaw } in flawed {
        if pdf.entry(id.0) == Some(*entry) {
            if flaw.is_mended() {
                let object = mended(pdf, *id, flaw)?;
                anew.put(pdf, *id, &object)?;
            }
            if flaw.is_ambiguous() {
                ambiguous.push(*id);
            }
        }
    }
    Ok((ambiguous, anew.bytes))
}

fn mended(pdf: &Pdf<'_>, id: ObjectId, flaw: &Flaw) -> Result<Object, Refusal> {
    let object = pdf.object(id)?;
    let (Object::Stream(stream), Some(data)) = (&object, &flaw.data) else {
        return Ok(object);
    };
    let length = usize::try_from(data.end - data.start).unwrap_or(usize::MAX);
    if length > ANEW_BYTES_MAX {
        return Err(too_long());
    }
    pdf.budget.spend_bytes(length)?;
    let data = source::read(pdf.source(), data.start, length)?.into_owned();
    Ok(Object::Stream(Stream::new(stream.dict.clone(), data)))
}

/// An object as the walk finds it.
pub(super) struct Taken {
    pub(super) placed: Placed,
    /// Whether one of its first words is not as it should be.
    pub(super) is_ragged: bool,
}

/// Takes an object out of a window that begins at `begin` of the file.
pub(super) fn taken(lexer: &mut Lexer<'_>, window: &[u8], begin: u64) -> Result<Taken, LexError> {
    let placed = place(lexer, window, begin)?;
    let is_stream = matches!(placed.object, Object::Stream(_));
    let is_ragged =
        has_ragged_header(window) || is_stream && has_ragged_line(window, placed.end - begin);
    Ok(Taken { placed, is_ragged })
}

/// Whether `obj` goes on in a word or number, or a number in it: some readers take that for no object.
fn has_ragged_header(window: &[u8]) -> bool {
    let Some(word) = memchr::memmem::find(window, b"obj") else {
        return false;
    };
    let (before, behind) = window.split_at(word);
    let next = behind.get(b"obj".len());
    before.last().copied().is_some_and(is_regular) || next.copied().is_some_and(is_regular)
}

/// Whether blanks stand between `stream` and the end of its line: some readers take them for data.
fn has_ragged_line(window: &[u8], data: u64) -> bool {
    let line = usize::try_from(data)
        .ok()
        .and_then(|data| window.get(..data));
    let line = line.unwrap_or_default();
    let word = line.strip_suffix(b"\n").unwrap_or(line);
    let word = word.strip_suffix(b"\r").unwrap_or(word);
    !word.ends_with(b"stream") || word.len() == line.len()
}

/// Objects that are written behind what a file is read from.
pub(super) struct Anew {
    start: u64,
    pub(super) bytes: Vec<u8>,
}

impl Anew {
    pub(super) fn behind(pdf: &Pdf<'_>) -> Self {
        Self {
            start: pdf.source().len(),
            bytes: Vec::new(),
        }
    }

    /// Writes an object, and tells the cross-reference.
    pub(super) fn put(
        &mut self,
        pdf: &mut Pdf<'_>,
        id: ObjectId,
        object: &Object,
    ) -> Result<(), Refusal> {
        let (number, generation) = id;
        // The file may end within a line.
        self.bytes.push(b'\n');
        let offset = self.start + self.bytes.len() as u64;
        syntax::put(&mut self.bytes, format_args!("{number} {generation} obj\n"));
        syntax::write(object, &mut self.bytes);
        self.bytes.extend_from_slice(b"\nendobj\n");
        if self.bytes.len() > ANEW_BYTES_MAX {
            return Err(too_long());
        }
        let entry = XrefEntry::At { offset, generation };
        pdf.xref.entries.replace(number, entry);
        Ok(())
    }
}

fn too_long() -> Refusal {
    Refusal::PdfTooComplex("what must be written anew is too long".into())
}

/// So much of a file is written anew at most.
const ANEW_BYTES_MAX: usize = 16 << 20;
