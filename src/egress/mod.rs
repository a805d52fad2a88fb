//! The one client by which Trao asks others: TSAs (RFC 3161 §3.4) and OCSP responders (RFC 6960
//! appendix A), CRLs and certificates (RFC 5280 §4.2.1.13 and §4.2.2.1).
//!
//! Addresses stand in certificates, and who issues one could make the service ask for anything. So
//! only the servers are asked that settings or the certificates of configured authorities name; a
//! name is resolved once and none of its addresses may lie off the internet, unless
//! `[egress] allow_private` has it; there are no redirects, no proxies, no cookies; an answer has a
//! time limit, a size limit and a content type. What an answer says is for `pades` to judge.

mod allowed;
mod client;
mod error;
mod exchange;
mod network;
mod tsa;

use std::time::Duration;

use reqwest::Url;

pub use allowed::AllowedHosts;
pub use error::{Denial, EgressError, EgressFailure, EgressSetupError};
pub use tsa::Tsa;

use crate::config::EgressSettings;
use client::VettedClient;
use exchange::Exchange;

/// The client. A clone shares its connections.
#[derive(Clone, Debug)]
pub struct Egress {
    client: VettedClient,
    /// Those of `[egress] hosts`.
    hosts: AllowedHosts,
    settings: EgressSettings,
}

impl Egress {
    /// Reads the authorities that are trusted by https.
    ///
    /// # Errors
    /// When `[egress] ca_file` cannot be read or holds no certificate.
    pub fn open(settings: &EgressSettings) -> Result<Self, EgressSetupError> {
        Ok(Self {
            client: VettedClient::open(settings)?,
            hosts: AllowedHosts::of(&settings.hosts),
            settings: settings.clone(),
        })
    }

    /// Sends a `TimeStampReq` and gives the `TimeStampResp`, both in DER. A TSA comes from the
    /// settings and is allowed by that.
    ///
    /// # Errors
    /// [`EgressError`]; its [`EgressError::code`] says in one word why.
    pub async fn time_stamp(&self, tsa: &Tsa, request: &[u8]) -> Result<Vec<u8>, EgressError> {
        let exchange = Exchange {
            url: tsa.url().clone(),
            request: Some(("application/timestamp-query", request.to_vec())),
            login: tsa.login(),
            answers: &["application/timestamp-reply"],
            bytes_max: self.settings.time_stamp_bytes,
            time_max: tsa.timeout(),
        };
        exchange.run(&self.client).await
    }

    /// Sends an `OCSPRequest` and gives the `OCSPResponse`, both in DER.
    ///
    /// # Errors
    /// As [`Egress::time_stamp`]; `denied` where neither `allowed` nor the settings name the server.
    pub async fn ocsp(
        &self,
        url: &str,
        allowed: &AllowedHosts,
        request: &[u8],
    ) -> Result<Vec<u8>, EgressError> {
        let exchange = Exchange {
            url: self.admit(url, allowed)?,
            request: Some(("application/ocsp-request", request.to_vec())),
            login: None,
            answers: &["application/ocsp-response"],
            bytes_max: self.settings.ocsp_bytes,
            time_max: Duration::from_secs(self.settings.answer_s),
        };
        exchange.run(&self.client).await
    }

    /// Fetches a CRL.
    ///
    /// # Errors
    /// As [`Egress::ocsp`].
    pub async fn crl(&self, url: &str, allowed: &AllowedHosts) -> Result<Vec<u8>, EgressError> {
        let exchange = Exchange {
            url: self.admit(url, allowed)?,
            request: None,
            login: None,
            answers: CRL_TYPES,
            bytes_max: self.settings.crl_bytes,
            time_max: Duration::from_secs(self.settings.crl_s),
        };
        exchange.run(&self.client).await
    }

    /// Fetches what `caIssuers` names: one certificate in DER, or several in a CMS message that
    /// holds nothing else (RFC 5280 §4.2.2.1).
    ///
    /// # Errors
    /// As [`Egress::ocsp`].
    pub async fn certificates(
        &self,
        url: &str,
        allowed: &AllowedHosts,
    ) -> Result<Vec<u8>, EgressError> {
        let exchange = Exchange {
            url: self.admit(url, allowed)?,
            request: None,
            login: None,
            answers: CERTIFICATE_TYPES,
            bytes_max: self.settings.certificates_bytes,
            time_max: Duration::from_secs(self.settings.answer_s),
        };
        exchange.run(&self.client).await
    }

    /// The address, if its server may be asked.
    fn admit(&self, url: &str, allowed: &AllowedHosts) -> Result<Url, EgressError> {
        let url = allowed::parse(url)?;
        if allowed.has(&url) || self.hosts.has(&url) {
            Ok(url)
        } else {
            Err(EgressError::denied(&url, Denial::NotAllowed))
        }
    }
}

/// That of RFC 2585 §4.2, and what web servers that do not know it send for a file `.crl`. None of
/// them is the page of an error.
const CRL_TYPES: &[&str] = &[
    "application/pkix-crl",
    "application/x-pkcs7-crl",
    "application/octet-stream",
    "binary/octet-stream",
];
/// Those of RFC 2585 §4.1 and RFC 5280 §4.2.2.1, and what web servers send for `.cer` and `.crt`.
const CERTIFICATE_TYPES: &[&str] = &[
    "application/pkix-cert",
    "application/pkcs7-mime",
    "application/x-x509-ca-cert",
    "application/x-pkcs7-certificates",
    "application/octet-stream",
    "binary/octet-stream",
];
