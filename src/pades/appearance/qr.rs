//! A QR code (ISO/IEC 18004), drawn as rectangles: sharp at any size, and no image.

use std::fmt::Write as _;

use qrcode::{Color, EcLevel, QrCode};

use crate::pades::error::Refusal;

/// A code and its quiet zone.
pub(super) struct Code {
    modules: Vec<bool>,
    across: usize,
}

impl Code {
    /// Encodes a text; a seventh of the code may be lost.
    ///
    /// # Errors
    /// `FieldInvalid` when the text is too long.
    pub(super) fn of(text: &str) -> Result<Self, Refusal> {
        let code = QrCode::with_error_correction_level(text, EcLevel::M)
            .map_err(|_| Refusal::FieldInvalid("the text of the QR code is too long".into()))?;
        Ok(Self {
            across: code.width(),
            modules: code
                .to_colors()
                .into_iter()
                .map(|color| color == Color::Dark)
                .collect(),
        })
    }

    /// The operators that fill the dark modules; the code with its quiet zone has this side, its
    /// upper left corner lies at `x`, `y`.
    pub(super) fn draw(&self, [x, y]: [f64; 2], side: f64) -> String {
        let module = side / count(self.across + 2 * QUIET);
        let mut operators = String::new();
        for (row, modules) in self.modules.chunks(self.across).enumerate() {
            for (from, len) in runs(modules) {
                let left = x + module * count(from + QUIET);
                let bottom = y - module * count(row + QUIET + 1);
                let width = module * count(len);
                // Writing to a string does not fail.
                let _ = writeln!(operators, "{left:.3} {bottom:.3} {width:.3} {module:.3} re");
            }
        }
        operators.push_str("f\n");
        operators
    }
}

/// Where dark modules follow each other: the first and how many.
fn runs(modules: &[bool]) -> Vec<(usize, usize)> {
    let mut runs: Vec<(usize, usize)> = Vec::new();
    for (at, _) in modules.iter().enumerate().filter(|(_, is_dark)| **is_dark) {
        match runs.last_mut() {
            Some((from, len)) if *from + *len == at => *len += 1,
            _ => runs.push((at, 1)),
        }
    }
    runs
}

#[expect(clippy::cast_precision_loss, reason = "at most some hundreds")]
fn count(modules: usize) -> f64 {
    modules as f64
}

/// Modules of quiet around a code.
const QUIET: usize = 4;
