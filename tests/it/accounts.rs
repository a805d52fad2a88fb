//! Officers, programs, portals and the record of acts.

use secrecy::ExposeSecret as _;
use time::Duration;
use trao::account::{AccountError, LoginRefused, NewApiKey, NewOfficer, NewPortal, Role, Scope};
use trao::database::Actor;
use trao::model::AgencyId;

use crate::support::keeping::Keeping;
use crate::support::pki::NOW;

const PASSWORD: &str = "một mật khẩu dài";

async fn with_officer() -> (Keeping, AgencyId, trao::model::OfficerId) {
    let keeping = Keeping::new().await;
    let agency = keeping.agency().await;
    let new = NewOfficer {
        agency,
        login: "lan".to_owned(),
        name: "Nguyễn Thị Lan".to_owned(),
        roles: vec![Role::Clerk],
        password: PASSWORD.into(),
    };
    let id = keeping
        .accounts
        .add_officer(new, Actor::Operator, NOW)
        .await
        .unwrap();
    (keeping, agency, id)
}

#[tokio::test]
async fn a_session_lasts_while_it_is_used_and_no_longer_than_half_a_day() {
    let (keeping, _, id) = with_officer().await;
    let accounts = &keeping.accounts;
    let session = accounts
        .login("lan", &PASSWORD.into(), b"c", NOW)
        .await
        .unwrap();
    assert_eq!(session.officer.id, id);
    let at = |minutes| accounts.session(&session.cookie, NOW + Duration::minutes(minutes));
    assert!(at(29).await.unwrap().is_some());
    assert!(
        at(58).await.unwrap().is_some(),
        "used after 29 minutes, it goes on"
    );
    assert!(at(58 + 30).await.unwrap().is_none(), "half an hour idle");
    for minutes in (58..12 * 60).step_by(20) {
        at(minutes).await.unwrap();
    }
    assert!(at(12 * 60).await.unwrap().is_none(), "half a day in all");
}

#[tokio::test]
async fn logging_out_and_disabling_end_a_session_at_once() {
    let (keeping, _, id) = with_officer().await;
    let accounts = &keeping.accounts;
    let first = accounts
        .login("lan", &PASSWORD.into(), b"c", NOW)
        .await
        .unwrap();
    accounts
        .logout(&first.officer.session_sha256)
        .await
        .unwrap();
    assert!(
        accounts
            .session(&first.cookie, NOW)
            .await
            .unwrap()
            .is_none()
    );
    let second = accounts
        .login("lan", &PASSWORD.into(), b"c", NOW)
        .await
        .unwrap();
    assert!(
        accounts
            .disable_officer(id, Actor::Operator, NOW)
            .await
            .unwrap()
    );
    assert!(
        accounts
            .session(&second.cookie, NOW)
            .await
            .unwrap()
            .is_none()
    );
    let refused = accounts.login("lan", &PASSWORD.into(), b"c", NOW).await;
    assert!(matches!(refused, Err(LoginRefused::Wrong)));
}

#[tokio::test]
async fn an_unknown_login_answers_like_a_wrong_password_and_both_are_slowed_down() {
    let (keeping, ..) = with_officer().await;
    let accounts = &keeping.accounts;
    for login in ["lan", "khong-co"] {
        for _ in 0..5 {
            let refused = accounts.login(login, &"sai".into(), b"client", NOW).await;
            assert!(matches!(refused, Err(LoginRefused::Wrong)));
        }
    }
    let throttled = accounts
        .login("lan", &PASSWORD.into(), b"client", NOW)
        .await;
    assert!(matches!(throttled, Err(LoginRefused::Throttled { .. })));
    let elsewhere = accounts
        .login("lan", &PASSWORD.into(), b"another", NOW)
        .await;
    assert!(elsewhere.is_ok(), "another client is not shut out");
}

#[tokio::test]
async fn a_key_is_good_until_it_ends_or_is_ended() {
    let (keeping, agency, _) = with_officer().await;
    let accounts = &keeping.accounts;
    let new = NewApiKey {
        agency,
        name: "một cửa".to_owned(),
        scopes: vec![Scope::Publish],
        expires_at: NOW + Duration::days(1),
    };
    let (id, key) = accounts
        .add_api_key(new, Actor::Operator, NOW)
        .await
        .unwrap();
    let text = key.expose_secret();
    assert_eq!(accounts.bearer(text, NOW).await.unwrap().unwrap().id, id);
    let last = NOW + Duration::days(1) - Duration::milliseconds(1);
    assert!(accounts.bearer(text, last).await.unwrap().is_some());
    assert!(
        accounts
            .bearer(text, NOW + Duration::days(1))
            .await
            .unwrap()
            .is_none()
    );
    let mut other = text.to_owned();
    let end = if other.ends_with('0') { '1' } else { '0' };
    other.pop();
    other.push(end);
    assert!(accounts.bearer(&other, NOW).await.unwrap().is_none());
    assert!(
        accounts
            .disable_api_key(id, Actor::Operator, NOW)
            .await
            .unwrap()
    );
    assert!(accounts.bearer(text, NOW).await.unwrap().is_none());
}

#[tokio::test]
async fn only_exact_origins_are_portals() {
    let (keeping, agency, _) = with_officer().await;
    let add = |origin: &str| {
        let new = NewPortal {
            agency,
            name: "Cổng".to_owned(),
            origins: vec![origin.to_owned()],
        };
        keeping.accounts.add_portal(new, Actor::Operator, NOW)
    };
    for origin in [
        "https://a.vn/",
        "http://a.vn",
        "*",
        "https://*.a.vn",
        "https://a.vn;b",
        "null",
        "https://A.vn",
    ] {
        assert!(
            matches!(add(origin).await, Err(AccountError::Field { .. })),
            "{origin}"
        );
    }
    add("https://a.vn:8443").await.unwrap();
    add("http://localhost:3000").await.unwrap();
    let origins = keeping.accounts.allowed_origins(NOW).await.unwrap();
    assert_eq!(*origins, ["http://localhost:3000", "https://a.vn:8443"]);
}

#[tokio::test]
async fn the_record_of_acts_holds_and_a_changed_row_breaks_it() {
    let (keeping, ..) = with_officer().await;
    let summary = keeping.db.audit_verify().await.unwrap();
    assert_eq!((summary.rows, summary.broken_at), (2, None));
    let path = keeping.folder.path().join("trao.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
    let pool = sqlx::SqlitePool::connect_with(options).await.unwrap();
    let change = "UPDATE audit SET actor = 'service' WHERE seq = 1";
    assert!(
        sqlx::query(change).execute(&pool).await.is_err(),
        "the table is append-only"
    );
    sqlx::query("DROP TRIGGER audit_is_never_changed")
        .execute(&pool)
        .await
        .unwrap();
    sqlx::query(change).execute(&pool).await.unwrap();
    assert_eq!(keeping.db.audit_verify().await.unwrap().broken_at, Some(1));
}
