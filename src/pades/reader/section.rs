//! One cross-reference section as it stands in the file: a table, a stream, or both (ISO 32000-2,
//! 7.5.4 and 7.5.8).

use std::collections::HashMap;
use std::ops::Range;

use lopdf::{Dictionary, Object};

use super::oddities::Oddities;
use super::places::{Packed, XrefEntry};
use super::xref::{prev, too_many_objects};
use super::{Pdf, damaged};
use crate::pades::error::Refusal;

/// A section as it lies in the file.
pub(in crate::pades) struct SectionPlace {
    /// From `xref` or the stream's number to behind the trailer or `endobj`.
    pub(in crate::pades) extent: Range<u64>,
    /// The objects that it places in the file itself.
    pub(in crate::pades) used: Vec<(u32, u64)>,
    /// Whether every entry is written as it must be.
    pub(in crate::pades) is_strict: bool,
}

/// One section as it was read.
pub(super) struct Section {
    pub(super) entries: Vec<(u32, Packed)>,
    pub(super) trailer: Dictionary,
    /// `/Size`, 0 where it is none.
    pub(super) size: u32,
    pub(super) is_stream: bool,
    /// From the word `xref` to behind the trailer; of a stream its beginning alone.
    extent: Range<u64>,
    oddity: Option<&'static str>,
    is_loose: bool,
}

impl Section {
    pub(super) fn new(
        listed: Listed,
        trailer: Dictionary,
        is_stream: bool,
        extent: Range<u64>,
    ) -> Self {
        let Listed {
            entries,
            oddity,
            is_loose,
        } = listed;
        let size = match trailer.get(b"Size") {
            Ok(Object::Integer(size)) => u32::try_from(*size).unwrap_or_default(),
            _ => 0,
        };
        Self {
            entries,
            trailer,
            size,
            is_stream,
            extent,
            oddity,
            is_loose,
        }
    }

    fn used(&self) -> impl Iterator<Item = (u32, Packed)> + '_ {
        self.entries
            .iter()
            .copied()
            .filter(|(_, entry)| !entry.is_free())
    }

    /// What readers may see differently from each other, or what makes them repair the file as each
    /// thinks best. `hidden` is the stream beside a table.
    pub(super) fn oddity(&self, hidden: Option<&Self>) -> Option<&'static str> {
        // A table may leave everything to the stream beside it.
        if self.entries.is_empty() && hidden.is_none() {
            return Some("a cross-reference section is empty");
        }
        if self.size == 0 {
            return Some("a cross-reference section says no size");
        }
        // Most tables list one number after the other: none stands there twice.
        let ascends = self.entries.is_sorted_by(|(one, _), (next, _)| one < next);
        if hidden.is_none() && ascends {
            return self.oddity;
        }
        let mut places = HashMap::with_capacity(self.entries.len());
        let mut differs = |&(number, entry): &(u32, Packed)| {
            places
                .insert(number, entry)
                .is_some_and(|other| other != entry)
        };
        if self.entries.iter().any(&mut differs) {
            return Some("an object stands twice in a cross-reference section");
        }
        // What the table calls free is the stream's (7.5.8.4).
        let mut hides = hidden.into_iter().flat_map(|hidden| &hidden.entries);
        if hides.any(|(number, entry)| {
            places
                .get(number)
                .is_some_and(|other: &Packed| !other.is_free() && other != entry)
        }) {
            return Some("an object has two places in one revision");
        }
        self.oddity.or_else(|| hidden?.oddity(None))
    }
}

/// The entries of a section while it is read.
#[derive(Default)]
pub(super) struct Listed {
    pub(super) entries: Vec<(u32, Packed)>,
    pub(super) oddity: Option<&'static str>,
    /// Whether an entry of a table is written in another width than it must be.
    pub(super) is_loose: bool,
}

/// The sections that lie behind `end`, the newest first, as they lie there.
pub(super) fn behind(pdf: &Pdf<'_>, end: u64) -> Result<Vec<SectionPlace>, Refusal> {
    let sections = Sections {
        pdf,
        shift: pdf.xref.shift,
    };
    let mut places = Vec::new();
    let mut next = Some(pdf.xref.startxref);
    while let Some(offset) = next {
        if sections.place(offset)? < end || places.len() > pdf.xref.sections * 2 {
            break;
        }
        let section = sections.read(offset)?;
        let hidden = sections.hidden(&section)?;
        for section in [hidden, Some(section)].into_iter().flatten() {
            next = prev(&section.trailer)?;
            places.push(section.lies(pdf)?);
        }
    }
    Ok(places)
}

/// Reads sections.
pub(super) struct Sections<'p, 's> {
    pub(super) pdf: &'p Pdf<'s>,
    /// What is added to an offset of the file to find its place.
    pub(super) shift: u64,
}

