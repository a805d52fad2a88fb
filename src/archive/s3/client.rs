//! The client of the object service: address, credentials, trust, time-outs.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Config, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    SharedHttpClient, StalledStreamProtectionConfig,
};
use aws_smithy_http_client::Builder;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use zeroize::Zeroizing;

use super::ArchiveError;
use crate::config::S3Settings;

/// A service that is there accepts a connection in this time.
const CONNECT: Duration = Duration::from_secs(5);
/// And answers a request without a long body in this.
const ANSWER: Duration = Duration::from_secs(30);
/// How often a request is sent, all in all.
pub(super) const ATTEMPTS: u32 = 3;
/// What a slow but usable line carries: 256 KiB a second.
const SLOWEST_BYTES_PER_S: u64 = 256 * 1024;

/// Makes the client. Checksums are ours to give and to check: the SDK's own trailing ones are
/// refused by stores that do not know them, and would be computed twice.
pub(super) async fn client(settings: &S3Settings) -> Result<Client, ArchiveError> {
    let mut config = Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(settings.region.clone()))
        .force_path_style(settings.path_style)
        .credentials_provider(credentials(settings).await?)
        .http_client(http_client(settings).await?)
        .request_checksum_calculation(RequestChecksumCalculation::WhenRequired)
        .response_checksum_validation(ResponseChecksumValidation::WhenRequired)
        .retry_config(RetryConfig::standard().with_max_attempts(ATTEMPTS))
        .timeout_config(
            TimeoutConfig::builder()
                .connect_timeout(CONNECT)
                .operation_attempt_timeout(ANSWER)
                .build(),
        )
        // A slow reader is no fault of the store's: `super::pieces` limits the wait for each piece.
        .stalled_stream_protection(StalledStreamProtectionConfig::disabled());
    config.set_endpoint_url(settings.endpoint.clone());
    Ok(Client::from_conf(config.build()))
}

/// What a write of so many bytes has otherwise than the other requests: the time that they take on
/// a slow line, and no retries of the SDK's, which would take an object that an earlier attempt
/// wrote for somebody else's.
pub(super) fn for_write(len: u64) -> aws_sdk_s3::config::Builder {
    let sending = Duration::from_secs(len / SLOWEST_BYTES_PER_S);
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(CONNECT)
        .operation_attempt_timeout(ANSWER + sending);
    Config::builder()
        .timeout_config(timeouts.build())
        .retry_config(RetryConfig::disabled())
}

async fn credentials(settings: &S3Settings) -> Result<Credentials, ArchiveError> {
    let name = "archive.s3.secret_access_key_file";
    let Some(path) = &settings.secret_access_key_file else {
        return Err(ArchiveError::Settings(format!("{name} is not set")));
    };
    let secret = tokio::fs::read_to_string(path).await.map(Zeroizing::new);
    let secret = secret.map_err(|error| ArchiveError::Settings(format!("{name}: {error}")))?;
    let id = settings.access_key_id.as_str();
    Ok(Credentials::new(id, secret.trim(), None, None, "trao.toml"))
}

async fn http_client(settings: &S3Settings) -> Result<SharedHttpClient, ArchiveError> {
    let trust = match &settings.ca_file {
        Some(path) => own_authority(path).await?,
        // Without TLS there is nobody to trust, and no reason to look for the system's list.
        None if is_plain(settings) => TrustStore::empty(),
        None => TrustStore::default(),
    };
    let tls = TlsContext::builder().with_trust_store(trust).build();
    Ok(Builder::new()
        .tls_provider(Provider::Rustls(CryptoMode::Ring))
        .tls_context(tls.map_err(|error| ArchiveError::Settings(error.to_string()))?)
        .build_https())
}

fn is_plain(settings: &S3Settings) -> bool {
    settings
        .endpoint
        .as_ref()
        .is_some_and(|endpoint| endpoint.starts_with("http://"))
}

/// Trust in the certificates of one file and in no others. They are tried here, because the SDK
/// panics over a file that it cannot read.
async fn own_authority(path: &Path) -> Result<TrustStore, ArchiveError> {
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
    Ok(TrustStore::empty().with_pem_certificate(pem))
}
