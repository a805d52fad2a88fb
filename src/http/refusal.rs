//! The one table from what publication refuses to what HTTP says.

use http::StatusCode;

use crate::http::detail::Detail;
use crate::http::problem::Problem;
use crate::publication::{PublicationError, SignatureFlaw};

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
            PublicationError::EarlierSignature { n, flaw } => problem
                .told_as(words(*flaw))
                .with_detail(Detail::of("file").with("n", n.to_string()))
                .with_diagnostic(flaw.to_string()),
            PublicationError::Refused { n, refusal } => problem
                .with_detail(Detail::of("file").with("n", n.to_string()))
                .with_diagnostic(refusal.detail()),
            _ => problem,
        }
    }
}

/// What a person is told: of one code, yet each is mended otherwise.
fn words(flaw: SignatureFlaw) -> &'static str {
    match flaw {
        SignatureFlaw::Broken => "earlier_signature_not_intact",
        SignatureFlaw::AtRisk => "earlier_signature_at_risk",
        SignatureFlaw::Followed => "earlier_signature_followed",
        SignatureFlaw::Revoked => "earlier_signature_revoked",
        SignatureFlaw::Unfit => "earlier_signature_unfit",
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
        | E::EarlierSignature { .. }
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
