//! The composition root: settings become working parts here, and the clock is read here alone.

use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use thiserror::Error;
use time::{OffsetDateTime, UtcOffset};

use crate::account::Accounts;
use crate::config::Settings;
use crate::database::{Database, DatabaseError};
use crate::pades::TrustAnchors;
use crate::secrets::{KeyRing, SecretsError};

/// Viet Nam's time: what is printed on papers and shown to people.
pub const VIETNAM: UtcOffset = match UtcOffset::from_hms(7, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

/// The time now, in Viet Nam's offset.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
pub fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc().to_offset(VIETNAM)
}

/// Trust anchors from files, and from every file of folders; PEM or DER.
///
/// # Errors
/// `InvalidData` for a file that holds no certificate, otherwise as it is read.
pub fn anchors<P: AsRef<Path>>(paths: &[P]) -> io::Result<TrustAnchors> {
    let mut anchors = TrustAnchors::default();
    for path in paths {
        for file in files_at(path.as_ref())? {
            let read = TrustAnchors::from_pem_or_der(&std::fs::read(&file)?);
            anchors
                .extend(read.map_err(|error| io::Error::new(io::ErrorKind::InvalidData, error))?);
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
        if path.is_file() {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}

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
    /// There is a database, but not its keys.
    #[error("the database has been used, and its key file {} is not there", .0.display())]
    KeysMissing(PathBuf),
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
    /// Opens the data folder: database, keys, accounts. The keys are written on the first start
    /// over an unused database and never again.
    ///
    /// # Errors
    /// [`StartError`].
    pub async fn open(settings: Settings) -> Result<Self, StartError> {
        private_folder(&settings.data_dir)?;
        let file = settings.database.file.clone();
        let db = Database::open(&file.unwrap_or_else(|| settings.data_dir.join("trao.db"))).await?;
        db.migrate().await?;
        let keys = Arc::new(key_ring(&settings.data_dir.join("keys.toml"), &db).await?);
        let accounts = Accounts::new(db.clone(), Arc::clone(&keys));
        Ok(Self {
            settings,
            db,
            keys,
            accounts,
        })
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
