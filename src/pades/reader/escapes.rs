//! How bytes are written in names and hexadecimal strings (ISO 32000-2, 7.3.4.3 and 7.3.5).

use super::token::is_space;
use crate::pades::syntax::NAME_BYTES_MAX;

/// `#xx` in names (7.3.5); a `#` that escapes nothing stands for itself.
pub(super) fn unescape_name(raw: &[u8]) -> Vec<u8> {
    unescaped(raw).0
}

/// The same, and whether it is one name to all readers: where a `#` escapes nothing, some lose the byte
/// behind it, or the one behind its only digit; some end a name at a zero byte (which 7.3.5 forbids),
/// or behind so many bytes.
pub(super) fn unescaped(raw: &[u8]) -> (Vec<u8>, bool) {
    let mut is_plain = raw.len() <= NAME_BYTES_MAX;
    if memchr::memchr(b'#', raw).is_none() {
        return (raw.to_vec(), is_plain);
    }
    let mut name = Vec::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((&byte, after)) = rest.split_first() {
        let escaped = if let (b'#', [high, low, ..]) = (byte, after) {
            digit(*high).zip(digit(*low))
        } else {
            None
        };
        if let Some((high, low)) = escaped {
            let byte = high << 4 | low;
            is_plain &= byte != 0;
            name.push(byte);
            rest = after.get(2..).unwrap_or_default();
        } else {
            is_plain &= byte != b'#';
            name.push(byte);
            rest = after;
        }
    }
    (name, is_plain)
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
    if let Some(bytes) = digits_alone(inside) {
        return Some(bytes);
    }
    let mut bytes = Vec::with_capacity(inside.len() / 2 + 1);
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

/// The bytes of a string that is digits and nothing else. A signature's hole is thousands of them,
/// read several times for each seal: neither loop has a branch, so that many digits go at once.
fn digits_alone(inside: &[u8]) -> Option<Vec<u8>> {
    let (pairs, []) = inside.as_chunks::<2>() else {
        return None;
    };
    // A hole that nothing is in yet.
    if inside
        .iter()
        .fold(0, |other, &digit| other | (digit ^ b'0'))
        == 0
    {
        return Some(vec![0; pairs.len()]);
    }
    let are_digits = inside
        .iter()
        .fold(true, |all, letter| all & letter.is_ascii_hexdigit());
    // Bit 6 tells a letter from a decimal digit; A stands for 10.
    let value = |digit: u8| (digit & 0x0f) + 9 * (digit >> 6);
    are_digits.then(|| {
        pairs
            .iter()
            .map(|&[high, low]| value(high) << 4 | value(low))
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_of_letters_is_read_as_the_standard_has_it() {
        for high in u8::MIN..=u8::MAX {
            for low in u8::MIN..=u8::MAX {
                let pair = [high, low];
                let meant = hex::decode(pair).ok();
                assert_eq!(digits_alone(&pair), meant, "{pair:?}");
                if meant.is_some() {
                    assert_eq!(hexadecimal(&pair), meant, "{pair:?}");
                }
            }
        }
    }

    #[test]
    fn white_space_counts_for_nothing_and_a_missing_digit_is_zero() {
        assert_eq!(hexadecimal(b"4 8\r\n6"), Some(vec![0x48, 0x60]));
        assert_eq!(hexadecimal(b""), Some(Vec::new()));
        assert_eq!(hexadecimal(b"4g"), None);
    }
}
