//! An identity that comes without its issuer's certificate, in the service.

use trao::account::NewIdentity;
use trao::database::Actor;
use trao::model::ResultState;

use super::levels::{Bench, policy, trusting};
use crate::support::pki_service::{PkiService, Whose};
use crate::support::service::TestService;
use crate::support::visitor::clerk;

/// A service that trusts these, with an identity of the agency's key and certificate alone.
async fn bench(trusted: &[Whose], unchecked: &str) -> Bench {
    let authorities = PkiService::start();
    let above: Vec<_> = trusted
        .iter()
        .map(|&whose| authorities.certificate_pem(whose))
        .collect();
    let tsa = authorities.tsa_url();
    let service = TestService::with(|settings| trusting(settings, &above.concat(), tsa)).await;
    service.clock.advance(PkiService::now() - service.now());
    let put = |name: &str, bytes: Vec<u8>| {
        let path = service.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let key = put("alone.key", authorities.agency_key_pem());
    let cert = put("alone.pem", authorities.certificate_pem(Whose::Agency));
    let new = NewIdentity {
        agency: service.agency,
        name: "alone".to_owned(),
        source: serde_json::json!({ "kind": "pem", "key": key, "cert": cert }),
        scheme: None,
        policy: policy("B-B", unchecked),
    };
    let added = service
        .app
        .accounts
        .add_identity(new, Actor::Operator, service.now());
    added.await.unwrap();
    Bench {
        service,
        authorities,
    }
}

#[tokio::test]
async fn a_revoked_certificate_whose_issuer_is_trusted_seals_nothing() {
    let bench = bench(&[Whose::Issuing, Whose::Root], "warn").await;
    let (good, state) = bench.publish("H13.12-261123-0001").await;
    assert_eq!(state, ResultState::Released);
    assert_eq!(bench.entry(good, "signing").await["revocation"], "good");

    bench.authorities.revoke_agency();
    let bench = Bench {
        service: bench.service.restart().await,
        ..bench
    };
    let (id, state) = bench.publish("H13.12-261123-0002").await;
    assert_eq!(state, ResultState::Held);
    let row = bench.service.app.db.result(id).await.unwrap().unwrap();
    assert_eq!(row.reason_code.as_deref(), Some("certificate_revoked"));
}

#[tokio::test]
async fn the_record_says_that_the_issuer_was_not_known() {
    let bench = bench(&[Whose::Root], "warn").await;
    let (id, state) = bench.publish("H13.12-261123-0001").await;
    assert_eq!(state, ResultState::Released);
    let begun = bench.entry(id, "signing").await;
    assert_eq!(begun["revocation"], "unknown");
    assert_eq!(begun["warning"], "issuer_unknown");
}

#[tokio::test]
async fn whose_seal_waits_for_a_setting_is_told_that_somebody_has_to_act() {
    let bench = bench(&[Whose::Root], "hold").await;
    let (id, state) = bench.publish("H13.12-261123-0001").await;
    assert_eq!(state, ResultState::Approved);
    let desk = clerk(&bench.service).await;
    let page = desk.get(&format!("/officer/results/{id}")).await;
    let page = page.text();
    let told =
        "có bị thu hồi hay không.</strong> Chờ thêm cũng chưa ký được: quản trị viên cần xử lý.";
    assert!(page.contains(told), "{page}");
    assert!(page.contains("bổ sung chứng thư của nơi cấp"), "{page}");
    assert!(!page.contains("chưa ai cần làm gì"), "{page}");
}
