//! Cross-reference tables, streams and both at once (ISO 32000-2, 7.5.4 and 7.5.8).

use std::collections::{HashMap, HashSet};

use lopdf::{Dictionary, Object};

use super::lexer::{LexError, Lexer};
use super::startxref::{self, Located};
use super::{Pdf, damaged};
use crate::pades::error::Refusal;

/// Where an object lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum XrefEntry {
    /// Nowhere.
    Free,
    /// In the file.
    At {
        /// Where `N G obj` begins, counted from the file's first byte.
        offset: u64,
        /// Its generation.
        generation: u16,
    },
    /// In an object stream.
    In {
        /// The stream's object number.
        stream: u32,
        /// Its place in it.
        index: u32,
    },
}

/// How the newest cross-reference section is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum XrefForm {
    /// A table.
    #[default]
    Table,
    /// A stream.
    Stream,
    /// A table that points to a stream for readers that know it.
    Hybrid,
}

/// All sections together, the newest entry of each object.
#[derive(Default)]
pub(super) struct Xref {
    pub(super) entries: HashMap<u32, XrefEntry>,
    pub(super) trailer: Dictionary,
    pub(super) startxref: u64,
    pub(super) shift: u64,
    pub(super) form: XrefForm,
    pub(super) sections: usize,
    pub(super) next_number: u32,
}

/// One section as it was read.
struct Section {
    entries: Vec<(u32, XrefEntry)>,
    trailer: Dictionary,
    /// `/Size`, 0 where it is none.
    size: u32,
    is_stream: bool,
}

impl Section {
    fn new(entries: Vec<(u32, XrefEntry)>, trailer: Dictionary, is_stream: bool) -> Self {
        let size = match trailer.get(b"Size") {
            Ok(Object::Integer(size)) => u32::try_from(*size).unwrap_or_default(),
            _ => 0,
        };
        Self {
            entries,
            trailer,
            size,
            is_stream,
        }
    }
}

pub(super) fn read(pdf: &Pdf<'_>) -> Result<Xref, Refusal> {
    let Located { startxref, shift } = startxref::locate(pdf)?;
    let mut reading = Reading {
        pdf,
        xref: Xref {
            startxref,
            shift,
            ..Xref::default()
        },
    };
    reading.follow(startxref)?;
    let mut xref = reading.xref;
    let highest = xref.entries.keys().max().copied().unwrap_or_default();
    xref.next_number = highest.saturating_add(1).max(xref.next_number);
    Ok(xref)
}

struct Reading<'p, 's> {
    pdf: &'p Pdf<'s>,
    xref: Xref,
}

impl Reading<'_, '_> {
    /// Reads section by section along `/Prev`. What a newer one says of an object counts.
    fn follow(&mut self, startxref: u64) -> Result<(), Refusal> {
        let mut seen = HashSet::new();
        let mut next = Some(startxref);
        while let Some(offset) = next {
            if !seen.insert(offset) {
                return Err(damaged("the cross-reference sections lead in a circle"));
            }
            if seen.len() > self.pdf.limits.revisions {
                return Err(Refusal::PdfTooComplex(
                    "there are too many revisions".into(),
                ));
            }
            let section = self.section(offset)?;
            let hidden = self.hidden(&section)?;
            next = prev(&section.trailer)?;
            if self.xref.sections == 0 {
                self.xref.form = match (section.is_stream, hidden.is_some()) {
                    (true, _) => XrefForm::Stream,
                    (false, true) => XrefForm::Hybrid,
                    (false, false) => XrefForm::Table,
                };
                self.xref.trailer = section.trailer;
            }
            self.xref.sections += 1;
            // No revision's objects may have numbers from here on, not even forgotten ones.
            self.xref.next_number = self.xref.next_number.max(section.size);
            self.merge(section.entries, hidden)?;
        }
        Ok(())
    }

    /// The stream beside a table of a hybrid file (7.5.8.4).
    fn hidden(&self, section: &Section) -> Result<Option<Section>, Refusal> {
        if section.is_stream {
            return Ok(None);
        }
        match section.trailer.get(b"XRefStm") {
            Err(_) | Ok(Object::Null) => Ok(None),
            Ok(Object::Integer(offset)) => {
                let offset = u64::try_from(*offset);
                let offset = offset.map_err(|_| damaged("/XRefStm is no offset"))?;
                Ok(Some(self.stream_section(self.place(offset)?)?))
            }
            Ok(_) => Err(damaged("/XRefStm is no offset")),
        }
    }

