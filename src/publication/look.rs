//! Looking at results: one, a page of them, those of a code, and their files, each file read with
//! its entry in the record.

use std::collections::HashMap;

use serde_json::json;
use time::OffsetDateTime;

use super::earlier::SignatureFlaw;
use super::manifest;
use super::mark::{Look, Mark};
use super::view::{Parts, Shown};
use super::{ActiveIdentity, Publication, PublicationError, ResultView};
use crate::account::{Caller, Scope};
use crate::database::{
    AgencyRow, AuditEntry, ReadPermit, ReadReason, ResultFilter, ResultRow, StoredObject,
};
use crate::dossier::DossierCode;
use crate::model::{AgencyId, LinkId, ResultId, ResultState};
use crate::secrets::{Purpose, SecretsError};

/// The most results of one page.
const ROWS_MAX: u32 = 100;

/// In which order results are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Order {
    /// The newest first.
    #[default]
    NewestFirst,
    /// The oldest first: work that waits.
    OldestFirst,
}

/// Which results are listed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// In that state only.
    pub state: Option<ResultState>,
    /// Those behind this one.
    pub after: Option<ResultId>,
    /// In which order.
    pub order: Order,
}

/// One page of results.
#[derive(Clone, Debug)]
pub struct ResultsPage {
    /// The results.
    pub results: Vec<ResultView>,
    /// What the next page comes after; `None` on the last one.
    pub next: Option<ResultId>,
}

/// A file that may be read now: the entry is in the record.
#[derive(Debug)]
pub struct OpenedFile {
    /// The permit.
    pub permit: ReadPermit,
    /// The file's name.
    pub name: String,
}

impl Publication {
    /// A result of the caller's agency (scope `read`).
    ///
    /// # Errors
    /// [`PublicationError::NotFound`], also for another agency's.
    pub async fn result(
        &self,
        caller: &Caller,
        id: ResultId,
    ) -> Result<ResultView, PublicationError> {
        may_read(caller)?;
        self.seen(caller, id).await
    }

    /// A result as the answer to an act on it shows it: whoever may act sees the outcome.
    pub(super) async fn seen(
        &self,
        caller: &Caller,
        id: ResultId,
    ) -> Result<ResultView, PublicationError> {
        let row = self.row(caller, id).await?;
        let identity = self.identity_of(row.agency).await;
        let mark = self.mark_of(&row).await?;
        self.view(caller, row, identity, mark).await
    }

    /// One page of the results of the caller's agency (scope `read`), at most 100.
    ///
    /// # Errors
    /// [`PublicationError`].
    pub async fn results(
        &self,
        caller: &Caller,
        filter: &Filter,
        rows: u32,
    ) -> Result<ResultsPage, PublicationError> {
        may_read(caller)?;
        let rows = rows.clamp(1, ROWS_MAX);
        let filter = ResultFilter {
            state: filter.state,
            after: filter.after,
            oldest_first: filter.order == Order::OldestFirst,
        };
        // One more than asked for tells whether there is another page.
        let mut found = self.db.results(caller.agency(), &filter, rows + 1).await?;
        let is_last = found.len() <= rows as usize;
        found.truncate(rows as usize);
        let next = found.last().filter(|_| !is_last).map(|row| row.id);
        Ok(ResultsPage {
            results: self.views(caller, found).await?,
            next,
        })
    }

    /// The results of the caller's agency for a dossier code (scope `read`), the newest first.
    ///
    /// # Errors
    /// [`PublicationError`].
    pub async fn by_code(
        &self,
        caller: &Caller,
        code: &DossierCode,
    ) -> Result<Vec<ResultView>, PublicationError> {
        may_read(caller)?;
        let indices = self.keys.code_indices(code.as_str());
        let rows = self.db.results_by_code(caller.agency(), &indices).await?;
        self.views(caller, rows).await
    }

    /// How many results of the caller's agency wait for the clerk.
    ///
    /// # Errors
    /// [`PublicationError`].
    pub async fn waiting(&self, caller: &Caller) -> Result<u64, PublicationError> {
        Ok(self
            .db
            .count_results(caller.agency(), ResultState::Received)
            .await?)
    }

    /// File `n` as it was received: what an officer looks at before sealing.
    ///
    /// # Errors
    /// [`PublicationError::NotFound`], [`PublicationError::Forbidden`] for programs.
    pub async fn received_file(
        &self,
        caller: &Caller,
        id: ResultId,
        n: u32,
        now: OffsetDateTime,
    ) -> Result<OpenedFile, PublicationError> {
        if !matches!(caller, Caller::Officer(_)) {
            return Err(PublicationError::Forbidden);
        }
        let row = self.row(caller, id).await?;
        let file = self
            .db
            .files(id)
            .await?
            .into_iter()
            .find(|file| file.n == n);
        let file = file.ok_or(PublicationError::NotFound)?;
        let permit = self
            .permit(caller, &row, n, file.received, ReadReason::ClerkView, now)
            .await?;
        Ok(OpenedFile {
            permit,
            name: file.name,
        })
    }

