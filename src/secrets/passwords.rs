//! Officers' passwords: Argon2id (RFC 9106) with a secret outside the database, never on a thread
//! that serves others, never more at once than there are processors.

use std::fmt::Write as _;
use std::sync::Arc;
use std::time::Duration;

use argon2::{Algorithm, Argon2, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use tokio::sync::Semaphore;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

use super::{KeyRing, random};

/// 19 MiB, two passes, one lane: the floor that OWASP names, and what new hashes are made with.
const MEMORY_KIB: u32 = 19_456;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// How many may wait for a processor before others are sent away.
const QUEUE: usize = 32;
const PATIENCE: Duration = Duration::from_secs(1);

/// A password's hash as it is kept: a PHC string and the version of the secret that went into it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordHash {
    /// `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
    pub phc: String,
    /// Which pepper.
    pub pepper_version: u32,
}

/// Why a password was neither hashed nor checked.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum PasswordError {
    /// Too many at once; later it may go.
    #[error("too many passwords are being checked")]
    Busy,
    /// The hash or its pepper is not to be had.
    #[error("the password's hash cannot be used")]
    Unusable,
}

/// Hashes and checks passwords.
#[derive(Clone)]
pub struct Passwords {
    keys: Arc<KeyRing>,
    places: Arc<Semaphore>,
    queue: Arc<Semaphore>,
}

impl Passwords {
    /// Works with the peppers of `keys`.
    #[must_use]
    pub fn new(keys: Arc<KeyRing>) -> Self {
        let processors = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
        Self {
            keys,
            places: Arc::new(Semaphore::new(processors)),
            queue: Arc::new(Semaphore::new(QUEUE + processors)),
        }
    }

    /// Hashes a new password.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many wait.
    pub async fn hash(&self, password: &SecretString) -> Result<PasswordHash, PasswordError> {
        let (version, pepper) = self.keys.pepper().ok_or(PasswordError::Unusable)?;
        let password = password.clone();
        self.work(move || {
            let salt: [u8; 16] = random();
            let parameters = (MEMORY_KIB, PASSES, LANES);
            let hash = derive(&*pepper, parameters, &salt, &password)?;
            Ok(PasswordHash {
                phc: phc(parameters, &salt, &hash),
                pepper_version: version,
            })
        })
        .await
    }

    /// Whether a password is the one that was hashed.
    ///
    /// # Errors
    /// [`PasswordError::Busy`] when too many wait, `Unusable` when the hash cannot be read.
    pub async fn verify(
        &self,
        password: &SecretString,
        hash: &PasswordHash,
    ) -> Result<bool, PasswordError> {
        let pepper = self
            .keys
            .pepper_of(hash.pepper_version)
            .ok_or(PasswordError::Unusable)?;
        let (parameters, salt, expected) = parse(&hash.phc).ok_or(PasswordError::Unusable)?;
        let password = password.clone();
        self.work(move || {
            let made = derive(&*pepper, parameters, &salt, &password)?;
            Ok(made.ct_eq(&expected[..]).into())
        })
        .await
    }

    /// The work of a check where there is nothing to check against, so that an unknown login takes
    /// as long as a wrong password.
    ///
    /// # Errors
    /// As [`Passwords::verify`].
    pub async fn burn(&self, password: &SecretString) -> Result<(), PasswordError> {
        self.hash(password).await.map(drop)
    }

    async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, PasswordError> + Send + 'static,
    ) -> Result<T, PasswordError> {
        let _waiting = self.queue.try_acquire().map_err(|_| PasswordError::Busy)?;
        let place = tokio::time::timeout(PATIENCE, Arc::clone(&self.places).acquire_owned()).await;
        let place = place.ok().and_then(Result::ok).ok_or(PasswordError::Busy)?;
        tokio::task::spawn_blocking(move || {
            let _place = place;
            work()
        })
        .await
        .unwrap_or(Err(PasswordError::Unusable))
    }
}

type Parameters = (u32, u32, u32);

fn derive(
    pepper: &[u8],
    (memory, passes, lanes): Parameters,
    salt: &[u8],
    password: &SecretString,
) -> Result<[u8; 32], PasswordError> {
    let params = Params::new(memory, passes, lanes, Some(32));
    let params = params.map_err(|_| PasswordError::Unusable)?;
    let argon = Argon2::new_with_secret(pepper, Algorithm::Argon2id, Version::V0x13, params);
    let argon = argon.map_err(|_| PasswordError::Unusable)?;
    // One keyboard composes a Vietnamese letter, another sends it in parts: NIST SP 800-63B has
    // both be the same password.
    let password: Zeroizing<String> = Zeroizing::new(password.expose_secret().nfkc().collect());
    let mut hash = [0; 32];
    argon
        .hash_password_into(password.as_bytes(), salt, &mut hash)
        .map_err(|_| PasswordError::Unusable)?;
    Ok(hash)
}

fn phc((memory, passes, lanes): Parameters, salt: &[u8], hash: &[u8]) -> String {
    let mut text = format!("$argon2id$v=19$m={memory},t={passes},p={lanes}$");
    let _ = write!(
        text,
        "{}${}",
        STANDARD_NO_PAD.encode(salt),
        STANDARD_NO_PAD.encode(hash)
    );
    text
}

fn parse(phc: &str) -> Option<(Parameters, Vec<u8>, Vec<u8>)> {
    let mut parts = phc.strip_prefix("$argon2id$v=19$")?.split('$');
    let mut numbers = parts.next()?.split(',');
    let mut number = |name: &str| numbers.next()?.strip_prefix(name)?.parse::<u32>().ok();
    let parameters = (number("m=")?, number("t=")?, number("p=")?);
    let salt = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
    let hash = STANDARD_NO_PAD.decode(parts.next()?).ok()?;
    parts.next().is_none().then_some((parameters, salt, hash))
}
