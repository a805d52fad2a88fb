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

pub(crate) use act::{Act, ActPage};
pub(crate) use lists::{AlarmNotice, CertificateNotice, ResultsPage, Row, WaitingPage};
pub(crate) use login::{LoginPage, LoginProblem};
pub(crate) use publish::{Choice, PublishForm, PublishLimits, PublishPage};
pub(crate) use result::{LinkFacts, ResultPage, SlipPage, StoryLine};
pub(crate) use seal::{FileFacts, IdentityFacts, MarkFacts, SealPage, SealedFacts, SignatureLine};

/// What went wrong with a form of the desk.
#[derive(Clone, Debug)]
pub(crate) struct FormProblem {
    /// The stable code; its texts are in the family `problem`.
    pub(crate) code: &'static str,
    /// The `id` of the field to mend, if it is one field's fault.
    pub(crate) field: Option<&'static str>,
    /// More about it, in the reader's language.
    pub(crate) detail: Option<String>,
    /// The technical sentence behind the code, in English.
    pub(crate) diagnostic: Option<String>,
}

impl FormProblem {
    /// A refusal as a form shows it.
    pub(crate) fn of(problem: &Problem, language: Language) -> Self {
        Self {
            code: problem.code(),
            field: problem.field_name().and_then(input),
            detail: problem.detail(language),
            diagnostic: problem.diagnostic().map(str::to_owned),
        }
    }
}

/// The `id` of the input that carries a field of the contract.
fn input(field: &str) -> Option<&'static str> {
    Some(match field {
        "file" => "file",
        "dossier_code" => "code",
        "title" => "title",
        "document_number" => "number",
        "procedure" => "procedure",
        "recipient_phone" => "phone",
        "recipient_email" => "email",
        // The first of the choices.
        "appearance" => "appearance-none",
        "reason" => "reason",
        _ => return None,
    })
}

/// A page of the desk that says what went wrong and what to do now.
#[derive(Template)]
#[template(path = "officer/problem.html")]
pub(crate) struct DeskProblemPage {
    /// The frame.
    pub(crate) page: Page,
    /// The stable code; its texts are in the family `problem`.
    pub(crate) code: &'static str,
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
    problem.and_then(|problem| problem.field) == Some(field)
}

fn form_token(page: &Page) -> &str {
    page.desk
        .as_ref()
        .map_or("", |desk| desk.form_token.as_str())
}
