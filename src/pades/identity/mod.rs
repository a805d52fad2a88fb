//! A signing identity: a private key, the certificate it belongs to and the chain above it.
//!
//! A bad credential is found when it is loaded, not when it is needed: the key must match its
//! certificate and make a signature that the certificate's key accepts. An identity that is well
//! made but may not sign today (expired, of another use) loads, and [`SigningIdentity::check`]
//! says why it may not: its results are held, everybody else's go on.

mod load;

use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use openssl::nid::Nid;
use openssl::pkey::{HasPublic, Id, PKey, PKeyRef, Private};
use openssl::x509::X509;
use thiserror::Error;
use time::OffsetDateTime;

use super::certificate::{self, CertificateFacts};
use super::scheme::{DigestAlgorithm, Scheme};
use super::signature::{Checker, Method};
use super::signer::{DigestSigner, LocalKey, SignError};

/// Why an identity could not be loaded.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum IdentityError {
    /// The passphrase does not open the key.
    #[error("the passphrase is wrong")]
    WrongPassphrase,
    /// The bytes are not what they should be; says which part.
    #[error("{0} cannot be read")]
    Unreadable(&'static str),
    /// There is a certificate without a key, or a key without a certificate.
    #[error("{0} is missing")]
    Missing(&'static str),
    /// The key is not the certificate's.
    #[error("the key does not match the certificate")]
    KeyMismatch,
    /// The key cannot sign by the scheme that was asked for.
    #[error("the key cannot sign by {0}")]
    SchemeUnfit(Scheme),
    /// A kind or curve of key that no scheme here knows.
    #[error("this kind of key is not supported")]
    KeyUnsupported,
    /// The key made no good signature when it was tried.
    #[error("the key failed its trial signature")]
    ProbeFailed,
}

/// Why an identity that was loaded may not sign now.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum Unfit {
    /// Its validity has ended, or that of a certificate above it.
    #[error("the certificate has expired")]
    Expired,
    /// Its validity has not begun, or that of a certificate above it.
    #[error("the certificate, or one above it, is not yet valid")]
    NotYetValid,
    /// Its key usage has neither digitalSignature nor nonRepudiation (RFC 5280 §4.2.1.3).
    #[error("the certificate is not meant for signatures")]
    KeyUsage,
    /// An RSA key of less than 2048 bits.
    #[error("the key is too short")]
    WeakKey,
}

impl Unfit {
    /// The word for it in records and texts.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::NotYetValid => "not_yet_valid",
            Self::KeyUsage => "key_usage",
            Self::WeakKey => "weak_key",
        }
    }
}

/// Key, certificate and chain, matched and tried.
pub struct SigningIdentity {
    signer: Box<dyn DigestSigner>,
    public: Checker,
    /// DER: the signer's own certificate, then upwards as far as certificates were given.
    chain: Vec<Vec<u8>>,
    facts: CertificateFacts,
    /// While all certificates of the chain are valid; its end is the last moment of it.
    validity: Range<OffsetDateTime>,
    issuer_and_serial: Vec<u8>,
    schemes: Vec<Scheme>,
    scheme: Scheme,
    digest: DigestAlgorithm,
    good_way: OnceLock<Range<OffsetDateTime>>,
}

impl fmt::Debug for SigningIdentity {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            formatter,
            "SigningIdentity({})",
            hex::encode(self.facts.sha256)
        )
    }
}

impl SigningIdentity {
    /// Matches a key in memory to its certificate and tries it.
    fn new(
        key: PKey<Private>,
        certificate: &X509,
        others: Vec<X509>,
    ) -> Result<Self, IdentityError> {
        let public = certificate
            .public_key()
            .map_err(|_| CERTIFICATE_UNREADABLE)?;
        if !public.public_eq(&key) {
            return Err(IdentityError::KeyMismatch);
        }
        Self::with_signer(Box::new(LocalKey::new(key)), certificate, others)
    }

    /// Takes a key that stays where it is (a token, a module, a remote service), its certificate
    /// and others of the chain, all in DER, in any order.
    ///
    /// # Errors
    /// [`IdentityError::ProbeFailed`] when the certificate's key does not accept a trial signature,
    /// and the others.
    pub fn from_signer(
        signer: Box<dyn DigestSigner>,
        certificate: &[u8],
        others: &[Vec<u8>],
    ) -> Result<Self, IdentityError> {
        let certificate = X509::from_der(certificate).map_err(|_| CERTIFICATE_UNREADABLE)?;
        Self::with_signer(signer, &certificate, certificates(others)?)
    }

