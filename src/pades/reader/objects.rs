//! Indirect objects where the cross-reference table says they are.

use std::ops::Range;

use lopdf::{Dictionary, Object, ObjectId, Stream};

use super::filters::{self, Filter};
use super::lexer::{LexError, Lexer};
use super::oddities::Oddities;
use super::places::XrefEntry;
use super::{Pdf, damaged};
use crate::pades::error::Refusal;

/// An indirect object and the bytes of the file it takes; a stream ends with its dictionary here.
pub(in crate::pades) struct Placed {
    pub(in crate::pades) id: ObjectId,
    pub(in crate::pades) object: Object,
    /// Behind the object, or where its stream's data begin.
    pub(in crate::pades) end: u64,
    /// What was passed over in it.
    pub(super) oddities: Oddities,
}

impl Pdf<'_> {
    /// An object by its id; `Null` when there is none (7.3.10). A stream comes without its data:
    /// [`Pdf::stream_data`] reads them.
    ///
    /// # Errors
    /// `PdfDamaged` when something else stands where it should be.
    pub fn object(&self, id: ObjectId) -> Result<Object, Refusal> {
        self.noting_damage(id, self.object_listed(id))
    }

    /// The object of this id that the table has at this place.
    ///
    /// # Errors
    /// As [`Pdf::object`].
    pub(super) fn placed_object(&self, id: ObjectId, offset: u64) -> Result<Placed, Refusal> {
        self.noting_damage(id, self.placed_listed(id, offset))
    }

    fn noting_damage<T>(&self, id: ObjectId, found: Result<T, Refusal>) -> Result<T, Refusal> {
        if matches!(found, Err(Refusal::PdfDamaged(_))) {
            // Other readers may read it.
            self.unclear.set(Some(id.0));
        }
        found
    }

    pub(super) fn object_listed(&self, id: ObjectId) -> Result<Object, Refusal> {
        match self.entry(id.0) {
            None => Ok(Object::Null),
            Some(XrefEntry::Free) => {
                self.unclear.set(Some(id.0));
                Ok(Object::Null)
            }
            Some(XrefEntry::At { generation, .. }) if generation != id.1 => {
                // Some readers go by the number alone.
                self.unclear.set(Some(id.0));
                Ok(Object::Null)
            }
            Some(XrefEntry::At { offset, .. }) => {
                self.placed_listed(id, offset).map(|placed| placed.object)
            }
            Some(XrefEntry::In { .. }) if id.1 != 0 => {
                self.unclear.set(Some(id.0));
                Ok(Object::Null)
            }
            Some(XrefEntry::In { stream, index }) => self.object_in(stream, id.0, index),
        }
    }

    pub(super) fn placed_listed(&self, id: ObjectId, offset: u64) -> Result<Placed, Refusal> {
        let placed = self.object_at(offset)?;
        if placed.id != id {
            return Err(damaged("another object stands where the table says"));
        }
        self.note_references(&placed.object);
        Ok(placed)
    }

    /// Reads `N G obj …` at a place of the file.
    pub(in crate::pades) fn object_at(&self, offset: u64) -> Result<Placed, Refusal> {
        self.budget.spend_object()?;
        let placed = self.read_growing(offset, self.limits.object_bytes, |window| {
            self.place(window, offset)
        })?;
        self.note_oddities(placed.oddities, placed.id.0);
        self.last_read.set(Some((offset, placed.end)));
        Ok(placed)
    }

    /// Takes `N G obj …` out of a window that begins at `offset` of the file, and looks whether that is
    /// all. Where the file was rebuilt, that was asked before.
    pub(super) fn place(&self, window: &[u8], offset: u64) -> Result<Placed, LexError> {
        let mut lexer = self.lexer(window);
        let mut placed = place(&mut lexer, window, offset)?;
        if !self.xref.is_rebuilt && !matches!(placed.object, Object::Stream(_)) {
            note_end(&mut lexer, window)?;
            placed.oddities = lexer.oddities();
        }
        Ok(placed)
    }

    /// Where the object at a place of the file ends, as [`Placed`] has it.
    pub(in crate::pades) fn end_at(&self, offset: u64) -> Result<u64, Refusal> {
        match self.last_read.get() {
            Some((begin, end)) if begin == offset => Ok(end),
            _ => Ok(self.object_at(offset)?.end),
        }
    }

    /// An object of the file from its number to behind `endobj`.
    ///
    /// # Errors
    /// `PdfDamaged` when none stands there, or none that ends as it should.
    pub(in crate::pades) fn extent_at(
        &self,
        offset: u64,
    ) -> Result<(ObjectId, Range<u64>), Refusal> {
        let placed = self.object_at(offset)?;
        let mut end = placed.end;
        let is_stream = matches!(placed.object, Object::Stream(_));
        if let Object::Stream(stream) = &placed.object {
            end += self.count_in(&stream.dict, b"Length")? as u64;
        }
        let words: &[&[u8]] = if is_stream {
            &[b"endstream", b"endobj"]
        } else {
            &[b"endobj"]
        };
        let behind = self.read_growing(end, super::WINDOW_BYTES, |window| {
            let mut lexer = self.lexer(window);
            let all_stand = words.iter().all(|word| lexer.keyword(word));
            Ok(all_stand.then(|| lexer.position() as u64))
        })?;
        let behind = behind.ok_or_else(|| damaged("an object does not end as it should"))?;
        Ok((placed.id, offset..end + behind))
    }

    /// An object letter by letter as the file (or its object stream) has it, without header and
    /// `endobj`: for a revision that changes one entry and must not reword the others.
    ///
    /// # Errors
    /// `PdfDamaged` when there is no such object.
    pub(in crate::pades) fn written(&self, id: ObjectId) -> Result<Vec<u8>, Refusal> {
        self.written_as(id, |bytes| extent(&mut self.lexer(bytes), bytes))
    }

    /// The same, taken as something: `read` gets the bytes from the object's first one on, and more
    /// behind it.
    ///
    /// # Errors
    /// As [`Pdf::written`].
    pub(in crate::pades) fn written_as<T>(
        &self,
        id: ObjectId,
        read: impl Fn(&[u8]) -> Result<T, LexError>,
    ) -> Result<T, Refusal> {
        self.budget.spend_object()?;
        match self.entry(id.0) {
            Some(XrefEntry::At { offset, generation }) if generation == id.1 => {
                self.read_growing(offset, self.limits.object_bytes, |window| {
                    let mut lexer = self.lexer(window);
                    if lexer.object_header()? != id {
                        return Err(LexError::Bad("another object stands where the table says"));
                    }
                    lexer.skip_space();
                    read(window.get(lexer.position()..).unwrap_or_default())
                })
            }
            Some(XrefEntry::In { stream, index }) if id.1 == 0 => {
                let container = self.object_stream(stream)?;
                let bytes = container.bytes_from(id.0, index)?;
                let mut lexer = self.lexer(bytes);
                lexer.skip_space();
                read(bytes.get(lexer.position()..).unwrap_or_default()).map_err(in_stream)
            }
            _ => Err(damaged("an object that must be changed is missing")),
        }
    }

    /// Remembers an object that is another one to some readers.
    pub(super) fn note_oddities(&self, oddities: Oddities, number: u32) {
        if oddities.is_unclear {
            self.unclear.set(Some(number));
        }
    }

    /// The number of an object looked at so far that some readers read otherwise, if there is one.
    pub(in crate::pades) fn unclear(&self) -> Option<u32> {
        self.unclear.get()
    }

    pub(super) fn count_in(&self, dictionary: &Dictionary, key: &[u8]) -> Result<usize, Refusal> {
        match self.get(dictionary, key)? {
            Object::Integer(number) => usize::try_from(number).ok(),
            _ => None,
        }
        .ok_or_else(|| damaged("a stream's dictionary lacks a number"))
    }

    /// A stream's data as they stand in the file.
    ///
    /// # Errors
    /// `PdfDamaged` when `/Length` does not lead to `endstream`.
    pub fn stream_raw(&self, stream: &Stream) -> Result<Vec<u8>, Refusal> {
        let length = self.count_in(&stream.dict, b"Length")?;
        let start = stream
            .start_position
            .ok_or_else(|| damaged("a stream has no data"))? as u64;
        if length as u64 > self.source.len().saturating_sub(start) {
            return Err(damaged("a stream is longer than the file"));
        }
        if length > self.limits.decompressed {
            return Err(Refusal::PdfTooComplex("a stream is too large".into()));
        }
        self.budget.spend_bytes(length)?;
        let mut data = vec![0; length];
        self.source.read_at(start, &mut data)?;
        let end = start + length as u64;
        let ends = self.read_growing(end, super::WINDOW_BYTES, |window| {
            Ok(self.lexer(window).keyword(b"endstream"))
        })?;
        if ends {
            Ok(data)
        } else {
            Err(damaged("a stream's length is wrong"))
        }
    }

    /// A stream's data, decoded.
    ///
    /// # Errors
    /// `PdfDamaged` when a filter fails or is unknown, `PdfTooComplex` when too much comes out.
    pub fn stream_data(&self, stream: &Stream) -> Result<Vec<u8>, Refusal> {
        let filters = self.filters(&stream.dict)?;
        let mut data = self.stream_raw(stream)?;
        for filter in &filters {
            data = filters::decode(&data, filter, self.limits.decompressed)?;
            self.budget.spend_bytes(data.len())?;
        }
        Ok(data)
    }

    /// Whether a stream has a filter that nobody knows.
    pub(super) fn has_unknown_filter(&self, stream: &Stream) -> Result<bool, Refusal> {
        let filters = self.filters(&stream.dict)?;
        Ok(filters
            .iter()
            .any(|filter| !filters::is_known(&filter.name)))
    }

    fn filters(&self, dictionary: &Dictionary) -> Result<Vec<Filter>, Refusal> {
        // To some readers these are other words for the filters; or the data lie in another file.
        let elsewhere: [&[u8]; 4] = [b"F", b"DP", b"FFilter", b"FDecodeParms"];
        if elsewhere.iter().any(|key| dictionary.has(key)) {
            return Err(damaged("the data of a stream may be elsewhere"));
        }
        let names = self.list(dictionary, b"Filter")?;
        let parameters = self.list(dictionary, b"DecodeParms")?;
        if names.len() > 16 {
            return Err(Refusal::PdfTooComplex(
                "a stream has too many filters".into(),
            ));
        }
        let filter = |(index, name)| match name {
            Object::Name(name) => {
                let parameters = match parameters.get(index) {
                    Some(Object::Dictionary(parameters)) => Some(parameters.clone()),
                    _ => None,
                };
                Ok(Filter { name, parameters })
            }
            _ => Err(damaged("a stream's filter is no name")),
        };
        names.into_iter().enumerate().map(filter).collect()
    }

    /// An entry that is one object or an array of them; nothing and `null` are no object.
    fn list(&self, dictionary: &Dictionary, key: &[u8]) -> Result<Vec<Object>, Refusal> {
        match self.get(dictionary, key)? {
            Object::Null => Ok(Vec::new()),
            Object::Array(items) => items.iter().map(|item| self.resolve(item)).collect(),
            object => Ok(vec![object]),
        }
    }
}

