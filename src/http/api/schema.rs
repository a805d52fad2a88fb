//! The shapes of bodies, for the description of the API. What is sent is `publication`'s own view;
//! `tests/it/http_description.rs` holds both alike.

#![expect(dead_code, reason = "shapes that are described, not made")]

use serde::Serialize;
use utoipa::ToSchema;

/// What a submission holds.
#[derive(ToSchema)]
pub(super) struct SubmissionForm {
    /// The dossier code.
    dossier_code: String,
    /// What the result is called.
    title: String,
    /// Number and symbol of the document.
    #[schema(nullable)]
    document_number: Option<String>,
    /// The procedure.
    #[schema(nullable)]
    procedure: Option<String>,
    /// The recipient's address.
    #[schema(nullable)]
    recipient_email: Option<String>,
    /// The recipient's telephone number.
    #[schema(nullable)]
    recipient_phone: Option<String>,
    /// `link`, also unless given.
    #[schema(nullable)]
    policy: Option<String>,
    /// `b`, also unless given; what is reached beyond that is the identity's policy.
    #[schema(nullable)]
    level: Option<String>,
    /// `none`, `attachment`, `seal`, `copy` or the name of one of the agency's templates; the
    /// agency's own default unless given.
    #[schema(nullable)]
    appearance: Option<String>,
    /// The PDFs, the main one first, at most 20.
    #[schema(value_type = Vec<String>, format = Binary)]
    file: Vec<String>,
}

/// A page of results.
#[derive(ToSchema)]
pub(super) struct ResultsDocument {
    /// The results.
    results: Vec<ResultDocument>,
    /// What `after` of the next page is; null on the last one.
    next: Option<String>,
}

/// A result. Times are RFC 3339 with their offset.
#[derive(ToSchema, Serialize)]
pub(super) struct ResultDocument {
    /// Its id.
    id: String,
    /// `received`, `returned`, `approved`, `signing`, `held`, `stored`, `released`, `replaced` or
    /// `withdrawn`.
    state: String,
    /// The absolute address for the recipient.
    link: String,
    /// The last part of it.
    link_id: String,
    /// The digest over what is shown: to approve is to send it back.
    manifest: String,
    /// What it is.
    title: String,
    /// Number and symbol of the document.
    document_number: Option<String>,
    /// The procedure.
    procedure: Option<String>,
    /// What a requester must supply.
    policy: String,
    /// How the seal shows.
    appearance: String,
    /// Stable code of why it is held, returned or withdrawn, or of what its sealing waits for.
    reason_code: Option<String>,
    /// The sentence to it, or the reason that a person gave.
    reason: Option<String>,
    /// What must be confirmed before it is sealed.
    warnings: Vec<String>,
    /// With what it was or would be sealed.
    identity: Option<IdentityDocument>,
    /// Its files, the main one first.
    files: Vec<FileDocument>,
    /// What happened to it, the oldest first.
    history: Vec<EventDocument>,
    /// When it was received.
    created_at: String,
    /// When its state last changed.
    updated_at: String,
    /// When it was approved.
    approved_at: Option<String>,
    /// When its sealed files were in the archive.
    stored_at: Option<String>,
    /// When its link began to answer.
    released_at: Option<String>,
    /// When a requester first had it.
    handed_over_at: Option<String>,
}

/// A certificate that seals.
#[derive(ToSchema, Serialize)]
pub(super) struct IdentityDocument {
    /// The common name of its subject.
    subject: String,
    /// The common name of its issuer.
    issuer: String,
    /// SHA-256 of the certificate.
    certificate_sha256: String,
    /// The end of its validity.
    not_after: String,
}

/// Something that happened to a result.
#[derive(ToSchema, Serialize)]
pub(super) struct EventDocument {
    /// When.
    at: String,
    /// Who: `officer:<id>`, `key:<id>`, `service`, `operator`.
    actor: String,
    /// What: the state that was reached, or `retried`, `relinked`.
    action: String,
    /// Digests, manifest, reason.
    #[schema(value_type = Object)]
    detail: String,
}

/// A file of a result.
#[derive(ToSchema, Serialize)]
pub(super) struct FileDocument {
    /// From 1.
    n: u32,
    /// Its name with suffix.
    name: String,
    /// The digest of the received file.
    received_sha256: String,
    /// The bytes of the received file.
    received_size: u64,
    /// The bytes of the sealed file; null before it exists.
    size: Option<u64>,
    /// The digest of the sealed file; null before it exists.
    sha256: Option<String>,
    /// Who sealed it.
    signer: Option<String>,
    /// When.
    signed_at: Option<String>,
    /// The baseline level reached.
    level: Option<String>,
    /// Its pages.
    pages: usize,
    /// What the intake found in it.
    #[schema(value_type = Vec<Object>)]
    findings: Vec<String>,
    /// The signatures that it brought along.
    #[schema(value_type = Vec<Object>)]
    earlier_signatures: Vec<String>,
}
