//! A damaged file read a second time: not as its cross-reference has it, which leads nowhere, but by
//! what stands in it from its beginning to its end.
//!
//! Of objects of one number the last one counts, as in a file that was written revision by revision;
//! an object stream's objects stand where the stream does. What cannot be read is left out, and with it
//! whatever had its number before; but nothing is left out that a signature may hang on (`form`), no
//! page, and nothing of which nobody can say what it was. The newest trailer that leads to a catalog
//! counts, else the newest catalog. Any word of encryption, in whatever trailer, ends it: what reads
//! like a document would be none.
//!
//! Other readers mend such a file too, each in its own way, and may see another document in it. So
//! what is appended to a rebuilt file begins anew: first the objects that readers would have to mend
//! (`anew`) and what their page trees go by (`kids`), then a complete cross-reference section over all that
//! was found here (`revision`), which leads to nothing before it. From then on every reader sees the
//! document that was looked at here; and whoever seals it is told that it was mended.

mod anew;
mod containers;
mod encryption;
mod form;
mod generations;
mod kids;
mod lengths;
mod plain;
mod rules;
mod scan;
mod stop;
mod trailer;

use std::collections::HashMap;
use std::mem;
use std::rc::Rc;

use lopdf::{Dictionary, Object, ObjectId};

use super::budget::Budget;
use super::page_tree::is_of_type;
use super::places::Places;
use super::xref::{Xref, too_many_objects};
use super::{Pdf, XrefEntry, damaged};
use crate::pades::error::Refusal;
use crate::pades::limits::Limits;
use crate::pades::source::{Appended, Source};
use anew::{Flaw, Flawed};
use containers::Container;
use form::Holder;
use lengths::Measured;
use scan::{Found, Piece, Scan};
use trailer::TrailerPlace;

