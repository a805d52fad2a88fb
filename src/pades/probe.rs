//! Ways in for the fuzz targets (`fuzz/`) to parsers that are nobody else's business. Built for
//! them and their tests alone.

use lopdf::{Dictionary, Object};
use openssl::x509::X509;
use time::OffsetDateTime;

use super::asn1::read::Walk;
use super::asn1::tag;
use super::cms::signed_data::SignedData;
use super::error::Refusal;
use super::reader::{Page, Pdf};
use super::validation_store::ValidationStore;
use super::{appearance, certificate, moment, reader, revision, text};

/// Reads objects and takes dictionaries apart.
pub(crate) fn objects(bytes: &[u8]) {
    reader::probe_objects(bytes);
    revision::probe_entries(bytes);
}

/// Runs one of the filters with `[Predictor, Colors, BitsPerComponent, Columns]`.
pub(crate) fn decode(
    filter: u8,
    parameters: [u16; 4],
    data: &[u8],
    bytes_max: usize,
) -> Option<Vec<u8>> {
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

/// Looks for a word on a page.
pub(crate) fn find_word(pdf: &Pdf<'_>, page: &Page, word: &str) {
    let _ = text::find(pdf, page, word, |[_, bottom, ..]| Some(bottom));
}

/// What a file's security store holds: certificates, OCSP answers, lists.
pub(crate) fn held(pdf: &Pdf<'_>) -> Result<[Vec<Vec<u8>>; 3], Refusal> {
    let store = ValidationStore::of(pdf)?;
    Ok([store.certificates, store.ocsps, store.crls])
}

/// Reads a date of a PDF.
pub(crate) fn pdf_date(text: &str) -> Option<OffsetDateTime> {
    moment::pdf_date(text)
}

/// Reads a time of DER.
pub(crate) fn asn1_time(der: &[u8]) -> Option<OffsetDateTime> {
    moment::asn1_time(Walk::over(der).any().ok()?)
}

/// A date as a seal says it.
pub(crate) fn written_date(at: OffsetDateTime) -> String {
    revision::written_date(at)
}

/// Takes a picture into a file: how many objects it becomes.
pub(crate) fn embed(png: &[u8]) -> Result<usize, Refusal> {
    appearance::probe_picture(png)
}

/// Reads all that is read of a certificate, and compares it with another that may have issued it.
pub(crate) fn certificate(der: &[u8], issuer: &[u8]) {
    let (end, validity) = (certificate::not_after(der), certificate::validity(der));
    assert_eq!(end, validity.map(|validity| validity.end));
    if let Some(name) = certificate::issuer_and_serial(der) {
        let parts = Walk::over(&name).take(tag::SEQUENCE);
        let parts = parts
            .and_then(|both| both.inside().all())
            .unwrap_or_default();
        if let [issuer, serial] = parts[..] {
            assert!(certificate::is_issued_as(der, issuer.raw, serial.content));
        }
    }
    let _ = certificate::is_for_time_stamps(der);
    let _ = certificate::subject_key_identifier(der);
    let _ = certificate::is_issued_by_der(der, issuer);
    if let Ok(read) = X509::from_der(der) {
        let _ = certificate::facts(&read);
        assert!(certificate::chain_above(&read, vec![read.clone()]).is_empty());
    }
}

/// Walks over DER.
pub(crate) fn der(bytes: &[u8]) {
    let mut walk = Walk::over(bytes);
    while let Ok(value) = walk.any() {
        let _ = (value.oid(), value.number());
        let _ = value.inside().all();
    }
}

/// Reads a message.
pub(crate) fn signed_data(bytes: &[u8]) {
    if let Ok(data) = SignedData::parse(bytes) {
        for attributes in [&data.signer.signed, &data.signer.unsigned] {
            let attributes = attributes.as_ref();
            let _ = attributes.map(|found| found.single(super::oid::TIME_STAMP_TOKEN).is_ok());
        }
    }
}
