//! The citizen's pages: home, a link, the files behind it.

pub(crate) mod files;
pub(crate) mod home;
pub(crate) mod link;
pub(crate) mod views;

use crate::dossier::{DossierCode, Profile};

/// The official code that was perhaps meant by one with letters where digits belong: O, I and L
/// become 0 and 1. It is offered, never used in place of what was typed, and depends on nothing
/// but what was typed.
pub(crate) fn suggestion(typed: &str) -> Option<String> {
    if official(typed).is_some() {
        return None;
    }
    let mut letters = typed.trim().chars();
    let first = letters.next()?;
    let rest: String = letters
        .map(|letter| match letter {
            'o' | 'O' => '0',
            'i' | 'I' | 'l' | 'L' => '1',
            other => other,
        })
        .collect();
    official(&format!("{first}{rest}"))
}

/// The canonical form of a code of one of the national shapes.
fn official(typed: &str) -> Option<String> {
    let code = DossierCode::parse(typed).ok()?;
    (code.profile() != Profile::Free).then(|| code.as_str().to_owned())
}

#[cfg(test)]
mod tests {
    use super::suggestion;

    #[test]
    fn letters_in_the_place_of_digits_are_pointed_out_and_nothing_else() {
        assert_eq!(
            suggestion("h13.12-261123-OOO1").as_deref(),
            Some("H13.12-261123-0001")
        );
        assert_eq!(
            suggestion("H13.12-26ll23-0001").as_deref(),
            Some("H13.12-261123-0001")
        );
        assert_eq!(suggestion("H13.12-261123-0001"), None);
        assert_eq!(suggestion("HELLO-WORLD"), None);
        assert_eq!(suggestion(""), None);
    }
}