    /// In a hybrid file the table calls objects free that its stream knows, so its free entries
    /// count least.
    fn merge(
        &mut self,
        entries: Vec<(u32, XrefEntry)>,
        hidden: Option<Section>,
    ) -> Result<(), Refusal> {
        let (free, used): (Vec<_>, Vec<_>) = entries
            .into_iter()
            .partition(|(_, entry)| *entry == XrefEntry::Free);
        let hidden = hidden.map(|section| section.entries).unwrap_or_default();
        for (number, entry) in used.into_iter().chain(hidden).chain(free) {
            self.xref.entries.entry(number).or_insert(entry);
        }
        if self.xref.entries.len() > self.pdf.limits.objects {
            return Err(too_many_objects());
        }
        Ok(())
    }

    fn place(&self, offset: u64) -> Result<u64, Refusal> {
        offset
            .checked_add(self.xref.shift)
            .ok_or_else(|| damaged("an offset is too large"))
    }

    fn section(&self, offset: u64) -> Result<Section, Refusal> {
        let place = self.place(offset)?;
        let is_table = self
            .pdf
            .read_growing(place, super::WINDOW_BYTES, |window| {
                Ok(self.pdf.lexer(window).keyword(b"xref"))
            })?;
        if is_table {
            self.table_section(place)
        } else {
            self.stream_section(place)
        }
    }

    fn table_section(&self, place: u64) -> Result<Section, Refusal> {
        // A table takes 20 bytes an entry.
        let bytes_max = self.pdf.limits.objects.saturating_mul(20) + (1 << 20);
        self.pdf.read_growing(place, bytes_max, |window| {
            let mut lexer = self.pdf.lexer(window);
            lexer.keyword(b"xref");
            let mut entries = Vec::new();
            while !lexer.keyword(b"trailer") {
                self.subsection(&mut lexer, window, &mut entries)?;
            }
            let trailer = lexer.dictionary()?;
            Ok(Section::new(entries, trailer, false))
        })
    }

    /// `first count`, then `count` entries `offset generation n|f`.
    fn subsection(
        &self,
        lexer: &mut Lexer<'_>,
        window: &[u8],
        entries: &mut Vec<(u32, XrefEntry)>,
    ) -> Result<(), LexError> {
        lexer.skip_space();
        let left = window.get(lexer.position()..).unwrap_or_default();
        if left.len() < b"trailer ".len() {
            return Err(LexError::End);
        }
        let mut first = lexer.unsigned()?;
        let count = lexer.unsigned()?;
        if count > self.pdf.limits.objects as u64 {
            return Err(LexError::Bad("a cross-reference section is too large"));
        }
        if entries.len() > self.pdf.limits.objects {
            return Err(LexError::TooMuch("there are too many objects"));
        }
        for index in 0..count {
            let offset = lexer.unsigned()?;
            let generation = lexer.unsigned()?;
            let is_head = (index, offset, generation) == (0, 0, u64::from(u16::MAX));
            if is_head && first == 1 && entries.is_empty() {
                // The head of the free list is object 0 (7.5.4); some writers count from 1.
                first = 0;
            }
            let number = first
                .checked_add(index)
                .and_then(|number| u32::try_from(number).ok());
            let number = number.ok_or(LexError::Bad("an object number is too large"))?;
            let used = if lexer.keyword(b"n") {
                true
            } else if lexer.keyword(b"f") {
                false
            } else if window.len() - lexer.position() < 4 {
                return Err(LexError::End);
            } else {
                return Err(LexError::Bad("a cross-reference entry is malformed"));
            };
            let generation = u16::try_from(generation).unwrap_or(u16::MAX);
            let entry = match offset.checked_add(self.xref.shift) {
                // Offset 0 is no place for an object; writers say "free" with it.
                Some(place) if used && offset != 0 => XrefEntry::At {
                    offset: place,
                    generation,
                },
                _ => XrefEntry::Free,
            };
            entries.push((number, entry));
        }
        Ok(())
    }

