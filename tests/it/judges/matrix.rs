//! Every scheme, appearance and kind of file together, before all judges of signatures.

use std::path::Path;

use trao::pades::test_pki::{KeyKind, TestPki};
use trao::pades::{Appearance, Scheme, SigningIdentity};

use crate::support::judge::ask;
use crate::support::judges::Judges;
use crate::support::pdf::{Dictionary, append, draft, one_page};
use crate::support::pdf_file::{PdfFile, XrefKind};
use crate::support::pki::{NOW, identity_of, pki};
use crate::support::seal::{aside, every_appearance, seal_at, sealed, showing};

/// A certificate's holder, and judges that trust its root.
struct Bench {
    identity: SigningIdentity,
    judges: Judges,
}

impl Bench {
    fn new(key: KeyKind, scheme: Scheme) -> Self {
        let pki: TestPki = pki(key);
        let identity = identity_of(pki.agency()).with_scheme(Some(scheme));
        Self {
            identity: identity.unwrap(),
            judges: Judges::trusting(&pki),
        }
    }

    /// Seals files of every kind in every appearance; every judge must have nothing to say.
    fn holds_all(&self) {
        let mut against = Vec::new();
        for (kind, file) in files(&self.identity) {
            for (name, appearance) in every_appearance() {
                // A certification leaves no room for a visible mark.
                if kind == "certified" && appearance != Appearance::None {
                    continue;
                }
                let bytes = sealed(&file, showing(appearance), &self.identity);
                for said in self.judges.against(&bytes) {
                    against.push(format!("{kind}, {name}: {said}"));
                }
            }
        }
        assert!(against.is_empty(), "{}", against.join("\n"));
    }
}

/// Files of every kind, each by its name; two were signed before, by this identity.
pub(super) fn files(identity: &SigningIdentity) -> Vec<(&'static str, Vec<u8>)> {
    let plain = |xref| PdfFile::new(xref).build();
    let turned = "/MediaBox [-50 -80 545 762] /CropBox [0 0 500 700] /Rotate 90";
    vec![
        ("xref table", plain(XrefKind::Table)),
        ("xref stream", plain(XrefKind::Stream)),
        ("hybrid", plain(XrefKind::Hybrid)),
        ("linearised", linearised(&plain(XrefKind::Stream))),
        ("turned", PdfFile::new(XrefKind::Table).page(turned).build()),
        (
            "signed",
            sealed(&plain(XrefKind::Stream), showing(aside()), identity),
        ),
        ("certified", certified(identity)),
        ("indirect", indirect()),
        ("updated", append(&one_page(), &[(6, "(added)".to_owned())])),
    ]
}

fn linearised(file: &[u8]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let [plain, linearised] = ["plain.pdf", "linearised.pdf"].map(|name| folder.path().join(name));
    std::fs::write(&plain, file).unwrap();
    let done = ask("qpdf", &[Path::new("--linearize"), &plain, &linearised]);
    assert!(done.ok, "{}", done.said);
    std::fs::read(linearised).unwrap()
}

/// A file whose author certified it and allows signatures (ISO 32000-2, 12.8.2.2.2, P of 2).
fn certified(identity: &SigningIdentity) -> Vec<u8> {
    let dictionary = Dictionary {
        more: "/Reference[<</Type/SigRef/TransformMethod/DocMDP\
               /TransformParams<</Type/TransformParams/V/1.2/P 2>>>>]",
        ..Dictionary::default()
    };
    draft(&one_page(), 0, &dictionary).seal(identity)
}

/// A file in which whatever may be an object of its own is one, and the page inherits what it can;
/// its form has an empty signature field.
fn indirect() -> Vec<u8> {
    let pages = "<< /Type /Pages /Kids 14 0 R /Count 1 /MediaBox 15 0 R /Rotate 16 0 R >>";
    let field = "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Ky) /F 4 /P 3 0 R \
                 /Rect [200 300 302 402] >>";
    PdfFile::new(XrefKind::Table)
        .catalog("/AcroForm 11 0 R")
        .page("/Annots 12 0 R")
        .object(2, pages)
        .object(10, field)
        .object(11, "<< /Fields 13 0 R >>")
        .object(12, "[10 0 R]")
        .object(13, "[10 0 R]")
        .object(14, "[3 0 R]")
        .object(15, "[0 0 595 842]")
        .object(16, "0")
        .build()
}

