//! Visible marks in the flow: what an agency set is what its results, and those of the agencies below
//! it, bear; and nothing is drawn that was not shown.

use trao::account::{AccountError, AppearanceChange, Change};
use trao::database::Actor;
use trao::model::{AgencyId, AppearanceName, MarkLanguage, ResultId, ResultState};
use trao::pades::test_pki::KeyKind;
use trao::publication::{PublicationError, ResultView};

use super::recovery::leave_approved;
use crate::support::judges::Judges;
use crate::support::pdf_file::{PdfFile, XrefKind};
use crate::support::pki::{identity_of, profile};
use crate::support::seal::{aside, faded_ring, sealed, showing};
use crate::support::service::{TestService, officer_of, pdf};

const CODE: &str = "H13.12-261123-0001";

const OWN: &str = "title = { vi = \"Sao lục\", en = \"Certified copy\" }\n\
    [[item]]\ntext = { vi = \"SAO LỤC {agency}\", en = \"COPY {agency}\" }\n\
    [[item]]\nqr = \"{verification_url}\"\nside_mm = 25.0\n\
    [place]\npage = \"last\"\nat = \"bottom-left\"";

fn image() -> AppearanceChange {
    AppearanceChange {
        image: Some(Change::Set(faded_ring())),
        ..AppearanceChange::default()
    }
}

fn template(name: &str, toml: &str) -> AppearanceChange {
    AppearanceChange {
        templates: vec![(name.parse().unwrap(), Change::Set(toml.to_owned()))],
        ..AppearanceChange::default()
    }
}

fn default(name: &str) -> AppearanceChange {
    AppearanceChange {
        default: Some(Change::Set(name.parse().unwrap())),
        ..AppearanceChange::default()
    }
}

async fn try_change(
    service: &TestService,
    agency: AgencyId,
    change: AppearanceChange,
) -> Result<(), AccountError> {
    let accounts = &service.app.accounts;
    accounts
        .change_appearance(agency, change, Actor::Operator, service.now())
        .await
}

async fn change(service: &TestService, change: AppearanceChange) {
    try_change(service, service.agency, change).await.unwrap();
}

/// Hands a result in that is to look so; the number is given where there is one.
async fn try_receive(
    service: &TestService,
    appearance: &str,
    number: &str,
    files: &[&[u8]],
) -> Result<ResultView, PublicationError> {
    let mut submission = service.submission(CODE, files);
    submission.appearance = (!appearance.is_empty()).then(|| appearance.to_owned());
    submission.document_number = Some(number.to_owned());
    let officer = service.officer();
    let receiving = service
        .app
        .publication
        .receive(&officer, submission, service.now());
    Ok(receiving.await?.view)
}

async fn receive(service: &TestService, appearance: &str, files: &[&[u8]]) -> ResultView {
    try_receive(service, appearance, "12/QĐ-UBND", files)
        .await
        .unwrap()
}

/// What is stored of a released result, by its files.
fn stored(service: &TestService, released: &ResultView) -> Vec<Vec<u8>> {
    assert_eq!(released.state, ResultState::Released);
    let files = released.files.iter().map(|file| {
        let key = format!(
            "results/{}/{}-{}",
            released.id,
            file.n,
            file.sha256.unwrap()
        );
        std::fs::read(service.path().join("objects").join(key)).unwrap()
    });
    files.collect()
}

/// A file that a person has signed, so that it shows.
fn signed(service: &TestService) -> Vec<u8> {
    let person = service.pki.issue(&profile(KeyKind::P256)).unwrap();
    sealed(&pdf("decision"), showing(aside()), &identity_of(&person))
}

async fn seen(service: &TestService, id: ResultId) -> ResultView {
    let publication = &service.app.publication;
    publication.result(&service.officer(), id).await.unwrap()
}

