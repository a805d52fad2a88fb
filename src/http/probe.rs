//! Ways in for the fuzz targets (`fuzz/`) to what reads requests here. Built for them and their
//! tests alone.

pub(crate) use super::proxies::Proxies;
pub(crate) use super::range::Wanted;
pub(crate) use super::texts::Language;

use super::heads::Heads;

/// Whether the heads of a form in these pieces are short enough.
pub(crate) fn heads_pass<'p>(
    boundary: &str,
    bytes_max: usize,
    mut pieces: impl Iterator<Item = &'p [u8]>,
) -> bool {
    let mut heads = Heads::of(boundary, bytes_max);
    pieces.all(|piece| heads.pass(piece).is_ok())
}