/// Takes `N G obj …` out of a window that begins at `offset` of the file.
pub(super) fn place(lexer: &mut Lexer<'_>, window: &[u8], offset: u64) -> Result<Placed, LexError> {
    let id = lexer.object_header()?;
    let object = lexer.object()?;
    let end = offset + lexer.position() as u64;
    lexer.skip_space();
    let (object, end) = match object {
        Object::Dictionary(dictionary) => match stream_begins(lexer, window)? {
            Some(at) => {
                let start = offset + at as u64;
                let position = usize::try_from(start).map_err(|_| LexError::Bad("too far"))?;
                let stream = Stream::with_position(dictionary, position);
                (Object::Stream(stream), start)
            }
            None => (Object::Dictionary(dictionary), end),
        },
        object => (object, end),
    };
    let oddities = lexer.oddities();
    Ok(Placed {
        id,
        object,
        end,
        oddities,
    })
}

/// Looks whether an object ends where the lexer stands: some readers take the last thing before `endobj`
/// for the object, others the first. Many writers forget the word.
fn note_end(lexer: &mut Lexer<'_>, window: &[u8]) -> Result<(), LexError> {
    let rest = window.get(lexer.position()..).unwrap_or_default();
    if ENDS.iter().any(|word| rest.starts_with(word)) {
        return Ok(());
    }
    if rest.len() < HEADER_BYTES {
        return Err(LexError::End);
    }
    let begins_next = rest.first().is_some_and(u8::is_ascii_digit) && lexer.object_header().is_ok();
    if !begins_next {
        lexer.note_unclear();
    }
    Ok(())
}

