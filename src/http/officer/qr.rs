//! The QR code of a link, drawn as markup that needs no image and no style of its own.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

/// The quiet zone that readers need (ISO/IEC 18004 §9.1), in modules.
const QUIET: usize = 4;

/// An `<svg>` of the address, with `label` as what a screen reader says. `None` where the address
/// is too long for any QR code.
pub(crate) fn draw(address: &str, label: &str) -> Option<String> {
    let code = QrCode::with_error_correction_level(address.as_bytes(), EcLevel::M).ok()?;
    let width = code.width();
    let side = width + 2 * QUIET;
    let mut path = String::new();
    for (row, modules) in code.to_colors().chunks(width).enumerate() {
        for run in dark_runs(modules) {
            let _ = write!(
                path,
                "M{} {}h{}v1h-{}z",
                run.0 + QUIET,
                row + QUIET,
                run.1,
                run.1
            );
        }
    }
    let label = askama::filters::escape(label, askama::filters::Html).ok()?;
    Some(format!(
        "<svg viewBox=\"0 0 {side} {side}\" role=\"img\" aria-label=\"{label}\" \
         shape-rendering=\"crispEdges\"><path fill=\"#fff\" d=\"M0 0h{side}v{side}H0z\"/>\
         <path fill=\"#000\" d=\"{path}\"/></svg>"
    ))
}

/// Where dark modules begin in a row, and how many follow each other.
fn dark_runs(modules: &[Color]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in modules
        .iter()
        .enumerate()
        .filter(|(_, module)| **module == Color::Dark)
    {
        match runs.last_mut() {
            Some(run) if run.0 + run.1 == at => run.1 += 1,
            _ => runs.push((at, 1)),
        }
    }
    runs
}

#[cfg(test)]
mod tests {
    use super::draw;

    #[test]
    fn a_link_becomes_one_drawing_with_its_words_escaped() {
        let drawn = draw(
            "https://tra.example/r/0123456789abcdefghjkmnpqrs",
            "a \"<b>",
        )
        .unwrap();
        assert!(drawn.starts_with("<svg viewBox=\"0 0 4"), "{drawn}");
        assert!(!drawn.contains("<b>") && !drawn.contains("style"));
    }
}
