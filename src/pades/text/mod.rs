//! Words on a page and where they stand: only so much of a page's content is read as finding a
//! given text takes. What paints is looked at operator by operator (ISO 32000-2, 9.4), what a code
//! means is read from `/ToUnicode` or the font's encoding; letters that neither tells are no match.

mod cmap;
mod content;
mod encoding;
mod font;
mod matrix;
mod search;

use lopdf::Dictionary;

use super::error::Refusal;
use super::reader::{Page, Pdf};
use content::Reading;

/// Where a text stands lowest on a page: left, bottom, right, top in user space. `height` tells how
/// high a box stands on the page as shown, and nothing of one that is not on it. White space counts
/// for nothing, and composed letters are those written as parts.
///
/// # Errors
/// `PdfTooComplex` when the page's content is more than is looked at, `PdfDamaged` when it cannot be
/// read.
pub(super) fn find(
    pdf: &Pdf<'_>,
    page: &Page,
    wanted: &str,
    height: impl Fn([f64; 4]) -> Option<f64>,
) -> Result<Option<[f64; 4]>, Refusal> {
    let mut reading = Reading::new(pdf);
    reading.page(page)?;
    let found = search::all(&reading.glyphs, wanted).into_iter();
    let placed = found.filter_map(|rect| Some((rect, height(rect)?)));
    let lowest = placed.min_by(|(_, one), (_, other)| one.total_cmp(other));
    Ok(lowest.map(|(rect, _)| rect))
}

/// One shown code.
struct Glyph {
    /// What it stands for; nothing where the font does not tell.
    text: String,
    /// Left, bottom, right, top of its letter box in user space.
    rect: [f64; 4],
    /// Its size there.
    size: f64,
}

/// The resources of a page, its own or inherited (7.7.3.4).
fn resources(pdf: &Pdf<'_>, page: &Page) -> Result<Dictionary, Refusal> {
    let mut node = page.dict.clone();
    for _ in 0..pdf.limits().depth {
        if let lopdf::Object::Dictionary(resources) = pdf.get(&node, b"Resources")? {
            return Ok(resources);
        }
        match pdf.get(&node, b"Parent")? {
            lopdf::Object::Dictionary(parent) => node = parent,
            _ => break,
        }
    }
    Ok(Dictionary::new())
}

/// Looks for words on a page with this content and a font with this `/ToUnicode` (fuzz targets).
#[cfg(fuzzing)]
pub(super) fn probe(map: &[u8], content: &[u8], limits: &super::Limits) {
    let stream = |bytes: &[u8]| {
        let head = format!("<< /Length {} >>\nstream\n", bytes.len());
        [head.as_bytes(), bytes, b"\nendstream"].concat()
    };
    let objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>".to_vec(),
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_vec(),
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources \
          << /Font << /F 5 0 R /G 6 0 R >> /XObject << /X 4 0 R >> >> >>"
            .to_vec(),
        stream(content),
        b"<< /Type /Font /Subtype /Type0 /Encoding 7 0 R /ToUnicode 7 0 R /DescendantFonts \
          [<< /Type /Font /W [0 [500 1] 9 99 7] >>] >>"
            .to_vec(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /ToUnicode 7 0 R >>".to_vec(),
        stream(map),
    ];
    let mut file = b"%PDF-1.7\n".to_vec();
    let mut table = format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1);
    for (number, object) in (1..).zip(&objects) {
        table.push_str(&format!("{:010} 00000 n \n", file.len()));
        file.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        file.extend_from_slice(object);
        file.extend_from_slice(b"\nendobj\n");
    }
    let (size, start) = (objects.len() + 1, file.len());
    let end = format!("trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n");
    file.extend_from_slice([table, end].concat().as_bytes());
    let pdf = Pdf::open(&file, limits).expect("a whole file");
    let page = pdf.page(0).expect("a page");
    let _ = find(&pdf, &page, "Ký", |[_, bottom, ..]| Some(bottom));
}

fn too_much(what: &str) -> Refusal {
    Refusal::PdfTooComplex(format!("the page's content has {what}"))
}
