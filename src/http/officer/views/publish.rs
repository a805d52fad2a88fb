//! The form to publish.

use askama::Template;

use super::{FormProblem, form_token, is_wrong};
use crate::http::multipart::{Form, FormError};
use crate::http::page::Page;
use crate::model::AppearanceName;

/// The form to publish, empty or with what was typed.
#[derive(Template)]
#[template(path = "officer/publish.html")]
pub(crate) struct PublishPage {
    /// The frame.
    pub(crate) page: Page,
    /// What was typed.
    pub(crate) form: PublishForm,
    /// How the seal may show.
    pub(crate) choices: Vec<Choice>,
    /// Why it was not taken.
    pub(crate) problem: Option<FormProblem>,
    /// Makes a form that is sent twice count once.
    pub(crate) idempotency_key: String,
    /// How much is taken.
    pub(crate) limits: PublishLimits,
}

/// What is typed into the form to publish, files apart.
#[derive(Clone, Default)]
pub(crate) struct PublishForm {
    /// The dossier code.
    pub(crate) code: String,
    /// What the result is.
    pub(crate) title: String,
    /// Number and symbol of the document.
    pub(crate) document_number: String,
    /// The procedure.
    pub(crate) procedure: String,
    /// The recipient's telephone.
    pub(crate) phone: String,
    /// The recipient's address.
    pub(crate) email: String,
    /// How the seal shows; none chosen: the agency's own default.
    pub(crate) appearance: Option<AppearanceName>,
}

impl PublishForm {
    /// What was typed into a form that was sent.
    pub(crate) fn of(form: &Form) -> Result<Self, FormError> {
        let typed = |name| Ok::<_, FormError>(form.field(name)?.unwrap_or_default().to_owned());
        Ok(Self {
            code: typed("dossier_code")?,
            title: typed("title")?,
            document_number: typed("document_number")?,
            procedure: typed("procedure")?,
            phone: typed("recipient_phone")?,
            email: typed("recipient_email")?,
            appearance: typed("appearance")?.parse().ok(),
        })
    }
}

/// One way in which the seal may show.
#[derive(Clone, Debug)]
pub(crate) struct Choice {
    /// Its name in the contract.
    pub(crate) value: String,
    /// What it is.
    pub(crate) label: String,
    /// What is drawn where.
    pub(crate) hint: String,
}

/// How much one result may hold.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PublishLimits {
    /// Bytes of all files together.
    pub(crate) bytes: u64,
    /// Attachments beside the main file.
    pub(crate) attachments: u64,
}

impl PublishPage {
    fn is_wrong(&self, field: &str) -> bool {
        is_wrong(self.problem.as_ref(), field)
    }

    /// The problem, where it is this field's.
    fn flaw(&self, field: &str) -> Option<&FormProblem> {
        self.problem.as_ref().filter(|problem| problem.is_at(field))
    }

    fn is_appearance(&self, choice: &Choice) -> bool {
        let chosen = self.form.appearance.as_ref();
        chosen.map_or("none", AppearanceName::as_str) == choice.value
    }

    fn form_token(&self) -> &str {
        form_token(&self.page)
    }
}
