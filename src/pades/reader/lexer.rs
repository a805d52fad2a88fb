//! Objects out of bytes (ISO 32000-2, 7.2 and 7.3). Every accessor is checked: the bytes are a
//! stranger's.

use lopdf::{Dictionary, Object, StringFormat};

use super::escapes::{hexadecimal, unescaped};
use super::oddities::{Keys, Oddities};
use super::token::{KEYWORDS, is_regular, is_space, number, unknown};

/// Why no object came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::pades) enum LexError {
    /// The bytes end within the object; with more of them it may be one.
    End,
    /// No object begins like this.
    Bad(&'static str),
    /// More than the limits allow; says of what.
    TooMuch(&'static str),
}

/// Reads objects from a window of the file.
pub(in crate::pades) struct Lexer<'w> {
    bytes: &'w [u8],
    at: usize,
    depth_left: usize,
    items_left: usize,
    /// What was passed over so far.
    oddities: Oddities,
}

impl<'w> Lexer<'w> {
    /// A reader that goes down `depth` arrays and dictionaries and takes `items` objects at most.
    pub(in crate::pades) fn new(bytes: &'w [u8], depth: usize, items: usize) -> Self {
        Self {
            bytes,
            at: 0,
            depth_left: depth,
            items_left: items,
            oddities: Oddities::default(),
        }
    }

    /// What was passed over so far, and may be something else to other readers.
    pub(super) fn oddities(&self) -> Oddities {
        self.oddities
    }

    /// Takes note that what was read is something else to other readers.
    pub(super) fn note_unclear(&mut self) {
        self.oddities.is_unclear = true;
    }

    /// How many bytes have been read.
    pub(in crate::pades) fn position(&self) -> usize {
        self.at
    }

    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn rest(&self) -> &'w [u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }

    /// Skips white space and comments.
    pub(in crate::pades) fn skip_space(&mut self) {
        while let Some(byte) = self.peek() {
            if byte == b'%' {
                let mut lines = self.rest().split(|&byte| matches!(byte, b'\r' | b'\n'));
                let comment = lines.next().unwrap_or_default();
                self.oddities.note_comment(comment);
                self.at += comment.len();
            } else if is_space(byte) {
                // To some readers it is none.
                self.oddities.is_unclear |= byte == 0;
                self.at += 1;
            } else {
                return;
            }
        }
    }

    /// Takes a keyword if it stands here.
    pub(in crate::pades) fn keyword(&mut self, word: &[u8]) -> bool {
        self.skip_space();
        let ends = |rest: &[u8]| rest.get(word.len()).is_none_or(|&next| !is_regular(next));
        if self.rest().starts_with(word) && ends(self.rest()) {
            self.at += word.len();
            return true;
        }
        false
    }

