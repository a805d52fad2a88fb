//! `trao demo`: everything on one machine, with a result published before your eyes.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest as _, Sha256};
use time::{Duration, OffsetDateTime};

use super::failure::{Failure, language};
use super::serve::Service;
use super::{files, terminal};
use crate::account::{
    Caller, NewAgency, NewApiKey, NewIdentity, NewOfficer, NewSealPolicy, Role, Scope,
};
use crate::app::{self, App, StartError};
use crate::config::Settings;
use crate::database::Actor;
use crate::http::texts::Texts;
use crate::model::{AgencyId, AppearanceName, ResultState, Sealing, Sha256Digest};
use crate::pades::test_pki::{KeyKind, LeafProfile, Purpose, TestPki};
use crate::publication::{PublicationError, ResultView, Submission};
use crate::sealing::SpooledFile;
use crate::secrets::Token;
use crate::telemetry;

/// Shows a real result published, sealed and handed over, with a test certificate made on the spot
#[derive(Args)]
#[command(
    after_help = "Example:\n  trao demo --port 8080 --dir demo-data\n\nIt serves until it is \
    stopped; a second run on the same folder goes on with its data."
)]
pub(super) struct Demo {
    /// The port on the loopback; 0 for any [default: 8080, or the one of the first run]
    #[arg(long, value_name = "N")]
    port: Option<u16>,

    /// Where the demonstration keeps its data
    #[arg(long, value_name = "D", default_value = "demo-data")]
    dir: PathBuf,

    /// Prints one line of JSON once the service answers, and nothing else on standard output
    #[arg(long)]
    json: bool,

    /// Stops when everything is shown
    #[arg(long)]
    once: bool,
}

/// What the demonstration prints, and keeps for the next run.
#[derive(Clone, Serialize, Deserialize)]
struct Shown {
    url: String,
    link: String,
    link_id: String,
    dossier_code: String,
    officer: String,
    password: String,
    api_key: String,
    signed_pdf: PathBuf,
    trust_root: PathBuf,
    data_dir: PathBuf,
}

const KEPT: &str = "demo.json";
/// Stands in the folder while the first run is under way: what it left is then made anew.
const UNFINISHED: &str = "demo.unfinished";
const SAMPLE: &[u8] = include_bytes!("../../assets/demo/ket-qua-mau.pdf");
const SAMPLE_TITLE: &str = "Giấy phép sử dụng tạm thời một phần vỉa hè";
const SAMPLE_NUMBER: &str = "12/GP-UBND";
const AGENCY: &str = "Ủy ban nhân dân phường Mẫu";
const LOGIN: &str = "demo";

impl Demo {
    pub(super) async fn run(self) -> Result<(), Failure> {
        app::private_folder(&self.dir).map_err(|error| match error {
            StartError::Folder { path, source } => Failure::unwritable(&path, &source),
            other => other.into(),
        })?;
        let dir = self
            .dir
            .canonicalize()
            .map_err(|error| files::read_failure(&self.dir, &error))?;
        // The log goes to standard error; warnings are enough beside what is shown.
        telemetry::start_log("error", false)
            .map_err(|error| Failure::new("unavailable", error.to_string()))?;
        let kept = kept(&dir)?;
        if kept.is_none() {
            begin(&dir)?;
        }
        let service = Service::start(self.settings(&dir, kept.as_ref())?).await?;
        let shown = match kept {
            Some(shown) => moved(shown, &service),
            None => first_run(&service, &dir).await?,
        };
        keep(&dir, &shown)?;
        self.print(&shown)?;
        if self.once {
            service.stop().await;
            return Ok(());
        }
        service.until_stopped().await
    }

    fn settings(&self, dir: &Path, kept: Option<&Shown>) -> Result<Settings, Failure> {
        let before = kept.and_then(|shown| shown.url.rsplit(':').next()?.parse().ok());
        let port = self.port.or(before).unwrap_or(8080);
        let settings = Settings {
            data_dir: dir.to_owned(),
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, port)),
            ..Settings::default()
        };
        settings.check()?;
        Ok(settings)
    }

    fn print(&self, shown: &Shown) -> Result<(), Failure> {
        let text = if self.json {
            serde_json::to_string(shown).unwrap_or_default()
        } else {
            describe(shown, self.once)
        };
        terminal::say(&text)
    }
}

