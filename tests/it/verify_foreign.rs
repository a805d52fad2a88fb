//! Signatures that other programs made: OpenSSL's CMS and time-stamps, pyHanko's files.

use std::fs;
use std::path::Path;
use std::sync::LazyLock;

use tempfile::{TempDir, tempdir};
use time::macros::datetime;
use time::{Duration, OffsetDateTime};
use trao::pades::test_pki::{Issued, KeyKind, LeafProfile, Purpose, TestPki};
use trao::pades::{
    Chain, ChangesAfter, Level, Limits, Report, SignatureKind, SigningIdentity, TrustAnchors,
    verify,
};

use crate::support::judge::{ask, python};
use crate::support::pdf::{Dictionary, Draft, digest_of, draft, find, one_page};
use crate::support::pki::{NOW, pki, profile};

static PKI: LazyLock<TestPki> = LazyLock::new(|| pki(KeyKind::Rsa2048));

fn judged(file: &[u8]) -> Report {
    judged_at(file, NOW)
}

fn judged_at(file: &[u8], now: OffsetDateTime) -> Report {
    let anchors = TrustAnchors::from_pem_or_der(&PKI.root_pem().unwrap()).unwrap();
    verify(&file.to_vec(), &Limits::default(), &anchors, now).unwrap()
}

/// A certificate for programs that know no other time than the machine's clock.
fn lasting(purpose: Purpose) -> Issued {
    let not_before = datetime!(2024-12-01 0:00 UTC);
    let profile = LeafProfile {
        not_before,
        not_after: LATER,
        purpose,
        ..profile(KeyKind::Rsa2048)
    };
    PKI.issue(&profile).unwrap()
}

/// A time after whatever that clock says.
const LATER: OffsetDateTime = datetime!(2044-01-01 0:00 UTC);

/// A file with a signature of that form still to be filled in.
fn empty(sub_filter: &str) -> Draft {
    draft(
        &one_page(),
        0,
        &Dictionary {
            sub_filter,
            ..Dictionary::default()
        },
    )
}

/// A folder with an identity in PEM files.
struct Folder(TempDir);

impl Folder {
    fn of(issued: &Issued) -> Self {
        let folder = Self(tempdir().unwrap());
        fs::write(folder.path("key.pem"), issued.key_pem().unwrap()).unwrap();
        fs::write(folder.path("cert.pem"), issued.certificate_pem().unwrap()).unwrap();
        fs::write(folder.path("chain.pem"), issued.chain_pem().unwrap()).unwrap();
        folder
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).display().to_string()
    }

    /// Has OpenSSL sign what the draft covers.
    fn cms(&self, draft: &Draft, options: &[&str]) -> Vec<u8> {
        let (content, out) = (self.path("content"), self.path("cms.der"));
        fs::write(&content, draft.covered(draft.honest_range())).unwrap();
        let (key, cert, chain) = (
            self.path("key.pem"),
            self.path("cert.pem"),
            self.path("chain.pem"),
        );
        let mut arguments = vec![
            "cms",
            "-sign",
            "-binary",
            "-outform",
            "DER",
            "-in",
            &content,
            "-out",
            &out,
            "-inkey",
            &key,
            "-signer",
            &cert,
            "-certfile",
            &chain,
        ];
        arguments.extend_from_slice(options);
        let made = ask("openssl", &arguments);
        assert!(made.ok, "{}", made.said);
        fs::read(out).unwrap()
    }
}

#[test]
fn messages_by_openssl_are_held_valid() {
    let folder = Folder::of(PKI.agency());
    let pss = ["-keyopt", "rsa_padding_mode:pss"];
    // OpenSSL puts a signing-time beside whatever it is asked for, so none is a baseline signature.
    let forms: [(&[&str], &str); 6] = [
        (&[], "adbe.pkcs7.detached"),
        (&["-cades"], "ETSI.CAdES.detached"),
        (&["-noattr"], "adbe.pkcs7.detached"),
        (&["-md", "sha512", "-keyid"], "adbe.pkcs7.detached"),
        (&["-md", "sha384", pss[0], pss[1]], "adbe.pkcs7.detached"),
        (
            &[pss[0], pss[1], "-keyopt", "rsa_pss_saltlen:20"],
            "adbe.pkcs7.detached",
        ),
    ];
    for (options, sub_filter) in forms {
        let draft = empty(sub_filter);
        let cms = folder.cms(&draft, options);
        let report = judged(&draft.fill(&cms));
        assert!(report.valid, "{options:?} {report:?}");
        assert_eq!(report.signatures[0].level, Level::Other, "{options:?}");
    }
}

