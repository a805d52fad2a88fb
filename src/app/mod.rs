//! The composition root: settings become working parts here, and the clock is read here alone.

mod clock;
mod evidence;
mod foundation;
mod installation;
mod proxy_watch;

use std::path::PathBuf;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use time::OffsetDateTime;
use tokio::sync::Mutex;
use tokio::time::{Instant, MissedTickBehavior, timeout_at};
use tokio_util::sync::CancellationToken;

pub use clock::{clock, now};
pub use evidence::evidence;
pub use foundation::{Foundation, StartError, anchors, migrate, private_folder};
pub use installation::{Emblem, Installation};

use crate::account::Accounts;
use crate::archive::Archive;
use crate::config::{ArchiveKind, Settings};
use crate::database::{Database, DatabaseError};
use crate::dossier::Gate;
use crate::model::{Clock, IdentityId};
use crate::publication::{Identities, Publication, PublicationParts, PublicationSettings};
use crate::sealing::{ReaderSettings, Sealing};
use crate::secrets::KeyRing;
use crate::telemetry;
use proxy_watch::ProxyWatch;

/// With a lease of twenty seconds, what a crash left is taken up again within thirty.
const SWEEP_EVERY: Duration = Duration::from_secs(10);
const TURNS_OF_AN_HOUR: u32 = 360;
const RAISE_EVERY: Duration = Duration::from_mins(1);

/// What closing the database has for itself, where all else used up the time of the stop.
const CLOSING_LASTS: Duration = Duration::from_secs(1);

/// How long a look at the parts is good for whoever asks.
const READINESS_LASTS: Duration = Duration::from_secs(5);

/// What `/readyz` tells.
#[derive(Clone, Debug)]
pub struct Readiness {
    /// The database answers and lets writes begin.
    pub database: bool,
    /// The archive answers.
    pub archive: bool,
    /// Identities that may not sign, and why; they hold their own results and nobody else's.
    pub unfit_identities: Vec<(IdentityId, &'static str)>,
}

/// The service's working parts.
pub struct App {
    /// The settings.
    pub settings: Settings,
    /// The rows.
    pub db: Database,
    /// The keys that guard them.
    pub keys: Arc<KeyRing>,
    /// Officers, programs, portals.
    pub accounts: Accounts,
    /// The objects.
    pub archive: Archive,
    /// What reads, seals and verifies PDFs.
    pub sealing: Sealing,
    /// The agencies' signing identities.
    pub identities: Identities,
    /// What guards the files.
    pub gate: Gate,
    /// The flow of results.
    pub publication: Publication,
    /// Who runs the service.
    pub installation: Arc<Installation>,
    clock: Clock,
    proxy_watch: ProxyWatch,
    /// When a stop that was begun waits no longer.
    stop_at: OnceLock<Instant>,
    readiness: Mutex<Option<(Instant, Readiness)>>,
}

impl App {
    /// Puts the service together. `settings.listen` must name the port that people will use: links
    /// are made of it where no `public_url` is set.
    ///
    /// # Errors
    /// [`StartError`]: nothing runs then.
    pub async fn open(settings: Settings) -> Result<Arc<Self>, StartError> {
        Self::open_with(settings, clock(), this_program()).await
    }

    /// The same for somebody who looks what is wrong: an identity that cannot be used stops nothing.
    ///
    /// # Errors
    /// [`StartError`], of all else.
    pub async fn open_to_look(settings: Settings) -> Result<Arc<Self>, StartError> {
        Self::put_together(settings, clock(), this_program()).await
    }

    /// The same with another clock, and another program for the children that read PDFs.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn open_with(
        settings: Settings,
        clock: Clock,
        executable: PathBuf,
    ) -> Result<Arc<Self>, StartError> {
        let app = Self::put_together(settings, clock, executable).await?;
        app.identities.load().await?;
        Ok(app)
    }

