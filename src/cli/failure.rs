//! How a verb fails: one line on standard error with a stable code, in the user's language, and
//! where there is advice another.

use std::borrow::Cow;
use std::io;
use std::path::Path;

use fluent_bundle::FluentArgs;

use super::advice::{self, Advice};
use super::{files, terminal};
use crate::http::texts::{Language, Texts};
use crate::pades::{IdentityError, Refusal, Unfit};
use crate::publication::SourceError;
use crate::sealing::SealingError;
use crate::token::TokenError;

/// A verb that was refused or failed.
#[derive(Debug)]
pub(super) struct Failure {
    code: Cow<'static, str>,
    words: Words,
    /// What it is about: a file, a setting.
    subject: Option<String>,
    /// More.
    detail: Detail,
}

/// Where its sentence and its advice stand.
#[derive(Debug)]
enum Words {
    /// In the texts, by its code.
    OfCode,
    /// There, by a word that tells it better.
    Of(&'static str),
    /// A service has told them.
    Given {
        sentence: Box<str>,
        advice: Option<Box<str>>,
    },
}

/// What a service answered to what it refuses, in the language that it was asked in.
pub(super) struct Told<'a> {
    pub(super) code: &'a str,
    pub(super) sentence: String,
    /// In English, for those who look for the cause.
    pub(super) diagnostic: Option<&'a str>,
    pub(super) advice: Option<&'a str>,
}

/// What is said beside the sentence.
#[derive(Debug)]
enum Detail {
    /// In English, for those who look for the cause.
    Technical(String),
    /// Names and numbers, or words that are in the user's language already.
    Plain(String),
}