#[test]
fn what_is_weak_or_encloses_its_content_is_not_good() {
    let folder = Folder::of(PKI.agency());
    let forms: [(&[&str], &str, &str); 4] = [
        (&["-noattr"], "ETSI.CAdES.detached", "cms_malformed"),
        (&["-md", "sha1"], "adbe.pkcs7.detached", "weak_digest"),
        (&["-nodetach"], "adbe.pkcs7.detached", "cms_malformed"),
        (&[], "adbe.pkcs7.sha1", "sub_filter_unsupported"),
    ];
    for (options, sub_filter, finding) in forms {
        let draft = empty(sub_filter);
        let cms = folder.cms(&draft, options);
        let report = judged(&draft.fill(&cms));
        assert!(!report.valid, "{options:?}");
        assert_eq!(report.signatures[0].findings, [finding], "{options:?}");
    }
}

#[test]
fn a_message_without_its_signers_certificate_is_told() {
    let folder = Folder::of(PKI.agency());
    let draft = draft(&one_page(), 0, &Dictionary::default());
    let cms = folder.cms(&draft, &["-nocerts"]);
    let report = judged(&draft.fill(&cms));
    assert_eq!(
        report.signatures[0].findings,
        ["signer_certificate_missing"]
    );
    assert_eq!(report.signatures[0].chain, Chain::Broken);
}

/// Two certificates of one key with one name and number, by one authority: all that tells them
/// apart is what the signing-certificate attribute says.
#[test]
fn a_certificate_that_was_exchanged_for_its_twin_is_told() {
    let folder = tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let openssl = |arguments: &[&str]| {
        let made = ask("openssl", arguments);
        assert!(made.ok, "{}", made.said);
    };
    let (ca_key, ca, key, request) = (
        path("ca.key"),
        path("ca.pem"),
        path("key.pem"),
        path("request.pem"),
    );
    let new = ["-newkey", "rsa:2048", "-nodes"];
    openssl(&[
        "req", "-x509", new[0], new[1], new[2], "-keyout", &ca_key, "-subj", "/CN=CA", "-out", &ca,
    ]);
    openssl(&[
        "req", new[0], new[1], new[2], "-keyout", &key, "-subj", "/CN=A", "-out", &request,
    ]);
    let issue = |days: &str, out: &str| {
        openssl(&[
            "x509",
            "-req",
            "-in",
            &request,
            "-CA",
            &ca,
            "-CAkey",
            &ca_key,
            "-set_serial",
            "7",
            "-days",
            days,
            "-out",
            out,
        ]);
        fs::read(out).unwrap()
    };
    let (one, twin) = (
        issue("300", &path("one.pem")),
        issue("400", &path("twin.pem")),
    );
    let der = |pem: &[u8]| {
        TrustAnchors::from_pem_or_der(pem)
            .unwrap()
            .to_der()
            .remove(0)
    };
    let identity = SigningIdentity::from_pem(&fs::read(&key).unwrap(), &one, &[], None).unwrap();

    let draft = empty("ETSI.CAdES.detached");
    let digest = digest_of(
        &draft.covered(draft.honest_range()),
        identity.digest_algorithm(),
    );
    let honest = trao::pades::sign(&digest, &identity).unwrap().to_der();
    let mut forged = honest.clone();
    let place = find(&honest, &der(&one));
    forged.splice(place..place + der(&one).len(), der(&twin));
    let anchors = TrustAnchors::from_pem_or_der(&fs::read(&ca).unwrap()).unwrap();
    let findings = |cms: &[u8]| {
        let file = draft.clone().fill(cms);
        let report = verify(&file, &Limits::default(), &anchors, LATER).unwrap();
        report.signatures[0].findings.clone()
    };
    assert!(!findings(&honest).contains(&"certificate_reference_mismatch".to_owned()));
    assert!(findings(&forged).contains(&"certificate_reference_mismatch".to_owned()));
}

