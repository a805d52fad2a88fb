//! The database's face: what is committed lasts, the record of acts holds, nothing is read without
//! its entry, and no database is used without its keys.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use serde_json::json;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tokio::task::JoinSet;
use trao::app::{Foundation, StartError};
use trao::config::Settings;
use trao::database::{
    Actor, AuditEntry, Database, DatabaseError, ReadPermit, ReadReason, StoredObject,
};
use trao::model::{AgencyId, ObjectKey, ResultId, Sha256Digest};
use trao::secrets::KeyRing;

use crate::support::keeping::Keeping;
use crate::support::pki::NOW;
use crate::support::service::whenever;

const RESULT: [u8; 16] = [5; 16];

fn entry(action: &'static str) -> AuditEntry {
    AuditEntry {
        at: NOW,
        agency: None,
        actor: Actor::Service,
        action,
        result: Some(ResultId::from_bytes(RESULT)),
        detail: json!({ "n": 1 }),
    }
}

async fn record(db: &Database, action: &'static str) {
    let mut tx = db.begin().await.unwrap();
    tx.audit(&entry(action)).await.unwrap();
    tx.commit().await.unwrap();
}

/// A connection that goes round the face, as whoever has the file may.
async fn intruder(keeping: &Keeping) -> SqlitePool {
    let path = keeping.folder.path().join("trao.db");
    let options = SqliteConnectOptions::new().filename(path);
    SqlitePool::connect_with(options).await.unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn the_database_and_the_files_beside_it_are_their_owners_alone() {
    let keeping = Keeping::new().await;
    record(&keeping.db, "received").await;
    for name in ["trao.db", "trao.db-wal", "trao.db-shm"] {
        assert_eq!(mode(&keeping.folder.path().join(name)), 0o600, "{name}");
    }
}

#[tokio::test]
async fn what_was_not_committed_never_was() {
    let keeping = Keeping::new().await;
    let mut tx = keeping.db.begin().await.unwrap();
    tx.audit(&entry("received")).await.unwrap();
    tx.set_installation("name", "value").await.unwrap();
    drop(tx);
    assert_eq!(keeping.db.audit_verify().await.unwrap().rows, 0);
    assert_eq!(keeping.db.installation("name").await.unwrap(), None);
    assert!(keeping.db.is_fresh().await.unwrap());
}

#[tokio::test]
async fn what_was_committed_is_there_when_the_file_is_opened_again() {
    let keeping = Keeping::new().await;
    record(&keeping.db, "received").await;
    keeping.db.close().await;
    let path = keeping.folder.path().join("trao.db");
    let again = Database::open(&path).await.unwrap();
    again.migrate().await.unwrap();
    again.check().await.unwrap();
    let acts = again.audit_of(ResultId::from_bytes(RESULT)).await.unwrap();
    assert_eq!(acts.len(), 1);
    let act = &acts[0];
    assert_eq!((act.seq, act.at, act.actor), (1, NOW, Actor::Service));
    assert_eq!(
        (act.action.as_str(), &act.detail),
        ("received", &json!({ "n": 1 }))
    );
}

#[tokio::test]
async fn a_database_of_a_newer_program_is_refused() {
    let keeping = Keeping::new().await;
    let newer = "INSERT INTO _sqlx_migrations (version, description, success, checksum, \
                 execution_time) VALUES (9999, 'later', 1, x'00', 0)";
    sqlx::query(newer)
        .execute(&intruder(&keeping).await)
        .await
        .unwrap();
    let refused = keeping.db.migrate().await;
    assert!(
        matches!(refused, Err(DatabaseError::Schema(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_row_is_there_once_and_belongs_to_one_that_is_there() {
    let keeping = Keeping::new().await;
    let id = keeping.agency().await;
    let row = keeping.db.agency(id).await.unwrap().unwrap();
    let mut tx = keeping.db.begin().await.unwrap();
    let twice = tx.insert_agency(&row).await;
    assert!(matches!(twice, Err(DatabaseError::Conflict)), "{twice:?}");
    let mut orphan = row;
    orphan.id = AgencyId::from_bytes([1; 16]);
    orphan.parent = Some(AgencyId::from_bytes([2; 16]));
    let orphaned = tx.insert_agency(&orphan).await;
    assert!(
        matches!(orphaned, Err(DatabaseError::Orphan)),
        "{orphaned:?}"
    );
}

/// Two handles are two instances: each reads the chain's head and writes the next link.
#[tokio::test(flavor = "multi_thread")]
async fn writers_of_two_instances_wait_for_each_other() {
    let keeping = Keeping::new().await;
    let path = keeping.folder.path().join("trao.db");
    let other = Database::open(&path).await.unwrap();
    let mut tasks = JoinSet::new();
    for index in 0..60 {
        let db = if index % 2 == 0 { &keeping.db } else { &other }.clone();
        tasks.spawn(async move { record(&db, "received").await });
    }
    tasks.join_all().await;
    let summary = keeping.db.audit_verify().await.unwrap();
    assert_eq!((summary.rows, summary.broken_at), (60, None));
}

#[tokio::test]
async fn the_record_of_acts_cannot_be_changed_or_shortened_by_a_statement() {
    let keeping = Keeping::new().await;
    record(&keeping.db, "received").await;
    let intruder = intruder(&keeping).await;
    for statement in ["UPDATE audit SET at = 0", "DELETE FROM audit"] {
        let refused = sqlx::query(statement).execute(&intruder).await;
        assert!(refused.is_err(), "{statement}");
    }
}

/// Whoever takes the triggers away first is found out by the chain: five rows, the third touched.
#[tokio::test]
async fn a_row_that_is_changed_taken_out_or_put_in_breaks_the_chain() {
    const COPY: &str = "INSERT INTO audit SELECT seq + 3, at, agency_id, actor, action, \
                        result_id, detail, previous, hash FROM audit WHERE seq = 3";
    for (tampering, broken_at) in [
        ("UPDATE audit SET at = at + 1 WHERE seq = 3", 3),
        ("UPDATE audit SET agency_id = '' WHERE seq = 3", 3),
        ("UPDATE audit SET actor = 'operator' WHERE seq = 3", 3),
        ("UPDATE audit SET action = 'read' WHERE seq = 3", 3),
        ("UPDATE audit SET result_id = NULL WHERE seq = 3", 3),
        ("UPDATE audit SET detail = '{}' WHERE seq = 3", 3),
        ("UPDATE audit SET previous = zeroblob(32) WHERE seq = 3", 3),
        ("UPDATE audit SET hash = zeroblob(32) WHERE seq = 3", 3),
        ("UPDATE audit SET hash = x'' WHERE seq = 3", 3),
        ("UPDATE audit SET seq = 9 WHERE seq = 3", 4),
        ("DELETE FROM audit WHERE seq = 3", 4),
        ("DELETE FROM audit WHERE seq = 1", 2),
        (COPY, 6),
    ] {
        let keeping = Keeping::new().await;
        for action in ["received", "approved", "signing", "stored", "released"] {
            record(&keeping.db, action).await;
        }
        assert_eq!(keeping.db.audit_verify().await.unwrap().broken_at, None);
        let intruder = intruder(&keeping).await;
        for trigger in ["audit_is_never_changed", "audit_is_never_shortened"] {
            let drop = sqlx::AssertSqlSafe(format!("DROP TRIGGER {trigger}"));
            sqlx::query(drop).execute(&intruder).await.unwrap();
        }
        let done = sqlx::query(tampering).execute(&intruder).await.unwrap();
        assert_eq!(done.rows_affected(), 1, "{tampering}");
        let summary = keeping.db.audit_verify().await.unwrap();
        assert_eq!(summary.broken_at, Some(broken_at), "{tampering}");
    }
}

/// The chain alone does not see that its end is missing; who kept the head elsewhere does.
#[tokio::test]
async fn a_record_cut_short_has_another_head() {
    let keeping = Keeping::new().await;
    record(&keeping.db, "received").await;
    record(&keeping.db, "approved").await;
    let kept = keeping.db.audit_verify().await.unwrap();
    let intruder = intruder(&keeping).await;
    for statement in [
        "DROP TRIGGER audit_is_never_shortened",
        "DELETE FROM audit WHERE seq = 2",
    ] {
        sqlx::query(statement).execute(&intruder).await.unwrap();
    }
    let cut = keeping.db.audit_verify().await.unwrap();
    assert_eq!((cut.rows, cut.broken_at), (1, None));
    assert_ne!(cut.head, kept.head);
}

async fn permit(db: &Database) -> Result<ReadPermit, DatabaseError> {
    let (result, sha256) = (ResultId::from_bytes(RESULT), Sha256Digest::of(b"%PDF"));
    let object = StoredObject {
        key: ObjectKey::sealed(result, 1, &sha256),
        sha256,
        len: 4,
    };
    db.permit(object, ReadReason::AgencyCopy, &entry("file_read"))
        .await
}

#[tokio::test]
async fn a_permit_to_read_is_on_record_before_it_is_given() {
    let keeping = Keeping::new().await;
    let permit = permit(&keeping.db).await.unwrap();
    let acts = keeping
        .db
        .audit_of(ResultId::from_bytes(RESULT))
        .await
        .unwrap();
    assert_eq!(acts.len(), 1);
    assert_eq!(
        acts[0].detail,
        json!({ "n": 1, "reason": "agency_copy", "object": permit.object().key.as_str() })
    );
}

#[tokio::test]
async fn without_its_entry_there_is_no_permit() {
    let keeping = Keeping::new().await;
    let no_more = "CREATE TRIGGER full BEFORE INSERT ON audit \
                   BEGIN SELECT RAISE(ABORT, 'the disk is full'); END";
    sqlx::query(no_more)
        .execute(&intruder(&keeping).await)
        .await
        .unwrap();
    assert!(permit(&keeping.db).await.is_err());
}

fn settings(folder: &Path) -> Settings {
    Settings {
        data_dir: folder.to_owned(),
        ..Settings::default()
    }
}

async fn refusal(settings: &Settings) -> StartError {
    match Foundation::open(settings.clone(), whenever()).await {
        Ok(_) => panic!("it was opened"),
        Err(error) => error,
    }
}

#[tokio::test]
async fn a_database_is_refused_without_its_keys_or_with_others_and_never_keyed_anew() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("storage");
    let settings = settings(&data);
    let keys = settings.keys_file();
    let first = Foundation::open(settings.clone(), whenever())
        .await
        .unwrap();
    let fingerprint = first.keys.fingerprint();
    first.db.close().await;
    assert_eq!((mode(&data), mode(&keys)), (0o700, 0o600));

    let aside = folder.path().join("keys.aside");
    fs::rename(&keys, &aside).unwrap();
    assert!(matches!(
        refusal(&settings).await,
        StartError::KeysMissing(_)
    ));
    assert!(!keys.exists(), "no new key ring in silence");

    KeyRing::generate().write_new(&keys).unwrap();
    assert!(matches!(
        refusal(&settings).await,
        StartError::KeysForeign(_)
    ));

    fs::rename(&aside, &keys).unwrap();
    let again = Foundation::open(settings.clone(), whenever())
        .await
        .unwrap();
    assert_eq!(again.keys.fingerprint(), fingerprint);
    again.db.close().await;

    // The database was lost, or another path is in the configuration.
    let elsewhere = folder.path().join("database.aside");
    fs::rename(settings.database_file(), &elsewhere).unwrap();
    assert!(matches!(
        refusal(&settings).await,
        StartError::DatabaseMissing(_)
    ));
    assert!(
        !settings.database_file().exists(),
        "none is made in silence"
    );
    fs::write(settings.database_file(), "").unwrap();
    assert!(matches!(
        refusal(&settings).await,
        StartError::DatabaseMissing(_)
    ));
    fs::rename(&elsewhere, settings.database_file()).unwrap();
    assert!(Foundation::open(settings, whenever()).await.is_ok());
}

/// A program that is newer than the one that runs takes nobody's tables away: that is asked for by
/// name.
#[tokio::test]
async fn tables_of_an_older_program_are_left_alone_until_they_are_migrated() {
    let folder = tempfile::tempdir().unwrap();
    let settings = settings(&folder.path().join("storage"));
    let first = Foundation::open(settings.clone(), whenever())
        .await
        .unwrap();
    first.db.close().await;
    let options = SqliteConnectOptions::new().filename(settings.database_file());
    let intruder = SqlitePool::connect_with(options).await.unwrap();
    let newest = "DELETE FROM _sqlx_migrations WHERE version = \
                  (SELECT max(version) FROM _sqlx_migrations)";
    sqlx::query(newest).execute(&intruder).await.unwrap();
    intruder.close().await;
    assert!(matches!(refusal(&settings).await, StartError::SchemaBehind));
}

/// PostgreSQL is to stand behind the same statements.
#[test]
fn statements_keep_to_what_sqlite_and_postgresql_have_in_common() {
    const ONLY_SQLITE: &[&str] = &[
        "PRAGMA",
        "INSERT OR ",
        "REPLACE INTO",
        "AUTOINCREMENT",
        "rowid",
        "last_insert_rowid",
        "datetime(",
        "strftime(",
        "unixepoch(",
        "julianday(",
        "json_extract(",
        "json_each(",
        "ifnull(",
        "iif(",
        "total(",
        "GLOB",
        "INDEXED BY",
        "hex(",
        "zeroblob(",
        "?1",
        "= ?",
        "(?",
        ", ?",
    ];
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/database");
    let mut wrong = Vec::new();
    for file in fs::read_dir(folder).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        // What stands in unit tests is said to SQLite alone.
        let said = text.split("#[cfg(test)]").next().unwrap_or_default();
        let statements = said
            .lines()
            .filter(|line| line.contains('"') || line.trim_end().ends_with('\\'));
        for line in statements.filter(|line| !line.trim_start().starts_with("//")) {
            let found = ONLY_SQLITE.iter().find(|word| line.contains(*word));
            wrong.extend(found.map(|word| format!("{}: {word}", path.display())));
        }
    }
    assert!(
        wrong.is_empty(),
        "SQLite alone knows:\n{}",
        wrong.join("\n")
    );
}
