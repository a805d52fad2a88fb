//! What is taken for an answer, and what is not.

use std::net::{Ipv4Addr, TcpListener};

use openssl::ocsp::{OcspResponse, OcspResponseStatus};
use openssl::x509::X509Crl;
use trao::config::{EgressSettings, TsaSettings};
use trao::egress::{AllowedHosts, Egress, EgressFailure, Tsa};

use super::super::support::pki_service::{Mode, PkiService, Whose};
use super::super::support::server::free_address;
use super::{
    code, egress, fetch, hasty, ocsp_request, scripted, settings, time_stamp_request, tsa_of,
};

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
    for (text, expected) in [
        ("mật khẩu\n", None),
        ("\u{feff}mật khẩu\r\n", None),
        ("mật  khẩu", Some("http_status")),
    ] {
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
async fn a_server_that_accepts_and_says_nothing_is_given_up() {
    let silent = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = silent.local_addr().unwrap();
    for scheme in ["http", "https"] {
        let url = format!("{scheme}://{address}/");
        let hasty = Egress::open(&hasty()).unwrap();
        assert_eq!(code(&hasty, &url).await, "timed_out", "{scheme}");
    }
}
