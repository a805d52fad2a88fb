//! Officers, programs, portals and the record of acts.

use secrecy::ExposeSecret as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use time::Duration;
use tokio::task::JoinSet;
use trao::account::{AccountError, LoginRefused, NewApiKey, NewOfficer, NewPortal, Role, Scope};
use trao::database::Actor;
use trao::model::AgencyId;

use crate::support::keeping::Keeping;
use crate::support::pki::NOW;

const PASSWORD: &str = "một mật khẩu dài";

fn lan(agency: AgencyId) -> NewOfficer {
    NewOfficer {
        agency,
        login: "lan".to_owned(),
        name: "Nguyễn Thị Lan".to_owned(),
        roles: vec![Role::Clerk],
        password: PASSWORD.into(),
    }
}

async fn with_officer() -> (Keeping, AgencyId, trao::model::OfficerId) {
    let keeping = Keeping::new().await;
    let agency = keeping.agency().await;
    let id = keeping
        .accounts
        .add_officer(lan(agency), Actor::Operator, NOW)
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
    accounts.logout(&first.officer, NOW).await.unwrap();
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

/// Anybody can empty the bucket of a login: who came from there before is still let in, and a
/// wrong password from there is still slowed down.
#[tokio::test]
async fn nobody_shuts_an_officer_out_of_the_place_they_log_in_from() {
    let (keeping, ..) = with_officer().await;
    let accounts = &keeping.accounts;
    let login = async |password: &str, client: &[u8], now| {
        accounts.login("lan", &password.into(), client, now).await
    };
    login(PASSWORD, b"desk", NOW).await.unwrap();
    for client in [b"a", b"b"] {
        for _ in 0..5 {
            let refused = login("sai", client, NOW).await;
            assert!(matches!(refused, Err(LoginRefused::Wrong)));
        }
    }
    let stranger = login(PASSWORD, b"c", NOW).await;
    assert!(matches!(stranger, Err(LoginRefused::Throttled { .. })));
    login(PASSWORD, b"desk", NOW).await.unwrap();
    for _ in 0..10 {
        let refused = login("sai", b"desk", NOW).await;
        assert!(matches!(refused, Err(LoginRefused::Wrong)));
    }
    let slowed = login(PASSWORD, b"desk", NOW).await;
    assert!(matches!(slowed, Err(LoginRefused::Throttled { .. })));
}

#[tokio::test]
async fn a_place_is_forgotten_a_month_after_the_last_login() {
    let (keeping, ..) = with_officer().await;
    let accounts = &keeping.accounts;
    accounts
        .login("lan", &PASSWORD.into(), b"desk", NOW)
        .await
        .unwrap();
    let later = NOW + Duration::days(31);
    for client in [b"a", b"b"] {
        for _ in 0..5 {
            let _ = accounts.login("lan", &"sai".into(), client, later).await;
        }
    }
    let refused = accounts
        .login("lan", &PASSWORD.into(), b"desk", later)
        .await;
    assert!(matches!(refused, Err(LoginRefused::Throttled { .. })));
}

/// Where the processors have no place for another password, a login that nobody has waits for one
/// like a login that somebody has.
#[tokio::test]
async fn an_unknown_login_costs_the_work_of_a_known_one() {
    let (keeping, agency, _) = with_officer().await;
    let mut others = JoinSet::new();
    for _ in 0..100 {
        let accounts = keeping.accounts.clone();
        others.spawn(async move {
            loop {
                let refused = accounts
                    .add_officer(lan(agency), Actor::Operator, NOW)
                    .await;
                assert!(refused.is_err(), "the login is taken");
                tokio::time::sleep(std::time::Duration::from_millis(1)).await;
            }
        });
    }
    for login in ["lan", "khong-co"] {
        let mut is_sent_away = false;
        for day in 0..100_u8 {
            let now = NOW + Duration::days(day.into());
            let refused = keeping
                .accounts
                .login(login, &"sai".into(), &[day], now)
                .await;
            if matches!(refused, Err(LoginRefused::Unavailable)) {
                is_sent_away = true;
                break;
            }
        }
        assert!(is_sent_away, "{login}");
    }
}

#[tokio::test]
async fn a_disabled_agency_has_no_officers_and_no_keys() {
    let (keeping, agency, _) = with_officer().await;
    let accounts = &keeping.accounts;
    let session = accounts
        .login("lan", &PASSWORD.into(), b"c", NOW)
        .await
        .unwrap();
    let new = NewApiKey {
        agency,
        name: "một cửa".to_owned(),
        scopes: vec![Scope::Read],
        expires_at: NOW + Duration::days(1),
    };
    let (_, key) = accounts
        .add_api_key(new, Actor::Operator, NOW)
        .await
        .unwrap();
    let new = NewPortal {
        agency,
        name: "Cổng".to_owned(),
        origins: vec!["https://a.vn".to_owned()],
    };
    accounts
        .add_portal(new, Actor::Operator, NOW)
        .await
        .unwrap();
    let disabled = accounts.disable_agency(agency, Actor::Operator, NOW).await;
    assert!(disabled.unwrap());
    let again = accounts.disable_agency(agency, Actor::Operator, NOW).await;
    assert!(!again.unwrap());

    assert!(
        accounts
            .session(&session.cookie, NOW)
            .await
            .unwrap()
            .is_none()
    );
    let refused = accounts.login("lan", &PASSWORD.into(), b"c", NOW).await;
    assert!(matches!(refused, Err(LoginRefused::Wrong)));
    assert!(
        accounts
            .bearer(key.expose_secret(), NOW)
            .await
            .unwrap()
            .is_none()
    );
    assert!(accounts.allowed_origins(NOW).await.unwrap().is_empty());
}

#[tokio::test]
async fn an_officer_belongs_to_an_agency_that_is_there_and_has_a_login_of_their_own() {
    let (keeping, agency, _) = with_officer().await;
    for (agency, login) in [(AgencyId::from_bytes([9; 16]), "hoa"), (agency, "lan")] {
        let new = NewOfficer {
            login: login.to_owned(),
            ..lan(agency)
        };
        let refused = keeping
            .accounts
            .add_officer(new, Actor::Operator, NOW)
            .await;
        let is_right = match refused {
            Err(AccountError::Field { field, .. }) => (login, field) == ("hoa", "agency"),
            Err(AccountError::Conflict) => login == "lan",
            _ => false,
        };
        assert!(is_right, "{login}");
    }
}

#[tokio::test]
async fn every_act_on_an_account_is_on_record() {
    let (keeping, _, officer) = with_officer().await;
    let disable = || {
        keeping
            .accounts
            .disable_officer(officer, Actor::Operator, NOW)
    };
    assert!(disable().await.unwrap());
    assert!(!disable().await.unwrap(), "once is enough");
    let options = SqliteConnectOptions::new().filename(keeping.folder.path().join("trao.db"));
    let record = SqlitePool::connect_with(options).await.unwrap();
    let acts = sqlx::query_scalar("SELECT action FROM audit ORDER BY seq");
    let acts: Vec<String> = acts.fetch_all(&record).await.unwrap();
    assert_eq!(acts, ["agency_added", "officer_added", "officer_disabled"]);
    assert_eq!(keeping.db.audit_verify().await.unwrap().rows, 3);
}
