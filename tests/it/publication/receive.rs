//! Receiving: what is taken, what is refused, and that a refusal leaves nothing behind.

use trao::account::Scope;
use trao::model::{ResultState, Sealing};
use trao::publication::{PublicationError, Receipt, Submission};

use crate::support::pdf_file::{PdfFile, XrefKind};
use crate::support::service::{TestService, officer_of, pdf};

const CODE: &str = "H13.12-261123-0001";

async fn receive(
    service: &TestService,
    submission: Submission,
) -> Result<Receipt, PublicationError> {
    service
        .app
        .publication
        .receive(&service.officer(), submission, service.now())
        .await
}

async fn refused(
    service: &TestService,
    change: impl FnOnce(&mut Submission),
) -> (&'static str, Option<&'static str>) {
    let mut submission = service.submission(CODE, &[&pdf("a")]);
    change(&mut submission);
    let error = receive(service, submission).await.unwrap_err();
    (error.code(), error.field())
}

#[tokio::test]
async fn each_field_is_refused_by_its_name() {
    let service = TestService::new().await;
    let some = |text: &str| Some(text.to_owned());
    let invalid = |field| ("field_invalid", Some(field));
    for policy in ["pin", "link+pin", "nonsense"] {
        assert_eq!(
            refused(&service, |s| s.policy = some(policy)).await,
            invalid("policy")
        );
    }
    assert_eq!(
        refused(&service, |s| s.policy = some("code")).await,
        ("policy_too_weak", Some("policy"))
    );
    for level in ["t", "lt", "lta", "nonsense"] {
        assert_eq!(
            refused(&service, |s| s.level = some(level)).await,
            invalid("level")
        );
    }
    assert_eq!(
        refused(&service, |s| s.appearance = some("gold")).await,
        invalid("appearance")
    );
    assert_eq!(
        refused(&service, |s| s.title = " ../ ".to_owned()).await,
        invalid("title")
    );
    assert_eq!(
        refused(&service, |s| s.title = "a".repeat(201)).await,
        invalid("title")
    );
    assert_eq!(
        refused(&service, |s| s.recipient_email = some("a@b")).await,
        invalid("recipient_email")
    );
    assert_eq!(
        refused(&service, |s| s.recipient_phone = some("call")).await,
        invalid("recipient_phone")
    );
    assert_eq!(
        refused(&service, |s| s.document_number = some("1\u{7}")).await,
        invalid("document_number")
    );
    assert_eq!(
        refused(&service, |s| s.idempotency_key = some("")).await,
        invalid("idempotency_key")
    );
    assert_eq!(
        refused(&service, |s| s.files.clear()).await,
        invalid("file")
    );
    let missing = ("document_number_missing", Some("document_number"));
    assert_eq!(
        refused(&service, |s| s.appearance = some("attachment")).await,
        missing
    );
    assert!(service.objects().is_empty());
}

#[tokio::test]
async fn a_title_or_number_that_holds_the_code_is_refused_in_any_spelling() {
    let service = TestService::new().await;
    for text in [
        CODE,
        "Giấy phép số h13.12-261123-0001",
        "Kết quả H13.12 – 261123 – 0001, bản chính",
        "Ｈ１３．１２－２６１１２３－０００１",
        "H13..12\u{2212}2611\u{200b}23-0001",
        "H13.12-26\u{fe0f}1123\u{34f}-00\u{e0041}01",
    ] {
        assert_eq!(
            refused(&service, |s| s.title = text.to_owned()).await,
            ("field_invalid", Some("title")),
            "{text}"
        );
        assert_eq!(
            refused(&service, |s| s.document_number = Some(text.to_owned())).await,
            ("field_invalid", Some("document_number")),
            "{text}"
        );
    }
    assert!(service.objects().is_empty());
    let mut submission = service.submission(CODE, &[&pdf("a")]);
    submission.title = "Giấy phép H13.12-261123-0002".to_owned();
    assert!(receive(&service, submission).await.is_ok());
}

#[tokio::test]
async fn nor_may_the_name_made_of_the_title_hold_it() {
    let service = TestService::new().await;
    for title in ["H13.12-261123-:0001", "Giấy phép H13.12/-261123-\"0001\""] {
        assert_eq!(
            refused(&service, |s| s.title = title.to_owned()).await,
            ("field_invalid", Some("title")),
            "{title}"
        );
    }
}

