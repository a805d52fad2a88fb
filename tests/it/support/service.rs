//! The whole service in a folder of a test's own: real database, real archive, real children that
//! read the PDFs; only the clock is the test's.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Instant;

use sha2::{Digest as _, Sha256};
use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use tempfile::TempDir;
use time::{Duration, OffsetDateTime};
use trao::account::{Caller, Key, NewAgency, NewIdentity, NewSealPolicy, Officer, Role, Scope};
use trao::app::App;
use trao::config::Settings;
use trao::database::Actor;
use trao::model::{
    AgencyId, ApiKeyId, AppearanceName, Clock, IdentityId, OfficerId, Sealing, Sha256Digest,
};
use trao::pades::Scheme;
use trao::pades::test_pki::{Issued, KeyKind, TestPki};
use trao::publication::{ResultView, Submission};
use trao::sealing::SpooledFile;
use trao::secrets::random;

use super::pdf_file::{PdfFile, XrefKind};
use super::pki::{NOW, pki};
use super::process::PATIENCE;

/// A clock that a test moves.
#[derive(Clone, Default)]
pub(crate) struct TestClock {
    /// Seconds since [`NOW`], as the wall's clock shows them.
    shown: Arc<AtomicI64>,
    /// Seconds that have passed by a clock that nobody sets.
    passed: Arc<AtomicI64>,
}

impl TestClock {
    /// Time passes.
    pub(crate) fn advance(&self, by: Duration) {
        self.jump(by);
        self.passed.fetch_add(by.whole_seconds(), Ordering::SeqCst);
    }

    /// Somebody sets the clock.
    pub(crate) fn jump(&self, by: Duration) {
        self.shown.fetch_add(by.whole_seconds(), Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        NOW + Duration::seconds(self.shown.load(Ordering::SeqCst))
    }

    fn clock(&self) -> Clock {
        let (own, passed) = (self.clone(), self.passed.clone());
        let began = passed.load(Ordering::SeqCst);
        let elapsed = move || {
            let seconds = passed.load(Ordering::SeqCst) - began;
            std::time::Duration::from_secs(seconds.unsigned_abs())
        };
        Clock::new(move || own.now()).beside(elapsed)
    }
}

/// A clock for tests that hand in their times themselves, in whatever order.
pub(crate) fn whenever() -> Clock {
    Clock::new(|| NOW)
}

/// A service with one agency whose clerk seals.
pub(crate) struct TestService {
    pub(crate) app: Arc<App>,
    pub(crate) clock: TestClock,
    pub(crate) agency: AgencyId,
    pub(crate) pki: TestPki,
    folder: TempDir,
}

impl TestService {
    pub(crate) async fn new() -> Self {
        Self::with(|_| {}).await
    }

