//! A damaged file read a second time: not as its cross-reference has it, which leads nowhere, but by
//! what stands in it from its beginning to its end.
//!
//! Of objects of one number the last one counts, as in a file that was written revision by revision;
//! an object stream's objects stand where the stream does. What cannot be read is left out, but
//! nothing that a signature may hang on (`form`). The newest trailer that leads to a catalog counts,
//! else the newest catalog. Any word of encryption, in whatever trailer, ends it: what reads like a
//! document would be none.
//!
//! Other readers mend such a file too, each in its own way, and may see another document in it. So
//! what is appended to a rebuilt file begins anew: a complete cross-reference section over all that
//! was found here (`revision`), which leads to nothing before it. From then on every reader sees the
//! document that was looked at here; and whoever seals it is told that it was mended.

mod form;
mod scan;

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId};

use super::places::Places;
use super::xref::{Xref, too_many_objects};
use super::{Pdf, XrefEntry, XrefForm, damaged};
use crate::pades::error::Refusal;
use scan::{Found, Piece, Scan};

/// Makes the cross-reference of a file that was not opened by its own.
pub(super) fn read(pdf: &mut Pdf<'_>) -> Result<(), Refusal> {
    let Gathered {
        entries,
        containers,
        mut catalogs,
        trailers,
        next_number,
        mut has_left_out,
    } = Gathered::from(pdf)?;
    pdf.xref = Xref {
        entries,
        shift: pdf.header_offset,
        sections: trailers.len().max(1),
        next_number,
        is_rebuilt: true,
        ..Xref::default()
    };
    let numbers = containers.iter().map(|each| each.number).collect();
    for container in containers {
        let held = Held::of(pdf, container)?;
        held.take_into(&mut pdf.xref, &numbers);
        if pdf.xref.entries.is_over(pdf.limits.objects) {
            return Err(too_many_objects());
        }
        catalogs.extend(held.catalogs);
        has_left_out |= held.has_left_out;
        // What was read before all was known may be read differently now, and will be by others.
        pdf.streams.borrow_mut().clear();
    }
    pdf.xref.oddity = Some(if has_left_out {
        "its cross-reference is damaged and was rebuilt, without what could not be read"
    } else {
        "its cross-reference is damaged and was rebuilt"
    });
    pdf.xref.trailer = trailer(pdf, trailers, catalogs)?;
    form::check(pdf)
}

/// Where something stands: an offset in the file, and which object it is of a stream that stands there.
type Place = (u64, usize);

/// What the walk comes upon.
#[derive(Default)]
struct Gathered {
    entries: Places,
    /// Object streams, in the order of the file.
    containers: Vec<Container>,
    catalogs: Vec<(Place, ObjectId)>,
    trailers: Vec<TrailerPlace>,
    next_number: u32,
    has_left_out: bool,
}

/// Where a trailer begins that leads to something. There may be many, and large ones.
#[derive(Clone, Copy)]
enum TrailerPlace {
    /// Its dictionary.
    Dictionary(u64),
    /// The stream that it is the dictionary of.
    Stream(u64),
}

/// An object stream.
#[derive(Clone, Copy)]
struct Container {
    number: u32,
    offset: u64,
}

impl Gathered {
    fn from(pdf: &Pdf<'_>) -> Result<Self, Refusal> {
        let mut gathered = Self::default();
        let mut scan = Scan::new(pdf);
        while let Some(piece) = scan.next()? {
            match piece {
                Piece::Object(found) => gathered.object(pdf, found)?,
                Piece::Trailer(trailer, begin) => {
                    gathered.trailer(&trailer, TrailerPlace::Dictionary(begin))?;
                }
            }
        }
        gathered.has_left_out = scan.has_left_out();
        Ok(gathered)
    }

    fn object(&mut self, pdf: &Pdf<'_>, found: Found) -> Result<(), Refusal> {
        let Found { id, offset, object } = found;
        let (number, generation) = id;
        let is_number = (1..=NUMBER_MAX).contains(&number);
        if is_number {
            self.next_number = self.next_number.max(number + 1);
        }
        match &object {
            Object::Stream(stream) if is_of_type(&stream.dict, b"XRef") => {
                // It is no part of the document, and neither is what had its number before.
                if is_number {
                    self.entries.replace(number, XrefEntry::Free);
                }
                return self.trailer(&stream.dict, TrailerPlace::Stream(offset));
            }
            Object::Dictionary(dictionary) if is_encryption(dictionary) => {
                return Err(Refusal::PdfEncrypted);
            }
            _ if !is_number => return Ok(()),
            Object::Stream(stream) if is_of_type(&stream.dict, b"ObjStm") => {
                self.containers.push(Container { number, offset });
            }
            Object::Dictionary(dictionary) if is_of_type(dictionary, b"Catalog") => {
                self.catalogs.push(((offset, 0), id));
            }
            _ => {}
        }
        self.entries
            .replace(number, XrefEntry::At { offset, generation });
        if self.entries.is_over(pdf.limits.objects) {
            return Err(too_many_objects());
        }
        Ok(())
    }

    fn trailer(&mut self, trailer: &Dictionary, place: TrailerPlace) -> Result<(), Refusal> {
        // An entry that is null is no entry (7.3.7).
        if !matches!(trailer.get(b"Encrypt"), Err(_) | Ok(Object::Null)) {
            return Err(Refusal::PdfEncrypted);
        }
        if let Ok(Object::Integer(size)) = trailer.get(b"Size") {
            let size = u32::try_from(*size).unwrap_or_default();
            if size <= NUMBER_MAX {
                self.next_number = self.next_number.max(size);
            }
        }
        if trailer.has(b"Root") {
            self.trailers.push(place);
        }
        Ok(())
    }
}

