//! What a page tree has otherwise than it should (ISO 32000-2, 7.7.3). Some readers go by `/Kids`, some
//! by `/Type`, `/Count` or `/Parent`: where these do not agree they find other pages, or fewer.

use std::collections::{HashMap, HashSet};

use lopdf::{Dictionary, Object, ObjectId};

use super::followed_once::{FollowedOnce, Sought};
use super::{Pdf, damaged};
use crate::pades::error::Refusal;

/// What makes readers find other pages, if anything does.
///
/// # Errors
/// `PdfTooComplex` when the tree is too large.
pub(super) fn uneven(pdf: &Pdf<'_>) -> Result<Option<String>, Refusal> {
    match bent(pdf) {
        Ok(bent) if bent.is_empty() => Ok(None),
        Ok(_) => Ok(Some("a node says other than the tree is".to_owned())),
        Err(Refusal::PdfDamaged(why)) => Ok(Some(why)),
        Err(refusal) => Err(refusal),
    }
}

/// A node that must be written anew in a damaged file, and what has to be in it.
pub(super) struct Bent {
    pub(super) id: ObjectId,
    /// The branch that it is reached from; none of the root.
    pub(super) parent: Option<ObjectId>,
    /// How many pages stand below it, if it is a branch.
    pub(super) pages: Option<usize>,
    /// Whether a page stands in its list itself.
    pub(super) has_direct_kid: bool,
}

/// The nodes whose `/Type`, `/Parent` or `/Count` is not as the tree is, and those that have a page in
/// their list itself.
pub(super) fn bent(pdf: &Pdf<'_>) -> Result<Vec<Bent>, Refusal> {
    let root = match pdf.catalog()?.get(b"Pages") {
        Ok(Object::Reference(id)) => *id,
        Ok(Object::Dictionary(_)) => {
            return Err(damaged("the page tree is no object of its own"));
        }
        // There are no pages, which is said elsewhere.
        _ => return Ok(Vec::new()),
    };
    let mut walk = Walk {
        pdf,
        branches: Vec::new(),
        seen: HashSet::new(),
        shared: FollowedOnce::default(),
        pages: HashMap::new(),
        pending: vec![(root, None)],
        visited: 0,
    };
    while let Some((id, above)) = walk.pending.pop() {
        walk.node(id, above)?;
    }
    Ok(walk.into_bent())
}

struct Walk<'p, 's> {
    pdf: &'p Pdf<'s>,
    /// Each stands behind the one that it is reached from.
    branches: Vec<Branch>,
    seen: HashSet<ObjectId>,
    /// What is followed once and is something else than what is sought ends the walk.
    shared: FollowedOnce,
    pages: HashMap<ObjectId, Leaf>,
    /// Nodes that are still to be visited, and the places of the branches that have them.
    pending: Vec<(ObjectId, Option<usize>)>,
    visited: usize,
}

struct Branch {
    id: ObjectId,
    above: Option<usize>,
    parent: Option<ObjectId>,
    /// What it says of the number of its pages.
    count: Option<usize>,
    /// How many there are, once all below it are known.
    pages: usize,
    has_direct_kid: bool,
    /// Whether its `/Type` and `/Parent` are right.
    is_right: bool,
}

/// A page, which may stand in the tree more than once.
struct Leaf {
    /// The branch that has it.
    parent: Option<ObjectId>,
    is_typed: bool,
    /// Whether it names that branch.
    has_parent: bool,
}

impl Walk<'_, '_> {
    fn node(&mut self, id: ObjectId, above: Option<usize>) -> Result<(), Refusal> {
        self.visited += 1;
        let node = match self.pdf.object(id)? {
            Object::Dictionary(node) => node,
            Object::Null => return Err(damaged("a page is lost")),
            _ => return Err(no_dictionary()),
        };
        self.check_own(&node)?;
        let parent = above.and_then(|above| self.branches.get(above));
        let parent = parent.map(|branch| branch.id);
        let is_called = |word: &[u8]| is_of_type(&node, word);
        match self.pdf.get(&node, b"Kids")? {
            Object::Array(kids) if !is_called(b"Page") => {
                self.branch(id, &node, above, parent, kids)
            }
            Object::Null if node.has(b"Kids") => Err(damaged("pages are lost")),
            Object::Null if above.is_none() => Err(damaged("pages are lost")),
            Object::Null if !is_called(b"Pages") => self.page(id, &node, above, parent),
            Object::Array(_) | Object::Null => Err(damaged("a page may be a branch of pages")),
            _ => Err(damaged("the kids of a page tree node are no array")),
        }
    }

    /// What is inherited, where a node has it itself: some readers look for it further up where it is
    /// none, or in the whole file where it is missing.
    fn check_own(&mut self, node: &Dictionary) -> Result<(), Refusal> {
        if let Ok(resources) = node.get(b"Resources")
            && !self.is_dictionary(resources)?
        {
            return Err(damaged("the resources of a page are lost"));
        }
        for key in [b"MediaBox".as_slice(), b"CropBox"] {
            if let Ok(sides) = node.get(key)
                && !self.is_rectangle(sides)?
            {
                return Err(damaged("the measures of a page are lost"));
            }
        }
        Ok(())
    }

