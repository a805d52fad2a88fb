//! The one table from what publication refuses to what HTTP says.

use http::StatusCode;

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
            PublicationError::FieldInvalid { .. }
            | PublicationError::MarkMissing(_)
            | PublicationError::Refused { .. }
            | PublicationError::EarlierSignatureBroken { .. }
            | PublicationError::CodeRefused(_) => problem.with_detail(error.to_string()),
            _ => problem,
        }
    }
}

fn status(error: &PublicationError) -> StatusCode {
    use PublicationError as E;
    match error {
        E::FieldInvalid { .. }
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
        E::IdempotencyInFlight | E::DossierHasResult | E::ManifestChanged | E::StateConflict => {
            StatusCode::CONFLICT
        }
        E::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
    }
}
