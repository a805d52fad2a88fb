//! What a damaged file has in such a way that readers must mend it, written anew: they would mend it
//! each in its own way, also when the file around it is whole again. It stands behind the received
//! bytes, and what is appended to the file begins with it.

use std::ops::Range;

use lopdf::{Object, ObjectId, Stream};

use super::is_at;
use crate::pades::error::Refusal;
use crate::pades::reader::lexer::{LexError, Lexer, Slips};
use crate::pades::reader::objects::{Placed, place};
use crate::pades::reader::{Pdf, XrefEntry};
use crate::pades::{source, syntax};

/// What readers mend of an object.
pub(super) struct Flaw {
    /// What was passed over in its dictionaries.
    pub(super) slips: Slips,
    /// Of a stream, where its data really stand.
    data: Option<Range<u64>>,
}

impl Flaw {
    /// Of an object that is no stream; none where nothing was passed over in it.
    pub(super) fn of(slips: Slips) -> Option<Self> {
        slips.is_any().then_some(Self { slips, data: None })
    }

    /// Of a stream.
    pub(super) fn of_stream(slips: Slips, data: Range<u64>) -> Self {
        Self {
            slips,
            data: Some(data),
        }
    }
}

/// An object with a flaw, and where it stands.
pub(super) struct Flawed {
    pub(super) id: ObjectId,
    pub(super) offset: u64,
    pub(super) flaw: Flaw,
}

/// Writes these objects anew, those that count, and tells the cross-reference. What comes back stands
/// behind the bytes that the file is read from.
pub(super) fn written(pdf: &mut Pdf<'_>, flawed: &[Flawed]) -> Result<Vec<u8>, Refusal> {
    let mut anew = Anew::behind(pdf);
    for Flawed { id, offset, flaw } in flawed {
        if is_at(pdf.entry(id.0), *offset) {
            let object = mended(pdf, *offset, flaw)?;
            anew.put(pdf, *id, &object)?;
        }
    }
    Ok(anew.bytes)
}

fn mended(pdf: &Pdf<'_>, offset: u64, flaw: &Flaw) -> Result<Object, Refusal> {
    pdf.budget.spend_object()?;
    let (placed, _) = pdf.read_growing(offset, pdf.limits.object_bytes, |window| {
        lenient(&mut pdf.lexer(window), window, offset)
    })?;
    let (Object::Stream(stream), Some(data)) = (&placed.object, &flaw.data) else {
        return Ok(placed.object);
    };
    let length = usize::try_from(data.end - data.start).unwrap_or(usize::MAX);
    if length > ANEW_BYTES_MAX {
        return Err(too_long());
    }
    pdf.budget.spend_bytes(length)?;
    let data = source::read(pdf.source(), data.start, length)?.into_owned();
    Ok(Object::Stream(Stream::new(stream.dict.clone(), data)))
}

/// Takes an object out of a window that begins at `begin` of the file, and says what was passed over.
pub(super) fn lenient(
    lexer: &mut Lexer<'_>,
    window: &[u8],
    begin: u64,
) -> Result<(Placed, Slips), LexError> {
    lexer.be_lenient();
    let placed = place(lexer, window, begin)?;
    Ok((placed, lexer.slips()))
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