fn describe(shown: &Shown, once: bool) -> String {
    let text = |id: &str| Texts::shipped().text(language(), id).into_owned();
    let lines = [
        ("demo-link", shown.link.clone()),
        ("demo-code", shown.dossier_code.clone()),
        ("demo-officer", format!("{}/officer", shown.url)),
        ("demo-login", shown.officer.clone()),
        ("demo-password", shown.password.clone()),
        ("demo-signed", shown.signed_pdf.display().to_string()),
        ("demo-root", shown.trust_root.display().to_string()),
    ];
    let mut out = vec![text("demo-heading")];
    out.extend(lines.map(|(id, value)| format!("  {:<24}{value}", text(id))));
    out.extend((!once).then(|| text("demo-stop")));
    out.join("\n")
}

/// What the first run kept.
fn kept(dir: &Path) -> Result<Option<Shown>, Failure> {
    match fs::read(dir.join(KEPT)) {
        Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| {
            Failure::new("request_malformed", "it is not a demonstration's").about(KEPT)
        }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(files::read_failure(&dir.join(KEPT), &error)),
    }
}

/// Makes room for a first run: what a broken-off one left is cleared away; anything else in the
/// folder is somebody's data.
fn begin(dir: &Path) -> Result<(), Failure> {
    let failure = |error| files::read_failure(dir, &error);
    let marker = dir.join(UNFINISHED);
    let is_empty = fs::read_dir(dir).map_err(failure)?.next().is_none();
    if !is_empty && !marker.exists() {
        let why = "it holds data that are not a demonstration's: choose another --dir";
        return Err(Failure::new("state_conflict", why).about_file(dir));
    }
    for entry in fs::read_dir(dir).map_err(failure)? {
        let path = entry.map_err(failure)?.path();
        if path == marker {
            continue;
        }
        if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        }
        .map_err(failure)?;
    }
    fs::write(&marker, b"").map_err(failure)
}

/// The values of a later run: the same, unless it was told another port.
fn moved(mut shown: Shown, service: &Service) -> Shown {
    shown.url = service.app.public_url();
    shown.link = format!("{}/r/{}", shown.url, shown.link_id);
    shown
}

fn keep(dir: &Path, shown: &Shown) -> Result<(), Failure> {
    let path = dir.join(KEPT);
    let part = dir.join("demo.json.part");
    let _ = fs::remove_file(&part);
    let text = serde_json::to_string_pretty(shown).unwrap_or_default();
    private_file(&part, text.as_bytes())?;
    fs::rename(&part, &path).map_err(|error| files::read_failure(&path, &error))?;
    let _ = fs::remove_file(dir.join(UNFINISHED));
    Ok(())
}

fn private_file(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let mut options = OpenOptions::new();
    options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)
        .and_then(|mut file| file.write_all(bytes).and_then(|()| file.sync_all()))
        .map_err(|error| files::read_failure(path, &error))
}

