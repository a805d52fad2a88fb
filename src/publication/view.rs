//! A result as its agency sees it: exactly what the API answers, and what the pages need beside it.

use std::fmt;

use serde::Serialize;
use serde_json::Value;
use time::OffsetDateTime;

use super::identities::ActiveIdentity;
use super::manifest::{self, Facts, Intake, Warning};
use super::mark::{Mark, MarkView};
use crate::database::{Actor, AuditRow, FileRow, ResultRow, RevisionRow};
use crate::model::{
    AgencyId, AppearanceName, LinkId, ReleasePolicy, ResultId, ResultState, Sha256Digest,
    in_viet_nam,
};
use crate::pades::{Finding, SignatureVerdict};

/// A result. Its JSON is the API's.
#[derive(Clone, Serialize)]
pub struct ResultView {
    /// Its id.
    pub id: ResultId,
    /// Where it stands.
    pub state: ResultState,
    /// The absolute address for the recipient.
    pub link: String,
    /// The last part of it.
    pub link_id: LinkId,
    /// The digest over what is shown: to approve is to send it back.
    pub manifest: Sha256Digest,
    /// What it is.
    pub title: String,
    /// Number and symbol of the document.
    pub document_number: Option<String>,
    /// The procedure.
    pub procedure: Option<String>,
    /// What a requester must supply.
    pub policy: ReleasePolicy,
    /// How the seal shows.
    pub appearance: AppearanceName,
    /// Stable code of why it is held, returned or withdrawn, or of what its sealing waits for.
    pub reason_code: Option<String>,
    /// The sentence to it, or the reason that a person gave.
    pub reason: Option<String>,
    /// What must be confirmed before it is sealed.
    pub warnings: Vec<Warning>,
    /// With what it was or would be sealed.
    pub identity: Option<IdentityView>,
    /// Its files, the main one first.
    pub files: Vec<FileView>,
    /// What happened to it, the oldest first; reading is left out.
    pub history: Vec<EventView>,
    /// When it was received.
    #[serde(with = "time::serde::rfc3339")]
    pub created_at: OffsetDateTime,
    /// When its state last changed.
    #[serde(with = "time::serde::rfc3339")]
    pub updated_at: OffsetDateTime,
    /// When it was approved.
    #[serde(with = "time::serde::rfc3339::option")]
    pub approved_at: Option<OffsetDateTime>,
    /// When its sealed files were in the archive.
    #[serde(with = "time::serde::rfc3339::option")]
    pub stored_at: Option<OffsetDateTime>,
    /// When its link began to answer.
    #[serde(with = "time::serde::rfc3339::option")]
    pub released_at: Option<OffsetDateTime>,
    /// When a requester first had it.
    #[serde(with = "time::serde::rfc3339::option")]
    pub handed_over_at: Option<OffsetDateTime>,
    /// The digest over what a decision would be bound to now; for pages.
    #[serde(skip)]
    pub present: Sha256Digest,
    /// Whose it is; for pages.
    #[serde(skip)]
    pub agency: AgencyId,
    /// Who handed it in; for pages.
    #[serde(skip)]
    pub created_by: Actor,
    /// What would be drawn if it were sealed now; for pages.
    #[serde(skip)]
    pub mark: Option<MarkView>,
    /// The dossier code, opened for an officer's page; programs do not get it back.
    #[serde(skip)]
    pub dossier_code: Option<String>,
}

/// Half of what opens a result stands in it, and its code: it does not show itself.
impl fmt::Debug for ResultView {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "ResultView({}, {})", self.id, self.state)
    }
}

/// A certificate that seals.
#[derive(Clone, Debug, Serialize)]
pub struct IdentityView {
    /// The common name of its subject.
    pub subject: String,
    /// The common name of its issuer.
    pub issuer: String,
    /// SHA-256 of the certificate.
    pub certificate_sha256: Sha256Digest,
    /// The end of its validity.
    #[serde(with = "time::serde::rfc3339")]
    pub not_after: OffsetDateTime,
}

/// A file of a result.
#[derive(Clone, Debug, Serialize)]
pub struct FileView {
    /// From 1.
    pub n: u32,
    /// Its name with suffix.
    pub name: String,
    /// The digest of the received file.
    pub received_sha256: Sha256Digest,
    /// The bytes of the received file.
    pub received_size: u64,
    /// The bytes of the sealed file.
    pub size: Option<u64>,
    /// The digest of the sealed file.
    pub sha256: Option<Sha256Digest>,
    /// Who sealed it.
    pub signer: Option<String>,
    /// When, by `/M`.
    #[serde(with = "time::serde::rfc3339::option")]
    pub signed_at: Option<OffsetDateTime>,
    /// The baseline level reached.
    pub level: Option<String>,
    /// Its pages.
    pub pages: usize,
    /// What the intake found in it.
    pub findings: Vec<Finding>,
    /// The signatures that it brought along.
    pub earlier_signatures: Vec<SignatureVerdict>,
}

