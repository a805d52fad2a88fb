//! A private key in a token: one login, its handle found once, sessions kept for the next use.

use std::ffi::c_ulong;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use cryptoki::error::{Error, RvError};
use cryptoki::mechanism::rsa::{PkcsMgfType, PkcsPssParams};
use cryptoki::mechanism::{Mechanism, MechanismType};
use cryptoki::object::{Attribute, AttributeType, ObjectClass, ObjectHandle};
use cryptoki::session::{Session, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use secrecy::{ExposeSecret as _, SecretString};

use super::module::Module;
use super::{KeyPlace, TokenError};
use crate::pades::{
    DigestAlgorithm, DigestSigner, Scheme, SignError, digest_info, ecdsa_sig_value,
};

/// Sessions that wait for the next signature; others are closed after their use.
const SESSIONS_KEPT: usize = 16;

/// A key in a token. Signatures may be made from many threads at once.
pub struct TokenKey {
    module: Arc<Module>,
    token: String,
    name: KeyName,
    pin: SecretString,
    mechanisms: Vec<MechanismType>,
    found: Mutex<Option<Arc<Found>>>,
}

/// What lies beside a key, in DER.
#[derive(Debug, Default)]
pub struct Certificates {
    /// The one with the key's identifier, if the token keeps it.
    pub own: Option<Vec<u8>>,
    /// Every other one of the token.
    pub others: Vec<Vec<u8>>,
}

/// What was found at the last login.
struct Found {
    slot: Slot,
    key: ObjectHandle,
    /// The first one keeps the login: a token forgets it with its last session.
    _login: Mutex<Session>,
    idle: Mutex<Vec<Session>>,
}

/// How the key is told from others.
enum KeyName {
    Label(String),
    Id(Vec<u8>),
}

impl fmt::Debug for TokenKey {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "TokenKey({}, {})", self.token, self.name)
    }
}

impl fmt::Display for KeyName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Label(label) => formatter.write_str(label),
            Self::Id(id) => write!(formatter, "id:{}", hex::encode(id)),
        }
    }
}

impl TokenKey {
    /// Logs in and finds the key.
    pub(super) fn open(place: KeyPlace<'_>, pin: SecretString) -> Result<Self, TokenError> {
        let name = match place.key.strip_prefix("id:") {
            Some(id) => KeyName::Id(hex::decode(id).map_err(|_| TokenError::KeyName)?),
            None => KeyName::Label(place.key.to_owned()),
        };
        let mut key = Self {
            module: Module::at(place.module)?,
            token: place.token.to_owned(),
            name,
            pin,
            mechanisms: Vec::new(),
            found: Mutex::new(None),
        };
        let slot = key.found()?.slot;
        key.mechanisms = key.module.context.get_mechanism_list(slot)?;
        Ok(key)
    }

    /// The certificate with the key's identifier, and every other one of the token.
    pub(super) fn certificates(&self) -> Result<Certificates, TokenError> {
        let found = self.found()?;
        let session = found.session(&self.module)?;
        let own_id = attribute(&session, found.key, AttributeType::Id)?;
        let mut certificates = Certificates::default();
        for object in session.find_objects(&[Attribute::Class(ObjectClass::CERTIFICATE)])? {
            let Some(der) = attribute(&session, object, AttributeType::Value)? else {
                continue;
            };
            let id = attribute(&session, object, AttributeType::Id)?;
            if certificates.own.is_none() && own_id.is_some() && id == own_id {
                certificates.own = Some(der);
            } else {
                certificates.others.push(der);
            }
        }
        found.keep(session);
        Ok(certificates)
    }

    fn sign(&self, mechanism: &Mechanism<'_>, data: &[u8]) -> Result<Vec<u8>, TokenError> {
        let found = self.found()?;
        match found.sign(&self.module, mechanism, data) {
            Err(error) if error.is_loss() => {
                self.forget(&found);
                self.found()?.sign(&self.module, mechanism, data)
            }
            signed => signed,
        }
    }

    /// The key as it was found, or as it is found now: by one thread, while the others wait.
    fn found(&self) -> Result<Arc<Found>, TokenError> {
        let mut found = self.found_lock();
        if let Some(found) = &*found {
            return Ok(Arc::clone(found));
        }
        let fresh = match self.find() {
            Err(error) if error.is_loss() => {
                self.module.restart()?;
                self.find()?
            }
            fresh => fresh?,
        };
        let fresh = Arc::new(fresh);
        *found = Some(Arc::clone(&fresh));
        Ok(fresh)
    }

    /// Drops what was found, unless another thread has found it anew already.
    fn forget(&self, lost: &Arc<Found>) {
        let mut found = self.found_lock();
        if found.as_ref().is_some_and(|found| Arc::ptr_eq(found, lost)) {
            *found = None;
        }
    }