/// Opens a damaged file by what stands in it, whatever its cross-reference says, and reads it.
///
/// # Errors
/// As [`Pdf::open`], and those of the reading.
pub(super) fn read<T>(
    source: &dyn Source,
    limits: &Limits,
    read: impl Fn(&Pdf<'_>) -> Result<T, Refusal>,
) -> Result<T, Refusal> {
    let mut pdf = Pdf::unread(source, limits, Rc::new(Budget::new(limits, source.len())))?;
    // Whatever is mended stands behind it.
    pdf.front()?;
    let gathered = gather(&mut pdf)?;
    let (ambiguous, mended) = anew::written(&mut pdf, &gathered.flawed)?;
    let mended = Appended::new(source, &mended);
    let mut pdf = pdf.over(&mended);
    pdf.xref.trailer = trailer::trailer(&pdf, gathered.trailers, gathered.catalogs)?;
    form::check(&pdf, &gathered.signatures, &ambiguous)?;
    pdf.note_references_in(pdf.trailer());
    let straightened = kids::straightened(&mut pdf)?;
    let whole = Appended::new(&mended, &straightened);
    let pdf = pdf.over(&whole);
    generations::check(&pdf, gathered.has_later_generations)?;
    // Every page must be there, also for those who look at the first one alone.
    pdf.look_at_pages()?;
    read(&pdf)
}

/// Makes the cross-reference.
fn gather(pdf: &mut Pdf<'_>) -> Result<Gathered, Refusal> {
    let mut gathered = Gathered::from(pdf)?;
    pdf.xref = Xref {
        entries: mem::take(&mut gathered.entries),
        shift: pdf.header_offset,
        sections: gathered.trailers.len().max(1),
        next_number: gathered.next_number,
        is_rebuilt: true,
        ..Xref::default()
    };
    plain::check(pdf, &gathered)?;
    containers::take_in(pdf, &mut gathered)?;
    for measured in &gathered.measured {
        measured.check(pdf)?;
    }
    pdf.xref.oddity = Some(if gathered.has_left_out {
        "its structure is damaged and was rebuilt, without what could not be read"
    } else {
        "its structure is damaged and was rebuilt"
    });
    Ok(gathered)
}

/// Where something stands: an offset in the file, and which object it is of a stream that stands there.
type Place = (u64, usize);

/// What the walk comes upon.
#[derive(Default)]
struct Gathered {
    entries: Places,
    /// Numbers whose last object is none of the document, or cannot be read, and where that stands:
    /// nothing before it counts.
    gone: HashMap<u32, u64>,
    /// Object streams, in the order of the file.
    containers: Vec<Container>,
    catalogs: Vec<(Place, ObjectId)>,
    /// Objects with what looks like signatures.
    signatures: Vec<Holder>,
    trailers: Vec<TrailerPlace>,
    xref_streams: usize,
    /// Streams whose lengths stand elsewhere.
    measured: Vec<Measured>,
    /// Objects that must be written anew.
    flawed: Vec<Flawed>,
    next_number: u32,
    /// Whether an object has another generation than the first, or a reference names one.
    has_later_generations: bool,
    has_left_out: bool,
}

impl Gathered {
    fn from(pdf: &Pdf<'_>) -> Result<Self, Refusal> {
        let mut gathered = Self::default();
        let mut scan = Scan::new(pdf);
        while let Some(piece) = scan.next()? {
            match piece {
                Piece::Object(found) => gathered.object(found)?,
                Piece::Lost(number, offset) => gathered.lose(number, offset)?,
                Piece::Trailer(trailer, begin) => {
                    gathered.trailer(&trailer, TrailerPlace::Dictionary(begin))?;
                }
            }
            if gathered.entries.is_over(pdf.limits.objects) {
                return Err(too_many_objects());
            }
        }
        gathered.has_left_out |= scan.has_left_out();
        gathered.measured = scan.into_measured();
        Ok(gathered)
    }

    fn object(&mut self, found: Found) -> Result<(), Refusal> {
        let Found {
            id,
            offset,
            object,
            flaw,
        } = found;
        let (number, generation) = id;
        encryption::refuse(&object)?;
        refuse_reference(&object)?;
        if let Object::Stream(stream) = &object
            && is_of_type(&stream.dict, b"XRef")
        {
            // It is no part of the document, and neither is what had its number before.
            self.xref_streams += 1;
            self.trailer(&stream.dict, TrailerPlace::Stream(offset))?;
            return self.lose(number, offset);
        }
        if !self.is_number(number)? {
            self.has_left_out = true;
            return Ok(());
        }
        match &object {
            Object::Stream(stream) if is_of_type(&stream.dict, b"ObjStm") => {
                self.containers.push(Container { number, offset });
            }
            Object::Dictionary(dictionary) if is_of_type(dictionary, b"Catalog") => {
                self.catalogs.push(((offset, 0), id));
            }
            _ => {}
        }
        self.has_later_generations |= generation != 0 || generations::names_later(&object);
        let entry = XrefEntry::At { offset, generation };
        if let Object::Stream(stream) = &object
            && form::signatures_in_dictionary(&stream.dict) > 0
        {
            // Readers may take it for one all the same.
            return Err(damaged("a signature is a stream"));
        }
        let signatures = form::signatures_in(&object);
        if signatures > 0 {
            let holder = Holder {
                id,
                entry,
                signatures,
            };
            self.note_signatures(holder, flaw.as_ref())?;
        } else if let Some(flaw) = flaw {
            self.note_flaw(Flawed { id, entry, flaw }, &object)?;
        }
        self.gone.remove(&number);
        self.entries.replace(number, entry);
        Ok(())
    }

    /// Notes what looks like signatures. It stays where it stands, also when readers mend it.
    fn note_signatures(&mut self, holder: Holder, flaw: Option<&Flaw>) -> Result<(), Refusal> {
        if flaw.is_some_and(Flaw::is_ambiguous) {
            return Err(damaged("a signature can be read in two ways"));
        }
        self.signatures.push(holder);
        Ok(())
    }

    /// Notes what must be written anew.
    fn note_flaw(&mut self, flawed: Flawed, object: &Object) -> Result<(), Refusal> {
        match object {
            Object::Stream(stream) if is_of_type(&stream.dict, b"ObjStm") => {
                if flawed.flaw.oddities.is_to_be_mended() || flawed.flaw.is_ragged {
                    return Err(damaged("an object stream can be read in two ways"));
                }
            }
            _ => self.flawed.push(flawed),
        }
        Ok(())
    }

    fn lose(&mut self, number: u32, offset: u64) -> Result<(), Refusal> {
        if self.is_number(number)? {
            self.gone.insert(number, offset);
            self.entries.replace(number, XrefEntry::Free);
        }
        Ok(())
    }

    /// Whether an object may have this number.
    fn is_number(&mut self, number: u32) -> Result<bool, Refusal> {
        if number > NUMBER_MAX {
            return Err(damaged("an object's number is too large"));
        }
        self.next_number = self.next_number.max(number + 1);
        Ok(number > 0)
    }

    fn trailer(&mut self, trailer: &Dictionary, place: TrailerPlace) -> Result<(), Refusal> {
        if super::xref::is_encrypted(trailer) {
            return Err(Refusal::PdfEncrypted);
        }
        if trailer.has(b"Root") {
            self.trailers.push(place);
        }
        Ok(())
    }
}

/// Some readers follow an object that is nothing but a reference, others find nothing there.
fn refuse_reference(object: &Object) -> Result<(), Refusal> {
    match object {
        Object::Reference(_) => Err(damaged("an object is a reference")),
        _ => Ok(()),
    }
}

fn is_at(entry: Option<XrefEntry>, place: u64) -> bool {
    matches!(entry, Some(XrefEntry::At { offset, .. }) if offset == place)
}

/// The largest object number that common readers take (ISO 32000-1, annex C).
pub(in crate::pades) const NUMBER_MAX: u32 = 8_388_607;
