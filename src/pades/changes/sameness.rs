//! Whether two objects say the same, however each is written.

use lopdf::{Dictionary, Object};

/// Whether two objects say the same; of streams the dictionaries. A string is its bytes, between
/// brackets or in hexadecimal (7.3.4): some writers choose anew whenever they write. The parser
/// bounds how deep an object nests.
pub(super) fn same(one: &Object, other: &Object) -> bool {
    match (one, other) {
        (Object::String(one, _), Object::String(other, _)) => one == other,
        (Object::Array(one), Object::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Object::Dictionary(one), Object::Dictionary(other)) => differs_only_in(one, other, &[]),
        (Object::Stream(one), Object::Stream(other)) => {
            differs_only_in(&one.dict, &other.dict, &[])
        }
        _ => one == other,
    }
}

/// Whether two dictionaries say the same but for the entries under these keys.
pub(super) fn differs_only_in(old: &Dictionary, new: &Dictionary, keys: &[&[u8]]) -> bool {
    let may = |key: &[u8]| keys.contains(&key);
    old.iter()
        .all(|(key, value)| may(key) || new.get(key).is_ok_and(|other| same(value, other)))
        && new.iter().all(|(key, _)| may(key) || old.has(key))
}
