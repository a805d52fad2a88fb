//! Receiving: fields are read, files inspected and kept, then one commit makes the result. Only
//! then is it acknowledged; a refusal leaves nothing behind.

use serde_json::json;
use time::OffsetDateTime;

use super::admission::{Admission, Wanted};
use super::claim::{claimed, drop_claim, held};
use super::manifest::{self, Facts, Intake};
use super::mark::Printed;
use super::recover::remove_upload;
use super::submission::{Fields, Submission};
use super::{ActiveIdentity, FieldFlaw, Publication, PublicationError, Receipt, failpoint, names};
use crate::account::{Caller, Scope};
use crate::database::{
    Actor, AgencyRow, AuditEntry, Claim, DatabaseError, FileRow, NewDossier, NewResult, ResultRow,
    Step, StoredObject,
};
use crate::model::{
    AppearanceName, DossierId, LinkId, ObjectKey, ResultId, ResultState, Sealing, Sha256Digest,
};
use crate::sealing::{InspectedPdf, SpooledFile};
use crate::secrets::{Purpose, random};

/// What was received, or what stood there already.
pub(super) enum Received {
    New { id: ResultId, is_approved: bool },
    Existing(ResultId),
}

/// Receives a submission: the claim of its idempotency key around the receiving itself.
pub(super) async fn receive(
    flow: &Publication,
    caller: &Caller,
    submission: Submission,
    now: OffsetDateTime,
) -> Result<Receipt, PublicationError> {
    if !caller.may(Scope::Publish) {
        return Err(PublicationError::Forbidden);
    }
    let agency = flow.agency(caller.agency()).await?;
    let fields = Fields::read(&submission, &agency, now)?;
    check_limits(flow, &submission.files)?;
    let claim = fields.idempotency_key.as_ref().map(|key| Claim {
        caller: caller.actor(),
        key_sha256: Sha256Digest::of(key.as_bytes()),
        fingerprint: fields.fingerprint(&flow.keys, &submission.files),
        holder: random(),
    });
    if let Some(claim) = &claim
        && let Some(earlier) = claimed(flow, claim).await?
    {
        return Ok(Receipt {
            view: flow.seen(caller, earlier).await?,
            is_new: true,
        });
    }
    let receiving = Receiving {
        flow,
        caller,
        agency,
        fields,
        link: LinkId::from_bytes(random()),
        now,
    };
    // On the heap: it is by far the largest part of every future around it.
    let work = Box::pin(receiving.receive(submission.files, claim.as_ref()));
    let received = match &claim {
        Some(claim) => held(flow, claim, work).await,
        None => work.await,
    };
    if let (Err(_), Some(claim)) = (&received, &claim) {
        drop_claim(flow, claim).await;
    }
    let (id, is_new) = match received? {
        Received::New { id, is_approved } => {
            metrics::counter!(crate::telemetry::RESULTS_RECEIVED).increment(1);
            if is_approved {
                flow.advance_and_wait(id).await;
            }
            (id, true)
        }
        Received::Existing(id) => (id, false),
    };
    Ok(Receipt {
        view: flow.seen(caller, id).await?,
        is_new,
    })
}

fn check_limits(flow: &Publication, files: &[SpooledFile]) -> Result<(), PublicationError> {
    if files.is_empty() {
        return Err(PublicationError::FieldInvalid {
            field: "file",
            why: FieldFlaw::Required,
        });
    }
    let bytes = files
        .iter()
        .try_fold(0_u64, |sum, file| sum.checked_add(file.len));
    let fits = files.len() as u64 <= flow.settings.result_files
        && bytes.is_some_and(|bytes| bytes <= flow.settings.result_bytes);
    if fits {
        Ok(())
    } else {
        Err(PublicationError::FileTooLarge)
    }
}

/// What one receiving works with.
struct Receiving<'o> {
    flow: &'o Publication,
    caller: &'o Caller,
    agency: AgencyRow,
    fields: Fields,
    link: LinkId,
    now: OffsetDateTime,
}

