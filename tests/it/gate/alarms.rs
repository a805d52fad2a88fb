//! Alarms: whoever tries codes out is told of to the agency, and a clock that is set forward gives
//! nobody new tries.

use time::Duration;
use trao::account::Role;
use trao::model::Sealing;

use super::*;
use crate::support::pki::NOW;
use crate::support::visitor::{Visitor, add_officer, clerk};

/// The entry of an alarm about one result.
const ALARMED: &str =
    "SELECT count(*) FROM audit WHERE action = 'gate_alarm' AND result_id IS NOT NULL";

/// Those about many links and the codes of a day.
const DAY_ALARMED: &str =
    "SELECT count(*) FROM audit WHERE action = 'gate_alarm' AND result_id IS NULL";

/// A wrong code on the link, from a network of its own.
async fn miss(site: &Site, n: u8) {
    miss_with(site, n, WRONG).await;
}

async fn miss_with(site: &Site, n: u8, code: &str) {
    let attempt = Attempt {
        link: &site.link,
        code,
        client: Ipv4Addr::new(10, 0, n, 1).into(),
        key: None,
    };
    let refused = site.service.app.gate.release(attempt, site.now()).await;
    assert_eq!(refused.unwrap_err(), DENIED, "{n}");
}

#[tokio::test]
async fn the_twentieth_miss_on_a_link_raises_an_alarm_once_an_hour() {
    let site = Site::new().await;
    for n in 1..20 {
        miss(&site, n).await;
    }
    assert_eq!(site.count(ALARMED).await, 0);
    miss(&site, 20).await;
    assert_eq!(site.count(ALARMED).await, 1, "with the twentieth");
    miss(&site, 21).await;
    site.service.clock.advance(Duration::minutes(59));
    miss(&site, 22).await;
    assert_eq!(site.count(ALARMED).await, 1, "once an hour");
    site.service.clock.advance(Duration::minutes(2));
    for n in 23..26 {
        miss(&site, n).await;
    }
    assert_eq!(site.count(ALARMED).await, 2, "and again if it goes on");
}

#[tokio::test]
async fn an_alarm_about_one_thing_silences_none_about_another() {
    let site = Site::new().await;
    for n in 1..=30 {
        miss(&site, n).await;
    }
    let alarms = async || (site.count(ALARMED).await, site.count(DAY_ALARMED).await);
    assert_eq!(alarms().await, (1, 1), "the link's, and its day's");
    for n in 31..=61 {
        miss_with(&site, n, "H13.12-261122-0002").await;
    }
    assert_eq!(alarms().await, (1, 2), "and another day's");
    let day = "SELECT count(*) FROM audit \
               WHERE detail = '{\"day\":\"2026-11-22\",\"unit\":\"H13.12\"}'";
    assert_eq!(site.count(day).await, 1);
}

#[tokio::test]
async fn codes_of_a_unit_that_was_made_up_silence_no_alarm_about_one_that_is_there() {
    let site = Site::new().await;
    for n in 1..=30 {
        miss_with(&site, n, "A99.99-261123-0002").await;
    }
    assert_eq!(site.count(DAY_ALARMED).await, 1);
    for n in 31..=61 {
        miss(&site, n).await;
    }
    assert_eq!(site.count(DAY_ALARMED).await, 2);
}

#[tokio::test]
async fn officers_see_each_unit_and_day_whose_codes_are_tried() {
    let site = Site::new().await;
    let clerk = clerk(&site.service).await;
    for n in 1..=30 {
        miss(&site, n).await;
        site.service.clock.advance(Duration::seconds(1));
    }
    for n in 31..=61 {
        miss_with(&site, n, "H13.12-261122-0002").await;
    }
    let told = notice(&clerk).await.unwrap();
    let at = |words: &str| {
        let at = told.find(words);
        at.unwrap_or_else(|| panic!("{words}: {told}"))
    };
    let (link, older) = (
        at("Giấy phép xây dựng"),
        at("đơn vị H13.12 ngày 23/11/2026"),
    );
    let newer = at("đơn vị H13.12 ngày 22/11/2026");
    assert!(link < newer && newer < older, "{told}");
    assert_eq!(told.matches("<li>").count(), 3, "{told}");
}

/// The notice on the page of what waits.
async fn notice(clerk: &Visitor) -> Option<String> {
    let page = clerk.get("/officer").await;
    let (_, rest) = page.text().split_once("sheet wide alarm")?;
    Some(rest.split_once("</div>")?.0.to_owned())
}

#[tokio::test]
async fn officers_see_the_alarm_until_the_link_is_another() {
    let site = Site::new().await;
    let clerk = clerk(&site.service).await;
    assert_eq!(notice(&clerk).await, None);
    for n in 1..=20 {
        miss(&site, n).await;
    }
    let told = notice(&clerk).await.unwrap();
    let address = format!("/officer/results/{}", site.result.id);
    assert!(told.contains(&address) && told.contains("Giấy phép xây dựng"));
    assert!(told.contains("Cấp đường dẫn mới"), "what to do: {told}");
    assert!(!told.contains(&site.link) && !told.contains(CODE), "{told}");

    let publication = &site.service.app.publication;
    let (officer, now) = (site.service.officer(), site.now());
    publication
        .relink(&officer, site.result.id, now)
        .await
        .unwrap();
    assert_eq!(notice(&clerk).await, None);
}

#[tokio::test]
async fn another_agencys_officers_hear_nothing_of_it() {
    let site = Site::new().await;
    let other = site.service.other_agency(Sealing::Clerk, false).await;
    add_officer(&site.service, other, "binh", Role::ALL).await;
    let mut stranger = Visitor::of(&site.service);
    stranger.log_in("binh").await;
    for n in 1..=20 {
        miss(&site, n).await;
    }
    assert_eq!(notice(&stranger).await, None);
}

/// The wall's clock jumps; the one that nobody sets stands still.
#[tokio::test]
async fn a_clock_that_is_set_forward_gives_no_new_tries() {
    let site = Site::new().await;
    for _ in 0..5 {
        assert_eq!(site.attempt(&site.link, WRONG).await.unwrap_err(), DENIED);
    }
    site.service.clock.jump(Duration::days(1));
    site.service.app.db.sweep_throttle(NOW).await.unwrap();
    for code in [CODE, WRONG] {
        let refused = site.attempt(&site.link, code).await.unwrap_err();
        assert!(matches!(refused, GateRefusal::Throttled { .. }), "{code}");
    }
    // What really passes counts.
    site.service.clock.advance(Duration::days(1));
    assert!(site.attempt(&site.link, CODE).await.is_ok());
}

#[tokio::test]
async fn nor_does_it_at_the_login() {
    let site = Site::new().await;
    let clerk = clerk(&site.service).await;
    let wrong = "login=lan&password=x";
    for _ in 0..10 {
        let refused = clerk.post("/officer/login", wrong).await;
        assert_eq!(refused.status.as_u16(), 403);
    }
    for jump in [Duration::ZERO, Duration::days(1)] {
        site.service.clock.jump(jump);
        let slowed = clerk.post("/officer/login", wrong).await;
        assert_eq!(slowed.status.as_u16(), 429, "{jump}");
    }
    site.service.clock.advance(Duration::days(1));
    let refused = clerk.post("/officer/login", wrong).await;
    assert_eq!(refused.status.as_u16(), 403);
}