impl Section {
    /// Where it lies, all of it.
    fn lies(&self, pdf: &Pdf<'_>) -> Result<SectionPlace, Refusal> {
        let used = self
            .used()
            .filter_map(|(number, entry)| match entry.entry() {
                Some(XrefEntry::At { offset, .. }) => Some((number, offset)),
                _ => None,
            });
        let extent = if self.is_stream {
            pdf.extent_at(self.extent.start)?.1
        } else {
            self.extent.clone()
        };
        Ok(SectionPlace {
            extent,
            used: used.collect(),
            is_strict: !self.is_loose,
        })
    }
}

impl Sections<'_, '_> {
    /// The stream beside a table of a hybrid file (7.5.8.4).
    pub(super) fn hidden(&self, section: &Section) -> Result<Option<Section>, Refusal> {
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

    fn place(&self, offset: u64) -> Result<u64, Refusal> {
        offset
            .checked_add(self.shift)
            .ok_or_else(|| damaged("an offset is too large"))
    }

    /// The section that an offset of the file leads to.
    pub(super) fn read(&self, offset: u64) -> Result<Section, Refusal> {
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

    fn stream_section(&self, place: u64) -> Result<Section, Refusal> {
        let placed = self.pdf.object_at(place)?;
        let Object::Stream(stream) = placed.object else {
            return Err(damaged(
                "no cross-reference section stands where one should",
            ));
        };
        let trailer = stream.dict.clone();
        check_plain(placed.oddities, &trailer).map_err(damaged)?;
        if !matches!(trailer.get(b"Type"), Ok(Object::Name(kind)) if kind == b"XRef") {
            return Err(damaged(
                "no cross-reference section stands where one should",
            ));
        }
        let data = self.pdf.stream_data(&stream)?;
        let itself = XrefEntry::At {
            offset: place,
            generation: placed.id.1,
        };
        // A record is a byte at least and takes far more here.
        self.pdf
            .budget
            .spend_bytes(data.len().saturating_mul(RECORD_COST))?;
        let widths = widths(&trailer)?;
        let mut records = data.chunks_exact(widths.iter().sum());
        let mut listed = Listed::default();
        for (first, count) in subsections(&trailer)? {
            check_numbers(first, count).map_err(damaged)?;
            for index in 0..count {
                // Some writers announce more than they write; what is missing is free.
                let Some(record) = records.next() else {
                    listed.oddity = Some("a cross-reference stream is too short");
                    break;
                };
                if listed.entries.len() >= self.pdf.limits.objects {
                    return Err(too_many_objects());
                }
                let number = u32::try_from(first.saturating_add(index))
                    .map_err(|_| damaged(NUMBER_TOO_LARGE))?;
                match self.entry(record, widths) {
                    Some(entry) => {
                        if entry == itself && number != placed.id.0 {
                            listed.oddity = Some("a cross-reference stream has another number");
                        }
                        listed.entries.push((number, entry.into()));
                    }
                    None => listed.oddity = Some("a cross-reference stream has an unknown entry"),
                }
            }
        }
        if self.pdf.extent_at(place).is_err() {
            listed.oddity = Some("a cross-reference stream does not end as it should");
        }
        Ok(Section::new(listed, trailer, true, place..place))
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
                offset: middle.checked_add(self.shift)?,
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

/// Refuses a section in which some readers read other entries, or none, and then look for the file's
/// objects elsewhere.
pub(super) fn check_plain(oddities: Oddities, trailer: &Dictionary) -> Result<(), &'static str> {
    if oddities.is_unclear {
        return Err("a cross-reference section can be read in two ways");
    }
    match trailer.get(b"Size") {
        Ok(Object::Integer(size)) if *size > SIZE_MAX => Err(NUMBER_TOO_LARGE),
        _ => Ok(()),
    }
}

/// Refuses a run of entries of which some readers take none, whatever it says of them.
pub(super) fn check_numbers(first: u64, count: u64) -> Result<(), &'static str> {
    let size = i64::try_from(first.saturating_add(count));
    let is_plain = size.is_ok_and(|size| size <= SIZE_MAX);
    is_plain.then_some(()).ok_or(NUMBER_TOO_LARGE)
}

/// Some readers read no section with twice as many numbers; a PDF has half of them at most
/// (ISO 32000-1, annex C).
const SIZE_MAX: i64 = 1 << 24;

pub(super) const NUMBER_TOO_LARGE: &str = "an object number is too large";

/// No reader takes a wider number for the kind of an entry.
const KIND_BYTES_MAX: usize = 4;

/// What a byte of a cross-reference stream costs.
const RECORD_COST: usize = 32;

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
    if widths.iter().sum::<usize>() == 0 || widths[0] > KIND_BYTES_MAX {
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
