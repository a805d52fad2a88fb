//! The record of acts. Each row holds the hash of the one before, so that a row that is changed,
//! taken out or put in breaks the chain from there on.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest as _, Sha256};
use sqlx::sqlite::SqliteRow;
use time::OffsetDateTime;

use super::row::{Columns as _, from_millis, millis};
use super::{Database, DatabaseError, Tx};
use crate::model::{AgencyId, ApiKeyId, OfficerId, ParseIdError, ResultId};

/// Who did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// An officer, by page.
    Officer(OfficerId),
    /// A program, by its key.
    Key(ApiKeyId),
    /// A requester, by the keyed hash of the client's address.
    Requester([u8; 32]),
    /// The service itself.
    Service,
    /// Whoever runs the command line on the server.
    Operator,
}

impl fmt::Display for Actor {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Officer(id) => write!(formatter, "officer:{id}"),
            Self::Key(id) => write!(formatter, "key:{id}"),
            Self::Requester(client) => write!(formatter, "requester:{}", hex::encode(client)),
            Self::Service => formatter.write_str("service"),
            Self::Operator => formatter.write_str("operator"),
        }
    }
}

impl FromStr for Actor {
    type Err = ParseIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            Some(("officer", id)) => id.parse().map(Self::Officer),
            Some(("key", id)) => id.parse().map(Self::Key),
            Some(("requester", client)) => {
                let mut bytes = [0; 32];
                hex::decode_to_slice(client, &mut bytes).map_err(|_| ParseIdError)?;
                Ok(Self::Requester(bytes))
            }
            None if text == "service" => Ok(Self::Service),
            None if text == "operator" => Ok(Self::Operator),
            _ => Err(ParseIdError),
        }
    }
}

/// One act, to be recorded in the transaction that does it.
#[derive(Clone, Debug)]
pub struct AuditEntry {
    /// When.
    pub at: OffsetDateTime,
    /// Whose affair it is.
    pub agency: Option<AgencyId>,
    /// Who did it.
    pub actor: Actor,
    /// What: `received`, `approved`, `released`, `file_read` …
    pub action: &'static str,
    /// To which result.
    pub result: Option<ResultId>,
    /// More, without codes, names of persons or addresses.
    pub detail: serde_json::Value,
}

/// An act as it stands in the record.
#[derive(Clone, Debug)]
pub struct AuditRow {
    /// Its number.
    pub seq: i64,
    /// When.
    pub at: OffsetDateTime,
    /// Who.
    pub actor: Actor,
    /// What.
    pub action: String,
    /// More.
    pub detail: serde_json::Value,
}

/// An act with its place in the chain.
#[derive(Clone, Debug)]
pub struct AuditLink {
    /// The act.
    pub row: AuditRow,
    /// The hash of the entry before it.
    pub previous: Vec<u8>,
    /// Its own.
    pub hash: Vec<u8>,
}

/// What a check of the chain found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSummary {
    /// How many rows there are.
    pub rows: u64,
    /// The first row that does not fit the one before it.
    pub broken_at: Option<i64>,
    /// The last row's hash, for whoever keeps it elsewhere.
    pub head: [u8; 32],
}

/// What is hashed of a row, in the order of the columns.
struct Links<'r> {
    seq: i64,
    at: i64,
    agency: Option<&'r str>,
    actor: &'r str,
    action: &'r str,
    result: Option<&'r str>,
    detail: &'r str,
    previous: &'r [u8],
}

impl Links<'_> {
    /// SHA-256 over the fields, each behind its length, so that none flows into the next; a field
    /// without a value has a length that no text has.
    fn hash(&self) -> [u8; 32] {
        let mut digest = Sha256::new();
        for field in [
            Some(self.previous),
            Some(&self.seq.to_be_bytes()[..]),
            Some(&self.at.to_be_bytes()[..]),
            self.agency.map(str::as_bytes),
            Some(self.actor.as_bytes()),
            Some(self.action.as_bytes()),
            self.result.map(str::as_bytes),
            Some(self.detail.as_bytes()),
        ] {
            let length = field.map_or(u64::MAX, |field| field.len() as u64);
            digest.update(length.to_be_bytes());
            digest.update(field.unwrap_or_default());
        }
        digest.finalize().into()
    }
}

impl Tx {
    /// Records an act.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn audit(&mut self, entry: &AuditEntry) -> Result<(), DatabaseError> {
        let last = sqlx::query("SELECT seq, hash FROM audit ORDER BY seq DESC LIMIT 1")
            .fetch_optional(&mut *self.inner)
            .await?;
        let (seq, previous) = match last {
            Some(row) => (row.integer("seq")? + 1, row.bytes32("hash")?),
            None => (1, [0; 32]),
        };
        let agency = entry.agency.map(|id| id.to_string());
        let result = entry.result.map(|id| id.to_string());
        let (actor, detail) = (entry.actor.to_string(), entry.detail.to_string());
        let links = Links {
            seq,
            at: millis(entry.at),
            agency: agency.as_deref(),
            actor: &actor,
            action: entry.action,
            result: result.as_deref(),
            detail: &detail,
            previous: &previous,
        };
        sqlx::query(
            "INSERT INTO audit (seq, at, agency_id, actor, action, result_id, detail, previous, \
             hash) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
        )
        .bind(seq)
        .bind(links.at)
        .bind(&agency)
        .bind(&actor)
        .bind(entry.action)
        .bind(&result)
        .bind(&detail)
        .bind(&previous[..])
        .bind(&links.hash()[..])
        .execute(&mut *self.inner)
        .await?;
        Ok(())
    }
}