    /// Tries the key: a signature that the certificate's key does not accept is no identity.
    fn with_signer(
        signer: Box<dyn DigestSigner>,
        certificate: &X509,
        others: Vec<X509>,
    ) -> Result<Self, IdentityError> {
        let public = certificate
            .public_key()
            .map_err(|_| CERTIFICATE_UNREADABLE)?;
        let (schemes, digest) = abilities(&public)?;
        let schemes: Vec<_> = schemes
            .iter()
            .copied()
            .filter(|&scheme| signer.offers(scheme))
            .collect();
        let scheme = *schemes.first().ok_or(IdentityError::KeyUnsupported)?;
        let facts = certificate::facts(certificate).ok_or(CERTIFICATE_UNREADABLE)?;
        let der = der_of(certificate)?;
        let issuer_and_serial =
            certificate::issuer_and_serial(&der).ok_or(CERTIFICATE_UNREADABLE)?;
        let mut chain = vec![der];
        for above in certificate::chain_above(certificate, others) {
            chain.push(der_of(&above)?);
        }
        let identity = Self {
            signer,
            public: Checker::new(public),
            validity: common_validity(&chain, &facts),
            chain,
            facts,
            issuer_and_serial,
            schemes,
            scheme,
            digest,
            good_way: OnceLock::new(),
        };
        identity.probe()?;
        Ok(identity)
    }

    /// The same identity with another scheme; `None` leaves the default: RSASSA-PSS for RSA keys,
    /// ECDSA for keys on a curve.
    ///
    /// # Errors
    /// [`IdentityError::SchemeUnfit`] when the key is of another kind.
    pub fn with_scheme(mut self, scheme: Option<Scheme>) -> Result<Self, IdentityError> {
        let Some(scheme) = scheme.filter(|&scheme| scheme != self.scheme) else {
            return Ok(self);
        };
        if !self.schemes.contains(&scheme) {
            return Err(IdentityError::SchemeUnfit(scheme));
        }
        self.scheme = scheme;
        self.probe()?;
        Ok(self)
    }

    /// The same identity, its chain led further up by certificates that are known anyway (DER, in
    /// any order): whoever is trusted may be the issuer that nobody gave. An authority that ends
    /// sooner than what was given takes no part: old ones are trusted for old signatures. Nor does one
    /// that is not valid yet at `now`: its key may have a certificate that is.
    ///
    /// # Errors
    /// [`IdentityError::Unreadable`] when one of them is no certificate.
    pub fn completed_by(
        mut self,
        known: &[Vec<u8>],
        now: OffsetDateTime,
    ) -> Result<Self, IdentityError> {
        let topmost = X509::from_der(self.anchor_der()).map_err(|_| CERTIFICATE_UNREADABLE)?;
        let is_begun = |der: &&Vec<u8>| certificate::validity(der).is_none_or(|it| it.start <= now);
        let known: Vec<_> = known.iter().filter(is_begun).cloned().collect();
        for above in certificate::chain_above(&topmost, certificates(&known)?) {
            let above = der_of(&above)?;
            let ends = certificate::not_after(&above);
            let is_sooner = ends.is_none_or(|end| end < self.validity.end);
            if self.chain.contains(&above) || is_sooner && self.chain.len() > 1 {
                break;
            }
            self.chain.push(above);
        }
        self.validity = common_validity(&self.chain, &self.facts);
        self.good_way = OnceLock::new();
        Ok(self)
    }

    /// Whether it signs by RSASSA-PKCS1-v1_5 because its key's holder offers no RSASSA-PSS.
    #[must_use]
    pub fn lacks_pss(&self) -> bool {
        self.scheme == Scheme::Pkcs1 && !self.schemes.contains(&Scheme::Pss)
    }

    /// Signs a trial digest and checks it with the certificate's key.
    fn probe(&self) -> Result<(), IdentityError> {
        let trial = vec![0x5a; self.digest.len()];
        let made = self
            .sign_digest(&trial)
            .map_err(|_| IdentityError::ProbeFailed)?;
        if self.has_made(&trial, &made) {
            Ok(())
        } else {
            Err(IdentityError::ProbeFailed)
        }
    }

