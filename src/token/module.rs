//! The makers' libraries: each is loaded and started once for the process, and so is what must be
//! remembered for as long as it runs: which PIN a token refused.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::slot::{Slot, TokenInfo};
use secrecy::{ExposeSecret as _, SecretString};
use subtle::ConstantTimeEq as _;

use super::TokenError;

/// A library in use.
#[derive(Debug)]
pub(super) struct Module {
    pub(super) context: Pkcs11,
    path: PathBuf,
    /// By a token's serial number: the PINs that it refused.
    refused: Mutex<HashMap<String, Vec<SecretString>>>,
}

static LOADED: Mutex<Option<HashMap<PathBuf, Arc<Module>>>> = Mutex::new(None);

impl Module {
    /// The library at `path`, started.
    pub(super) fn at(path: &Path) -> Result<Arc<Self>, TokenError> {
        let failed = |source| TokenError::Module {
            path: path.display().to_string(),
            source,
        };
        let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
        let loaded = loaded.get_or_insert_default();
        if let Some(module) = loaded.get(path) {
            return Ok(Arc::clone(module));
        }
        let context = Pkcs11::new(path).map_err(failed)?;
        start(&context).map_err(failed)?;
        let module = Arc::new(Self {
            context,
            path: path.to_owned(),
            refused: Mutex::default(),
        });
        loaded.insert(path.to_owned(), Arc::clone(&module));
        Ok(module)
    }

    /// Starts the library again, if it was stopped under our feet.
    pub(super) fn restart(&self) -> Result<(), TokenError> {
        start(&self.context).map_err(|source| TokenError::Module {
            path: self.path.display().to_string(),
            source,
        })
    }

    /// The one token with that label or serial number.
    pub(super) fn token(&self, name: &str) -> Result<(Slot, TokenInfo), TokenError> {
        let mut found = Vec::new();
        for slot in self.context.get_slots_with_token()? {
            // A slot whose token was drawn between the two calls is not the one.
            let Ok(info) = self.context.get_token_info(slot) else {
                continue;
            };
            if info.serial_number() == name {
                return Ok((slot, info));
            }
            if info.label() == name {
                found.push((slot, info));
            }
        }
        match (found.pop(), found.is_empty()) {
            (Some(only), true) => Ok(only),
            (Some(_), false) => Err(TokenError::AmbiguousToken(name.to_owned())),
            (None, _) => Err(TokenError::NoToken(name.to_owned())),
        }
    }

    /// Whether the token refused this PIN already.
    pub(super) fn has_refused(&self, token: &TokenInfo, pin: &SecretString) -> bool {
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        refused.get(token.serial_number()).is_some_and(|pins| {
            pins.iter()
                .any(|known| is_same(known.expose_secret(), pin.expose_secret()))
        })
    }

    /// Remembers that the token refused this PIN.
    pub(super) fn refuse(&self, token: &TokenInfo, pin: &SecretString) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let pins = refused.entry(token.serial_number().to_owned()).or_default();
        pins.push(pin.clone());
    }
}

fn start(context: &Pkcs11) -> Result<(), Error> {
    let threads = CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK);
    match context.initialize(threads) {
        Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => Ok(()),
        started => started,
    }
}

fn is_same(one: &str, other: &str) -> bool {
    one.as_bytes().ct_eq(other.as_bytes()).into()
}
