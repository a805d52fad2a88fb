//! More about a problem, in the reader's language: which file, which line, what is wrong with a
//! field. Never a value that came in.

use fluent_bundle::FluentArgs;

use super::texts::{Language, Texts, format};

/// A sentence that is still to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    family: &'static str,
    word: &'static str,
    values: Vec<(&'static str, Filled)>,
}

/// What is filled into a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Filled {
    Text(String),
    /// Bytes, which each language writes in its manner.
    Size(u64),
    /// A number, by which each language bends its words.
    Count(u64),
}

impl Detail {
    /// The words of the family `detail` that stand in this layer.
    #[cfg(test)]
    pub(super) const OWN: [&'static str; 10] = [
        "key_invalid",
        "file",
        "json_syntax",
        "json_member",
        "json_value",
        "header_text",
        "unknown_parameter",
        "unknown_field",
        "files_too_large",
        "too_many_fields",
    ];

    /// A sentence of the family `detail`.
    #[must_use]
    pub fn of(word: &'static str) -> Self {
        Self::in_family("detail", word)
    }

    /// A sentence of another family.
    #[must_use]
    pub fn in_family(family: &'static str, word: &'static str) -> Self {
        Self {
            family,
            word,
            values: Vec::new(),
        }
    }

    /// Fills something in that is no caller's: a number, a name of ours.
    #[must_use]
    pub fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.values.push((name, Filled::Text(value.into())));
        self
    }

    /// Fills in a number of bytes.
    #[must_use]
    pub fn with_size(mut self, name: &'static str, bytes: u64) -> Self {
        self.values.push((name, Filled::Size(bytes)));
        self
    }

    /// Fills in how many there are of something.
    #[must_use]
    pub fn with_count(mut self, name: &'static str, count: u64) -> Self {
        self.values.push((name, Filled::Count(count)));
        self
    }

    /// The sentence.
    #[must_use]
    pub fn told(&self, language: Language) -> String {
        let mut values = FluentArgs::new();
        for (name, value) in &self.values {
            match value {
                Filled::Text(text) => values.set(*name, text.as_str()),
                Filled::Count(count) => values.set(*name, *count),
                Filled::Size(bytes) => values.set(*name, format::size(language, *bytes)),
            }
        }
        let texts = Texts::shipped();
        texts
            .word_filled(language, self.family, self.word, &values)
            .into_owned()
    }
}
