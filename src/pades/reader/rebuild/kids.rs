//! Pages that stand in the list of a branch itself. The list should have references (7.7.3.2): to a
//! page that is no object nothing can be added, and some readers do not find it. Each becomes one.

use std::collections::HashSet;

use lopdf::{Dictionary, Object, ObjectId};

use super::anew::Anew;
use super::{NUMBER_MAX, form};
use crate::pades::error::Refusal;
use crate::pades::reader::{Pdf, damaged};

/// Makes objects of such pages, and tells the cross-reference. What comes back stands
/// behind the bytes that the file is read from.
pub(super) fn taken_out(pdf: &mut Pdf<'_>) -> Result<Vec<u8>, Refusal> {
    let branches = branches(pdf)?;
    let mut out = TakenOut {
        anew: Anew::behind(pdf),
        pdf,
    };
    if !branches.is_empty() {
        // What waits for a number must not get a page.
        out.pdf.look_at_all()?;
    }
    for id in branches {
        out.branch(id)?;
    }
    Ok(out.anew.bytes)
}

/// The branches that have a kid in their list itself.
fn branches(pdf: &Pdf<'_>) -> Result<Vec<ObjectId>, Refusal> {
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut visited = 0;
    let mut pending: Vec<Object> = pdf.catalog()?.get(b"Pages").cloned().into_iter().collect();
    while let Some(object) = pending.pop() {
        visited += 1;
        let (id, node) = match object {
            Object::Reference(id) => {
                let (id, node) = pdf.follow(id)?;
                if !seen.insert(id) {
                    continue;
                }
                (Some(id), node)
            }
            node => (None, node),
        };
        let Object::Dictionary(node) = node else {
            continue;
        };
        if let Object::Array(kids) = pdf.get(&node, b"Kids")? {
            let is_direct = |kid: &Object| matches!(kid, Object::Dictionary(_));
            found.extend(id.filter(|_| kids.iter().any(is_direct)));
            if visited + pending.len() + kids.len() > pdf.limits.pages {
                return Err(Refusal::PdfTooComplex("the page tree is too large".into()));
            }
            pending.extend(kids);
        }
    }
    Ok(found)
}

struct TakenOut<'p, 's> {
    pdf: &'p mut Pdf<'s>,
    anew: Anew,
}

impl TakenOut<'_, '_> {
    fn branch(&mut self, id: ObjectId) -> Result<(), Refusal> {
        let Object::Dictionary(mut node) = self.pdf.object(id)? else {
            return Ok(());
        };
        if form::signatures_in_dictionary(&node) > 0 {
            return Err(damaged("a page with a signature is no object of its own"));
        }
        if let Object::Array(kids) = self.pdf.get(&node, b"Kids")? {
            let kids = self.kids(id, kids)?;
            node.set("Kids", kids);
        }
        self.anew.put(self.pdf, id, &Object::Dictionary(node))
    }

    /// A list with references to what stood in it.
    fn kids(&mut self, parent: ObjectId, kids: Vec<Object>) -> Result<Object, Refusal> {
        let mut list = Vec::new();
        for kid in kids {
            list.push(match kid {
                Object::Dictionary(kid) => Object::Reference(self.take_out(parent, kid)?),
                kid => kid,
            });
        }
        Ok(Object::Array(list))
    }

    fn take_out(&mut self, parent: ObjectId, mut kid: Dictionary) -> Result<ObjectId, Refusal> {
        if kid.has(b"Kids") {
            // Its own kids name another parent, and inherit from that in some readers.
            return Err(damaged("a branch of the page tree is no object of its own"));
        }
        let id = self.reserve()?;
        kid.set("Parent", Object::Reference(parent));
        self.anew.put(self.pdf, id, &Object::Dictionary(kid))?;
        Ok(id)
    }

    /// A number that no object has, and none waits for.
    fn reserve(&mut self) -> Result<ObjectId, Refusal> {
        let is_free = |number: &u32| !self.pdf.is_awaited(*number);
        let number = (self.pdf.next_number()..=NUMBER_MAX).find(is_free);
        let number = number.ok_or_else(|| Refusal::PdfTooComplex("too many objects".into()))?;
        self.pdf.xref.next_number = number + 1;
        Ok((number, 0))
    }
}