impl Receiving<'_> {
    async fn receive(
        &self,
        files: Vec<SpooledFile>,
        claim: Option<&Claim>,
    ) -> Result<Received, PublicationError> {
        let digests: Vec<Sha256Digest> = files.iter().map(|file| file.sha256).collect();
        if let Some(existing) = self.existing(&digests).await? {
            return self.settle(existing, claim).await;
        }
        let wanted = self.wanted(files.len()).await?;
        let files = self.inspect(files, &wanted).await?;
        self.admission(&wanted).check_signed(&files)?;
        let id = ResultId::from_bytes(random());
        let rows = self.keep(id, &files).await?;
        failpoint::at("object_received");
        match self.commit(id, &rows, &files, &wanted, claim).await {
            Ok(received) => {
                failpoint::at("received");
                Ok(received)
            }
            Err(error) => {
                self.discard(&rows).await;
                // Somebody may have handed in the same dossier's result between look and commit.
                match (error, self.existing(&digests).await?) {
                    (DatabaseError::Conflict, Some(existing)) => self.settle(existing, claim).await,
                    (error, _) => Err(error.into()),
                }
            }
        }
    }

    /// The result that counts for the code, if it holds the same bytes; a refusal if it holds
    /// others.
    async fn existing(&self, files: &[Sha256Digest]) -> Result<Option<ResultId>, PublicationError> {
        let indices = self.flow.keys.code_indices(self.fields.code.as_str());
        let live = self.flow.db.live_result(self.agency.id, &indices).await?;
        let Some(ResultRow { id, .. }) = live else {
            return Ok(None);
        };
        let received = self.flow.db.files(id).await?;
        if received
            .iter()
            .map(|file| file.received.sha256)
            .eq(files.iter().copied())
        {
            Ok(Some(id))
        } else {
            Err(PublicationError::DossierHasResult)
        }
    }

    async fn settle(
        &self,
        existing: ResultId,
        claim: Option<&Claim>,
    ) -> Result<Received, PublicationError> {
        if let Some(claim) = claim {
            let mut tx = self.flow.db.begin().await?;
            tx.end_claim(claim, existing).await?;
            tx.commit().await?;
        }
        Ok(Received::Existing(existing))
    }

    async fn wanted(&self, files: usize) -> Result<Wanted, PublicationError> {
        let printed = Printed {
            title: &self.fields.title,
            document_number: self.fields.document_number.as_deref(),
            link: self.link,
        };
        let asked = self.fields.appearance.as_ref();
        Wanted::of(self.flow, &self.agency, asked, &printed, files).await
    }

    fn admission<'w>(&'w self, wanted: &'w Wanted) -> Admission<'w> {
        Admission {
            settings: &self.flow.settings,
            agency: &self.agency,
            wanted,
        }
    }

    async fn inspect(
        &self,
        files: Vec<SpooledFile>,
        wanted: &Wanted,
    ) -> Result<Vec<InspectedPdf>, PublicationError> {
        let mut inspected = Vec::with_capacity(files.len());
        for (n, file) in (1..).zip(files) {
            let pdf = self.flow.sealing.inspect(file, self.now).await;
            let pdf = pdf.map_err(|error| PublicationError::of_reading(n, error))?;
            self.admission(wanted).check(n, &pdf)?;
            wanted.rehearse(self.flow, n, &pdf, self.now).await?;
            inspected.push(pdf);
        }
        Ok(inspected)
    }

    /// Keeps the files in the archive, each under a name that was never used.
    async fn keep(
        &self,
        id: ResultId,
        files: &[InspectedPdf],
    ) -> Result<Vec<FileRow>, PublicationError> {
        let keys = (1..).take(files.len());
        let keys: Vec<_> = keys.map(|n| ObjectKey::received(id, n, random())).collect();
        self.begin_uploads(&keys).await?;
        let mut rows = Vec::with_capacity(files.len());
        for ((n, pdf), key) in (1..).zip(files).zip(keys) {
            if let Err(error) = self.flow.archive.put_received(&key, pdf).await {
                self.discard(&rows).await;
                return Err(error.into());
            }
            rows.push(FileRow {
                n,
                name: names::of_file(&self.fields.title, n),
                received: StoredObject {
                    key,
                    sha256: pdf.sha256(),
                    len: pdf.len(),
                },
                inspection: json!(Intake {
                    inspection: pdf.inspection().clone(),
                    earlier: pdf.earlier().clone(),
                }),
            });
        }
        Ok(rows)
    }

    async fn begin_uploads(&self, keys: &[ObjectKey]) -> Result<(), DatabaseError> {
        let mut tx = self.flow.db.begin().await?;
        for key in keys {
            tx.begin_upload(key, self.now).await?;
        }
        tx.commit().await
    }

    /// Takes back what no row will name. What cannot be removed now, the sweep removes in a day.
    async fn discard(&self, rows: &[FileRow]) {
        for row in rows {
            if let Err(error) = remove_upload(self.flow, &row.received.key).await {
                tracing::warn!(%error, "an object without a row is left to the sweep");
            }
        }
    }

    /// The one commit that makes the result, approved at once where the agency seals
    /// automatically: both acts stand in the record.
    async fn commit(
        &self,
        id: ResultId,
        rows: &[FileRow],
        files: &[InspectedPdf],
        wanted: &Wanted,
        claim: Option<&Claim>,
    ) -> Result<Received, DatabaseError> {
        let flow = self.flow;
        let identity = flow.identity_of(self.agency.id).await;
        let indices = flow.keys.code_indices(self.fields.code.as_str());
        let brought = files.iter().map(|file| (file.inspection(), file.earlier()));
        let warnings = manifest::warnings(&brought.collect::<Vec<_>>());
        let manifest = Facts {
            agency: self.agency.id,
            code: manifest::code_of(flow.keys.code_index(self.fields.code.as_str())),
            title: &self.fields.title,
            document_number: self.fields.document_number.as_deref(),
            policy: self.fields.policy,
            appearance: &wanted.name,
            mark: wanted.mark.bound(),
            identity: identity.as_ref().map(ActiveIdentity::certificate_sha256),
            received: rows.iter().map(|row| row.received.sha256).collect(),
            warnings: &warnings,
        }
        .manifest();
        let identity = identity.map(|identity| identity.id);
        let mut tx = flow.db.begin().await?;
        let dossier = tx
            .dossier_for(&self.new_dossier(), &indices, self.now)
            .await?;
        let new = self.new_result(id, dossier, manifest, identity, &wanted.name);
        tx.insert_result(&new, self.now).await?;
        for row in rows {
            tx.insert_file(id, row).await?;
            tx.end_upload(&row.received.key).await?;
        }
        let received: Vec<_> = rows.iter().map(|row| row.received.sha256).collect();
        tx.audit(&self.entry(
            id,
            self.caller.actor(),
            "received",
            json!({ "received": received }),
        ))
        .await?;
        let is_approved = self.agency.sealing == Sealing::Automatic;
        if is_approved {
            let (from, to) = (ResultState::Received, ResultState::Approved);
            let step = Step {
                result: id,
                from,
                fence: 0,
                to,
                reason: None,
                at: self.now,
            };
            tx.step(&step).await?;
            let detail = json!({
                "manifest": manifest, "warnings": warnings, "mark": wanted.mark.bound(),
                "sealing": Sealing::Automatic,
            });
            tx.audit(&self.entry(id, Actor::Service, "approved", detail))
                .await?;
        }
        if let Some(claim) = claim {
            tx.end_claim(claim, id).await?;
        }
        tx.commit().await?;
        Ok(Received::New { id, is_approved })
    }

    fn new_dossier(&self) -> NewDossier {
        let id = DossierId::from_bytes(random());
        let (keys, code) = (&self.flow.keys, self.fields.code.as_str());
        NewDossier {
            id,
            agency: self.agency.id,
            index: keys.code_index(code),
            code_sealed: keys.seal(Purpose::DossierCode, &id.to_bytes(), code.as_bytes()),
            procedure: self.fields.procedure.clone(),
        }
    }

    fn new_result(
        &self,
        id: ResultId,
        dossier: DossierId,
        manifest: Sha256Digest,
        identity: Option<crate::model::IdentityId>,
        appearance: &AppearanceName,
    ) -> NewResult {
        let (keys, link) = (&self.flow.keys, self.link);
        let contact = self
            .fields
            .contact
            .as_ref()
            .and_then(|contact| serde_json::to_vec(contact).ok());
        NewResult {
            id,
            agency: self.agency.id,
            dossier,
            link_sha256: super::link_sha256(link),
            link_sealed: keys.seal(Purpose::Link, &id.to_bytes(), &link.to_bytes()),
            title: self.fields.title.clone(),
            document_number: self.fields.document_number.clone(),
            procedure: self.fields.procedure.clone(),
            policy: self.fields.policy,
            appearance: appearance.clone(),
            contact_sealed: contact
                .map(|plain| keys.seal(Purpose::Contact, &id.to_bytes(), &plain)),
            manifest,
            identity,
            created_by: self.caller.actor(),
            replaces: None,
        }
    }

    fn entry(
        &self,
        id: ResultId,
        actor: Actor,
        action: &'static str,
        detail: serde_json::Value,
    ) -> AuditEntry {
        AuditEntry {
            at: self.now,
            agency: Some(self.agency.id),
            actor,
            action,
            result: Some(id),
            detail,
        }
    }
}
