//! The first object of a file, where every reader reads it alike. It decides whether some of them
//! begin at the front of the file (ISO 32000-2, annex F), so it is read more strictly than any other:
//! what stands in it is what ISO 32000-2, 7.2 and 7.3 ask for, in the way that producers write it, or
//! it is unclear.

use super::lexer::LexError;

/// What the first object is.
pub(super) enum FirstObject {
    /// It says that the file is so long, if it is read from its front; its first section stands `end`
    /// bytes behind the header.
    Linearized { length: u64, end: u64 },
    /// No reader begins at the front.
    Other,
    /// Readers may differ in it.
    Unclear,
}

/// Reads it from a window that begins with the header.
pub(super) fn first_object(window: &[u8]) -> Result<FirstObject, LexError> {
    let mut plain = Plain {
        bytes: window,
        at: 0,
    };
    match plain.first_object() {
        Ok(first) => Ok(first),
        Err(Stop::End) => Err(LexError::End),
        Err(Stop::Unclear) => Ok(FirstObject::Unclear),
    }
}

/// Whether some reader may find the header of an object within this line.
pub(super) fn has_object_header(line: &[u8]) -> bool {
    memchr::memmem::find_iter(line, b"obj").any(|word| {
        let (before, behind) = line.split_at(word);
        let before = before.iter().rfind(|byte| byte.is_ascii_alphanumeric());
        let behind = behind.get(b"obj".len());
        before.is_some_and(u8::is_ascii_digit) && !behind.is_some_and(u8::is_ascii_alphanumeric)
    })
}

/// Reads what is plain.
struct Plain<'w> {
    bytes: &'w [u8],
    at: usize,
}

enum Stop {
    /// The window ends; with more of the file it may be plain.
    End,
    Unclear,
}

/// Arrays and dictionaries within each other; some readers go no deeper than 64.
const DEPTH_MAX: usize = 16;

/// Some readers hold no longer number.
const LENGTH_MAX: u64 = i32::MAX as u64;