    async fn put_together(
        settings: Settings,
        clock: Clock,
        executable: PathBuf,
    ) -> Result<Arc<Self>, StartError> {
        let Foundation {
            settings,
            db,
            keys,
            accounts,
        } = Foundation::open(settings, clock.clone()).await?;
        private_folder(&settings.spool_dir())?;
        let archive = open_archive(&settings).await?;
        let anchors = anchors(&settings.trust.anchors).map_err(|source| StartError::File {
            setting: "trust.anchors",
            source,
        })?;
        let is_anchored = !anchors.is_empty();
        let evidence = evidence(&settings, &[], &anchors, clock.clone())?;
        let evidence = Arc::new(evidence);
        let identities = Identities::new(db.clone(), &anchors, clock.clone());
        let sealing = Sealing::new(reader_settings(&settings, executable), Arc::new(anchors));
        let publication = Publication::new(PublicationParts {
            db: db.clone(),
            keys: Arc::clone(&keys),
            archive: archive.clone(),
            sealing: sealing.clone(),
            evidence: Arc::clone(&evidence),
            identities: identities.clone(),
            clock: clock.clone(),
            settings: publication_settings(&settings, is_anchored),
        });
        Ok(Arc::new(Self {
            gate: Gate::new(db.clone(), Arc::clone(&keys), settings.gate, clock.clone()),
            installation: Arc::new(Installation::of(&settings)?),
            settings,
            db,
            keys,
            accounts,
            archive,
            sealing,
            identities,
            publication,
            clock,
            proxy_watch: ProxyWatch::default(),
            stop_at: OnceLock::new(),
            readiness: Mutex::default(),
        }))
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// The address that links are made of, without a slash at its end.
    #[must_use]
    pub fn public_url(&self) -> String {
        self.settings.public_url()
    }

    /// Whether people reach the service by TLS.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.settings.is_https()
    }

    /// Whether the parts answered some seconds ago at most. Anybody may ask, and each look opens
    /// identities and writes: askers share one.
    pub async fn readiness_lately(&self) -> Readiness {
        let mut last = self.readiness.lock().await;
        match &*last {
            Some((at, readiness)) if at.elapsed() < READINESS_LASTS => readiness.clone(),
            _ => {
                let readiness = self.readiness().await;
                *last = Some((Instant::now(), readiness.clone()));
                readiness
            }
        }
    }

    /// Whether the parts answer.
    pub async fn readiness(&self) -> Readiness {
        let unfit = self.identities.unfit(self.now()).await;
        Readiness {
            database: self.db.check().await.is_ok(),
            archive: self.archive.reachable().await.is_ok(),
            unfit_identities: unfit.unwrap_or_default(),
        }
    }

    /// A peer that is no proxy of ours spoke for others.
    pub async fn saw_unknown_proxy(&self) {
        self.proxy_watch.seen(&self.db, self.now()).await;
    }

    /// When such a peer was last seen, if one was.
    ///
    /// # Errors
    /// [`DatabaseError`].
    pub async fn unknown_proxy_seen(&self) -> Result<Option<OffsetDateTime>, DatabaseError> {
        proxy_watch::last(&self.db).await
    }

    /// Runs the sweeps until `stop`: at once and each ten seconds what is due, at once and each
    /// minute what is to be raised, at once and each hour what may be cleared. A sweep that fails is
    /// tried again at the next turn.
    pub async fn run_sweeps(&self, stop: CancellationToken) {
        // To raise takes as long as others take to answer: what waits for its seal does not.
        let seals = every(SWEEP_EVERY, |turn| self.sweep(turn));
        let raises = every(RAISE_EVERY, |_| self.raise());
        // A sweep that is dropped half-way loses nothing: what it began are tasks of their own.
        tokio::select! {
            () = stop.cancelled() => {}
            () = seals => {}
            () = raises => {}
        }
    }

    async fn sweep(&self, turn: u32) {
        if let Err(error) = self.publication.recover().await {
            swept_badly("recover", &error);
        }
        if turn.is_multiple_of(TURNS_OF_AN_HOUR) {
            self.watch_certificates().await;
            self.clear().await;
        }
    }

    async fn raise(&self) {
        if let Err(error) = self.publication.raise_due().await {
            swept_badly("raise", &error);
        }
    }

    /// Says in figures how long each identity's certificates last.
    async fn watch_certificates(&self) {
        let now = self.now();
        match self.identities.health(now).await {
            Err(error) => swept_badly("certificates", &error),
            Ok(all) => {
                for each in all {
                    if let Some(expires_at) = each.expires_at {
                        let left = (expires_at - now).as_seconds_f64();
                        let id = each.id.to_string();
                        metrics::gauge!(telemetry::IDENTITY_EXPIRY_SECONDS, "identity" => id)
                            .set(left);
                    }
                }
            }
        }
    }

