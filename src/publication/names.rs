//! The names of files. They come from the title; uploaded names are not kept, for they may hold a
//! dossier code or a person's name.

use unicode_normalization::UnicodeNormalization as _;

use crate::model::is_unseen;

/// The longest name, suffix included, in letters.
const LETTERS_MAX: usize = 120;

/// The name of file `n` (from 1): `<title>.pdf`, an attachment's `<title> - phụ lục <n - 1>.pdf`.
pub(super) fn of_file(title: &str, n: u32) -> String {
    let suffix = match n {
        0 | 1 => ".pdf".to_owned(),
        n => format!(" - phụ lục {}.pdf", n - 1),
    };
    let room = LETTERS_MAX - suffix.chars().count();
    let kept: String = cleaned(title).chars().take(room).collect();
    format!("{}{suffix}", kept.trim_end_matches([' ', '.']))
}

/// A title without what would steer a path, a header or a terminal, blanks one space each.
pub(super) fn cleaned(title: &str) -> String {
    // What shows as nothing parts no words either.
    let seen = |&letter: &char| parts_words(letter) || !is_unseen(letter);
    let parted = |letter| if parts_words(letter) { ' ' } else { letter };
    let composed: String = title.chars().filter(seen).map(parted).nfc().collect();
    let words: Vec<&str> = composed.split_whitespace().collect();
    words.join(" ").trim_matches(['.', ' ']).to_owned()
}

fn parts_words(letter: char) -> bool {
    letter.is_whitespace()
        || letter.is_control()
        || matches!(letter, '/' | '\\' | ':' | '"' | '<' | '>' | '|' | '*' | '?')
}

#[cfg(test)]
mod tests {
    use super::{LETTERS_MAX, of_file};

    #[test]
    fn a_name_is_the_title_and_the_number_of_the_attachment() {
        assert_eq!(of_file("Giấy phép xây dựng", 1), "Giấy phép xây dựng.pdf");
        assert_eq!(of_file("Giấy phép", 3), "Giấy phép - phụ lục 2.pdf");
    }

    #[test]
    fn nothing_in_a_name_steers_a_path_or_a_terminal() {
        assert_eq!(
            of_file("../a\\b:c\"\u{202e}fdp\u{7}\n d..", 1),
            "a b c fdp d.pdf"
        );
        assert_eq!(
            of_file("Gi\u{ad}ấy\u{2028}ph\u{fe0f}ép", 1),
            "Giấy phép.pdf"
        );
    }

    #[test]
    fn a_name_has_120_letters_at_most() {
        for n in [1, 2, 20] {
            assert_eq!(of_file(&"ữ".repeat(200), n).chars().count(), LETTERS_MAX);
            assert_eq!(
                of_file(&"ữ".repeat(LETTERS_MAX - 4), 1).chars().count(),
                LETTERS_MAX
            );
        }
    }
}
