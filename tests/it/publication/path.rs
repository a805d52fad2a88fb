//! The whole path, and what it leaves in database, archive and record.

use serde_json::json;
use trao::database::{AuditEntry, ReadReason, StoredObject};
use trao::dossier::Attempt;
use trao::model::{ResultState, Sealing};
use trao::pades::{Limits, Source, TrustAnchors, verify};

use crate::support::service::{TestService, pdf};

struct Bytes(Vec<u8>);

impl Source for Bytes {
    fn len(&self) -> u64 {
        self.0.len() as u64
    }

    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> std::io::Result<()> {
        let from = usize::try_from(offset).unwrap();
        let bytes = self.0.get(from..from + buffer.len());
        buffer.copy_from_slice(bytes.ok_or(std::io::ErrorKind::UnexpectedEof)?);
        Ok(())
    }
}

#[tokio::test]
async fn what_is_approved_is_sealed_stored_and_released() {
    let service = TestService::new().await;
    let files = [pdf("main"), pdf("attachment")];
    let received = service
        .received("H13.12-261123-0001", &[&files[0], &files[1]])
        .await;
    assert_eq!(received.state, ResultState::Received);
    assert_eq!(
        received.link,
        format!("http://127.0.0.1:8080/r/{}", received.link_id)
    );
    let names: Vec<_> = received
        .files
        .iter()
        .map(|file| file.name.as_str())
        .collect();
    assert_eq!(
        names,
        [
            "Giấy phép xây dựng.pdf",
            "Giấy phép xây dựng - phụ lục 1.pdf"
        ]
    );
    assert!(
        received
            .files
            .iter()
            .all(|file| file.sha256.is_none() && file.size.is_none())
    );

    let released = service.approved(&received).await;

    assert_eq!(released.state, ResultState::Released);
    assert_eq!(released.manifest, received.manifest);
    let acts: Vec<_> = released
        .history
        .iter()
        .map(|event| event.action.as_str())
        .collect();
    assert_eq!(
        acts,
        ["received", "approved", "signing", "stored", "released"]
    );
    let anchors = TrustAnchors::from_pem_or_der(&service.pki.root_pem().unwrap()).unwrap();
    for (file, before) in released.files.iter().zip(&files) {
        let key = format!(
            "results/{}/{}-{}",
            released.id,
            file.n,
            file.sha256.unwrap()
        );
        let sealed = std::fs::read(service.path().join("objects").join(key)).unwrap();
        assert!(sealed.starts_with(before));
        assert_eq!(Some(sealed.len() as u64), file.size);
        let report = verify(&Bytes(sealed), &Limits::default(), &anchors, service.now()).unwrap();
        assert!(report.valid, "{report:?}");
    }
    let (objects, unknown) = service.app.db.intents(released.id).await.unwrap();
    assert_eq!((objects.len(), unknown), (2, 0));
    assert_eq!(service.app.db.audit_verify().await.unwrap().broken_at, None);
    assert!(
        std::fs::read_dir(service.app.settings.spool_dir())
            .unwrap()
            .next()
            .is_none()
    );
}

#[tokio::test]
async fn the_link_answers_from_the_release_on_and_not_before() {
    let service = TestService::new().await;
    let code = "H13.12-261123-0001";
    let received = service.received(code, &[&pdf("a")]).await;
    let link = received.link_id.to_string();
    let attempt = Attempt {
        link: &link,
        code,
        client: [192, 0, 2, 1].into(),
        key: None,
    };
    assert!(
        service
            .app
            .gate
            .release(attempt, service.now())
            .await
            .is_err()
    );
    service.approved(&received).await;
    let issued = service
        .app
        .gate
        .release(attempt, service.now())
        .await
        .unwrap();
    assert_eq!(issued.result, received.id);
    let handed_over = async || {
        let publication = &service.app.publication;
        let seen = publication.result(&service.officer(), received.id).await;
        seen.unwrap().handed_over_at
    };
    assert_eq!(
        handed_over().await,
        None,
        "the gate is passed, no file is out"
    );
    let (gate, now) = (&service.app.gate, service.now());
    let grant = gate.grant(issued.secret.reveal(), now).await.unwrap();
    let released = gate.permit(&grant.unwrap(), 1, attempt.client, now).await;
    assert!(released.unwrap().is_some());
    assert!(handed_over().await.is_some());
}

