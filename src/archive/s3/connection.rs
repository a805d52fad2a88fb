//! Connections to the object service.
//!
//! They are our own because of their buffers: the SDK's client lets a fast store fill more than
//! 400 KiB for each download that a slow requester takes, and a thousand of those at once are what
//! an instance must bear.

use std::error::Error;
use std::fmt;
use std::path::Path;
use std::time::Duration;

use aws_smithy_runtime_api::client::http::{
    HttpConnector, HttpConnectorFuture, SharedHttpClient, SharedHttpConnector, http_client_fn,
};
use aws_smithy_runtime_api::client::orchestrator::{HttpRequest, HttpResponse};
use aws_smithy_runtime_api::client::result::ConnectorError;
use aws_smithy_types::body::SdkBody;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::connect::HttpConnector as TcpConnector;
use hyper_util::client::legacy::{Client, Error as ClientError};
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};

use super::ArchiveError;
use super::client::CONNECT;

/// What one connection holds of an answer that is not read yet.
const BUFFER_BYTES: usize = 64 * 1024;
/// How long an idle connection is kept: less than stores do, so that a request seldom meets one
/// that is just being closed.
const IDLE: Duration = Duration::from_secs(20);

#[derive(Clone, Debug)]
struct Connections(Client<HttpsConnector<TcpConnector>, SdkBody>);

/// An HTTP client that trusts the authorities in `ca_file`, or those of the system.
pub(super) async fn http_client(ca_file: Option<&Path>) -> Result<SharedHttpClient, ArchiveError> {
    let roots = match ca_file {
        Some(path) => own_authority(path).await?,
        None => of_the_system(),
    };
    let provider = ring::default_provider().into();
    let tls = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| ArchiveError::Settings(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let mut tcp = TcpConnector::new();
    tcp.enforce_http(false);
    tcp.set_connect_timeout(Some(CONNECT));
    tcp.set_nodelay(true);
    let connector = HttpsConnectorBuilder::new()
        .with_tls_config(tls)
        .https_or_http()
        .enable_http1()
        .wrap_connector(tcp);
    let client = Client::builder(TokioExecutor::new())
        .http1_max_buf_size(BUFFER_BYTES)
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .build(connector);
    let connector = SharedHttpConnector::new(Connections(client));
    Ok(http_client_fn(move |_, _| connector.clone()))
}

impl HttpConnector for Connections {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let client = self.0.clone();
        HttpConnectorFuture::new(async move {
            let request = request
                .try_into_http1x()
                .map_err(|error| ConnectorError::user(error.into()))?;
            let response = client.request(request).await.map_err(told_by)?;
            HttpResponse::try_from(response.map(SdkBody::from_body_1_x))
                .map_err(|error| ConnectorError::other(error.into(), None))
        })
    }
}

/// Whose fault it is decides whether the request is sent again: ours (the file could not be read)
/// would be the same once more.
fn told_by(error: ClientError) -> ConnectorError {
    let ours = error
        .source()
        .and_then(|source| source.downcast_ref::<hyper::Error>())
        .is_some_and(hyper::Error::is_user);
    if ours {
        ConnectorError::user(error.into())
    } else {
        ConnectorError::io(error.into())
    }
}

/// Trust in the certificates of one file and in no others.
async fn own_authority(path: &Path) -> Result<RootCertStore, ArchiveError> {
    let unfit =
        |error: &dyn fmt::Display| ArchiveError::Settings(format!("archive.s3.ca_file: {error}"));
    let pem = tokio::fs::read(path).await.map_err(|error| unfit(&error))?;
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        roots
            .add(certificate.map_err(|error| unfit(&error))?)
            .map_err(|error| unfit(&error))?;
    }
    if roots.is_empty() {
        return Err(unfit(&"there is no PEM certificate in it"));
    }
    Ok(roots)
}

/// The system's authorities. One that cannot be read is passed by: if it was the needed one, the
/// connection fails and says so.
fn of_the_system() -> RootCertStore {
    let found = rustls_native_certs::load_native_certs();
    for error in found.errors {
        tracing::warn!(%error, "an authority of the system cannot be read");
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(found.certs);
    roots
}
