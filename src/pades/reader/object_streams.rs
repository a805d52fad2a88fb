//! Objects that lie in the data of a stream (ISO 32000-2, 7.5.7).

use std::collections::HashSet;
use std::rc::Rc;

use lopdf::{Object, Stream};

use super::objects::{in_stream, looked_at};
use super::places::XrefEntry;
use super::{Pdf, damaged};
use crate::pades::error::Refusal;
use crate::pades::limits::FREE_BYTES;

/// A decoded object stream (7.5.7): its objects lie in `data` at the offsets of `index`, each with
/// its number.
pub(super) struct ObjectStream {
    index: Vec<(u32, usize)>,
    data: Vec<u8>,
    /// Whether all readers find the same objects in it.
    is_plain: bool,
}

impl ObjectStream {
    /// All of it, decoded.
    pub(super) fn data(&self) -> &[u8] {
        &self.data
    }

    /// The numbers of its objects, in their order.
    pub(super) fn numbers(&self) -> impl Iterator<Item = u32> + '_ {
        self.index.iter().map(|(number, _)| *number)
    }

    /// What begins with the object of this number at this place of the index. Some readers go by
    /// the number and some by the place, so both must say the same.
    pub(super) fn bytes_from(&self, number: u32, place: u32) -> Result<&[u8], Refusal> {
        let place = usize::try_from(place).ok();
        let entry = place.and_then(|place| self.index.get(place));
        let entry = entry.filter(|(said, _)| *said == number);
        let bytes = entry.and_then(|&(_, offset)| self.data.get(offset..));
        bytes.ok_or_else(|| damaged("an object is not where its object stream should have it"))
    }
}

impl ObjectStream {
    /// How many bytes there are from the object at this place of the index to the next one.
    fn room(&self, place: u32) -> usize {
        let place = usize::try_from(place).unwrap_or(usize::MAX);
        let offset = |place: usize| self.index.get(place).map(|&(_, offset)| offset);
        let next = place.checked_add(1).and_then(offset);
        let next = next.unwrap_or(self.data.len());
        next.saturating_sub(offset(place).unwrap_or_default())
    }
}

impl Pdf<'_> {
    /// Reads an object that lies in an object stream, at this place of its index.
    pub(super) fn object_in(
        &self,
        stream: u32,
        number: u32,
        place: u32,
    ) -> Result<Object, Refusal> {
        self.budget.spend_object()?;
        let container = self.object_stream(stream)?;
        let bytes = container.bytes_from(number, place)?;
        let mut lexer = self.lexer(bytes);
        let object = lexer.object();
        if lexer.position() > container.room(place) {
            // Some readers read to the next one, which begins within it.
            self.unclear.set(Some(number));
        }
        let bytes = looked_at(&lexer, bytes, &object);
        self.budget.spend_bytes(bytes.saturating_sub(FREE_BYTES))?;
        let object = object.map_err(in_stream)?;
        self.note_oddities(lexer.oddities(), number);
        self.note_references(&object);
        Ok(object)
    }

    pub(super) fn object_stream(&self, number: u32) -> Result<Rc<ObjectStream>, Refusal> {
        if let Some(known) = self.streams.borrow().get(&number) {
            return Ok(Rc::clone(known));
        }
        // An object stream lies in the file itself, never in another one (7.5.7).
        let Some(XrefEntry::At { offset, generation }) = self.entry(number) else {
            return Err(damaged("an object stream is missing"));
        };
        let placed = self.placed_object((number, generation), offset)?;
        let Object::Stream(stream) = placed.object else {
            return Err(damaged("an object stream is no stream"));
        };
        // Its length or filter may lie in an object stream too: in another one, once or twice.
        if self.opening.get() >= OPENING_MAX {
            return Err(damaged("object streams lead in a circle"));
        }
        self.opening.set(self.opening.get() + 1);
        let decoded = self.decode_object_stream(&stream);
        self.opening.set(self.opening.get() - 1);
        let decoded = Rc::new(decoded?);
        if !decoded.is_plain {
            self.unclear.set(Some(number));
        }
        let mut kept = self.streams.borrow_mut();
        if kept.len() >= STREAMS_KEPT {
            kept.clear();
        }
        kept.insert(number, Rc::clone(&decoded));
        Ok(decoded)
    }

    fn decode_object_stream(&self, stream: &Stream) -> Result<ObjectStream, Refusal> {
        // What calls itself another kind of stream may be exchanged as such later.
        if !matches!(stream.dict.get(b"Type"), Ok(Object::Name(kind)) if kind == b"ObjStm") {
            return Err(damaged("an object stream is another kind of stream"));
        }
        let count = self.count_in(&stream.dict, b"N")?;
        let first = self.count_in(&stream.dict, b"First")?;
        if count > self.limits.objects {
            return Err(Refusal::PdfTooComplex(
                "an object stream has too many objects".into(),
            ));
        }
        let mut data = self.stream_data(stream)?;
        // A number that is the last object must not look like the beginning of a reference.
        data.extend_from_slice(b" endobj");
        let mut index: Vec<(u32, usize)> = Vec::new();
        let mut is_plain = true;
        let mut numbers = HashSet::new();
        let mut lexer = self.lexer(&data);
        for _ in 0..count {
            let pair = lexer
                .unsigned()
                .and_then(|number| Ok((number, lexer.unsigned()?)));
            // Behind a fault in the index nothing is found; what stands before it is.
            let Ok((number, offset)) = pair else {
                is_plain = false;
                break;
            };
            let offset = usize::try_from(offset)
                .ok()
                .and_then(|offset| offset.checked_add(first));
            let Some((number, offset)) = u32::try_from(number).ok().zip(offset) else {
                break;
            };
            if !numbers.insert(number) {
                return Err(damaged("an object stream has two objects of one number"));
            }
            // Some readers read from one offset to the next.
            is_plain &= index.last().is_none_or(|&(_, before)| before < offset);
            index.push((number, offset));
        }
        is_plain &= lexer.position() <= first;
        lexer.skip_space();
        is_plain &= lexer.position() >= first;
        Ok(ObjectStream {
            index,
            data,
            is_plain,
        })
    }
}

/// Decoded object streams are kept up to this many.
const STREAMS_KEPT: usize = 64;

/// Object streams may wait for each other so deep.
const OPENING_MAX: usize = 4;