#[tokio::test]
async fn a_seal_stands_over_the_signature_and_further_files_bear_number_and_time() {
    let service = TestService::new().await;
    change(&service, image()).await;
    let (main, annex) = (signed(&service), pdf("annex"));
    let received = receive(&service, "seal", &[&main, &annex]).await;
    let released = service.approved(&received).await;
    let files = stored(&service, &released);
    let judges = Judges::trusting(&service.pki);
    for (file, received) in files.iter().zip([&main, &annex]) {
        assert!(file.starts_with(received));
        judges.holds_valid(file, "a seal");
        judges.holds_trusted(file, "a seal");
    }
    let appended = |n: usize, received: &[u8]| files[n][received.len()..].to_vec();
    let draws = |bytes: &[u8]| bytes.windows(15).any(|found| found == b"/Subtype /Image");
    assert!(draws(&appended(0, &main)), "the image of the seal");
    assert!(!draws(&appended(1, &annex)), "an annex bears no image");
    let text = judges.text(&files[1]);
    assert!(text.contains("12/QĐ-UBND"), "{text}");
}

#[tokio::test]
async fn a_copy_and_a_template_of_ones_own_are_drawn_with_the_results_facts() {
    let service = TestService::new().await;
    change(&service, image()).await;
    change(&service, template("sao-luc", OWN)).await;
    let judges = Judges::trusting(&service.pki);
    for (code, appearance, words) in [
        ("H13.12-261123-0001", "copy", "SAO Y"),
        (
            "H13.12-261123-0002",
            "sao-luc",
            "SAO LỤC Ủy ban nhân dân phường Đống Đa",
        ),
    ] {
        let mut submission = service.submission(code, &[&pdf("a")]);
        submission.appearance = Some(appearance.to_owned());
        let officer = service.officer();
        let receipt = service
            .app
            .publication
            .receive(&officer, submission, service.now());
        let released = service.approved(&receipt.await.unwrap().view).await;
        let [file] = &stored(&service, &released)[..] else {
            panic!()
        };
        judges.holds_valid(file, appearance);
        judges.holds_trusted(file, appearance);
        let text = judges.text(file);
        assert!(text.contains(words), "{appearance}: {text}");
    }
}

#[tokio::test]
async fn what_was_changed_since_it_was_shown_is_not_approved() {
    let service = TestService::new().await;
    change(&service, image()).await;
    change(&service, template("own", OWN)).await;
    let received = receive(&service, "own", &[&pdf("a")]).await;
    let approve = async |view: &ResultView| {
        let publication = &service.app.publication;
        let officer = service.officer();
        let approved = publication.approve(&officer, view.id, view.manifest, service.now());
        approved.await.map(|view| view.state)
    };
    let code = |outcome: Result<ResultState, PublicationError>| outcome.unwrap_err().code();
    let mut shown = received;
    let other = OWN.replace("bottom-left", "bottom-right");
    let english = AppearanceChange {
        language: Some(Change::Set(MarkLanguage::English)),
        ..AppearanceChange::default()
    };
    let with_seal = format!("{OWN}\n[[item]]\nimage = \"seal\"");
    let mut another = faded_ring();
    another.extend_from_slice(b"behind the picture");
    let another = AppearanceChange {
        image: Some(Change::Set(another)),
        ..AppearanceChange::default()
    };
    for later in [
        template("own", &other),
        english,
        template("own", &with_seal),
        another,
    ] {
        change(&service, later).await;
        assert_eq!(code(approve(&shown).await), "manifest_changed");
        shown = seen(&service, shown.id).await;
    }
    let gone = AppearanceChange {
        templates: vec![("own".parse().unwrap(), Change::Remove)],
        ..AppearanceChange::default()
    };
    change(&service, gone).await;
    assert_eq!(code(approve(&shown).await), "manifest_changed");
    shown = seen(&service, shown.id).await;
    assert_eq!(code(approve(&shown).await), "appearance_unusable");
    change(&service, template("own", OWN)).await;
    shown = seen(&service, shown.id).await;
    assert_eq!(approve(&shown).await.unwrap(), ResultState::Released);
}

#[tokio::test]
async fn a_template_that_came_after_the_approval_is_not_drawn() {
    let service = TestService::new().await;
    change(&service, template("own", OWN)).await;
    let received = receive(&service, "own", &[&pdf("a")]).await;
    leave_approved(&service, received.id).await;
    change(&service, template("own", &OWN.replace("SAO", "BẢN SAO"))).await;
    let publication = &service.app.publication;
    assert_eq!(publication.recover().await.unwrap(), 1);
    publication.settle().await;
    let held = seen(&service, received.id).await;
    assert_eq!(held.reason_code.as_deref(), Some("manifest_changed"));
}

