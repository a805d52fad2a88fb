//! The gate below HTTP: the order of its checks, its one answer, and that it stays shut where it
//! cannot count or record.

use std::net::{IpAddr, Ipv4Addr};

use sqlx::Row as _;
use sqlx::sqlite::{SqliteConnectOptions, SqlitePool};
use time::OffsetDateTime;
use trao::config::{GateSettings, Rate};
use trao::database::Actor;
use trao::dossier::{Attempt, Gate, GateRefusal, Issued};
use trao::model::LinkId;
use trao::publication::ResultView;

use crate::support::service::{TestService, pdf, whenever};

mod alarms;
mod buckets;
mod grants;

const CODE: &str = "H13.12-261123-0001";
const WRONG: &str = "H13.12-261123-0002";
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const DENIED: GateRefusal = GateRefusal::Denied;

/// A service with one released result, and whoever goes round the face of its database.
struct Site {
    service: TestService,
    result: ResultView,
    link: String,
    intruder: SqlitePool,
}

impl Site {
    async fn new() -> Self {
        let service = TestService::new().await;
        let result = released(&service, CODE).await;
        let options = SqliteConnectOptions::new().filename(service.path().join("trao.db"));
        Self {
            link: result.link_id.to_string(),
            intruder: SqlitePool::connect_with(options).await.unwrap(),
            service,
            result,
        }
    }

    /// A gate over the same database that counts by these numbers, at whatever times a test says.
    fn gate(&self, settings: GateSettings) -> Gate {
        let (db, keys) = (self.service.app.db.clone(), self.service.app.keys.clone());
        Gate::new(db, keys, settings, whenever())
    }

    /// One try at the service's own gate.
    async fn attempt(&self, link: &str, code: &str) -> Result<Issued, GateRefusal> {
        let attempt = Attempt {
            link,
            code,
            client: CLIENT,
            key: None,
        };
        self.service.app.gate.release(attempt, self.now()).await
    }

    /// The result's link as it is by now.
    async fn link_now(&self) -> String {
        let publication = &self.service.app.publication;
        let officer = self.service.officer();
        let result = publication.result(&officer, self.result.id).await;
        result.unwrap().link_id.to_string()
    }

    fn now(&self) -> OffsetDateTime {
        self.service.now()
    }

    async fn meddle(&self, statement: &'static str) {
        sqlx::query(statement)
            .execute(&self.intruder)
            .await
            .unwrap();
    }

    async fn count(&self, what: &'static str) -> i64 {
        let row = sqlx::query(what).fetch_one(&self.intruder).await.unwrap();
        row.get(0)
    }

    async fn charged(&self) -> i64 {
        self.count("SELECT count(*) FROM throttle").await
    }

    async fn grants(&self) -> i64 {
        self.count("SELECT count(*) FROM grants").await
    }

    async fn entries(&self) -> i64 {
        self.count("SELECT count(*) FROM audit").await
    }

    async fn grants_on_record(&self) -> i64 {
        self.count("SELECT count(*) FROM audit WHERE action = 'release_granted'")
            .await
    }
}

async fn released(service: &TestService, code: &str) -> ResultView {
    let received = service.received(code, &[&pdf(code)]).await;
    service.approved(&received).await
}

/// Numbers that nothing here exhausts.
fn roomy() -> GateSettings {
    let rate = Rate {
        burst: 1_000_000,
        every_s: 1,
    };
    GateSettings {
        floor_ms: 0,
        client: rate,
        net: rate,
        client_link: rate,
        link: rate,
        agency_day: rate,
        global: rate,
        distinct: rate,
        repeats: rate,
        key: rate,
        key_distinct: rate,
        ..GateSettings::default()
    }
}

/// A link that nobody has.
fn unknown_link() -> String {
    LinkId::from_bytes(trao::secrets::random()).to_string()
}

/// Every class is refused by the same value, costs the same charges and leaves the same behind:
/// no grant and nothing in the record, which is of grants.
#[tokio::test]
async fn every_way_of_not_passing_is_one_value_and_leaves_no_grant() {
    let site = Site::new().await;
    let gate = site.gate(roomy());
    let (early, late) = ("H13.12-261123-0003", "H13.12-261123-0004");
    let waiting = site.service.received(early, &[&pdf(early)]).await;
    let gone = released(&site.service, late).await;
    let (publication, officer) = (&site.service.app.publication, site.service.officer());
    publication
        .withdraw(&officer, gone.id, "thử".to_owned(), site.now())
        .await
        .unwrap();
    let relinked = publication
        .relink(&officer, site.result.id, site.now())
        .await
        .unwrap();
    let (waiting, gone) = (waiting.link_id.to_string(), gone.link_id.to_string());
    let link = relinked.link_id.to_string();
    let entries = site.entries().await;

    for (nth, (class, link, code, charges)) in [
        ("unknown link", unknown_link().as_str(), CODE, 6),
        ("no link at all", "no-link-at-all", CODE, 4),
        ("wrong code", &link, WRONG, 6),
        ("another result's code", &link, early, 6),
        ("malformed code", &link, "?", 0),
        ("letters for digits", &link, "H13.12-261123-OOO1", 5),
        ("no code", &link, "", 0),
        ("not released", &waiting, early, 6),
        ("withdrawn", &gone, late, 6),
        ("the old link", &site.link, CODE, 6),
    ]
    .into_iter()
    .enumerate()
    {
        site.meddle("DELETE FROM throttle").await;
        let attempt = Attempt {
            link,
            code,
            client: Ipv4Addr::new(198, 51, 100, u8::try_from(nth).unwrap()).into(),
            key: None,
        };
        let refused = gate.release(attempt, site.now()).await;
        assert_eq!(refused.unwrap_err(), DENIED, "{class}");
        assert_eq!(site.charged().await, charges, "{class}");
    }
    assert_eq!((site.grants().await, site.entries().await), (0, entries));

    let attempt = Attempt {
        link: &link,
        code: CODE,
        client: CLIENT,
        key: None,
    };
    let issued = gate.release(attempt, site.now()).await.unwrap();
    assert_eq!(issued.result, site.result.id);
}

