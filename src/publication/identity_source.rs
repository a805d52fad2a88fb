//! Where a signing identity lies, and how it is opened: files, or a token.

use std::path::{Path, PathBuf};

use secrecy::SecretString;
use serde::{Deserialize, Serialize};
use thiserror::Error;
use zeroize::Zeroizing;

use crate::pades::{IdentityError, SigningIdentity};
use crate::token::{self, KeyPlace, TokenError};

/// Where an identity's key and certificates lie. Paths are taken from the service's own folder
/// where they are relative.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum IdentitySource {
    /// A PKCS#12 file.
    Pkcs12 {
        /// The file.
        file: PathBuf,
        /// The file whose first line is its passphrase; an empty passphrase where there is none.
        passphrase_file: Option<PathBuf>,
    },
    /// PEM files.
    Pem {
        /// The private key.
        key: PathBuf,
        /// Its certificate; others behind it belong to the chain.
        cert: PathBuf,
        /// The rest of the chain.
        chain: Option<PathBuf>,
        /// The file whose first line is the key's passphrase.
        passphrase_file: Option<PathBuf>,
    },
    /// A key in a token.
    Pkcs11 {
        /// The maker's library.
        module: PathBuf,
        /// The token's label, or its serial number.
        token: String,
        /// The key's label, or `id:` and its identifier in hexadecimal.
        key: String,
        /// The certificate, where the token does not keep it.
        cert: Option<PathBuf>,
        /// The rest of the chain, where the token does not keep it.
        chain: Option<PathBuf>,
        /// The file whose first line is the PIN.
        pin_file: Option<PathBuf>,
    },
}

/// Why nothing was opened.
#[derive(Debug, Error)]
pub enum SourceError {
    /// A file cannot be read.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why not.
        source: std::io::Error,
    },
    /// Key and certificates are there and make no identity.
    #[error(transparent)]
    Identity(#[from] IdentityError),
    /// The token does not give the key.
    #[error(transparent)]
    Token(#[from] TokenError),
}

impl IdentitySource {
    /// Opens the identity and tries its key.
    ///
    /// # Errors
    /// [`SourceError`].
    pub fn open(&self) -> Result<SigningIdentity, SourceError> {
        let secret = self.secret_file().map(first_line).transpose()?;
        self.open_with(secret)
    }

    /// The same with a passphrase or PIN from elsewhere.
    ///
    /// # Errors
    /// [`SourceError`].
    pub fn open_with(&self, secret: Option<SecretString>) -> Result<SigningIdentity, SourceError> {
        match self {
            Self::Pkcs12 { file, .. } => {
                let passphrase = secret.unwrap_or_default();
                Ok(SigningIdentity::from_pkcs12(&read(file)?, &passphrase)?)
            }
            Self::Pem {
                key, cert, chain, ..
            } => {
                let chain = read_optional(chain.as_deref())?;
                let (key, cert) = (read(key)?, read(cert)?);
                Ok(SigningIdentity::from_pem(
                    &key,
                    &cert,
                    &chain,
                    secret.as_ref(),
                )?)
            }
            Self::Pkcs11 {
                module,
                token,
                key,
                cert,
                chain,
                ..
            } => {
                let place = KeyPlace { module, token, key };
                let (signer, beside) = token::open(place, secret.unwrap_or_default())?;
                let files = [
                    read_optional(cert.as_deref())?,
                    read_optional(chain.as_deref())?,
                ];
                let mut certificates = SigningIdentity::certificates_from_pem(&files.concat())?;
                // A certificate that is given counts before the token's own.
                let given = cert.is_some() && !certificates.is_empty();
                let own = if given {
                    Some(certificates.remove(0))
                } else {
                    beside.own
                };
                let own = own.ok_or(IdentityError::Missing("the certificate"))?;
                certificates.extend(beside.others);
                Ok(SigningIdentity::from_signer(
                    Box::new(signer),
                    &own,
                    &certificates,
                )?)
            }
        }
    }

    /// Every path in it that names a file. A library by its bare name is the loader's to find.
    pub fn paths_mut(&mut self) -> Vec<&mut PathBuf> {
        match self {
            Self::Pkcs12 {
                file,
                passphrase_file,
            } => [Some(file), passphrase_file.as_mut()]
                .into_iter()
                .flatten()
                .collect(),
            Self::Pem {
                key,
                cert,
                chain,
                passphrase_file,
            } => [
                Some(key),
                Some(cert),
                chain.as_mut(),
                passphrase_file.as_mut(),
            ]
            .into_iter()
            .flatten()
            .collect(),
            Self::Pkcs11 {
                module,
                cert,
                chain,
                pin_file,
                ..
            } => {
                let module = Some(module).filter(|module| module.components().count() > 1);
                [module, cert.as_mut(), chain.as_mut(), pin_file.as_mut()]
                    .into_iter()
                    .flatten()
                    .collect()
            }
        }
    }

    fn secret_file(&self) -> Option<&Path> {
        match self {
            Self::Pkcs12 {
                passphrase_file, ..
            }
            | Self::Pem {
                passphrase_file, ..
            } => passphrase_file.as_deref(),
            Self::Pkcs11 { pin_file, .. } => pin_file.as_deref(),
        }
    }
}

/// A passphrase is a file's first line: editors like to end it with a line break, and some to begin
/// the file with a byte order mark.
///
/// # Errors
/// [`SourceError::File`], also when it is not UTF-8.
pub fn first_line(path: &Path) -> Result<SecretString, SourceError> {
    let bytes = read(path)?;
    let text = std::str::from_utf8(&bytes).map_err(|error| SourceError::File {
        path: path.to_owned(),
        source: std::io::Error::new(std::io::ErrorKind::InvalidData, error),
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    Ok(text.lines().next().unwrap_or_default().into())
}

fn read(path: &Path) -> Result<Zeroizing<Vec<u8>>, SourceError> {
    let bytes = std::fs::read(path).map_err(|source| SourceError::File {
        path: path.to_owned(),
        source,
    })?;
    Ok(Zeroizing::new(bytes))
}

fn read_optional(path: Option<&Path>) -> Result<Vec<u8>, SourceError> {
    path.map_or(Ok(Vec::new()), |path| {
        read(path).map(|bytes| bytes.to_vec())
    })
}
