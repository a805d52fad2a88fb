//! What the service stands on: the data folder, the database, the keys that guard it, the anchors.

use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;

use crate::account::Accounts;
use crate::archive::ArchiveError;
use crate::config::Settings;
use crate::database::{Database, DatabaseError};
use crate::egress::EgressSetupError;
use crate::model::Clock;
use crate::pades::TrustAnchors;
use crate::publication::IdentityRefused;
use crate::secrets::{KeyRing, SecretsError};

/// Why the service does not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// A folder cannot be made or used.
    #[error("{}: {source}", path.display())]
    Folder {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
    /// The database cannot be opened.
    #[error(transparent)]
    Database(#[from] DatabaseError),
    /// The key file cannot be read or written.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// The key file may be read by others than its owner.
    #[error("the key file {} may be read by others than its owner", .0.display())]
    KeysExposed(PathBuf),
    /// There is a database, but not its keys.
    #[error("the database has been used, and its key file {} is not there", .0.display())]
    KeysMissing(PathBuf),
    /// The archive cannot be opened, written to or read back.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// A signing identity cannot be used at all.
    #[error(transparent)]
    Identity(#[from] IdentityRefused),
    /// A trust anchor or the emblem cannot be read.
    #[error("{setting}: {source}")]
    File {
        /// Which setting names it.
        setting: &'static str,
        /// Why not.
        source: io::Error,
    },
    /// Who is asked for evidence cannot be set up.
    #[error(transparent)]
    Egress(#[from] EgressSetupError),
    /// The tables are an older program's, which may still run.
    #[error("the database is an older version's: stop the service, run `trao migrate`")]
    SchemaBehind,
    /// There are keys, but the database that they guard is not there.
    #[error("the key file {} is there, and its database is not", .0.display())]
    DatabaseMissing(PathBuf),
    /// The keys are not this database's.
    #[error("the key file {} belongs to another database", .0.display())]
    KeysForeign(PathBuf),
}

/// What every verb that works on the service's data stands on.
pub struct Foundation {
    /// The settings.
    pub settings: Settings,
    /// The database, its tables up to date.
    pub db: Database,
    /// The keys that guard it.
    pub keys: Arc<KeyRing>,
    /// Officers, programs, portals.
    pub accounts: Accounts,
}

/// The fact by which a database knows its key ring.
const KEYS_FACT: &str = "key_ring";

impl Foundation {
    /// Opens the data folder: database, keys, accounts. Tables and keys are made on the first start
    /// over an unused database; what is there is not brought up to date ([`migrate`]).
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn open(settings: Settings, clock: Clock) -> Result<Self, StartError> {
        private_folder(&settings.data_dir)?;
        let (database, keys) = (settings.database_file(), settings.keys_file());
        // None is made: it would stand in the way of the one that is put back.
        let is_there = std::fs::metadata(&database).is_ok_and(|file| file.len() > 0);
        if !is_there && keys.exists() {
            return Err(StartError::DatabaseMissing(keys));
        }
        let db = Database::open(&database).await?;
        if db.is_behind().await? {
            return Err(StartError::SchemaBehind);
        }
        db.migrate().await?;
        let keys = Arc::new(key_ring(&keys, &db).await?);
        let accounts = Accounts::new(db.clone(), Arc::clone(&keys), clock);
        Ok(Self {
            settings,
            db,
            keys,
            accounts,
        })
    }
}

/// Brings the tables of a data folder to this program's version. Nobody else may run on them.
///
/// # Errors
/// [`StartError`].
pub async fn migrate(settings: &Settings) -> Result<(), StartError> {
    private_folder(&settings.data_dir)?;
    let db = Database::open(&settings.database_file()).await?;
    db.migrate().await?;
    db.close().await;
    Ok(())
}

/// The keys of a database. A database that has been used without its keys, or with others, is
/// refused: a new key ring would make every code in it unfindable, without a word.
async fn key_ring(path: &Path, db: &Database) -> Result<KeyRing, StartError> {
    let known = db.installation(KEYS_FACT).await?;
    let keys = match (KeyRing::load(path), &known) {
        (Ok(keys), _) => keys,
        (Err(SecretsError::File(error)), None) if error.kind() == io::ErrorKind::NotFound => {
            if !db.is_fresh().await? {
                return Err(StartError::KeysMissing(path.to_owned()));
            }
            let keys = KeyRing::generate();
            keys.write_new(path)?;
            keys
        }
        (Err(SecretsError::File(error)), Some(_)) if error.kind() == io::ErrorKind::NotFound => {
            return Err(StartError::KeysMissing(path.to_owned()));
        }
        (Err(SecretsError::Exposed), _) => return Err(StartError::KeysExposed(path.to_owned())),
        (Err(error), _) => return Err(error.into()),
    };
    match known {
        Some(known) if known == keys.fingerprint() => Ok(keys),
        Some(_) => Err(StartError::KeysForeign(path.to_owned())),
        None => {
            let mut tx = db.begin().await?;
            tx.set_installation(KEYS_FACT, &keys.fingerprint()).await?;
            tx.commit().await?;
            Ok(keys)
        }
    }
}
/// Makes a folder that is its owner's alone, where there is none.
///
/// # Errors
/// [`StartError::Folder`].
pub fn private_folder(path: &Path) -> Result<(), StartError> {
    let made = std::fs::DirBuilder::new()
        .recursive(true)
        .mode(0o700)
        .create(path);
    made.map_err(|source| StartError::Folder {
        path: path.to_owned(),
        source,
    })
}

/// Trust anchors from files, and from every file of folders; PEM or DER.
///
/// # Errors
/// `InvalidData` for a file that holds no certificate, otherwise as it is read.
pub fn anchors<P: AsRef<Path>>(paths: &[P]) -> io::Result<TrustAnchors> {
    let mut anchors = TrustAnchors::default();
    for path in paths {
        for file in files_at(path.as_ref())? {
            let named = |kind, error: &dyn std::fmt::Display| {
                io::Error::new(kind, format!("{}: {error}", file.display()))
            };
            let bytes = std::fs::read(&file).map_err(|error| named(error.kind(), &error))?;
            let read = TrustAnchors::from_pem_or_der(&bytes);
            anchors.extend(read.map_err(|error| named(io::ErrorKind::InvalidData, &error))?);
        }
    }
    Ok(anchors)
}

fn files_at(path: &Path) -> io::Result<Vec<PathBuf>> {
    if !path.is_dir() {
        return Ok(vec![path.to_owned()]);
    }
    let mut files = Vec::new();
    for entry in std::fs::read_dir(path)? {
        let path = entry?.path();
        if path.is_file() && is_certificate(&path) {
            files.push(path);
        }
    }
    if files.is_empty() {
        let why = format!("no .pem, .crt, .cer or .der in {}", path.display());
        return Err(io::Error::new(io::ErrorKind::InvalidData, why));
    }
    files.sort();
    Ok(files)
}

/// By the name: a folder may have a note or a key in it.
fn is_certificate(path: &Path) -> bool {
    let kinds = ["pem", "crt", "cer", "der"];
    let kind = path.extension().and_then(|kind| kind.to_str());
    kind.is_some_and(|kind| kinds.iter().any(|known| kind.eq_ignore_ascii_case(known)))
}
