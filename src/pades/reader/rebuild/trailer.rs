//! Which trailer of a damaged file counts.

use lopdf::{Dictionary, Object, ObjectId};

use super::Place;
use crate::pades::error::Refusal;
use crate::pades::reader::page_tree::is_of_type;
use crate::pades::reader::{Pdf, XrefEntry, damaged};

/// Where a trailer begins that leads to something. There may be many, and large ones.
#[derive(Clone, Copy)]
pub(super) enum TrailerPlace {
    /// Its dictionary.
    Dictionary(u64),
    /// The stream that it is the dictionary of.
    Stream(u64),
}

/// The newest trailer that leads to a catalog, else one that leads to the newest catalog.
pub(super) fn trailer(
    pdf: &Pdf<'_>,
    trailers: Vec<TrailerPlace>,
    mut catalogs: Vec<(Place, ObjectId)>,
) -> Result<Dictionary, Refusal> {
    let newest = pdf.limits.revisions;
    for place in trailers.into_iter().rev().take(newest) {
        let trailer = read_trailer(pdf, place)?;
        if let Ok(Object::Reference(id)) = trailer.get(b"Root") {
            if pdf.entry(id.0) == Some(XrefEntry::Free) {
                return Err(damaged("its newest catalog is lost"));
            }
            if is_catalog(pdf, *id)? {
                return Ok(kept(&trailer));
            }
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

/// What counts of a trailer: the section that is written anew has it in plain words.
fn kept(trailer: &Dictionary) -> Dictionary {
    let keys = [b"Root".as_slice(), b"Info", b"ID"];
    let entries = keys.into_iter().filter_map(|key| {
        let value = trailer.get(key).ok()?;
        Some((key.to_vec(), value.clone()))
    });
    entries.collect()
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