    fn found_lock(&self) -> MutexGuard<'_, Option<Arc<Found>>> {
        self.found.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self) -> Result<Found, TokenError> {
        let (slot, token) = self.module.token(&self.token)?;
        let session = self.module.context.open_ro_session(slot)?;
        self.log_in(&session, &token)?;
        let name = match &self.name {
            KeyName::Label(label) => Attribute::Label(label.clone().into_bytes()),
            KeyName::Id(id) => Attribute::Id(id.clone()),
        };
        let keys = session.find_objects(&[Attribute::Class(ObjectClass::PRIVATE_KEY), name])?;
        let key = match keys.as_slice() {
            [key] => *key,
            [] => return Err(TokenError::NoKey(self.name.to_string())),
            _ => return Err(TokenError::AmbiguousKey(self.name.to_string())),
        };
        Ok(Found {
            slot,
            key,
            _login: Mutex::new(session),
            idle: Mutex::default(),
        })
    }

    /// A wrong PIN is tried once at most, also across restarts: a token that counts a wrong one
    /// since its last login is left to a person. No PIN is none to try, but where the token asks for
    /// it by itself, at its own keys.
    fn log_in(&self, session: &Session, token: &TokenInfo) -> Result<(), TokenError> {
        let pin = Some(&self.pin).filter(|pin| !pin.expose_secret().is_empty());
        if pin.is_none() && !token.protected_authentication_path() {
            let needs_none = !token.login_required();
            return needs_none.then_some(()).ok_or(TokenError::PinMissing);
        }
        if self.module.has_refused(token, &self.pin) {
            return Err(TokenError::PinRefused);
        }
        if token.user_pin_locked() {
            return Err(TokenError::PinLocked);
        }
        if token.user_pin_count_low() || token.user_pin_final_try() {
            return Err(TokenError::PinAtRisk);
        }
        match session.login(UserType::User, pin) {
            // The login is the process's: another key of this token has done it.
            Ok(()) | Err(Error::Pkcs11(RvError::UserAlreadyLoggedIn, _)) => Ok(()),
            Err(Error::Pkcs11(RvError::PinLocked, _)) => Err(TokenError::PinLocked),
            Err(Error::Pkcs11(
                RvError::PinIncorrect | RvError::PinInvalid | RvError::PinLenRange,
                _,
            )) => {
                self.module.refuse(token, &self.pin);
                Err(TokenError::PinRefused)
            }
            Err(error) => Err(error.into()),
        }
    }
}

impl Found {
    fn sign(
        &self,
        module: &Module,
        mechanism: &Mechanism<'_>,
        data: &[u8],
    ) -> Result<Vec<u8>, TokenError> {
        let session = self.session(module)?;
        // A session in which something failed is closed, not kept.
        let signature = session.sign(mechanism, self.key, data)?;
        self.keep(session);
        Ok(signature)
    }

    fn session(&self, module: &Module) -> Result<Session, TokenError> {
        if let Some(session) = self.idle().pop() {
            return Ok(session);
        }
        Ok(module.context.open_ro_session(self.slot)?)
    }

    fn keep(&self, session: Session) {
        let mut idle = self.idle();
        if idle.len() < SESSIONS_KEPT {
            idle.push(session);
        }
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Session>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl DigestSigner for TokenKey {
    fn offers(&self, scheme: Scheme) -> bool {
        self.mechanisms.contains(&match scheme {
            Scheme::Pss => MechanismType::RSA_PKCS_PSS,
            Scheme::Pkcs1 => MechanismType::RSA_PKCS,
            Scheme::Ecdsa => MechanismType::ECDSA,
        })
    }

    fn sign_digest(
        &self,
        scheme: Scheme,
        algorithm: DigestAlgorithm,
        digest: &[u8],
    ) -> Result<Vec<u8>, SignError> {
        let signed = match scheme {
            Scheme::Pss => self.sign(&Mechanism::RsaPkcsPss(pss(algorithm)), digest),
            Scheme::Pkcs1 => self.sign(&Mechanism::RsaPkcs, &digest_info(algorithm, digest)),
            Scheme::Ecdsa => self
                .sign(&Mechanism::Ecdsa, digest)
                .and_then(|halves| ecdsa_sig_value(&halves).ok_or(TokenError::Malformed)),
        };
        signed.map_err(|error| SignError::Device(Box::new(error)))
    }
}

/// The parameters as the CMS names them: the salt is as long as the digest.
fn pss(algorithm: DigestAlgorithm) -> PkcsPssParams {
    let (hash_alg, mgf, salt): (_, _, c_ulong) = match algorithm {
        DigestAlgorithm::Sha256 => (MechanismType::SHA256, PkcsMgfType::MGF1_SHA256, 32),
        DigestAlgorithm::Sha384 => (MechanismType::SHA384, PkcsMgfType::MGF1_SHA384, 48),
        DigestAlgorithm::Sha512 => (MechanismType::SHA512, PkcsMgfType::MGF1_SHA512, 64),
    };
    PkcsPssParams {
        hash_alg,
        mgf,
        s_len: salt.into(),
    }
}

/// An attribute of bytes, if the object has it.
fn attribute(
    session: &Session,
    object: ObjectHandle,
    kind: AttributeType,
) -> Result<Option<Vec<u8>>, TokenError> {
    let found = session.get_attributes(object, &[kind])?;
    Ok(found.into_iter().find_map(|attribute| match attribute {
        Attribute::Id(bytes) | Attribute::Value(bytes) if !bytes.is_empty() => Some(bytes),
        _ => None,
    }))
}