/// Test PKI, agency, officer, key; then the sample goes the whole way.
async fn first_run(service: &Service, dir: &Path) -> Result<Shown, Failure> {
    let app = &service.app;
    let now = app.now();
    let accounts = Accounts::make(app, dir, now).await?;
    let code = sample_code(now);
    let caller = Caller::Key(accounts.key.clone());
    let received = receive(app, &caller, &code, now).await?;
    let manifest = received.manifest;
    let mut view = app
        .publication
        .approve(&caller, received.id, manifest, app.now())
        .await
        .map_err(|error| refused(&error))?;
    // Sealing is a task of the service's own; it takes a moment.
    for _ in 0..300 {
        if view.state == ResultState::Released || view.state == ResultState::Held {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        view = app
            .publication
            .result(&caller, view.id)
            .await
            .map_err(|error| refused(&error))?;
    }
    if view.state != ResultState::Released {
        return Err(Failure::new("unavailable", view.reason.unwrap_or_default()));
    }
    let signed_pdf = dir.join("ket-qua-da-ky.pdf");
    let file = app
        .publication
        .sealed_file(&caller, view.id, 1, app.now())
        .await
        .map_err(|error| refused(&error))?;
    app.archive
        .fetch_to(&file.permit, &signed_pdf)
        .await
        .map_err(|error| Failure::new("unavailable", error.to_string()))?;
    Ok(Shown {
        url: app.public_url(),
        link: view.link,
        link_id: view.link_id.to_string(),
        dossier_code: code,
        officer: LOGIN.to_owned(),
        password: accounts.password.expose_secret().to_owned(),
        api_key: accounts.api_key.expose_secret().to_owned(),
        signed_pdf,
        trust_root: accounts.trust_root,
        data_dir: dir.to_owned(),
    })
}

fn refused(error: &PublicationError) -> Failure {
    Failure::new(error.code(), error.to_string())
}

/// A code of today, as the national pattern has it.
fn sample_code(now: OffsetDateTime) -> String {
    let date = now.date();
    format!(
        "H99.1-{:02}{:02}{:02}-0001",
        date.year() % 100,
        u8::from(date.month()),
        date.day()
    )
}

async fn receive(
    app: &Arc<App>,
    caller: &Caller,
    code: &str,
    now: OffsetDateTime,
) -> Result<ResultView, Failure> {
    let failure = |error: io::Error| Failure::io("the spool", &error);
    let mut file = tempfile::NamedTempFile::new_in(app.settings.spool_dir()).map_err(failure)?;
    file.write_all(SAMPLE).map_err(failure)?;
    let sha256: [u8; 32] = Sha256::digest(SAMPLE).into();
    let spooled = SpooledFile {
        path: file.into_temp_path(),
        sha256: Sha256Digest::from_bytes(sha256),
        len: SAMPLE.len() as u64,
    };
    let submission = Submission {
        dossier_code: code.to_owned(),
        title: SAMPLE_TITLE.to_owned(),
        document_number: Some(SAMPLE_NUMBER.to_owned()),
        appearance: Some("attachment".to_owned()),
        files: vec![spooled],
        ..Submission::default()
    };
    let receipt = app
        .publication
        .receive(caller, submission, now)
        .await
        .map_err(|error| refused(&error))?;
    Ok(receipt.view)
}

/// Who there is in the demonstration.
struct Accounts {
    key: crate::account::Key,
    api_key: SecretString,
    password: SecretString,
    trust_root: PathBuf,
}

impl Accounts {
    async fn make(app: &Arc<App>, dir: &Path, now: OffsetDateTime) -> Result<Self, Failure> {
        let pki = dir.join("pki");
        app::private_folder(&pki)?;
        let agency = app
            .accounts
            .add_agency(
                NewAgency {
                    name: AGENCY.to_owned(),
                    parent: None,
                    code_prefixes: Vec::new(),
                    code_profiles: Vec::new(),
                    sealing: Sealing::Clerk,
                    unsigned_allowed: false,
                    appearance: Some(AppearanceName::None),
                    telephone: Some("1022".to_owned()),
                },
                Actor::Operator,
                now,
            )
            .await?;
        let trust_root = add_identity(app, &pki, agency, now).await?;
        let password: SecretString = Token::draw().reveal().into();
        let officer = NewOfficer {
            agency,
            login: LOGIN.to_owned(),
            name: "Nguyễn Văn Mẫu".to_owned(),
            roles: Role::ALL.to_vec(),
            password: password.clone(),
        };
        app.accounts
            .add_officer(officer, Actor::Operator, now)
            .await?;
        let new = NewApiKey {
            agency,
            name: "demo".to_owned(),
            scopes: Scope::ALL.to_vec(),
            expires_at: now + Duration::days(365),
        };
        let (_, api_key) = app.accounts.add_api_key(new, Actor::Operator, now).await?;
        let key = app.accounts.bearer(api_key.expose_secret(), now).await?;
        let key = key.ok_or_else(|| Failure::new("unavailable", "the key that was made"))?;
        Ok(Self {
            key,
            api_key,
            password,
            trust_root,
        })
    }
}

/// Makes the hierarchy and registers the agency's certificate; the way to its root.
async fn add_identity(
    app: &Arc<App>,
    pki: &Path,
    agency: AgencyId,
    now: OffsetDateTime,
) -> Result<PathBuf, Failure> {
    let profile = LeafProfile {
        subject: AGENCY.to_owned(),
        key: KeyKind::Rsa2048,
        not_before: now - Duration::days(1),
        not_after: now + Duration::days(730),
        purpose: Purpose::Sign,
        revocation: None,
    };
    let made = |error: &dyn std::fmt::Display| Failure::new("unavailable", error.to_string());
    let hierarchy = TestPki::new(&profile, now).map_err(|error| made(&error))?;
    let passphrase = Token::draw();
    let (file, passphrase_file) = (pki.join("agency.p12"), pki.join("agency.passphrase"));
    let root = pki.join("root.pem");
    let bytes = hierarchy
        .agency()
        .pkcs12(passphrase.reveal())
        .map_err(|error| made(&error))?;
    private_file(&file, &bytes)?;
    private_file(&passphrase_file, passphrase.reveal().as_bytes())?;
    private_file(&root, &hierarchy.root_pem().map_err(|error| made(&error))?)?;
    let new = NewIdentity {
        agency,
        name: "demo".to_owned(),
        source: json!({ "kind": "pkcs12", "file": file, "passphrase_file": passphrase_file }),
        scheme: None,
        policy: NewSealPolicy::default(),
    };
    app.accounts.add_identity(new, Actor::Operator, now).await?;
    Ok(root)
}
