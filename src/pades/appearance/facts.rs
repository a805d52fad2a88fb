//! What a template's `{placeholders}` stand for.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use time::OffsetDateTime;

use crate::pades::error::Refusal;

/// The placeholders that a template may use.
pub(super) const NAMES: &[&str] = &[
    "document_number",
    "signed_at",
    "signed_at_iso",
    "date",
    "agency",
    "signer",
    "copy_form",
    "title",
    "verification_url",
    "reason",
    "location",
];

/// The language of a mark's texts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Language {
    /// Vietnamese.
    #[default]
    Vietnamese,
    /// English.
    English,
}

/// Values by the placeholder's name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Facts(BTreeMap<String, String>);

impl Facts {
    /// Sets a value; an empty one counts as none.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        if !value.trim().is_empty() {
            self.0.insert(name.to_owned(), value.trim().to_owned());
        }
        self
    }

    /// Sets the forms in which the signing time is printed, all in its own offset.
    pub(super) fn at(self, at: OffsetDateTime) -> Self {
        let (year, month, day) = (at.year(), u8::from(at.month()), at.day());
        let (hour, minute, second) = at.to_hms();
        let offset = offset(at);
        let date = format!("{day:02}/{month:02}/{year:04}");
        let clock = format!("{hour:02}:{minute:02}:{second:02}");
        self.with("signed_at", &format!("{date} {clock} {offset}"))
            .with(
                "signed_at_iso",
                &format!("{year:04}-{month:02}-{day:02}T{clock}{offset}"),
            )
            .with("date", &date)
    }

    /// A text with its placeholders filled.
    ///
    /// # Errors
    /// `FieldInvalid` names the one that has no value.
    pub(super) fn fill(&self, text: &str) -> Result<String, Refusal> {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, name, after)) = next_placeholder(rest) {
            let value = self.0.get(name).ok_or_else(|| {
                Refusal::FieldInvalid(format!("the mark shows {name}, and there is none"))
            })?;
            if value.chars().any(char::is_control) {
                let why = format!("the mark shows {name}, which holds a line break");
                return Err(Refusal::FieldInvalid(why));
            }
            filled.push_str(before);
            filled.push_str(value);
            rest = after;
        }
        filled.push_str(rest);
        Ok(filled)
    }
}

/// The names in a text's braces.
pub(super) fn placeholders(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text;
    std::iter::from_fn(move || {
        let (_, name, after) = next_placeholder(rest)?;
        rest = after;
        Some(name)
    })
}

/// Whether a brace in a text has no partner: it would be printed, with the name beside it.
pub(super) fn has_lone_brace(text: &str) -> bool {
    let mut rest = text;
    while let Some((before, _, after)) = next_placeholder(rest) {
        if before.contains('}') {
            return true;
        }
        rest = after;
    }
    rest.contains(['{', '}'])
}

fn next_placeholder(text: &str) -> Option<(&str, &str, &str)> {
    let (before, rest) = text.split_once('{')?;
    let (name, after) = rest.split_once('}')?;
    Some((before, name, after))
}

/// `+07:00`.
fn offset(at: OffsetDateTime) -> String {
    let (hours, minutes, _) = at.offset().as_hms();
    let sign = if at.offset().is_negative() { '-' } else { '+' };
    format!(
        "{sign}{:02}:{:02}",
        hours.unsigned_abs(),
        minutes.unsigned_abs()
    )
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn the_printed_time_carries_its_offset() {
        let of = |at| Facts::default().at(at);
        let east = of(datetime!(2026-11-25 09:15:07 +07:00));
        assert_eq!(
            east.fill("{signed_at}").unwrap(),
            "25/11/2026 09:15:07 +07:00"
        );
        assert_eq!(
            east.fill("{signed_at_iso}").unwrap(),
            "2026-11-25T09:15:07+07:00"
        );
        let west = of(datetime!(2026-01-02 23:04:05 -03:30));
        assert_eq!(
            west.fill("{signed_at}").unwrap(),
            "02/01/2026 23:04:05 -03:30"
        );
    }

    #[test]
    fn what_is_missing_is_named() {
        let refused = Facts::default().fill("Số: {document_number}").unwrap_err();
        assert!(refused.to_string().contains("document_number"));
        let facts = Facts::default().with("agency", " UBND ");
        assert_eq!(facts.fill("a {agency} b").unwrap(), "a UBND b");
        assert_eq!(facts.fill("no { brace").unwrap(), "no { brace");
    }
}
