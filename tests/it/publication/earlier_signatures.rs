//! Signatures that files bring along: what a machine takes, what a clerk is shown and may insist on.

use trao::http::problem::Problem;
use trao::model::{ResultState, Sealing, Sha256Digest};
use trao::pades::test_pki::KeyKind;
use trao::publication::{PublicationError, SignatureFlaw, Warning};

use crate::support::pdf::{Dictionary, draft, find, off_by_one, one_page};
use crate::support::pki::{identity_of, pki};
use crate::support::seal::{aside, request, sealed, showing};
use crate::support::service::{TestService, officer_of, pdf};

const CODE: &str = "H13.12-261123-0001";

#[tokio::test]
async fn automatic_sealing_asks_for_a_signature_of_before() {
    let service = TestService::new().await;
    let caller = officer_of(service.other_agency(Sealing::Automatic, false).await);
    let publication = &service.app.publication;
    let unsigned = service.submission(CODE, &[&pdf("a")]);
    let error = publication
        .receive(&caller, unsigned, service.now())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "not_signed");
    assert!(service.objects().is_empty());
    let signed = signed_by_a_person(&service).await;
    let submission = service.submission(CODE, &[&signed]);
    let receipt = publication
        .receive(&caller, submission, service.now())
        .await
        .unwrap();
    assert_eq!(receipt.view.state, ResultState::Released);
    let broken = broken(&signed);
    let submission = service.submission("H13.12-261123-0002", &[&broken]);
    let error = publication
        .receive(&caller, submission, service.now())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "earlier_signature_broken");
}

/// A signed file that somebody changed behind the signature's back.
fn broken(signed: &[u8]) -> Vec<u8> {
    let mut broken = signed.to_vec();
    let mark = find(&broken, b"(signed)");
    broken[mark + 1] = b'S';
    broken
}

#[tokio::test]
async fn automatic_sealing_takes_no_broken_signature_even_of_what_needs_none() {
    let service = TestService::new().await;
    let caller = officer_of(service.other_agency(Sealing::Automatic, true).await);
    let broken = broken(&signed_by_a_person(&service).await);
    let objects = service.objects();
    for (files, n) in [
        (vec![broken.as_slice()], 1),
        (vec![pdf("main").as_slice(), broken.as_slice()], 2),
    ] {
        let submission = service.submission(CODE, &files);
        let publication = &service.app.publication;
        let error = publication
            .receive(&caller, submission, service.now())
            .await
            .unwrap_err();
        assert!(
            matches!(
                error,
                PublicationError::EarlierSignature { n: which, flaw: SignatureFlaw::Broken }
                    if which == n
            ),
            "{error}"
        );
    }
    assert_eq!(service.objects(), objects);
}

#[tokio::test]
async fn a_clerk_may_insist_on_a_broken_signature_and_the_record_says_so() {
    let service = TestService::new().await;
    let broken = broken(&signed_by_a_person(&service).await);
    let shown = service.received(CODE, &[&broken]).await;
    assert_eq!(shown.warnings, [Warning::EarlierSignatureBroken]);
    let publication = &service.app.publication;
    let unseen = Sha256Digest::of(b"what was shown without the warning");
    let error = publication
        .approve(&service.officer(), shown.id, unseen, service.now())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "manifest_changed");

    let released = service.approved(&shown).await;
    assert_eq!(released.state, ResultState::Released);
    let record = service.app.db.audit_of(shown.id).await.unwrap();
    let approved = record.iter().find(|entry| entry.action == "approved");
    assert_eq!(
        approved.unwrap().detail["warnings"],
        serde_json::json!(["earlier_signature_broken"])
    );
}

#[tokio::test]
async fn where_anybody_is_trusted_automatic_sealing_asks_for_a_trusted_signature() {
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, pki(KeyKind::P256).root_pem().unwrap()).unwrap();
    let service = TestService::with(|settings| settings.trust.anchors.push(roots.clone())).await;
    let caller = officer_of(service.other_agency(Sealing::Automatic, false).await);
    let signed = signed_by_a_person(&service).await;
    let publication = &service.app.publication;
    let untrusted = service.submission(CODE, &[&signed]);
    let error = publication
        .receive(&caller, untrusted, service.now())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "not_signed");
    let shown = service.received(CODE, &[&signed]).await;
    let warnings = [
        Warning::EarlierSignatureUntrusted,
        Warning::RevocationNotChecked,
    ];
    assert_eq!(shown.warnings, warnings);
    // The same, once the signer's root is among the trusted.
    std::fs::write(&roots, service.pki.root_pem().unwrap()).unwrap();
    let service = service.restart().await;
    let trusted = service.submission(CODE, &[&signed]);
    let publication = &service.app.publication;
    let receipt = publication
        .receive(&caller, trusted, service.now())
        .await
        .unwrap();
    assert_eq!(receipt.view.state, ResultState::Released);
    assert_eq!(receipt.view.warnings, [Warning::RevocationNotChecked]);
}