impl Failure {
    /// A failure by its stable code, which has its sentence in the texts, and more about it.
    pub(super) fn new(code: &'static str, detail: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            words: Words::OfCode,
            subject: None,
            detail: Detail::Technical(detail.into()),
        }
    }

    /// The same with what is no text of a language, or of the user's.
    pub(super) fn naming(code: &'static str, what: impl Into<String>) -> Self {
        Self {
            detail: Detail::Plain(what.into()),
            ..Self::new(code, "")
        }
    }

    /// What a service answered.
    pub(super) fn told(told: Told) -> Self {
        Self {
            code: told.code.to_owned().into(),
            words: Words::Given {
                sentence: told.sentence.into(),
                advice: told.advice.map(Box::from),
            },
            subject: None,
            detail: Detail::Technical(told.diagnostic.unwrap_or_default().to_owned()),
        }
    }

    /// Tells it by the sentence of another word than its code.
    pub(super) fn worded(mut self, word: &'static str) -> Self {
        self.words = Words::Of(word);
        self
    }

    /// Names what it is about.
    pub(super) fn about(mut self, subject: impl Into<String>) -> Self {
        self.subject = Some(subject.into());
        self
    }

    /// Names the file it is about.
    pub(super) fn about_file(self, path: &Path) -> Self {
        self.about(path.display().to_string())
    }

    /// The same, unless it is about something else already.
    pub(super) fn or_about_file(self, path: &Path) -> Self {
        match self.subject {
            Some(_) => self,
            None => self.about_file(path),
        }
    }

    /// Names the place among many, such as a line, before the file that it is about.
    pub(super) fn at(self, place: &str) -> Self {
        match &self.subject {
            Some(subject) if subject != place => {
                let subject = format!("{place}: {subject}");
                self.about(subject)
            }
            _ => self.about(place),
        }
    }

    /// An option that would change nothing, and the word that says why.
    pub(super) fn idle(option: &str, why: &'static str) -> Self {
        Self::new("field_invalid", "").worded(why).about(option)
    }

    /// A file or device that does not do what it should.
    pub(super) fn io(subject: &str, error: &io::Error) -> Self {
        Self::new(code_of(error), error.to_string()).about(subject)
    }

    /// What could not be said on standard output. A reader who went away is told nothing.
    pub(super) fn unsaid(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(UNHEARD, ""),
            _ => Self::io("standard output", error),
        }
    }

    /// A file or folder that an outcome cannot be written to.
    pub(super) fn unwritable(path: &Path, error: &io::Error) -> Self {
        let code = match error.kind() {
            io::ErrorKind::NotFound
            | io::ErrorKind::PermissionDenied
            | io::ErrorKind::ReadOnlyFilesystem
            | io::ErrorKind::IsADirectory
            | io::ErrorKind::NotADirectory
            | io::ErrorKind::AlreadyExists
            | io::ErrorKind::StorageFull
            | io::ErrorKind::QuotaExceeded
            | io::ErrorKind::FileTooLarge => "file_unwritable",
            _ => "unavailable",
        };
        Self::new(code, error.to_string()).about_file(path)
    }

    /// Why a file was not sealed or raised. What cannot be written is no fault of that file's.
    pub(super) fn sealing(error: SealingError, out: &Path) -> Self {
        match error {
            SealingError::Unwritable(error) => Self::unwritable(out, &error),
            error => error.into(),
        }
    }

    /// Some of many failed; each was told as it happened.
    pub(super) fn some(failed: usize, of: usize) -> Self {
        Self::naming("some_failed", format!("{failed} / {of}"))
    }

    /// Some of many did not reach the level asked for; each was told as it happened.
    pub(super) fn some_lower(lower: usize, of: usize) -> Self {
        Self::naming(LEVEL_NOT_REACHED, format!("{lower} / {of}")).worded("some_lower")
    }

    /// Whether all that failed is the level asked for.
    pub(super) fn is_lower_level(&self) -> bool {
        self.code == LEVEL_NOT_REACHED
    }

    /// Whether all that failed is that nobody reads what is said.
    pub(super) fn is_unheard(&self) -> bool {
        self.code == UNHEARD
    }

    /// The stable code.
    pub(super) fn code(&self) -> &str {
        &self.code
    }

    /// The one line: subject, sentence, detail, code.
    pub(super) fn line(&self) -> String {
        let subject = self.subject.iter();
        let mut line = String::from("trao: ");
        line.extend(subject.flat_map(|subject| [subject.trim_end_matches('.'), ": "]));
        line.push_str(&self.sentence(language()));
        terminal::line(&format!("{line} [{}]", self.code))
    }

    /// What to do about it, where that is known: a line that names the code.
    pub(super) fn advice(&self) -> Option<String> {
        let by_word = |word: &str| {
            let is_fit = advice::FIT.contains(&word);
            let texts = Texts::shipped();
            is_fit.then(|| texts.next(language(), "problem", word))?
        };
        let advice = match &self.words {
            Words::OfCode => by_word(&self.code)?,
            Words::Of(word) => by_word(word)?,
            Words::Given { advice, .. } => advice.as_deref()?.into(),
        };
        Some(terminal::line(&format!("  {}: {advice}", self.code)))
    }

    fn sentence(&self, language: Language) -> String {
        let texts = Texts::shipped();
        let sentence = match &self.words {
            Words::OfCode => texts.word(language, "problem", &self.code),
            Words::Of(word) => texts.word(language, "problem", word),
            Words::Given { sentence, .. } => Some(Cow::Borrowed(&**sentence)),
        };
        let (Detail::Technical(detail) | Detail::Plain(detail)) = &self.detail;
        let Some(sentence) = sentence else {
            return detail.clone();
        };
        let sentence = sentence.trim_end_matches('.');
        let is_the_same = sentence.to_lowercase() == detail.trim_end_matches('.').to_lowercase();
        match &self.detail {
            _ if is_the_same || detail.is_empty() => sentence.to_owned(),
            Detail::Technical(detail) => with_detail(language, sentence, detail),
            Detail::Plain(detail) => format!("{sentence}: {detail}"),
        }
    }

    /// Something that the verb goes on in spite of.
    pub(super) fn into_warning(mut self) -> Self {
        let warning = Texts::shipped().text(language(), "warning-prefix");
        self.subject = Some(match self.subject {
            Some(subject) => format!("{subject}: {warning}"),
            None => warning.into(),
        });
        self
    }

    /// Tells it as something that the verb goes on in spite of.
    pub(super) fn warn(self) {
        self.into_warning().print();
    }

    /// Tells it and gives its advice.
    pub(super) fn print(&self) {
        terminal::note(&self.line());
        self.advice().iter().for_each(|line| terminal::note(line));
    }

    /// Tells one of many; its advice comes after all of them.
    pub(super) fn print_among(&self, advice: &mut Advice) {
        terminal::note(&self.line());
        advice.take_up(self);
    }
}

