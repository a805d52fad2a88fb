//! A server by https whose authority nobody knows.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::Command;

use openssl::ssl::{SslAcceptor, SslFiletype, SslMethod};

/// A server with a certificate for 127.0.0.1 that answers each request with 200 and nothing; beside it the
/// authority's certificate.
pub(crate) fn tls_server(folder: &Path) -> (SocketAddr, PathBuf) {
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