fn audit_row(row: &SqliteRow) -> Result<AuditRow, DatabaseError> {
    Ok(AuditRow {
        seq: row.integer("seq")?,
        at: from_millis(row.integer("at")?).ok_or(DatabaseError::Malformed("at"))?,
        actor: row.parsed("actor")?,
        action: row.text("action")?,
        detail: row.json("detail")?,
    })
}

impl Database {
    /// What was done to a result, the oldest first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn audit_of(&self, result: ResultId) -> Result<Vec<AuditRow>, DatabaseError> {
        let rows = sqlx::query("SELECT * FROM audit WHERE result_id = $1 ORDER BY seq")
            .bind(result.to_string())
            .fetch_all(&self.reader)
            .await?;
        rows.iter().map(audit_row).collect()
    }

    /// What was done to a result, each act with its place in the chain, the oldest first.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn audit_links_of(&self, result: ResultId) -> Result<Vec<AuditLink>, DatabaseError> {
        let rows = sqlx::query("SELECT * FROM audit WHERE result_id = $1 ORDER BY seq")
            .bind(result.to_string())
            .fetch_all(&self.reader)
            .await?;
        let link = |row: &SqliteRow| {
            Ok(AuditLink {
                row: audit_row(row)?,
                previous: row.blob("previous")?,
                hash: row.blob("hash")?,
            })
        };
        rows.iter().map(link).collect()
    }

    /// What became of a result, the oldest first: its acts without the many readings.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn story_of(&self, result: ResultId) -> Result<Vec<AuditRow>, DatabaseError> {
        let rows = sqlx::query(
            "SELECT * FROM audit WHERE result_id = $1 AND action IN ('received', 'approved', \
             'returned', 'signing', 'stored', 'released', 'held', 'retried', 'relinked', \
             'replaced', 'withdrawn', 'level_raised', 'level_not_raised') ORDER BY seq",
        )
        .bind(result.to_string())
        .fetch_all(&self.reader)
        .await?;
        rows.iter().map(audit_row).collect()
    }

    /// Whether the same act was recorded since a time: by whomever and whenever, but with the same
    /// agency, result and detail, or none where `entry` has none.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn is_audited_since(
        &self,
        entry: &AuditEntry,
        since: OffsetDateTime,
    ) -> Result<bool, DatabaseError> {
        let row = sqlx::query(
            "SELECT 1 FROM audit WHERE action = $1 AND at >= $2 \
             AND agency_id IS NOT DISTINCT FROM $3 \
             AND result_id IS NOT DISTINCT FROM $4 AND detail = $5 LIMIT 1",
        )
        .bind(entry.action)
        .bind(millis(since))
        .bind(entry.agency.map(|id| id.to_string()))
        .bind(entry.result.map(|id| id.to_string()))
        .bind(entry.detail.to_string())
        .fetch_optional(&self.reader)
        .await?;
        Ok(row.is_some())
    }

    /// Walks the whole chain.
    ///
    /// # Errors
    /// [`DatabaseError`] when it cannot be read; a broken chain is no error but a finding.
    pub async fn audit_verify(&self) -> Result<AuditSummary, DatabaseError> {
        let mut summary = AuditSummary {
            rows: 0,
            broken_at: None,
            head: [0; 32],
        };
        let mut after = 0;
        loop {
            let rows = sqlx::query("SELECT * FROM audit WHERE seq > $1 ORDER BY seq LIMIT 1000")
                .bind(after)
                .fetch_all(&self.reader)
                .await?;
            if rows.is_empty() {
                return Ok(summary);
            }
            for row in &rows {
                after = row.integer("seq")?;
                let (hash, previous) = (row.blob("hash")?, row.blob("previous")?);
                let fits = hash_of(row)?[..] == hash
                    && previous == summary.head
                    && u64::try_from(after).is_ok_and(|seq| seq == summary.rows + 1);
                if !fits && summary.broken_at.is_none() {
                    summary.broken_at = Some(after);
                }
                summary.rows += 1;
                // A hash of another length fits nothing, and nothing fits it.
                summary.head = hash.try_into().unwrap_or_default();
            }
        }
    }
}

fn hash_of(row: &SqliteRow) -> Result<[u8; 32], DatabaseError> {
    let (agency, result) = (row.text_option("agency_id")?, row.text_option("result_id")?);
    Ok(Links {
        seq: row.integer("seq")?,
        at: row.integer("at")?,
        agency: agency.as_deref(),
        actor: &row.text("actor")?,
        action: &row.text("action")?,
        result: result.as_deref(),
        detail: &row.text("detail")?,
        previous: &row.blob("previous")?,
    }
    .hash())
}
