//! Objects into bytes (ISO 32000-2, 7.3): what sealing adds is written here, once.

use std::fmt;
use std::io::Write as _;

use lopdf::{Dictionary, Object, Stream, StringFormat};

/// Writes one object; a stream gets the `/Length` of what it holds.
pub(super) fn write(object: &Object, out: &mut Vec<u8>) {
    match object {
        Object::Null => out.extend_from_slice(b"null"),
        Object::Boolean(value) => put(out, format_args!("{value}")),
        Object::Integer(value) => put(out, format_args!("{value}")),
        Object::Real(value) => write_real(*value, out),
        Object::Name(name) => write_name(name, out),
        Object::String(bytes, format) => write_string(bytes, *format, out),
        Object::Array(items) => write_array(items, out),
        Object::Dictionary(dictionary) => write_dictionary(dictionary, out),
        Object::Stream(stream) => write_stream(stream, out),
        Object::Reference((number, generation)) => {
            put(out, format_args!("{number} {generation} R"));
        }
    }
}

/// Writes words and numbers as they are formatted.
pub(super) fn put(out: &mut Vec<u8>, words: fmt::Arguments<'_>) {
    // Memory takes everything.
    let _ = out.write_fmt(words);
}

/// The bytes of one object.
pub(super) fn bytes_of(object: &Object) -> Vec<u8> {
    let mut bytes = Vec::new();
    write(object, &mut bytes);
    bytes
}

/// Text that people read (7.9.2.2): ASCII as it is, anything else in UTF-16BE with its mark.
pub(super) fn text(text: &str) -> Object {
    if text.is_ascii() {
        return Object::String(text.as_bytes().to_vec(), StringFormat::Literal);
    }
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    let bytes = units.flat_map(u16::to_be_bytes).collect();
    Object::String(bytes, StringFormat::Hexadecimal)
}

/// A name object.
pub(super) fn name(name: &str) -> Object {
    Object::Name(name.as_bytes().to_vec())
}

// A real number has no exponent in PDF; `Display` of a float never writes one. What no real can
// hold (infinity) cannot come out of a parsed file either.
fn write_real(value: f32, out: &mut Vec<u8>) {
    let value = if value.is_finite() { value } else { 0.0 };
    put(out, format_args!("{value}"));
}

/// A name in printable letters (7.3.5); one that would become too long by that keeps the bytes that
/// may stand as they are.
fn write_name(name: &[u8], out: &mut Vec<u8>) {
    let is_special = |byte: u8| b"#%()<>[]{}/\0\t\n\x0c\r ".contains(&byte);
    let is_odd = |&byte: &u8| !byte.is_ascii_graphic() || is_special(byte);
    let odd = name.iter().filter(|byte| is_odd(byte)).count();
    let is_long = name.len() + 2 * odd > NAME_BYTES_MAX;
    out.push(b'/');
    for &byte in name {
        if is_special(byte) || (is_odd(&byte) && !is_long) {
            put(out, format_args!("#{byte:02x}"));
        } else {
            out.push(byte);
        }
    }
}

/// Some readers take no more of a name, as it is written (ISO 32000-1, annex C).
pub(super) const NAME_BYTES_MAX: usize = 127;

fn write_string(bytes: &[u8], format: StringFormat, out: &mut Vec<u8>) {
    let printable = bytes.iter().all(|byte| (b' '..=b'~').contains(byte));
    if format == StringFormat::Hexadecimal || !printable {
        out.push(b'<');
        let start = out.len();
        out.resize(start + 2 * bytes.len(), b'0');
        let digits = out.get_mut(start..).unwrap_or_default();
        // There are twice as many digits as bytes.
        let _ = hex::encode_to_slice(bytes, digits);
        out.push(b'>');
        return;
    }
    out.push(b'(');
    for &byte in bytes {
        if b"\\()".contains(&byte) {
            out.push(b'\\');
        }
        out.push(byte);
    }
    out.push(b')');
}

fn write_array(items: &[Object], out: &mut Vec<u8>) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b' ');
        }
        write(item, out);
    }
    out.push(b']');
}

fn write_dictionary(dictionary: &Dictionary, out: &mut Vec<u8>) {
    out.extend_from_slice(b"<<");
    for (key, value) in dictionary {
        write_name(key, out);
        out.push(b' ');
        write(value, out);
        out.push(b' ');
    }
    out.extend_from_slice(b">>");
}

fn write_stream(stream: &Stream, out: &mut Vec<u8>) {
    let mut dictionary = stream.dict.clone();
    let length = i64::try_from(stream.content.len()).unwrap_or(i64::MAX);
    dictionary.set("Length", Object::Integer(length));
    write_dictionary(&dictionary, out);
    out.extend_from_slice(b"\nstream\n");
    out.extend_from_slice(&stream.content);
    out.extend_from_slice(b"\nendstream");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(object: &Object) -> String {
        String::from_utf8(bytes_of(object)).unwrap()
    }

    #[test]
    fn names_and_strings_are_escaped() {
        assert_eq!(
            written(&Object::Name(b"A#B c/\xff".to_vec())),
            "/A#23B#20c#2f#ff"
        );
        assert_eq!(written(&text("a(b)\\")), "(a\\(b\\)\\\\)");
        assert_eq!(written(&text("a\nb")), "<610a62>");
        assert_eq!(written(&text("Đ")), "<feff0110>");
    }

    #[test]
    fn a_name_does_not_become_too_long_by_being_escaped() {
        let name = |odd: &[u8], others: usize| Object::Name([odd, &vec![b'a'; others]].concat());
        let printable = bytes_of(&name(b"\xff ", 121));
        assert_eq!(printable.len(), 1 + NAME_BYTES_MAX);
        assert!(printable.starts_with(b"/#ff#20a"));
        let long = bytes_of(&name(b"\xff \x01\0#", 116));
        assert!(long.starts_with(b"/\xff#20\x01#00#23a"), "{long:?}");
    }

    #[test]
    fn numbers_and_collections_are_plain() {
        let numbers = vec![
            Object::Real(0.000_01),
            Object::Real(-3.5),
            Object::Integer(-7),
        ];
        assert_eq!(written(&Object::Array(numbers)), "[0.00001 -3.5 -7]");
        let mut dictionary = Dictionary::new();
        dictionary.set("A", Object::Reference((3, 1)));
        dictionary.set("B", Object::Null);
        assert_eq!(
            written(&Object::Dictionary(dictionary)),
            "<</A 3 1 R /B null >>"
        );
    }

    #[test]
    fn a_stream_gets_the_length_it_has() {
        let stream = Stream::new(Dictionary::new(), b"q Q".to_vec());
        let text = written(&Object::Stream(stream));
        assert_eq!(text, "<</Length 3 >>\nstream\nq Q\nendstream");
    }
}
