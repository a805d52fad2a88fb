//! Walking DER that others wrote, without trust: lengths are checked against what is there, and
//! nothing is copied. Indefinite lengths (X.690 §8.1.3.6) are no DER, but whole families of programs
//! write their CMS so, and what is signed in it is DER all the same.

use der::asn1::ObjectIdentifier as Oid;
use thiserror::Error;

use super::tag;

/// The bytes are not the DER that was expected at this place.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("malformed DER")]
pub(in crate::pades) struct NotDer;

/// One value as it stands in the input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pades) struct Value<'d> {
    /// The identifier octet.
    pub(in crate::pades) tag: u8,
    /// What is inside.
    pub(in crate::pades) content: &'d [u8],
    /// Tag, length and content.
    pub(in crate::pades) raw: &'d [u8],
}

impl<'d> Value<'d> {
    /// The values inside a constructed one.
    pub(in crate::pades) fn inside(self) -> Walk<'d> {
        Walk { rest: self.content }
    }

    /// The object identifier that this value is.
    pub(in crate::pades) fn oid(self) -> Result<Oid, NotDer> {
        if self.tag != tag::OBJECT_IDENTIFIER {
            return Err(NotDer);
        }
        Oid::from_bytes(self.content).map_err(|_| NotDer)
    }

    /// The octets of a BIT STRING that is made of whole octets, as signatures and keys are.
    pub(in crate::pades) fn octets_of_bits(self) -> Result<&'d [u8], NotDer> {
        match (self.tag, self.content) {
            (tag::BIT_STRING, [0, octets @ ..]) => Ok(octets),
            _ => Err(NotDer),
        }
    }

    /// The truth of a BOOLEAN.
    pub(in crate::pades) fn is_true(self) -> Result<bool, NotDer> {
        match (self.tag, self.content) {
            (tag::BOOLEAN, &[octet]) => Ok(octet != 0),
            _ => Err(NotDer),
        }
    }

    /// The small non-negative number that this INTEGER is.
    pub(in crate::pades) fn number(self) -> Result<u16, NotDer> {
        match (self.tag, self.content) {
            (tag::INTEGER, &[low @ 0..0x80]) => Ok(u16::from(low)),
            (tag::INTEGER, &[high @ 0..0x80, low]) => Ok(u16::from_be_bytes([high, low])),
            _ => Err(NotDer),
        }
    }
}

/// A walk over the values in some bytes.
#[derive(Clone, Copy, Debug)]
pub(in crate::pades) struct Walk<'d> {
    rest: &'d [u8],
}

impl<'d> Walk<'d> {
    /// Walks over these bytes.
    pub(in crate::pades) fn over(bytes: &'d [u8]) -> Self {
        Self { rest: bytes }
    }

    /// Takes the next value, whatever it is.
    pub(in crate::pades) fn any(&mut self) -> Result<Value<'d>, NotDer> {
        let (value, rest) = read_value(self.rest, DEPTH_MAX)?;
        self.rest = rest;
        Ok(value)
    }

    /// Takes the next value, which must have that tag.
    pub(in crate::pades) fn take(&mut self, tag: u8) -> Result<Value<'d>, NotDer> {
        self.any().and_then(|value| {
            if value.tag == tag {
                Ok(value)
            } else {
                Err(NotDer)
            }
        })
    }

    /// Takes the next value if it has that tag; otherwise nothing.
    pub(in crate::pades) fn take_if(&mut self, tag: u8) -> Result<Option<Value<'d>>, NotDer> {
        if self.rest.first() == Some(&tag) {
            self.any().map(Some)
        } else {
            Ok(None)
        }
    }

    /// Whether nothing is left.
    pub(in crate::pades) fn is_done(&self) -> bool {
        self.rest.is_empty()
    }

    /// What was not taken yet.
    pub(in crate::pades) fn rest(&self) -> &'d [u8] {
        self.rest
    }

    /// Sees that nothing is left.
    pub(in crate::pades) fn end(self) -> Result<(), NotDer> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(NotDer)
        }
    }

    /// Takes all that is left; it must be whole values.
    pub(in crate::pades) fn all(mut self) -> Result<Vec<Value<'d>>, NotDer> {
        let mut values = Vec::new();
        while !self.rest.is_empty() {
            values.push(self.any()?);
        }
        Ok(values)
    }
}