/// A file as another agency of this service sealed it: intact, by a certificate.
async fn signed_by_a_person(service: &TestService) -> Vec<u8> {
    let received = service
        .received("H13.12-261123-0099", &[&pdf("signed")])
        .await;
    let released = service.approved(&received).await;
    let key = format!(
        "results/{}/1-{}",
        released.id,
        released.files[0].sha256.unwrap()
    );
    std::fs::read(service.path().join("objects").join(key)).unwrap()
}

#[tokio::test]
async fn where_readers_differ_a_signature_is_at_risk_and_that_is_told_before_it_is_sealed() {
    let service = TestService::new().await;
    let mut draft = draft(&one_page(), 0, &Dictionary::default());
    draft.bytes = off_by_one(&draft.bytes);
    let odd = draft.seal(&identity_of(service.pki.agency()));
    let shown = service.received(CODE, &[&odd]).await;
    assert_eq!(
        shown.warnings,
        [
            Warning::EarlierSignatureAtRisk,
            Warning::EarlierSignatureUntrusted,
            Warning::RevocationNotChecked
        ]
    );
    let released = service.approved(&shown).await;
    assert_eq!(released.state, ResultState::Released, "the clerk insists");

    let unseen = officer_of(service.other_agency(Sealing::Automatic, true).await);
    let submission = service.submission(CODE, &[&odd]);
    let publication = &service.app.publication;
    let error = publication
        .receive(&unseen, submission, service.now())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "earlier_signature_broken");
    let told = Problem::from(error);
    assert_eq!(told.words(), "earlier_signature_at_risk", "it is intact");
    // Without a signature there is none at risk, and readers may show something else all the same.
    let submission = service.submission(CODE, &[&off_by_one(&pdf("odd"))]);
    let error = publication
        .receive(&unseen, submission, service.now())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "pdf_active_content");
    assert!(error.to_string().contains("ambiguous_structure"), "{error}");
}

#[tokio::test]
async fn what_a_stranger_signed_after_a_trusted_person_is_for_a_clerk_to_look_at() {
    let folder = tempfile::tempdir().unwrap();
    let roots = folder.path().join("roots.pem");
    std::fs::write(&roots, pki(KeyKind::P256).root_pem().unwrap()).unwrap();
    let service = TestService::with(|settings| settings.trust.anchors.push(roots.clone())).await;
    std::fs::write(&roots, service.pki.root_pem().unwrap()).unwrap();
    let service = service.restart().await;
    let unseen = officer_of(service.other_agency(Sealing::Automatic, true).await);
    let person = identity_of(service.pki.agency());
    let stranger = identity_of(pki(KeyKind::P256).agency());
    let signed = sealed(&pdf("signed"), request(), &person);
    let painted = sealed(&signed, showing(aside()), &stranger);
    let publication = &service.app.publication;
    let sent = async |code, file: &[u8]| {
        let submission = service.submission(code, &[file]);
        publication
            .receive(&unseen, submission, service.now())
            .await
    };
    for file in [&painted, &sealed(&signed, request(), &stranger)] {
        let error = sent(CODE, file).await.unwrap_err();
        assert_eq!(error.code(), "earlier_signature_broken");
        let told = Problem::from(error);
        assert_eq!(told.words(), "earlier_signature_followed");
    }
    // The person saw what the stranger did before; and of strangers alone none is trusted.
    let before = sealed(&pdf("signed"), showing(aside()), &stranger);
    for (code, file) in [
        ("H13.12-261123-0002", sealed(&before, request(), &person)),
        ("H13.12-261123-0003", sealed(&before, request(), &stranger)),
        ("H13.12-261123-0004", sealed(&signed, request(), &person)),
    ] {
        let receipt = sent(code, &file).await.unwrap();
        assert_eq!(receipt.view.state, ResultState::Released, "{code}");
        let followed = Warning::EarlierSignatureFollowed;
        assert!(!receipt.view.warnings.contains(&followed), "{code}");
    }

    let shown = service.received(CODE, &[&painted]).await;
    assert_eq!(
        shown.warnings,
        [
            Warning::EarlierSignatureFollowed,
            Warning::EarlierSignatureUntrusted,
            Warning::RevocationNotChecked
        ]
    );
    let released = service.approved(&shown).await;
    assert_eq!(released.state, ResultState::Released, "the clerk insists");
}
