//! How bytes are written in names and hexadecimal strings (ISO 32000-2, 7.3.4.3 and 7.3.5).

use super::lexer::is_space;

/// `#xx` in names (7.3.5); a `#` that escapes nothing stands for itself.
pub(super) fn unescape_name(raw: &[u8]) -> Vec<u8> {
    let mut name = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = if let (b'#', [high, low, ..]) = (byte, after) {
            digit(*high).zip(digit(*low))
        } else {
            None
        };
        if let Some((high, low)) = escaped {
            name.push(high << 4 | low);
            rest = after.get(2..).unwrap_or_default();
        } else {
            name.push(byte);
            rest = after;
        }
    }
    name
}

fn digit(letter: u8) -> Option<u8> {
    let (decimal, alphabetic) = (
        letter.wrapping_sub(b'0'),
        (letter | 0x20).wrapping_sub(b'a'),
    );
    match (decimal, alphabetic) {
        (0..10, _) => Some(decimal),
        (_, 0..6) => Some(alphabetic + 10),
        _ => None,
    }
}

/// The bytes of a hexadecimal string's inside: white space is skipped, a last odd digit is
/// followed by 0 (7.3.4.3).
pub(in crate::pades) fn hexadecimal(inside: &[u8]) -> Option<Vec<u8>> {
    // A signature's hole is thousands of digits without a space.
    let mut bytes = vec![0; inside.len() / 2];
    if hex::decode_to_slice(inside, &mut bytes).is_ok() {
        return Some(bytes);
    }
    bytes.clear();
    let mut high = None;
    for &letter in inside.iter().filter(|&&byte| !is_space(byte)) {
        let value = digit(letter)?;
        match high.take() {
            None => high = Some(value),
            Some(first) => bytes.push(first << 4 | value),
        }
    }
    bytes.extend(high.map(|first: u8| first << 4));
    Some(bytes)
}