    /// Whether it may sign at `now`.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, now: OffsetDateTime) -> Result<(), Unfit> {
        if now < self.validity.start {
            Err(Unfit::NotYetValid)
        } else if now > self.validity.end {
            Err(Unfit::Expired)
        } else if !self.facts.may_sign {
            Err(Unfit::KeyUsage)
        } else if self.facts.rsa_bits.is_some_and(|bits| bits < RSA_BITS_MIN) {
            Err(Unfit::WeakKey)
        } else {
            Ok(())
        }
    }

    /// Uses the key: the signature over a digest of [`Self::digest_algorithm`].
    pub(super) fn sign_digest(&self, digest: &[u8]) -> Result<Vec<u8>, SignError> {
        self.signer.sign_digest(self.scheme, self.digest, digest)
    }

    /// Whether `made` is its signature over `digest`, by the certificate's key.
    pub(super) fn has_made(&self, digest: &[u8], made: &[u8]) -> bool {
        let method = Method::of(self.scheme, self.digest);
        self.public.is_good(method, digest, made)
    }

    /// Whether its key usage allows signatures (RFC 5280 §4.2.1.3).
    pub(super) fn may_sign(&self) -> bool {
        self.facts.may_sign
    }

    /// The time in which the way from the certificate to its root was found good, once it was.
    pub(super) fn good_way(&self) -> &OnceLock<Range<OffsetDateTime>> {
        &self.good_way
    }

    /// The longest signature that the key can make.
    pub(super) fn signature_bytes_max(&self) -> usize {
        self.facts.signature_bytes_max
    }

    /// `IssuerAndSerialNumber` (RFC 5652 §10.2.4), copied from the certificate byte for byte.
    pub(super) fn issuer_and_serial(&self) -> &[u8] {
        &self.issuer_and_serial
    }

    /// The common name of the certificate's subject.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.facts.subject
    }

    /// The common name of its issuer.
    #[must_use]
    pub fn issuer(&self) -> &str {
        &self.facts.issuer
    }

    /// Its serial number, in lower-case hexadecimal.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.facts.serial
    }

    /// The beginning of its validity.
    #[must_use]
    pub fn not_before(&self) -> OffsetDateTime {
        self.facts.not_before
    }

    /// The end of its validity.
    #[must_use]
    pub fn not_after(&self) -> OffsetDateTime {
        self.facts.not_after
    }

    /// When the first certificate of the chain at hand ends: from then on validators find no valid
    /// way to the anchor.
    #[must_use]
    pub fn expires_at(&self) -> OffsetDateTime {
        self.validity.end
    }

    /// The SHA-256 of the certificate in DER.
    #[must_use]
    pub fn fingerprint_sha256(&self) -> [u8; 32] {
        self.facts.sha256
    }

    /// How it signs.
    #[must_use]
    pub fn scheme(&self) -> Scheme {
        self.scheme
    }

    /// What it digests with.
    #[must_use]
    pub fn digest_algorithm(&self) -> DigestAlgorithm {
        self.digest
    }

    /// The certificates in DER, the signer's own first, then upwards.
    #[must_use]
    pub fn chain_der(&self) -> &[Vec<u8>] {
        &self.chain
    }

    /// The topmost certificate at hand: the anchor by which we judge our own signatures.
    #[must_use]
    pub fn anchor_der(&self) -> &[u8] {
        self.chain.last().map_or(&[], Vec::as_slice)
    }
}

fn der_of(certificate: &X509) -> Result<Vec<u8>, IdentityError> {
    certificate.to_der().map_err(|_| CERTIFICATE_UNREADABLE)
}

/// Certificates from DER.
fn certificates(der: &[Vec<u8>]) -> Result<Vec<X509>, IdentityError> {
    let each = der.iter().map(|der| X509::from_der(der));
    each.collect::<Result<_, _>>()
        .map_err(|_| IdentityError::Unreadable("the chain"))
}

/// While all certificates of a chain are valid: from the last beginning to the first end.
fn common_validity(chain: &[Vec<u8>], own: &CertificateFacts) -> Range<OffsetDateTime> {
    let each = chain.iter().filter_map(|der| certificate::validity(der));
    each.fold(own.not_before..own.not_after, |common, each| {
        common.start.max(each.start)..common.end.min(each.end)
    })
}

/// The schemes that a key can sign by, the default first, and the digest that fits its strength.
fn abilities<T: HasPublic>(
    key: &PKeyRef<T>,
) -> Result<(&'static [Scheme], DigestAlgorithm), IdentityError> {
    match key.id() {
        Id::RSA => Ok((&[Scheme::Pss, Scheme::Pkcs1], DigestAlgorithm::Sha256)),
        Id::RSA_PSS => Ok((&[Scheme::Pss], DigestAlgorithm::Sha256)),
        Id::EC => {
            let curve = key.ec_key().ok().and_then(|key| key.group().curve_name());
            let digest = match curve {
                Some(Nid::X9_62_PRIME256V1) => DigestAlgorithm::Sha256,
                Some(Nid::SECP384R1) => DigestAlgorithm::Sha384,
                Some(Nid::SECP521R1) => DigestAlgorithm::Sha512,
                _ => return Err(IdentityError::KeyUnsupported),
            };
            Ok((&[Scheme::Ecdsa], digest))
        }
        _ => Err(IdentityError::KeyUnsupported),
    }
}

const CERTIFICATE_UNREADABLE: IdentityError = IdentityError::Unreadable("the certificate");

/// Thông tư 15/2025/TT-BKHCN, Annex I, and EN 319 312 ask for no less.
const RSA_BITS_MIN: u32 = 2048;
