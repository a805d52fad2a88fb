//! The one client: whom it asks, whom it does not, and what it takes for an answer.

mod answers;
mod trusted;
mod whom;

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};

use trao::config::{EgressSettings, TsaSettings};
use trao::egress::{AllowedHosts, Egress, EgressError};

use super::support::judge::ask;
use super::support::pki_service::{PkiService, Whose};

/// Settings that let tests reach their own servers, with the patience that a loaded machine needs.
fn settings() -> EgressSettings {
    EgressSettings {
        allow_private: vec!["127.0.0.0/8".parse().unwrap(), "::1/128".parse().unwrap()],
        connect_s: PATIENCE_S,
        answer_s: PATIENCE_S,
        crl_s: PATIENCE_S,
        ..EgressSettings::default()
    }
}

/// The same without any patience, for servers that never answer.
fn hasty() -> EgressSettings {
    EgressSettings {
        connect_s: 1,
        answer_s: 1,
        crl_s: 1,
        ..settings()
    }
}

fn egress() -> Egress {
    Egress::open(&settings()).unwrap()
}

fn tsa_of(service: &PkiService) -> TsaSettings {
    TsaSettings {
        name: "TSA".to_owned(),
        url: service.tsa_url(),
        timeout_s: PATIENCE_S,
        ..TsaSettings::default()
    }
}

const PATIENCE_S: u64 = 60;

/// Fetches a CRL from the server that the address names.
async fn fetch(egress: &Egress, url: &str) -> Result<Vec<u8>, EgressError> {
    egress.crl(url, &AllowedHosts::of([url])).await
}

async fn code(egress: &Egress, url: &str) -> &'static str {
    fetch(egress, url).await.unwrap_err().code()
}

/// A server that answers every connection with these bytes and tells what it was sent.
fn scripted(answer: &'static str) -> (SocketAddr, Receiver<String>) {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = listener.local_addr().unwrap();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut request = vec![0; 4096];
            let count = stream.read(&mut request).unwrap();
            request.truncate(count);
            let _ = tell.send(String::from_utf8(request).unwrap());
            // A client that has read enough hangs up.
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    (address, told)
}

/// An OCSP request about the agency, made by OpenSSL.
fn ocsp_request(service: &PkiService) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    std::fs::write(path("ca"), service.certificate_pem(Whose::Issuing)).unwrap();
    std::fs::write(path("it"), service.certificate_pem(Whose::Agency)).unwrap();
    let words = [
        "ocsp",
        "-issuer",
        &path("ca"),
        "-cert",
        &path("it"),
        "-reqout",
        &path("out"),
    ];
    assert!(ask("openssl", &words).ok);
    std::fs::read(path("out")).unwrap()
}

/// A request for a time-stamp over nothing in particular.
fn time_stamp_request() -> Vec<u8> {
    let digest = "00".repeat(32);
    let query = Command::new("openssl")
        .args(["ts", "-query", "-sha256", "-cert", "-digest", &digest])
        .output()
        .unwrap();
    query.stdout
}