#[tokio::test]
async fn a_free_code_counts_as_a_whole_word() {
    let service = TestService::new().await;
    let holds = async |code: &str, text: &str| {
        let mut submission = service.submission(code, &[b"no PDF"]);
        submission.title = text.to_owned();
        let titled = receive(&service, submission).await.unwrap_err();
        let mut submission = service.submission(code, &[b"no PDF"]);
        submission.document_number = Some(text.to_owned());
        let numbered = receive(&service, submission).await.unwrap_err();
        assert_eq!(titled.code(), numbered.code(), "{code}: {text}");
        titled.code() == "field_invalid"
    };
    for (code, text) in [
        ("12345", "12345"),
        ("12345", "Giấy phép (12\u{fe0f}345)"),
        ("12345", "hồ sơ 12 345, bản chính"),
        ("12345", "GP-12345"),
        ("12345", "Số 12345/"),
        ("12345", "Số 12345 / , bản chính"),
        ("hs-12345", "Giấy phép HS\u{2013}12345/GP-UBND"),
    ] {
        assert!(holds(code, text).await, "{code}: {text}");
    }
    for (code, text) in [
        ("12345", "12345/GP-UBND"),
        ("12345", "Giấy phép số 12345 / GP-UBND"),
        ("12345", "Giấy phép 123456"),
        ("12345", "Giấy phép A12345"),
        ("hs-12345", "Giấy phép HS-123456"),
    ] {
        assert!(!holds(code, text).await, "{code}: {text}");
    }
}

#[tokio::test]
async fn a_code_that_is_none_or_not_the_agencys_is_refused() {
    let service = TestService::new().await;
    // The day after tomorrow, no real day, no code at all.
    for code in ["H13.12-261125-0001", "H13.12-261301-0001", "?", ""] {
        let refusal = refused(&service, |s| s.dossier_code = code.to_owned()).await;
        assert_eq!(refusal, ("code_malformed", Some("dossier_code")), "{code}");
    }
    let tomorrow = service.submission("H13.12-261124-0001", &[&pdf("a")]);
    assert!(receive(&service, tomorrow).await.is_ok());
}

#[tokio::test]
async fn the_words_of_the_contract_and_empty_fields_are_taken() {
    let service = TestService::new().await;
    let mut submission = service.submission(" h13.12–261123–0001 ", &[&pdf("a")]);
    submission.policy = Some("link".to_owned());
    submission.level = Some("b".to_owned());
    submission.appearance = Some("attachment".to_owned());
    submission.document_number = Some("12/QĐ-UBND".to_owned());
    submission.procedure = Some(String::new());
    submission.recipient_email = Some("a@example.vn".to_owned());
    submission.recipient_phone = Some("+84 24 1234-5678".to_owned());
    let view = receive(&service, submission).await.unwrap().view;
    assert_eq!(view.dossier_code.as_deref(), Some(CODE));
    assert_eq!(view.procedure, None);
    let released = service.approved(&view).await;
    assert_eq!(
        released.state,
        ResultState::Released,
        "{:?}",
        released.reason
    );
}

#[tokio::test]
async fn the_number_and_the_bytes_of_files_hold_at_n_and_break_at_n_plus_one() {
    let file = pdf("a");
    let service = TestService::with(|settings| {
        settings.limits.result_files = 2;
        settings.limits.result_bytes = 2 * file.len() as u64;
    })
    .await;
    let fits = receive(&service, service.submission(CODE, &[&file, &file]))
        .await
        .unwrap();
    assert_eq!(fits.view.files.len(), 2);
    let longer = [&file[..], b"\n"].concat();
    let other = "H13.12-261123-0002";
    for files in [&[&file[..], &longer][..], &[b"1", b"2", b"3"]] {
        let error = receive(&service, service.submission(other, files))
            .await
            .unwrap_err();
        assert_eq!(error.code(), "file_too_large");
    }
}

#[tokio::test]
async fn a_file_that_cannot_be_sealed_is_refused_and_leaves_nothing_behind() {
    let service = TestService::new().await;
    let submission = service.submission(CODE, &[&pdf("a"), b"no PDF at all"]);
    let error = receive(&service, submission).await.unwrap_err();
    assert!(
        matches!(error, PublicationError::Refused { n: 2, .. }),
        "{error}"
    );
    assert_eq!(error.code(), "not_pdf");
    assert!(service.objects().is_empty());
    assert!(
        std::fs::read_dir(service.app.settings.spool_dir())
            .unwrap()
            .next()
            .is_none()
    );
    // The code is free again.
    service.received(CODE, &[&pdf("a")]).await;
}