    /// Takes a word that is no object, if one stands here: an operator of a content stream.
    pub(in crate::pades) fn operator(&mut self) -> Option<&'w [u8]> {
        self.skip_space();
        let begins = |byte: u8| is_regular(byte) && !b"+-.0123456789".contains(&byte);
        if !self.peek().is_some_and(begins) {
            return None;
        }
        let rest = self.rest();
        let length = rest.iter().take_while(|&&byte| is_regular(byte)).count();
        let word = rest.get(..length)?;
        if matches!(word, b"true" | b"false" | b"null") {
            return None;
        }
        self.at += length;
        Some(word)
    }

    /// Passes over what was read otherwise.
    pub(super) fn pass(&mut self, bytes: usize) {
        self.at = self.bytes.len().min(self.at + bytes);
    }

    /// Passes over a byte that begins nothing.
    pub(in crate::pades) fn skip(&mut self) {
        self.at = self.bytes.len().min(self.at + 1);
    }

    /// Passes over the data of an inline picture, behind its `ID`, and its `EI` (8.9.7): the first one
    /// that stands alone.
    pub(in crate::pades) fn skip_picture(&mut self) {
        let is_end = |window: &[u8]| match window {
            [before, b'E', b'I', behind] => is_space(*before) && !is_regular(*behind),
            _ => false,
        };
        let end = self.rest().windows(4).position(is_end);
        self.at = end.map_or(self.bytes.len(), |end| self.at + end + 3);
    }

    /// Takes an unsigned integer.
    pub(in crate::pades) fn unsigned(&mut self) -> Result<u64, LexError> {
        self.skip_space();
        let digits = self
            .rest()
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        if digits == self.rest().len() {
            return Err(LexError::End);
        }
        let text = self.rest().get(..digits).unwrap_or_default();
        let number = text.iter().try_fold(0_u64, |number, digit| {
            let number = number.checked_mul(10)?;
            number.checked_add(u64::from(digit - b'0'))
        });
        let number = number.filter(|_| digits > 0);
        let number = number.ok_or(LexError::Bad("a number was expected"))?;
        self.at += digits;
        Ok(number)
    }

    /// Takes `N G obj`.
    pub(in crate::pades) fn object_header(&mut self) -> Result<(u32, u16), LexError> {
        let number = self.unsigned()?;
        let generation = self.unsigned()?;
        let behind = self.at;
        self.skip_space();
        // `1 0obj` is no object to some readers.
        self.oddities.is_unclear |= !self.bytes.get(behind).is_some_and(|&next| is_space(next));
        if self.rest().len() < 3 {
            return Err(LexError::End);
        }
        // `1 0 obj<<` and even `1 0 obj5` are written by real producers.
        if !self.rest().starts_with(b"obj") {
            return Err(LexError::Bad("no object header"));
        }
        self.at += 3;
        let id = u32::try_from(number)
            .ok()
            .zip(u16::try_from(generation).ok());
        id.ok_or(LexError::Bad("an object number is too large"))
    }

    /// Takes one object.
    pub(in crate::pades) fn object(&mut self) -> Result<Object, LexError> {
        self.skip_space();
        let first = self.peek().ok_or(LexError::End)?;
        // An item of one byte in the file takes a hundred in memory.
        let too_many = LexError::TooMuch("an object has too many parts");
        self.items_left = self.items_left.checked_sub(1).ok_or(too_many)?;
        match first {
            b'/' => self.name().map(Object::Name),
            b'(' => self.literal_string(),
            b'<' if self.rest().get(1) == Some(&b'<') => self.dictionary().map(Object::Dictionary),
            b'<' => self.hexadecimal_string(),
            b'[' => self.array(),
            b'+' | b'-' | b'.' | b'0'..=b'9' => self.number_or_reference(),
            _ => self.word(),
        }
    }

    /// The regular characters that stand here, up to another one.
    fn regular(&self) -> Result<&'w [u8], LexError> {
        let length = self.rest().iter().position(|&byte| !is_regular(byte));
        let word = self.rest().get(..length.ok_or(LexError::End)?);
        Ok(word.unwrap_or_default())
    }

    fn word(&mut self) -> Result<Object, LexError> {
        let word = self.regular()?;
        let object = match word {
            b"true" => Object::Boolean(true),
            b"false" => Object::Boolean(false),
            b"null" => Object::Null,
            b"" => return Err(LexError::Bad("an object was expected")),
            _ if KEYWORDS.contains(&word) => {
                return Err(LexError::Bad("an object's value is missing"));
            }
            _ => {
                self.oddities.is_unclear = true;
                unknown(word)
            }
        };
        self.at += word.len();
        Ok(object)
    }

    fn number_or_reference(&mut self) -> Result<Object, LexError> {
        let before = self.at;
        if let Some(reference) = self.reference()? {
            return Ok(reference);
        }
        self.at = before;
        self.number()
    }

    /// `N G R`, if that is what stands here.
    fn reference(&mut self) -> Result<Option<Object>, LexError> {
        if !self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            return Ok(None);
        }
        let number = match self.unsigned() {
            Ok(number) => number,
            Err(LexError::End) => return Err(LexError::End),
            Err(_) => return Ok(None),
        };
        if !self.peek().is_some_and(is_space) {
            return Ok(None);
        }
        self.skip_space();
        match self.peek() {
            None => return Err(LexError::End),
            Some(byte) if !byte.is_ascii_digit() => return Ok(None),
            Some(_) => {}
        }
        let generation = match self.unsigned() {
            Ok(generation) => generation,
            Err(LexError::End) => return Err(LexError::End),
            Err(_) => return Ok(None),
        };
        // Some readers take that for a number and a word.
        let is_tight = self.peek() == Some(b'R');
        self.skip_space();
        match (self.peek(), self.rest().get(1)) {
            (None, _) | (Some(b'R'), None) => Err(LexError::End),
            (Some(b'R'), Some(&next)) if !is_regular(next) => {
                self.at += 1;
                let number = u32::try_from(number).ok();
                let own_generation = u16::try_from(generation).ok();
                if is_tight || number.is_none() || own_generation.is_none() {
                    self.oddities.is_unclear = true;
                }
                // Next to no object has that generation. Readers that look at the number alone find one.
                let generation = own_generation.unwrap_or(u16::MAX);
                Ok(Some(number.map_or(Object::Null, |number| {
                    Object::Reference((number, generation))
                })))
            }
            _ => Ok(None),
        }
    }

    fn number(&mut self) -> Result<Object, LexError> {
        let text = self.regular()?;
        self.at += text.len();
        Ok(number(text).unwrap_or_else(|| {
            self.oddities.is_unclear = true;
            unknown(text)
        }))
    }

    fn name(&mut self) -> Result<Vec<u8>, LexError> {
        self.at += 1;
        let raw = self.regular()?;
        self.at += raw.len();
        let (name, is_plain) = unescaped(raw);
        self.oddities.is_unclear |= !is_plain;
        Ok(name)
    }

    fn array(&mut self) -> Result<Object, LexError> {
        self.at += 1;
        self.deeper(|lexer| {
            let mut items = Vec::new();
            loop {
                lexer.skip_space();
                match lexer.peek().ok_or(LexError::End)? {
                    b']' => {
                        lexer.at += 1;
                        return Ok(Object::Array(items));
                    }
                    _ => items.push(lexer.object()?),
                }
            }
        })
    }

    /// Takes `<< … >>`. Of a key that stands twice the last counts; some readers take the first.
    pub(in crate::pades) fn dictionary(&mut self) -> Result<Dictionary, LexError> {
        self.skip_space();
        match self.rest() {
            [b'<', b'<', ..] => self.at += 2,
            [] | [b'<'] => return Err(LexError::End),
            _ => return Err(LexError::Bad("a dictionary was expected")),
        }
        self.deeper(|lexer| {
            let (mut dictionary, mut keys) = (Dictionary::new(), Keys::default());
            loop {
                lexer.skip_space();
                match lexer.rest() {
                    [] | [b'>'] => return Err(LexError::End),
                    [b'>', b'>', ..] => {
                        lexer.at += 2;
                        return Ok(dictionary);
                    }
                    [b'/', ..] => {
                        let key = lexer.name()?;
                        let value = lexer.object()?;
                        if keys.may_have(&key)
                            && let Ok(before) = dictionary.get(&key)
                        {
                            lexer.oddities.is_unclear |= *before != value;
                            lexer.oddities.has_repeated_key = true;
                        }
                        dictionary.set(key, value);
                    }
                    _ => return Err(LexError::Bad("a dictionary's key is no name")),
                }
            }
        })
    }

    fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, LexError>,
    ) -> Result<T, LexError> {
        self.depth_left = self
            .depth_left
            .checked_sub(1)
            .ok_or(LexError::TooMuch("an object is nested too deeply"))?;
        let outcome = read(self);
        self.depth_left += 1;
        outcome
    }

    fn hexadecimal_string(&mut self) -> Result<Object, LexError> {
        let end = memchr::memchr(b'>', self.rest()).ok_or(LexError::End)?;
        let inside = self.rest().get(1..end).unwrap_or_default();
        // A malformed one was read, too, which costs what it costs.
        self.at += end + 1;
        let bytes =
            hexadecimal(inside).ok_or(LexError::Bad("a hexadecimal string is malformed"))?;
        Ok(Object::String(bytes, StringFormat::Hexadecimal))
    }

    fn literal_string(&mut self) -> Result<Object, LexError> {
        self.at += 1;
        let mut bytes = Vec::new();
        let mut open = 1_usize;
        loop {
            let byte = self.peek().ok_or(LexError::End)?;
            self.at += 1;
            match byte {
                b'(' => open += 1,
                b')' => {
                    open -= 1;
                    if open == 0 {
                        return Ok(Object::String(bytes, StringFormat::Literal));
                    }
                }
                b'\\' => {
                    self.escape(&mut bytes)?;
                    continue;
                }
                b'\r' => {
                    // Every end of a line in a string is one LF (7.3.4.2).
                    if self.peek() == Some(b'\n') {
                        self.at += 1;
                    }
                    bytes.push(b'\n');
                    continue;
                }
                _ => {}
            }
            bytes.push(byte);
        }
    }

    fn escape(&mut self, into: &mut Vec<u8>) -> Result<(), LexError> {
        let byte = self.peek().ok_or(LexError::End)?;
        self.at += 1;
        match byte {
            b'n' => into.push(b'\n'),
            b'r' => into.push(b'\r'),
            b't' => into.push(b'\t'),
            b'b' => into.push(8),
            b'f' => into.push(12),
            b'\n' => {}
            b'\r' => {
                if self.peek() == Some(b'\n') {
                    self.at += 1;
                }
            }
            b'0'..=b'7' => {
                let mut code = u32::from(byte - b'0');
                for _ in 0..2 {
                    let Some(digit @ b'0'..=b'7') = self.peek() else {
                        break;
                    };
                    code = code * 8 + u32::from(digit - b'0');
                    self.at += 1;
                }
                // An overflow is ignored, as 7.3.4.2 has it.
                into.push((code & 0xff) as u8);
            }
            other => into.push(other),
        }
        Ok(())
    }
}
