//! What the parts answer: made on the spot by `openssl ts`, `openssl ocsp`, `openssl ca` and
//! `openssl x509`.

use std::ffi::OsStr;
use std::path::Path;

use time::Duration;

use super::super::lab;
use super::PkiService;
use super::authorities::{Authorities, Whose, openssl, written};
use super::server::{Mode, Part};

/// The answer of a part, by whom, to this request.
pub(super) fn make(
    authorities: &Authorities,
    part: Part,
    by: Whose,
    mode: Mode,
    request: &[u8],
) -> Vec<u8> {
    match part {
        Part::Tsa => time_stamp(authorities, mode, request),
        Part::Ocsp => status(authorities, by, mode, request),
        Part::Crl => crl(authorities, by, mode),
        Part::CaIssuers => authorities.certificate_der(by),
    }
}

fn time_stamp(authorities: &Authorities, mode: Mode, request: &[u8]) -> Vec<u8> {
    let mut request = request.to_vec();
    match mode {
        Mode::RefusesPolicy => return UNACCEPTED_POLICY.to_vec(),
        Mode::WrongNonce => spoil(&mut request, nonce),
        Mode::WrongImprint => spoil(&mut request, imprint),
        Mode::StandsStill => return of_a_clock_that_stands(authorities, &request),
        _ => {}
    }
    let _books = authorities.books();
    let (query, reply) = (authorities.path("query.tsq"), authorities.path("reply.tsr"));
    std::fs::write(&query, request).unwrap();
    openssl(
        &["ts", "-reply", "-section", "tsa"],
        &[
            "-config".as_ref(),
            authorities.configuration().as_os_str(),
            "-queryfile".as_ref(),
            query.as_os_str(),
            "-out".as_ref(),
            reply.as_os_str(),
        ],
    );
    std::fs::read(reply).unwrap()
}

/// What `openssl ts` cannot do: a time-stamp of another time than the machine's.
fn of_a_clock_that_stands(authorities: &Authorities, request: &[u8]) -> Vec<u8> {
    let tsa = lab::Holder::of_pem(
        &authorities.key_pem(Whose::Tsa),
        &authorities.certificate_pem(Whose::Tsa),
        &authorities.certificate_pem(Whose::Issuing),
    );
    let digest_end = imprint(request).unwrap() + 1;
    let digest = &request[digest_end - 32..digest_end];
    let fields = elements(request, content(request, 0).unwrap()).unwrap();
    let mut integers = fields.iter().filter(|field| request[field.0] == 0x02);
    let &(from, to) = integers.nth(1).unwrap();
    let (at, nonce) = (authorities.made_at, &request[from..to]);
    let token = lab::token_over(&tsa, digest, at, lab::HONEST, nonce);
    lab::seq(&[&lab::seq(&[&lab::tlv(0x02, &[0])]), &token])
}

/// The root answers itself, the issuing CA by its responder.
fn status(authorities: &Authorities, by: Whose, mode: Mode, request: &[u8]) -> Vec<u8> {
    let signer = match (mode, by) {
        (Mode::TryLater, _) => return TRY_LATER.to_vec(),
        (Mode::WrongSigner, _) => Whose::Stranger,
        (_, Whose::Root) => Whose::Root,
        (Mode::Doubtful, _) => Whose::Doubtful,
        _ => Whose::Responder,
    };
    let _books = authorities.books();
    let (asked, answer) = (authorities.path("ocsp.req"), authorities.path("ocsp.resp"));
    std::fs::write(&asked, request).unwrap();
    let nobody = authorities.path("nobody.txt");
    std::fs::write(&nobody, "").unwrap();
    let index = match mode {
        Mode::Unknown => nobody,
        _ => authorities.index(by),
    };
    if mode == Mode::OtherCertificate {
        ask_about_another(authorities, by, &asked);
    }
    openssl(
        &["ocsp", "-ndays", "1", "-rmd", "sha256"],
        &[
            "-index".as_ref(),
            index.as_os_str(),
            "-CA".as_ref(),
            authorities.certificate(by).as_os_str(),
            "-rsigner".as_ref(),
            authorities.certificate(signer).as_os_str(),
            "-rkey".as_ref(),
            authorities.key(signer).as_os_str(),
            "-reqin".as_ref(),
            asked.as_os_str(),
            "-respout".as_ref(),
            answer.as_os_str(),
        ],
    );
    std::fs::read(answer).unwrap()
}

