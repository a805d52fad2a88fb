//! What the service itself makes of a file, through its children, its archive and back, before
//! judges that know nothing of it.

mod levels;
mod matrix;
mod pdfa;
mod raised;

use std::fs;

use proptest::prelude::*;
use proptest::sample::Index;
use tokio::runtime::Runtime;
use trao::account::{AppearanceChange, Change};
use trao::database::Actor;
use trao::model::ResultState;
use trao::pades::test_pki::KeyKind;
use trao::pades::{Limits, Scheme, verify};
use trao::publication::{ResultView, Submission};

use crate::support::judges::Judges;
use crate::support::pdf_file::{PdfFile, XrefKind};
use crate::support::pki::profile;
use crate::support::seal::{OWN, faded_ring};
use crate::support::service::TestService;
use crate::support::verdict::anchors;

/// What is stored of a result that was handed in with this file and approved.
async fn sealed(service: &TestService, submission: Submission) -> Vec<u8> {
    let officer = service.officer();
    let receipt = service
        .app
        .publication
        .receive(&officer, submission, service.now())
        .await;
    let released = service.approved(&receipt.unwrap().view).await;
    assert_eq!(released.state, ResultState::Released);
    stored(service, &released)
}

fn stored(service: &TestService, result: &ResultView) -> Vec<u8> {
    let digest = result.files[0].sha256.unwrap();
    let key = format!("objects/results/{}/1-{digest}", result.id);
    fs::read(service.path().join(key)).unwrap()
}

/// No scheme is left out for a judge: the installed poppler knows all four.
#[tokio::test]
async fn what_the_service_seals_is_held_valid_by_all_judges() {
    let service = TestService::new().await;
    let marks = AppearanceChange {
        image: Some(Change::Set(faded_ring())),
        templates: vec![("own".parse().unwrap(), Change::Set(OWN.to_owned()))],
        ..AppearanceChange::default()
    };
    let accounts = &service.app.accounts;
    accounts
        .change_appearance(service.agency, marks, Actor::Operator, service.now())
        .await
        .unwrap();
    let judges = Judges::trusting(&service.pki);
    for (nth, (key, scheme)) in [
        (KeyKind::Rsa2048, Scheme::Pss),
        (KeyKind::Rsa2048, Scheme::Pkcs1),
        (KeyKind::P256, Scheme::Ecdsa),
        (KeyKind::P384, Scheme::Ecdsa),
    ]
    .into_iter()
    .enumerate()
    {
        let issued = service.pki.issue(&profile(key)).unwrap();
        service.seals_by(&issued, scheme).await;
        for (row, appearance) in ["none", "attachment", "copy", "own"]
            .into_iter()
            .enumerate()
        {
            let what = format!("{key:?} {scheme:?} {appearance}");
            let file = PdfFile::new(XrefKind::Stream).build();
            let code = format!("H13.{nth}-261123-{row:04}");
            let submission = Submission {
                document_number: Some("123/QĐ-UBND".to_owned()),
                appearance: Some(appearance.to_owned()),
                ..service.submission(&code, &[&file])
            };
            let bytes = sealed(&service, submission).await;
            assert!(bytes.starts_with(&file), "{what}");
            judges.hold(&bytes, &what);
            let has_mark = judges.text(&bytes).contains("123/QĐ-UBND");
            assert_eq!(has_mark, appearance == "attachment", "{what}");
        }
    }
}

/// Judges that never say no would be no judges.
#[tokio::test]
async fn the_judges_say_no_to_a_changed_file_and_to_a_strangers_root() {
    let service = TestService::new().await;
    let file = PdfFile::new(XrefKind::Table).build();
    let submission = service.submission("H13.12-261123-0001", &[&file]);
    let bytes = sealed(&service, submission).await;
    let judges = Judges::trusting(&service.pki);
    let said = |judges: &Judges, bytes: &[u8]| {
        [
            judges.valid(bytes),
            judges.trusted(bytes),
            judges.messages(bytes),
            judges.baseline_b(bytes),
        ]
        .map(|said| said.is_ok())
    };
    assert_eq!(said(&judges, &bytes), [true; 4]);

    let stranger = Judges::trusting(&crate::support::pki::pki(KeyKind::P256));
    // pdfsig is not asked for trust.
    assert_eq!(said(&stranger, &bytes), [true, false, false, false]);
    let mut changed = bytes;
    let place = file
        .windows(9)
        .position(|part| part == b"/MediaBox")
        .unwrap();
    let digit = (place..changed.len())
        .find(|&at| changed[at] == b'5')
        .unwrap();
    changed[digit] = b'6';
    assert_eq!(said(&judges, &changed), [false; 4]);
}

fn files() -> impl Strategy<Value = Vec<u8>> {
    let xref = prop_oneof![
        Just(XrefKind::Table),
        Just(XrefKind::Stream),
        Just(XrefKind::Hybrid)
    ];
    let end = prop_oneof![Just(""), Just("\n"), Just("\r\n"), Just("\n\0\0")];
    (xref, end, "[a-z]{0,3000}").prop_map(|(xref, end, text)| {
        let file = PdfFile::new(xref).end(end);
        file.object(10, &format!("({text})")).build()
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, max_shrink_iters: 8, ..ProptestConfig::default() })]

    /// Whatever was received stands at the front to the byte, and no covered byte may change.
    #[test]
    fn received_bytes_are_a_prefix_and_no_covered_byte_may_change(
        file in files(),
        places in proptest::collection::vec((any::<Index>(), 0..8_u32), 40),
    ) {
        let runtime = Runtime::new().unwrap();
        let (bytes, anchors) = runtime.block_on(async {
            let service = TestService::new().await;
            let submission = service.submission("H13.12-261123-0001", &[&file]);
            (sealed(&service, submission).await, anchors(&service.pki))
        });
        prop_assert!(bytes.starts_with(&file) && bytes.len() > file.len());
        let now = crate::support::pki::NOW;
        let valid = |bytes: &Vec<u8>| {
            verify(bytes, &Limits::default(), &anchors, now).is_ok_and(|report| report.valid)
        };
        prop_assert!(valid(&bytes));
        let hole = hole(&bytes);
        for (place, bit) in places {
            let place = place.index(bytes.len());
            if hole.contains(&place) {
                continue;
            }
            let mut forged = bytes.clone();
            forged[place] ^= 1 << bit;
            prop_assert!(!valid(&forged), "bit {bit} of byte {place}");
        }
    }
}

/// Where the last signature stands, as its own byte range says.
fn hole(file: &[u8]) -> std::ops::Range<usize> {
    let text = String::from_utf8_lossy(file);
    let range = text.rsplit("/ByteRange [").next().unwrap();
    let range = range.split(']').next().unwrap().split_whitespace();
    let range: Vec<usize> = range.map(|number| number.parse().unwrap()).collect();
    assert_eq!(range[2] + range[3], file.len());
    range[1]..range[2]
}