#[tokio::test]
async fn what_cannot_be_drawn_is_refused_when_it_comes() {
    let service = TestService::new().await;
    let refused = async |appearance: &str, number: &str, file: &[u8]| {
        let refusal = try_receive(&service, appearance, number, &[file])
            .await
            .unwrap_err();
        (refusal.code(), refusal.field())
    };
    let at = Some("appearance");
    assert_eq!(refused("gold", "1", &pdf("a")).await, ("field_invalid", at));
    assert_eq!(
        refused("Gold!", "1", &pdf("a")).await,
        ("field_invalid", at)
    );
    assert_eq!(
        refused("seal", "1", &pdf("a")).await,
        ("appearance_unusable", at)
    );
    assert_eq!(
        refused("copy", "1", &pdf("a")).await,
        ("appearance_unusable", at)
    );
    change(&service, image()).await;
    // There is no signature for the seal to stand over.
    assert_eq!(
        refused("seal", "1", &pdf("a")).await,
        ("appearance_misfit", at)
    );
    assert_eq!(
        refused("attachment", "", &pdf("a")).await,
        ("document_number_missing", Some("document_number"))
    );
    let field = "[[item]]\ntext = \"x\"\n[place]\nfield = \"Ky\"";
    change(&service, template("in-field", field)).await;
    assert_eq!(
        refused("in-field", "1", &pdf("a")).await,
        ("appearance_misfit", at)
    );
    let page = "[[item]]\ntext = \"x\"\n[place]\npage = 2";
    change(&service, template("on-two", page)).await;
    assert_eq!(
        refused("on-two", "1", &pdf("a")).await,
        ("appearance_misfit", at)
    );
    // A further file of a seal bears its number.
    let (signed, annex) = (signed(&service), pdf("annex"));
    let refusal = try_receive(&service, "seal", "", &[&signed, &annex]).await;
    assert_eq!(refusal.unwrap_err().code(), "document_number_missing");
    assert!(service.objects().is_empty());
}

#[tokio::test]
async fn an_agency_has_what_the_nearest_one_above_it_has() {
    let service = TestService::new().await;
    let child = service.agency_below(service.agency).await;
    let grandchild = service.agency_below(child).await;
    let db = &service.app.db;
    let default_of = async |agency| {
        let found = db.default_appearance(agency).await.unwrap();
        found.map(|(name, from)| (name.to_string(), from))
    };
    change(&service, template("own", OWN)).await;
    change(&service, image()).await;
    change(&service, default("own")).await;
    assert_eq!(
        default_of(grandchild).await,
        Some(("own".into(), service.agency))
    );
    let nearer = OWN.replace("SAO LỤC", "TRÍCH SAO");
    try_change(&service, child, template("own", &nearer))
        .await
        .unwrap();
    try_change(&service, child, default("seal")).await.unwrap();
    assert_eq!(default_of(grandchild).await, Some(("seal".into(), child)));
    let templates = db.mark_templates(grandchild).await.unwrap();
    assert_eq!(templates.len(), 1);
    assert_eq!(
        (templates[0].agency, &templates[0].template),
        (child, &nearer)
    );
    assert_eq!(
        db.seal_image(grandchild).await.unwrap().unwrap().agency,
        service.agency
    );
    let own = "own".parse().unwrap();
    let above = db.mark_template(service.agency, &own).await.unwrap();
    assert_eq!(above.unwrap().template, OWN);

    // The child's seal rests on the image of the agency above it.
    let no_image = || AppearanceChange {
        image: Some(Change::Remove),
        ..AppearanceChange::default()
    };
    let refused = try_change(&service, service.agency, no_image()).await;
    assert!(
        matches!(refused, Err(AccountError::AppearanceUnusable(_))),
        "{refused:?}"
    );
    let back = AppearanceChange {
        default: Some(Change::Remove),
        ..AppearanceChange::default()
    };
    try_change(&service, child, back).await.unwrap();
    assert_eq!(
        default_of(grandchild).await,
        Some(("own".into(), service.agency))
    );
    try_change(&service, service.agency, no_image())
        .await
        .unwrap();
    assert_eq!(db.seal_image(grandchild).await.unwrap(), None);
}

