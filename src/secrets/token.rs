//! A secret that somebody holds and we keep only hashed: a grant, a session, a program's key.

use std::fmt;

use sha2::{Digest as _, Sha256};
use zeroize::Zeroize;

use super::random;

const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
const LETTERS: usize = 26;

/// 128 random bits, written as 26 letters of Crockford's base32 in lower case. The database holds
/// its SHA-256 alone: with 128 bits of chance a faster hash loses nothing (NIST SP 800-63B).
pub struct Token(String);

impl Token {
    /// Draws a new one.
    #[must_use]
    pub fn draw() -> Self {
        let value = u128::from_be_bytes(random());
        let letter = |place: usize| {
            let index = usize::try_from((value >> (5 * place)) & 31).unwrap_or_default();
            char::from(ALPHABET.get(index).copied().unwrap_or(b'0'))
        };
        Self((0..LETTERS).rev().map(letter).collect())
    }

    /// Takes a text of a token's shape.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let shaped = text.len() == LETTERS && text.bytes().all(|letter| ALPHABET.contains(&letter));
        shaped.then(|| Self(text.to_owned()))
    }

    /// The text, for the one who shall hold it.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    /// What the database knows of it.
    #[must_use]
    pub fn sha256(&self) -> [u8; 32] {
        Sha256::digest(self.0.as_bytes()).into()
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token(..)")
    }
}

impl Drop for Token {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

#[cfg(test)]
mod tests {
    use super::Token;

    #[test]
    fn a_token_is_read_back_and_never_shown() {
        let token = Token::draw();
        let read = Token::parse(token.reveal()).unwrap();
        assert_eq!(read.sha256(), token.sha256());
        assert_ne!(Token::draw().sha256(), token.sha256());
        assert!(!format!("{token:?}").contains(token.reveal()));
        assert!(
            Token::parse(&token.reveal().to_uppercase()).is_none()
                || token.reveal().bytes().all(|b| b.is_ascii_digit())
        );
        assert!(Token::parse("").is_none());
    }
}
