//! Files that are more than a reader may take.

use std::io::Write as _;

use flate2::{Compression, write::ZlibEncoder};

use super::pdf::one_page;
use super::pdf_file::{PdfFile, XrefKind};

/// 60 MB of white space before an object, packed again and again: less than the parser would
/// refuse, more than the child's memory holds.
pub(crate) fn bomb() -> Vec<u8> {
    let mut plain = b"20 0 <<>>".to_vec();
    plain.resize(60_000_000, b' ');
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&plain).unwrap();
    let data = hex::encode(encoder.finish().unwrap()) + ">";
    let stream = format!(
        "<</Type/ObjStm/N 1/First 5/Filter[/ASCIIHexDecode/FlateDecode]/Length {}>>\nstream\n{data}\nendstream",
        data.len()
    );
    let file = PdfFile::new(XrefKind::Table)
        .catalog("/AcroForm 20 0 R")
        .object(11, &stream);
    with_packed_form(file.build())
}

/// Adds a cross-reference stream that finds object 20 in object stream 11.
fn with_packed_form(mut file: Vec<u8>) -> Vec<u8> {
    let text = String::from_utf8_lossy(&file).into_owned();
    let (_, previous) = text.rsplit_once("startxref\n").unwrap();
    let previous = previous.lines().next().unwrap();
    file.push(b'\n');
    let at = file.len();
    let section = format!(
        "21 0 obj\n<</Type/XRef/Size 22/W[1 1 1]/Index[20 1]/Filter/AHx/Length 7/Root 1 0 R/Prev {previous}>>\nstream\n020b00>\nendstream\nendobj\nstartxref\n{at}\n%%EOF\n"
    );
    file.extend(section.bytes());
    file
}

/// Arrays in arrays, deeper than anybody reads.
pub(crate) fn nested() -> Vec<u8> {
    let deep = "[".repeat(100_000) + &"]".repeat(100_000);
    let file = PdfFile::new(XrefKind::Table).catalog("/AcroForm 10 0 R");
    file.object(10, &deep).build()
}

/// A table that announces ten million entries, and has two million.
pub(crate) fn huge_table() -> Vec<u8> {
    let mut file = b"%PDF-1.7\nxref\n0 10000000\n".to_vec();
    file.extend(b"0000000000 65535 f \n".repeat(2_000_000));
    file.extend(b"trailer\n<</Size 10000000/Root 1 0 R>>\nstartxref\n9\n%%EOF\n");
    file
}

/// A file with as many objects as the parser takes, which is more than a child of little memory holds:
/// it is the end of one.
pub(crate) fn crowded() -> Vec<u8> {
    const MORE: usize = 990_000;
    let mut file = one_page();
    let text = String::from_utf8_lossy(&file).into_owned();
    let (_, previous) = text.rsplit_once("startxref\n").unwrap();
    let previous = previous.lines().next().unwrap();
    let at = file.len();
    file.extend(format!("xref\n100 {MORE}\n").bytes());
    file.extend(b"0000000015 00000 n \n".repeat(MORE));
    let size = 100 + MORE;
    file.extend(
        format!("trailer\n<</Size {size}/Root 1 0 R/Prev {previous}>>\nstartxref\n{at}\n%%EOF\n")
            .bytes(),
    );
    file
}
