//! What a file may cost in all. Bounds on each object are not enough: a small file can name a
//! large object a million times.

use std::cell::Cell;

use crate::pades::error::Refusal;
use crate::pades::limits::{Limits, WORK_EACH_MIB};

/// What is left of the work on one file. The views of its earlier revisions share it.
pub(super) struct Budget {
    objects: Cell<usize>,
    bytes: Cell<usize>,
    waste: Cell<usize>,
}

impl Budget {
    /// For a file of this length.
    pub(super) fn new(limits: &Limits, len: u64) -> Self {
        let mib = usize::try_from(len >> 20).unwrap_or(usize::MAX);
        let work = mib
            .saturating_mul(WORK_EACH_MIB)
            .saturating_add(limits.work);
        Self {
            objects: Cell::new(work),
            bytes: Cell::new(limits.work_bytes),
            waste: Cell::new(WASTED_BYTES_MAX),
        }
    }

    /// One more object is parsed.
    pub(super) fn spend_object(&self) -> Result<(), Refusal> {
        spend(&self.objects, 1, "too many objects are looked at")
    }

    /// So many bytes more are parsed or came out of a filter.
    pub(super) fn spend_bytes(&self, count: usize) -> Result<(), Refusal> {
        spend(&self.bytes, count, "too many bytes are looked at")
    }

    /// So many bytes were looked at in vain: what is no object may look like the beginning of a long
    /// one, again and again.
    pub(super) fn waste_bytes(&self, count: usize) -> Result<(), Refusal> {
        spend(&self.waste, count, "too much is no object")
    }
}

/// So many bytes may be looked at in vain when a damaged file is rebuilt.
const WASTED_BYTES_MAX: usize = 64 << 20;

fn spend(left: &Cell<usize>, count: usize, what: &str) -> Result<(), Refusal> {
    let rest = left.get().checked_sub(count);
    left.set(rest.unwrap_or_default());
    rest.map(drop)
        .ok_or_else(|| Refusal::PdfTooComplex(what.into()))
}