#[test]
fn all_judges_hold_every_file_sealed_by_rsa_pss() {
    Bench::new(KeyKind::Rsa2048, Scheme::Pss).holds_all();
}

#[test]
fn all_judges_hold_every_file_sealed_by_rsa_pkcs1() {
    Bench::new(KeyKind::Rsa2048, Scheme::Pkcs1).holds_all();
}

#[test]
fn all_judges_hold_every_file_sealed_by_p256() {
    Bench::new(KeyKind::P256, Scheme::Ecdsa).holds_all();
}

#[test]
fn all_judges_hold_every_file_sealed_by_p384() {
    Bench::new(KeyKind::P384, Scheme::Ecdsa).holds_all();
}

#[test]
fn all_judges_hold_a_seal_in_a_field_of_the_file() {
    let bench = Bench::new(KeyKind::P256, Scheme::Ecdsa);
    let seal = seal_at("field = \"Ky\"");
    let bytes = sealed(&indirect(), showing(seal), &bench.identity);
    bench.judges.hold(&bytes, "in a field");
}

/// Where the law wants the seal, a third over the signature (Decree 30/2020/ND-CP, article 33), EU
/// DSS remarks that things overlap; it has no more to say.
#[test]
fn all_judges_hold_a_seal_over_a_signature() {
    let bench = Bench::new(KeyKind::P256, Scheme::Ecdsa);
    let signed = sealed(&one_page(), showing(aside()), &bench.identity);
    let seal = seal_at("over = \"signature\"");
    let bytes = sealed(&signed, showing(seal), &bench.identity);
    let judges = &bench.judges;
    let said = [
        judges.valid(&bytes),
        judges.trusted(&bytes),
        judges.messages(&bytes),
    ];
    assert_eq!(said, [Ok(()), Ok(()), Ok(())]);
    let verdict = judges.dss(NOW).judge(&bytes);
    assert_eq!(verdict.levels(), ["B", "B"]);
    for signature in &verdict.signatures {
        let overlap = |warning: &&String| warning.starts_with("Elements overlap");
        assert_eq!(signature.indication, "INDETERMINATE", "{verdict:#?}");
        assert_eq!(
            signature.warnings.iter().filter(overlap).count(),
            1,
            "{verdict:#?}"
        );
    }
}

/// Neither judge fails a file of level B; both say that the state of its certificates is unknown,
/// also when the responders that it names do not answer.
#[test]
fn a_file_of_level_b_lacks_nothing_but_revocation_data() {
    let bench = Bench::new(KeyKind::P256, Scheme::Ecdsa);
    let bytes = sealed(&one_page(), showing(Appearance::None), &bench.identity);
    let dss = || bench.judges.dss(NOW);
    for verdict in [dss().judge(&bytes), dss().online().judge(&bytes)] {
        let [signature] = &verdict.signatures[..] else {
            panic!("{verdict:?}");
        };
        let judged = [
            Some(&*signature.indication),
            signature.sub_indication.as_deref(),
        ];
        assert_eq!(judged, LACKS_REVOCATION, "{verdict:#?}");
        assert_eq!(
            (verdict.levels(), verdict.time_stamps.len()),
            (vec!["B"], 0)
        );
        assert!(signature.time_stamps.is_empty());
    }
    let verdict = bench.judges.ades(&bytes, NOW);
    let [signature] = &verdict.signatures[..] else {
        panic!("{verdict:?}");
    };
    let judged = [&signature.indication, &signature.sub_indication].map(Option::as_deref);
    assert_eq!(judged, LACKS_REVOCATION, "{}", signature.said);
}

const LACKS_REVOCATION: [Option<&str>; 2] = [
    Some("INDETERMINATE"),
    Some("CERTIFICATE_CHAIN_GENERAL_FAILURE"),
];