impl Plain<'_> {
    fn first_object(&mut self) -> Result<FirstObject, Stop> {
        self.header()?;
        self.object_header()?;
        let linearized = if self.stands(b"<<")? {
            self.top_dictionary()?
        } else {
            self.value(0)?;
            None
        };
        self.space();
        if self.stands(b"stream")? {
            return linearized.map_or(Ok(FirstObject::Other), |_| Err(Stop::Unclear));
        }
        let end = self.at;
        self.word(b"endobj")?;
        self.space();
        self.byte()?;
        let Some(length) = linearized else {
            return Ok(FirstObject::Other);
        };
        // Readers take the first such word for the end of the object.
        if memchr::memmem::find(self.bytes, b"endobj") != Some(end) {
            return Err(Stop::Unclear);
        }
        let end = self.at as u64;
        Ok(FirstObject::Linearized { length, end })
    }

    /// The line of the header and those of comments.
    fn header(&mut self) -> Result<(), Stop> {
        self.word(b"%PDF-")?;
        for is_part in [
            u8::is_ascii_digit as fn(&u8) -> bool,
            |byte| *byte == b'.',
            u8::is_ascii_digit,
        ] {
            self.expect(is_part)?;
        }
        while matches!(self.byte()?, b' ' | b'\t') {
            self.at += 1;
        }
        self.expect(|byte| is_end_of_line(*byte))?;
        loop {
            self.space();
            if self.byte()? != b'%' {
                return Ok(());
            }
            let rest = self.rest();
            let line = rest.iter().position(|byte| is_end_of_line(*byte));
            let line = line.and_then(|end| rest.get(..end)).ok_or(Stop::End)?;
            if has_object_header(line) {
                return Err(Stop::Unclear);
            }
            self.at += line.len();
        }
    }

    fn object_header(&mut self) -> Result<(), Stop> {
        for _ in 0..2 {
            self.digits()?;
            self.expect(|byte| is_space(*byte))?;
            self.space();
        }
        self.word(b"obj")?;
        if is_regular(self.byte()?) {
            return Err(Stop::Unclear);
        }
        self.space();
        Ok(())
    }

    /// The dictionary of the first object: `/L`, if it has `/Linearized`.
    fn top_dictionary(&mut self) -> Result<Option<u64>, Stop> {
        let (mut words, mut lengths, mut length) = (0, 0, None);
        self.at += b"<<".len();
        while let Some(key) = self.key()? {
            let (is_word, is_length) = (key == b"Linearized", key == b"L");
            if key.contains(&b'#') {
                return Err(Stop::Unclear);
            }
            let said = self.length();
            let is_reference = self.entry(0)?;
            words += usize::from(is_word);
            if is_length {
                lengths += 1;
                length = said.filter(|_| !is_reference);
            }
        }
        match (words, lengths, length) {
            (0, ..) => Ok(None),
            (1, 1, Some(length)) => Ok(Some(length)),
            _ => Err(Stop::Unclear),
        }
    }

    /// An integer without a sign.
    fn length(&self) -> Option<u64> {
        let rest = self.rest();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, behind) = rest.split_at(digits);
        if behind.first().is_some_and(|&byte| is_regular(byte)) {
            return None;
        }
        let length: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
        (length <= LENGTH_MAX).then_some(length)
    }

    /// The next key, or the end of the dictionary.
    fn key(&mut self) -> Result<Option<&[u8]>, Stop> {
        self.space();
        if self.byte()? == b'>' {
            self.word(b">>")?;
            return Ok(None);
        }
        let start = self.at + 1;
        self.name()?;
        let end = self.at;
        self.space();
        Ok(self.bytes.get(start..end))
    }

    /// Reads the value of an entry, and says whether it is a reference.
    fn entry(&mut self, depth: usize) -> Result<bool, Stop> {
        let is_integer = self.byte()?.is_ascii_digit();
        self.value(depth)?;
        self.space();
        if !is_integer || !self.byte()?.is_ascii_digit() {
            return Ok(false);
        }
        self.digits()?;
        self.space();
        self.word(b"R")?;
        if is_regular(self.byte()?) {
            return Err(Stop::Unclear);
        }
        Ok(true)
    }

    fn value(&mut self, depth: usize) -> Result<(), Stop> {
        if depth > DEPTH_MAX {
            return Err(Stop::Unclear);
        }
        match self.byte()? {
            b'<' if self.stands(b"<<")? => {
                self.at += b"<<".len();
                while self.key()?.is_some() {
                    let _is_reference = self.entry(depth + 1)?;
                }
                Ok(())
            }
            b'<' => self.hexadecimal(),
            b'(' => self.string(),
            b'[' => self.array(depth),
            b'/' => self.name(),
            _ => self.number_or_word(),
        }
    }

    fn array(&mut self, depth: usize) -> Result<(), Stop> {
        self.at += 1;
        loop {
            self.space();
            if self.byte()? == b']' {
                self.at += 1;
                return Ok(());
            }
            self.value(depth + 1)?;
        }
    }

    fn name(&mut self) -> Result<(), Stop> {
        self.expect(|byte| *byte == b'/')?;
        self.run().map(drop)
    }

    fn number_or_word(&mut self) -> Result<(), Stop> {
        let run = self.run()?;
        let digits = run.strip_prefix(b"-").unwrap_or(run);
        let mut parts = digits.split(|byte| *byte == b'.');
        let is_number = digits.iter().any(u8::is_ascii_digit)
            && parts.clone().count() <= 2
            && parts.all(|part| part.iter().all(u8::is_ascii_digit));
        // A reference within an array ends with such a word.
        let is_word = matches!(run, b"true" | b"false" | b"null" | b"R");
        (is_number || is_word).then_some(()).ok_or(Stop::Unclear)
    }

    /// What stands up to what is no part of a name or a number. Nothing plain begins there but spaces
    /// and the delimiters that every reader knows.
    fn run(&mut self) -> Result<&[u8], Stop> {
        let start = self.at;
        while is_regular(self.byte()?) {
            self.at += 1;
        }
        self.bytes.get(start..self.at).ok_or(Stop::End)
    }

    fn string(&mut self) -> Result<(), Stop> {
        let mut open = 0_usize;
        loop {
            match self.byte()? {
                b'\\' => self.at += 1,
                b'(' => open += 1,
                b')' => open -= 1,
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                return Ok(());
            }
        }
    }

    fn hexadecimal(&mut self) -> Result<(), Stop> {
        self.at += 1;
        while self.byte()?.is_ascii_hexdigit() || is_space(self.byte()?) {
            self.at += 1;
        }
        self.expect(|byte| *byte == b'>')
    }

    /// A number of an object.
    fn digits(&mut self) -> Result<(), Stop> {
        self.expect(u8::is_ascii_digit)?;
        while self.byte()?.is_ascii_digit() {
            self.at += 1;
        }
        Ok(())
    }

    fn space(&mut self) {
        let rest = self.rest();
        self.at += rest.iter().take_while(|byte| is_space(**byte)).count();
    }

    fn word(&mut self, word: &[u8]) -> Result<(), Stop> {
        if self.stands(word)? {
            self.at += word.len();
            Ok(())
        } else {
            Err(Stop::Unclear)
        }
    }

    fn stands(&self, word: &[u8]) -> Result<bool, Stop> {
        let rest = self.rest();
        if rest.len() < word.len() && word.starts_with(rest) {
            return Err(Stop::End);
        }
        Ok(rest.starts_with(word))
    }

    fn expect(&mut self, is_right: impl Fn(&u8) -> bool) -> Result<(), Stop> {
        let byte = self.byte()?;
        self.at += 1;
        is_right(&byte).then_some(()).ok_or(Stop::Unclear)
    }

    fn byte(&self) -> Result<u8, Stop> {
        self.bytes.get(self.at).copied().ok_or(Stop::End)
    }

    fn rest(&self) -> &[u8] {
        self.bytes.get(self.at..).unwrap_or_default()
    }
}

/// What every reader takes for white space; some take a zero byte for it, others do not.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | 0x0c | b'\r' | b' ')
}

const fn is_end_of_line(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// What every reader takes for a part of a name or a number.
fn is_regular(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"()<>[]{}/%".contains(&byte)
}