#[tokio::test]
async fn an_agency_that_seals_automatically_answers_with_the_released_result() {
    let service = TestService::new().await;
    let agency = service.other_agency(Sealing::Automatic, true).await;
    let caller = crate::support::service::officer_of(agency);
    let submission = service.submission("H13.12-261123-0001", &[&pdf("a")]);
    let receipt = service
        .app
        .publication
        .receive(&caller, submission, service.now())
        .await
        .unwrap();
    assert!(receipt.is_new);
    assert_eq!(receipt.view.state, ResultState::Released);
    let approved = receipt
        .view
        .history
        .iter()
        .find(|event| event.action == "approved")
        .unwrap();
    assert_eq!(approved.detail["sealing"], "automatic");
}

#[tokio::test]
async fn the_view_serialises_to_what_the_contract_says() {
    let service = TestService::new().await;
    let received = service.received("H13.12-261123-0001", &[&pdf("a")]).await;
    let json = serde_json::to_value(service.approved(&received).await).unwrap();
    for field in [
        "id", "state", "link", "link_id", "manifest", "files", "history", "warnings",
    ] {
        assert!(!json[field].is_null(), "{field}");
    }
    let file = &json["files"][0];
    for field in ["name", "received_sha256", "size", "sha256"] {
        assert!(!file[field].is_null(), "{field}");
    }
    assert_eq!(json["state"], "released");
    assert_eq!(json["created_at"], "2026-11-23T14:05:09+07:00");
    assert_eq!(json["warnings"], json!(["no_earlier_signature"]));
    assert!(
        !json.to_string().contains("H13.12"),
        "programs do not get the code back"
    );
}

#[tokio::test]
async fn every_reading_has_its_entry() {
    let service = TestService::new().await;
    let received = service.received("H13.12-261123-0001", &[&pdf("a")]).await;
    let officer = service.officer();
    let publication = &service.app.publication;
    let (id, now) = (received.id, service.now());
    let opened = publication
        .received_file(&officer, id, 1, now)
        .await
        .unwrap();
    service.app.archive.check(&opened.permit).await.unwrap();
    service.approved(&received).await;
    let opened = publication.sealed_file(&officer, id, 1, now).await.unwrap();
    assert_eq!(opened.name, "Giấy phép xây dựng.pdf");
    service.app.archive.check(&opened.permit).await.unwrap();
    let entries = service.app.db.audit_of(id).await.unwrap();
    let reasons: Vec<_> = entries
        .iter()
        .filter(|entry| entry.action == "file_read")
        .map(|entry| entry.detail["reason"].as_str().unwrap())
        .collect();
    assert_eq!(reasons, ["clerk_view", "sealing", "agency_copy"]);
}

/// What `trao doctor` asks of every released result: its objects are there and are the recorded.
pub(super) async fn assert_retrievable(service: &TestService, id: trao::model::ResultId) {
    let entry = AuditEntry {
        at: service.now(),
        agency: None,
        actor: trao::database::Actor::Operator,
        action: "file_read",
        result: Some(id),
        detail: json!({}),
    };
    let revisions = service.app.db.revisions(id).await.unwrap();
    assert!(!revisions.is_empty());
    for revision in revisions {
        let object: StoredObject = revision.object;
        let permit = service
            .app
            .db
            .permit(object, ReadReason::Doctor, &entry)
            .await
            .unwrap();
        service.app.archive.check(&permit).await.unwrap();
    }
}
