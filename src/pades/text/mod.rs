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
    let resources = page
        .resources
        .as_ref()
        .map(|resources| pdf.resolve(resources));
    match resources.transpose()? {
        Some(lopdf::Object::Dictionary(resources)) => Ok(resources),
        _ => Ok(Dictionary::new()),
    }
}

fn too_much(what: &str) -> Refusal {
    Refusal::PdfTooComplex(format!("the page's content has {what}"))
}
