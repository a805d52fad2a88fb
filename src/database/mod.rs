//! The database: the only place that knows SQL. A file for each family of tables; reads are
//! functions of [`Database`], writes of [`Tx`], so that what belongs together commits together.
//!
//! SQLite stands behind this face: one writer that begins with `BEGIN IMMEDIATE` (a reader that
//! turns writer would get BUSY without waiting), readers beside it, WAL, `synchronous=FULL`. The
//! SQL is written so that PostgreSQL can stand behind the same face.

mod agencies;
mod alarms;
mod api_keys;
mod appearances;
mod audit;
mod dossiers;
mod files;
mod grants;
mod idempotency;
mod identities;
mod installation;
mod intents;
mod invariants;
mod leases;
mod login_clients;
mod misses;
mod officers;
mod permit;
mod portals;
mod raises;
mod results;
mod revocation_answers;
mod row;
mod sessions;
mod throttle;
mod uploads;

use std::path::Path;
use std::time::Duration;

use sqlx::migrate::Migrate as _;
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Sqlite, Transaction};
use thiserror::Error;

pub use agencies::AgencyRow;
pub use alarms::{AlarmRow, Tried};
pub use api_keys::ApiKeyRow;
pub(crate) use appearances::AppearanceHoldings;
pub use appearances::{MarkTemplateRow, SealImageRow};
pub use audit::{Actor, AuditEntry, AuditLink, AuditRow, AuditSummary};
pub use dossiers::{DossierRow, NewDossier, StatusRow};
pub use files::{FileRow, RevisionRow};
pub use grants::{GateRow, GrantFile, GrantRow, NewGrant};
pub use idempotency::{Claim, Claimed};
pub use identities::IdentityRow;
pub use intents::{IntentOutcome, NewIntent};
pub use invariants::ExaminedRow;
pub use officers::OfficerRow;
pub use permit::{GrantRead, ReadPermit, ReadReason, StoredObject};
pub use portals::PortalRow;
pub use raises::{RaiseRow, Unrenewed};
pub use results::{NewResult, ResultFilter, ResultRow, Step};
pub use revocation_answers::RevocationAnswerRow;
pub use sessions::SessionRow;
pub use throttle::{Charge, RetryAfterMs};

/// Why the database did not do what it was asked.
#[derive(Debug, Error)]
pub enum DatabaseError {
    /// A row with that key stands already.
    #[error("it is there already")]
    Conflict,
    /// A row that this one belongs to is not there.
    #[error("what it belongs to is not there")]
    Orphan,
    /// A column holds what it never should: somebody else wrote it.
    #[error("the column {0} is malformed")]
    Malformed(&'static str),
    /// The database is out of reach, full or locked for too long.
    #[error("the database is unavailable")]
    Unavailable(#[source] sqlx::Error),
    /// The schema is newer or other than this program's.
    #[error("the database's schema does not fit: {0}")]
    Schema(#[from] sqlx::migrate::MigrateError),
}

impl From<sqlx::Error> for DatabaseError {
    fn from(error: sqlx::Error) -> Self {
        match error
            .as_database_error()
            .map(sqlx::error::DatabaseError::kind)
        {
            Some(sqlx::error::ErrorKind::UniqueViolation) => Self::Conflict,
            Some(sqlx::error::ErrorKind::ForeignKeyViolation) => Self::Orphan,
            _ => Self::Unavailable(error),
        }
    }
}

/// A handle on the database; cheap to clone.
#[derive(Clone, Debug)]
pub struct Database {
    writer: SqlitePool,
    reader: SqlitePool,
}

/// A write transaction. Dropped without [`Tx::commit`], it never was.
pub struct Tx {
    inner: Transaction<'static, Sqlite>,
}

/// How long a writer waits for another process's.
const BUSY: Duration = Duration::from_secs(10);
/// How long a caller waits for a connection.
const PATIENCE: Duration = Duration::from_secs(15);
const READERS: u32 = 8;

impl Database {
    /// Opens the file, makes it (mode 0600) where there is none. Its tables come by
    /// [`Database::migrate`].
    ///
    /// # Errors
    /// [`DatabaseError::Unavailable`].
    pub async fn open(path: &Path) -> Result<Self, DatabaseError> {
        make_private(path).map_err(|error| DatabaseError::Unavailable(error.into()))?;
        let options = SqliteConnectOptions::new()
            .filename(path)
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY);
        let writer = SqlitePoolOptions::new()
            .max_connections(1)
            .acquire_timeout(PATIENCE)
            .connect_with(options.clone())
            .await?;
        let reader = SqlitePoolOptions::new()
            .max_connections(READERS)
            .acquire_timeout(PATIENCE)
            .connect_with(options.read_only(true))
            .await?;
        Ok(Self { writer, reader })
    }

    /// Brings the tables to this program's version.
    ///
    /// # Errors
    /// [`DatabaseError::Schema`] when the database was made by a newer program.
    pub async fn migrate(&self) -> Result<(), DatabaseError> {
        Ok(MIGRATIONS.run(&self.writer).await?)
    }

    /// Whether there are tables, and they are those of an older program: one that still runs would
    /// lose them if they were brought up to date now.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn is_behind(&self) -> Result<bool, DatabaseError> {
        let mut connection = self.writer.acquire().await?;
        let table = "_sqlx_migrations";
        connection.ensure_migrations_table(table).await?;
        let applied = connection.list_applied_migrations(table).await?;
        let newest = MIGRATIONS.iter().map(|migration| migration.version).max();
        let here = applied.iter().map(|migration| migration.version).max();
        Ok(here.is_some() && here < newest)
    }

    /// Begins to write; others wait until it is committed or dropped.
    ///
    /// # Errors
    /// [`DatabaseError::Unavailable`] when the turn does not come in time.
    pub async fn begin(&self) -> Result<Tx, DatabaseError> {
        let inner = match self.begin_inner().await {
            // SQLite ended a transaction by itself, as it does when the disk is full, and the driver
            // holds it for open ever since.
            Err(sqlx::Error::InvalidSavePointStatement) => {
                self.writer.acquire().await?.close().await?;
                self.begin_inner().await
            }
            begun => begun,
        };
        Ok(Tx { inner: inner? })
    }

    async fn begin_inner(&self) -> Result<Transaction<'static, Sqlite>, sqlx::Error> {
        self.writer.begin_with("BEGIN IMMEDIATE").await
    }