/// What stands behind an object that is no stream.
const ENDS: [&[u8]; 4] = [b"endobj", b"xref", b"trailer", b"startxref"];

/// No object header of a file that can be read is longer.
const HEADER_BYTES: usize = b"4294967295 65535 obj".len();

/// The bytes of the object that the lexer stands before.
fn extent(lexer: &mut Lexer<'_>, window: &[u8]) -> Result<Vec<u8>, LexError> {
    lexer.skip_space();
    let start = lexer.position();
    lexer.object()?;
    Ok(window
        .get(start..lexer.position())
        .unwrap_or_default()
        .to_vec())
}

/// How many of these bytes were looked at for what came out.
pub(super) fn looked_at<T>(
    lexer: &Lexer<'_>,
    bytes: &[u8],
    outcome: &Result<T, LexError>,
) -> usize {
    match outcome {
        Err(LexError::End) => bytes.len(),
        _ => lexer.position(),
    }
}

pub(super) fn in_stream(error: LexError) -> Refusal {
    match error {
        LexError::TooMuch(what) => Refusal::PdfTooComplex(what.into()),
        LexError::Bad(what) => damaged(what),
        LexError::End => damaged("an object stream ends within an object"),
    }
}

/// Where a stream's data begin, if `stream` stands here: behind CR LF or LF; a lone CR is written
/// by some and read by all, and so are spaces before the end of the line (7.3.8.1).
pub(super) fn stream_begins(
    lexer: &mut Lexer<'_>,
    window: &[u8],
) -> Result<Option<usize>, LexError> {
    let at = lexer.position();
    let rest = window.get(at..).unwrap_or_default();
    if rest.len() < b"stream\r\n".len() {
        return if b"stream".starts_with(rest.get(..6.min(rest.len())).unwrap_or_default()) {
            Err(LexError::End)
        } else {
            Ok(None)
        };
    }
    let Some(after) = rest.strip_prefix(b"stream") else {
        return Ok(None);
    };
    let blanks = after.iter().take_while(|byte| matches!(byte, b' ' | b'\t'));
    let blanks = blanks.take(BLANKS_MAX).count();
    let skip = match after.get(blanks..).unwrap_or_default() {
        [] | [_] => return Err(LexError::End),
        [b'\r', b'\n', ..] => blanks + 2,
        [b'\n' | b'\r', ..] => blanks + 1,
        _ => {
            // Some readers begin with the next line.
            lexer.note_unclear();
            0
        }
    };
    Ok(Some(at + 6 + skip))
}

/// More blanks behind `stream` are data.
const BLANKS_MAX: usize = 64;
