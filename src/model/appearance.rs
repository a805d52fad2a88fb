//! How a seal looks, by name: nothing, a form of Decree 30/2020/NĐ-CP, or a template that an agency
//! made itself.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::policy::{UnknownWord, words};

/// How the seal shows on the page.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum AppearanceName {
    /// No visible mark.
    None,
    /// Document number and signing time, top right of page 1 (Decree 30/2020 annex I).
    Attachment,
    /// The image of the agency's seal, a third over the signer's signature (article 33).
    Seal,
    /// The image of the seal, form of the copy, agency and time (annex I).
    Copy,
    /// A template of the agency, or of one above it.
    Own(TemplateName),
}

impl AppearanceName {
    /// The appearances that every agency knows.
    pub const FORMS: &'static [Self] = &[Self::None, Self::Attachment, Self::Seal, Self::Copy];

    /// The name, as the contract and the command line have it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::None => "none",
            Self::Attachment => "attachment",
            Self::Seal => "seal",
            Self::Copy => "copy",
            Self::Own(name) => name.as_str(),
        }
    }
}

impl fmt::Display for AppearanceName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.as_str())
    }
}

impl FromStr for AppearanceName {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let form = Self::FORMS.iter().find(|form| form.as_str() == text);
        match form {
            Some(form) => Ok(form.clone()),
            None => text.parse().map(Self::Own),
        }
    }
}

impl TryFrom<String> for AppearanceName {
    type Error = UnknownWord;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<AppearanceName> for String {
    fn from(name: AppearanceName) -> Self {
        name.as_str().to_owned()
    }
}

/// The name of an agency's own template: 1 to 40 small letters of ASCII, digits and hyphens, at
/// either end no hyphen; none of the forms' names.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TemplateName(String);

impl TemplateName {
    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TemplateName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for TemplateName {
    type Err = UnknownWord;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_plain =
            |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
        let is_form = AppearanceName::FORMS
            .iter()
            .any(|form| form.as_str() == text);
        // What takes an appearance back is spelled like one.
        let is_taken = is_form || text == "inherit";
        let is_name = (1..=NAME_LETTERS_MAX).contains(&text.len())
            && text.bytes().all(is_plain)
            && !text.starts_with('-')
            && !text.ends_with('-');
        if is_name && !is_taken {
            Ok(Self(text.to_owned()))
        } else {
            Err(UnknownWord)
        }
    }
}

/// The language of what a mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum MarkLanguage {
    /// Vietnamese.
    Vietnamese,
    /// English.
    English,
}

words!(MarkLanguage { Vietnamese = "vi", English = "en" });

/// The longest name of a template.
const NAME_LETTERS_MAX: usize = 40;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_a_form_or_a_plain_word() {
        for form in AppearanceName::FORMS {
            assert_eq!(form.as_str().parse().as_ref(), Ok(form));
        }
        let own: AppearanceName = "sao-luc-2".parse().unwrap();
        assert_eq!(own.to_string(), "sao-luc-2");
        assert!(matches!(own, AppearanceName::Own(_)));
        let long = "a".repeat(NAME_LETTERS_MAX);
        assert!(long.parse::<TemplateName>().is_ok());
        for wrong in [
            "",
            "-a",
            "a-",
            "A",
            "a b",
            "ấn",
            "seal",
            "inherit",
            &format!("{long}a"),
        ] {
            assert!(wrong.parse::<TemplateName>().is_err(), "{wrong}");
        }
    }
}