/// The first value of the input and what stands behind it.
fn read_value(input: &[u8], depth: u8) -> Result<(Value<'_>, &[u8]), NotDer> {
    let (&tag, rest) = input.split_first().ok_or(NotDer)?;
    // Tags above 30 take more octets; nothing we read uses them.
    if tag & 0x1f == 0x1f {
        return Err(NotDer);
    }
    let (content, rest) = match read_length(rest)? {
        (Some(length), rest) => rest.split_at_checked(length).ok_or(NotDer)?,
        (None, rest) if tag & CONSTRUCTED != 0 => split_at_end_of_contents(rest, depth)?,
        (None, _) => return Err(NotDer),
    };
    let raw = input.get(..input.len() - rest.len()).ok_or(NotDer)?;
    Ok((Value { tag, content, raw }, rest))
}

/// A length of at most four octets, or none where it is indefinite.
fn read_length(input: &[u8]) -> Result<(Option<usize>, &[u8]), NotDer> {
    let (&first, rest) = input.split_first().ok_or(NotDer)?;
    let count = usize::from(first & 0x7f);
    match first {
        0..0x80 => Ok((Some(usize::from(first)), rest)),
        0x80 => Ok((None, rest)),
        0x81..=0x84 => {
            let (bytes, rest) = rest.split_at_checked(count).ok_or(NotDer)?;
            let length = bytes
                .iter()
                .fold(0_usize, |length, &byte| (length << 8) | usize::from(byte));
            Ok((Some(length), rest))
        }
        _ => Err(NotDer),
    }
}

/// Whole values up to the two zero octets that end an indefinite length (X.690 §8.1.3.6).
fn split_at_end_of_contents(input: &[u8], depth: u8) -> Result<(&[u8], &[u8]), NotDer> {
    let below = depth.checked_sub(1).ok_or(NotDer)?;
    let mut rest = input;
    loop {
        if let Some(behind) = rest.strip_prefix(&[0, 0]) {
            let content = input.get(..input.len() - rest.len()).ok_or(NotDer)?;
            return Ok((content, behind));
        }
        (_, rest) = read_value(rest, below)?;
    }
}

/// The bit of the identifier octet that tells a value with values inside.
const CONSTRUCTED: u8 = 0x20;
/// How deep indefinite lengths may nest; each level is looked at once more.
const DEPTH_MAX: u8 = 16;

#[cfg(test)]
mod tests {
    use super::super::{sequence, small_integer, tag, value};
    use super::Walk;

    #[test]
    fn what_is_written_is_read_back() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let encoded = value(tag::OCTET_STRING, &vec![7; length]);
            let mut walk = Walk::over(&encoded);
            let read = walk.take(tag::OCTET_STRING).unwrap();
            assert_eq!(
                (read.content.len(), read.raw.len()),
                (length, encoded.len())
            );
            assert!(walk.rest().is_empty());
        }
    }

    #[test]
    fn a_length_beyond_the_input_is_no_value() {
        let encoded = sequence(&[&small_integer(200)]);
        assert!(Walk::over(&encoded).any().is_ok());
        assert!(Walk::over(&encoded[..encoded.len() - 1]).any().is_err());
        for malformed in [
            &[][..],
            &[0x30],
            &[0x30, 0x80, 0],
            &[0x30, 0x85, 1, 1, 1, 1, 1],
        ] {
            assert!(Walk::over(malformed).any().is_err());
        }
    }

    #[test]
    fn an_indefinite_length_ends_at_its_own_mark() {
        let nested = [
            0x30, 0x80, 0x30, 0x80, 0x02, 0x02, 0, 0x80, 0, 0, 0x05, 0, 0, 0, 0xff,
        ];
        let mut walk = Walk::over(&nested);
        let outer = walk.take(tag::SEQUENCE).unwrap();
        assert_eq!((outer.content, walk.rest()), (&nested[2..12], &[0xff][..]));
        let mut inside = outer.inside();
        let number = inside
            .take(tag::SEQUENCE)
            .unwrap()
            .inside()
            .any()
            .unwrap()
            .number();
        assert_eq!((number, inside.rest()), (Ok(128), &[0x05, 0][..]));
        let bottomless = [0x30, 0x80].repeat(100_000);
        assert!(Walk::over(&bottomless).any().is_err());
        assert!(Walk::over(&[0x04, 0x80, 0, 0]).any().is_err());
    }

    #[test]
    fn numbers_are_small_and_not_negative() {
        for (content, number) in [(&[5][..], Ok(5)), (&[0, 0x80], Ok(128)), (&[0x80], Err(()))] {
            let encoded = value(tag::INTEGER, content);
            let read = Walk::over(&encoded).any().unwrap().number();
            assert_eq!(read.map_err(|_| ()), number);
        }
    }
}
