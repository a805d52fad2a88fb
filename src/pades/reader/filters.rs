//! Decoding streams (ISO 32000-2, 7.4), each within a bound on what comes out.

use std::io::{self, Read};

use lopdf::{Dictionary, Object};

use super::super::error::Refusal;
use super::escapes::hexadecimal;
use super::token::is_space;

/// A filter and its parameters.
pub(super) struct Filter {
    pub(super) name: Vec<u8>,
    pub(super) parameters: Option<Dictionary>,
}

/// The filters that readers know.
enum Kind {
    Flate,
    Lzw,
    Hexadecimal,
    Ascii85,
    RunLength,
    Crypt,
}

fn kind(name: &[u8]) -> Option<Kind> {
    match name {
        b"FlateDecode" | b"Fl" => Some(Kind::Flate),
        b"LZWDecode" | b"LZW" => Some(Kind::Lzw),
        b"ASCIIHexDecode" | b"AHx" => Some(Kind::Hexadecimal),
        b"ASCII85Decode" | b"A85" => Some(Kind::Ascii85),
        b"RunLengthDecode" | b"RL" => Some(Kind::RunLength),
        b"Crypt" => Some(Kind::Crypt),
        _ => None,
    }
}

/// Whether a filter of this name can be run.
pub(super) fn is_known(name: &[u8]) -> bool {
    kind(name).is_some()
}

/// Runs a filter; more than `bytes_max` do not come out.
pub(super) fn decode(data: &[u8], filter: &Filter, bytes_max: usize) -> Result<Vec<u8>, Refusal> {
    let plain = match kind(&filter.name) {
        Some(Kind::Flate) => {
            let plain = inflate(data, bytes_max)?;
            predict(plain, filter.parameters.as_ref(), bytes_max)?
        }
        Some(Kind::Lzw) => {
            let plain = lzw(data, filter.parameters.as_ref(), bytes_max)?;
            predict(plain, filter.parameters.as_ref(), bytes_max)?
        }
        Some(Kind::Hexadecimal) => ascii_hexadecimal(data)?,
        Some(Kind::Ascii85) => ascii85(data, bytes_max)?,
        Some(Kind::RunLength) => run_length(data, bytes_max)?,
        Some(Kind::Crypt) => return Err(Refusal::PdfEncrypted),
        None => return Err(Refusal::PdfDamaged("a stream's filter is not known".into())),
    };
    Ok(plain)
}

fn too_large() -> Refusal {
    Refusal::PdfTooComplex("a stream is too large when decoded".into())
}

fn damaged() -> Refusal {
    Refusal::PdfDamaged("a stream cannot be decoded".into())
}

fn inflate(data: &[u8], bytes_max: usize) -> Result<Vec<u8>, Refusal> {
    let mut plain = Vec::new();
    let bound = bytes_max as u64 + 1;
    flate2::read::ZlibDecoder::new(data)
        .take(bound)
        .read_to_end(&mut plain)
        .map_err(|error| match error.kind() {
            // The file is sound; it is the child's memory that does not hold it.
            io::ErrorKind::OutOfMemory => too_large(),
            _ => damaged(),
        })?;
    if plain.len() > bytes_max {
        Err(too_large())
    } else {
        Ok(plain)
    }
}

/// Undoes LZW (7.4.4.2): codes of 9 to 12 bits, 256 to start anew and 257 for the end.
fn lzw(data: &[u8], parameters: Option<&Dictionary>, bytes_max: usize) -> Result<Vec<u8>, Refusal> {
    let early = parameters.map_or(Ok(1), |found| parameter(found, b"EarlyChange", 1))?;
    let size = weezl::BitOrder::Msb;
    let mut decoder = if early == 0 {
        weezl::decode::Decoder::new(size, 8)
    } else {
        weezl::decode::Decoder::with_tiff_size_switch(size, 8)
    };
    let mut plain = Vec::new();
    let mut rest = data;
    let mut piece = vec![0; 1 << 14];
    loop {
        let step = decoder.decode_bytes(rest, &mut piece);
        plain.extend_from_slice(piece.get(..step.consumed_out).unwrap_or_default());
        if plain.len() > bytes_max {
            return Err(too_large());
        }
        rest = rest.get(step.consumed_in..).unwrap_or_default();
        match step.status.map_err(|_| damaged())? {
            weezl::LzwStatus::Ok => {}
            // Some writers leave the end's own code out.
            weezl::LzwStatus::NoProgress | weezl::LzwStatus::Done => return Ok(plain),
        }
    }
}

fn parameter(parameters: &Dictionary, key: &[u8], default: usize) -> Result<usize, Refusal> {
    match parameters.get(key) {
        Ok(Object::Integer(number)) => usize::try_from(*number).map_err(|_| damaged()),
        Ok(_) => Err(damaged()),
        Err(_) => Ok(default),
    }
}

