//! The dossier code: normalised once, here, and never anything else than this type from then on.

use std::fmt;

use thiserror::Error;
use time::{Date, Month};
use unicode_normalization::UnicodeNormalization as _;

use crate::model::{UnitDay, is_unseen};

/// The raw input's limit: a full-width code is three times as long as a plain one.
const RAW_BYTES_MAX: usize = 256;
/// The canonical form's.
const CANONICAL_BYTES_MAX: usize = 64;

/// The longest code of the free shape.
const FREE_BYTES_MAX: usize = 61;

/// The shape of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// `000.00.12.H13-240101-0001` (Circular 01/2018/TT-VPCP, art. 19).
    Vn2018,
    /// `H13.12-240101-0001`, also with a date of eight digits and a longer number (Decision
    /// 20/2020/QĐ-TTg, and what is seen in use).
    Vn2020,
    /// Whatever a local system issues.
    Free,
}

impl Profile {
    /// Its name in settings.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Vn2018 => "vn-2018",
            Self::Vn2020 => "vn-2020",
            Self::Free => "free",
        }
    }
}

/// What was typed is no dossier code.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("this is not a dossier code")]
pub struct CodeMalformed;

/// Why an agency does not take a code that is well formed.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum CodeRefused {
    /// Its date lies after tomorrow.
    #[error("the code's date lies in the future")]
    InFuture,
    /// It does not begin as this agency's codes do.
    #[error("the code is not one of this agency's")]
    ForeignPrefix,
    /// This agency does not use codes of this shape.
    #[error("the agency does not use codes of this shape")]
    ForeignProfile,
}

impl CodeRefused {
    /// Every one.
    pub const ALL: [Self; 3] = [Self::InFuture, Self::ForeignPrefix, Self::ForeignProfile];

    /// The word for it in the texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InFuture => "in_future",
            Self::ForeignPrefix => "foreign_prefix",
            Self::ForeignProfile => "foreign_profile",
        }
    }
}

/// A dossier code in its canonical form. It is no secret, but it is personal: `Debug` is silent
/// and there is no `Display`.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct DossierCode {
    canonical: String,
    profile: Shape,
}

/// The shape with the parts that mean something.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Shape {
    Vn2018 { unit_bytes: usize, date: Date },
    Vn2020 { unit_bytes: usize, date: Date },
    Free,
}

impl fmt::Debug for DossierCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("DossierCode(..)")
    }
}

impl DossierCode {
    /// Normalises and checks what somebody typed, scanned or sent. It uses no clock and does not
    /// depend on the agency; parsing the canonical form gives the same code.
    ///
    /// # Errors
    /// [`CodeMalformed`].
    pub fn parse(raw: &str) -> Result<Self, CodeMalformed> {
        if raw.len() > RAW_BYTES_MAX || has_control(raw) {
            return Err(CodeMalformed);
        }
        let canonical = normalise(raw);
        if canonical.is_empty() || canonical.len() > CANONICAL_BYTES_MAX {
            return Err(CodeMalformed);
        }
        let profile = shape(&canonical).ok_or(CodeMalformed)?;
        Ok(Self { canonical, profile })
    }

