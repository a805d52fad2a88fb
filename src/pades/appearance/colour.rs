//! Colours that mean the same on every device: PDF/A takes a device's own colours only beside an
//! output intent, which a received file need not have (ISO 19005-2, 6.2.4).

use lopdf::{Dictionary, Object};

/// sRGB's primaries and about its curve (ISO 32000-2, 8.6.5.3; IEC 61966-2-1).
pub(super) fn cal_rgb() -> Object {
    let mut parameters = Dictionary::new();
    parameters.set("WhitePoint", numbers_exact(&D65));
    parameters.set("Gamma", numbers_exact(&[2.2; 3]));
    parameters.set("Matrix", numbers_exact(&PRIMARIES));
    space(b"CalRGB", parameters)
}

/// Black and the greys (8.6.5.2).
pub(super) fn cal_gray() -> Object {
    let mut parameters = Dictionary::new();
    parameters.set("WhitePoint", numbers_exact(&D65));
    parameters.set("Gamma", Object::Real(2.2));
    space(b"CalGray", parameters)
}

fn space(name: &[u8], parameters: Dictionary) -> Object {
    Object::Array(vec![
        Object::Name(name.to_vec()),
        Object::Dictionary(parameters),
    ])
}

fn numbers_exact(values: &[f32]) -> Object {
    Object::Array(values.iter().map(|value| Object::Real(*value)).collect())
}

const D65: [f32; 3] = [0.9505, 1.0, 1.089];

const PRIMARIES: [f32; 9] = [
    0.4124, 0.2126, 0.0193, 0.3576, 0.7152, 0.1192, 0.1805, 0.7222, 0.9505,
];
