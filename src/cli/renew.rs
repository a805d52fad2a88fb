//! `trao renew`: raises and renews what the service has stored, now.

use clap::Args;
use fluent_bundle::FluentArgs;
use serde_json::json;
use time::Duration;

use super::evidence_options::LevelName;
use super::failure::{self, Failure};
use super::service::ServiceOptions;
use super::terminal;
use crate::app::App;
use crate::http::texts::Texts;
use crate::pades::Level;
use crate::publication::{FellShort, RENEWED_AHEAD};

/// Raises stored results to their level and renews their archive time-stamps
#[derive(Args)]
#[command(
    after_help = "The service does this by itself, 90 days before the authority's certificates end. \
    By hand it is\nfor an earlier renewal, or for results that were sealed when the level was lower.\
    \n\nExample:\n  trao renew --within 365\n  trao renew --level lta"
)]
pub(super) struct Renew {
    #[command(flatten)]
    service: ServiceOptions,

    /// Take up what would be due within so many days
    #[arg(long, value_name = "DAYS", default_value_t = 0)]
    within: u16,

    /// Raise every stored result to this level, whatever its identity's policy was, and renew every
    /// archive time-stamp
    #[arg(long, value_enum)]
    level: Option<LevelName>,

    /// Prints one line of JSON
    #[arg(long)]
    json: bool,
}

impl Renew {
    pub(super) async fn run(self) -> Result<(), Failure> {
        let app = App::open(self.service.existing()?).await?;
        self.plan(&app).await?;
        let (mut due, mut short) = (0, Vec::new());
        loop {
            let outcome = app
                .publication
                .raise_due()
                .await
                .map_err(|error| Failure::new("unavailable", error.to_string()))?;
            if outcome.due == 0 {
                break;
            }
            due += outcome.due;
            short.extend(outcome.short);
        }
        app.settle().await;
        let done = due - short.len();
        let failures = short.iter().map(failure);
        failures.for_each(|failure| terminal::note(&failure.line()));
        let line = if self.json {
            let short = short
                .iter()
                .map(|short| json!({ "result": short.result, "code": short.code }));
            json!({ "due": due, "done": done, "short": short.collect::<Vec<_>>() }).to_string()
        } else {
            told(done, due)
        };
        let verdict = if done < due {
            Err(Failure::some(short.len(), due))
        } else {
            Ok(())
        };
        terminal::ended(terminal::say(&line), verdict)
    }

    async fn plan(&self, app: &App) -> Result<(), Failure> {
        let now = app.now();
        let mut tx = app.db.begin().await?;
        if let Some(level) = self.level {
            tx.plan_all_raises(Level::from(level).as_str(), now).await?;
        }
        if self.within > 0 {
            let until = now + Duration::days(self.within.into());
            tx.hasten_raises(now, until, until + RENEWED_AHEAD).await?;
        }
        Ok(tx.commit().await?)
    }
}

/// How many results of those that were due are where they should be.
fn told(done: usize, due: usize) -> String {
    let id = if due == 0 { "renew-none" } else { "renew-done" };
    let mut values = FluentArgs::new();
    values.set("done", done.to_string());
    values.set("due", due.to_string());
    let told = Texts::shipped().filled(failure::language(), id, &values);
    terminal::line(&told)
}

/// Why a result is not where it should be.
fn failure(short: &FellShort) -> Failure {
    Failure::new(short.code, short.detail.clone()).about(short.result.to_string())
}
