//! Many files sealed in one run: one that breaks its reader, or is not what was approved, costs no
//! other one anything.

use std::path::Path;
use std::sync::Arc;

use trao::model::Sha256Digest;
use trao::pades::test_pki::KeyKind;
use trao::pades::{Appearance, Reading, Refusal, TrustAnchors};
use trao::sealing::{
    LevelOrder, ReaderSettings, Received, SealOrder, Sealing, SealingError, SignedPdf,
};

use crate::support::hostile::{crowded, nested};
use crate::support::pdf::one_page;
use crate::support::pki::{self, NOW};
use crate::support::service::reader;

type Outcome = Result<SignedPdf, SealingError>;

/// Seals these with readers of so little memory that many objects are the end of one.
async fn sealed(files: &[Received], folder: &Path) -> Vec<Outcome> {
    let settings = ReaderSettings {
        memory_bytes: 64 << 20,
        workers: 1,
        ..ReaderSettings::of(reader())
    };
    let sealing = Sealing::new(settings, Arc::new(TrustAnchors::default()));
    let order = SealOrder {
        identity: &pki::identity(&pki::pki(KeyKind::P256)),
        appearance: Appearance::None,
        signed_at: NOW,
        reason: None,
        location: None,
        reading: Reading::Either,
        level: LevelOrder::Basic,
        scratch: folder,
    };
    sealing.seal_each(files.to_vec(), order).await.unwrap()
}

/// Files of different contents in a folder.
fn files(folder: &Path, count: usize) -> Vec<Received> {
    let write = |n| {
        let path = folder.join(format!("{n}.pdf"));
        let bytes = [&one_page(), format!("% {n}\n").as_bytes()].concat();
        std::fs::write(&path, &bytes).unwrap();
        Received {
            path,
            approved: Some(Sha256Digest::of(&bytes)),
        }
    };
    (0..count).map(write).collect()
}

/// Sees that this is the sealed file of that one, with the digest that it is said to have.
fn assert_sealed(outcome: &Outcome, received: &Received) {
    let signed = outcome.as_ref().unwrap();
    let (before, now) = (
        std::fs::read(&received.path).unwrap(),
        std::fs::read(signed.path()).unwrap(),
    );
    assert!(now.starts_with(&before) && now.len() > before.len());
    assert_eq!(signed.len(), now.len() as u64);
    assert_eq!(signed.sha256(), Sha256Digest::of(&now));
}

#[tokio::test]
async fn each_file_of_a_run_comes_to_what_it_would_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let mut files = files(folder.path(), 70);
    let bad = [3, 20, 21, 33, 40, 50, 69];
    std::fs::write(&files[3].path, nested()).unwrap();
    std::fs::write(&files[20].path, crowded()).unwrap();
    std::fs::write(&files[21].path, crowded()).unwrap();
    std::fs::write(&files[33].path, "none").unwrap();
    std::fs::remove_file(&files[40].path).unwrap();
    // Whoever opens it to read waits until somebody writes.
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &files[40].path,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR,
        0,
    )
    .unwrap();
    std::fs::remove_file(&files[50].path).unwrap();
    files[69].approved = Some(Sha256Digest::of(b"other bytes"));
    let outcomes = sealed(&files, folder.path()).await;
    assert_eq!(outcomes.len(), files.len());
    for (n, (outcome, received)) in outcomes.iter().zip(&files).enumerate() {
        if !bad.contains(&n) {
            assert_sealed(outcome, received);
        }
    }
    let refused = |n: usize| match &outcomes[n] {
        Err(SealingError::Refused(refusal)) => refusal.clone(),
        other => panic!("{n}: {other:?}"),
    };
    assert!(matches!(refused(3), Refusal::PdfTooComplex(_)));
    assert_eq!(refused(33), Refusal::NotPdf);
    assert_eq!(refused(40), Refusal::NotPdf);
    for n in [20, 21] {
        let outcome = &outcomes[n];
        assert!(
            matches!(outcome, Err(SealingError::ChildDied { .. })),
            "{n}: {outcome:?}"
        );
    }
    let missing = |error: &std::io::Error| error.kind() == std::io::ErrorKind::NotFound;
    assert!(matches!(&outcomes[50], Err(SealingError::Unavailable(error)) if missing(error)));
    assert!(matches!(outcomes[69], Err(SealingError::Changed)));
    drop(outcomes);
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, files.len() - 1, "no draft is left over");
}
