//! `trao doctor`: is everything as it should be?

mod identities;
mod keys;
mod results;

use clap::Args;
use serde_json::json;
use time::{Date, Duration, OffsetDateTime};

use super::failure::Failure;
use super::service::ServiceOptions;
use super::terminal;
use crate::app::{App, StartError};
use crate::database::Database;
use crate::model::in_viet_nam;
use crate::publication::{Flaw, ObjectsRead, Remaining};
use crate::sealing::Sealing;

/// Looks at database, record, archive, results, identities and keys, and says what is wrong
#[derive(Args)]
#[command(
    after_help = "Every result is looked at, and every stored object that counts is read, unless \
    --objects says\notherwise. The exit status is 0 only when nothing is wrong.\n\n\
    Example:\n  trao doctor --config /etc/trao/trao.toml\n  trao doctor --objects 1000 --json"
)]
pub(super) struct Doctor {
    #[command(flatten)]
    service: ServiceOptions,

    /// How many stored objects are read and compared with their digests: all, none, or so many,
    /// drawn anew each time
    #[arg(long, value_name = "all|none|N", default_value = "all", value_parser = results::objects)]
    objects: ObjectsRead,

    /// A line of JSON for each check
    #[arg(long)]
    json: bool,
}

/// What one check found.
struct Check {
    name: &'static str,
    /// What is wrong; nothing where all is well.
    wrong: Option<String>,
    /// What is worth knowing and no fault.
    note: Option<String>,
    /// What is wrong with which result.
    flaws: Vec<Flaw>,
}

impl Check {
    fn of(name: &'static str, wrong: Option<String>) -> Self {
        Self {
            name,
            wrong,
            note: None,
            flaws: Vec::new(),
        }
    }

    fn noting(self, note: Option<String>) -> Self {
        Self { note, ..self }
    }
}

impl Doctor {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let checks = match App::open_to_look(self.service.existing()?).await {
            Ok(app) => {
                let checks = vec![
                    database(&app.db).await,
                    record(&app.db).await,
                    archive(&app).await,
                    results::check(&app, self.objects).await,
                    renewals(&app.db).await,
                    identities::check(&app).await,
                    keys::check(&app.db, app.now()).await,
                    proxies(&app).await,
                    readers(),
                ];
                app.settle().await;
                checks
            }
            Err(error) => self.without_service(error).await?,
        };
        let failed = checks.iter().filter(|check| check.wrong.is_some()).count();
        let mut said = Ok(());
        for check in &checks {
            said = said.and(self.print(check));
        }
        let verdict = if failed > 0 {
            Err(Failure::some(failed, checks.len()))
        } else {
            Ok(())
        };
        terminal::ended(said, verdict)
    }

    /// What can be told of a service that does not start.
    async fn without_service(&self, error: StartError) -> Result<Vec<Check>, Failure> {
        let name = match &error {
            StartError::Archive(_) => "archive",
            StartError::File { .. } => "settings",
            _ => return Err(error.into()),
        };
        let foundation = self.service.open().await?;
        let checks = vec![
            database(&foundation.db).await,
            record(&foundation.db).await,
            Check::of(name, Some(error.to_string())),
        ];
        foundation.db.close().await;
        Ok(checks)
    }

    fn print(&self, check: &Check) -> Result<(), Failure> {
        let line = if self.json {
            let ok = check.wrong.is_none();
            let flaws = results::told(&check.flaws);
            let line = json!({
                "check": check.name, "ok": ok, "wrong": check.wrong, "note": check.note,
                "flaws": flaws,
            });
            line.to_string()
        } else {
            let verdict = check.wrong.as_deref().unwrap_or("ok");
            let note = check
                .note
                .as_deref()
                .map(|note| format!(" ({note})"))
                .unwrap_or_default();
            let flaws: String = check.flaws.iter().map(results::line).collect();
            format!("{:<12}{verdict}{note}{flaws}", check.name)
        };
        terminal::say(&line)
    }
}

async fn database(db: &Database) -> Check {
    Check::of(
        "database",
        db.check().await.err().map(|error| error.to_string()),
    )
}

async fn record(db: &Database) -> Check {
    let wrong = match db.audit_verify().await {
        Ok(summary) => summary
            .broken_at
            .map(|seq| format!("the chain breaks at entry {seq}")),
        Err(error) => Some(error.to_string()),
    };
    Check::of("record", wrong)
}

/// A store that overwrites is no fault of ours to mend, but worth knowing: names are never used
/// twice, and what was written is read back.
async fn archive(app: &App) -> Check {
    match app.archive.probe().await {
        Ok(found) => Check::of("archive", None)
            .noting((!found.write_once).then(|| "this store overwrites what stands".to_owned())),
        Err(error) => Check::of("archive", Some(error.to_string())),
    }
}

/// An archive time-stamp that nobody renews ends unseen, years later. What can take nothing more
/// has its entry in the record, and is worth knowing.
async fn renewals(db: &Database) -> Check {
    let found = match db.unrenewed().await {
        Ok(found) => found,
        Err(error) => return Check::of("renewals", Some(error.to_string())),
    };
    let files = |count: u64| match count {
        1 => "1 file with an archive time-stamp".to_owned(),
        more => format!("{more} files with archive time-stamps"),
    };
    let wrong = (found.unplanned > 0).then(|| {
        let files = files(found.unplanned);
        format!("no renewal is planned for {files}: run `trao renew --level lta`")
    });
    let note = (found.given_up > 0).then(|| {
        let files = files(found.given_up);
        format!("{files} can take nothing more: `trao renew --level lta` tries it again")
    });
    Check::of("renewals", wrong).noting(note)
}

/// A kernel without Landlock is no fault of the installation, but worth knowing.
fn readers() -> Check {
    let alone = "no Landlock here: a list of system calls confines them alone";
    Check::of("readers", None).noting((!Sealing::has_landlock()).then(|| alone.to_owned()))
}

/// In the last day: what was mended since is forgotten by tomorrow.
async fn proxies(app: &App) -> Check {
    let wrong = match app.unknown_proxy_seen().await {
        Ok(seen) => seen
            .filter(|&seen| seen > app.now() - Duration::days(1))
            .map(|seen| {
                format!(
                    "X-Forwarded-For from a peer that is not in proxies.trusted, at {}",
                    in_viet_nam(seen)
                )
            }),
        Err(error) => Some(error.to_string()),
    };
    Check::of("proxies", wrong)
}

/// When something ends: on a day, and in the last one to the minute.
fn end(at: OffsetDateTime, now: OffsetDateTime) -> String {
    match Remaining::of(at, now) {
        Remaining::Day => {
            let local = in_viet_nam(at);
            let (hour, minute) = (local.hour(), local.minute());
            let day = local.date();
            format!("within a day, on {day} at {hour:02}:{minute:02} in Viet Nam")
        }
        _ => format!("on {}", day(at)),
    }
}

/// The day of a moment in Viet Nam.
fn day(at: OffsetDateTime) -> Date {
    in_viet_nam(at).date()
}

fn listed(lines: &[String]) -> Option<String> {
    (!lines.is_empty()).then(|| lines.join(", "))
}
