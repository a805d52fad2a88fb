//! Changes to dictionaries and arrays of the received file, made in their bytes: what is not
//! changed stays letter by letter what it was (number forms, order, comments), so that neither
//! our parser's view nor its rounding enters a page that somebody signed before.

use std::borrow::Cow;
use std::ops::Range;

use lopdf::Object;

use crate::pades::error::Refusal;
use crate::pades::limits::Limits;
use crate::pades::reader::lexer::{LexError, Lexer};

/// A dictionary's bytes, from `<<` to `>>`, and where its entries stand.
pub(super) struct Entries<'b> {
    bytes: Cow<'b, [u8]>,
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
        // Whoever put these bytes together has counted the items before.
        let (list, close) = entries(bytes, depth, usize::MAX).map_err(broken)?;
        Ok(Self {
            bytes: Cow::Borrowed(bytes),
            list,
            close,
        })
    }

    /// Those of the dictionary that these bytes begin with.
    pub(super) fn at_start(bytes: &[u8], limits: &Limits) -> Result<Entries<'static>, LexError> {
        let (list, close) = entries(bytes, limits.depth, limits.items)?;
        let bytes = bytes.get(..close + END.len()).unwrap_or_default().to_vec();
        Ok(Entries {
            bytes: Cow::Owned(bytes),
            list,
            close,
        })
    }

    /// The value of a key, parsed and as it is written.
    ///
    /// # Errors
    /// `PdfDamaged` when the key stands twice: readers differ in which one they take.
    pub(super) fn get(&self, key: &str) -> Result<Option<(&Object, &[u8])>, Refusal> {
        let entry = self.entry(key)?;
        Ok(entry.and_then(|entry| {
            let written = self.bytes.get(entry.range.clone())?;
            Some((&entry.value, written))
        }))
    }

    /// The dictionary's bytes with this value for this key, in its old place or as a last entry.
    pub(super) fn with(&self, key: &str, value: &[u8]) -> Result<Vec<u8>, Refusal> {
        self.with_each(&[(key, value)])
    }

    /// The same with several keys, no two alike; what is new comes in their order.
    pub(super) fn with_each(&self, values: &[(&str, &[u8])]) -> Result<Vec<u8>, Refusal> {
        let (mut replaced, mut added) = (Vec::new(), Vec::new());
        for &(key, value) in values {
            match self.entry(key)? {
                Some(entry) => replaced.push((entry.range.clone(), value)),
                // On a line of its own: a comment may stand before the end of the dictionary.
                None => added.extend([b"\n/".as_slice(), key.as_bytes(), b" ", value]),
            }
        }
        replaced.sort_unstable_by_key(|(range, _)| range.start);
        let mut pieces = Vec::new();
        let mut at = 0;
        for (range, value) in replaced {
            let before = self.bytes.get(at..range.start).unwrap_or_default();
            pieces.extend([before, b" ", value, b" "]);
            at = range.end;
        }
        pieces.push(self.bytes.get(at..self.close).unwrap_or_default());
        pieces.extend(added);
        pieces.push(self.bytes.get(self.close..).unwrap_or_default());
        Ok(pieces.concat())
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

const BEGIN: &[u8] = b"<<";
const END: &[u8] = b">>";

/// The entries of the dictionary that these bytes begin with, and where its end stands.
fn entries(bytes: &[u8], depth: usize, items: usize) -> Result<(Vec<Entry>, usize), LexError> {
    let none = LexError::Bad("a dictionary is none");
    let inside = bytes.strip_prefix(BEGIN).ok_or(none)?;
    let mut lexer = Lexer::new(inside, depth.saturating_sub(1), items);
    let mut entries = Vec::new();
    loop {
        lexer.skip_space();
        let at = lexer.position();
        if inside.get(at..).is_some_and(|rest| rest.starts_with(END)) {
            return Ok((entries, at + BEGIN.len()));
        }
        let Object::Name(key) = lexer.object()? else {
            return Err(LexError::Bad("a dictionary's key is no name"));
        };
        lexer.skip_space();
        let start = lexer.position() + BEGIN.len();
        let value = lexer.object()?;
        entries.push(Entry {
            key,
            value,
            range: start..lexer.position() + BEGIN.len(),
        });
    }
}

/// An array's bytes, from `[` to `]`, with one more item at its end.
pub(super) fn push(array: &[u8], item: &[u8]) -> Result<Vec<u8>, Refusal> {
    if !array.starts_with(b"[") || !array.ends_with(b"]") {
        return Err(damaged("an array is none"));
    }
    let (items, close) = array.split_at(array.len() - 1);
    Ok([items, b"\n", item, close].concat())
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
    fn several_entries_change_at_once_wherever_they_stand() {
        let entries = Entries::of(b"<</A 1/B 2/C 3>>", 10).unwrap();
        let values: [(&str, &[u8]); 4] = [("C", b"4"), ("D", b"5"), ("A", b"6"), ("E", b"7")];
        assert_eq!(
            entries.with_each(&values).unwrap(),
            b"<</A  6 /B 2/C  4 \n/D 5\n/E 7>>"
        );
        assert_eq!(entries.with_each(&[]).unwrap(), b"<</A 1/B 2/C 3>>");
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
