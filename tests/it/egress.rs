//! The one client: whom it asks, whom it does not, and what it takes for an answer.

use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, TcpListener};
use std::process::Command;
use std::sync::mpsc::{Receiver, channel};

use openssl::ocsp::{OcspResponse, OcspResponseStatus};
use openssl::x509::X509Crl;
use trao::config::{EgressSettings, TsaSettings};
use trao::egress::{AllowedHosts, Denial, Egress, EgressError, EgressFailure, Tsa};

use super::support::judge::ask;
use super::support::pki_service::{Mode, Part, PkiService, Whose};
use super::support::server::free_address;
use super::support::tls::tls_server;

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

async fn denial(egress: &Egress, allowed: &AllowedHosts, url: &str) -> Denial {
    let refused = egress.crl(url, allowed).await.unwrap_err();
    match refused.failure() {
        EgressFailure::Denied(denial) => *denial,
        other => panic!("{url}: {other}"),
    }
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

#[tokio::test]
async fn every_kind_of_server_is_asked_in_its_way() {
    let service = PkiService::start();
    let (egress, tsa) = (egress(), Tsa::open(&tsa_of(&service)).unwrap());
    let url = service.ocsp_url();
    let allowed = AllowedHosts::of([url.as_str()]);
    // PKIStatusInfo of status granted (RFC 3161 §2.4.2) stands first in the answer.
    let stamped = egress
        .time_stamp(&tsa, &time_stamp_request())
        .await
        .unwrap();
    assert_eq!(stamped[4..9], [0x30, 0x03, 0x02, 0x01, 0x00]);
    let status = egress.ocsp(&url, &allowed, &ocsp_request(&service)).await;
    let status = OcspResponse::from_der(&status.unwrap()).unwrap();
    assert_eq!(status.status(), OcspResponseStatus::SUCCESSFUL);
    let crl = egress.crl(&service.crl_url(), &allowed).await.unwrap();
    X509Crl::from_der(&crl).unwrap();
    let url = service.ca_issuers_url();
    let issuer = egress.certificates(&url, &allowed).await.unwrap();
    assert_eq!(issuer, service.certificate_der(Whose::Issuing));
}

#[tokio::test]
async fn what_nobody_named_is_not_asked() {
    let service = PkiService::start();
    let url = service.crl_url();
    let elsewhere = format!("http://{}/crl", free_address());
    let tls = url.replace("http:", "https:");
    let name = url.replace("127.0.0.1", "localhost");
    for other in [&elsewhere, &tls, &name] {
        let allowed = AllowedHosts::of([other.as_str()]);
        assert_eq!(denial(&egress(), &allowed, &url).await, Denial::NotAllowed);
    }
    assert_eq!(service.asked(Part::Crl), 0);
    let named = EgressSettings {
        hosts: vec![service.url("")],
        ..settings()
    };
    let egress = Egress::open(&named).unwrap();
    egress.crl(&url, &AllowedHosts::default()).await.unwrap();
}

#[tokio::test]
async fn only_http_and_https_without_a_login_are_addresses() {
    let egress = egress();
    for (url, why) in [
        ("", Denial::NoAddress),
        ("/crl", Denial::NoAddress),
        ("file:///etc/passwd", Denial::NoAddress),
        ("ftp://127.0.0.1/crl", Denial::NoAddress),
        ("ldap://127.0.0.1/cn=crl", Denial::NoAddress),
        ("http://", Denial::NoAddress),
        ("http://user@127.0.0.1/crl", Denial::HoldsLogin),
        ("http://user:word@127.0.0.1/crl", Denial::HoldsLogin),
    ] {
        assert_eq!(
            denial(&egress, &AllowedHosts::of([url]), url).await,
            why,
            "{url}"
        );
    }
}

#[tokio::test]
async fn addresses_off_the_internet_are_denied_by_number_and_by_name() {
    let service = PkiService::start();
    let strict = Egress::open(&EgressSettings::default()).unwrap();
    let loopback = Denial::Private(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let port = service.crl_url().rsplit_once(':').unwrap().1.to_owned();
    for host in ["127.0.0.1", "127.1", "0x7f000001", "[::ffff:7f00:1]"] {
        let url = format!("http://{host}:{port}");
        let allowed = AllowedHosts::of([url.as_str()]);
        assert_eq!(denial(&strict, &allowed, &url).await, loopback, "{url}");
    }
    let by_name = format!("http://localhost:{port}");
    let allowed = AllowedHosts::of([by_name.as_str()]);
    let Denial::Private(address) = denial(&strict, &allowed, &by_name).await else {
        panic!("{by_name} is denied for another reason")
    };
    assert!(address.is_loopback());
    let tsa = Tsa::open(&tsa_of(&service)).unwrap();
    let refused = strict.time_stamp(&tsa, &time_stamp_request()).await;
    assert_eq!(refused.unwrap_err().code(), "denied");
    assert_eq!(service.asked(Part::Crl) + service.asked(Part::Tsa), 0);
    fetch(&egress(), &by_name).await.unwrap();
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let service = PkiService::start();
    let location = service.crl_url();
    let answer = format!("HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n");
    let (address, _told) = scripted(answer.leak());
    let refused = fetch(&egress(), &format!("http://{address}/")).await;
    let failure = EgressFailure::HttpStatus(302);
    assert_eq!(refused.unwrap_err().failure(), &failure);
    assert_eq!(service.asked(Part::Crl), 0);
}

/// What each part of the service is found to be.
async fn codes(service: &PkiService, settings: &EgressSettings) -> [&'static str; 4] {
    let egress = Egress::open(settings).unwrap();
    let tsa = TsaSettings {
        timeout_s: settings.answer_s,
        ..tsa_of(service)
    };
    let tsa = Tsa::open(&tsa).unwrap();
    let (ocsp, crl, ca_issuers) = (
        service.ocsp_url(),
        service.crl_url(),
        service.ca_issuers_url(),
    );
    let allowed = AllowedHosts::of([&ocsp]);
    let (stamp_request, status_request) = (time_stamp_request(), ocsp_request(service));
    let (stamp, status, list, certificate) = tokio::join!(
        egress.time_stamp(&tsa, &stamp_request),
        egress.ocsp(&ocsp, &allowed, &status_request),
        egress.crl(&crl, &allowed),
        egress.certificates(&ca_issuers, &allowed),
    );
    [stamp, status, list, certificate].map(|answer| answer.unwrap_err().code())
}

#[tokio::test]
async fn an_answer_that_does_not_come_or_does_not_end_is_cut_off() {
    let service = PkiService::start();
    for (mode, settings, expected) in [
        (Mode::Down, settings(), "unreachable"),
        (Mode::Unavailable, settings(), "http_status"),
        (Mode::Slow, hasty(), "timed_out"),
        (Mode::Huge, settings(), "too_large"),
    ] {
        service.set_tsa(mode);
        service.set_ocsp(mode);
        service.set_crl(mode);
        service.set_ca_issuers(mode);
        assert_eq!(codes(&service, &settings).await, [expected; 4], "{mode:?}");
    }
}

#[tokio::test]
async fn a_length_that_is_announced_counts_before_it_comes() {
    let (address, _told) = scripted(
        "HTTP/1.1 200 OK\r\ncontent-type: application/pkix-crl\r\n\
         content-length: 99999999999\r\n\r\n",
    );
    let refused = fetch(&egress(), &format!("http://{address}/")).await;
    let bytes_max = settings().crl_bytes;
    assert_eq!(
        refused.unwrap_err().failure(),
        &EgressFailure::TooLarge { bytes_max }
    );
}

#[tokio::test]
async fn the_last_byte_that_is_taken_is_the_limit_s() {
    let tight = Egress::open(&EgressSettings {
        crl_bytes: 4,
        ..settings()
    })
    .unwrap();
    for (answer, expected) in [
        ("4\r\nabcd\r\n0\r\n\r\n", Ok(b"abcd".to_vec())),
        ("4\r\nabcd\r\n1\r\ne\r\n0\r\n\r\n", Err("too_large")),
    ] {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: Application/PKIX-CRL; charset=binary\r\n\
                    transfer-encoding: chunked\r\n\r\n";
        let (address, _told) = scripted(format!("{head}{answer}").leak());
        let taken = fetch(&tight, &format!("http://{address}/")).await;
        assert_eq!(taken.map_err(|error| error.code()), expected);
    }
}

#[tokio::test]
async fn a_page_is_no_answer() {
    for head in ["content-type: text/html\r\n", ""] {
        let answer = format!("HTTP/1.1 200 OK\r\n{head}content-length: 2\r\n\r\nno");
        let (address, _told) = scripted(answer.leak());
        assert_eq!(
            code(&egress(), &format!("http://{address}/")).await,
            "wrong_type"
        );
    }
}

#[tokio::test]
async fn a_server_that_is_not_there_is_not_reached() {
    let refused = fetch(&egress(), &format!("http://{}/", free_address())).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), "unreachable");
    assert!(refused.to_string().contains("refused"), "{refused}");
    // A label of 64 letters is no name, which the system knows without asking anybody.
    let nameless = format!("http://{}.example/", "a".repeat(64));
    assert_eq!(code(&egress(), &nameless).await, "unreachable");
}

