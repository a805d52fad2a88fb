//! What the officers' pages show: shapes without behaviour beyond words, filled by the handlers.

mod act;
mod lists;
mod login;
mod publish;
mod result;
mod seal;

use askama::Template;

use crate::http::page::Page;
use crate::http::problem::Problem;
use crate::http::texts::Language;
use crate::model::ResultState;

pub(crate) use act::{Act, ActPage, SealingFacts};
pub(crate) use lists::{CertificateNotice, ResultsPage, Row, WaitingPage};
pub(crate) use login::{LoginPage, LoginProblem};
pub(crate) use publish::{Choice, PublishForm, PublishLimits, PublishPage};
pub(crate) use result::{LinkFacts, Notice, ResultPage, SlipPage, StoryLine};
pub(crate) use seal::{FileFacts, IdentityFacts, MarkFacts, SealPage, SealedFacts, SignatureLine};

/// What went wrong with a form of the desk.
#[derive(Clone, Debug)]
pub(crate) struct FormProblem {
    /// The stable code.
    pub(crate) code: &'static str,
    /// The member of the family `problem` that tells it.
    pub(crate) words: &'static str,
    /// The `id` of the field to mend, if it is one field's fault.
    pub(crate) field: Option<&'static str>,
    /// More about it, in the reader's language.
    pub(crate) detail: Option<String>,
    /// The technical sentence behind the code, which is English and stands on English pages only.
    pub(crate) diagnostic: Option<String>,
}

impl FormProblem {
    /// A refusal as a form shows it.
    pub(crate) fn of(problem: &Problem, language: Language) -> Self {
        Self {
            code: problem.code(),
            words: problem.words(),
            field: problem.field_name().and_then(input),
            detail: problem.detail(language),
            diagnostic: problem
                .diagnostic()
                .filter(|_| language == Language::English)
                .map(str::to_owned),
        }
    }

    /// The identifier of the label of the field to mend.
    pub(crate) fn label(&self) -> Option<&'static str> {
        let (_, _, label) = INPUTS.iter().find(|(_, id, _)| self.is_at(id))?;
        Some(label)
    }

    /// What is said beside the field: what is wrong with it.
    pub(crate) fn flaw(&self, page: &Page) -> String {
        match &self.detail {
            Some(detail) if self.code == "field_invalid" => detail.clone(),
            Some(detail) => format!("{}. {detail}", page.word("problem", self.words)),
            None => page.word("problem", self.words).into_owned(),
        }
    }

    fn is_at(&self, field: &str) -> bool {
        self.field == Some(field)
    }
}

/// The fields of the contract: name, `id` of the input that carries it, identifier of its label.
const INPUTS: [(&str, &str, &str); 9] = [
    ("file", "file", "publish-files"),
    ("dossier_code", "code", "code-label"),
    ("title", "title", "publish-result-title"),
    ("document_number", "number", "fact-number"),
    ("procedure", "procedure", "fact-procedure"),
    ("recipient_phone", "phone", "publish-phone"),
    ("recipient_email", "email", "publish-email"),
    // The first of the choices.
    ("appearance", "appearance-none", "fact-appearance"),
    ("reason", "reason", "act-reason"),
];

/// The `id` of the input that carries a field of the contract.
fn input(field: &str) -> Option<&'static str> {
    let (_, id, _) = INPUTS.iter().find(|(name, _, _)| *name == field)?;
    Some(id)
}

/// A page of the desk that says what went wrong and what to do now.
#[derive(Template)]
#[template(path = "officer/problem.html")]
pub(crate) struct DeskProblemPage {
    /// The frame.
    pub(crate) page: Page,
    /// The stable code.
    pub(crate) code: &'static str,
    /// The member of the family `problem` that tells it.
    pub(crate) words: &'static str,
}

/// How the style sheet names a state: whether it is good, waits for somebody, or has ended.
#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "askama passes references"
)]
pub(crate) fn state_class(state: &ResultState) -> &'static str {
    match state {
        ResultState::Received => "wait",
        ResultState::Approved | ResultState::Signing | ResultState::Stored => "busy",
        ResultState::Held => "bad",
        ResultState::Released => "good",
        ResultState::Returned | ResultState::Replaced | ResultState::Withdrawn => "ended",
    }
}

fn is_wrong(problem: Option<&FormProblem>, field: &str) -> bool {
    problem.is_some_and(|problem| problem.is_at(field))
}

fn form_token(page: &Page) -> &str {
    page.desk
        .as_ref()
        .map_or("", |desk| desk.form_token.as_str())
}
