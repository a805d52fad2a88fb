//! Cross-reference tables, streams and both at once (ISO 32000-2, 7.5.4 and 7.5.8).

use std::collections::{HashMap, HashSet};

use lopdf::{Dictionary, Object};

use super::places::{Packed, Places, XrefEntry};
use super::section::{Section, Sections};
use super::startxref::{self, Located};
use super::{Pdf, damaged};
use crate::pades::error::Refusal;

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
    pub(super) entries: Places,
    pub(super) trailer: Dictionary,
    pub(super) startxref: u64,
    pub(super) shift: u64,
    pub(super) form: XrefForm,
    pub(super) sections: usize,
    pub(super) next_number: u32,
    /// What is not as it should be, though it can be read.
    pub(super) oddity: Option<&'static str>,
    /// Whether a revision begins behind the last one that has an end.
    pub(super) is_cut_off: bool,
    /// Whether it begins elsewhere than the file says: readers that mend the file find its objects all
    /// the same, and will not once the newest section is right.
    pub(super) is_settled: bool,
    /// Whether it is not the file's own.
    pub(super) is_rebuilt: bool,
    /// What the stream of a hybrid file says otherwise than the table beside it: readers that do not
    /// know such files see nothing of it.
    pub(super) hidden: HashSet<u32>,
}

pub(super) fn read(pdf: &Pdf<'_>) -> Result<Xref, Refusal> {
    let Located {
        startxref,
        shift,
        is_exact,
        is_far,
        is_cut_off,
    } = startxref::locate(pdf)?;
    let oddity = if is_exact {
        is_far.then_some("startxref stands far from the end")
    } else {
        Some("startxref does not lead to its section")
    };
    let mut reading = Reading {
        pdf,
        sections: Sections { pdf, shift },
        xref: Xref {
            startxref,
            shift,
            is_cut_off,
            is_settled: !is_exact,
            oddity,
            ..Xref::default()
        },
        beside: HashMap::new(),
    };
    reading.follow(startxref)?;
    let Reading {
        mut xref, beside, ..
    } = reading;
    let unlisted = beside.into_iter().filter(|(_, entry)| !entry.is_free());
    xref.hidden.extend(unlisted.map(|(number, _)| number));
    let highest = xref.entries.highest().unwrap_or_default();
    xref.next_number = highest.saturating_add(1).max(xref.next_number);
    Ok(xref)
}

struct Reading<'p, 's> {
    pdf: &'p Pdf<'s>,
    sections: Sections<'p, 's>,
    xref: Xref,
    /// What streams of hybrid files say of numbers that no table has named yet.
    beside: HashMap<u32, Packed>,
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
            let section = self.sections.read(offset)?;
            let hidden = self.sections.hidden(&section)?;
            // Some readers take the file for encrypted by any of them.
            let hides = hidden
                .as_ref()
                .is_some_and(|hidden| is_encrypted(&hidden.trailer));
            if hides || is_encrypted(&section.trailer) {
                return Err(Refusal::PdfEncrypted);
            }
            let oddity = section.oddity(hidden.as_ref());
            let leads_on = leads_on(&section, hidden.as_ref());
            let leads_on = leads_on.then_some("a cross-reference stream leads to another one");
            self.xref.oddity = self.xref.oddity.or(oddity).or(leads_on);
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
            self.merge(&section.entries, hidden)?;
        }
        Ok(())
    }

    /// Whether an object of an earlier revision has a later generation than the one that counts: some
    /// readers keep it.
    fn is_older(&self, number: u32, before: Packed) -> bool {
        match (self.xref.entries.get(number), before.entry()) {
            (
                Some(XrefEntry::At { generation, .. }),
                Some(XrefEntry::At {
                    generation: before, ..
                }),
            ) => before > generation,
            _ => false,
        }
    }

    /// In a hybrid file the table calls objects free that its stream knows, so its free entries
    /// count least.
    fn merge(&mut self, entries: &[(u32, Packed)], hidden: Option<Section>) -> Result<(), Refusal> {
        let is_free = |(_, entry): &&(u32, Packed)| entry.is_free();
        let used = entries.iter().filter(|entry| !is_free(entry));
        for &(number, entry) in used {
            self.add(number, entry)?;
        }
        let hidden = hidden.map(|section| section.entries).unwrap_or_default();
        for &(number, entry) in &hidden {
            if self.add(number, entry)? {
                self.beside.insert(number, entry);
            }
        }
        for &(number, entry) in entries.iter().filter(is_free) {
            self.add(number, entry)?;
        }
        self.note_hidden(entries);
        Ok(())
    }

    /// Whoever goes by the tables alone takes for an object what the newest of them says: many files
    /// say all of it once more in a stream.
    fn note_hidden(&mut self, entries: &[(u32, Packed)]) {
        if self.beside.is_empty() {
            return;
        }
        for &(number, entry) in entries {
            if self
                .beside
                .remove(&number)
                .is_some_and(|said| said != entry)
            {
                self.xref.hidden.insert(number);
            }
        }
    }

    /// Takes an entry in, and says whether it counts.
    fn add(&mut self, number: u32, entry: Packed) -> Result<bool, Refusal> {
        if self.xref.sections > 1 && self.is_older(number, entry) {
            let why = "an object had a later generation before";
            self.xref.oddity = self.xref.oddity.or(Some(why));
        }
        if number == 0 && !entry.is_free() {
            self.xref.oddity = self.xref.oddity.or(Some("object 0 is in use"));
        }
        let counts = self.xref.entries.add(number, entry);
        if self.xref.entries.is_over(self.pdf.limits.objects) {
            return Err(too_many_objects());
        }
        Ok(counts)
    }
}

/// Whether a trailer says that its file is encrypted. An entry that is null is no entry (7.3.7).
pub(super) fn is_encrypted(trailer: &Dictionary) -> bool {
    !matches!(trailer.get(b"Encrypt"), Err(_) | Ok(Object::Null))
}

/// Whether a stream leads where some readers go and others do not: to one beside it as a table does, or
/// from beside a table to another section than that.
fn leads_on(section: &Section, hidden: Option<&Section>) -> bool {
    let prev = |section: &Section| section.trailer.get(b"Prev").ok().cloned();
    let hidden = hidden.and_then(prev);
    section.is_stream && section.trailer.has(b"XRefStm")
        || hidden.is_some_and(|hidden| prev(section) != Some(hidden))
}

pub(super) fn too_many_objects() -> Refusal {
    Refusal::PdfTooComplex("there are too many objects".into())
}

pub(super) fn prev(trailer: &Dictionary) -> Result<Option<u64>, Refusal> {
    // At offset 0 stands the header: writers say "none" with it, and readers take it so.
    match trailer.get(b"Prev") {
        Err(_) | Ok(Object::Null | Object::Integer(0)) => Ok(None),
        Ok(Object::Integer(offset)) => u64::try_from(*offset)
            .map(Some)
            .map_err(|_| damaged("/Prev is no offset")),
        Ok(_) => Err(damaged("/Prev is no offset")),
    }
}
