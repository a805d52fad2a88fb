//! Words of encryption outside the trailer that should have them: that trailer may be what is lost.

use lopdf::{Dictionary, Object};

use crate::pades::error::Refusal;
use crate::pades::reader::xref::is_encrypted;

/// Refuses a file with an object that says that it is encrypted.
pub(super) fn refuse(object: &Object) -> Result<(), Refusal> {
    let is_encrypted = match object {
        Object::Dictionary(dictionary) => is_method(dictionary) || is_trailer(dictionary),
        // A cross-reference stream, though it may call itself something else.
        Object::Stream(stream) => is_trailer(&stream.dict),
        _ => false,
    };
    if is_encrypted {
        return Err(Refusal::PdfEncrypted);
    }
    Ok(())
}

fn is_trailer(dictionary: &Dictionary) -> bool {
    is_encrypted(dictionary) && (dictionary.has(b"Root") || dictionary.has(b"W"))
}

/// Whether a dictionary says how a file is encrypted (7.6.2): by passwords, or for whoever has a key
/// (7.6.5).
fn is_method(dictionary: &Dictionary) -> bool {
    let has_all = |keys: &[&[u8]]| keys.iter().all(|key| dictionary.has(key));
    let is_for_keys = match dictionary.get(b"SubFilter") {
        Ok(Object::Name(name)) => PUBLIC_KEY.contains(&name.as_slice()),
        _ => false,
    };
    let has_method = has_all(&[b"O", b"U", b"P"]) || dictionary.has(b"CF");
    has_all(&[b"Filter", b"V"]) && has_method || is_for_keys || dictionary.has(b"Recipients")
}

/// How a file may be encrypted for the holders of certificates.
const PUBLIC_KEY: [&[u8]; 3] = [b"adbe.pkcs7.s3", b"adbe.pkcs7.s4", b"adbe.pkcs7.s5"];