/// A sentence with what is said in English beside it, for those who look for the cause.
pub(super) fn with_detail(language: Language, sentence: &str, detail: &str) -> String {
    let mut values = FluentArgs::new();
    values.set("sentence", sentence);
    values.set("detail", detail);
    let told = Texts::shipped().filled(language, "problem-in-detail", &values);
    told.into_owned()
}

/// A file that is not there, or not ours to read, is no fault of the machine.
fn code_of(error: &io::Error) -> &'static str {
    match error.kind() {
        io::ErrorKind::NotFound | io::ErrorKind::PermissionDenied | io::ErrorKind::IsADirectory => {
            "file_unreadable"
        }
        _ => "unavailable",
    }
}

/// The user's language by the usual variables; English where they name neither.
pub(super) fn language() -> Language {
    ["LC_ALL", "LC_MESSAGES", "LANG"]
        .iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()))
        .and_then(|value| Language::from_tag(&value))
        .unwrap_or(Language::English)
}

impl From<SealingError> for Failure {
    fn from(error: SealingError) -> Self {
        let code = match &error {
            SealingError::Refused(refusal) => return refusal.clone().into(),
            SealingError::ChildDied { .. } | SealingError::TimedOut => "pdf_too_complex",
            SealingError::Signing(_) => "identity_unfit",
            SealingError::NotSigned => "not_signed",
            SealingError::NotRaisable => "field_invalid",
            SealingError::Unavailable(error) => {
                return Self::new(code_of(error), error.to_string());
            }
            _ => "unavailable",
        };
        let failure = Self::new(code, error.to_string());
        // What is raised has no sentence of its own under these codes.
        match error {
            SealingError::NotSigned => failure.worded("no_signature_to_raise"),
            SealingError::NotRaisable => failure.worded("no_raisable_signature"),
            _ => failure,
        }
    }
}

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        let failure = Self::new(refusal.code(), refusal.detail());
        match refusal {
            Refusal::FieldInvalid(_) => failure.worded("asked_in_vain"),
            _ => failure,
        }
    }
}

impl From<SourceError> for Failure {
    fn from(error: SourceError) -> Self {
        match error {
            SourceError::File { path, source } => files::read_failure(&path, &source),
            SourceError::Identity(error) => error.into(),
            SourceError::Token(TokenError::PinMissing) => {
                Self::naming("identity_unfit", "--pin-file, TRAO_PIN").worded("pin_missing")
            }
            SourceError::Token(error) => Self::new("identity_unfit", error.to_string()),
        }
    }
}

impl From<IdentityError> for Failure {
    fn from(error: IdentityError) -> Self {
        let failure = |detail: String| Self::new("identity_unfit", detail);
        match error {
            IdentityError::WrongPassphrase => failure(String::new()).worded("passphrase_wrong"),
            IdentityError::KeyMismatch => failure(String::new()).worded("key_mismatch"),
            _ => failure(error.to_string()),
        }
    }
}

impl From<Unfit> for Failure {
    fn from(unfit: Unfit) -> Self {
        Self::new("identity_unfit", "").worded(match unfit {
            Unfit::Expired => "certificate_expired",
            Unfit::NotYetValid => "certificate_not_yet_valid",
            Unfit::KeyUsage => "certificate_key_usage",
            Unfit::WeakKey => "certificate_weak_key",
        })
    }
}

/// The code of an outcome that is good, and of a lower level than asked for.
pub(super) const LEVEL_NOT_REACHED: &str = "level_not_reached";

/// The code of what nobody reads; never told.
const UNHEARD: &str = "unheard";
