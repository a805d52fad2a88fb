//! Whom the archive trusts when it talks to a bucket.

use std::fs;

use trao::archive::{Archive, ArchiveError};
use trao::config::S3Settings;

use super::support::tls::tls_server;

#[tokio::test]
async fn a_store_with_a_private_authority_is_trusted_by_name_only() {
    let folder = tempfile::tempdir().unwrap();
    let (address, authority) = tls_server(folder.path());
    let secret = folder.path().join("secret");
    fs::write(&secret, "secret").unwrap();
    let settings = S3Settings {
        endpoint: Some(format!("https://{address}")),
        bucket: "trao".to_owned(),
        access_key_id: "id".to_owned(),
        secret_access_key_file: Some(secret),
        ca_file: Some(authority),
        ..S3Settings::default()
    };
    Archive::open_s3(&settings)
        .await
        .unwrap()
        .reachable()
        .await
        .unwrap();
    let system = S3Settings {
        ca_file: None,
        ..settings
    };
    let refused = Archive::open_s3(&system).await.unwrap().reachable().await;
    let Err(ArchiveError::Unavailable(cause)) = refused else {
        panic!("{refused:?}")
    };
    assert!(cause.to_string().contains("UnknownIssuer"), "{cause}");
}
