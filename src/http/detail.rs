//! More about a problem, in the reader's language: which file, which line, what is wrong with a
//! field. Never a value that came in.

use fluent_bundle::FluentArgs;

use super::texts::{Language, Texts};

/// A sentence that is still to be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Detail {
    family: &'static str,
    word: &'static str,
    values: Vec<(&'static str, String)>,
}

impl Detail {
    /// The words of the family `detail` that stand in this layer.
    #[cfg(test)]
    pub(super) const OWN: [&'static str; 8] = [
        "key_invalid",
        "file",
        "json_syntax",
        "json_member",
        "json_value",
        "header_text",
        "unknown_parameter",
        "unknown_field",
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
        self.values.push((name, value.into()));
        self
    }

    /// The sentence.
    #[must_use]
    pub fn told(&self, language: Language) -> String {
        let mut values = FluentArgs::new();
        for (name, value) in &self.values {
            values.set(*name, value.as_str());
        }
        let texts = Texts::shipped();
        texts
            .word_filled(language, self.family, self.word, &values)
            .into_owned()
    }
}
