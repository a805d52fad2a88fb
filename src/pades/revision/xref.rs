//! The cross-reference section and trailer of an incremental update (ISO 32000-2, 7.5.4 to 7.5.8).

use std::collections::BTreeMap;

use lopdf::{Dictionary, Object, ObjectId, Stream, StringFormat};

use super::{complete, damaged};
use crate::pades::error::Refusal;
use crate::pades::reader::{Pdf, XrefEntry, XrefForm};
use crate::pades::scheme::DigestAlgorithm;
use crate::pades::syntax;

/// Objects by number, at offsets as the file counts them. One that is free is the head of the list of
/// free ones.
pub(super) type Entries = BTreeMap<u32, XrefEntry>;

/// What the section of a new revision is made from.
pub(super) struct Section<'p, 's> {
    pub(super) pdf: &'p Pdf<'s>,
    /// Where the section begins, counted from the header.
    pub(super) at: u64,
    /// What makes this revision's identifier differ from others'.
    pub(super) seed: &'p [u8],
}

impl Section<'_, '_> {
    /// Writes the section for objects at these offsets, with the number `free` for itself if it
    /// is a stream. A file keeps the form it has: a reader of the older form would
    /// not understand the newer one, and a table after a stream is forbidden. A hybrid file gets a
    /// table, which every reader consults before the received sections. After what was rebuilt the
    /// section is about all objects, and a stream: of a table some readers think that it is broken
    /// when anything refers to a number that it has not, and mend the file in their own way.
    pub(super) fn write(
        &self,
        offsets: &BTreeMap<ObjectId, u64>,
        free: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        let mut entries = if self.pdf.is_rebuilt() {
            complete::entries(self.pdf)?
        } else {
            Entries::new()
        };
        let used =
            |(&(number, generation), &offset)| (number, XrefEntry::At { offset, generation });
        entries.extend(offsets.iter().map(used));
        match self.form() {
            XrefForm::Stream => {
                let itself = XrefEntry::At {
                    offset: self.at,
                    generation: 0,
                };
                entries.insert(free, itself);
                let trailer = self.trailer(self.size(&entries))?;
                syntax::put(out, format_args!("{free} 0 obj\n"));
                syntax::write(&Object::Stream(stream(trailer, &entries)), out);
                out.extend_from_slice(b"\nendobj\n");
            }
            XrefForm::Table | XrefForm::Hybrid => {
                write_table(&entries, out)?;
                out.extend_from_slice(b"trailer\n");
                let trailer = self.trailer(self.size(&entries))?;
                syntax::write(&Object::Dictionary(trailer), out);
                out.push(b'\n');
            }
        }
        syntax::put(out, format_args!("startxref\n{}\n%%EOF\n", self.at));
        Ok(())
    }

    fn form(&self) -> XrefForm {
        if self.pdf.is_rebuilt() {
            XrefForm::Stream
        } else {
            self.pdf.xref_form()
        }
    }

    // One more than the highest number, received or new (7.5.5).
    fn size(&self, entries: &Entries) -> u32 {
        let highest = entries.keys().max().copied().unwrap_or_default();
        self.pdf.next_number().max(highest.saturating_add(1))
    }

    // All entries of the received trailer go on but those that speak of its own section.
    fn trailer(&self, size: u32) -> Result<Dictionary, Refusal> {
        let mut trailer = Dictionary::new();
        for (key, value) in self.pdf.trailer() {
            if !OWN_ENTRIES.contains(&key.as_slice()) {
                trailer.set(key.clone(), value.clone());
            }
        }
        trailer.set("Size", Object::Integer(i64::from(size)));
        if !self.pdf.is_rebuilt() {
            let prev = i64::try_from(self.pdf.startxref());
            let prev = prev.map_err(|_| damaged("the last cross-reference is out of reach"))?;
            trailer.set("Prev", Object::Integer(prev));
        }
        trailer.set("ID", self.identifier()?);
        Ok(trailer)
    }

