//! The client of the object service: address, credentials, trust, time-outs.

use std::time::Duration;

use aws_credential_types::Credentials;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::retry::RetryConfig;
use aws_sdk_s3::config::timeout::TimeoutConfig;
use aws_sdk_s3::config::{
    BehaviorVersion, Config, Region, RequestChecksumCalculation, ResponseChecksumValidation,
    StalledStreamProtectionConfig,
};
use zeroize::Zeroizing;

use super::{ArchiveError, connection};
use crate::config::S3Settings;

/// A service that is there accepts a connection in this time.
pub(super) const CONNECT: Duration = Duration::from_secs(5);
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
        .http_client(connection::http_client(settings.ca_file.as_deref()).await?)
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
