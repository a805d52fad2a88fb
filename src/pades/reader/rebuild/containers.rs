//! The object streams of a damaged file (7.5.7), and what they hold.

use std::collections::{HashMap, HashSet};

use lopdf::{Object, ObjectId};

use super::anew::{Flaw, Flawed};
use super::form::Holder;
use super::{Gathered, NUMBER_MAX, Place, encryption, form, generations, is_at, refuse_reference};
use crate::pades::error::Refusal;
use crate::pades::reader::objects::looked_at;
use crate::pades::reader::page_tree::is_of_type;
use crate::pades::reader::xref::{Xref, too_many_objects};
use crate::pades::reader::{Pdf, XrefEntry, XrefForm, damaged};

/// An object stream.
#[derive(Clone, Copy)]
pub(super) struct Container {
    pub(super) number: u32,
    pub(super) offset: u64,
}

/// Takes in what the object streams of a file hold.
pub(super) fn take_in(pdf: &mut Pdf<'_>, gathered: &mut Gathered) -> Result<(), Refusal> {
    let numbers = gathered.containers.iter().map(|each| each.number).collect();
    let mut all = Vec::new();
    for &container in &gathered.containers {
        // Of one that another object of its number followed nothing counts.
        if !is_at(pdf.entry(container.number), container.offset) {
            continue;
        }
        if is_for_nobody(pdf, container)? {
            gathered.has_left_out = true;
            continue;
        }
        let held = Held::of(pdf, container)?;
        gathered.has_left_out |= held.take_into(&mut pdf.xref, &numbers, &gathered.gone);
        if pdf.xref.entries.is_over(pdf.limits.objects) {
            return Err(too_many_objects());
        }
        gathered.catalogs.extend(held.catalogs);
        gathered.signatures.extend(held.signatures);
        gathered.flawed.extend(held.flawed);
        gathered.has_later_generations |= held.has_later_generations;
        all.push((container, held.objects));
        // What was read before all was known may be read differently now, and will be by others.
        pdf.streams.borrow_mut().clear();
    }
    for (container, objects) in all {
        let stream = pdf.object_stream(container.number)?;
        if !stream.numbers().eq(objects.into_iter().map(number_of)) {
            return Err(damaged("an object stream can be read in two ways"));
        }
    }
    Ok(())
}

/// Whether no reader can decode an object stream: then all see the file without it.
fn is_for_nobody(pdf: &Pdf<'_>, container: Container) -> Result<bool, Refusal> {
    match pdf.object_at(container.offset)?.object {
        Object::Stream(stream) => pdf.has_unknown_filter(&stream),
        _ => Ok(false),
    }
}

/// One of the objects of an object stream.
#[derive(Clone, Copy)]
enum Member {
    Readable(u32),
    Lost(u32),
}

fn number_of(member: Member) -> u32 {
    match member {
        Member::Readable(number) | Member::Lost(number) => number,
    }
}

/// What an object stream holds, in its order.
struct Held {
    container: Container,
    objects: Vec<Member>,
    catalogs: Vec<(Place, ObjectId)>,
    signatures: Vec<Holder>,
    flawed: Vec<Flawed>,
    has_later_generations: bool,
}

impl Held {
    /// Reads an object stream. What one holds that cannot be read nobody knows: it may be what counts
    /// of any object.
    fn of(pdf: &Pdf<'_>, container: Container) -> Result<Self, Refusal> {
        let mut held = Self {
            container,
            objects: Vec::new(),
            catalogs: Vec::new(),
            signatures: Vec::new(),
            flawed: Vec::new(),
            has_later_generations: false,
        };
        let stream = pdf.object_stream(container.number)?;
        for (index, number) in (0..).zip(stream.numbers()) {
            pdf.budget.spend_object()?;
            let bytes = stream.bytes_from(number, index)?;
            let mut lexer = pdf.lexer(bytes);
            let object = lexer.object();
            let flaw = Flaw {
                oddities: lexer.oddities(),
                ..Flaw::default()
            };
            let bytes = looked_at(&lexer, bytes, &object);
            pdf.budget.spend_bytes(bytes)?;
            if let Ok(object) = object {
                held.take(number, index, &object, flaw)?;
            } else {
                pdf.budget.waste_bytes(bytes)?;
                held.objects.push(Member::Lost(number));
            }
        }
        Ok(held)
    }

    fn take(
        &mut self,
        number: u32,
        index: u32,
        object: &Object,
        flaw: Flaw,
    ) -> Result<(), Refusal> {
        encryption::refuse(object)?;
        refuse_reference(object)?;
        self.has_later_generations |= generations::names_later(object);
        let id = (number, 0);
        self.objects.push(Member::Readable(number));
        if let Object::Dictionary(dictionary) = object
            && is_of_type(dictionary, b"Catalog")
        {
            let place = (self.container.offset, self.objects.len());
            self.catalogs.push((place, id));
        }
        let stream = self.container.number;
        let entry = XrefEntry::In { stream, index };
        let signatures = form::signatures_in(object);
        if signatures > 0 {
            if flaw.is_ambiguous() {
                return Err(damaged("a signature can be read in two ways"));
            }
            self.signatures.push(Holder {
                id,
                entry,
                signatures,
            });
        } else if flaw.is_any() {
            self.flawed.push(Flawed { id, entry, flaw });
        }
        Ok(())
    }

    /// Each of its objects takes the place of those that stand before the stream, unless that is an
    /// object stream itself: those lie in the file, never in another one (7.5.7). Says whether one
    /// is left out.
    fn take_into(
        &self,
        xref: &mut Xref,
        containers: &HashSet<u32>,
        gone: &HashMap<u32, u64>,
    ) -> bool {
        let Container { number, offset } = self.container;
        let mut has_left_out = false;
        for (index, &member) in (0..).zip(&self.objects) {
            let (stream, number) = (number, number_of(member));
            let is_later = match xref.entries.get(number) {
                Some(XrefEntry::At { offset: other, .. }) => other < offset,
                _ => gone.get(&number).is_none_or(|&other| other < offset),
            };
            let may_be = (1..=NUMBER_MAX).contains(&number) && !containers.contains(&number);
            has_left_out |= !may_be || matches!(member, Member::Lost(_));
            if !is_later || !may_be {
                continue;
            }
            let entry = match member {
                Member::Readable(_) => XrefEntry::In { stream, index },
                Member::Lost(_) => XrefEntry::Free,
            };
            xref.entries.replace(number, entry);
            xref.next_number = xref.next_number.max(number + 1);
            xref.form = XrefForm::Stream;
        }
        has_left_out
    }
}
