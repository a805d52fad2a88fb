//! Changes to dictionaries and arrays of the received file, made in their bytes: what is not
//! changed stays letter by letter what it was (number forms, order, comments), so that neither
//! our parser's view nor its rounding enters a page that somebody signed before.

use std::ops::Range;

use lopdf::Object;

use crate::pades::error::Refusal;
use crate::pades::reader::lexer::{LexError, Lexer};

/// A dictionary's bytes, from `<<` to `>>`, and where its entries stand.
pub(super) struct Entries<'b> {
    bytes: &'b [u8],
    list: Vec<Entry>,
    close: usize,
}

struct Entry {
    key: Vec<u8>,
    value: Object,
    range: Range<usize>,
}

impl<'b> Entries<'b> {
    /// Finds the entries of a dictionary.
    pub(super) fn of(bytes: &'b [u8], depth: usize) -> Result<Self, Refusal> {
        let inside = bytes
            .strip_prefix(b"<<")
            .ok_or_else(|| damaged("a dictionary is none"))?;
        // The reader has counted the items before.
        let mut lexer = Lexer::new(inside, depth, usize::MAX);
        let mut entries = Vec::new();
        loop {
            lexer.skip_space();
            let at = lexer.position();
            if inside.get(at..).is_some_and(|rest| rest.starts_with(b">>")) {
                return Ok(Self {
                    bytes,
                    list: entries,
                    close: at + 2,
                });
            }
            let Object::Name(key) = lexer.object().map_err(broken)? else {
                return Err(damaged("a dictionary's key is no name"));
            };
            lexer.skip_space();
            let start = lexer.position() + 2;
            let value = lexer.object().map_err(broken)?;
            entries.push(Entry {
                key,
                value,
                range: start..lexer.position() + 2,
            });
        }
    }

    /// The value of a key, parsed and as it is written.
    ///
    /// # Errors
    /// `PdfDamaged` when the key stands twice: readers differ in which one they take.
    pub(super) fn get(&self, key: &str) -> Result<Option<(&Object, &'b [u8])>, Refusal> {
        let entry = self.entry(key)?;
        Ok(entry.and_then(|entry| {
            let written = self.bytes.get(entry.range.clone())?;
            Some((&entry.value, written))
        }))
    }

    /// The dictionary's bytes with this value for this key, in its old place or as a last entry.
    pub(super) fn with(&self, key: &str, value: &[u8]) -> Result<Vec<u8>, Refusal> {
        let (range, new) = match self.entry(key)? {
            Some(entry) => (entry.range.clone(), [b" ", value, b" "].concat()),
            // On a line of its own: a comment may stand before the end of the dictionary.
            None => (
                self.close..self.close,
                [b"\n/".as_slice(), key.as_bytes(), b" ", value].concat(),
            ),
        };
        Ok(replaced(self.bytes, range, &new))
    }

    fn entry(&self, key: &str) -> Result<Option<&Entry>, Refusal> {
        let mut found = self.list.iter().filter(|entry| entry.key == key.as_bytes());
        let first = found.next();
        if found.next().is_some() {
            return Err(Refusal::PdfDamaged(format!(
                "/{key} stands twice in one dictionary"
            )));
        }
        Ok(first)
    }
}

/// An array's bytes, from `[` to `]`, with one more item at its end.
pub(super) fn push(array: &[u8], item: &[u8]) -> Result<Vec<u8>, Refusal> {
    if !array.starts_with(b"[") || !array.ends_with(b"]") {
        return Err(damaged("an array is none"));
    }
    let close = array.len() - 1;
    Ok(replaced(array, close..close, &[b"\n", item].concat()))
}

pub(super) fn broken(error: LexError) -> Refusal {
    match error {
        LexError::End => damaged("an object is cut off"),
        LexError::Bad(what) => damaged(what),
        LexError::TooMuch(what) => Refusal::PdfTooComplex(what.into()),
    }
}

fn damaged(what: &str) -> Refusal {
    Refusal::PdfDamaged(what.into())
}

fn replaced(bytes: &[u8], range: Range<usize>, new: &[u8]) -> Vec<u8> {
    let before = bytes.get(..range.start).unwrap_or_default();
    let after = bytes.get(range.end..).unwrap_or_default();
    [before, new, after].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(dictionary: &str, key: &str, value: &str) -> String {
        let entries = Entries::of(dictionary.as_bytes(), 10).unwrap();
        String::from_utf8(entries.with(key, value.as_bytes()).unwrap()).unwrap()
    }

    #[test]
    fn an_entry_is_replaced_in_its_place_and_the_rest_kept_to_the_letter() {
        let page =
            "<</Type/Page/MediaBox[0 0 595.275590551 841.890]/Annot#73 5 0 R/A<</Annots 1>>>>";
        let kept =
            "<</Type/Page/MediaBox[0 0 595.275590551 841.890]/Annot#73  [7 0 R] /A<</Annots 1>>>>";
        assert_eq!(with(page, "Annots", "[7 0 R]"), kept);
    }

    #[test]
    fn a_new_entry_is_not_swallowed_by_a_comment() {
        assert_eq!(
            with("<</A 1 % last\n>>", "B", "2"),
            "<</A 1 % last\n\n/B 2>>"
        );
        assert_eq!(with("<</A/B>>", "C", "2"), "<</A/B\n/C 2>>");
        assert_eq!(
            push(b"[1 0 R % >\n]", b"2 0 R").unwrap(),
            b"[1 0 R % >\n\n2 0 R]"
        );
        assert_eq!(push(b"[]", b"2 0 R").unwrap(), b"[\n2 0 R]");
    }

    #[test]
    fn a_key_that_stands_twice_is_refused_only_where_it_matters() {
        let entries = Entries::of(b"<</A 1/A 2/B 3>>", 10).unwrap();
        assert!(matches!(entries.get("A"), Err(Refusal::PdfDamaged(_))));
        assert_eq!(entries.get("B").unwrap().unwrap().1, b"3");
        assert!(entries.get("C").unwrap().is_none());
    }

    #[test]
    fn what_is_cut_off_or_too_deep_is_refused() {
        assert!(Entries::of(b"<</A (", 10).is_err());
        assert!(Entries::of(b"[1]", 10).is_err());
        let deep = format!("<</A {}{}>>", "[".repeat(50), "]".repeat(50));
        assert!(matches!(
            Entries::of(deep.as_bytes(), 10),
            Err(Refusal::PdfTooComplex(_))
        ));
    }
}
