//! The tests' certification service, judged by OpenSSL's own clients: what it answers is right
//! where it shall be and wrong where it was told to be.

use std::path::{Path, PathBuf};

use tempfile::TempDir;

use super::support::judge::ask;
use super::support::pki_service::{Mode, Part, PkiService, TSA_OTHER_POLICY, TSA_POLICY, Whose};
use super::support::process::client;

/// A client that has nothing but OpenSSL and a folder.
struct Asker {
    service: PkiService,
    folder: TempDir,
}

impl Asker {
    fn new() -> Self {
        let asker = Self {
            service: PkiService::start(),
            folder: tempfile::tempdir().unwrap(),
        };
        let service = &asker.service;
        for (name, pem) in [
            ("root.pem", service.root_pem()),
            ("issuing.pem", service.certificate_pem(Whose::Issuing)),
            ("agency.pem", service.certificate_pem(Whose::Agency)),
        ] {
            std::fs::write(asker.path(name), pem).unwrap();
        }
        std::fs::write(asker.path("data"), "data").unwrap();
        asker
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Runs `openssl`; words that begin with `@` are files of the folder.
    fn openssl(&self, words: &str) -> (bool, String) {
        let words: Vec<String> = words
            .split(' ')
            .map(|word| match word.strip_prefix('@') {
                Some(name) => self.path(name).display().to_string(),
                None => word.to_owned(),
            })
            .collect();
        let verdict = ask("openssl", &words);
        (verdict.ok, verdict.said)
    }

    /// Makes a request for a time-stamp over `data` and sends it.
    async fn time_stamp(&self, policy: &str) -> reqwest::Response {
        let query = format!("ts -query -data @data -sha256 -cert -tspolicy {policy} -out @query");
        assert!(self.openssl(&query).0);
        client(1)
            .post(self.service.tsa_url())
            .header("content-type", "application/timestamp-query")
            .body(std::fs::read(self.path("query")).unwrap())
            .send()
            .await
            .unwrap()
    }

    /// What `openssl ts -verify` says to what the TSA answers.
    async fn judged(&self, policy: &str) -> (bool, String) {
        keep(&self.path("reply"), self.time_stamp(policy).await).await;
        self.openssl(
            "ts -verify -queryfile @query -in @reply -CAfile @root.pem -untrusted @issuing.pem",
        )
    }

    /// What `openssl ocsp` says to what the responder answers about the agency.
    fn status(&self) -> (bool, String) {
        let url = self.service.ocsp_url();
        self.openssl(&format!(
            "ocsp -issuer @issuing.pem -cert @agency.pem -url {url} -CAfile @root.pem"
        ))
    }

    /// What `openssl verify` says to the agency's chain with fresh CRLs of both authorities.
    async fn chain(&self) -> (bool, String) {
        for (name, url) in [
            ("root.crl", self.service.url("/root.crl")),
            ("issuing.crl", self.service.crl_url()),
        ] {
            keep(&self.path(name), get(&url).await.unwrap()).await;
            let pem = format!("crl -inform DER -in @{name} -out @{name}.pem");
            assert!(self.openssl(&pem).0);
        }
        self.openssl(
            "verify -crl_check_all -CAfile @root.pem -untrusted @issuing.pem \
             -CRLfile @root.crl.pem -CRLfile @issuing.crl.pem @agency.pem",
        )
    }
}

async fn get(url: &str) -> reqwest::Result<reqwest::Response> {
    client(1).get(url).send().await
}

async fn keep(path: &Path, answer: reqwest::Response) {
    assert!(answer.status().is_success(), "{}", answer.status());
    std::fs::write(path, answer.bytes().await.unwrap()).unwrap();
}

#[tokio::test]
async fn the_tsa_stamps_by_its_policies_and_no_other() {
    let asker = Asker::new();
    for policy in [TSA_POLICY, TSA_OTHER_POLICY] {
        let (ok, said) = asker.judged(policy).await;
        assert!(ok, "{said}");
    }
    let (ok, said) = asker.judged("1.3.6.1.4.1.99999.2").await;
    assert!(!ok && said.contains("unacceptedPolicy"), "{said}");
    assert_eq!(asker.service.asked(Part::Tsa), 3);
}

#[tokio::test]
async fn the_tsa_errs_as_it_is_told() {
    let asker = Asker::new();
    for (mode, complaint) in [
        (Mode::WrongNonce, "nonce mismatch"),
        (Mode::WrongImprint, "message imprint mismatch"),
        (Mode::RefusesPolicy, "unacceptedPolicy"),
        (Mode::Garbage, "ASN1"),
    ] {
        asker.service.set_tsa(mode);
        let (ok, said) = asker.judged(TSA_POLICY).await;
        let lower = said.to_lowercase();
        assert!(
            !ok && lower.contains(&complaint.to_lowercase()),
            "{mode:?}: {said}"
        );
    }
    asker.service.set_tsa(Mode::Unavailable);
    assert_eq!(asker.time_stamp(TSA_POLICY).await.status(), 503);
    asker.service.set_tsa(Mode::Works);
    asker.service.require_login("trao", "mật khẩu");
    assert_eq!(asker.time_stamp(TSA_POLICY).await.status(), 401);
}

#[tokio::test]
async fn a_part_that_is_down_closes_the_connection() {
    let service = PkiService::start();
    let url = service.ca_issuers_url();
    service.set_ca_issuers(Mode::Down);
    assert!(get(&url).await.is_err());
    service.set_ca_issuers(Mode::Works);
    let issuing = get(&url).await.unwrap().bytes().await.unwrap();
    assert_eq!(issuing, service.certificate_der(Whose::Issuing));
    assert!(service.asked(Part::CaIssuers) >= 2);
    assert_eq!(service.asked(Part::Crl), 0);
}

#[tokio::test]
async fn answers_that_never_end_begin_at_least() {
    let service = PkiService::start();
    for (mode, least_bytes) in [(Mode::Slow, 1), (Mode::Huge, 1 << 20)] {
        service.set_crl(mode);
        let mut answer = get(&service.crl_url()).await.unwrap();
        let mut bytes = 0;
        while bytes < least_bytes {
            bytes += answer.chunk().await.unwrap().unwrap().len();
        }
    }
}

#[tokio::test]
async fn ocsp_and_crl_tell_that_the_agency_was_revoked() {
    let asker = Asker::new();
    let (ok, said) = asker.status();
    assert!(ok && said.contains("Response verify OK"), "{said}");
    assert!(said.contains("agency.pem: good"), "{said}");
    let (ok, said) = asker.chain().await;
    assert!(ok, "{said}");
    asker.service.revoke_agency();
    let (_, said) = asker.status();
    assert!(said.contains("agency.pem: revoked"), "{said}");
    assert!(said.contains("Reason: keyCompromise"), "{said}");
    let (ok, said) = asker.chain().await;
    assert!(!ok && said.contains("certificate revoked"), "{said}");
}

#[tokio::test]
async fn ocsp_and_crl_err_as_they_are_told() {
    let asker = Asker::new();
    for (mode, complaint) in [
        (Mode::Unknown, "agency.pem: unknown"),
        (Mode::TryLater, "trylater"),
        (Mode::WrongSigner, "Response Verify Failure"),
        (Mode::OtherCertificate, "No Status found"),
    ] {
        asker.service.set_ocsp(mode);
        let (_, said) = asker.status();
        assert!(said.contains(complaint), "{mode:?}: {said}");
    }
    for (mode, complaint) in [
        (Mode::Stale, "CRL has expired"),
        (Mode::WrongSigner, "unable to get certificate CRL"),
    ] {
        asker.service.set_crl(mode);
        let (ok, said) = asker.chain().await;
        assert!(!ok && said.contains(complaint), "{mode:?}: {said}");
    }
}

#[test]
fn the_agency_comes_as_pkcs12_too() {
    let asker = Asker::new();
    std::fs::write(asker.path("agency.p12"), asker.service.agency_p12("mật")).unwrap();
    let (ok, said) = asker.openssl("pkcs12 -in @agency.p12 -noout -info -passin pass:mật");
    assert!(ok, "{said}");
    assert_eq!(
        asker.service.agency().chain_der()[0],
        asker.service.certificate_der(Whose::Agency)
    );
}
