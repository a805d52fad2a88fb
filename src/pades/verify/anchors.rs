//! The certificates that trust ends at.

use openssl::error::ErrorStack;
use openssl::x509::X509;
use openssl::x509::store::{X509Store, X509StoreBuilder};
use openssl::x509::verify::X509VerifyParamRef;
use thiserror::Error;

/// The bytes hold no certificate.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
#[error("no certificate in PEM or DER")]
pub struct NoCertificate;

/// A set of trusted certificates: roots, or any certificate that trust shall end at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustAnchors {
    der: Vec<Vec<u8>>,
}

/// Who is trusted for what: whoever vouches for time-stamping authorities does not vouch for those
/// who sign by that.
#[derive(Clone, Copy, Debug)]
pub struct Trust<'a> {
    /// Those at whom signers' chains end.
    pub signers: &'a TrustAnchors,
    /// Those at whom time-stamping authorities' chains end.
    pub authorities: &'a TrustAnchors,
}

impl<'a> Trust<'a> {
    /// The same for both.
    #[must_use]
    pub fn alike(anchors: &'a TrustAnchors) -> Self {
        Self {
            signers: anchors,
            authorities: anchors,
        }
    }
}

impl TrustAnchors {
    /// Reads one certificate in DER, or any number in PEM.
    ///
    /// # Errors
    /// [`NoCertificate`] when there is none, or one of them is malformed.
    pub fn from_pem_or_der(bytes: &[u8]) -> Result<Self, NoCertificate> {
        let certificates = match X509::from_der(bytes) {
            Ok(certificate) => vec![certificate],
            Err(_) => X509::stack_from_pem(bytes).map_err(|_| NoCertificate)?,
        };
        let der: Result<Vec<_>, _> = certificates.iter().map(|each| each.to_der()).collect();
        der.ok()
            .filter(|der| !der.is_empty())
            .map(|der| Self { der })
            .ok_or(NoCertificate)
    }

    /// Takes certificates in DER as they are; what is none leads nowhere and thus trusts nobody.
    #[must_use]
    pub fn from_der(der: Vec<Vec<u8>>) -> Self {
        Self { der }
    }

    /// The certificates in DER.
    #[must_use]
    pub fn to_der(&self) -> Vec<Vec<u8>> {
        self.der.clone()
    }

    /// Adds the anchors of another set.
    pub fn extend(&mut self, other: Self) {
        self.der.extend(other.der);
    }

    /// Whether nothing is trusted.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.der.is_empty()
    }

    /// The store that OpenSSL looks issuers up in, with the parameters of one judgement.
    pub(super) fn store(&self, parameters: &X509VerifyParamRef) -> Result<X509Store, ErrorStack> {
        let mut store = X509StoreBuilder::new()?;
        for certificate in self.der.iter().filter_map(|der| X509::from_der(der).ok()) {
            store.add_cert(certificate)?;
        }
        store.set_param(parameters)?;
        Ok(store.build())
    }
}
