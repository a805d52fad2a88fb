//! Ways in for the fuzz targets (`fuzz/`) to what the service makes of a child's answer. Built for
//! them and their tests alone.

use super::assemble::Revision;
use super::wire;

/// An answer as it was taken.
pub(crate) struct Heard {
    /// The same answer, said again.
    pub(crate) again: Vec<u8>,
    /// The bytes behind it.
    pub(crate) appended: Vec<u8>,
    revision: Option<Revision>,
}

/// Takes an answer from what a child sends about a received file of that length, which was asked
/// for room for so many bytes.
pub(crate) fn hear(mut sent: &[u8], received_len: u64, contents_bytes: usize) -> Option<Heard> {
    let (answer, appended) = wire::receive_answer(&mut sent).ok()?;
    let mut again = Vec::new();
    wire::reply(&mut again, &answer, &appended).ok()?;
    let revision = Revision::of((answer, appended.clone()), received_len, contents_bytes);
    Some(Heard {
        again,
        revision: revision.ok(),
        appended,
    })
}

/// The bytes of the revision with this in its hole, as far as it is one that the service takes.
pub(crate) fn filled(heard: &Heard, der: &[u8]) -> Option<Vec<u8>> {
    heard.revision.as_ref()?.filled(der).ok()
}
