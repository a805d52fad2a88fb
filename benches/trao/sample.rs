//! PDFs of a wanted size: pages of text, and pictures that do not compress.

use std::fmt::Write as _;
use std::path::Path;

/// Writes a PDF of about `bytes` bytes: a page of text, and pictures of noise on further pages.
pub(crate) fn write(path: &Path, bytes: usize) {
    let mut file = std::io::BufWriter::new(std::fs::File::create(path).unwrap());
    let mut at = 0;
    let mut offsets = Vec::new();
    let mut put = |file: &mut dyn std::io::Write, bytes: &[u8]| {
        file.write_all(bytes).unwrap();
        at += bytes.len();
        at
    };
    let mut end = put(&mut file, b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n");
    let pictures = bytes.saturating_sub(2000).div_ceil(PICTURE_MAX).max(1);
    let each = bytes.saturating_sub(2000 + pictures * 300) / pictures;
    let kids: String = (0..=pictures).fold(String::new(), |mut kids, n| {
        write!(kids, "{} 0 R ", 5 + 3 * n).unwrap();
        kids
    });
    let mut object = |file: &mut dyn std::io::Write, head: &str, stream: Option<&[u8]>| {
        offsets.push(end);
        put(
            file,
            format!("{} 0 obj\n{head}\n", offsets.len()).as_bytes(),
        );
        if let Some(stream) = stream {
            put(file, b"stream\n");
            put(file, stream);
            put(file, b"\nendstream\n");
        }
        end = put(file, b"endobj\n");
    };
    object(&mut file, "<</Type/Catalog/Pages 2 0 R>>", None);
    let pages = format!("<</Type/Pages/Kids[{kids}]/Count {}>>", pictures + 1);
    object(&mut file, &pages, None);
    object(
        &mut file,
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
        None,
    );
    let text = b"BT /F1 12 Tf 72 760 Td (Quyet dinh) Tj ET";
    object(
        &mut file,
        &format!("<</Length {}>>", text.len()),
        Some(text),
    );
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]";
    let first = format!("{page}/Contents 4 0 R/Resources<</Font<</F1 3 0 R>>>>>>");
    object(&mut file, &first, None);
    let mut noise = Noise(1);
    for n in 0..pictures {
        let number = 6 + 3 * n;
        let side = each.isqrt().max(1);
        let picture = noise.bytes(side * side);
        let head = format!(
            "<</Type/XObject/Subtype/Image/Width {side}/Height {side}/ColorSpace/DeviceGray\
             /BitsPerComponent 8/Length {}>>",
            picture.len()
        );
        object(&mut file, &head, Some(&picture));
        let draw = b"q 400 0 0 400 90 200 cm /I0 Do Q";
        object(
            &mut file,
            &format!("<</Length {}>>", draw.len()),
            Some(draw),
        );
        let contents = number + 1;
        let resources =
            format!("/Contents {contents} 0 R/Resources<</XObject<</I0 {number} 0 R>>>>>>");
        object(&mut file, &format!("{page}{resources}"), None);
    }
    finish(&mut file, &offsets, end);
}

fn finish(file: &mut dyn std::io::Write, offsets: &[usize], end: usize) {
    let size = offsets.len() + 1;
    let mut table = format!("xref\n0 {size}\n0000000000 65535 f \n");
    for offset in offsets {
        writeln!(table, "{offset:010} 00000 n ").unwrap();
    }
    write!(
        table,
        "trailer\n<</Size {size}/Root 1 0 R>>\nstartxref\n{end}\n%%EOF\n"
    )
    .unwrap();
    file.write_all(table.as_bytes()).unwrap();
    file.flush().unwrap();
}

/// A picture's bytes, at most.
const PICTURE_MAX: usize = 4 << 20;

/// Noise, the same in every run (splitmix64).
struct Noise(u64);

impl Noise {
    fn bytes(&mut self, len: usize) -> Vec<u8> {
        let words = std::iter::repeat_with(|| self.word().to_le_bytes());
        words.take(len.div_ceil(8)).flatten().take(len).collect()
    }

    fn word(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut word = self.0;
        word = (word ^ (word >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        word = (word ^ (word >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        word ^ (word >> 31)
    }
}
