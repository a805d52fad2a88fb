//! Whom the archive trusts when it talks to a bucket.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use openssl::ssl::{SslAcceptor, SslFiletype, SslMethod};
use trao::archive::{Archive, ArchiveError};
use trao::config::S3Settings;

/// A server with a certificate for 127.0.0.1 that answers one request with 200; beside it the
/// authority's certificate.
fn tls_server(folder: &Path) -> (SocketAddr, PathBuf) {
    let path = |name: &str| folder.join(name).display().to_string();
    let openssl = |arguments: &str| {
        let made = Command::new("openssl")
            .args(arguments.split(' '))
            .output()
            .unwrap();
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
    };
    let key = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2";
    openssl(&format!(
        "req -x509 {key} -subj /CN=authority -keyout {} -out {}",
        path("ca.key"),
        path("ca.pem")
    ));
    openssl(&format!(
        "req -x509 {key} -subj /CN=store -CA {} -CAkey {} -keyout {} -out {} \
         -addext subjectAltName=IP:127.0.0.1 -addext basicConstraints=critical,CA:FALSE",
        path("ca.pem"),
        path("ca.key"),
        path("store.key"),
        path("store.pem")
    ));
    let mut acceptor = SslAcceptor::mozilla_intermediate_v5(SslMethod::tls()).unwrap();
    acceptor
        .set_private_key_file(path("store.key"), SslFiletype::PEM)
        .unwrap();
    acceptor
        .set_certificate_chain_file(path("store.pem"))
        .unwrap();
    let acceptor = acceptor.build();
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            // A client that does not trust us hangs up.
            let Ok(mut stream) = acceptor.accept(stream.unwrap()) else {
                continue;
            };
            let mut request = [0; 4096];
            assert!(stream.read(&mut request).unwrap() > 0);
            stream
                .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n")
                .unwrap();
        }
    });
    (address, folder.join("ca.pem"))
}

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
