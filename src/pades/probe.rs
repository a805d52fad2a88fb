//! Ways in for the fuzz targets (`fuzz/`) to parsers that are nobody else's business. Built for
//! them alone.

use lopdf::{Dictionary, Object};

use super::asn1::read::Walk;
use super::cms::signed_data::SignedData;
use super::reader;
use super::revision;

/// Reads objects and takes dictionaries apart.
pub fn objects(bytes: &[u8]) {
    reader::probe_objects(bytes);
    revision::probe_entries(bytes);
}

/// Runs one of the filters with `[Predictor, Colors, BitsPerComponent, Columns]`.
#[must_use]
pub fn decode(filter: u8, parameters: [u16; 4], data: &[u8], bytes_max: usize) -> Option<Vec<u8>> {
    const NAMES: [&[u8]; 5] = [
        b"FlateDecode",
        b"LZWDecode",
        b"ASCIIHexDecode",
        b"ASCII85Decode",
        b"RunLengthDecode",
    ];
    let name = NAMES.get(usize::from(filter) % NAMES.len())?;
    let keys = ["Predictor", "Colors", "BitsPerComponent", "Columns"];
    let mut dictionary = Dictionary::new();
    for (key, value) in keys.into_iter().zip(parameters) {
        dictionary.set(key, Object::Integer(i64::from(value)));
    }
    reader::probe_filter(name, dictionary, data, bytes_max)
}

/// Looks for words on a page: a `/ToUnicode` map, a zero byte, a page's content.
pub fn words(bytes: &[u8], limits: &super::Limits) {
    let mut parts = bytes.splitn(2, |byte| *byte == 0);
    let (map, content) = (parts.next(), parts.next());
    super::text::probe(map.unwrap_or_default(), content.unwrap_or_default(), limits);
}

/// Walks over DER.
pub fn der(bytes: &[u8]) {
    let mut walk = Walk::over(bytes);
    while let Ok(value) = walk.any() {
        let _ = (value.oid(), value.number());
        let _ = value.inside().all();
    }
}

/// Reads a message.
pub fn signed_data(bytes: &[u8]) {
    if let Ok(data) = SignedData::parse(bytes) {
        for attributes in [&data.signer.signed, &data.signer.unsigned] {
            let attributes = attributes.as_ref();
            let _ = attributes.map(|found| found.single(super::oid::TIME_STAMP_TOKEN).is_ok());
        }
    }
}