    async fn clear(&self) {
        // What the gate counts is not forgotten sooner because the clock was set.
        let now = self.clock.steady(self.now());
        if let Err(error) = self.publication.clean().await {
            swept_badly("clean", &error);
        }
        if let Err(error) = self.db.sweep_gate(now).await {
            swept_badly("gate", &error);
        }
        if let Err(error) = self.db.sweep_throttle(now).await {
            swept_badly("throttle", &error);
        }
    }

    /// From now on the service is not ready: whoever balances the load sends requests elsewhere.
    /// All that still runs has `limits.drain_s` from here, however many things wait for it: the
    /// time at which nobody waits any longer.
    pub fn begin_stop(&self) -> Instant {
        let drain = Duration::from_secs(self.settings.limits.drain_s);
        *self.stop_at.get_or_init(|| Instant::now() + drain)
    }

    /// Whether it stops.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.stop_at.get().is_some()
    }

    /// Waits until the work that was begun is done, as long as [`App::begin_stop`] says, then closes
    /// the database. What is not done by then, the next start goes on with.
    pub async fn settle(&self) {
        let until = self.begin_stop();
        if timeout_at(until, self.publication.settle()).await.is_err() {
            tracing::warn!("the stop does not wait any longer for work that was begun");
        }
        // Whatever used the time up, a database that is closed leaves nothing to be mended.
        let until = until.max(Instant::now() + CLOSING_LASTS);
        if timeout_at(until, self.db.close()).await.is_err() {
            tracing::warn!("the stop does not wait any longer for the database");
        }
    }
}

/// Takes one turn at once and the next ones in this time from each other, for ever.
async fn every<F: Future<Output = ()>>(period: Duration, take: impl Fn(u32) -> F) {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut turn = 0_u32;
    loop {
        ticks.tick().await;
        take(turn).await;
        turn = turn.wrapping_add(1);
    }
}

fn swept_badly(sweep: &'static str, error: &dyn std::fmt::Display) {
    tracing::error!(%error, sweep, "a sweep failed");
    metrics::counter!(telemetry::SWEEPS_FAILED).increment(1);
}

/// The child is this same program, also when a new version lies in its place by now.
fn this_program() -> PathBuf {
    PathBuf::from("/proc/self/exe")
}

async fn open_archive(settings: &Settings) -> Result<Archive, StartError> {
    let archive = match settings.archive.kind {
        ArchiveKind::Files => Archive::open_files(&settings.objects_dir()).await?,
        ArchiveKind::S3 => Archive::open_s3(&settings.archive.s3).await?,
    };
    let capabilities = archive.probe().await?;
    if !capabilities.write_once {
        tracing::warn!("the archive would overwrite an object; its names are asked for first");
    }
    Ok(archive)
}

fn reader_settings(settings: &Settings, executable: PathBuf) -> ReaderSettings {
    let usual = ReaderSettings::of(executable);
    let workers = usize::try_from(settings.sealing.workers).unwrap_or(0);
    ReaderSettings {
        memory_bytes: settings.sealing.memory_mib << 20,
        cpu_seconds: settings.sealing.cpu_s,
        workers: if workers == 0 { usual.workers } else { workers },
        ..usual
    }
}

fn publication_settings(settings: &Settings, is_anchored: bool) -> PublicationSettings {
    PublicationSettings {
        public_url: settings.public_url(),
        spool: settings.spool_dir(),
        lease: Duration::from_secs(settings.sealing.lease_s),
        attempts_max: u32::try_from(settings.sealing.attempts_max).unwrap_or(u32::MAX),
        answer_wait: Duration::from_secs(settings.sealing.answer_wait_s),
        reason: settings.sealing.reason.clone(),
        location: settings.sealing.location.clone(),
        refused_content: settings.intake.refuse.clone(),
        refused_unseen: settings.intake.refuse_unseen.clone(),
        result_files: settings.limits.result_files,
        result_bytes: settings.limits.result_bytes,
        is_anchored,
    }
}