/// Undoes a predictor (7.4.4.4).
fn predict(
    data: Vec<u8>,
    parameters: Option<&Dictionary>,
    bytes_max: usize,
) -> Result<Vec<u8>, Refusal> {
    let Some(parameters) = parameters else {
        return Ok(data);
    };
    let predictor = parameter(parameters, b"Predictor", 1)?;
    if predictor < 2 {
        return Ok(data);
    }
    let colors = parameter(parameters, b"Colors", 1)?;
    let bits = parameter(parameters, b"BitsPerComponent", 8)?;
    let columns = parameter(parameters, b"Columns", 1)?;
    if !(1..=COLORS_MAX).contains(&colors) || !matches!(bits, 1 | 2 | 4 | 8 | 16) {
        return Err(damaged());
    }
    let row_bits = colors
        .checked_mul(bits)
        .and_then(|bits| bits.checked_mul(columns));
    let row = row_bits.ok_or_else(damaged)?.div_ceil(8);
    let pixel = (colors.saturating_mul(bits)).div_ceil(8).max(1);
    if row == 0 || row > bytes_max {
        return Err(damaged());
    }
    if predictor == 2 {
        tiff(data, row, colors, bits)
    } else {
        png(&data, row, pixel)
    }
}

/// Some readers decode no more colors.
const COLORS_MAX: usize = 32;

fn tiff(mut data: Vec<u8>, row: usize, colors: usize, bits: usize) -> Result<Vec<u8>, Refusal> {
    if bits != 8 {
        return Err(damaged());
    }
    for line in data.chunks_mut(row) {
        for index in colors..line.len() {
            let left = line.get(index - colors).copied().unwrap_or_default();
            if let Some(byte) = line.get_mut(index) {
                *byte = byte.wrapping_add(left);
            }
        }
    }
    Ok(data)
}

fn png(data: &[u8], row: usize, pixel: usize) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::with_capacity(data.len());
    // A row that is longer than all data is not there, however long it is said to be.
    let row = row.min(data.len());
    let mut above = vec![0_u8; row];
    for line in data.chunks(row + 1) {
        let (&kind, line) = line.split_first().ok_or_else(damaged)?;
        let mut current = vec![0_u8; row];
        for (index, &byte) in line.iter().enumerate() {
            let at = |line: &[u8], back: usize| {
                index
                    .checked_sub(back)
                    .and_then(|index| line.get(index))
                    .copied()
                    .unwrap_or(0)
            };
            let (left, up, corner) = (at(&current, pixel), at(&above, 0), at(&above, pixel));
            let guess = match kind {
                0 => 0,
                1 => left,
                2 => up,
                3 => u8::midpoint(left, up),
                4 => paeth(left, up, corner),
                _ => return Err(damaged()),
            };
            if let Some(place) = current.get_mut(index) {
                *place = byte.wrapping_add(guess);
            }
        }
        out.extend_from_slice(current.get(..line.len()).unwrap_or_default());
        above = current;
    }
    Ok(out)
}

fn paeth(left: u8, up: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(up), i16::from(corner));
    let guess = a + b - c;
    let (to_a, to_b, to_c) = ((guess - a).abs(), (guess - b).abs(), (guess - c).abs());
    if to_a <= to_b && to_a <= to_c {
        left
    } else if to_b <= to_c {
        up
    } else {
        corner
    }
}

fn ascii_hexadecimal(data: &[u8]) -> Result<Vec<u8>, Refusal> {
    let inside = data.split(|&byte| byte == b'>').next().unwrap_or_default();
    hexadecimal(inside).ok_or_else(damaged)
}

fn ascii85(data: &[u8], bytes_max: usize) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    let mut group = Vec::with_capacity(5);
    for &byte in data.iter().filter(|&&byte| !is_space(byte)) {
        if out.len() > bytes_max {
            return Err(too_large());
        }
        match byte {
            b'~' => break,
            b'z' if group.is_empty() => out.extend_from_slice(&[0; 4]),
            b'!'..=b'u' => {
                group.push(u32::from(byte - b'!'));
                if group.len() == 5 {
                    out.extend_from_slice(&base85(&group)?);
                    group.clear();
                }
            }
            _ => return Err(damaged()),
        }
    }
    if group.len() > 1 {
        let count = group.len() - 1;
        group.resize(5, 84);
        out.extend_from_slice(base85(&group)?.get(..count).unwrap_or_default());
    }
    Ok(out)
}

fn base85(group: &[u32]) -> Result<[u8; 4], Refusal> {
    group
        .iter()
        .try_fold(0_u32, |value, &digit| {
            value.checked_mul(85)?.checked_add(digit)
        })
        .map(u32::to_be_bytes)
        .ok_or_else(damaged)
}

fn run_length(data: &[u8], bytes_max: usize) -> Result<Vec<u8>, Refusal> {
    let mut out = Vec::new();
    let mut rest = data;
    while let Some((&length, after)) = rest.split_first() {
        match length {
            0..=127 => {
                let (run, after) = after
                    .split_at_checked(usize::from(length) + 1)
                    .ok_or_else(damaged)?;
                out.extend_from_slice(run);
                rest = after;
            }
            128 => break,
            _ => {
                let (&byte, after) = after.split_first().ok_or_else(damaged)?;
                out.extend(std::iter::repeat_n(byte, 257 - usize::from(length)));
                rest = after;
            }
        }
        if out.len() > bytes_max {
            return Err(too_large());
        }
    }
    Ok(out)
}
