//! The keys that guard the database, in a file of their own beside it.

use std::fmt;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use aes_gcm::aead::{Aead as _, Payload};
use aes_gcm::{Aes256Gcm, KeyInit as _, Nonce};
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use zeroize::{Zeroize as _, Zeroizing};

use super::{SecretsError, random};
use crate::model::CodeIndex;

/// What a sealed value is; one cannot be opened as another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// A dossier code, for officers' pages.
    DossierCode,
    /// A link id, for officers' pages and the agency's programs.
    Link,
    /// How to reach the recipient.
    Contact,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Self::DossierCode => b"trao dossier code",
            Self::Link => b"trao link",
            Self::Contact => b"trao contact",
        }
    }
}

/// 256 bits of key.
#[derive(Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
struct Key([u8; 32]);

impl Drop for Key {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl TryFrom<String> for Key {
    type Error = SecretsError;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let text = Zeroizing::new(text);
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.as_bytes(), &mut bytes).map_err(|_| SecretsError::Malformed)?;
        Ok(Self(bytes))
    }
}

impl From<Key> for String {
    fn from(key: Key) -> Self {
        hex::encode(key.0)
    }
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Versioned {
    version: u32,
    key: Key,
}

/// The keys by their duty, each list with the newest last: what is made is made with the newest,
/// what was made with an older one can still be found and opened.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRing {
    /// For addresses, networks and links in the throttle.
    client: Key,
    /// For the forms of a session.
    form: Key,
    /// For the index of dossier codes.
    index: Vec<Versioned>,
    /// For sealed values.
    sealing: Vec<Versioned>,
    /// For passwords.
    pepper: Vec<Versioned>,
}

impl fmt::Debug for KeyRing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KeyRing(..)")
    }
}

const NONCE_BYTES: usize = 12;

impl KeyRing {
    /// Draws a new key for each duty.
    #[must_use]
    pub fn generate() -> Self {
        let key = || Key(random());
        let first = || {
            vec![Versioned {
                version: 1,
                key: key(),
            }]
        };
        Self {
            client: key(),
            form: key(),
            index: first(),
            sealing: first(),
            pepper: first(),
        }
    }

    /// Reads the key file; it must be its owner's alone.
    ///
    /// # Errors
    /// [`SecretsError::File`] with `NotFound` where there is none; `Exposed`, `Malformed`.
    pub fn load(path: &Path) -> Result<Self, SecretsError> {
        let mut file = fs::File::open(path)?;
        if file.metadata()?.mode() & 0o077 != 0 {
            return Err(SecretsError::Exposed);
        }
        let mut text = Zeroizing::new(String::new());
        file.read_to_string(&mut text)?;
        let ring: Self = toml::from_str(&text).map_err(|_| SecretsError::Malformed)?;
        let has_all = [&ring.index, &ring.sealing, &ring.pepper]
            .iter()
            .all(|keys| !keys.is_empty());
        if has_all {
            Ok(ring)
        } else {
            Err(SecretsError::Malformed)
        }
    }

    /// Writes the key file, mode 0600, durably and whole or not at all; never over one that exists.
    /// What is sealed under keys that a power cut took is lost for good, so the name is synced too.
    ///
    /// # Errors
    /// [`SecretsError::File`], with `AlreadyExists` where one stands.
    pub fn write_new(&self, path: &Path) -> Result<(), SecretsError> {
        let text = Zeroizing::new(toml::to_string(self).map_err(|_| SecretsError::Malformed)?);
        let folder = path
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let draft = folder.join(format!(".keys-{}", hex::encode(random::<8>())));
        let outcome = write_durably(&draft, &text).and_then(|()| fs::hard_link(&draft, path));
        // Gone or never there: what matters is the name that was linked.
        let _ = fs::remove_file(&draft);
        outcome?;
        fs::File::open(folder)?.sync_all()?;
        Ok(())
    }