/// What an object stream holds: numbers with their places in it.
struct Held {
    container: Container,
    objects: Vec<(u32, u32)>,
    catalogs: Vec<(Place, ObjectId)>,
    has_left_out: bool,
}

impl Held {
    /// Reads an object stream. Of one that cannot be read, or that another object of its number
    /// followed, nothing counts.
    fn of(pdf: &Pdf<'_>, container: Container) -> Result<Self, Refusal> {
        let mut held = Self {
            container,
            objects: Vec::new(),
            catalogs: Vec::new(),
            has_left_out: false,
        };
        if !is_at(pdf.entry(container.number), container.offset) {
            return Ok(held);
        }
        let stream = match pdf.object_stream(container.number) {
            Err(Refusal::PdfDamaged(_)) => {
                held.has_left_out = true;
                return Ok(held);
            }
            stream => stream?,
        };
        for (index, number) in (0..).zip(stream.numbers()) {
            pdf.budget.spend_object()?;
            let bytes = stream.bytes_from(number, index)?;
            let mut lexer = pdf.lexer(bytes);
            let object = lexer.object();
            pdf.budget.spend_bytes(lexer.position())?;
            let Ok(object) = object else {
                held.has_left_out = true;
                continue;
            };
            held.objects.push((number, index));
            if let Object::Dictionary(dictionary) = &object
                && is_of_type(dictionary, b"Catalog")
            {
                let place = (container.offset, held.objects.len());
                held.catalogs.push((place, (number, 0)));
            }
        }
        Ok(held)
    }

    /// Each of its objects takes the place of those that stand before the stream, unless that is an
    /// object stream itself: those lie in the file, never in another one (7.5.7).
    fn take_into(&self, xref: &mut Xref, containers: &HashSet<u32>) {
        for &(number, index) in &self.objects {
            let is_later = match xref.entries.get(number) {
                Some(XrefEntry::At { offset, .. }) => offset < self.container.offset,
                _ => true,
            };
            let may_be = (1..=NUMBER_MAX).contains(&number) && !containers.contains(&number);
            if is_later && may_be {
                let stream = self.container.number;
                xref.entries
                    .replace(number, XrefEntry::In { stream, index });
                xref.next_number = xref.next_number.max(number + 1);
                xref.form = XrefForm::Stream;
            }
        }
    }
}

/// The newest trailer that leads to a catalog, else one that leads to the newest catalog.
fn trailer(
    pdf: &Pdf<'_>,
    trailers: Vec<TrailerPlace>,
    mut catalogs: Vec<(Place, ObjectId)>,
) -> Result<Dictionary, Refusal> {
    let newest = pdf.limits.revisions;
    for place in trailers.into_iter().rev().take(newest) {
        let trailer = read_trailer(pdf, place)?;
        if let Ok(Object::Reference(id)) = trailer.get(b"Root")
            && is_catalog(pdf, *id)?
        {
            return Ok(trailer);
        }
    }
    catalogs.sort_unstable();
    for (_, id) in catalogs.into_iter().rev().take(newest) {
        if is_catalog(pdf, id)? {
            let mut trailer = Dictionary::new();
            trailer.set("Root", Object::Reference(id));
            return Ok(trailer);
        }
    }
    Err(damaged("no catalog stands in it"))
}

fn read_trailer(pdf: &Pdf<'_>, place: TrailerPlace) -> Result<Dictionary, Refusal> {
    pdf.budget.spend_object()?;
    match place {
        TrailerPlace::Dictionary(begin) => {
            pdf.read_growing(begin, pdf.limits.object_bytes, |window| {
                pdf.lexer(window).dictionary()
            })
        }
        TrailerPlace::Stream(offset) => match pdf.object_at(offset)?.object {
            Object::Stream(stream) => Ok(stream.dict),
            _ => Err(damaged("a cross-reference stream is none")),
        },
    }
}

fn is_catalog(pdf: &Pdf<'_>, id: ObjectId) -> Result<bool, Refusal> {
    match pdf.object(id) {
        Ok(Object::Dictionary(dictionary)) => {
            Ok(is_of_type(&dictionary, b"Catalog") || dictionary.has(b"Pages"))
        }
        Ok(_) | Err(Refusal::PdfDamaged(_)) => Ok(false),
        Err(refusal) => Err(refusal),
    }
}

fn is_at(entry: Option<XrefEntry>, place: u64) -> bool {
    matches!(entry, Some(XrefEntry::At { offset, .. }) if offset == place)
}

fn is_of_type(dictionary: &Dictionary, wanted: &[u8]) -> bool {
    matches!(dictionary.get(b"Type"), Ok(Object::Name(kind)) if kind == wanted)
}

/// Whether a dictionary says how a file is encrypted (7.6.2): the trailer that leads to it may be
/// what is lost.
fn is_encryption(dictionary: &Dictionary) -> bool {
    let has_all = |keys: &[&[u8]]| keys.iter().all(|key| dictionary.has(key));
    has_all(&[b"Filter", b"V"]) && (has_all(&[b"O", b"U", b"P"]) || dictionary.has(b"CF"))
}

/// The largest object number that common readers take (ISO 32000-1, annex C).
pub(in crate::pades) const NUMBER_MAX: u32 = 8_388_607;