    fn is_dictionary(&mut self, object: &Object) -> Result<bool, Refusal> {
        let found = self.shared.follow(self.pdf, object, Sought::Dictionary)?;
        Ok(found.is_none_or(|found| matches!(*found, Object::Dictionary(_))))
    }

    fn is_rectangle(&mut self, object: &Object) -> Result<bool, Refusal> {
        let Some(found) = self.shared.follow(self.pdf, object, Sought::Rectangle)? else {
            return Ok(true);
        };
        let Object::Array(sides) = &*found else {
            return Ok(false);
        };
        for side in sides.iter().take(4) {
            let found = self.shared.follow(self.pdf, side, Sought::Number)?;
            let is_number = |found: &Object| matches!(found, Object::Integer(_) | Object::Real(_));
            if !found.is_none_or(|found| is_number(&found)) {
                return Ok(false);
            }
        }
        Ok(sides.len() == 4)
    }

    fn branch(
        &mut self,
        id: ObjectId,
        node: &Dictionary,
        above: Option<usize>,
        parent: Option<ObjectId>,
        kids: Vec<Object>,
    ) -> Result<(), Refusal> {
        if !self.seen.insert(id) {
            return Err(damaged("the page tree leads in a circle"));
        }
        if self.visited + self.pending.len() + kids.len() > self.pdf.limits.pages {
            return Err(Refusal::PdfTooComplex("the page tree is too large".into()));
        }
        if !matches!(self.pdf.get(node, b"Annots")?, Object::Null) {
            // Some readers give it to the pages below.
            return Err(damaged("a branch of pages has annotations"));
        }
        let here = self.branches.len();
        let mut direct_kids = 0;
        for kid in kids.into_iter().rev() {
            match kid {
                Object::Reference(kid) => self.pending.push((kid, Some(here))),
                Object::Dictionary(kid) => {
                    self.check_own(&kid)?;
                    direct_kids += 1;
                }
                Object::Null => return Err(damaged("a page is lost")),
                _ => return Err(no_dictionary()),
            }
        }
        let count = match node.get(b"Count") {
            Ok(Object::Integer(count)) => usize::try_from(*count).ok(),
            _ => None,
        };
        self.branches.push(Branch {
            id,
            above,
            parent,
            count,
            pages: direct_kids,
            has_direct_kid: direct_kids > 0,
            is_right: is_of_type(node, b"Pages") && names(node, parent),
        });
        Ok(())
    }

    fn page(
        &mut self,
        id: ObjectId,
        node: &Dictionary,
        above: Option<usize>,
        parent: Option<ObjectId>,
    ) -> Result<(), Refusal> {
        if let Some(branch) = above.and_then(|above| self.branches.get_mut(above)) {
            branch.pages += 1;
        }
        let leaf = self.pages.entry(id).or_insert_with(|| Leaf {
            parent,
            is_typed: is_of_type(node, b"Page"),
            has_parent: false,
        });
        if leaf.parent != parent {
            // What it inherits depends on the way that a reader takes to it.
            return Err(damaged("a page stands in two branches"));
        }
        leaf.has_parent |= names(node, parent);
        Ok(())
    }

    fn into_bent(mut self) -> Vec<Bent> {
        let is_bent = |(_, leaf): &(ObjectId, Leaf)| !(leaf.is_typed && leaf.has_parent);
        let leaves = self.pages.into_iter().filter(is_bent);
        let mut bent: Vec<_> = leaves
            .map(|(id, leaf)| Bent {
                id,
                parent: leaf.parent,
                pages: None,
                has_direct_kid: false,
            })
            .collect();
        // The same file becomes the same file.
        bent.sort_unstable_by_key(|bent| bent.id);
        while let Some(branch) = self.branches.pop() {
            let above = branch.above.and_then(|above| self.branches.get_mut(above));
            if let Some(above) = above {
                above.pages += branch.pages;
            }
            let is_right = branch.is_right && branch.count == Some(branch.pages);
            if !is_right || branch.has_direct_kid {
                bent.push(Bent {
                    id: branch.id,
                    parent: branch.parent,
                    pages: Some(branch.pages),
                    has_direct_kid: branch.has_direct_kid,
                });
            }
        }
        bent
    }
}

/// Whether a node names the branch that it is reached from, the root none.
fn names(node: &Dictionary, parent: Option<ObjectId>) -> bool {
    match (node.get(b"Parent"), parent) {
        (Ok(Object::Reference(named)), Some(parent)) => *named == parent,
        (Err(_), None) => true,
        _ => false,
    }
}

fn no_dictionary() -> Refusal {
    damaged("a node of the page tree is no dictionary")
}

/// Whether a dictionary says that it is of this `/Type`.
pub(super) fn is_of_type(dictionary: &Dictionary, wanted: &[u8]) -> bool {
    matches!(dictionary.get(b"Type"), Ok(Object::Name(kind)) if kind == wanted)
}
