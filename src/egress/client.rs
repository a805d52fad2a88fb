//! The HTTP client, which connects to vetted addresses only.

use std::path::Path;
use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Url, redirect, retry};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::error::{Denial, EgressFailure, EgressSetupError};
use super::network::{OffTheInternet, Vetting};
use crate::config::EgressSettings;

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_secs(20);

/// A client for which every address is vetted: numbers here, names as they are looked up.
#[derive(Clone, Debug)]
pub(super) struct VettedClient {
    client: Client,
    vetting: Vetting,
}

impl VettedClient {
    pub(super) fn open(settings: &EgressSettings) -> Result<Self, EgressSetupError> {
        let vetting = Vetting::new(&settings.allow_private);
        let client = Client::builder()
            .user_agent("trao")
            .no_proxy()
            .redirect(redirect::Policy::none())
            .referer(false)
            .retry(retry::never())
            .http1_only()
            .connect_timeout(Duration::from_secs(settings.connect_s))
            .pool_idle_timeout(IDLE)
            .dns_resolver(vetting.clone())
            .tls_backend_preconfigured(tls(settings.ca_file.as_deref())?)
            .build()
            .map_err(|error| setting("egress", &error))?;
        Ok(Self { client, vetting })
    }

    /// Begins a request.
    pub(super) fn request(
        &self,
        method: Method,
        url: Url,
    ) -> Result<RequestBuilder, EgressFailure> {
        self.vetting
            .vet_number(&url)
            .map_err(|OffTheInternet(address)| EgressFailure::Denied(Denial::Private(address)))?;
        Ok(self.client.request(method, url))
    }
}

/// Trust in the system's authorities and in those of the file.
fn tls(ca_file: Option<&Path>) -> Result<ClientConfig, EgressSetupError> {
    let mut roots = of_the_system();
    if let Some(path) = ca_file {
        add(&mut roots, path)?;
    }
    let config = ClientConfig::builder_with_provider(ring::default_provider().into())
        .with_safe_default_protocol_versions()
        .map_err(|error| setting("egress", &error))?;
    Ok(config.with_root_certificates(roots).with_no_client_auth())
}

/// One that cannot be read is passed by: if it was the needed one, the connection fails and says
/// so.
fn of_the_system() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    for error in found.errors {
        tracing::warn!(%error, "an authority of the system cannot be read");
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    roots
}

fn add(roots: &mut RootCertStore, path: &Path) -> Result<(), EgressSetupError> {
    let name = "egress.ca_file";
    let pem = std::fs::read(path).map_err(|source| EgressSetupError::File {
        setting: name,
        path: path.to_owned(),
        source,
    })?;
    let before = roots.len();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| setting(name, &error))?;
        roots
            .add(certificate)
            .map_err(|error| setting(name, &error))?;
    }
    if roots.len() == before {
        return Err(setting(name, &"there is no PEM certificate in it"));
    }
    Ok(())
}

fn setting(setting: &'static str, why: &dyn std::fmt::Display) -> EgressSetupError {
    EgressSetupError::Setting {
        setting,
        why: why.to_string(),
    }
}