#[tokio::test]
async fn a_tsa_with_a_login_gets_it() {
    let service = PkiService::start();
    service.require_login("trao", "mật khẩu");
    let password = tempfile::NamedTempFile::new().unwrap();
    for (text, expected) in [("mật khẩu\n", None), ("mật  khẩu", Some("http_status"))] {
        std::fs::write(password.path(), text).unwrap();
        let tsa = Tsa::open(&TsaSettings {
            user: Some("trao".to_owned()),
            password_file: Some(password.path().to_owned()),
            ..tsa_of(&service)
        });
        let tsa = tsa.unwrap();
        assert!(!format!("{tsa:?}").contains("khẩu"));
        let answer = egress().time_stamp(&tsa, &time_stamp_request()).await;
        assert_eq!(answer.err().map(|error| error.code()), expected);
    }
}

#[tokio::test]
async fn nothing_is_sent_that_was_not_asked_for() {
    let answer = "HTTP/1.1 200 OK\r\ncontent-type: application/pkix-crl\r\n\
                  set-cookie: a=b\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
    let (address, told) = scripted(answer);
    let egress = egress();
    for _ in 0..2 {
        let taken = fetch(&egress, &format!("http://{address}/a?b#c")).await;
        assert_eq!(taken.unwrap(), b"ok");
        let mut head: Vec<_> = told.recv().unwrap().lines().map(str::to_owned).collect();
        head.retain(|line| !line.is_empty());
        head[1..].sort();
        let host = format!("host: {address}");
        let expected = [
            "GET /a?b HTTP/1.1",
            "accept: application/pkix-crl",
            &host,
            "user-agent: trao",
        ];
        assert_eq!(head, expected);
    }
}