    /// Whether it answers and lets a write begin; whether there is room for it is not tried.
    ///
    /// # Errors
    /// [`DatabaseError::Unavailable`] when it does not.
    pub async fn check(&self) -> Result<(), DatabaseError> {
        sqlx::query("SELECT 1").execute(&self.reader).await?;
        drop(self.begin().await?);
        Ok(())
    }

    /// Ends all connections; what was committed is in the file.
    pub async fn close(&self) {
        self.reader.close().await;
        self.writer.close().await;
    }
}

impl Tx {
    /// Makes it last.
    ///
    /// # Errors
    /// [`DatabaseError::Unavailable`]; then nothing of it was written.
    pub async fn commit(self) -> Result<(), DatabaseError> {
        Ok(self.inner.commit().await?)
    }
}

/// The database holds hashed secrets and sealed codes: its file is its owner's alone from the
/// first byte on, and SQLite gives the files beside it the same mode.
fn make_private(path: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut options = std::fs::OpenOptions::new();
    options
        .write(true)
        .create(true)
        .truncate(false)
        .mode(0o600)
        .open(path)
        .map(drop)
}

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("migrations/sqlite");

#[cfg(test)]
mod tests {
    use super::*;

    /// The writer may have no more pages than it has: what SQLite does then is what it does on a full
    /// disk.
    async fn fill(db: &Database) {
        let pages: i64 = sqlx::query_scalar("PRAGMA page_count")
            .fetch_one(&db.writer)
            .await
            .unwrap();
        let pragma = format!("PRAGMA max_page_count = {pages}");
        sqlx::query(sqlx::AssertSqlSafe(pragma))
            .execute(&db.writer)
            .await
            .unwrap();
    }

    #[tokio::test]
    async fn a_database_that_was_full_takes_writes_again() {
        let folder = tempfile::tempdir().unwrap();
        let db = Database::open(&folder.path().join("trao.db"))
            .await
            .unwrap();
        db.migrate().await.unwrap();
        fill(&db).await;
        let long = "x".repeat(1 << 20);
        let mut tx = db.begin().await.unwrap();
        let refused = tx.set_installation("long", &long).await;
        assert!(matches!(refused, Err(DatabaseError::Unavailable(_))));
        drop(tx);
        for _ in 0..2 {
            let mut tx = db.begin().await.unwrap();
            tx.set_installation("long", &long).await.unwrap();
            tx.commit().await.unwrap();
        }
        assert_eq!(db.installation("long").await.unwrap(), Some(long));
    }
}
