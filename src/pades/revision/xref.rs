//! The cross-reference section and trailer of an incremental update (ISO 32000-2, 7.5.4 to 7.5.8).

use std::collections::BTreeMap;

use lopdf::{Dictionary, Object, ObjectId, Stream, StringFormat};

use super::syntax;
use crate::pades::error::Refusal;
use crate::pades::reader::{Pdf, XrefForm};

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
    /// table, which every reader consults before the received sections.
    pub(super) fn write(
        &self,
        mut offsets: BTreeMap<ObjectId, u64>,
        free: u32,
        out: &mut Vec<u8>,
    ) -> Result<(), Refusal> {
        match self.pdf.xref_form() {
            XrefForm::Stream => {
                let id = (free, 0);
                offsets.insert(id, self.at);
                let trailer = self.trailer(self.size(&offsets))?;
                syntax::put(out, format_args!("{} {} obj\n", id.0, id.1));
                syntax::write(&Object::Stream(stream(trailer, &offsets)), out);
                out.extend_from_slice(b"\nendobj\n");
            }
            XrefForm::Table | XrefForm::Hybrid => {
                write_table(&offsets, out)?;
                out.extend_from_slice(b"trailer\n");
                let trailer = self.trailer(self.size(&offsets))?;
                syntax::write(&Object::Dictionary(trailer), out);
                out.push(b'\n');
            }
        }
        syntax::put(out, format_args!("startxref\n{}\n%%EOF\n", self.at));
        Ok(())
    }

    // One more than the highest number, received or new (7.5.5).
    fn size(&self, offsets: &BTreeMap<ObjectId, u64>) -> u32 {
        let highest = offsets.keys().map(|id| id.0).max().unwrap_or_default();
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
        let prev = i64::try_from(self.pdf.startxref())
            .map_err(|_| Refusal::PdfDamaged("the last cross-reference is out of reach".into()))?;
        trailer.set("Size", Object::Integer(i64::from(size)));
        trailer.set("Prev", Object::Integer(prev));
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
        let digest = openssl::sha::sha256(&[self.seed, first.unwrap_or_default()].concat());
        let fresh = digest.get(..16).unwrap_or_default();
        let string = |bytes: &[u8]| Object::String(bytes.to_vec(), StringFormat::Hexadecimal);
        Ok(Object::Array(vec![
            string(first.unwrap_or(fresh)),
            string(fresh),
        ]))
    }
}

fn write_table(offsets: &BTreeMap<ObjectId, u64>, out: &mut Vec<u8>) -> Result<(), Refusal> {
    out.extend_from_slice(b"xref\n");
    for run in runs(offsets) {
        syntax::put(out, format_args!("{} {}\n", run.first, run.entries.len()));
        for (offset, generation) in run.entries {
            if offset > TABLE_OFFSET_MAX {
                return Err(Refusal::PdfTooComplex(
                    "the file is too large for its table".into(),
                ));
            }
            syntax::put(out, format_args!("{offset:010} {generation:05} n\r\n"));
        }
    }
    Ok(())
}

fn stream(mut dictionary: Dictionary, offsets: &BTreeMap<ObjectId, u64>) -> Stream {
    let largest = offsets.values().max().copied().unwrap_or_default();
    let width = (1..8)
        .find(|width| largest >> (8 * width) == 0)
        .unwrap_or(8);
    let mut index = Vec::new();
    let mut content = Vec::new();
    for run in runs(offsets) {
        index.push(Object::from(run.first));
        index.push(Object::from(
            u32::try_from(run.entries.len()).unwrap_or(u32::MAX),
        ));
        for (offset, generation) in run.entries {
            content.push(IN_USE);
            content.extend(offset.to_be_bytes().iter().skip(8 - width));
            content.extend(generation.to_be_bytes());
        }
    }
    let widths = [1, width, 2].map(|width| Object::from(u32::try_from(width).unwrap_or(8)));
    dictionary.set("Type", syntax::name("XRef"));
    dictionary.set("Index", Object::Array(index));
    dictionary.set("W", Object::Array(widths.to_vec()));
    Stream::new(dictionary, content)
}

/// Objects whose numbers follow each other.
struct Run {
    first: u32,
    entries: Vec<(u64, u16)>,
}

fn runs(offsets: &BTreeMap<ObjectId, u64>) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    for (&(number, generation), &offset) in offsets {
        match runs.last_mut() {
            Some(run) if Some(number) == next_number(run) => run.entries.push((offset, generation)),
            _ => runs.push(Run {
                first: number,
                entries: vec![(offset, generation)],
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

/// An entry of type 1 in a cross-reference stream.
const IN_USE: u8 = 1;

/// A table has ten digits for an offset.
const TABLE_OFFSET_MAX: u64 = 9_999_999_999;