    // The first string names the file for ever, the second this revision of it (14.4).
    fn identifier(&self) -> Result<Object, Refusal> {
        let received = match self.pdf.trailer().get(b"ID") {
            Ok(id) => self.pdf.resolve(id)?,
            Err(_) => Object::Null,
        };
        let first = match &received {
            Object::Array(parts) => parts.first().and_then(|part| part.as_str().ok()),
            _ => None,
        };
        let seed = [self.seed, first.unwrap_or_default()].concat();
        let digest = DigestAlgorithm::Sha256.digest(&seed);
        let fresh = digest.get(..16).unwrap_or_default();
        let string = |bytes: &[u8]| Object::String(bytes.to_vec(), StringFormat::Hexadecimal);
        Ok(Object::Array(vec![
            string(first.unwrap_or(fresh)),
            string(fresh),
        ]))
    }
}

fn write_table(entries: &Entries, out: &mut Vec<u8>) -> Result<(), Refusal> {
    out.extend_from_slice(b"xref\n");
    for run in runs(entries) {
        syntax::put(out, format_args!("{} {}\n", run.first, run.entries.len()));
        for entry in run.entries {
            let (offset, generation, kind) = match entry {
                XrefEntry::Free => (0, u16::MAX, 'f'),
                XrefEntry::At { offset, generation } => (offset, generation, 'n'),
                XrefEntry::In { .. } => return Err(damaged("a table has no object streams")),
            };
            if offset > TABLE_OFFSET_MAX {
                return Err(Refusal::PdfTooComplex(
                    "the file is too large for its table".into(),
                ));
            }
            syntax::put(out, format_args!("{offset:010} {generation:05} {kind}\r\n"));
        }
    }
    Ok(())
}

fn stream(mut dictionary: Dictionary, entries: &Entries) -> Stream {
    let records = || entries.values().copied().map(record);
    let middle = width(records().map(|(_, middle, _)| middle), 1);
    let last = width(records().map(|(_, _, last)| last), 2);
    let mut index = Vec::new();
    let mut content = Vec::new();
    for run in runs(entries) {
        index.push(Object::from(run.first));
        index.push(Object::from(
            u32::try_from(run.entries.len()).unwrap_or(u32::MAX),
        ));
        for (kind, offset, detail) in run.entries.into_iter().map(record) {
            content.push(kind);
            content.extend(offset.to_be_bytes().iter().skip(8 - middle));
            content.extend(detail.to_be_bytes().iter().skip(8 - last));
        }
    }
    let widths = [1, middle, last].map(|width| Object::from(u32::try_from(width).unwrap_or(8)));
    dictionary.set("Type", syntax::name("XRef"));
    dictionary.set("Index", Object::Array(index));
    dictionary.set("W", Object::Array(widths.to_vec()));
    Stream::new(dictionary, content)
}

/// The three fields of an entry in a cross-reference stream (7.5.8.3).
fn record(entry: XrefEntry) -> (u8, u64, u64) {
    match entry {
        XrefEntry::Free => (0, 0, u64::from(u16::MAX)),
        XrefEntry::At { offset, generation } => (1, offset, u64::from(generation)),
        XrefEntry::In { stream, index } => (2, u64::from(stream), u64::from(index)),
    }
}

/// In how many bytes each of these numbers can be written, and no fewer than `least`.
fn width(numbers: impl Iterator<Item = u64>, least: usize) -> usize {
    let largest = numbers.max().unwrap_or_default();
    let enough = (least..8).find(|width| largest >> (8 * width) == 0);
    enough.unwrap_or(8)
}

/// Objects whose numbers follow each other.
struct Run {
    first: u32,
    entries: Vec<XrefEntry>,
}

fn runs(entries: &Entries) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (&number, &entry) in entries {
        match runs.last_mut() {
            Some(run) if Some(number) == next_number(run) => run.entries.push(entry),
            _ => runs.push(Run {
                first: number,
                entries: vec![entry],
            }),
        }
    }
    runs
}

fn next_number(run: &Run) -> Option<u32> {
    run.first
        .checked_add(u32::try_from(run.entries.len()).ok()?)
}

/// What a trailer says of its own section or of the stream that it is part of, and what the new
/// one says anew.
const OWN_ENTRIES: [&[u8]; 12] = [
    b"Size",
    b"Prev",
    b"ID",
    b"XRefStm",
    b"Type",
    b"Index",
    b"W",
    b"Length",
    b"Filter",
    b"DecodeParms",
    b"DL",
    b"F",
];

/// A table has ten digits for an offset.
const TABLE_OFFSET_MAX: u64 = 9_999_999_999;
