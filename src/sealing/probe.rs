//! Ways in for the fuzz targets (`fuzz/`) to what the service makes of a child's answer. Built for
//! them and their tests alone.

use std::ops::Range;

use super::assemble::{self, Revision};
use super::wire;

/// An answer as it was taken.
pub(crate) struct Heard {
    /// The same answer, said again.
    pub(crate) again: Vec<u8>,
    /// The bytes behind it.
    pub(crate) appended: Vec<u8>,
    revision: Option<Revision>,
}

/// Takes an answer from what a child sends.
pub(crate) fn hear(mut sent: &[u8]) -> Option<Heard> {
    let (answer, appended) = wire::receive_answer(&mut sent).ok()?;
    let mut again = Vec::new();
    wire::reply(&mut again, &answer, &appended).ok()?;
    Some(Heard {
        again,
        revision: Revision::of((answer, appended.clone())).ok(),
        appended,
    })
}

/// The revision with this in its hole, and where the hole lies in it: as far as the revision is one
/// that the service takes for a received file of that length.
pub(crate) fn filled(
    heard: &Heard,
    received_len: u64,
    der: &[u8],
) -> Option<(Vec<u8>, Range<usize>)> {
    let revision = heard.revision.as_ref()?;
    let filled = assemble::filled(revision, received_len, der).ok()?;
    let inside = |place: u64| usize::try_from(place - received_len).ok();
    let hole = inside(revision.hole.start)?..inside(revision.hole.end)?;
    Some((filled, hole))
}
