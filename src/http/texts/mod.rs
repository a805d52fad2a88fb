//! Every sentence people read: two Fluent files with the same identifiers, Vietnamese first.
//!
//! A template asks for a text by the identifier that says where it stands; a text that is chosen
//! by a word of the contract (a state, a problem's code) belongs to a *family* and is asked for by
//! family and word. The test at the foot holds both files equal, complete and without leftovers.

pub(crate) mod format;
mod language;

#[cfg(test)]
mod tests;

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

pub use language::Language;
pub(crate) use language::cookie;

const VIETNAMESE: &str = include_str!("vi.ftl");
const ENGLISH: &str = include_str!("en.ftl");

type Bundle = FluentBundle<FluentResource>;

/// The texts in both languages.
pub struct Texts {
    vietnamese: Bundle,
    english: Bundle,
}

impl Texts {
    /// The texts built into the binary, parsed once.
    #[must_use]
    pub fn shipped() -> &'static Self {
        static SHIPPED: LazyLock<Texts> = LazyLock::new(|| Texts {
            vietnamese: bundle(VIETNAMESE, "vi"),
            english: bundle(ENGLISH, "en"),
        });
        &SHIPPED
    }

    /// The text of an identifier; the identifier itself where there is none, which no test lets
    /// happen for those the code uses.
    pub fn text(&self, language: Language, id: &str) -> Cow<'_, str> {
        self.find(language, id, None, None)
            .unwrap_or_else(|| Cow::Owned(id.to_owned()))
    }

    /// The text of an identifier with its values filled in.
    pub fn filled(&self, language: Language, id: &str, values: &FluentArgs<'_>) -> Cow<'_, str> {
        self.find(language, id, None, Some(values))
            .unwrap_or_else(|| Cow::Owned(id.to_owned()))
    }

    /// The text of a word in its family (`state`, `released`), if the family knows the word.
    pub fn word(&self, language: Language, family: &str, word: &str) -> Option<Cow<'_, str>> {
        self.find(language, &member(family, word), None, None)
    }

    /// The text of a word in its family with its values filled in, as [`Texts::filled`].
    pub fn word_filled(
        &self,
        language: Language,
        family: &str,
        word: &str,
        values: &FluentArgs<'_>,
    ) -> Cow<'_, str> {
        let id = member(family, word);
        self.find(language, &id, None, Some(values))
            .unwrap_or(Cow::Owned(id))
    }

    /// What to do about a word of a family: the `.next` of its text.
    pub fn next(&self, language: Language, family: &str, word: &str) -> Option<Cow<'_, str>> {
        self.find(language, &member(family, word), Some("next"), None)
    }

    fn find(
        &self,
        language: Language,
        id: &str,
        attribute: Option<&str>,
        values: Option<&FluentArgs<'_>>,
    ) -> Option<Cow<'_, str>> {
        let bundle = match language {
            Language::Vietnamese => &self.vietnamese,
            Language::English => &self.english,
        };
        let message = bundle.get_message(id)?;
        let pattern = match attribute {
            Some(name) => message.get_attribute(name)?.value(),
            None => message.value()?,
        };
        Some(bundle.format_pattern(pattern, values, &mut Vec::new()))
    }
}

/// What may be filled into a text.
pub(crate) trait Value {
    /// The value as Fluent wants it.
    fn value(&self) -> FluentValue<'_>;
}

impl Value for str {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self)
    }
}

impl Value for String {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self.as_str())
    }
}

impl Value for Cow<'_, str> {
    fn value(&self) -> FluentValue<'_> {
        FluentValue::from(self.as_ref())
    }
}

macro_rules! numbers {
    ($($number:ty),+) => {$(
        impl Value for $number {
            fn value(&self) -> FluentValue<'_> {
                FluentValue::from(*self)
            }
        }
    )+};
}
numbers!(u32, u64, usize);

impl<T: Value + ?Sized> Value for &T {
    fn value(&self) -> FluentValue<'_> {
        (**self).value()
    }
}

/// A file with an error in it keeps its good texts; the tests refuse such a file.
fn bundle(source: &str, tag: &str) -> Bundle {
    let resource =
        FluentResource::try_new(source.to_owned()).unwrap_or_else(|(partial, _)| partial);
    let language: LanguageIdentifier = tag.parse().unwrap_or_default();
    let mut bundle = FluentBundle::new_concurrent(vec![language]);
    // The isolation marks are for mixed directions of writing, which neither language has.
    bundle.set_use_isolating(false);
    bundle.add_resource_overriding(resource);
    bundle
}

fn member(family: &str, word: &str) -> String {
    format!("{family}-{}", word.replace(['_', '+'], "-"))
}