    fn stream_section(&self, place: u64) -> Result<Section, Refusal> {
        let Object::Stream(stream) = self.pdf.object_at(place)?.object else {
            return Err(damaged(
                "no cross-reference section stands where one should",
            ));
        };
        let trailer = stream.dict.clone();
        if !matches!(trailer.get(b"Type"), Ok(Object::Name(kind)) if kind == b"XRef") {
            return Err(damaged(
                "no cross-reference section stands where one should",
            ));
        }
        let data = self.pdf.stream_data(&stream)?;
        let widths = widths(&trailer)?;
        let mut records = data.chunks_exact(widths.iter().sum());
        let mut entries = Vec::new();
        for (first, count) in subsections(&trailer)? {
            for index in 0..count {
                // Some writers announce more than they write; what is missing is free.
                let Some(record) = records.next() else { break };
                if entries.len() >= self.pdf.limits.objects {
                    return Err(too_many_objects());
                }
                let number = u32::try_from(first.saturating_add(index))
                    .map_err(|_| damaged("an object number is too large"))?;
                entries.extend(self.entry(record, widths).map(|entry| (number, entry)));
            }
        }
        Ok(Section::new(entries, trailer, true))
    }

    /// One record (7.5.8.3); the first field is 1 where it has no width. Unknown kinds are null.
    fn entry(&self, record: &[u8], widths: [usize; 3]) -> Option<XrefEntry> {
        let mut rest = record;
        let mut field = |width: usize, default: u64| {
            let (bytes, after) = rest.split_at_checked(width)?;
            rest = after;
            let number = bytes
                .iter()
                .fold(0_u64, |number, &byte| number << 8 | u64::from(byte));
            Some(if width == 0 { default } else { number })
        };
        let [first, second, third] = widths;
        let (kind, middle, last) = (field(first, 1)?, field(second, 0)?, field(third, 0)?);
        match kind {
            0 => Some(XrefEntry::Free),
            1 => Some(XrefEntry::At {
                offset: middle.checked_add(self.xref.shift)?,
                generation: u16::try_from(last).ok()?,
            }),
            2 => Some(XrefEntry::In {
                stream: u32::try_from(middle).ok()?,
                index: u32::try_from(last).ok()?,
            }),
            _ => None,
        }
    }
}

fn too_many_objects() -> Refusal {
    Refusal::PdfTooComplex("there are too many objects".into())
}

fn prev(trailer: &Dictionary) -> Result<Option<u64>, Refusal> {
    // At offset 0 stands the header: writers say "none" with it, and readers take it so.
    match trailer.get(b"Prev") {
        Err(_) | Ok(Object::Null | Object::Integer(0)) => Ok(None),
        Ok(Object::Integer(offset)) => u64::try_from(*offset)
            .map(Some)
            .map_err(|_| damaged("/Prev is no offset")),
        Ok(_) => Err(damaged("/Prev is no offset")),
    }
}

fn widths(dictionary: &Dictionary) -> Result<[usize; 3], Refusal> {
    let bad = || damaged("a cross-reference stream's widths are malformed");
    let Ok(Object::Array(items)) = dictionary.get(b"W") else {
        return Err(bad());
    };
    let mut widths = [0; 3];
    for (index, width) in widths.iter_mut().enumerate() {
        *width = match items.get(index) {
            Some(Object::Integer(number @ 0..=8)) => usize::try_from(*number).unwrap_or_default(),
            _ => return Err(bad()),
        };
    }
    if widths.iter().sum::<usize>() == 0 {
        Err(bad())
    } else {
        Ok(widths)
    }
}

/// `/Index`, by default one run from 0 to `/Size`.
fn subsections(dictionary: &Dictionary) -> Result<Vec<(u64, u64)>, Refusal> {
    let bad = || damaged("a cross-reference stream's index is malformed");
    let number = |object: Option<&Object>| match object {
        Some(Object::Integer(number)) => u64::try_from(*number).map_err(|_| bad()),
        _ => Err(bad()),
    };
    match dictionary.get(b"Index") {
        Ok(Object::Array(items)) => items
            .chunks(2)
            .map(|pair| Ok((number(pair.first())?, number(pair.get(1))?)))
            .collect(),
        Ok(Object::Null) | Err(_) => Ok(vec![(0, number(dictionary.get(b"Size").ok())?)]),
        Ok(_) => Err(bad()),
    }
}