#[tokio::test]
async fn a_result_without_a_word_about_its_looks_has_the_default_from_above() {
    let service = TestService::new().await;
    let child = service.agency_below(service.agency).await;
    let grandchild = service.agency_below(child).await;
    let (db, own) = (&service.app.db, "own".parse().unwrap());
    change(&service, template("own", OWN)).await;
    change(&service, default("own")).await;
    try_change(
        &service,
        child,
        template("own", &OWN.replace("SAO", "BẢN SAO")),
    )
    .await
    .unwrap();
    let mut submission = service.submission(CODE, &[&pdf("a")]);
    submission.title = "Trích lục".to_owned();
    let publication = &service.app.publication;
    let officer = officer_of(grandchild);
    let receipt = publication.receive(&officer, submission, service.now());
    let view = receipt.await.unwrap().view;
    assert_eq!(view.appearance, "own".parse().unwrap());
    // An agency out of use passes the question on.
    let accounts = &service.app.accounts;
    accounts
        .disable_agency(child, Actor::Operator, service.now())
        .await
        .unwrap();
    let nearest = db.mark_template(grandchild, &own).await.unwrap().unwrap();
    assert_eq!(nearest.agency, service.agency);
    assert_eq!(db.audit_verify().await.unwrap().broken_at, None);
}

#[tokio::test]
async fn no_setting_is_taken_that_could_never_be_drawn() {
    let service = TestService::new().await;
    let refused = async |change| {
        try_change(&service, service.agency, change)
            .await
            .unwrap_err()
    };
    for wrong in [
        "",
        "[[item]]\ntext = \"{no_such_fact}\"",
        "[[item]]\ntext = \"\u{4e2d}\"",
        "[[item]]\ntext = \"a\"\nimage = \"seal\"",
        "title = \"\"\n[[item]]\ntext = \"a\"",
        &format!("# {}\n{OWN}", "a".repeat(16 << 10)),
    ] {
        let error = refused(template("own", wrong)).await;
        assert!(
            matches!(error, AccountError::Template { .. }),
            "{wrong}: {error:?}"
        );
    }
    for wrong in [b"GIF89a".to_vec(), vec![0; (2 << 20) + 1]] {
        let change = AppearanceChange {
            image: Some(Change::Set(wrong)),
            ..AppearanceChange::default()
        };
        assert!(matches!(refused(change).await, AccountError::Picture(_)));
    }
    for wrong in ["seal", "own"] {
        let error = refused(default(wrong)).await;
        assert!(
            matches!(error, AccountError::AppearanceUnusable(_)),
            "{error:?}"
        );
    }
    let gone = AppearanceChange {
        templates: vec![("own".parse().unwrap(), Change::Remove)],
        ..AppearanceChange::default()
    };
    assert!(matches!(refused(gone).await, AccountError::NotFound));
    for n in 0..50 {
        change(&service, template(&format!("t-{n}"), OWN)).await;
    }
    let error = refused(template("t-50", OWN)).await;
    assert!(matches!(error, AccountError::Field { .. }), "{error:?}");
    // All or nothing.
    let both = AppearanceChange {
        default: Some(Change::Set(AppearanceName::Seal)),
        ..template("t-0", &OWN.replace("SAO", "BẢN SAO"))
    };
    refused(both).await;
    let kept = service
        .app
        .db
        .mark_template(service.agency, &"t-0".parse().unwrap())
        .await;
    assert_eq!(kept.unwrap().unwrap().template, OWN);
}

#[tokio::test]
async fn a_certified_file_bears_no_mark_of_an_agencys_own() {
    let service = TestService::new().await;
    change(&service, template("own", OWN)).await;
    let certification = "<< /Type /Sig /Reference [<< /TransformMethod /DocMDP \
        /TransformParams << /P 2 >> >>] >>";
    let certified = PdfFile::new(XrefKind::Table)
        .catalog("/Perms << /DocMDP 12 0 R >>")
        .object(12, certification)
        .build();
    let refused = try_receive(&service, "own", "1", &[&certified]).await;
    assert_eq!(refused.unwrap_err().code(), "pdf_locked");
    let taken = try_receive(&service, "none", "1", &[&certified]).await;
    assert_eq!(taken.unwrap().mark.map(|mark| mark.image), None);
}
