//! The two outputs of a verb, and what a terminal may be shown: strings out of files and answers may
//! steer it.

use std::io::{self, Write as _};

use super::failure::Failure;
use crate::model::is_unseen;

/// A line that stays one line, whatever it quotes: what would break it, move the cursor or turn the
/// writing round shows as U+FFFD. JSON for programs needs none of it.
pub(super) fn line(text: &str) -> String {
    let shown = |letter| {
        if is_unseen(letter) {
            '\u{fffd}'
        } else {
            letter
        }
    };
    text.chars().map(shown).collect()
}

/// Says an outcome, on standard output, as it is.
pub(super) fn say(text: &str) -> Result<(), Failure> {
    let mut out = io::stdout();
    writeln!(out, "{text}")
        .and_then(|()| out.flush())
        .map_err(|error| Failure::unsaid(&error))
}

/// How a verb ends that has said what it found, or could not: a bad verdict is told in any case,
/// and only what would have been good ends by what could not be said.
pub(super) fn ended(
    said: Result<(), Failure>,
    verdict: Result<(), Failure>,
) -> Result<(), Failure> {
    match (said, verdict) {
        (said, Ok(())) => said,
        (Err(unsaid), Err(verdict)) if !unsaid.is_unheard() => {
            unsaid.print();
            Err(verdict)
        }
        (_, verdict) => verdict,
    }
}

/// Says something beside the outcome, on standard error.
pub(super) fn note(text: &str) {
    let _ = writeln!(io::stderr(), "{}", line(text));
}
