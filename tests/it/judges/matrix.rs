//! Every scheme, appearance and kind of file together, before all judges of signatures.

use std::path::Path;

use trao::pades::test_pki::{KeyKind, TestPki};
use trao::pades::{Appearance, Scheme, SigningIdentity};

use crate::support::judge::ask;
use crate::support::judges::Judges;
use crate::support::pdf::{Dictionary, draft, one_page};
use crate::support::pdf_file::{PdfFile, XrefKind};
use crate::support::pki::{NOW, identity_of, pki};
use crate::support::seal::{aside, every_appearance, sealed, showing};

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
        for (kind, file) in self.files() {
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

    fn files(&self) -> Vec<(&'static str, Vec<u8>)> {
        let plain = |xref| PdfFile::new(xref).build();
        let turned = "/MediaBox [-50 -80 545 762] /CropBox [0 0 500 700] /Rotate 90";
        vec![
            ("xref table", plain(XrefKind::Table)),
            ("xref stream", plain(XrefKind::Stream)),
            ("hybrid", plain(XrefKind::Hybrid)),
            ("linearised", self.linearised(&plain(XrefKind::Stream))),
            ("turned", PdfFile::new(XrefKind::Table).page(turned).build()),
            (
                "signed",
                sealed(&plain(XrefKind::Stream), showing(aside()), &self.identity),
            ),
            ("certified", self.certified()),
        ]
    }

    fn linearised(&self, file: &[u8]) -> Vec<u8> {
        let plain = self.judges.file(file);
        let linearised = plain.with_file_name("linearised.pdf");
        let done = ask("qpdf", &[Path::new("--linearize"), &plain, &linearised]);
        assert!(done.ok, "{}", done.said);
        std::fs::read(linearised).unwrap()
    }

    /// A file whose author certified it and allows signatures (ISO 32000-2, 12.8.2.2.2, P of 2).
    fn certified(&self) -> Vec<u8> {
        let dictionary = Dictionary {
            more: "/Reference[<</Type/SigRef/TransformMethod/DocMDP\
                   /TransformParams<</Type/TransformParams/V/1.2/P 2>>>>]",
            ..Dictionary::default()
        };
        draft(&one_page(), 0, &dictionary).seal(&self.identity)
    }
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
