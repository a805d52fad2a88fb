//! What a damaged file has in such a way that readers must mend it, written anew: they would mend it
//! each in its own way, also when the file around it is whole again. It stands behind the received
//! bytes, and what is appended to the file begins with it.

use std::ops::Range;

use lopdf::{Object, ObjectId, Stream};

use crate::pades::error::Refusal;
use crate::pades::reader::lexer::{LexError, Lexer};
use crate::pades::reader::objects::{Placed, place};
use crate::pades::reader::{Pdf, XrefEntry};
use crate::pades::{source, syntax};

/// What readers mend of an object.
pub(super) enum Flaw {
    /// A key stands twice in one of its dictionaries.
    Double,
    /// It is a stream that does not end where its length says, or of whose length there are two.
    Stream {
        /// Where its data really stand.
        data: Range<u64>,
        /// Whether a key stands twice, too.
        has_double: bool,
        /// Whether somebody may read a length out of it that leads beyond the file.
        may_reach_beyond: bool,
    },
}

impl Flaw {
    pub(super) fn has_double(&self) -> bool {
        match self {
            Self::Double => true,
            Self::Stream { has_double, .. } => *has_double,
        }
    }
}

/// An object with a flaw, and where it lives.
pub(super) struct Flawed {
    pub(super) id: ObjectId,
    pub(super) entry: XrefEntry,
    pub(super) flaw: Flaw,
}

/// Writes these objects anew, those that count, and tells the cross-reference: their ids, and what
/// stands behind the bytes that the file is read from.
pub(super) fn written(
    pdf: &mut Pdf<'_>,
    flawed: &[Flawed],
) -> Result<(Vec<ObjectId>, Vec<u8>), Refusal> {
    let mut anew = Anew::behind(pdf);
    let mut ids = Vec::new();
    for Flawed { id, entry, flaw } in flawed {
        if pdf.entry(id.0) == Some(*entry) {
            let object = mended(pdf, *id, flaw)?;
            anew.put(pdf, *id, &object)?;
            ids.push(*id);
        }
    }
    Ok((ids, anew.bytes))
}

fn mended(pdf: &Pdf<'_>, id: ObjectId, flaw: &Flaw) -> Result<Object, Refusal> {
    let object = pdf.object(id)?;
    let (Object::Stream(stream), Flaw::Stream { data, .. }) = (&object, flaw) else {
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

/// Takes an object out of a window that begins at `begin` of the file, and says whether a key stands
/// twice in it.
pub(super) fn noting_doubles(
    lexer: &mut Lexer<'_>,
    window: &[u8],
    begin: u64,
) -> Result<(Placed, bool), LexError> {
    lexer.note_doubles();
    let placed = place(lexer, window, begin)?;
    Ok((placed, lexer.has_double()))
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