    /// A service whose settings differ from the usual.
    pub(crate) async fn with(change: impl FnOnce(&mut Settings)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = TestClock::default();
        let mut settings = settings(folder.path());
        change(&mut settings);
        let app = open(settings, &clock, reader()).await;
        let pki = pki(KeyKind::P256);
        let agency = add_agency(&app, Sealing::Clerk, false).await;
        add_identity(&app, folder.path(), agency, pki.agency(), None).await;
        Self {
            app,
            clock,
            agency,
            pki,
            folder,
        }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn now(&self) -> OffsetDateTime {
        self.clock.now()
    }

    /// Stops the service and starts it again over the same folder.
    pub(crate) async fn restart(self) -> Self {
        self.restart_with(reader()).await
    }

    /// The same with another program for the children.
    pub(crate) async fn restart_with(self, executable: PathBuf) -> Self {
        self.app.settle().await;
        let settings = self.app.settings.clone();
        Self {
            app: open(settings, &self.clock, executable).await,
            ..self
        }
    }

    /// A second instance over the same folder.
    pub(crate) async fn second(&self) -> Arc<App> {
        open(self.app.settings.clone(), &self.clock, reader()).await
    }

    pub(crate) async fn other_agency(&self, sealing: Sealing, unsigned_allowed: bool) -> AgencyId {
        let agency = add_agency(&self.app, sealing, unsigned_allowed).await;
        add_identity(&self.app, self.path(), agency, self.pki.agency(), None).await;
        agency
    }

    /// An agency below another; it chose nothing of its own.
    pub(crate) async fn agency_below(&self, parent: AgencyId) -> AgencyId {
        let new = NewAgency {
            parent: Some(parent),
            appearance: None,
            ..new_agency(Sealing::Clerk, false)
        };
        let accounts = &self.app.accounts;
        accounts
            .add_agency(new, Actor::Operator, self.app.now())
            .await
            .unwrap()
    }

    pub(crate) async fn add_identity(&self, agency: AgencyId, issued: &Issued) -> IdentityId {
        add_identity(&self.app, self.path(), agency, issued, None).await
    }

    /// From now on the agency seals with this certificate by that scheme.
    pub(crate) async fn seals_by(&self, issued: &Issued, scheme: Scheme) {
        self.clock.advance(Duration::seconds(1));
        add_identity(&self.app, self.path(), self.agency, issued, Some(scheme)).await;
    }

    /// An officer of the agency with every role.
    pub(crate) fn officer(&self) -> Caller {
        officer_of(self.agency)
    }

    /// A program of the agency with these scopes.
    pub(crate) fn key(&self, scopes: &[Scope]) -> Caller {
        let id = ApiKeyId::from_bytes(random());
        Caller::Key(Key {
            id,
            agency: self.agency,
            scopes: scopes.to_vec(),
        })
    }

    /// Spools a file, as the edge does with an upload.
    pub(crate) fn spool(&self, bytes: &[u8]) -> SpooledFile {
        spool(&self.app, bytes)
    }

    /// A submission of these files with everything else as usual.
    pub(crate) fn submission(&self, code: &str, files: &[&[u8]]) -> Submission {
        Submission {
            dossier_code: code.to_owned(),
            title: "Giấy phép xây dựng".to_owned(),
            files: files.iter().map(|bytes| self.spool(bytes)).collect(),
            ..Submission::default()
        }
    }

    pub(crate) async fn received(&self, code: &str, files: &[&[u8]]) -> ResultView {
        let submission = self.submission(code, files);
        let receipt = self
            .app
            .publication
            .receive(&self.officer(), submission, self.now())
            .await;
        receipt.unwrap().view
    }

    pub(crate) async fn approved(&self, view: &ResultView) -> ResultView {
        let approved = self
            .app
            .publication
            .approve(&self.officer(), view.id, view.manifest, self.now())
            .await;
        approved.unwrap()
    }

    /// Waits until the database answers a question with this number, asked by somebody who goes
    /// round the service.
    pub(crate) async fn until(&self, query: &'static str, wanted: i64, otherwise: &str) {
        let options = SqliteConnectOptions::new().filename(self.path().join("trao.db"));
        let intruder = SqlitePool::connect_with(options).await.unwrap();
        let until = Instant::now() + PATIENCE;
        loop {
            let row = sqlx::query(query).fetch_one(&intruder).await.unwrap();
            if row.get::<Option<i64>, _>(0) == Some(wanted) {
                return intruder.close().await;
            }
            assert!(Instant::now() < until, "{otherwise}");
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
    }

    /// The names of all stored objects.
    pub(crate) fn objects(&self) -> Vec<String> {
        let root = self.path().join("objects");
        let mut found = Vec::new();
        collect(&root, &root, &mut found);
        found.sort();
        found
    }
}

pub(crate) fn reader() -> PathBuf {
    env!("CARGO_BIN_EXE_trao").into()
}

pub(crate) fn settings(folder: &Path) -> Settings {
    let mut settings = Settings {
        data_dir: folder.to_owned(),
        ..Settings::default()
    };
    settings.sealing.answer_wait_s = 60;
    settings.gate.floor_ms = 0;
    settings
}

pub(crate) async fn open(settings: Settings, clock: &TestClock, executable: PathBuf) -> Arc<App> {
    App::open_with(settings, clock.clock(), executable)
        .await
        .unwrap()
}

pub(crate) fn officer_of(agency: AgencyId) -> Caller {
    Caller::Officer(Officer {
        id: OfficerId::from_bytes(random()),
        agency,
        name: "Nguyễn Thị Văn Thư".to_owned(),
        roles: Role::ALL.to_vec(),
        session_sha256: [0; 32],
    })
}

pub(crate) fn spool(app: &App, bytes: &[u8]) -> SpooledFile {
    let file = tempfile::NamedTempFile::new_in(app.settings.spool_dir()).unwrap();
    std::fs::write(file.path(), bytes).unwrap();
    SpooledFile {
        path: file.into_temp_path(),
        sha256: Sha256Digest::from_bytes(Sha256::digest(bytes).into()),
        len: bytes.len() as u64,
    }
}

/// A PDF of one page; each `mark` gives other bytes.
pub(crate) fn pdf(mark: &str) -> Vec<u8> {
    let marked = format!("({mark})");
    PdfFile::new(XrefKind::Table).object(10, &marked).build()
}

fn new_agency(sealing: Sealing, unsigned_allowed: bool) -> NewAgency {
    NewAgency {
        name: super::pki::AGENCY.to_owned(),
        parent: None,
        code_prefixes: Vec::new(),
        code_profiles: Vec::new(),
        sealing,
        unsigned_allowed,
        appearance: Some(AppearanceName::None),
        telephone: Some("024 1234 5678".to_owned()),
    }
}

async fn add_agency(app: &App, sealing: Sealing, unsigned_allowed: bool) -> AgencyId {
    let new = new_agency(sealing, unsigned_allowed);
    app.accounts
        .add_agency(new, Actor::Operator, app.now())
        .await
        .unwrap()
}

async fn add_identity(
    app: &App,
    folder: &Path,
    agency: AgencyId,
    issued: &Issued,
    scheme: Option<Scheme>,
) -> IdentityId {
    let name = hex::encode(random::<8>());
    let file = |suffix: &str, bytes: Vec<u8>| {
        let path = folder.join(format!("{name}.{suffix}"));
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let source = serde_json::json!({
        "kind": "pem",
        "key": file("key", issued.key_pem().unwrap()),
        "cert": file("cert", issued.certificate_pem().unwrap()),
        "chain": file("chain", issued.chain_pem().unwrap()),
    });
    let new = NewIdentity {
        agency,
        name,
        source,
        scheme: scheme.map(|scheme| scheme.as_str().to_owned()),
        policy: NewSealPolicy::default(),
    };
    app.accounts
        .add_identity(new, Actor::Operator, app.now())
        .await
        .unwrap()
}

fn collect(root: &Path, folder: &Path, into: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(root, &path, into);
        } else {
            into.push(
                path.strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned(),
            );
        }
    }
}
