//! A PDF read lazily: only the cross-reference table and the objects asked for are parsed, by
//! positioned reads; nothing holds the file. The objects are lopdf's, the reading is ours: it must
//! not fail open, and it must not want the file whole.

mod awaited;
mod budget;
mod ends;
pub(super) mod escapes;
mod filters;
mod first_object;
mod followed_once;
mod hidden;
pub(super) mod lexer;
mod linearized;
mod object_streams;
mod objects;
mod oddities;
mod page_tree;
mod pages;
mod places;
mod reading;
mod rebuild;
mod section;
mod section_table;
mod skim;
mod startxref;
mod token;
mod uses;
mod view;
mod walk;
mod xref;

use std::cell::{Cell, OnceCell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use lopdf::{Dictionary, Object, ObjectId};

use super::error::Refusal;
use super::limits::{FREE_BYTES, Limits};
use super::source::{self, Source};
use budget::Budget;
use lexer::{LexError, Lexer};
use linearized::Front;
use object_streams::ObjectStream;
pub(super) use pages::AllPages;
pub use pages::Page;
pub use places::XrefEntry;
pub use reading::Reading;
pub(super) use rebuild::NUMBER_MAX;
pub(super) use section::SectionPlace;
pub(super) use token::is_space;
pub(super) use uses::Changed;
use xref::Xref;
pub use xref::XrefForm;

/// A PDF file as its newest cross-reference section describes it.
pub struct Pdf<'s> {
    received: &'s dyn Source,
    /// What was received, and behind it what is written anew of a damaged file.
    source: &'s dyn Source,
    limits: Limits,
    /// Where `%PDF-` stands; offsets in the file count from here when junk stands before it.
    header_offset: u64,
    version: (u8, u8),
    xref: Xref,
    /// Decoded object streams by their number.
    streams: RefCell<HashMap<u32, Rc<ObjectStream>>>,
    /// Numbers that objects looked at so far refer to, and that no object has.
    dangling: RefCell<HashSet<u32>>,
    /// An object looked at so far that is another one to some readers.
    unclear: Cell<Option<u32>>,
    /// Whether an object that the table has could not be read by a walk over all, be it that nothing
    /// leads to it.
    has_unread: Cell<bool>,
    /// The catalog, once somebody asked for it: nearly everybody does.
    catalog: OnceCell<Rc<Dictionary>>,
    /// What it says of its front, once somebody wanted to know.
    front: OnceCell<Option<Front>>,
    /// Where the object that was read last begins and ends.
    last_read: Cell<Option<(u64, u64)>>,
    /// How many object streams are being decoded for each other.
    opening: Cell<usize>,
    budget: Rc<Budget>,
}

/// References that lead to references; one is what PDF has.
const REFERENCES_MAX: usize = 32;

/// The first reads of an object take this much of the file.
const WINDOW_BYTES: usize = FREE_BYTES;

impl<'s> Pdf<'s> {
    /// Opens a file: header, last `startxref`, every cross-reference section that hangs on it.
    ///
    /// # Errors
    /// `NotPdf`, `PdfDamaged`, `PdfEncrypted`, `PdfTooComplex`.
    pub fn open(source: &'s dyn Source, limits: &Limits) -> Result<Self, Refusal> {
        Self::open_within(source, limits, Rc::new(Budget::new(limits, source.len())))
    }

