//! What a file may cost in all. Bounds on each object are not enough: a small file can name a
//! large object a million times.

use std::cell::Cell;

use crate::pades::error::Refusal;
use crate::pades::limits::Limits;

/// Counts the work on one file. The views of its earlier revisions share it.
pub(super) struct Budget {
    objects_left: Cell<usize>,
    bytes_left: Cell<usize>,
}

impl Budget {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            objects_left: Cell::new(limits.work),
            bytes_left: Cell::new(limits.work_bytes),
        }
    }

    /// One more object is parsed.
    pub(super) fn spend_object(&self) -> Result<(), Refusal> {
        spend(&self.objects_left, 1, "too many objects are looked at")
    }

    /// So many bytes more are parsed or came out of a filter.
    pub(super) fn spend_bytes(&self, count: usize) -> Result<(), Refusal> {
        spend(&self.bytes_left, count, "too many bytes are looked at")
    }
}

fn spend(left: &Cell<usize>, count: usize, what: &str) -> Result<(), Refusal> {
    let rest = left.get().checked_sub(count);
    left.set(rest.unwrap_or_default());
    rest.map(drop)
        .ok_or_else(|| Refusal::PdfTooComplex(what.into()))
}
