//! What the desk tells of time-stamps: those that a file brought along, one that is waited for, and
//! one that came later.

use time::Duration;
use trao::account::NewSealPolicy;
use trao::model::{ResultId, ResultState};

use super::levels::{Bench, Raised, policy};
use crate::support::pki_service::Mode;
use crate::support::visitor::{Visitor, clerk};

const CODE: &str = "H13.12-261123-0001";

/// The page of a result, as its clerk sees it.
async fn page(clerk: &Visitor, id: ResultId) -> String {
    let answer = clerk.get(&format!("/officer/results/{id}")).await;
    answer.text().to_owned()
}

#[tokio::test]
async fn who_waits_for_a_time_stamp_is_told_so_until_it_comes() {
    let least = NewSealPolicy {
        level_min: "B-T".to_owned(),
        ..policy("B-T", "warn")
    };
    let bench = Bench::new(least).await;
    bench.authorities.set_tsa(Mode::Down);
    let (id, state) = bench.publish(CODE).await;
    assert_eq!(state, ResultState::Signing);
    let clerk = clerk(&bench.service).await;
    let awaited = "Không lấy được dấu thời gian.</strong> Hệ thống đang chờ máy chủ trả lời";
    assert!(page(&clerk, id).await.contains(awaited));

    bench.authorities.set_tsa(Mode::Works);
    bench.service.clock.advance(Duration::minutes(1));
    bench.service.app.publication.recover().await.unwrap();
    bench.service.app.publication.settle().await;
    assert_eq!(bench.state(id).await, ResultState::Released);
    assert!(
        !page(&clerk, id)
            .await
            .contains("Không lấy được dấu thời gian")
    );
}

#[tokio::test]
async fn a_raise_stands_in_the_story_with_the_digest_that_the_file_has_now() {
    let bench = Bench::new(policy("B-T", "warn")).await;
    bench.authorities.set_tsa(Mode::Down);
    let (id, _) = bench.publish(CODE).await;
    bench.authorities.set_tsa(Mode::Works);
    bench.hasten(Duration::days(1)).await;
    assert_eq!(bench.raise().await, Raised { due: 1, done: 1 });
    let revisions = bench.service.app.db.revisions(id).await.unwrap();
    let digest = revisions[0].object.sha256.to_string();
    let page = page(&clerk(&bench.service).await, id).await;
    let (_, told) = page.split_once("Nâng mức chữ ký số của tệp đã ký").unwrap();
    let (told, _) = told.split_once("</li>").unwrap();
    assert!(told.contains("Có dấu thời gian (B-T)"), "{told}");
    let line = format!("SHA-256 sau khi nâng mức</dt><dd class=\"code digest\">{digest}");
    assert!(told.contains(&line), "{told}");
}

#[tokio::test]
async fn a_time_stamp_that_a_file_brings_along_is_not_called_a_signature() {
    let bench = Bench::new(policy("B-LTA", "warn")).await;
    let (id, _) = bench.publish(CODE).await;
    let desk = clerk(&bench.service).await;
    let stamped = desk.get(&format!("/officer/results/{id}/sealed/1")).await;
    let files = [&stamped.body[..]];
    let again = bench.service.received("H13.12-261123-0002", &files).await;
    let path = format!("/officer/results/{}/seal", again.id);
    let page = desk.get(&path).await;
    let heading = "<h3>1 chữ ký có trước · 1 dấu thời gian trên tài liệu</h3>";
    assert!(page.text().contains(heading), "{}", page.text());
    let (_, stamp) = page
        .text()
        .split_once("<p>Dấu thời gian trên tài liệu<br>")
        .unwrap();
    let (stamp, _) = stamp.split_once("</dl>").unwrap();
    assert!(
        stamp.contains("<br>Cấp lúc ") && !stamp.contains("<dt>Mức</dt>"),
        "{stamp}"
    );
    let level = "<dt>Mức</dt><dd>Lưu trữ lâu dài (B-LTA)";
    assert!(page.text().contains(level), "{}", page.text());
}