    /// Opens the beginning of this file as a reader saw it then, at this file's expense.
    pub(in crate::pades) fn open_earlier<'e>(
        &self,
        beginning: &'e dyn Source,
    ) -> Result<Pdf<'e>, Refusal> {
        Pdf::open_within(beginning, &self.limits, Rc::clone(&self.budget))
    }

    /// The same with something appended to what it is read from.
    fn over<'m>(self, source: &'m dyn Source) -> Pdf<'m>
    where
        's: 'm,
    {
        let pdf: Pdf<'m> = self;
        Pdf {
            source,
            // It may be among what was appended.
            catalog: OnceCell::new(),
            ..pdf
        }
    }

    fn open_within(
        source: &'s dyn Source,
        limits: &Limits,
        budget: Rc<Budget>,
    ) -> Result<Self, Refusal> {
        let mut pdf = Self::unread(source, limits, budget)?;
        pdf.xref = xref::read(&pdf)?;
        pdf.check_front()?;
        pdf.note_references_in(pdf.trailer());
        Ok(pdf)
    }

    /// A file of which only the header was read.
    fn unread(
        source: &'s dyn Source,
        limits: &Limits,
        budget: Rc<Budget>,
    ) -> Result<Self, Refusal> {
        let (header_offset, version) = header(source)?;
        Ok(Self {
            received: source,
            source,
            limits: limits.clone(),
            header_offset,
            version,
            xref: Xref::default(),
            streams: RefCell::default(),
            dangling: RefCell::default(),
            unclear: Cell::default(),
            has_unread: Cell::default(),
            catalog: OnceCell::new(),
            front: OnceCell::new(),
            last_read: Cell::default(),
            opening: Cell::default(),
            budget,
        })
    }

    /// The bytes that were received.
    #[must_use]
    pub fn received(&self) -> &'s dyn Source {
        self.received
    }

    /// The bytes it is read from: behind those received stands what a damaged file has anew, and
    /// whoever appends to it begins with that.
    #[must_use]
    pub fn source(&self) -> &'s dyn Source {
        self.source
    }

    /// The bounds it is read within.
    #[must_use]
    pub fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Where the header begins: 0 unless junk stands before it.
    #[must_use]
    pub fn header_offset(&self) -> u64 {
        self.header_offset
    }

    /// The version in the header.
    #[must_use]
    pub fn version(&self) -> (u8, u8) {
        self.version
    }

    /// The newest trailer.
    #[must_use]
    pub fn trailer(&self) -> &Dictionary {
        &self.xref.trailer
    }

    /// The number behind the last `startxref`, as it stands in the file: the next `/Prev`.
    #[must_use]
    pub fn startxref(&self) -> u64 {
        self.xref.startxref
    }

    /// What is added to an offset in the file's own words to find its place.
    #[must_use]
    pub fn shift(&self) -> u64 {
        self.xref.shift
    }

    /// The form of the newest cross-reference section.
    #[must_use]
    pub fn xref_form(&self) -> XrefForm {
        self.xref.form
    }

    /// How many cross-reference sections there are: the revisions, and one more where the file is
    /// linearised.
    #[must_use]
    pub fn sections(&self) -> usize {
        self.xref.sections
    }

    /// The lowest object number that no object has.
    #[must_use]
    pub fn next_number(&self) -> u32 {
        self.xref.next_number
    }

    /// What makes readers see the file differently, or repair it as each thinks best, though we can
    /// read it.
    pub(in crate::pades) fn oddity(&self) -> Option<&'static str> {
        self.xref.oddity
    }

    /// Whether it was read by what stands in it, since it is damaged.
    #[must_use]
    pub fn is_rebuilt(&self) -> bool {
        self.xref.is_rebuilt
    }

    /// The sections that lie behind `end`, the newest first, as they lie there.
    ///
    /// # Errors
    /// `PdfDamaged` when one of them does not end as it should.
    pub(in crate::pades) fn sections_behind(&self, end: u64) -> Result<Vec<SectionPlace>, Refusal> {
        section::behind(self, end)
    }

    /// Where an object lives.
    #[must_use]
    pub fn entry(&self, number: u32) -> Option<XrefEntry> {
        self.xref.entries.get(number)
    }

    /// Every object that is in use, by number.
    pub fn numbers(&self) -> impl Iterator<Item = (u32, XrefEntry)> + '_ {
        self.xref
            .entries
            .iter()
            .filter(|(_, entry)| *entry != XrefEntry::Free)
    }

    /// Follows references until there is none.
    ///
    /// # Errors
    /// `PdfDamaged` when references lead to references without end.
    pub fn resolve(&self, object: &Object) -> Result<Object, Refusal> {
        match object {
            Object::Reference(id) => self.follow(*id).map(|(_, object)| object),
            object => Ok(object.clone()),
        }
    }

    /// Follows a reference to the object that is none itself, and says which.
    ///
    /// # Errors
    /// As [`Pdf::resolve`].
    pub(in crate::pades) fn follow(&self, id: ObjectId) -> Result<(ObjectId, Object), Refusal> {
        let mut at = id;
        for _ in 0..REFERENCES_MAX {
            match self.object(at)? {
                Object::Reference(next) => at = next,
                object => return Ok((at, object)),
            }
        }
        Err(damaged("references lead in a circle"))
    }

    /// A dictionary's entry with references followed; `Null` where it has none.
    ///
    /// # Errors
    /// As [`Pdf::resolve`].
    pub fn get(&self, dictionary: &Dictionary, key: &[u8]) -> Result<Object, Refusal> {
        dictionary
            .get(key)
            .map_or(Ok(Object::Null), |object| self.resolve(object))
    }

    /// The catalog's id.
    ///
    /// # Errors
    /// `PdfDamaged` when the trailer names none.
    pub fn catalog_id(&self) -> Result<ObjectId, Refusal> {
        match self.trailer().get(b"Root") {
            Ok(Object::Reference(id)) => Ok(*id),
            _ => Err(damaged("the trailer names no catalog")),
        }
    }

    /// The catalog (7.7.2).
    ///
    /// # Errors
    /// `PdfDamaged` when it is no dictionary.
    pub fn catalog(&self) -> Result<Rc<Dictionary>, Refusal> {
        if let Some(catalog) = self.catalog.get() {
            return Ok(Rc::clone(catalog));
        }
        match self.object(self.catalog_id()?)? {
            Object::Dictionary(catalog) => {
                Ok(Rc::clone(self.catalog.get_or_init(|| Rc::new(catalog))))
            }
            _ => Err(damaged("the catalog is no dictionary")),
        }
    }

    /// Reads something that begins at `offset`: the window grows until the reader is content or
    /// the file ends.
    fn read_growing<T>(
        &self,
        offset: u64,
        bytes_max: usize,
        read: impl Fn(&[u8]) -> Result<T, LexError>,
    ) -> Result<T, Refusal> {
        let available = self.source.len().checked_sub(offset);
        let available = available.ok_or_else(|| damaged("an offset lies behind the file's end"))?;
        let mut size = WINDOW_BYTES;
        loop {
            if size > WINDOW_BYTES {
                self.budget.spend_bytes(size)?;
            }
            let take = u64::min(size as u64, available);
            let at_end = take == available;
            let take = usize::try_from(take).unwrap_or(usize::MAX);
            let mut window = source::read(self.source, offset, take)?;
            let mut outcome = read(&window);
            if at_end && matches!(outcome, Err(LexError::End)) {
                // What ends with the file ends like what ends with a space.
                window.to_mut().push(b' ');
                outcome = read(&window);
            }
            match outcome {
                Ok(found) => return Ok(found),
                Err(LexError::TooMuch(what)) => return Err(Refusal::PdfTooComplex(what.into())),
                Err(LexError::Bad(what)) => return Err(damaged(what)),
                Err(LexError::End) if at_end => return Err(damaged("it ends within an object")),
                Err(LexError::End) if size >= bytes_max => {
                    return Err(Refusal::PdfTooComplex("an object is too large".into()));
                }
                Err(LexError::End) => size = size.saturating_mul(4).min(bytes_max),
            }
        }
    }

    fn lexer<'w>(&self, window: &'w [u8]) -> Lexer<'w> {
        Lexer::new(window, self.limits.depth, self.limits.items)
    }
}