    /// The canonical form.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.canonical
    }

    /// Its shape.
    #[must_use]
    pub fn profile(&self) -> Profile {
        match self.profile {
            Shape::Vn2018 { .. } => Profile::Vn2018,
            Shape::Vn2020 { .. } => Profile::Vn2020,
            Shape::Free => Profile::Free,
        }
    }

    /// The day of receipt that it tells.
    #[must_use]
    pub fn date(&self) -> Option<Date> {
        match self.profile {
            Shape::Vn2018 { date, .. } | Shape::Vn2020 { date, .. } => Some(date),
            Shape::Free => None,
        }
    }

    /// The receiving unit that it tells.
    #[must_use]
    pub fn unit(&self) -> Option<&str> {
        match self.profile {
            Shape::Vn2018 { unit_bytes, .. } | Shape::Vn2020 { unit_bytes, .. } => {
                self.canonical.get(..unit_bytes)
            }
            Shape::Free => None,
        }
    }

    /// Both, where it tells them.
    pub(super) fn unit_day(&self) -> Option<UnitDay> {
        Some(UnitDay {
            day: self.date()?,
            unit: self.unit()?.to_owned(),
        })
    }

    /// Whether somebody who sees a text sees this code in it, in any spelling that
    /// [`DossierCode::parse`] takes for it, control characters or not.
    ///
    /// A code of no known shape may be a plain number, so it counts as whole words alone, and a
    /// plain number before a `/` and a symbol is a document's own: `12345/GP-UBND`.
    #[must_use]
    pub fn is_within(&self, text: &str) -> bool {
        match self.profile {
            Shape::Vn2018 { .. } | Shape::Vn2020 { .. } => {
                normalise(text).contains(&self.canonical)
            }
            Shape::Free => {
                let words: Vec<String> = text.split_whitespace().map(normalise).collect();
                self.is_among(&words.join(" "))
            }
        }
    }

    /// Whether it is a plain number, as documents have one too.
    #[must_use]
    pub fn is_number(&self) -> bool {
        self.canonical.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// Whether normalised words hold the code as one word or as several.
    fn is_among(&self, words: &str) -> bool {
        let ends = |after: &str| {
            let symbol = after.trim_start().strip_prefix('/').map(str::trim_start);
            let has_symbol = symbol.is_some_and(|symbol| symbol.starts_with(char::is_alphanumeric));
            let is_a_documents = self.is_number() && has_symbol;
            !is_a_documents && !after.starts_with(char::is_alphanumeric)
        };
        let mut before = None;
        words.char_indices().any(|(at, letter)| {
            let begins = !before.replace(letter).is_some_and(char::is_alphanumeric);
            let rest = words.get(at..).filter(|_| begins);
            let after = rest.and_then(|rest| spelled(rest, &self.canonical));
            after.is_some_and(ends)
        })
    }

    /// Whether an agency issues codes like this: `prefixes` and `profiles` are its own, empty for
    /// any; `today` is the day at the agency.
    ///
    /// # Errors
    /// [`CodeRefused`].
    pub fn check_for_agency(
        &self,
        prefixes: &[String],
        profiles: &[String],
        today: Date,
    ) -> Result<(), CodeRefused> {
        let tomorrow = today.next_day().unwrap_or(today);
        if self.date().is_some_and(|date| date > tomorrow) {
            return Err(CodeRefused::InFuture);
        }
        let uses = |profile: &String| profile == self.profile().as_str();
        if !profiles.is_empty() && !profiles.iter().any(uses) {
            return Err(CodeRefused::ForeignProfile);
        }
        let begins = |prefix: &String| self.canonical.starts_with(prefix.as_str());
        if !prefixes.is_empty() && !prefixes.iter().any(begins) {
            return Err(CodeRefused::ForeignPrefix);
        }
        Ok(())
    }
}

/// What comes after a word that a text begins with, blanks in it or not.
fn spelled<'t>(text: &'t str, word: &str) -> Option<&'t str> {
    word.chars().try_fold(text, |rest, letter| {
        rest.trim_start_matches(' ').strip_prefix(letter)
    })
}

/// The canonical form of what the codes of an agency begin with.
///
/// # Errors
/// [`CodeMalformed`] when no code of any shape begins so.
pub fn code_beginning(raw: &str) -> Result<String, CodeMalformed> {
    let beginning = normalise(raw);
    let is_one = raw.len() <= RAW_BYTES_MAX
        && !has_control(raw)
        && !raw.trim().contains(char::is_whitespace)
        && (1..FREE_BYTES_MAX).contains(&beginning.len())
        && begins_free(&beginning);
    is_one.then_some(beginning).ok_or(CodeMalformed)
}

/// NFKC, upper case, every dash a `-`, nothing that is blank or invisible, runs of dots one dot.
/// Upper case may decompose letters again, so the two alternate until nothing changes.
fn normalise(raw: &str) -> String {
    let mut text = fold(raw);
    loop {
        let again = fold(&text);
        if again == text {
            return text;
        }
        text = again;
    }
}

