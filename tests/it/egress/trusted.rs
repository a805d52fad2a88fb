//! Whose time-stamps are taken.

use trao::egress::Tsa;
use trao::evidence::{Authority, Evidence, EvidenceError};
use trao::model::Clock;
use trao::pades::{DigestAlgorithm, TimeStampToken, TrustAnchors};

use super::super::support::pki_service::PkiService;
use super::{egress, tsa_of};

/// What the service's authority gives to one who trusts these.
async fn asked(
    service: &PkiService,
    anchors: TrustAnchors,
) -> Result<TimeStampToken, EvidenceError> {
    let tsa = Tsa::open(&tsa_of(service)).unwrap();
    let authority = Authority { tsa, anchors };
    let evidence = Evidence::new(egress(), vec![authority], Clock::new(PkiService::now));
    let answer = evidence.time_stamp(DigestAlgorithm::Sha256, &[7; 32]);
    answer.await
}

#[tokio::test]
async fn a_time_stamp_counts_only_where_somebody_vouches_for_its_authority() {
    let service = PkiService::start();
    let root = TrustAnchors::from_pem_or_der(&service.root_pem()).unwrap();
    assert!(asked(&service, root).await.is_ok());
    let Err(EvidenceError::NoTimeStamp(why)) = asked(&service, TrustAnchors::default()).await
    else {
        panic!("nobody vouches for it");
    };
    assert!(why[0].contains("leads to no anchor"), "{why:?}");
}
