//! What is wrong with a page tree though its pages can be found (ISO 32000-2, 7.7.3.2): readers that
//! go by `/Count`, or stop at what is missing, then show other pages, or fewer.

use lopdf::{Dictionary, Object};

use super::Pdf;
use crate::pades::error::Refusal;

/// What a walk through the tree notes, node by node.
#[derive(Default)]
pub(super) struct PageTree {
    /// The branches that the walk is in, the innermost last.
    branches: Vec<Branch>,
    /// How many pages came so far.
    pages: u64,
    uneven: Option<&'static str>,
}

struct Branch {
    /// How many nodes were still to be visited before its kids came to them.
    pending: usize,
    /// How many pages had come before it.
    pages_before: u64,
    /// What its `/Count` says.
    said: Option<u64>,
}

impl PageTree {
    /// What was found first.
    pub(super) fn uneven(&self) -> Option<&'static str> {
        self.uneven
    }

    pub(super) fn note(&mut self, what: &'static str) {
        self.uneven.get_or_insert(what);
    }

    pub(super) fn page(&mut self) {
        self.pages += 1;
    }

    /// Goes into a branch; `pending` nodes are still to be visited besides its kids.
    ///
    /// # Errors
    /// As [`Pdf::resolve`].
    pub(super) fn enter(
        &mut self,
        pdf: &Pdf<'_>,
        node: &Dictionary,
        pending: usize,
    ) -> Result<(), Refusal> {
        let said = match pdf.get(node, b"Count")? {
            Object::Integer(count) => u64::try_from(count).ok(),
            _ => None,
        };
        self.branches.push(Branch {
            pending,
            pages_before: self.pages,
            said,
        });
        Ok(())
    }

    /// Leaves the branches of which no kid is among the `pending` nodes.
    pub(super) fn leave(&mut self, pending: usize) {
        while let Some(branch) = self.branches.pop_if(|branch| branch.pending >= pending) {
            if branch.said != Some(self.pages - branch.pages_before) {
                self.note("/Count is not the number of pages");
            }
        }
    }
}