fn fold(text: &str) -> String {
    let mut folded = String::with_capacity(text.len());
    let letters = text.nfkc().flat_map(char::to_uppercase);
    for letter in letters.filter(|&letter| !is_blank(letter)) {
        let letter = if is_dash(letter) { '-' } else { letter };
        if !(letter == '.' && folded.ends_with('.')) {
            folded.push(letter);
        }
    }
    folded
}

fn is_blank(letter: char) -> bool {
    letter.is_whitespace() || is_unseen(letter)
}

/// Nobody types a control character that is no blank: what has one is no code, seen or not.
fn has_control(raw: &str) -> bool {
    raw.contains(|letter: char| letter.is_control() && !letter.is_whitespace())
}

fn is_dash(letter: char) -> bool {
    matches!(
        letter,
        '\u{2010}'..='\u{2015}' | '\u{2212}' | '\u{fe58}' | '\u{fe63}' | '\u{ff0d}'
    )
}

/// The profiles of `vn-*` come first and do not fall back: what has their shape must have a real
/// date.
fn shape(code: &str) -> Option<Shape> {
    match parts(code) {
        Some((unit, digits, number)) if is_unit_2018(unit) && digits.len() == 6 => {
            let well_numbered = number.len() == 4;
            let date = date(digits).filter(|_| well_numbered)?;
            Some(Shape::Vn2018 {
                unit_bytes: unit.len(),
                date,
            })
        }
        Some((unit, digits, number)) if is_unit_2020(unit) && matches!(digits.len(), 6 | 8) => {
            let well_numbered = (4..=7).contains(&number.len());
            let date = date(digits).filter(|_| well_numbered)?;
            Some(Shape::Vn2020 {
                unit_bytes: unit.len(),
                date,
            })
        }
        _ => is_free(code).then_some(Shape::Free),
    }
}

/// `unit-digits-digits`.
fn parts(code: &str) -> Option<(&str, &str, &str)> {
    let mut pieces = code.split('-');
    let parts = (pieces.next()?, pieces.next()?, pieces.next()?);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    (pieces.next().is_none() && digits(parts.1) && digits(parts.2)).then_some(parts)
}

fn is_letter_and_two_digits(text: &str) -> bool {
    matches!(text.as_bytes(), [b'A'..=b'Z', b'0'..=b'9', b'0'..=b'9'])
}

/// `000.00.12.H13`: the lowest level first.
fn is_unit_2018(unit: &str) -> bool {
    let pieces: Vec<&str> = unit.split('.').collect();
    let digits = |text: &str, count: usize| {
        text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit())
    };
    match pieces.as_slice() {
        [third, second, first, top] => {
            digits(third, 3)
                && digits(second, 2)
                && digits(first, 2)
                && is_letter_and_two_digits(top)
        }
        _ => false,
    }
}

/// `H13.12`: the highest level first, up to three below it.
fn is_unit_2020(unit: &str) -> bool {
    let mut pieces = unit.split('.');
    let top = pieces.next().is_some_and(is_letter_and_two_digits);
    let below: Vec<&str> = pieces.collect();
    let numbered = |piece: &&str| {
        (1..=3).contains(&piece.len()) && piece.bytes().all(|byte| byte.is_ascii_digit())
    };
    top && below.len() <= 3 && below.iter().all(numbered)
}

/// `YYMMDD` of this century, or `YYYYMMDD`.
fn date(digits: &str) -> Option<Date> {
    let (year, rest) = digits.split_at_checked(digits.len().checked_sub(4)?)?;
    let (month, day) = rest.split_at_checked(2)?;
    let year: i32 = year.parse().ok()?;
    let year = if digits.len() == 6 { 2000 + year } else { year };
    let month = Month::try_from(month.parse::<u8>().ok()?).ok()?;
    Date::from_calendar_date(year, month, day.parse().ok()?).ok()
}

/// `[A-Z0-9][A-Z0-9.\-/]{4,60}`, which takes in the units of the other shapes.
fn is_free(code: &str) -> bool {
    (5..=FREE_BYTES_MAX).contains(&code.len()) && begins_free(code)
}

fn begins_free(code: &str) -> bool {
    let bytes = code.as_bytes();
    let alphanumeric = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    bytes.first().is_some_and(alphanumeric)
        && bytes
            .iter()
            .all(|byte| alphanumeric(byte) || b".-/".contains(byte))
}
