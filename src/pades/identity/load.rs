//! Opening what a certification authority hands out: PKCS#12 files of all ages, and PEM.

use openssl::error::{Error, ErrorStack};
use openssl::pkcs12::{ParsedPkcs12_2, Pkcs12};
use openssl::pkey::{PKey, Private};
use openssl::provider::Provider;
use openssl::x509::X509;
use secrecy::{ExposeSecret as _, SecretString};

use super::{IdentityError, SigningIdentity};

impl SigningIdentity {
    /// Opens a PKCS#12 file (RFC 7292): PBES2 as OpenSSL 3 writes it, triple DES, and RC2 of 40
    /// bits where OpenSSL's legacy provider is installed.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassphrase`], [`IdentityError::KeyMismatch`] and the others.
    pub fn from_pkcs12(der: &[u8], passphrase: &SecretString) -> Result<Self, IdentityError> {
        let file = Pkcs12::from_der(der).map_err(|_| FILE_UNREADABLE)?;
        let passphrase = passphrase.expose_secret();
        // The C string behind this call ends at a NUL; no file has such a passphrase.
        if passphrase.contains('\0') {
            return Err(IdentityError::WrongPassphrase);
        }
        let parsed = match file.parse2(passphrase) {
            Err(error) if has_reason(&error, UNSUPPORTED) => parse_legacy(&file, passphrase),
            parsed => parsed.map_err(|error| passphrase_or(&error, FILE_UNREADABLE)),
        }?;
        let key = parsed.pkey.ok_or(IdentityError::Missing("the key"))?;
        let certificate = parsed
            .cert
            .ok_or(IdentityError::Missing("the certificate"))?;
        Self::new(key, &certificate, parsed.ca.into_iter().flatten().collect())
    }

    /// Reads a key, its certificate and the rest of the chain from PEM (RFC 7468). The chain may
    /// be empty; certificates behind the first in `certificate` belong to it.
    ///
    /// # Errors
    /// [`IdentityError::WrongPassphrase`], also when an encrypted key comes without one,
    /// [`IdentityError::KeyMismatch`] and the others.
    pub fn from_pem(
        key: &[u8],
        certificate: &[u8],
        chain: &[u8],
        passphrase: Option<&SecretString>,
    ) -> Result<Self, IdentityError> {
        let key = key_from_pem(key, passphrase)?;
        let mut certificates = X509::stack_from_pem(certificate)
            .map_err(|_| IdentityError::Unreadable("the certificate"))?
            .into_iter();
        let certificate = certificates
            .next()
            .ok_or(IdentityError::Missing("the certificate"))?;
        let chain =
            X509::stack_from_pem(chain).map_err(|_| IdentityError::Unreadable("the chain"))?;
        Self::new(key, &certificate, certificates.chain(chain).collect())
    }
}

impl SigningIdentity {
    /// The certificates of a PEM text, in DER and in its order.
    ///
    /// # Errors
    /// [`IdentityError::Unreadable`].
    pub fn certificates_from_pem(pem: &[u8]) -> Result<Vec<Vec<u8>>, IdentityError> {
        let unreadable = |_| IdentityError::Unreadable("the certificate");
        let certificates = X509::stack_from_pem(pem).map_err(unreadable)?;
        certificates
            .iter()
            .map(|certificate| certificate.to_der().map_err(unreadable))
            .collect()
    }
}

fn key_from_pem(
    pem: &[u8],
    passphrase: Option<&SecretString>,
) -> Result<PKey<Private>, IdentityError> {
    // An empty passphrase, where none is given: OpenSSL would ask for one on the terminal.
    let passphrase = passphrase.map_or("", |passphrase| passphrase.expose_secret());
    let is_encrypted = pem.windows(ENCRYPTED.len()).any(|word| word == ENCRYPTED);
    PKey::private_key_from_pem_passphrase(pem, passphrase.as_bytes()).map_err(|_| {
        if is_encrypted {
            IdentityError::WrongPassphrase
        } else {
            IdentityError::Unreadable("the key")
        }
    })
}

/// RC2 of 40 bits, as Windows wrote it for twenty years, lives in the legacy provider, which is
/// loaded for this one file: nothing else shall find an algorithm of it.
fn parse_legacy(file: &Pkcs12, passphrase: &str) -> Result<ParsedPkcs12_2, IdentityError> {
    let _legacy =
        Provider::try_load(None, "legacy", true).map_err(|_| IdentityError::KeyUnsupported)?;
    file.parse2(passphrase)
        .map_err(|error| passphrase_or(&error, FILE_UNREADABLE))
}

/// Whether OpenSSL's complaint is about the passphrase; a file that has no MAC to check it by
/// complains of the MAC too.
fn passphrase_or(error: &ErrorStack, other: IdentityError) -> IdentityError {
    if has_reason(error, WRONG_PASSPHRASE) && !has_reason(error, &["mac absent"]) {
        IdentityError::WrongPassphrase
    } else {
        other
    }
}

fn has_reason(errors: &ErrorStack, reasons: &[&str]) -> bool {
    errors
        .errors()
        .iter()
        .filter_map(Error::reason)
        .any(|reason| reasons.contains(&reason))
}

const FILE_UNREADABLE: IdentityError = IdentityError::Unreadable("the PKCS#12 file");
const ENCRYPTED: &[u8] = b"ENCRYPTED";
const UNSUPPORTED: &[&str] = &["unsupported", "unsupported algorithm"];
const WRONG_PASSPHRASE: &[&str] = &["mac verify failure", "mac verify error", "bad decrypt"];
