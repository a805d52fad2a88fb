//! The few shapes of DER that a CMS needs (X.690 §8 and §10): writing here, walking in `read`.

pub(super) mod read;

use der::asn1::ObjectIdentifier as Oid;

/// Universal and context tags by their identifier octet.
pub(super) mod tag {
    pub(in crate::pades) const BOOLEAN: u8 = 0x01;
    pub(in crate::pades) const INTEGER: u8 = 0x02;
    pub(in crate::pades) const BIT_STRING: u8 = 0x03;
    pub(in crate::pades) const OCTET_STRING: u8 = 0x04;
    pub(in crate::pades) const OBJECT_IDENTIFIER: u8 = 0x06;
    pub(in crate::pades) const ENUMERATED: u8 = 0x0a;
    pub(in crate::pades) const UTC_TIME: u8 = 0x17;
    pub(in crate::pades) const GENERALIZED_TIME: u8 = 0x18;
    pub(in crate::pades) const SEQUENCE: u8 = 0x30;
    pub(in crate::pades) const SET: u8 = 0x31;
    pub(in crate::pades) const CONTEXT_0: u8 = 0xa0;
    pub(in crate::pades) const CONTEXT_1: u8 = 0xa1;
    pub(in crate::pades) const CONTEXT_2: u8 = 0xa2;
}

/// Encodes one value: tag, length, content.
pub(super) fn value(tag: u8, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(content.len() + 6);
    out.push(tag);
    push_length(&mut out, content.len());
    out.extend_from_slice(content);
    out
}

/// Encodes a constructed value of parts that are encoded already.
pub(super) fn constructed(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
    value(tag, &parts.concat())
}

/// Encodes a SEQUENCE.
pub(super) fn sequence(parts: &[&[u8]]) -> Vec<u8> {
    constructed(tag::SEQUENCE, parts)
}

/// Encodes a SET OF in the order that DER wants (X.690 §11.6).
pub(super) fn set_of(tag: u8, mut parts: Vec<Vec<u8>>) -> Vec<u8> {
    parts.sort();
    value(tag, &parts.concat())
}

/// Encodes an OBJECT IDENTIFIER.
pub(super) fn object_identifier(oid: Oid) -> Vec<u8> {
    value(tag::OBJECT_IDENTIFIER, oid.as_bytes())
}

/// Encodes a small non-negative INTEGER.
pub(super) fn small_integer(number: u8) -> Vec<u8> {
    if number < 0x80 {
        value(tag::INTEGER, &[number])
    } else {
        value(tag::INTEGER, &[0, number])
    }
}

/// Encodes a non-negative INTEGER of any length, given with the highest octet first.
pub(super) fn positive_integer(octets: &[u8]) -> Vec<u8> {
    let skip = octets.iter().take_while(|&&octet| octet == 0).count();
    let significant = octets.get(skip..).unwrap_or_default();
    let is_signed = significant.first().is_none_or(|&first| first >= 0x80);
    let mut content = Vec::with_capacity(significant.len() + 1);
    content.extend(is_signed.then_some(0));
    content.extend_from_slice(significant);
    value(tag::INTEGER, &content)
}

fn push_length(out: &mut Vec<u8>, length: usize) {
    if length < 0x80 {
        out.push(u8::try_from(length).unwrap_or_default());
        return;
    }
    let bytes = length.to_be_bytes();
    let skip = bytes.iter().take_while(|&&byte| byte == 0).count();
    let significant = bytes.get(skip..).unwrap_or_default();
    out.push(0x80 | u8::try_from(significant.len()).unwrap_or_default());
    out.extend_from_slice(significant);
}
