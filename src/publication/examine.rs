//! The operator's check: what is promised of every result holds. What was acknowledged is there;
//! what is or was released is sealed and on record, and what is handed out is, to the byte, what
//! was recorded; no grant was given without its entry.

use serde_json::json;

use super::{Publication, PublicationError};
use crate::archive::ArchiveError;
use crate::database::{Actor, AuditEntry, ExaminedRow, ReadReason, StoredObject};
use crate::model::{AgencyId, ResultId, ResultState};
use crate::secrets::random;

/// How many rows are looked at in one go.
const PAGE: u32 = 500;

/// How many of the stored objects are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectsRead {
    /// Every one.
    All,
    /// So many, drawn anew each time.
    Some(u64),
}

/// What is wrong with a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Flaw {
    /// Which result.
    pub result: ResultId,
    /// Which of its files, if it is one file's fault.
    pub file: Option<u32>,
    /// What it is.
    pub kind: FlawKind,
}

/// The kinds of what can be wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FlawKind {
    /// It is or was released, and a file of it has no sealed form.
    NotSealed,
    /// It is or was released, and the record does not have that.
    ReleaseOffRecord,
    /// A grant was given, or a file read under it, and the record does not have that.
    GrantOffRecord,
    /// The object of a file is gone.
    ObjectGone,
    /// The object of a file is not the recorded one.
    ObjectChanged,
    /// The archive does not give the object out just now.
    ObjectUnread,
}

/// What a whole check found.
#[derive(Clone, Debug, Default)]
pub struct Examined {
    /// How many results there are.
    pub results: u64,
    /// How many objects were read.
    pub objects: u64,
    /// What is wrong.
    pub flaws: Vec<Flaw>,
}

/// A check that is about to run.
pub struct Examination<'p> {
    flow: &'p Publication,
    draw: Draw,
    found: Examined,
}

impl FlawKind {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NotSealed => "not_sealed",
            Self::ReleaseOffRecord => "release_off_record",
            Self::GrantOffRecord => "grant_off_record",
            Self::ObjectGone => "object_gone",
            Self::ObjectChanged => "object_changed",
            Self::ObjectUnread => "object_unread",
        }
    }
}

impl Publication {
    /// Prepares a check of all results. Objects that are read are read under permits, each with its
    /// entry in the record.
    ///
    /// # Errors
    /// [`PublicationError::Unavailable`].
    pub async fn examination(
        &self,
        objects: ObjectsRead,
    ) -> Result<Examination<'_>, PublicationError> {
        let kept = self.db.count_kept_files().await?;
        Ok(Examination {
            flow: self,
            draw: Draw::of(objects, kept),
            found: Examined::default(),
        })
    }
}

impl Examination<'_> {
    /// How many objects will be read, unless results come or go meanwhile.
    #[must_use]
    pub fn objects(&self) -> u64 {
        self.draw.wanted
    }

    /// Looks at everything; `on_object` is called behind each object that was read.
    ///
    /// # Errors
    /// [`PublicationError::Unavailable`] when the database does not answer or the record takes no
    /// entry. What is wrong with a result or an object is no error but a finding.
    pub async fn run(mut self, on_object: impl Fn()) -> Result<Examined, PublicationError> {
        for result in self.flow.db.grants_off_record().await? {
            self.note(result, None, FlawKind::GrantOffRecord);
        }
        let mut after = None;
        loop {
            let page = self.flow.db.examined_results(after, PAGE).await?;
            let Some(last) = page.last() else {
                return Ok(self.found);
            };
            after = Some(last.id);
            for row in &page {
                self.look_at(row);
                for (n, object) in self.kept(row).await? {
                    if self.draw.takes() {
                        self.read(row.id, row.agency, n, object).await?;
                        on_object();
                    }
                }
            }
        }
    }

    /// What the rows alone tell.
    fn look_at(&mut self, row: &ExaminedRow) {
        self.found.results += 1;
        if row.was_released && (row.files == 0 || row.sealed < row.files) {
            self.note(row.id, None, FlawKind::NotSealed);
        }
        if row.was_released && !row.is_on_record {
            self.note(row.id, None, FlawKind::ReleaseOffRecord);
        }
    }

    /// The objects that must be there: what is handed out, or what is yet to be sealed.
    async fn kept(&self, row: &ExaminedRow) -> Result<Vec<(u32, StoredObject)>, PublicationError> {
        let db = &self.flow.db;
        Ok(match row.state {
            state if state.is_final() => Vec::new(),
            ResultState::Stored | ResultState::Released => {
                let revisions = db.revisions(row.id).await?.into_iter();
                revisions.map(|newest| (newest.n, newest.object)).collect()
            }
            _ => {
                let files = db.files(row.id).await?.into_iter();
                files.map(|file| (file.n, file.received)).collect()
            }
        })
    }

    async fn read(
        &mut self,
        result: ResultId,
        agency: AgencyId,
        n: u32,
        object: StoredObject,
    ) -> Result<(), PublicationError> {
        let entry = AuditEntry {
            at: self.flow.clock.now(),
            agency: Some(agency),
            actor: Actor::Operator,
            action: "file_read",
            result: Some(result),
            detail: json!({ "n": n }),
        };
        let permit = self
            .flow
            .db
            .permit(object, ReadReason::Doctor, &entry)
            .await?;
        self.found.objects += 1;
        let kind = match self.flow.archive.check(&permit).await {
            Ok(()) => return Ok(()),
            Err(ArchiveError::NotFound) => FlawKind::ObjectGone,
            Err(ArchiveError::Corrupt(_)) => FlawKind::ObjectChanged,
            Err(error) => {
                tracing::warn!(%result, n, %error, "an object could not be read");
                FlawKind::ObjectUnread
            }
        };
        self.note(result, Some(n), kind);
        Ok(())
    }

    fn note(&mut self, result: ResultId, file: Option<u32>, kind: FlawKind) {
        let flaw = Flaw { result, file, kind };
        self.found.flaws.push(flaw);
    }
}

/// Draws some of many in one pass, each with the same chance (Knuth, TAOCP 3.4.2, algorithm S).
struct Draw {
    /// Whether every one is taken, those that come meanwhile included.
    takes_all: bool,
    /// How many are still to be taken …
    wanted: u64,
    /// … of so many.
    left: u64,
}

impl Draw {
    fn of(objects: ObjectsRead, kept: u64) -> Self {
        let wanted = match objects {
            ObjectsRead::All => kept,
            ObjectsRead::Some(some) => some.min(kept),
        };
        Self {
            takes_all: objects == ObjectsRead::All,
            wanted,
            left: kept,
        }
    }

    /// Whether the next one is taken.
    fn takes(&mut self) -> bool {
        let lot = u64::from_be_bytes(random()) % self.left.max(1);
        let is_taken = self.takes_all || lot < self.wanted;
        self.left = self.left.saturating_sub(1);
        if is_taken {
            self.wanted = self.wanted.saturating_sub(1);
        }
        is_taken
    }
}
