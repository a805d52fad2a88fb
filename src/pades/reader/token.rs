//! What bytes are to PDF: white space, delimiters, numbers, words (ISO 32000-2, 7.2.3 and 7.3.3).

use lopdf::{Object, StringFormat};

pub(in crate::pades) const fn is_space(byte: u8) -> bool {
    matches!(byte, 0 | b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

const fn is_delimiter(byte: u8) -> bool {
    matches!(
        byte,
        b'(' | b')' | b'<' | b'>' | b'[' | b']' | b'{' | b'}' | b'/' | b'%'
    )
}

pub(super) fn is_regular(byte: u8) -> bool {
    REGULAR.get(usize::from(byte)).is_some_and(|&is| is)
}

/// Whether `endstream` stands here, the whole word. Careless writers let it run into `endobj`; where it
/// runs into anything else readers do not agree that the stream ends.
pub(super) fn ends_stream(bytes: &[u8]) -> bool {
    let behind = bytes.strip_prefix(END_OF_STREAM);
    behind.is_some_and(|behind| {
        behind.first().is_none_or(|&next| !is_regular(next)) || behind.starts_with(b"endobj")
    })
}

pub(super) const END_OF_STREAM: &[u8] = b"endstream";

/// What [`ends_stream`] looks at, at most.
pub(super) const ENDS_STREAM_BYTES: usize = b"endstreamendobj".len();

/// Looked up: it is asked of nearly every byte.
static REGULAR: [bool; 256] = {
    let mut regular = [true; 256];
    let mut rest: &mut [bool] = &mut regular;
    let mut byte = 0;
    while let Some((is, behind)) = rest.split_first_mut() {
        *is = !is_space(byte) && !is_delimiter(byte);
        byte = byte.saturating_add(1);
        rest = behind;
    }
    regular
};

/// An integer, or else a real number, which has no exponent in PDF (7.3.3).
pub(super) fn number(text: &[u8]) -> Option<Object> {
    // Most are short and have no sign.
    if let [b'0'..=b'9', ..] = text
        && text.len() <= PLAIN_DIGITS
        && text.iter().all(u8::is_ascii_digit)
    {
        let add = |number, digit: &u8| number * 10 + i64::from(digit - b'0');
        return Some(Object::Integer(text.iter().fold(0, add)));
    }
    let text = std::str::from_utf8(text).ok()?;
    if let Ok(integer) = text.parse::<i64>() {
        return Some(Object::Integer(integer));
    }
    let plain = text
        .bytes()
        .all(|byte| matches!(byte, b'+' | b'-' | b'.' | b'0'..=b'9'));
    let real = text.parse::<f32>().ok().filter(|_| plain);
    real.map(Object::Real)
}

/// So many digits fit into any integer.
const PLAIN_DIGITS: usize = 18;

/// What is neither a number nor a word that PDF knows, such as the `1.#QNAN` or `--5` of careless
/// writers, stands for nothing that sealing relies on; it is kept as a string, as qpdf does, so
/// that a change of it is seen.
pub(super) fn unknown(word: &[u8]) -> Object {
    Object::String(word.to_vec(), StringFormat::Literal)
}

/// Words that belong to the file's structure and are never an object.
pub(super) const KEYWORDS: [&[u8]; 8] = [
    b"obj",
    b"endobj",
    b"stream",
    b"endstream",
    b"R",
    b"xref",
    b"trailer",
    b"startxref",
];
