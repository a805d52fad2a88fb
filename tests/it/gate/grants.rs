//! What a grant opens, how long, and what it leaves in the record.

use time::Duration;
use trao::secrets::Token;

use super::*;

#[tokio::test]
async fn a_grant_lives_ten_minutes() {
    let site = Site::new().await;
    let gate = &site.service.app.gate;
    let issued = site.attempt(&site.link, CODE).await.unwrap();
    assert_eq!(issued.expires_at, site.now() + Duration::minutes(10));
    let secret = issued.secret.reveal();
    for (ms, lives) in [(0, true), (599_999, true), (600_000, false)] {
        let at = site.now() + Duration::milliseconds(ms);
        let grant = gate.grant(secret, at).await.unwrap();
        assert_eq!(grant.is_some(), lives, "{ms}");
        if let Some(grant) = grant {
            assert_eq!(
                grant.expires_at(),
                issued.expires_at,
                "looking is not using"
            );
        }
    }
}

#[tokio::test]
async fn a_grant_opens_its_own_result_and_no_other() {
    let site = Site::new().await;
    let other = released(&site.service, WRONG).await;
    let gate = &site.service.app.gate;
    let link = other.link_id.to_string();
    let mut digests = Vec::new();
    for (link, code, id) in [(&site.link, CODE, site.result.id), (&link, WRONG, other.id)] {
        let issued = site.attempt(link, code).await.unwrap();
        let grant = gate
            .grant(issued.secret.reveal(), site.now())
            .await
            .unwrap();
        let grant = grant.unwrap();
        assert_eq!((issued.result, grant.result()), (id, id));
        assert_eq!(grant.files().len(), 1);
        for missing in [0, 2, u32::MAX] {
            let permit = gate.permit(&grant, missing, CLIENT, site.now()).await;
            assert!(permit.unwrap().is_none(), "{missing}");
        }
        let released = gate.permit(&grant, 1, CLIENT, site.now()).await.unwrap();
        let released = released.unwrap();
        site.service
            .app
            .archive
            .check(&released.permit)
            .await
            .unwrap();
        digests.push(released.file.sha256);
    }
    assert_ne!(digests[0], digests[1]);
}

#[tokio::test]
async fn what_was_never_given_opens_nothing() {
    let site = Site::new().await;
    let issued = site.attempt(&site.link, CODE).await.unwrap();
    let secret = issued.secret.reveal();
    let mut last = secret.to_owned();
    let end = if last.pop() == Some('a') { 'b' } else { 'a' };
    last.push(end);
    for wrong in [
        "",
        "?",
        &secret[1..],
        &format!("{secret}0"),
        &format!(" {secret}"),
        &last,
        Token::draw().reveal(),
        &site.link,
        &"é".repeat(40),
    ] {
        let grant = site.service.app.gate.grant(wrong, site.now()).await;
        assert!(grant.unwrap().is_none(), "{wrong:?}");
    }
}

/// The permit of a file is made with its entry, or not at all.
#[tokio::test]
async fn no_file_is_permitted_without_its_entry() {
    let site = Site::new().await;
    let gate = &site.service.app.gate;
    let issued = site.attempt(&site.link, CODE).await.unwrap();
    let grant = gate
        .grant(issued.secret.reveal(), site.now())
        .await
        .unwrap();
    let grant = grant.unwrap();
    let on_record = "SELECT count(*) FROM audit WHERE action = 'file_released'";
    assert_eq!(site.count(on_record).await, 0);
    for nth in 1..=2 {
        let permit = gate.permit(&grant, 1, CLIENT, site.now()).await.unwrap();
        assert!(permit.is_some());
        assert_eq!(site.count(on_record).await, nth);
    }
    site.meddle(
        "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    .await;
    assert!(gate.permit(&grant, 1, CLIENT, site.now()).await.is_err());
}

/// Withdrawn or relinked, a result's grants are dead for good: also once the state is back where
/// it was.
#[tokio::test]
async fn a_grant_of_an_old_link_stays_dead() {
    let site = Site::new().await;
    let gate = &site.service.app.gate;
    let old = site.attempt(&site.link, CODE).await.unwrap();
    let relinked = site
        .service
        .app
        .publication
        .relink(&site.service.officer(), site.result.id, site.now())
        .await
        .unwrap();
    let link = relinked.link_id.to_string();
    let new = site.attempt(&link, CODE).await.unwrap();
    let opens = async |issued: &Issued| {
        let grant = gate.grant(issued.secret.reveal(), site.now()).await;
        grant.unwrap().is_some()
    };
    assert!(!opens(&old).await);
    assert!(opens(&new).await);
    site.service
        .app
        .publication
        .withdraw(
            &site.service.officer(),
            site.result.id,
            "Sai số".to_owned(),
            site.now(),
        )
        .await
        .unwrap();
    assert!(!opens(&new).await);
}
