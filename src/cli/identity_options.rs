//! With which key a verb signs: a PKCS#12 file or PEM files, the passphrase from a file or the
//! environment, never from the command line.

use std::path::PathBuf;

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};
use zeroize::Zeroizing;

use super::failure::Failure;
use super::files::{self, read};
use crate::pades::{Scheme, SigningIdentity};

/// The signing identity.
#[derive(Args)]
pub(super) struct IdentityOptions {
    /// A PKCS#12 file with the certificate, its chain and its key
    #[arg(
        long,
        value_name = "FILE.p12",
        required_unless_present = "key",
        conflicts_with = "key"
    )]
    pub(super) identity: Option<PathBuf>,

    /// The private key in PEM, instead of --identity
    #[arg(long, value_name = "FILE", requires = "cert")]
    pub(super) key: Option<PathBuf>,

    /// The certificate in PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(super) cert: Option<PathBuf>,

    /// The other certificates of the chain in PEM
    #[arg(long, value_name = "FILE", requires = "key")]
    pub(super) chain: Option<PathBuf>,

    /// The file whose first line is the passphrase; else the environment's `TRAO_PASSPHRASE`
    #[arg(long, value_name = "FILE")]
    pub(super) passphrase_file: Option<PathBuf>,

    /// The signature's form: RSASSA-PSS is the default for RSA keys
    #[arg(long, value_name = "pss|pkcs1|ecdsa", value_parser = scheme)]
    pub(super) scheme: Option<Scheme>,
}

fn scheme(word: &str) -> Result<Scheme, String> {
    word.parse()
        .map_err(|_| "expected pss, pkcs1 or ecdsa".to_owned())
}

impl IdentityOptions {
    /// Loads the key, matches it to its certificate and tries it.
    pub(super) fn load(&self) -> Result<SigningIdentity, Failure> {
        let passphrase = self.passphrase()?;
        let identity = match (&self.identity, &self.key, &self.cert) {
            (Some(file), _, _) => {
                let bytes = Zeroizing::new(read(file)?);
                let passphrase = passphrase.unwrap_or_default();
                SigningIdentity::from_pkcs12(&bytes, &passphrase)
                    .map_err(|error| Failure::from(error).about_file(file))?
            }
            (None, Some(key), Some(cert)) => {
                let bytes = Zeroizing::new(read(key)?);
                let chain = self
                    .chain
                    .as_deref()
                    .map(read)
                    .transpose()?
                    .unwrap_or_default();
                SigningIdentity::from_pem(&bytes, &read(cert)?, &chain, passphrase.as_ref())
                    .map_err(|error| Failure::from(error).about_file(key))?
            }
            _ => {
                return Err(Failure::new(
                    "field_invalid",
                    "no signing identity is given",
                ));
            }
        };
        Ok(identity.with_scheme(self.scheme)?)
    }

    fn passphrase(&self) -> Result<Option<SecretString>, Failure> {
        if let Some(file) = &self.passphrase_file {
            return files::first_line(file).map(Some);
        }
        let given = std::env::var("TRAO_PASSPHRASE")
            .ok()
            .map(SecretString::from);
        Ok(given.filter(|passphrase| !passphrase.expose_secret().is_empty()))
    }
}