/// Something that happened.
#[derive(Clone, Debug, Serialize)]
pub struct EventView {
    /// When.
    #[serde(with = "time::serde::rfc3339")]
    pub at: OffsetDateTime,
    /// Who: `officer:<id>`, `key:<id>`, `service`, `operator`.
    pub actor: String,
    /// What: the state that was reached, or `retried`, `relinked`, `level_raised`,
    /// `level_not_raised`.
    pub action: String,
    /// Digests, manifest, reason.
    pub detail: Value,
}

/// What a decision about a result is bound to.
pub(super) struct Shown {
    pub(super) manifest: Sha256Digest,
    pub(super) warnings: Vec<Warning>,
    pub(super) identity: Option<ActiveIdentity>,
    pub(super) mark: Mark,
}

impl Shown {
    /// What is shown of a result as its files, the present identity and the present mark have it.
    pub(super) fn of(
        row: &ResultRow,
        files: &[FileRow],
        identity: Option<ActiveIdentity>,
        mark: Mark,
    ) -> Self {
        let intakes: Vec<Intake> = files.iter().filter_map(manifest::intake).collect();
        let brought = intakes.iter().map(|each| (&each.inspection, &each.earlier));
        let warnings = manifest::warnings(&brought.collect::<Vec<_>>());
        let facts = Facts {
            agency: row.agency,
            code: manifest::code_of(row.code),
            title: &row.title,
            document_number: row.document_number.as_deref(),
            policy: row.policy,
            appearance: &row.appearance,
            mark: mark.bound(),
            identity: identity.as_ref().map(ActiveIdentity::certificate_sha256),
            received: files.iter().map(|file| file.received.sha256).collect(),
            warnings: &warnings,
        };
        let manifest = facts.manifest();
        Self {
            manifest,
            warnings,
            identity,
            mark,
        }
    }
}

/// Everything that a view is made of.
pub(super) struct Parts {
    pub(super) row: ResultRow,
    pub(super) shown: Shown,
    pub(super) files: Vec<FileRow>,
    pub(super) revisions: Vec<RevisionRow>,
    pub(super) history: Vec<AuditRow>,
    pub(super) link: LinkId,
    pub(super) dossier_code: Option<String>,
}

impl Parts {
    pub(super) fn view(self, public_url: &str) -> ResultView {
        let Self {
            row,
            shown,
            files,
            revisions,
            history,
            link,
            dossier_code,
        } = self;
        // Until it is decided, the manifest is that of what stands there now; then it is bound.
        let is_open = row.state == ResultState::Received;
        let file = |file: &FileRow| {
            let sealed = revisions.iter().find(|revision| revision.n == file.n);
            file_view(file, sealed)
        };
        ResultView {
            id: row.id,
            state: row.state,
            link: format!("{public_url}/r/{link}"),
            link_id: link,
            manifest: if is_open {
                shown.manifest
            } else {
                row.manifest
            },
            title: row.title,
            document_number: row.document_number,
            procedure: row.procedure,
            policy: row.policy,
            appearance: row.appearance,
            reason_code: row.reason_code,
            reason: row.reason,
            warnings: shown.warnings,
            identity: shown.identity.as_ref().map(identity_view),
            files: files.iter().map(file).collect(),
            history: history.into_iter().map(event_view).collect(),
            created_at: in_viet_nam(row.created_at),
            updated_at: in_viet_nam(row.updated_at),
            approved_at: row.approved_at.map(in_viet_nam),
            stored_at: row.stored_at.map(in_viet_nam),
            released_at: row.released_at.map(in_viet_nam),
            handed_over_at: row.handed_over_at.map(in_viet_nam),
            present: shown.manifest,
            agency: row.agency,
            created_by: row.created_by,
            mark: shown.mark.view(),
            dossier_code,
        }
    }
}

fn file_view(file: &FileRow, sealed: Option<&RevisionRow>) -> FileView {
    let intake = manifest::intake(file);
    let (pages, findings, earlier_signatures) = intake.map_or_else(Default::default, |intake| {
        (
            intake.inspection.pages,
            intake.inspection.findings,
            intake.earlier.signatures,
        )
    });
    FileView {
        n: file.n,
        name: file.name.clone(),
        received_sha256: file.received.sha256,
        received_size: file.received.len,
        size: sealed.map(|sealed| sealed.object.len),
        sha256: sealed.map(|sealed| sealed.object.sha256),
        signer: sealed.map(|sealed| sealed.signer.clone()),
        signed_at: sealed.map(|sealed| in_viet_nam(sealed.signed_at)),
        level: sealed.map(|sealed| sealed.level.clone()),
        pages,
        findings,
        earlier_signatures,
    }
}

fn identity_view(identity: &ActiveIdentity) -> IdentityView {
    IdentityView {
        subject: identity.signing.subject().to_owned(),
        issuer: identity.signing.issuer().to_owned(),
        certificate_sha256: identity.certificate_sha256(),
        not_after: in_viet_nam(identity.signing.not_after()),
    }
}

fn event_view(row: AuditRow) -> EventView {
    EventView {
        at: in_viet_nam(row.at),
        actor: row.actor.to_string(),
        action: row.action,
        detail: row.detail,
    }
}
