//! Finding words among glyphs: whatever their order of accents, whatever stands between words.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::canonical_combining_class;

use super::Glyph;
use super::matrix::union;

/// The boxes of every place where the glyphs, in the order in which they are painted, say `wanted`.
pub(super) fn all(glyphs: &[Glyph], wanted: &str) -> Vec<[f64; 4]> {
    let wanted: Vec<char> = parts([(0, wanted)].into_iter())
        .into_iter()
        .map(|(letter, _)| letter)
        .collect();
    let texts = glyphs.iter().enumerate();
    let letters = parts(texts.map(|(at, glyph)| (at, glyph.text.as_str())));
    if wanted.is_empty() {
        return Vec::new();
    }
    let windows = letters.windows(wanted.len());
    let matching = windows.filter(|window| window.iter().map(|(letter, _)| letter).eq(&wanted));
    // Marks put in order may name a later glyph before an earlier one.
    let glyphs_of = |window: &[(char, usize)]| {
        let places = || window.iter().map(|(_, at)| *at);
        glyphs.get(places().min()?..=places().max()?)
    };
    matching
        .filter_map(glyphs_of)
        .filter(|found| is_together(found))
        .filter_map(|found| found.iter().map(|glyph| glyph.rect).reduce(union))
        .collect()
}

/// The letters taken apart (NFD) with the glyph that each comes from, white space left out. A mark
/// may be a glyph of its own: marks are put into their order across glyphs.
fn parts<'t>(texts: impl Iterator<Item = (usize, &'t str)>) -> Vec<(char, usize)> {
    let letters = texts.flat_map(|(at, text)| text.nfd().map(move |letter| (letter, at)));
    // A no-break or zero-width space is white space to whoever reads.
    let is_blank = |letter: char| letter.is_whitespace() || letter == '\u{200b}';
    let mut letters: Vec<(char, usize)> =
        letters.filter(|(letter, _)| !is_blank(*letter)).collect();
    let class = |(letter, _): &(char, usize)| canonical_combining_class(*letter);
    for marks in letters.chunk_by_mut(|one, other| class(one) != 0 && class(other) != 0) {
        marks.sort_by_key(class);
    }
    letters
}

/// Whether each glyph follows the one before it: no further off than some letters, on its line or
/// the next.
fn is_together(found: &[Glyph]) -> bool {
    found.windows(2).all(|pair| {
        let [one, other] = pair else { return true };
        let reach = one.size.max(other.size) * REACH_EM;
        let [left, bottom, right, top] = one.rect;
        let [x0, y0, x1, y1] = other.rect;
        let apart = |low: f64, high: f64, next: f64, last: f64| (next - high).max(low - last);
        apart(left, right, x0, x1) <= reach && apart(bottom, top, y0, y1) <= reach
    })
}

/// Times the letters' size that two glyphs of one text may stand apart.
const REACH_EM: f64 = 4.0;

#[cfg(test)]
mod tests {
    use super::*;

    fn glyphs(texts: &[&str], step: f64) -> Vec<Glyph> {
        let glyph = |(at, text): (u32, &&str)| {
            let left = f64::from(at) * step;
            Glyph {
                text: (*text).to_owned(),
                rect: [left, 0.0, left + 6.0, 10.0],
                size: 10.0,
            }
        };
        (0..).zip(texts).map(glyph).collect()
    }

    #[test]
    fn accents_and_blanks_do_not_matter() {
        for texts in [
            &["N", "G", "Ư", "Ờ", "I", " ", "K", "Ý"][..],
            &["NGU\u{31b}O\u{31b}\u{300}I", "KY\u{301}"],
            &["NG", "Ư", "Ơ", "\u{300}", "IK", "Ý"],
        ] {
            assert_eq!(all(&glyphs(texts, 6.0), "Người ký").len(), 0);
            assert_eq!(all(&glyphs(texts, 6.0), "NGƯỜI KÝ").len(), 1, "{texts:?}");
        }
        // The circumflex comes before the dot below where each is a glyph of its own.
        let found = all(&glyphs(&["o", "\u{302}", "\u{323}"], 1.0), "ộ");
        assert_eq!(found, [[0.0, 0.0, 8.0, 10.0]]);
    }

    #[test]
    fn letters_far_apart_are_no_word() {
        assert_eq!(all(&glyphs(&["K", "Ý"], 40.0), "KÝ").len(), 1);
        assert_eq!(all(&glyphs(&["K", "Ý"], 60.0), "KÝ").len(), 0);
        assert!(all(&glyphs(&["K"], 1.0), " ").is_empty());
    }
}
