//! The heads of a form's parts as they stand in its bytes, with a bound on each.

use std::io;

use memchr::memmem;

/// Follows a form (RFC 2046, 5.1.1) and refuses what gathers too much before a part's content.
pub(super) struct Heads {
    /// The bytes between a delimiter and its part's content, at most.
    bytes_max: usize,
    /// `CRLF--boundary`.
    delimiter: Vec<u8>,
    place: Place,
    /// The end of what came before, as much as may belong to a mark that is not whole yet.
    rest: Vec<u8>,
}

/// Where in the form the next byte stands.
#[derive(Clone, Copy)]
enum Place {
    /// At its beginning: the first delimiter, without its line break.
    Start,
    /// Behind a delimiter; its line ends with a line break. So many bytes were seen.
    Line(usize),
    /// In a head, which ends with an empty line.
    Head(usize),
    /// In a part's content.
    Content,
}

impl Heads {
    /// At the beginning of a form with this boundary.
    pub(super) fn of(boundary: &str, bytes_max: usize) -> Self {
        Self {
            bytes_max,
            delimiter: format!("\r\n--{boundary}").into_bytes(),
            place: Place::Start,
            rest: Vec::new(),
        }
    }

    /// Looks at the next piece.
    ///
    /// # Errors
    /// `InvalidData` when a head is too long, or the form does not begin with its boundary.
    pub(super) fn pass(&mut self, piece: &[u8]) -> io::Result<()> {
        let bytes = [std::mem::take(&mut self.rest), piece.to_vec()].concat();
        let mut at = 0;
        loop {
            let ahead = bytes.get(at..).unwrap_or_default();
            let mark: &[u8] = match self.place {
                Place::Start => self.delimiter.get(2..).unwrap_or_default(),
                Place::Line(_) => b"\r\n",
                Place::Head(_) => b"\r\n\r\n",
                Place::Content => &self.delimiter,
            };
            let found = memmem::find(ahead, mark);
            // What stays for the next piece is counted with it.
            let kept = ahead.len().min(mark.len().saturating_sub(1));
            let passed = found.unwrap_or(ahead.len() - kept);
            let seen = match self.place {
                Place::Start if found.is_none() && ahead.len() < mark.len() => 0,
                Place::Start if found == Some(0) => 0,
                Place::Start => return Err(malformed("a form begins with its boundary")),
                Place::Line(seen) | Place::Head(seen) => seen + passed,
                Place::Content => 0,
            };
            if seen > self.bytes_max {
                return Err(malformed("the head of a part is too long"));
            }
            if found.is_none() {
                self.place = self.place.after(seen);
                let keep_from = if matches!(self.place, Place::Start) {
                    at
                } else {
                    bytes.len() - kept
                };
                self.rest = bytes.get(keep_from..).unwrap_or_default().to_vec();
                return Ok(());
            }
            at += passed + mark.len();
            self.place = match self.place {
                Place::Start | Place::Content => Place::Line(0),
                Place::Line(_) => Place::Head(seen),
                Place::Head(_) => {
                    // The line break before a delimiter may be that of the empty line.
                    at -= 2;
                    Place::Content
                }
            };
        }
    }
}

impl Place {
    fn after(self, seen: usize) -> Self {
        match self {
            Self::Line(_) => Self::Line(seen),
            Self::Head(_) => Self::Head(seen),
            other => other,
        }
    }
}

fn malformed(why: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, why)
}

#[cfg(test)]
mod tests {
    use super::Heads;

    const HEAD_BYTES_MAX: usize = 1000;

    /// Whether a form passes, in pieces of so many bytes.
    fn passes(form: &str, piece: usize) -> bool {
        let mut heads = Heads::of("B", HEAD_BYTES_MAX);
        let mut pieces = form.as_bytes().chunks(piece);
        pieces.all(|piece| heads.pass(piece).is_ok())
    }

    #[test]
    fn a_head_has_its_limit_wherever_the_pieces_end() {
        let name = |len: usize| "n".repeat(len);
        let part = |head: &str, content: &str| format!("--B\r\n{head}\r\n\r\n{content}\r\n");
        let long = name(HEAD_BYTES_MAX - 100);
        let too_long = name(HEAD_BYTES_MAX + 9);
        for piece in [1, 3, 7, 1000, 1 << 20] {
            let whole = [
                part("a: b", &name(100_000)),
                part(&long, ""),
                "--B--\r\n".into(),
            ];
            assert!(passes(&whole.concat(), piece), "{piece}");
            for odd in [
                part("a: b", "x") + &part(&too_long, "x"),
                part(&too_long, "x"),
                // No head at all: the empty line is the delimiter's own.
                format!("--B\r\n\r\n{too_long}"),
                format!("--B{}", " ".repeat(HEAD_BYTES_MAX + 9)),
                part("a: b", "") + "--B\r\n\r\n" + &too_long,
                format!("{too_long}\r\n\r\n"),
                format!("\r\n\r\n{}", part("a: b", "x")),
            ] {
                assert!(!passes(&odd, piece), "{piece}: {}", &odd[..20]);
            }
        }
    }
}
