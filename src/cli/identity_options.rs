//! With which key a verb signs: a PKCS#12 file, PEM files or a token; the passphrase or PIN from a
//! file or the environment, never from the command line.

use std::path::{Path, PathBuf};

use clap::Args;
use secrecy::{ExposeSecret as _, SecretString};

use super::failure::Failure;
use super::files;
use crate::app;
use crate::pades::{IdentityError, Scheme, SigningIdentity, TrustAnchors};
use crate::publication::{IdentitySource, SourceError};

/// The signing identity.
#[derive(Args)]
pub(super) struct IdentityOptions {
    /// A PKCS#12 file with the certificate, its chain and its key
    #[arg(
        long,
        value_name = "FILE.p12",
        required_unless_present_any = ["key", "pkcs11_module"],
        conflicts_with_all = ["key", "pkcs11_module", "cert", "chain"]
    )]
    identity: Option<PathBuf>,

    /// The private key in PEM, instead of --identity
    #[arg(
        long,
        value_name = "FILE",
        requires = "cert",
        conflicts_with = "pkcs11_module"
    )]
    key: Option<PathBuf>,

    /// The certificate in PEM; with a token, where it does not keep the certificate itself
    #[arg(long, value_name = "FILE")]
    cert: Option<PathBuf>,

    /// The other certificates of the chain in PEM
    #[arg(long, value_name = "FILE")]
    chain: Option<PathBuf>,

    /// The file whose first line is the passphrase; else the environment's `TRAO_PASSPHRASE`
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,

    /// A token's PKCS#11 library, instead of --identity
    #[arg(long, value_name = "LIBRARY", requires_all = ["pkcs11_token", "pkcs11_key"])]
    pkcs11_module: Option<PathBuf>,

    /// The token's label or serial number
    #[arg(long, value_name = "NAME", requires = "pkcs11_module")]
    pkcs11_token: Option<String>,

    /// The key's label, or id: and its identifier in hexadecimal
    #[arg(long, value_name = "NAME", requires = "pkcs11_module")]
    pkcs11_key: Option<String>,

    /// The file whose first line is the token's PIN; else the environment's `TRAO_PIN`
    #[arg(long, value_name = "FILE", requires = "pkcs11_module")]
    pin_file: Option<PathBuf>,

    /// The signature's form: RSASSA-PSS is the default for RSA keys
    #[arg(long, value_name = "pss|pkcs1|ecdsa", value_parser = scheme)]
    pub(super) scheme: Option<Scheme>,
}

fn scheme(word: &str) -> Result<Scheme, String> {
    word.parse()
        .map_err(|_| "expected pss, pkcs1 or ecdsa".to_owned())
}

impl IdentityOptions {
    /// Opens the identity and tries its key. Whoever is trusted may be the issuer that nobody gave.
    pub(super) fn load_knowing(&self, trusted: &TrustAnchors) -> Result<SigningIdentity, Failure> {
        self.check_chain()?;
        let secret = self.secret()?;
        let is_given = secret.is_some();
        let identity = match self.source()?.open_with(secret) {
            Err(SourceError::Identity(IdentityError::WrongPassphrase)) if !is_given => {
                return Err(Failure::naming(
                    "identity_unfit",
                    "--passphrase-file, TRAO_PASSPHRASE",
                )
                .worded("passphrase_missing"));
            }
            opened => opened?,
        };
        if self.scheme.is_none() && identity.lacks_pss() {
            let used = "RSASSA-PKCS1-v1_5 is used";
            Failure::new("pss_not_offered", used).warn();
        }
        let identity = identity.with_scheme(self.scheme)?;
        Ok(identity.completed_by(&trusted.to_der(), app::now())?)
    }

    /// Refuses a file for the chain that adds nothing to it: one in DER, or another one by mistake.
    fn check_chain(&self) -> Result<(), Failure> {
        let Some(path) = &self.chain else {
            return Ok(());
        };
        match SigningIdentity::certificates_from_pem(&files::read(path)?) {
            Ok(found) if found.is_empty() => {
                let failure = Failure::new("field_invalid", "").worded("no_certificate");
                Err(failure.about_file(path))
            }
            // What is malformed is told when the identity is opened.
            _ => Ok(()),
        }
    }

    /// Where it lies, for the service: by full names, for the service may start in another folder.
    pub(super) fn lasting_source(&self) -> Result<IdentitySource, Failure> {
        let (file, variable) = self.secret_place();
        if file.is_none() && std::env::var_os(variable).is_some() {
            let why =
                "the service reads the secret from a file: give --passphrase-file or --pin-file";
            return Err(Failure::new("field_invalid", why));
        }
        let mut source = self.source()?;
        for path in source.paths_mut() {
            *path = path
                .canonicalize()
                .map_err(|error| files::read_failure(path, &error))?;
        }
        Ok(source)
    }

    fn source(&self) -> Result<IdentitySource, Failure> {
        let missing = || Failure::new("field_invalid", "no signing identity is given");
        let (cert, chain) = (self.cert.clone(), self.chain.clone());
        if let Some(file) = self.identity.clone() {
            return Ok(IdentitySource::Pkcs12 {
                file,
                passphrase_file: self.passphrase_file.clone(),
            });
        }
        if let Some(module) = self.pkcs11_module.clone() {
            return Ok(IdentitySource::Pkcs11 {
                module,
                token: self.pkcs11_token.clone().ok_or_else(missing)?,
                key: self.pkcs11_key.clone().ok_or_else(missing)?,
                cert,
                chain,
                pin_file: self.pin_file.clone(),
            });
        }
        Ok(IdentitySource::Pem {
            key: self.key.clone().ok_or_else(missing)?,
            cert: cert.ok_or_else(missing)?,
            chain,
            passphrase_file: self.passphrase_file.clone(),
        })
    }

    fn secret(&self) -> Result<Option<SecretString>, Failure> {
        let (file, variable) = self.secret_place();
        if let Some(file) = file {
            return files::first_line(file).map(Some);
        }
        let given = std::env::var(variable).ok().map(SecretString::from);
        Ok(given.filter(|secret| !secret.expose_secret().is_empty()))
    }

    fn secret_place(&self) -> (Option<&Path>, &'static str) {
        if self.pkcs11_module.is_some() {
            (self.pin_file.as_deref(), "TRAO_PIN")
        } else {
            (self.passphrase_file.as_deref(), "TRAO_PASSPHRASE")
        }
    }
}