/// Makes a time-stamp token over `content` with OpenSSL's own authority.
fn token(issued: &Issued, content: &[u8]) -> Vec<u8> {
    let folder = Folder::of(issued);
    let configuration = format!(
        "[tsa]\nserial={}\ncrypto_device=builtin\nsigner_digest=sha256\ndefault_policy=1.2.3.4\n\
         digests=sha256\nordering=yes\ness_cert_id_chain=no\n",
        folder.path("serial"),
    );
    fs::write(folder.path("serial"), "01").unwrap();
    fs::write(folder.path("tsa.cnf"), configuration).unwrap();
    fs::write(folder.path("content"), content).unwrap();
    let path = |name: &str| folder.path(name);
    let query = ask(
        "openssl",
        &[
            "ts",
            "-query",
            "-data",
            &path("content"),
            "-sha256",
            "-cert",
            "-out",
            &path("query"),
        ],
    );
    assert!(query.ok, "{}", query.said);
    let reply = ask(
        "openssl",
        &[
            "ts",
            "-reply",
            "-config",
            &path("tsa.cnf"),
            "-section",
            "tsa",
            "-queryfile",
            &path("query"),
            "-inkey",
            &path("key.pem"),
            "-signer",
            &path("cert.pem"),
            "-chain",
            &path("chain.pem"),
            "-token_out",
            "-out",
            &path("token"),
        ],
    );
    assert!(reply.ok, "{}", reply.said);
    fs::read(path("token")).unwrap()
}

#[test]
fn a_document_time_stamp_is_reported_as_one() {
    let unit = lasting(Purpose::TimeStamp);
    let stamp = Dictionary {
        kind: "DocTimeStamp",
        sub_filter: "ETSI.RFC3161",
        time: None,
        ..Dictionary::default()
    };
    let signed = one_page();
    let draft = draft(&signed, 0, &stamp);
    let good = token(&unit, &draft.covered(draft.honest_range()));
    let report = judged(&draft.clone().fill(&good));
    let verdict = &report.signatures[0];
    assert_eq!(verdict.kind, SignatureKind::Timestamp);
    assert!(verdict.is_good(), "{verdict:?}");
    assert!(verdict.time.is_some());
    assert!(!report.valid, "a time-stamp alone is nobody's signature");

    let other = token(&unit, b"something else");
    let report = judged(&draft.clone().fill(&other));
    assert_eq!(report.signatures[0].findings, ["digest_mismatch"]);
    assert!(!report.signatures[0].intact);
}

/// The content of a token, signed anew by OpenSSL.
fn signed_anew(unit: &Issued, token: &[u8], options: &[&str]) -> Vec<u8> {
    let folder = Folder::of(unit);
    let names = ["token", "info", "again", "cert.pem", "key.pem", "chain.pem"];
    let [token_path, info, again, cert, key, chain] = names.map(|name| folder.path(name));
    fs::write(&token_path, token).unwrap();
    let read = [
        "cms",
        "-verify",
        "-noverify",
        "-inform",
        "DER",
        "-in",
        &token_path,
        "-out",
        &info,
    ];
    assert!(ask("openssl", &read).ok);
    let kind = "1.2.840.113549.1.9.16.1.4";
    let fixed = [
        "cms",
        "-sign",
        "-binary",
        "-nodetach",
        "-outform",
        "DER",
        "-econtent_type",
        kind,
        "-in",
        &info,
        "-out",
        &again,
        "-signer",
        &cert,
        "-inkey",
        &key,
        "-certfile",
        &chain,
    ];
    let made = ask("openssl", &[&fixed[..], options].concat());
    assert!(made.ok, "{}", made.said);
    fs::read(again).unwrap()
}

