//! The one table from what publication refuses to what HTTP says.

use http::StatusCode;

use crate::http::detail::Detail;
use crate::http::problem::Problem;
use crate::publication::PublicationError;

impl From<PublicationError> for Problem {
    fn from(error: PublicationError) -> Self {
        let status = status(&error);
        let mut problem = Self::new(status, error.code());
        if let Some(field) = error.field() {
            problem = problem.at_field(field);
        }
        match &error {
            PublicationError::IdempotencyInFlight => problem.with_retry_after(5),
            PublicationError::Unavailable(_) => problem.with_retry_after(10),
            PublicationError::FieldInvalid { why, .. } => {
                problem.with_detail(Detail::of(why.as_str()))
            }
            PublicationError::NotSealed => problem.told_as("not_sealed"),
            PublicationError::MarkMissing(what) => {
                problem.with_detail(Detail::in_family("mark-missing", what.as_str()))
            }
            PublicationError::CodeRefused(why) => problem.with_detail(Detail::of(why.as_str())),
            PublicationError::EarlierSignatureBroken { n } => {
                problem.with_detail(Detail::of("file").with("n", n.to_string()))
            }
            PublicationError::Refused { n, refusal } => problem
                .with_detail(Detail::of("file").with("n", n.to_string()))
                .with_diagnostic(refusal.to_string()),
            _ => problem,
        }
    }
}

fn status(error: &PublicationError) -> StatusCode {
    use PublicationError as E;
    match error {
        E::FieldInvalid { .. }
        | E::PolicyTooWeak
        | E::CodeMalformed(_)
        | E::CodeRefused(_)
        | E::DocumentNumberMissing
        | E::MarkMissing(_)
        | E::Refused { .. }
        | E::NotSigned
        | E::EarlierSignatureBroken { .. }
        | E::IdempotencyConflict => StatusCode::UNPROCESSABLE_ENTITY,
        E::FileTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
        E::Forbidden => StatusCode::FORBIDDEN,
        E::NotFound => StatusCode::NOT_FOUND,
        E::IdempotencyInFlight
        | E::DossierHasResult
        | E::ManifestChanged
        | E::NotSealed
        | E::StateConflict => StatusCode::CONFLICT,
        E::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
