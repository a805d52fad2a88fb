//! What the judges say of the levels above B, and of B where somebody answers for the state of
//! certificates. pyHanko makes the files of the higher levels here: the judges are tried, not we.

use tempfile::tempdir;
use trao::pades::SealRequest;

use crate::support::dss::{DssToken, DssVerdict};
use crate::support::judge::{ask, python};
use crate::support::judges::Judges;
use crate::support::pdf::one_page;
use crate::support::pki_service::PkiService;
use crate::support::seal::{request, sealed};

/// Level, indication and what is missing, for each signature.
fn judged(verdict: &DssVerdict) -> Vec<(&str, &str, Option<&str>)> {
    let levels = verdict.levels().into_iter();
    let each = levels.zip(&verdict.signatures);
    each.map(|(level, token)| (level, &*token.indication, token.sub_indication.as_deref()))
        .collect()
}

fn sealed_now(service: &PkiService) -> Vec<u8> {
    let request = SealRequest {
        signed_at: PkiService::now(),
        ..request()
    };
    sealed(&one_page(), request, &service.agency())
}

#[test]
fn level_b_passes_while_responders_answer_and_not_when_they_revoke() {
    let service = PkiService::start();
    let judges = Judges::of_root(&service.root_pem());
    let bytes = sealed_now(&service);
    let verdict = judges.dss(PkiService::now()).online().judge(&bytes);
    assert_eq!(
        judged(&verdict),
        [("B", "TOTAL_PASSED", None)],
        "{verdict:#?}"
    );
    let verdict = judges.dss(PkiService::now()).judge(&bytes);
    assert_eq!(judged(&verdict)[0].1, "INDETERMINATE", "{verdict:#?}");

    service.revoke_agency();
    let verdict = judges.dss(PkiService::now()).online().judge(&bytes);
    let revoked = [("B", "INDETERMINATE", Some("REVOKED_NO_POE"))];
    assert_eq!(judged(&verdict), revoked, "{verdict:#?}");
}

#[test]
fn each_level_is_known_by_what_the_file_holds() {
    let service = PkiService::start();
    let judges = Judges::of_root(&service.root_pem());
    let passed = |level| (level, "TOTAL_PASSED", None);
    let without_revocation = (
        "T",
        "INDETERMINATE",
        Some("CERTIFICATE_CHAIN_GENERAL_FAILURE"),
    );
    for (level, expected, stamps) in [
        ("T", without_revocation, 1),
        ("LT", passed("LT"), 1),
        ("LTA", passed("LTA"), 2),
    ] {
        let bytes = by_pyhanko(&service, level);
        let now = PkiService::now();
        let verdict = judges.dss(now).judge(&bytes);
        assert_eq!(judged(&verdict), [expected], "{verdict:#?}");
        let passed = |token: &DssToken| token.indication == "PASSED";
        let time_stamps = &verdict.signatures[0].time_stamps;
        assert_eq!(time_stamps.len(), stamps, "{verdict:#?}");
        assert_eq!(time_stamps.iter().all(passed), level != "T", "{verdict:#?}");
        let verdict = judges.ades(&bytes, now);
        assert_eq!(verdict.signatures[0].valid, level != "T", "{verdict:#?}");
        assert_eq!(verdict.time_stamps.len(), usize::from(level == "LTA"));
        assert!(
            verdict.time_stamps.iter().all(|stamp| stamp.valid),
            "{verdict:#?}"
        );
    }
}

fn by_pyhanko(service: &PkiService, level: &str) -> Vec<u8> {
    let folder = tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let write = |name: &str, bytes: &[u8]| std::fs::write(path(name), bytes).unwrap();
    write("in.pdf", &one_page());
    write("agency.p12", &service.agency_p12("lạ"));
    write("root.pem", &service.root_pem());
    let arguments = [
        "-c",
        BY_PYHANKO,
        folder.path().to_str().unwrap(),
        level,
        &service.tsa_url(),
    ];
    let made = ask(python(), &arguments);
    assert!(made.ok, "{}", made.said);
    std::fs::read(path("out.pdf")).unwrap()
}

const BY_PYHANKO: &str = r#"
import sys
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator import ValidationContext

folder, level, tsa = sys.argv[1:]
signer = signers.SimpleSigner.load_pkcs12(folder + "/agency.p12", passphrase="l\u1ea1".encode())
context = ValidationContext(
    trust_roots=[load_cert_from_pemder(folder + "/root.pem")], allow_fetching=True,
    revocation_mode="hard-fail", other_certs=list(signer.cert_registry))
meta = signers.PdfSignatureMetadata(
    field_name="Mot", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES,
    validation_context=context, embed_validation_info=level != "T", use_pades_lta=level == "LTA")
with open(folder + "/in.pdf", "rb") as source, open(folder + "/out.pdf", "wb") as out:
    signers.PdfSigner(meta, signer, timestamper=HTTPTimeStamper(tsa)).sign_pdf(
        IncrementalPdfFileWriter(source), output=out)
"#;