    /// The sealed file `n` for the agency itself (scope `read`).
    ///
    /// # Errors
    /// [`PublicationError::NotFound`], also while there is none.
    pub async fn sealed_file(
        &self,
        caller: &Caller,
        id: ResultId,
        n: u32,
        now: OffsetDateTime,
    ) -> Result<OpenedFile, PublicationError> {
        let row = self.row(caller, id).await?;
        let file = self
            .db
            .files(id)
            .await?
            .into_iter()
            .find(|file| file.n == n);
        let sealed = self
            .db
            .revisions(id)
            .await?
            .into_iter()
            .find(|sealed| sealed.n == n);
        let (file, sealed) = file.zip(sealed).ok_or(PublicationError::NotFound)?;
        let permit = self
            .permit(caller, &row, n, sealed.object, ReadReason::AgencyCopy, now)
            .await?;
        Ok(OpenedFile {
            permit,
            name: file.name,
        })
    }

    /// Whether a reader of PDFs may doubt a signature that a file of a result brought along, of which
    /// the agency knew when it sealed the file. For whoever holds a grant on it.
    ///
    /// # Errors
    /// [`PublicationError`].
    pub async fn is_doubted(&self, id: ResultId) -> Result<bool, PublicationError> {
        let files = self.db.files(id).await?;
        let mut intakes = files.iter().filter_map(manifest::intake);
        Ok(intakes.any(|kept| SignatureFlaw::in_file(&kept.inspection, &kept.earlier).is_some()))
    }

    /// The row of a result that the caller may see.
    pub(super) async fn row(
        &self,
        caller: &Caller,
        id: ResultId,
    ) -> Result<ResultRow, PublicationError> {
        let row = self
            .db
            .result(id)
            .await?
            .filter(|row| row.agency == caller.agency());
        row.ok_or(PublicationError::NotFound)
    }

    /// An agency that is in use.
    pub(super) async fn agency(&self, id: AgencyId) -> Result<AgencyRow, PublicationError> {
        let agency = self
            .db
            .agency(id)
            .await?
            .filter(|agency| agency.disabled_at.is_none());
        agency.ok_or(PublicationError::Forbidden)
    }

    /// The identity that would seal an agency's results; one that cannot be read counts as none
    /// here, and holds the results when they are to be sealed.
    pub(super) async fn identity_of(&self, agency: AgencyId) -> Option<ActiveIdentity> {
        self.identities.of(agency).await.unwrap_or_else(|error| {
            tracing::error!(%error, "an identity cannot be used");
            None
        })
    }

    /// What a decision about a result is bound to, as it stands now.
    pub(super) async fn shown(&self, row: &ResultRow) -> Result<Shown, PublicationError> {
        let files = self.db.files(row.id).await?;
        let identity = self.identity_of(row.agency).await;
        Ok(Shown::of(row, &files, identity, self.mark_of(row).await?))
    }

    pub(super) async fn permit(
        &self,
        caller: &Caller,
        row: &ResultRow,
        n: u32,
        object: StoredObject,
        reason: ReadReason,
        now: OffsetDateTime,
    ) -> Result<ReadPermit, PublicationError> {
        may_read(caller)?;
        let entry = AuditEntry {
            at: now,
            agency: Some(row.agency),
            actor: caller.actor(),
            action: "file_read",
            result: Some(row.id),
            detail: json!({ "n": n }),
        };
        Ok(self.db.permit(object, reason, &entry).await?)
    }

    async fn views(
        &self,
        caller: &Caller,
        rows: Vec<ResultRow>,
    ) -> Result<Vec<ResultView>, PublicationError> {
        let identity = self.identity_of(caller.agency()).await;
        let mut looks = HashMap::new();
        let mut views = Vec::with_capacity(rows.len());
        for row in rows {
            if !looks.contains_key(&row.appearance) {
                let look = self.look(row.agency, &row.appearance).await?;
                looks.insert(row.appearance.clone(), look);
            }
            let look = looks.get(&row.appearance).cloned();
            let mark = self.mark_with(look.unwrap_or(Look::Nothing), &row)?;
            views.push(self.view(caller, row, identity.clone(), mark).await?);
        }
        Ok(views)
    }

    async fn view(
        &self,
        caller: &Caller,
        row: ResultRow,
        identity: Option<ActiveIdentity>,
        mark: Mark,
    ) -> Result<ResultView, PublicationError> {
        let files = self.db.files(row.id).await?;
        let parts = Parts {
            shown: Shown::of(&row, &files, identity, mark),
            revisions: self.db.revisions(row.id).await?,
            history: self.db.story_of(row.id).await?,
            link: self.link_of(&row)?,
            dossier_code: match caller {
                Caller::Officer(_) => Some(self.code_of(&row)?),
                Caller::Key(_) => None,
            },
            row,
            files,
        };
        Ok(parts.view(&self.settings.public_url))
    }

    pub(super) fn link_of(&self, row: &ResultRow) -> Result<LinkId, SecretsError> {
        let bytes = self
            .keys
            .open(Purpose::Link, &row.id.to_bytes(), &row.link_sealed)?;
        let bytes = bytes
            .as_slice()
            .try_into()
            .map_err(|_| SecretsError::Sealed)?;
        Ok(LinkId::from_bytes(bytes))
    }

    fn code_of(&self, row: &ResultRow) -> Result<String, SecretsError> {
        let context = row.dossier.to_bytes();
        let bytes = self
            .keys
            .open(Purpose::DossierCode, &context, &row.code_sealed)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| SecretsError::Sealed)
    }
}

pub(super) fn may_read(caller: &Caller) -> Result<(), PublicationError> {
    if caller.may(Scope::Read) {
        Ok(())
    } else {
        Err(PublicationError::Forbidden)
    }
}