    /// What the database remembers of its key ring, so that it is never used with another: it
    /// tells nothing of the keys.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        let oldest = self.index.first().map(|oldest| &oldest.key);
        let mac = oldest.map_or([0; 32], |key| mac(key, &[b"trao key ring"]));
        hex::encode(mac)
    }

    /// The index of a dossier code in its canonical form, under the newest key.
    #[must_use]
    pub fn code_index(&self, canonical: &str) -> CodeIndex {
        self.index.last().map_or(
            CodeIndex {
                key_version: 0,
                bytes: [0; 32],
            },
            |newest| Self::index_under(newest, canonical),
        )
    }

    /// Its index under every key, the newest first: by which it is looked up.
    #[must_use]
    pub fn code_indices(&self, canonical: &str) -> Vec<CodeIndex> {
        self.index
            .iter()
            .rev()
            .map(|key| Self::index_under(key, canonical))
            .collect()
    }

    fn index_under(versioned: &Versioned, canonical: &str) -> CodeIndex {
        CodeIndex {
            key_version: versioned.version,
            bytes: mac(&versioned.key, &[b"code", canonical.as_bytes()]),
        }
    }

    /// A keyed hash of something about a client, for the throttle and the records: without the
    /// key, no address is found by trying them all.
    #[must_use]
    pub fn client_index(&self, domain: &str, bytes: &[u8]) -> [u8; 32] {
        mac(&self.client, &[domain.as_bytes(), bytes])
    }

    /// The token that the forms of a session carry.
    #[must_use]
    pub fn form_token(&self, session_sha256: &[u8; 32]) -> String {
        hex::encode(mac(&self.form, &[b"form", session_sha256]))
    }

    /// Whether a form carries its session's token; in constant time.
    #[must_use]
    pub fn form_token_matches(&self, session_sha256: &[u8; 32], given: &str) -> bool {
        self.form_token(session_sha256)
            .as_bytes()
            .ct_eq(given.as_bytes())
            .into()
    }

    /// Seals a value: key version (4 bytes), nonce (12), AES-256-GCM over it with its purpose and
    /// context (the ids of the row it stands in) as associated data.
    #[must_use]
    pub fn seal(&self, purpose: Purpose, context: &[u8], plain: &[u8]) -> Vec<u8> {
        let Some(newest) = self.sealing.last() else {
            return Vec::new();
        };
        let nonce: [u8; NONCE_BYTES] = random();
        let aad = associated(purpose, context);
        let cipher = Aes256Gcm::new(&newest.key.0.into());
        let sealed = cipher.encrypt(
            &Nonce::from(nonce),
            Payload {
                msg: plain,
                aad: &aad,
            },
        );
        // AES-GCM fails for texts of 64 GiB alone.
        let sealed = sealed.unwrap_or_default();
        [&newest.version.to_be_bytes()[..], &nonce, &sealed].concat()
    }

    /// Opens a sealed value.
    ///
    /// # Errors
    /// [`SecretsError::Sealed`] for another purpose or context, a changed value, an unknown key.
    pub fn open(
        &self,
        purpose: Purpose,
        context: &[u8],
        sealed: &[u8],
    ) -> Result<Zeroizing<Vec<u8>>, SecretsError> {
        let (version, rest) = sealed
            .split_first_chunk::<4>()
            .ok_or(SecretsError::Sealed)?;
        let (nonce, sealed) = rest
            .split_first_chunk::<NONCE_BYTES>()
            .ok_or(SecretsError::Sealed)?;
        let version = u32::from_be_bytes(*version);
        let key = self.sealing.iter().find(|key| key.version == version);
        let key = key.ok_or(SecretsError::Sealed)?;
        let aad = associated(purpose, context);
        Aes256Gcm::new(&key.key.0.into())
            .decrypt(
                &Nonce::from(*nonce),
                Payload {
                    msg: sealed,
                    aad: &aad,
                },
            )
            .map(Zeroizing::new)
            .map_err(|_| SecretsError::Sealed)
    }

    /// The newest pepper and its version.
    pub(super) fn pepper(&self) -> Option<(u32, Zeroizing<[u8; 32]>)> {
        self.pepper
            .last()
            .map(|newest| (newest.version, Zeroizing::new(newest.key.0)))
    }

    /// The pepper of a version.
    pub(super) fn pepper_of(&self, version: u32) -> Option<Zeroizing<[u8; 32]>> {
        let found = self.pepper.iter().find(|key| key.version == version);
        found.map(|found| Zeroizing::new(found.key.0))
    }
}

fn write_durably(path: &Path, text: &str) -> io::Result<()> {
    let mut file = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

fn associated(purpose: Purpose, context: &[u8]) -> Vec<u8> {
    [purpose.label(), &[0], context].concat()
}

/// HMAC-SHA-256 over parts whose lengths are told, so that no two lists of parts look alike.
fn mac(key: &Key, parts: &[&[u8]]) -> [u8; 32] {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(&key.0) else {
        return [0; 32];
    };
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    mac.finalize().into_bytes().into()
}
