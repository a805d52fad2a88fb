//! What a reading child may say that a hostile file has taken over.

use crate::sealing::probe;

/// An answer, and the revision that it brings: two octets for the length of the received file, then
/// what the child sends. A revision that is taken is what the child sent but for its hole.
pub(super) fn answer(bytes: &[u8]) {
    const DER: &[u8] = &[0x30, 0];
    let Some((len, sent)) = bytes.split_first_chunk::<2>() else {
        return;
    };
    let received_len = u64::from(u16::from_be_bytes(*len));
    let Some(heard) = probe::hear(sent) else {
        return;
    };
    // The words' length stands before them.
    let (words, rest) = sent.split_first_chunk().expect("it was read");
    let words = usize::try_from(u32::from_be_bytes(*words)).expect("as much came");
    assert!(
        rest[words..].starts_with(&heard.appended),
        "what came is given"
    );
    let again = probe::hear(&heard.again).expect("it can be said again");
    assert!(again.again == heard.again && again.appended == heard.appended);
    let Some((filled, hole)) = probe::filled(&heard, received_len, DER) else {
        return;
    };
    assert_eq!(filled.len(), heard.appended.len());
    let mut changed = filled.iter().zip(&heard.appended).enumerate();
    let outside = changed.find(|(at, (ours, theirs))| ours != theirs && !hole.contains(at));
    assert!(outside.is_none(), "only the hole is written");
    let written = &filled[hole];
    assert!(written.starts_with(b"<3000") && written.ends_with(b">"));
}
