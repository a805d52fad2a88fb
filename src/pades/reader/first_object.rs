//! The first object of a file, where readers do not differ in it. It decides whether some of them
//! begin at the front of the file (ISO 32000-2, annex F), so it is read more strictly than any other:
//! what stands in it is what ISO 32000-2, 7.2 and 7.3 and the limits of ISO 32000-1, annex C ask for,
//! in the way that producers write it, or it is unclear. Readers that meet anything else end an array
//! or a word early and take what follows for entries of the dictionary around it.

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
fn has_object_header(line: &[u8]) -> bool {
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

/// Some readers hold no larger number.
const LENGTH_MAX: u64 = i32::MAX as u64;

/// Bytes of a name, and of a number, that every reader takes for one.
const RUN_MAX: usize = 127;

/// Digits of an integer.
const DIGITS_MAX: usize = 10;

/// Bytes of a string.
const STRING_MAX: usize = 32_767;

/// What every reader takes for an object: its number and its generation.
const IDENTIFIED_MAX: [u64; 2] = [8_388_607, 65_535];

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
        self.comments()?;
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

    /// The line of the header and the comments behind it.
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
        self.comments()
    }

    /// Goes on to what is neither a space nor a comment.
    fn comments(&mut self) -> Result<(), Stop> {
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
        let mut identified = [0; 2];
        for part in &mut identified {
            *part = self.unsigned()?;
            self.expect(|byte| is_space(*byte))?;
            self.space();
        }
        check_identified(identified)?;
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

    /// The integer without a sign that stands here.
    fn length(&self) -> Option<u64> {
        let rest = self.rest();
        let end = rest.iter().position(|&byte| !is_regular(byte))?;
        plain_integer(rest.get(..end)?).filter(|&length| length <= LENGTH_MAX)
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
        let Some(number) = self.value(depth)? else {
            return Ok(false);
        };
        self.space();
        if !self.byte()?.is_ascii_digit() {
            return Ok(false);
        }
        let generation = self.unsigned()?;
        self.expect(|byte| is_space(*byte))?;
        self.space();
        check_identified([number, generation])?;
        (self.run()? == b"R").then_some(true).ok_or(Stop::Unclear)
    }

    /// Reads an object, and says what it is if it is an integer without a sign.
    fn value(&mut self, depth: usize) -> Result<Option<u64>, Stop> {
        if depth > DEPTH_MAX {
            return Err(Stop::Unclear);
        }
        match self.byte()? {
            b'<' if self.stands(b"<<")? => {
                self.at += b"<<".len();
                while self.key()?.is_some() {
                    let _is_reference = self.entry(depth + 1)?;
                }
            }
            b'<' => self.hexadecimal()?,
            b'(' => self.string()?,
            b'[' => self.array(depth)?,
            b'/' => self.name()?,
            _ => return self.number_or_word(),
        }
        Ok(None)
    }

    fn array(&mut self, depth: usize) -> Result<(), Stop> {
        self.at += 1;
        // The integers that stand last.
        let mut integers = [None; 2];
        loop {
            self.space();
            match self.byte()? {
                b']' => {
                    self.at += 1;
                    return Ok(());
                }
                b'R' => {
                    let [Some(number), Some(generation)] = integers else {
                        return Err(Stop::Unclear);
                    };
                    check_identified([number, generation])?;
                    if self.run()? != b"R" {
                        return Err(Stop::Unclear);
                    }
                    integers = [None; 2];
                }
                _ => integers = [integers[1], self.value(depth + 1)?],
            }
        }
    }

    fn name(&mut self) -> Result<(), Stop> {
        self.expect(|byte| *byte == b'/')?;
        let name = self.run()?;
        // Where `#` escapes nothing, some readers lose what stands behind it.
        let is_plain = !name.is_empty() && !name.contains(&b'#');
        is_plain.then_some(()).ok_or(Stop::Unclear)
    }

    fn number_or_word(&mut self) -> Result<Option<u64>, Stop> {
        let run = self.run()?;
        if let Some(integer) = plain_integer(run) {
            return Ok(Some(integer));
        }
        let digits = run.strip_prefix(b"-").unwrap_or(run);
        let mut parts = digits.split(|byte| *byte == b'.');
        let is_number = digits.iter().any(u8::is_ascii_digit)
            && parts.clone().count() <= 2
            && parts.all(|part| part.len() <= DIGITS_MAX && part.iter().all(u8::is_ascii_digit));
        let is_word = matches!(run, b"true" | b"false" | b"null");
        (is_number || is_word).then_some(None).ok_or(Stop::Unclear)
    }

    /// What stands up to what is no part of a name or a number. Nothing plain begins there but spaces
    /// and the delimiters that every reader knows.
    fn run(&mut self) -> Result<&[u8], Stop> {
        let start = self.at;
        while is_regular(self.byte()?) {
            self.at += 1;
            if self.at - start > RUN_MAX {
                return Err(Stop::Unclear);
            }
        }
        self.bytes.get(start..self.at).ok_or(Stop::End)
    }

    fn string(&mut self) -> Result<(), Stop> {
        let (start, mut open) = (self.at, 0_usize);
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
            if self.at - start > STRING_MAX {
                return Err(Stop::Unclear);
            }
        }
    }

    fn hexadecimal(&mut self) -> Result<(), Stop> {
        let start = self.at;
        self.at += 1;
        while self.byte()?.is_ascii_hexdigit() || is_space(self.byte()?) {
            self.at += 1;
            if self.at - start > STRING_MAX {
                return Err(Stop::Unclear);
            }
        }
        self.expect(|byte| *byte == b'>')
    }

    fn unsigned(&mut self) -> Result<u64, Stop> {
        plain_integer(self.run()?).ok_or(Stop::Unclear)
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

/// An integer without a sign, of no more digits than every reader takes.
fn plain_integer(run: &[u8]) -> Option<u64> {
    let is_plain = (1..=DIGITS_MAX).contains(&run.len()) && run.iter().all(u8::is_ascii_digit);
    let digits = run.iter().map(|digit| u64::from(digit - b'0'));
    is_plain.then(|| digits.fold(0, |number, digit| number * 10 + digit))
}

fn check_identified([number, generation]: [u64; 2]) -> Result<(), Stop> {
    let [number_max, generation_max] = IDENTIFIED_MAX;
    ((1..=number_max).contains(&number) && generation <= generation_max)
        .then_some(())
        .ok_or(Stop::Unclear)
}

/// What every reader takes for white space wherever it stands: some do so of a zero byte or a form
/// feed, others do not.
const fn is_space(byte: u8) -> bool {
    matches!(byte, b'\t' | b'\n' | b'\r' | b' ')
}

const fn is_end_of_line(byte: u8) -> bool {
    matches!(byte, b'\n' | b'\r')
}

/// What every reader takes for a part of a name or a number.
fn is_regular(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"()<>[]{}/%".contains(&byte)
}
