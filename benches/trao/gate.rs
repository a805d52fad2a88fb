//! The gate: a right code, a wrong one; the floor is a keyed digest and one durable transaction with
//! the throttle's statement and an entry.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::atomic::{AtomicU32, Ordering};

use openssl::hash::MessageDigest;
use openssl::pkey::PKey;
use openssl::sign::Signer;
use sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous};
use sqlx::{Executor as _, SqlitePool};
use tokio::runtime::Runtime;
use trao::app::App;
use trao::config::{Rate, Settings};
use trao::dossier::Attempt;

use crate::demonstration::Demonstration;
use crate::{cpu, table};

/// Prints a line for a right code and one for a wrong one.
pub(crate) fn run(runtime: &Runtime) {
    let demonstration = Demonstration::make();
    let app = runtime
        .block_on(App::open(settings(&demonstration)))
        .unwrap();
    let pool = runtime.block_on(floor_pool(&demonstration));
    let floor = cpu::of(|| runtime.block_on(floor_of(&pool)));
    for (job, code) in [
        ("gate, right code", demonstration.code.as_str()),
        ("gate, wrong code", "H99.1-261123-0999"),
    ] {
        let clients = AtomicU32::new(0x0a00_0000);
        let gate = cpu::of(|| {
            // Each asks from an address of its own, so that no bucket is the measure.
            let client = IpAddr::V4(Ipv4Addr::from(clients.fetch_add(256, Ordering::Relaxed)));
            let attempt = Attempt {
                link: &demonstration.link,
                code,
                client,
                key: None,
            };
            let outcome = runtime.block_on(app.gate.release(attempt, app.now()));
            assert_eq!(outcome.is_ok(), code == demonstration.code);
        });
        table::line(
            job,
            gate,
            floor,
            "throttle, look-up, grant, entry: one commit or two",
        );
    }
    runtime.block_on(app.settle());
}

fn settings(demonstration: &Demonstration) -> Settings {
    let wide = Rate {
        burst: 1_000_000,
        every_s: 1,
    };
    let mut settings = Settings {
        data_dir: demonstration.data(),
        ..Settings::default()
    };
    settings.gate.floor_ms = 0;
    for rate in [
        &mut settings.gate.client,
        &mut settings.gate.net,
        &mut settings.gate.client_link,
        &mut settings.gate.link,
        &mut settings.gate.agency_day,
        &mut settings.gate.global,
        &mut settings.gate.distinct,
    ] {
        *rate = wide;
    }
    settings
}

async fn floor_pool(demonstration: &Demonstration) -> SqlitePool {
    let options = SqliteConnectOptions::new()
        .filename(demonstration.folder.path().join("floor.db"))
        .create_if_missing(true)
        .journal_mode(SqliteJournalMode::Wal)
        .synchronous(SqliteSynchronous::Full);
    let pool = SqlitePoolOptions::new()
        .max_connections(1)
        .connect_with(options)
        .await
        .unwrap();
    pool.execute(
        "CREATE TABLE buckets (key BLOB PRIMARY KEY, tat INTEGER NOT NULL) STRICT; \
         CREATE TABLE entries (seq INTEGER PRIMARY KEY, detail TEXT NOT NULL) STRICT",
    )
    .await
    .unwrap();
    pool
}

async fn floor_of(pool: &SqlitePool) {
    let key = PKey::hmac(&[7; 32]).unwrap();
    let mut signer = Signer::new(MessageDigest::sha256(), &key).unwrap();
    signer.update(b"H99.1-261123-0001").unwrap();
    let bucket = signer.sign_to_vec().unwrap();
    let mut tx = pool.begin().await.unwrap();
    sqlx::query(
        "INSERT INTO buckets (key, tat) VALUES ($1, 1) \
         ON CONFLICT (key) DO UPDATE SET tat = tat + 1",
    )
    .bind(bucket)
    .execute(&mut *tx)
    .await
    .unwrap();
    sqlx::query("INSERT INTO entries (detail) VALUES ($1)")
        .bind("released")
        .execute(&mut *tx)
        .await
        .unwrap();
    tx.commit().await.unwrap();
}
