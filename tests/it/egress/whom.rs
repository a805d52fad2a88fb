//! Whom the client asks, by which way, and what it tells of it.

use std::net::{IpAddr, Ipv4Addr};
use std::process::Command;

use trao::config::EgressSettings;
use trao::egress::{AllowedHosts, Denial, Egress, EgressFailure, Tsa};

use super::super::support::pki_service::{Part, PkiService};
use super::super::support::server::free_address;
use super::super::support::tls::tls_server;
use super::{code, egress, fetch, scripted, settings, time_stamp_request, tsa_of};

async fn denial(egress: &Egress, allowed: &AllowedHosts, url: &str) -> Denial {
    let refused = egress.crl(url, allowed).await.unwrap_err();
    match refused.failure() {
        EgressFailure::Denied(denial) => *denial,
        other => panic!("{url}: {other}"),
    }
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
            "egress::whom::in_an_environment_with_a_proxy",
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