/// A grant and its entry are there together, for every other connection, when the answer comes.
#[tokio::test]
async fn each_grant_has_its_entry_before_it_is_given() {
    let site = Site::new().await;
    for nth in 1..=3 {
        site.attempt(&site.link, CODE).await.unwrap();
        assert_eq!(site.grants().await, nth);
        assert_eq!(site.grants_on_record().await, nth);
    }
    let entries = site.service.app.db.audit_of(site.result.id).await.unwrap();
    let granted = entries.last().unwrap();
    assert_eq!(granted.action, "release_granted");
    assert!(matches!(granted.actor, Actor::Requester(_)), "{granted:?}");
    let told = format!("{granted:?}");
    assert!(
        !told.contains("192.0.2.1") && !told.contains(CODE),
        "{told}"
    );
    let summary = site.service.app.db.audit_verify().await.unwrap();
    assert_eq!(summary.broken_at, None);
}

/// A right code gets its charges back: it is no guess.
#[tokio::test]
async fn a_right_code_costs_no_tries() {
    let site = Site::new().await;
    for nth in 0..15 {
        let issued = site.attempt(&site.link, CODE).await;
        assert!(issued.is_ok(), "{nth}: {issued:?}");
    }
    for _ in 0..5 {
        let refused = site.attempt(&site.link, WRONG).await.unwrap_err();
        assert_eq!(refused, DENIED, "all five tries are still there");
    }
}

/// 1. syntax; 2. the throttle; 3. the look-up; 4. record and grant. Each step is broken in turn,
/// and whoever does not get as far as that does not notice.
#[tokio::test]
async fn syntax_comes_before_the_throttle_and_the_throttle_before_the_look_up() {
    let site = Site::new().await;
    let unknown = unknown_link();
    for nth in 0..5 {
        let refused = site.attempt(&unknown, CODE).await.unwrap_err();
        assert_eq!(refused, DENIED, "{nth}");
    }
    site.meddle("ALTER TABLE dossiers RENAME TO away").await;
    for link in [unknown.as_str(), &site.link] {
        let refused = site.attempt(link, CODE).await.unwrap_err();
        assert!(matches!(refused, GateRefusal::Throttled { .. }));
    }
    site.meddle("DELETE FROM throttle").await;
    for link in [unknown.as_str(), &site.link] {
        let refused = site.attempt(link, CODE).await.unwrap_err();
        assert_eq!(refused, GateRefusal::Unavailable, "nobody is let in unseen");
    }
    site.meddle("ALTER TABLE away RENAME TO dossiers").await;
    site.meddle("DELETE FROM throttle").await;

    site.meddle(
        "CREATE TRIGGER full BEFORE INSERT ON throttle BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    .await;
    for link in [unknown.as_str(), &site.link] {
        let refused = site.attempt(link, "?").await.unwrap_err();
        assert_eq!(refused, DENIED, "what is no code is not counted");
        for code in [CODE, WRONG] {
            let refused = site.attempt(link, code).await.unwrap_err();
            assert_eq!(refused, GateRefusal::Unavailable, "{link} {code}");
        }
    }
    assert_eq!(site.grants().await, 0);
    site.meddle("DROP TRIGGER full").await;
    assert!(site.attempt(&site.link, CODE).await.is_ok());
}

/// No entry, no grant: what the commit cannot hold is not half there.
#[tokio::test]
async fn without_a_record_nobody_passes() {
    let site = Site::new().await;
    site.meddle(
        "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'full'); END",
    )
    .await;
    let refused = site.attempt(&site.link, CODE).await.unwrap_err();
    assert_eq!(refused, GateRefusal::Unavailable);
    assert_eq!(site.grants().await, 0);
    let handed_over = "SELECT count(*) FROM results WHERE handed_over_at IS NOT NULL";
    let openings = "SELECT count(*) FROM openings";
    assert_eq!(site.count(handed_over).await, 0);
    assert_eq!(site.count(openings).await, 0);
    site.meddle("DROP TRIGGER full").await;
    assert!(site.attempt(&site.link, CODE).await.is_ok());
}

#[tokio::test]
async fn without_a_database_nobody_passes() {
    let site = Site::new().await;
    let secret = site.attempt(&site.link, CODE).await.unwrap().secret;
    site.service.app.db.close().await;
    for (link, code) in [
        (site.link.as_str(), CODE),
        (&site.link, WRONG),
        (&unknown_link(), CODE),
    ] {
        let refused = site.attempt(link, code).await.unwrap_err();
        assert_eq!(refused, GateRefusal::Unavailable);
    }
    let gate = &site.service.app.gate;
    assert!(gate.grant(secret.reveal(), site.now()).await.is_err());
}