#[tokio::test]
async fn an_error_tells_the_server_and_no_more_of_its_address() {
    let (address, _told) = scripted("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    let nobody = free_address();
    for (url, server) in [
        (format!("http://{address}/for-us?key=hidden"), address),
        (format!("http://{nobody}/for-us?key=hidden"), nobody),
    ] {
        let error = fetch(&egress(), &url).await.unwrap_err();
        assert_eq!(error.server(), server.to_string());
        let told = format!("{error} {error:?}");
        assert!(
            !told.contains("hidden") && !told.contains("for-us"),
            "{told}"
        );
    }
}

#[tokio::test]
async fn by_https_only_a_known_authority_s_server_is_trusted() {
    let folder = tempfile::tempdir().unwrap();
    let (address, authority) = tls_server(folder.path());
    let url = format!("https://{address}/");
    let refused = fetch(&egress(), &url).await.unwrap_err();
    assert_eq!(refused.code(), "unreachable");
    assert!(refused.to_string().contains("UnknownIssuer"), "{refused}");
    let knowing = Egress::open(&EgressSettings {
        ca_file: Some(authority),
        ..settings()
    });
    // It answers without a content type.
    assert_eq!(code(&knowing.unwrap(), &url).await, "wrong_type");
    let empty = tempfile::NamedTempFile::new().unwrap();
    let nothing = EgressSettings {
        ca_file: Some(empty.path().to_owned()),
        ..settings()
    };
    let refused = Egress::open(&nothing).unwrap_err().to_string();
    assert!(refused.starts_with("egress.ca_file"), "{refused}");
}

#[tokio::test]
async fn a_server_that_accepts_and_says_nothing_is_given_up() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = silent.local_addr().unwrap();
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://{address}/");
        let hasty = Egress::open(&hasty()).unwrap();
        assert_eq!(code(&hasty, &url).await, "timed_out", "{scheme}");
    }
}

/// The variables are read when a client is made, so that this runs in a process of its own.
#[test]
fn a_proxy_in_the_environment_is_passed_by() {
    let (proxy, told) = scripted("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 0\r\n\r\n");
    let proxy = format!("http://{proxy}");
    let variables = [
        "http_proxy",
        "https_proxy",
        "all_proxy",
        "HTTP_PROXY",
        "ALL_PROXY",
    ];
    let output = Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "egress::in_an_environment_with_a_proxy",
            "--ignored",
        ])
        .envs(variables.map(|variable| (variable, &proxy)))
        .env_remove("no_proxy")
        .env_remove("NO_PROXY")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && said.contains("1 passed"),
        "{said}"
    );
    assert!(told.try_recv().is_err());
}

#[tokio::test]
#[ignore = "run by the test above, with a proxy in its environment"]
async fn in_an_environment_with_a_proxy() {
    let service = PkiService::start();
    fetch(&egress(), &service.crl_url()).await.unwrap();
}
