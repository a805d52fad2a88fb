//! Damaged files: who is told, who may have them sealed, and that what is sealed is what was shown.

use trao::model::{ResultState, Sealing};
use trao::pades::{Limits, Pdf};
use trao::publication::Warning;

use crate::support::damage::{replaced, without_startxref};
use crate::support::pdf::{append, find};
use crate::support::pki::identity_of;
use crate::support::seal::{request, sealed};
use crate::support::service::{TestService, officer_of, pdf};

const CODE: &str = "H13.12-261123-0001";

#[tokio::test]
async fn a_signature_in_a_damaged_file_is_broken_until_a_clerk_insists() {
    let service = TestService::new().await;
    let person = identity_of(service.pki.agency());
    let damaged = without_startxref(&sealed(&pdf("signed"), request(), &person));
    let shown = service.received(CODE, &[&damaged]).await;
    assert_eq!(shown.warnings, [Warning::EarlierSignatureBroken]);
    let found: Vec<&str> = shown.files[0]
        .findings
        .iter()
        .map(|found| &*found.code)
        .collect();
    assert_eq!(found, ["structure_rebuilt"], "the clerk is told");
    let released = service.approved(&shown).await;
    assert_eq!(released.state, ResultState::Released, "the clerk insists");
    let record = service.app.db.audit_of(shown.id).await.unwrap();
    let approved = record.iter().find(|entry| entry.action == "approved");
    assert_eq!(
        approved.unwrap().detail["warnings"],
        serde_json::json!(["earlier_signature_broken"])
    );
}

#[tokio::test]
async fn where_no_clerk_looks_a_damaged_file_is_refused_as_damaged() {
    let service = TestService::new().await;
    let unseen = officer_of(service.other_agency(Sealing::Automatic, true).await);
    let damaged = without_startxref(&pdf("damaged"));
    let submission = service.submission(CODE, &[&damaged]);
    let publication = &service.app.publication;
    let error = publication
        .receive(&unseen, submission, service.now())
        .await;
    assert_eq!(error.unwrap_err().code(), "pdf_damaged");
    assert!(service.objects().is_empty());
    // A clerk may look and seal it.
    let shown = service.received("H13.12-261123-0002", &[&damaged]).await;
    let released = service.approved(&shown).await;
    assert_eq!(released.state, ResultState::Released);
}

#[tokio::test]
async fn what_the_clerk_was_shown_rebuilt_is_sealed_rebuilt() {
    let service = TestService::new().await;
    // Sealing looks at the first page alone and would find nothing wrong.
    let page = "<</Type/Page/Parent 2 0 R/MediaBox[0 0 99 99]>>";
    let pages = "<</Type/Pages/Kids[3 0 R 20 0 R]/Count 2>>";
    let file = append(&pdf("two"), &[(2, pages.to_owned()), (20, page.to_owned())]);
    let offset = format!("{:010} 00000 n", find(&file, b"20 0 obj"));
    let file = replaced(&file, offset.as_bytes(), b"0000000020 00000 n");
    let shown = service.received(CODE, &[&file]).await;
    assert_eq!(shown.files[0].pages, 2);
    let released = service.approved(&shown).await;
    let digest = released.files[0].sha256.unwrap();
    let key = format!("objects/results/{}/1-{digest}", released.id);
    let sealed = std::fs::read(service.path().join(key)).unwrap();
    let sealed = Pdf::open(&sealed, &Limits::default()).unwrap();
    assert_eq!((sealed.page_count(), sealed.sections()), (Ok(2), 1));
}
