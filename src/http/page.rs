//! What all pages share: language, texts, the installation's name, the place in the officer's desk.

use std::borrow::Cow;
use std::sync::Arc;

use fluent_bundle::FluentArgs;
use time::{Date, OffsetDateTime};

use super::assets::Assets;
use super::texts::{Language, Texts, Value, format};

/// Who runs the service, as the citizen sees it.
#[derive(Clone, Debug)]
pub(crate) struct Installation {
    /// Its name, `Cổng trả kết quả thành phố …`.
    pub(crate) name: String,
    /// Whom to call before an agency is known.
    pub(crate) telephone: Option<String>,
    /// The address of its emblem.
    pub(crate) emblem: String,
}

/// A place of the officer's desk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// What waits to be sealed.
    Waiting,
    /// The form to publish.
    Publish,
    /// All results.
    Results,
}

/// The desk of a signed-in officer: what the bar at the top of each page shows.
#[derive(Clone, Debug)]
pub(crate) struct Desk {
    /// The officer's own name.
    pub(crate) officer: String,
    /// The agency they work for.
    pub(crate) agency: String,
    /// How many results wait for the clerk.
    pub(crate) waiting: u64,
    /// Whether the officer may publish.
    pub(crate) may_publish: bool,
    /// The token that every form of the session carries.
    pub(crate) form_token: String,
    /// Where the page belongs.
    pub(crate) place: Option<Place>,
}

impl Desk {
    /// Whether the page belongs to that place of the bar.
    pub(crate) fn is_at(&self, place: &str) -> bool {
        matches!(
            (self.place, place),
            (Some(Place::Waiting), "waiting")
                | (Some(Place::Publish), "publish")
                | (Some(Place::Results), "results")
        )
    }
}

/// The frame around every page, and the voice in which templates speak.
#[derive(Clone, Debug)]
pub(crate) struct Page {
    /// The reader's language.
    pub(crate) language: Language,
    /// Who runs the service.
    pub(crate) installation: Arc<Installation>,
    /// Where the language switch leads back to: the page's own address, without a query.
    pub(crate) back: String,
    /// The desk, on officers' pages.
    pub(crate) desk: Option<Desk>,
}

impl Page {
    /// A text.
    pub(crate) fn t(&self, id: &str) -> Cow<'static, str> {
        Texts::shipped().text(self.language, id)
    }

    /// A text with one value.
    pub(crate) fn t1(&self, id: &str, name: &str, value: impl Value) -> Cow<'static, str> {
        let mut values = FluentArgs::new();
        values.set(name.to_owned(), value.value());
        Texts::shipped().filled(self.language, id, &values)
    }

    /// A text with two values.
    pub(crate) fn t2(
        &self,
        id: &str,
        first: &str,
        one: impl Value,
        second: &str,
        two: impl Value,
    ) -> Cow<'static, str> {
        let mut values = FluentArgs::new();
        values.set(first.to_owned(), one.value());
        values.set(second.to_owned(), two.value());
        Texts::shipped().filled(self.language, id, &values)
    }

    /// The text of a word of the contract; the word itself where its family does not know it (a
    /// finding of a later version).
    pub(crate) fn word(&self, family: &str, word: &str) -> Cow<'static, str> {
        Texts::shipped()
            .word(self.language, family, word)
            .unwrap_or_else(|| Cow::Owned(word.to_owned()))
    }

    /// What to do about a word of the contract; empty where nothing is to be said.
    pub(crate) fn next(&self, family: &str, word: &str) -> Cow<'static, str> {
        Texts::shipped()
            .next(self.language, family, word)
            .unwrap_or_default()
    }

    /// The agency of the desk's officer; empty elsewhere.
    pub(crate) fn agency(&self) -> &str {
        self.desk.as_ref().map_or("", |desk| &desk.agency)
    }

    /// Whom to call before an agency is known.
    pub(crate) fn telephone(&self) -> Option<&str> {
        self.installation.telephone.as_deref()
    }
}

/// How templates write values: askama hands every value over by reference.
#[expect(
    clippy::unused_self,
    clippy::trivially_copy_pass_by_ref,
    reason = "templates speak through `page`, in one manner for all values"
)]
impl Page {
    /// The digits of a telephone number, with a leading `+`: what follows `tel:`.
    pub(crate) fn dial(&self, number: &str) -> String {
        let plus = number.trim_start().starts_with('+').then_some('+');
        plus.into_iter()
            .chain(number.chars().filter(char::is_ascii_digit))
            .collect()
    }

    /// `23/11/2026`.
    pub(crate) fn date(&self, at: &OffsetDateTime) -> String {
        format::date(self.language, *at)
    }

    /// The same of a day that somebody named.
    pub(crate) fn day(&self, day: &Date) -> String {
        format::day(self.language, *day)
    }

    /// `14:05`.
    pub(crate) fn time(&self, at: &OffsetDateTime) -> String {
        format::time(*at)
    }

    /// `14:05:09 ngày 23/11/2026`, for signatures and the record.
    pub(crate) fn moment(&self, at: &OffsetDateTime) -> String {
        self.time_on_date(&format::exact_time(*at), at)
    }

    /// `14:05 ngày 23/11/2026`, for lists.
    pub(crate) fn minute(&self, at: &OffsetDateTime) -> String {
        self.time_on_date(&format::time(*at), at)
    }

    /// The one order of time and date.
    fn time_on_date(&self, time: &str, at: &OffsetDateTime) -> String {
        let date = format::date(self.language, *at);
        self.t2("at-time-on-date", "time", time, "date", &date)
            .into_owned()
    }

    /// The value of `<time datetime>`.
    pub(crate) fn machine(&self, at: &OffsetDateTime) -> String {
        format::machine(*at)
    }

    /// `1,2 MB`.
    pub(crate) fn size(&self, bytes: &u64) -> String {
        format::size(self.language, *bytes)
    }

    /// `4 giờ 45 phút`, of minutes.
    pub(crate) fn wait(&self, minutes: &u64) -> String {
        format::wait(self.language, *minutes)
    }

    /// The address of the style sheet.
    pub(crate) fn style(&self) -> &'static str {
        &Assets::shipped().style.path
    }

    /// The address of the script.
    pub(crate) fn script(&self) -> &'static str {
        &Assets::shipped().script.path
    }
}