pub(super) fn damaged(what: &str) -> Refusal {
    Refusal::PdfDamaged(what.to_owned())
}

/// The header begins before this.
const JUNK_BYTES_MAX: usize = 1024;

/// Finds `%PDF-M.m` within the first 1024 bytes (ISO 32000-2, 7.5.2 and its annex for readers).
fn header(source: &dyn Source) -> Result<(u64, (u8, u8)), Refusal> {
    let take = source
        .len()
        .min(JUNK_BYTES_MAX as u64 + b"%PDF-1.7".len() as u64);
    let mut start = vec![0; usize::try_from(take).unwrap_or_default()];
    source.read_at(0, &mut start)?;
    let at = start
        .windows(5)
        .take(JUNK_BYTES_MAX)
        .position(|word| word == b"%PDF-")
        .ok_or(Refusal::NotPdf)?;
    let digit = |index: usize| {
        start
            .get(at + index)
            .filter(|byte| byte.is_ascii_digit())
            .map(|byte| byte - b'0')
    };
    let version = digit(5).zip(digit(7)).unwrap_or((1, 4));
    Ok((at as u64, version))
}

/// For the fuzz targets: reads objects one after the other.
#[cfg(any(test, fuzzing))]
pub(super) fn probe_objects(bytes: &[u8]) {
    let mut lexer = Lexer::new(bytes, 100, 10_000);
    while lexer.object().is_ok() {}
}

/// For the fuzz targets: runs a filter.
#[cfg(any(test, fuzzing))]
pub(super) fn probe_filter(
    name: &[u8],
    parameters: Dictionary,
    data: &[u8],
    bytes_max: usize,
) -> Option<Vec<u8>> {
    let filter = filters::Filter {
        name: name.to_vec(),
        parameters: Some(parameters),
    };
    filters::decode(data, &filter, bytes_max).ok()
}
