//! The levels above the basic one, reached with real authorities: what `trao sign --level` and
//! `trao extend` write, judged by our own verifier, qpdf, pdfsig and pyHanko's LTV profiles.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::Value;
use tempfile::TempDir;
use trao::pades::test_pki::KeyKind;

use super::support::dss::Dss;
use super::support::judge::{ask, python};
use super::support::pki_service::{Mode, Part, PkiService, Whose};
use super::support::pyhanko::by_ades;
use super::support::service::pdf;

const PROGRAM: &str = env!("CARGO_BIN_EXE_trao");

/// A signer with nothing but the program, a folder and the authorities.
struct Signer {
    service: PkiService,
    folder: TempDir,
}

impl Signer {
    fn new(key: KeyKind) -> Self {
        let signer = Self {
            service: PkiService::start_with(key),
            folder: tempfile::tempdir().unwrap(),
        };
        let put = |name: &str, bytes: Vec<u8>| {
            std::fs::write(signer.folder.path().join(name), bytes).unwrap();
        };
        put("root.pem", signer.service.root_pem());
        put("agency.p12", signer.service.agency_p12("bí mật"));
        put("pass", "bí mật".into());
        put("in.pdf", pdf("levels"));
        signer
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    fn trao(&self, arguments: &[&str]) -> Output {
        Command::new(PROGRAM)
            .args(arguments)
            .current_dir(&self.folder)
            .env("TRAO_EGRESS__ALLOW_PRIVATE", "127.0.0.0/8")
            .output()
            .unwrap()
    }

    /// Nobody tells about revocation.
    fn silence(&self) {
        self.service.set_ocsp(Mode::Down);
        self.service.set_crl(Mode::Down);
    }

    fn speak(&self) {
        self.service.set_ocsp(Mode::Works);
        self.service.set_crl(Mode::Works);
    }

    fn sign(&self, level: &str, out: &str) -> Output {
        self.sign_with(&[], level, out)
    }

    fn sign_with(&self, more: &[&str], level: &str, out: &str) -> Output {
        let options = self.service.level_options(level);
        let options: Vec<&str> = options.iter().map(String::as_str).collect();
        let usual = [
            "sign",
            "in.pdf",
            "--out",
            out,
            "--identity",
            "agency.p12",
            "--passphrase-file",
            "pass",
            "--trust",
            "root.pem",
        ];
        self.trao(&[&usual[..], &options, more].concat())
    }

    fn extend(&self, from: &str, level: &str, out: &str, more: &[&str]) -> Output {
        let tsa = self.service.tsa_url();
        let fixed = [
            "extend", from, "--out", out, "--level", level, "--tsa", &tsa, "--trust", "root.pem",
        ];
        self.trao(&[&fixed[..], more].concat())
    }

    /// Our own report.
    fn report(&self, name: &str) -> Value {
        let output = self.trao(&["verify", name, "--trust", "root.pem", "--json"]);
        serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {output:?}"))
    }

    fn level(&self, name: &str) -> String {
        self.report(name)["signatures"][0]["level"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// qpdf has nothing to say, and pdfsig holds every signature valid.
    fn is_well_formed(&self, name: &str) {
        let file = self.path(name);
        let verdict = ask("qpdf", &[Path::new("--check"), &file]);
        assert!(
            verdict.ok && !verdict.said.contains("WARNING"),
            "{name}: {}",
            verdict.said
        );
        let said = ask("pdfsig", &[&file]).said;
        assert!(said.contains("Signature is Valid"), "{name}: {said}");
        assert!(!said.contains("Signature is Invalid"), "{name}: {said}");
    }

    /// Whether pyHanko holds the signature valid and its revocation known, with what is in the file
    /// alone.
    fn pyhanko(&self, name: &str) -> bool {
        let roots = [self.path("root.pem")];
        let verdict = by_ades(&self.path(name), &roots, PkiService::now(), false).unwrap();
        verdict.signatures.iter().all(|signature| signature.valid)
    }

    /// EU DSS passes the signature as one for the long term, and pyHanko holds it valid.
    fn is_passed(&self, name: &str) {
        let (level, verdict) = self.dss(name);
        assert!(level.starts_with("PAdES-BASELINE-LT"), "{name}: {verdict}");
        assert!(verdict.starts_with("TOTAL_PASSED"), "{name}: {verdict}");
        assert!(self.pyhanko(name), "{name}");
    }

    /// What EU DSS says of the first signature, by what is in the file alone.
    fn dss(&self, name: &str) -> (String, String) {
        let root = self.service.root_pem();
        let dss = Dss::trusting(&[&root], PkiService::now());
        let verdict = dss.judge(&std::fs::read(self.path(name)).unwrap());
        let signature = verdict.signatures.into_iter().next().unwrap();
        let level = signature.level.clone().unwrap_or_default();
        (level, format!("{} {signature:?}", signature.indication))
    }
}

/// Certifies a file by pyHanko: nothing but validation data and document time-stamps may follow
/// (DocMDP P=1; ISO 32000-2, table 257; ETSI EN 319 142-1, clause 5.5).
const CERTIFY: &str = "
import sys
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
signer = signers.SimpleSigner.load_pkcs12('agency.p12', passphrase='bí mật'.encode())
how = signers.PdfSignatureMetadata(
    field_name='Certification', certify=True,
    docmdp_permissions=fields.MDPPerm.NO_CHANGES,
    subfilter=fields.SigSeedSubFilter.PADES)
with open('in.pdf', 'rb') as received, open('certified.pdf', 'wb') as out:
    signers.sign_pdf(IncrementalPdfFileWriter(received), how, signer=signer, output=out)
";

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn every_level_is_reached_and_held_by_the_judges() {
    for key in [KeyKind::P256, KeyKind::Rsa2048] {
        let signer = Signer::new(key);
        for (level, name) in [("t", "B-T"), ("lt", "B-LT"), ("lta", "B-LTA")] {
            let out = format!("{level}.pdf");
            let output = signer.sign(level, &out);
            assert!(output.status.success(), "{level}: {}", said(&output));
            let report = signer.report(&out);
            assert_eq!(report["signatures"][0]["level"], name, "{report:#}");
            assert_eq!(report["valid"], true, "{report:#}");
            signer.is_well_formed(&out);
        }
        let report = signer.report("lta.pdf");
        for signature in report["signatures"].as_array().unwrap() {
            assert_eq!(
                signature["changes_after"]
                    .as_str()
                    .unwrap()
                    .replace("permitted", "none"),
                "none"
            );
            assert_eq!(signature["chain"], "trusted");
        }
        assert_eq!(report["signatures"][0]["revocation"], "good");
        assert_eq!(report["signatures"][0]["indication"], "TOTAL_PASSED");
        for (file, level) in [("t.pdf", "T"), ("lt.pdf", "LT"), ("lta.pdf", "LTA")] {
            let (found, verdict) = signer.dss(file);
            assert_eq!(
                found,
                format!("PAdES-BASELINE-{level}"),
                "{file}: {verdict}"
            );
            let is_open = verdict.starts_with("INDETERMINATE");
            let is_passed = verdict.starts_with("TOTAL_PASSED");
            assert!(
                if level == "T" { is_open } else { is_passed },
                "{file}: {verdict}"
            );
            let is_valid = signer.pyhanko(file);
            assert_eq!(
                is_valid,
                level != "T",
                "{file}: pyHanko wants revocation data"
            );
        }
    }
}

#[test]
fn a_signed_file_is_raised_step_by_step_and_renewed() {
    let signer = Signer::new(KeyKind::P256);
    assert!(signer.sign("b", "b.pdf").status.success());
    let mut from = "b.pdf".to_owned();
    for (level, name) in [("t", "B-T"), ("lt", "B-LT"), ("lta", "B-LTA")] {
        let out = format!("raised-{level}.pdf");
        let output = signer.extend(&from, level, &out, &[]);
        assert!(output.status.success(), "{level}: {}", said(&output));
        assert_eq!(signer.level(&out), name);
        signer.is_well_formed(&out);
        let (before, after) = (signer.path(&from), signer.path(&out));
        let before = std::fs::read(before).unwrap();
        assert!(
            std::fs::read(after).unwrap().starts_with(&before),
            "{level}"
        );
        from = out;
    }
    signer.is_passed(&from);

    // There already: nothing is added. Renewed: a further archive time-stamp.
    assert!(
        signer
            .extend(&from, "lta", "same.pdf", &[])
            .status
            .success()
    );
    let bytes = |name: &str| std::fs::read(signer.path(name)).unwrap();
    assert_eq!(bytes("same.pdf"), bytes(&from));
    let output = signer.extend(&from, "lta", "renewed.pdf", &["--renew"]);
    assert!(output.status.success(), "{}", said(&output));
    let count = |name: &str| signer.report(name)["signatures"].as_array().unwrap().len();
    assert_eq!(count("renewed.pdf"), count(&from) + 1);
    assert_eq!(signer.level("renewed.pdf"), "B-LTA");
    signer.is_well_formed("renewed.pdf");
    signer.is_passed("renewed.pdf");
}

#[test]
fn whoever_raises_a_file_is_told_that_its_signature_is_not_good() {
    let signer = Signer::new(KeyKind::P256);
    assert!(signer.sign("b", "b.pdf").status.success());
    let mut file = std::fs::read(signer.path("b.pdf")).unwrap();
    let output = signer.extend("b.pdf", "t", "raised.pdf", &[]);
    assert!(output.status.success() && !said(&output).contains("earlier_signature"));
    file.extend(b"\nafter all\n");
    std::fs::write(signer.path("tail.pdf"), file).unwrap();
    let output = signer.extend("tail.pdf", "t", "raised-tail.pdf", &[]);
    assert!(output.status.success());
    assert!(
        said(&output).contains("[earlier_signature_broken]"),
        "{}",
        said(&output)
    );
    assert_eq!(signer.report("raised-tail.pdf")["valid"], false);
}

#[test]
fn a_file_is_raised_to_the_highest_level_by_one_time_stamp_and_one_archive_time_stamp() {
    let signer = Signer::new(KeyKind::P256);
    assert!(signer.sign("b", "b.pdf").status.success());
    for clock in [Mode::Works, Mode::StandsStill] {
        signer.service.set_tsa(clock);
        let mut asked = signer.service.asked(Part::Tsa);
        for (how, field_count) in [("raised.pdf", 3), ("sealed.pdf", 2)] {
            let output = match how {
                "raised.pdf" => signer.extend("b.pdf", "lta", how, &[]),
                _ => signer.sign("lta", how),
            };
            assert!(output.status.success(), "{clock:?}: {}", said(&output));
            let before = std::mem::replace(&mut asked, signer.service.asked(Part::Tsa));
            assert_eq!(asked - before, 2, "{clock:?} {how}");
            let report = signer.report(how);
            assert_eq!(report["signatures"][0]["level"], "B-LTA", "{report:#}");
            let fields = report["signatures"].as_array().unwrap();
            assert_eq!(fields.len(), field_count, "{report:#}");
            signer.is_well_formed(how);
        }
    }
}

#[test]
fn an_outage_costs_a_level_and_never_a_signature() {
    let signer = Signer::new(KeyKind::P256);
    for (mode, code) in [
        (Mode::Down, "time_stamp_unavailable"),
        (Mode::Garbage, "time_stamp_unavailable"),
        (Mode::WrongNonce, "time_stamp_unavailable"),
    ] {
        signer.service.set_tsa(mode);
        let output = signer.sign("lta", "short.pdf");
        assert!(!output.status.success());
        assert!(said(&output).contains(code), "{}", said(&output));
        assert!(said(&output).contains("B-B"), "{}", said(&output));
        assert_eq!(signer.level("short.pdf"), "B-B");
        signer.is_well_formed("short.pdf");
    }
    signer.service.set_tsa(Mode::Works);
    signer.silence();
    let output = signer.sign("lta", "short.pdf");
    assert!(
        said(&output).contains("revocation_unavailable"),
        "{}",
        said(&output)
    );
    assert_eq!(signer.level("short.pdf"), "B-T");

    // A list is as good as a responder.
    signer.service.set_crl(Mode::Works);
    assert!(signer.sign("lt", "by-list.pdf").status.success());
    assert!(signer.service.asked(Part::Crl) > 0);
    assert_eq!(signer.level("by-list.pdf"), "B-LT");
    signer.is_passed("by-list.pdf");

    // What was short is raised when they answer again.
    signer.service.set_ocsp(Mode::Works);
    assert!(
        signer
            .extend("short.pdf", "lta", "raised.pdf", &[])
            .status
            .success()
    );
    assert_eq!(signer.level("raised.pdf"), "B-LTA");
}

#[test]
fn where_nobody_tells_about_revocation_the_signer_is_warned_or_nothing_is_sealed() {
    let signer = Signer::new(KeyKind::P256);
    let good = signer.sign("b", "good.pdf");
    assert!(good.status.success());
    assert_eq!(said(&good), "", "nothing to warn of");

    signer.silence();
    let warned = signer.sign("b", "warned.pdf");
    assert!(warned.status.success(), "{}", said(&warned));
    assert!(said(&warned).contains("[revocation_unavailable]"));
    assert_eq!(signer.level("warned.pdf"), "B-B");

    let held = signer.sign_with(&["--unchecked", "hold"], "b", "held.pdf");
    assert_eq!(held.status.code(), Some(1));
    assert!(said(&held).contains("[revocation_unavailable]"));
    assert!(!signer.path("held.pdf").exists());
}

#[test]
fn what_a_responder_answers_is_kept_with_the_list_that_vouches_for_it() {
    let signer = Signer::new(KeyKind::P256);
    signer.service.set_ocsp(Mode::Doubtful);
    assert!(signer.sign("lt", "vouched.pdf").status.success());
    assert!(signer.service.asked(Part::Crl) > 0);
    assert_eq!(signer.level("vouched.pdf"), "B-LT");
    signer.is_passed("vouched.pdf");

    // A responder that is revoked is not heard: the list tells of the signer, too.
    signer.service.revoke(Whose::Doubtful);
    assert!(signer.sign("lt", "by-list.pdf").status.success());
    assert_eq!(signer.level("by-list.pdf"), "B-LT");

    signer.service.set_crl(Mode::Down);
    let output = signer.sign("lt", "alone.pdf");
    assert!(said(&output).contains("revocation_unavailable"));
    assert_eq!(signer.level("alone.pdf"), "B-T");
}

#[test]
fn a_certification_that_allows_nothing_allows_what_keeps_it_provable() {
    let signer = Signer::new(KeyKind::Rsa2048);
    let certified = Command::new(python())
        .args(["-c", CERTIFY])
        .current_dir(&signer.folder)
        .output()
        .unwrap();
    assert!(certified.status.success(), "{}", said(&certified));
    let output = signer.extend("certified.pdf", "lta", "kept.pdf", &[]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(signer.level("kept.pdf"), "B-LTA");
    assert_eq!(signer.report("kept.pdf")["valid"], true);
    signer.is_well_formed("kept.pdf");
    signer.is_passed("kept.pdf");
}

#[tokio::test]
async fn a_revoked_signer_is_told_and_an_older_signature_stays_good() {
    let signer = Signer::new(KeyKind::P256);
    assert!(signer.sign("lt", "older.pdf").status.success());
    assert!(signer.sign("t", "proven.pdf").status.success());
    // Times of revocation have whole seconds.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    // One signs while nobody tells of the revocation; after that the key is not used any more.
    signer.service.revoke(Whose::Agency);
    signer.silence();
    assert!(signer.sign("t", "younger.pdf").status.success());
    signer.speak();
    let refused = signer.sign("b", "refused.pdf");
    assert_eq!(refused.status.code(), Some(1));
    assert!(said(&refused).contains("[certificate_revoked]"));
    assert!(!signer.path("refused.pdf").exists());

    // Nothing is added that would tell against it: the level stays, and the reason is told.
    let raised = signer.extend("younger.pdf", "lt", "told.pdf", &[]);
    assert!(!raised.status.success());
    assert!(
        said(&raised).contains("certificate_revoked"),
        "{}",
        said(&raised)
    );
    assert!(said(&raised).contains("stays at level B-T"));
    assert!(!signer.path("told.pdf").exists());

    // What is proven to be older than the revocation is raised by the very word that tells of it.
    assert_eq!(signer.report("older.pdf")["valid"], true);
    for (file, level) in [("older.pdf", "B-LTA"), ("proven.pdf", "B-LT")] {
        let wanted = level.trim_start_matches("B-").to_lowercase();
        let raised = signer.extend(file, &wanted, "kept.pdf", &[]);
        assert!(raised.status.success(), "{}", said(&raised));
        assert_eq!(signer.report("kept.pdf")["valid"], true);
        assert_eq!(signer.level("kept.pdf"), level);
        signer.is_passed("kept.pdf");
    }
}