#[test]
fn a_token_must_sign_its_attributes_and_name_its_certificate() {
    let unit = lasting(Purpose::TimeStamp);
    let stamp = Dictionary {
        kind: "DocTimeStamp",
        sub_filter: "ETSI.RFC3161",
        time: None,
        ..Dictionary::default()
    };
    let draft = draft(&one_page(), 0, &stamp);
    let good = token(&unit, &draft.covered(draft.honest_range()));
    let verdict = |token: &[u8]| judged(&draft.clone().fill(token)).signatures.remove(0);
    assert!(verdict(&signed_anew(&unit, &good, &["-cades"])).is_good());
    let unnamed = verdict(&signed_anew(&unit, &good, &[]));
    assert_eq!(unnamed.findings, ["certificate_reference_mismatch"]);
    let bare = verdict(&signed_anew(&unit, &good, &["-noattr"]));
    assert!(
        bare.findings.contains(&"cms_malformed".to_owned()),
        "{bare:?}"
    );
}

/// Has pyHanko sign, with a time-stamp of its own making where `stamped`.
fn by_pyhanko(folder: &Folder, input: &Path, output: &Path, program: &str) {
    let made = ask(
        python(),
        &[
            "-c",
            program,
            &input.display().to_string(),
            &output.display().to_string(),
            &folder.path("key.pem"),
            &folder.path("cert.pem"),
            &folder.path("chain.pem"),
        ],
    );
    assert!(made.ok, "{}", made.said);
}

const PYHANKO: &str = r#"
import sys
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps.dummy_client import DummyTimeStamper
from pyhanko.keys import load_cert_from_pemder, load_certs_from_pemder, load_private_key_from_pemder
from pyhanko_certvalidator.registry import SimpleCertificateStore

source, out, key, cert, chain = sys.argv[1:6]
def store(paths):
    found = SimpleCertificateStore()
    found.register_multiple(load_certs_from_pemder(paths))
    return found
signer = signers.SimpleSigner(
    signing_cert=load_cert_from_pemder(cert), signing_key=load_private_key_from_pemder(key, None),
    cert_registry=store([chain]), prefer_pss=PSS)
stamper = DummyTimeStamper(
    tsa_cert=load_cert_from_pemder(TSA + "/cert.pem"),
    tsa_key=load_private_key_from_pemder(TSA + "/key.pem", None),
    certs_to_embed=store([TSA + "/chain.pem"])) if TSA else None
with open(source, "rb") as inf, open(out, "wb") as outf:
    writer = IncrementalPdfFileWriter(inf)
    meta = signers.PdfSignatureMetadata(
        field_name=FIELD, md_algorithm="sha256", reason="Th\u1eed",
        subfilter=fields.SigSeedSubFilter.PADES if PADES else fields.SigSeedSubFilter.ADOBE_PKCS7_DETACHED)
    signers.PdfSigner(meta, signer, timestamper=stamper).sign_pdf(writer, output=outf)
"#;

#[test]
fn files_signed_by_pyhanko_twice_are_held_valid() {
    let unit = lasting(Purpose::TimeStamp);
    let (agency, stamping) = (Folder::of(&lasting(Purpose::Sign)), Folder::of(&unit));
    let folder = tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("0.pdf"), one_page()).unwrap();
    let tsa = format!("{:?}", stamping.0.path().display().to_string());
    let first = format!("PSS, PADES, TSA, FIELD = False, False, None, 'Mot'\n{PYHANKO}");
    let second = format!("PSS, PADES, TSA, FIELD = True, True, {tsa}, 'Hai'\n{PYHANKO}");
    by_pyhanko(&agency, &path("0.pdf"), &path("1.pdf"), &first);
    by_pyhanko(&agency, &path("1.pdf"), &path("2.pdf"), &second);
    let signed = fs::read(path("2.pdf")).unwrap();
    let report = judged_at(&signed, LATER - Duration::DAY);
    let states: Vec<_> = report
        .signatures
        .iter()
        .map(|each| (each.field.as_str(), each.changes_after, each.level))
        .collect();
    assert_eq!(
        states,
        [
            ("Mot", ChangesAfter::Permitted, Level::Other),
            ("Hai", ChangesAfter::None, Level::BT)
        ],
        "{report:?}"
    );
    assert!(report.valid, "{report:?}");
    // When the authority's certificate has ended too, its key may be anybody's.
    let report = judged_at(&signed, LATER + Duration::DAY);
    let newest = &report.signatures[1];
    assert_eq!(newest.level, Level::BB, "{newest:?}");
    assert_eq!(
        newest.findings,
        ["time_stamp_untrusted", "certificate_expired"]
    );
}
