//! Nodes of the page tree that readers would mend, each in its own way, written anew: with the `/Type`,
//! `/Parent` and `/Count` that they have to have. Pages that stand in the list of a branch itself become
//! objects: the list should have references (7.7.3.2), nothing can be added to a page that is no object,
//! and some readers do not find it.

use lopdf::{Dictionary, Object, ObjectId};

use super::anew::Anew;

use super::{NUMBER_MAX, form};
use crate::pades::error::Refusal;
use crate::pades::reader::page_tree::{Bent, bent};
use crate::pades::reader::{Pdf, damaged};

/// Writes such nodes anew, and tells the cross-reference. What comes back stands behind the bytes that
/// the file is read from.
pub(super) fn straightened(pdf: &mut Pdf<'_>) -> Result<Vec<u8>, Refusal> {
    let nodes = bent(pdf)?;
    let mut tree = Straightened {
        anew: Anew::behind(pdf),
        pdf,
    };
    if nodes.iter().any(|node| node.has_direct_kid) {
        // What waits for a number must not get a page.
        tree.pdf.look_at_all()?;
    }
    for node in nodes {
        tree.node(&node)?;
    }
    Ok(tree.anew.bytes)
}

struct Straightened<'p, 's> {
    pdf: &'p mut Pdf<'s>,
    anew: Anew,
}

impl Straightened<'_, '_> {
    fn node(&mut self, bent: &Bent) -> Result<(), Refusal> {
        let Object::Dictionary(mut node) = self.pdf.object(bent.id)? else {
            return Ok(());
        };
        if form::signatures_in_dictionary(&node) > 0 {
            return Err(damaged(
                "a node of the page tree with a signature is not as it should be",
            ));
        }
        match bent.parent {
            Some(parent) => node.set("Parent", Object::Reference(parent)),
            None => drop(node.remove(b"Parent")),
        }
        let kind = if let Some(pages) = bent.pages {
            let count = i64::try_from(pages).unwrap_or(i64::MAX);
            node.set("Count", Object::Integer(count));
            "Pages"
        } else {
            "Page"
        };
        node.set("Type", Object::Name(kind.into()));
        if bent.has_direct_kid
            && let Object::Array(kids) = self.pdf.get(&node, b"Kids")?
        {
            let kids = self.kids(bent.id, kids)?;
            node.set("Kids", kids);
        }
        self.anew.put(self.pdf, bent.id, &Object::Dictionary(node))
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
        let called = self.pdf.get(&kid, b"Type")?;
        if kid.has(b"Kids") || called == Object::Name(b"Pages".to_vec()) {
            // Its own kids name another parent, and inherit from that in some readers.
            return Err(damaged("a branch of the page tree is no object of its own"));
        }
        let id = self.reserve()?;
        kid.set("Parent", Object::Reference(parent));
        kid.set("Type", Object::Name(b"Page".to_vec()));
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
