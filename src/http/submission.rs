//! From a form with files to a submission: the same for the API and for the officers' page.

use super::detail::Detail;
use super::multipart::{Form, FormError, FormLimits};
use super::problem::Problem;
use crate::config::LimitSettings;
use crate::publication::{FieldFlaw, Submission};

/// The text fields of a submission; what else stands in a form is not taken for a misspelling.
const FIELDS: &[&str] = &[
    "dossier_code",
    "title",
    "document_number",
    "procedure",
    "recipient_email",
    "recipient_phone",
    "policy",
    "level",
    "appearance",
];
/// Fields of one form, those of the page itself included.
const FIELDS_MAX: usize = 32;
/// Bytes of one text field: more than any that is taken.
const FIELD_BYTES_MAX: usize = 4096;

/// How much a form with files may hold.
pub(crate) fn limits(settings: &LimitSettings) -> FormLimits {
    FormLimits {
        files_max: usize::try_from(settings.result_files).unwrap_or(usize::MAX),
        files_bytes: settings.result_bytes,
        fields_max: FIELDS_MAX,
        field_bytes: FIELD_BYTES_MAX,
    }
}

/// Takes the submission out of a form. `own` are the fields that the form's page adds.
pub(crate) fn of(
    form: Form,
    own: &[&str],
    idempotency_key: Option<String>,
) -> Result<Submission, Problem> {
    if form
        .names()
        .any(|name| !FIELDS.contains(&name) && !own.contains(&name))
    {
        let known = FIELDS.join(", ");
        return Err(
            Problem::malformed().with_detail(Detail::of("unknown_field").with("known", known))
        );
    }
    let required = |name| Ok::<_, FormError>(form.field(name)?.unwrap_or_default().to_owned());
    let optional = |name| Ok::<_, FormError>(form.field(name)?.map(str::to_owned));
    Ok(Submission {
        dossier_code: required("dossier_code")?,
        title: required("title")?,
        document_number: optional("document_number")?,
        procedure: optional("procedure")?,
        recipient_email: optional("recipient_email")?,
        recipient_phone: optional("recipient_phone")?,
        policy: optional("policy")?,
        level: optional("level")?,
        appearance: optional("appearance")?,
        idempotency_key,
        files: form.files,
    })
}

/// Why a form with files cannot be read: one that is too large is told how much is taken.
pub(crate) fn refused(error: FormError, limits: &LimitSettings) -> Problem {
    match error {
        FormError::TooLarge => {
            let most = Detail::of("files_too_large").with_size("size", limits.result_bytes);
            let most = most.with_count("count", limits.result_files);
            Problem::too_large().with_detail(most)
        }
        error => error.into(),
    }
}

/// A field that is longer than any that is taken: told by its name if it is one of ours.
fn too_long(name: &str) -> Problem {
    match FIELDS.iter().find(|field| **field == name) {
        Some(field) => Problem::field(field).with_detail(Detail::of(FieldFlaw::TooLong.as_str())),
        None => Problem::malformed(),
    }
}

impl From<FormError> for Problem {
    fn from(error: FormError) -> Self {
        match error {
            FormError::Malformed => Self::malformed(),
            FormError::TooLarge => Self::too_large(),
            FormError::TooManyFields => {
                let most = Detail::of("too_many_fields").with_count("count", FIELDS_MAX as u64);
                Self::malformed().with_detail(most)
            }
            FormError::FieldTooLong(name) => too_long(&name),
            FormError::Spool(error) => {
                tracing::error!(%error, "an upload could not be kept");
                Self::unavailable()
            }
        }
    }
}
