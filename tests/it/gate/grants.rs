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
    let neighbour = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));
    for (client, entries) in [(CLIENT, 1), (CLIENT, 1), (neighbour, 2), (neighbour, 2)] {
        let permit = gate.permit(&grant, 1, client, site.now()).await.unwrap();
        assert!(permit.is_some());
        let counted = site.count(on_record).await;
        assert_eq!(counted, entries, "a client's ranges go by one entry");
    }
    site.meddle(
        "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    .await;
    let stranger = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 3));
    assert!(gate.permit(&grant, 1, stranger, site.now()).await.is_err());
}

/// Whoever holds a grant when its result is withdrawn or gets a new link has no permit from then
/// on, and what flows to him stops.
#[tokio::test]
async fn a_grant_at_hand_permits_nothing_once_its_result_is_withdrawn() {
    let site = Site::new().await;
    let (gate, publication) = (&site.service.app.gate, &site.service.app.publication);
    let on_record = "SELECT count(*) FROM audit WHERE action = 'file_released'";
    for is_relinked in [true, false] {
        let link = site.link_now().await;
        let issued = site.attempt(&link, CODE).await.unwrap();
        let grant = gate.grant(issued.secret.reveal(), site.now()).await;
        let grant = grant.unwrap().unwrap();
        assert!(gate.still_opens(&grant).await.unwrap());
        if is_relinked {
            let officer = site.service.officer();
            publication
                .relink(&officer, site.result.id, site.now())
                .await
                .unwrap();
        } else {
            let officer = site.service.officer();
            publication
                .withdraw(&officer, site.result.id, "Sai số".to_owned(), site.now())
                .await
                .unwrap();
        }
        let permit = gate.permit(&grant, 1, CLIENT, site.now()).await.unwrap();
        assert!(permit.is_none());
        assert!(!gate.still_opens(&grant).await.unwrap());
    }
    assert_eq!(site.count(on_record).await, 0);
}

/// A grant is made for the link that was looked up, or not at all.
#[tokio::test(flavor = "multi_thread")]
async fn no_grant_by_the_old_link_is_made_after_the_new_one() {
    let site = Site::new().await;
    let gate = site.gate(roomy());
    for _ in 0..5 {
        let link = site.link_now().await;
        let mut tries = tokio::task::JoinSet::new();
        for nth in 0..16 {
            let (gate, link, now) = (gate.clone(), link.clone(), site.now());
            tries.spawn(async move {
                let attempt = Attempt {
                    link: &link,
                    code: CODE,
                    client: Ipv4Addr::new(10, 0, nth, 1).into(),
                    key: None,
                };
                gate.release(attempt, now).await.is_ok()
            });
        }
        let officer = site.service.officer();
        let relinked = site
            .service
            .app
            .publication
            .relink(&officer, site.result.id, site.now());
        relinked.await.unwrap();
        tries.join_all().await;
        let alive = site.grants().await;
        assert_eq!(alive, 0, "of the old link");
    }
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
