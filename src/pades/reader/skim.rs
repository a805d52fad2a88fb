//! Where an object ends, found without taking the object apart: a file has many, and a seal wants to
//! know of each no more than that.

use super::escapes::unescape_name;
use super::lexer::{LexError, Lexer};
use super::objects::stream_begins;
use super::token::is_regular;

/// What stands at a place of a file.
pub(super) enum Skimmed {
    /// No object.
    Nothing,
    /// One that has ended.
    Object,
    /// A stream whose data begin here; where in the window a value of `/Length` stands, which may be
    /// there more than once.
    Stream { data: usize, lengths: Vec<usize> },
}

/// Passes over `N G obj …`. What no object has is passed over, as readers do that mind it least.
///
/// # Errors
/// `End` where the window ends within it.
pub(super) fn skim(mut lexer: Lexer<'_>, window: &[u8]) -> Result<Skimmed, LexError> {
    match lexer.object_header() {
        Ok(_) => {}
        Err(LexError::End) => return Err(LexError::End),
        Err(_) => return Ok(Skimmed::Nothing),
    }
    let mut lengths = Vec::new();
    let mut depth = 0_usize;
    loop {
        lexer.skip_space();
        let rest = window.get(lexer.position()..).unwrap_or_default();
        let passed = match rest {
            [] | [b'<' | b'>'] => return Err(LexError::End),
            [b'<', b'<', ..] => {
                depth += 1;
                2
            }
            [b'>', b'>', ..] => {
                depth = depth.saturating_sub(1);
                2
            }
            [b'[', ..] => {
                depth += 1;
                1
            }
            [b']', ..] => {
                depth = depth.saturating_sub(1);
                1
            }
            [b'<', ..] => memchr::memchr(b'>', rest).ok_or(LexError::End)? + 1,
            [b'(', ..] => literal(rest)?,
            [b'/', ..] => {
                let name = rest.get(1..).unwrap_or_default();
                let length = word(name)?;
                if depth == 1 && is_length(name.get(..length).unwrap_or_default()) {
                    lengths.push(lexer.position() + 1 + length);
                }
                1 + length
            }
            _ => word(rest)?.max(1),
        };
        lexer.pass(passed);
        if depth == 0 {
            break;
        }
    }
    lexer.skip_space();
    let data = stream_begins(&mut lexer, window)?;
    Ok(data.map_or(Skimmed::Object, |data| Skimmed::Stream { data, lengths }))
}

fn is_length(name: &[u8]) -> bool {
    name == b"Length" || (name.contains(&b'#') && unescape_name(name) == b"Length")
}

/// How long the word is that stands here.
fn word(bytes: &[u8]) -> Result<usize, LexError> {
    let end = bytes.iter().position(|&byte| !is_regular(byte));
    end.ok_or(LexError::End)
}

/// How long the string in parentheses is that begins here (7.3.4.2).
fn literal(bytes: &[u8]) -> Result<usize, LexError> {
    let (mut at, mut open) = (0, 0_usize);
    loop {
        let rest = bytes.get(at..).unwrap_or_default();
        at += memchr::memchr3(b'(', b')', b'\\', rest).ok_or(LexError::End)?;
        match bytes.get(at) {
            Some(b'(') => open += 1,
            Some(b')') => open -= 1,
            _ => at += 1,
        }
        at += 1;
        if open == 0 {
            return Ok(at);
        }
    }
}