/// Puts a request for the responder's own certificate in the place of the one that came.
fn ask_about_another(authorities: &Authorities, by: Whose, request: &Path) {
    openssl(
        &["ocsp", "-no_nonce"],
        &[
            "-issuer".as_ref(),
            authorities.certificate(by).as_os_str(),
            "-cert".as_ref(),
            authorities.certificate(Whose::Responder).as_os_str(),
            "-reqout".as_ref(),
            request.as_os_str(),
        ],
    );
}

fn crl(authorities: &Authorities, by: Whose, mode: Mode) -> Vec<u8> {
    let _books = authorities.books();
    let (pem, configuration) = (authorities.path("crl.pem"), authorities.configuration());
    let (stranger, key) = (
        authorities.certificate(Whose::Stranger),
        authorities.key(Whose::Stranger),
    );
    let yesterday = PkiService::now() - Duration::days(1);
    let (last, next) = (written(yesterday - Duration::days(7)), written(yesterday));
    let mut words: Vec<&OsStr> = vec!["-config".as_ref(), configuration.as_os_str()];
    match mode {
        Mode::Stale => words.extend(
            ["-crl_lastupdate", &last, "-crl_nextupdate", &next].map(AsRef::<OsStr>::as_ref),
        ),
        Mode::WrongSigner => words.extend([
            "-cert".as_ref(),
            stranger.as_os_str(),
            "-keyfile".as_ref(),
            key.as_os_str(),
        ]),
        _ => {}
    }
    words.extend(["-out".as_ref(), pem.as_os_str()]);
    openssl(&["ca", "-gencrl", "-name", by.name()], &words);
    openssl(&["crl", "-outform", "DER", "-in"], &[pem.as_os_str()])
}

/// Changes the last octet of an element of the request, which stays well-formed.
fn spoil(request: &mut [u8], find: impl Fn(&[u8]) -> Option<usize>) {
    let at = find(request).expect("a request with a nonce");
    request[at] ^= 1;
}

/// The last octet of `nonce` of a `TimeStampReq` (RFC 3161 §2.4.1): the second INTEGER.
fn nonce(request: &[u8]) -> Option<usize> {
    let fields = elements(request, content(request, 0)?)?;
    let mut integers = fields.iter().filter(|field| request[field.0] == 0x02);
    integers.nth(1).map(|field| field.1 - 1)
}

/// The last octet of `hashedMessage`, the last of `messageImprint`.
fn imprint(request: &[u8]) -> Option<usize> {
    let fields = elements(request, content(request, 0)?)?;
    fields.get(1).map(|field| field.1 - 1)
}

/// Begin and end of each element from here on.
fn elements(der: &[u8], mut at: usize) -> Option<Vec<(usize, usize)>> {
    let mut found = Vec::new();
    while at < der.len() {
        let end = content(der, at)? + length(der, at)?;
        found.push((at, end));
        at = end;
    }
    Some(found)
}

/// Where the content of the element at `at` begins.
fn content(der: &[u8], at: usize) -> Option<usize> {
    let first = usize::from(*der.get(at + 1)?);
    Some(at + 2 + first.saturating_sub(0x80))
}

fn length(der: &[u8], at: usize) -> Option<usize> {
    let first = *der.get(at + 1)?;
    if first < 0x80 {
        return Some(usize::from(first));
    }
    let octets = der.get(at + 2..content(der, at)?)?;
    Some(
        octets
            .iter()
            .fold(0, |sum, octet| sum << 8 | usize::from(*octet)),
    )
}

/// `TimeStampResp` of status rejection (2) with unacceptedPolicy (bit 15), RFC 3161 §2.4.2.
const UNACCEPTED_POLICY: &[u8] = &[
    0x30, 0x0a, 0x30, 0x08, 0x02, 0x01, 0x02, 0x03, 0x03, 0x00, 0x00, 0x01,
];
/// `OCSPResponse` of status tryLater (3), RFC 6960 §4.2.1.
const TRY_LATER: &[u8] = &[0x30, 0x03, 0x0a, 0x01, 0x03];
