//! What a reading child may say that a hostile file has taken over.

use crate::sealing::probe;

/// An answer, and the revision that it brings: two octets for the length of the received file, one
/// for the room that was asked for, then what the child sends. A revision that is taken is what the
/// child sent, with a hole of that room in it.
pub(super) fn answer(bytes: &[u8]) {
    const DER: &[u8] = &[0x30, 0];
    let Some((&[high, low, room], sent)) = bytes.split_first_chunk() else {
        return;
    };
    let received_len = u64::from(u16::from_be_bytes([high, low]));
    let room = usize::from(room);
    let Some(heard) = probe::hear(sent, received_len, room) else {
        return;
    };
    // The words' length stands before them.
    let (words, rest) = sent.split_first_chunk().expect("it was read");
    let words = usize::try_from(u32::from_be_bytes(*words)).expect("as much came");
    assert!(
        rest[words..].starts_with(&heard.appended),
        "what came is given"
    );
    let again = probe::hear(&heard.again, received_len, room).expect("it can be said again");
    assert!(again.again == heard.again && again.appended == heard.appended);
    let Some(filled) = probe::filled(&heard, DER) else {
        return;
    };
    let hole = format!("<3000{}>", "00".repeat(room - DER.len()));
    assert_eq!(filled.len(), heard.appended.len() + hole.len());
    let is_around = |at: usize| {
        let (before, behind) = heard.appended.split_at(at);
        filled.starts_with(before)
            && filled[at..].starts_with(hole.as_bytes())
            && filled.ends_with(behind)
    };
    let mut places = 0..=heard.appended.len();
    assert!(places.any(is_around), "only the hole is added");
}