#[tokio::test]
async fn the_same_code_and_bytes_again_is_the_result_that_stands_there() {
    let service = TestService::new().await;
    let first = service.received(CODE, &[&pdf("a")]).await;
    let again = receive(&service, service.submission(CODE, &[&pdf("a")]))
        .await
        .unwrap();
    assert!(!again.is_new);
    assert_eq!(again.view.id, first.id);
    let other = receive(&service, service.submission(CODE, &[&pdf("b")]))
        .await
        .unwrap_err();
    assert_eq!(other.code(), "dossier_has_result");
    let longer = service.submission(CODE, &[&pdf("a"), &pdf("b")]);
    assert_eq!(
        receive(&service, longer).await.unwrap_err().code(),
        "dossier_has_result"
    );
    assert_eq!(service.objects().len(), 1);
}

#[tokio::test]
async fn two_agencies_may_use_one_code() {
    let service = TestService::new().await;
    let first = service.received(CODE, &[&pdf("a")]).await;
    let other = officer_of(service.other_agency(Sealing::Clerk, false).await);
    let submission = service.submission(CODE, &[&pdf("b")]);
    let second = service
        .app
        .publication
        .receive(&other, submission, service.now())
        .await
        .unwrap();
    assert!(second.is_new);
    assert_ne!(second.view.id, first.id);
}

#[tokio::test]
async fn of_two_at_once_one_makes_the_result() {
    let service = TestService::new().await;
    let submissions = (0..4).map(|_| receive(&service, service.submission(CODE, &[&pdf("a")])));
    let receipts = futures_util::future::join_all(submissions).await;
    let receipts: Vec<Receipt> = receipts.into_iter().map(Result::unwrap).collect();
    assert_eq!(receipts.iter().filter(|receipt| receipt.is_new).count(), 1);
    assert!(
        receipts
            .iter()
            .all(|receipt| receipt.view.id == receipts[0].view.id)
    );
    assert_eq!(service.objects().len(), 1);
}

#[tokio::test]
async fn only_who_may_publish_hands_in() {
    let service = TestService::new().await;
    let reader = service.key(&[Scope::Read, Scope::Approve, Scope::Withdraw]);
    let submission = service.submission(CODE, &[&pdf("a")]);
    let error = service
        .app
        .publication
        .receive(&reader, submission, service.now())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "forbidden");
    let publisher = service.key(&[Scope::Publish]);
    let submission = service.submission(CODE, &[&pdf("a")]);
    let receipt = service
        .app
        .publication
        .receive(&publisher, submission, service.now())
        .await
        .unwrap();
    assert_eq!(
        receipt.view.dossier_code, None,
        "programs do not get the code back"
    );
    let hidden = service
        .app
        .publication
        .result(&publisher, receipt.view.id)
        .await
        .unwrap_err();
    assert_eq!(hidden.code(), "forbidden");
}

#[tokio::test]
async fn active_content_is_shown_to_a_clerk_and_refused_where_none_looks() {
    let service = TestService::new().await;
    let acting = PdfFile::new(XrefKind::Table).catalog("/OpenAction << /S /JavaScript >>");
    let acting = acting.build();
    let publication = &service.app.publication;
    let unseen = officer_of(service.other_agency(Sealing::Automatic, true).await);
    let submission = service.submission(CODE, &[&acting]);
    let error = publication
        .receive(&unseen, submission, service.now())
        .await
        .unwrap_err();
    assert_eq!(error.code(), "pdf_active_content");
    assert!(service.objects().is_empty());
    let clerk = officer_of(service.other_agency(Sealing::Clerk, true).await);
    let submission = service.submission(CODE, &[&acting]);
    let receipt = publication
        .receive(&clerk, submission, service.now())
        .await
        .unwrap();
    assert_eq!(receipt.view.files[0].findings[0].code, "javascript");
}

#[tokio::test]
async fn an_installation_may_refuse_any_kind_of_active_content() {
    let refuse = |words: &[&str]| words.iter().map(|word| (*word).to_owned()).collect();
    let service = TestService::with(|settings| {
        settings.intake.refuse = refuse(&["xfa"]);
        settings.intake.refuse_unseen = refuse(&[]);
    })
    .await;
    let publication = &service.app.publication;
    let clerk = officer_of(service.other_agency(Sealing::Clerk, true).await);
    for (catalog, refused) in [
        ("/AcroForm << /XFA [] >>", true),
        ("/OpenAction << /S /JavaScript >>", false),
    ] {
        let file = PdfFile::new(XrefKind::Table).catalog(catalog).build();
        let submission = service.submission(CODE, &[&file]);
        let outcome = publication.receive(&clerk, submission, service.now()).await;
        let code = outcome.err().map(|error| error.code());
        assert_eq!(code, refused.then_some("pdf_active_content"), "{catalog}");
    }
}
