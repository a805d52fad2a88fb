//! Several authorities: in which order they are asked, and whose token is used.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use time::{Duration, OffsetDateTime};
use trao::config::TsaSettings;
use trao::egress::Tsa;
use trao::evidence::{Authority, Evidence, EvidenceError};
use trao::model::Clock;
use trao::pades::{Appearance, DigestAlgorithm, Level, Reading, TimeStampToken, TrustAnchors};
use trao::sealing::{LevelOrder, ReaderSettings, Received, SealOrder, Sealing};

use super::{PATIENCE_S, egress};
use crate::support::pki_service::{Mode, Part, PkiService};
use crate::support::service::{pdf, reader};

const NAMES: [&str; 3] = ["một", "hai", "ba"];

/// Three authorities that have nothing in common, and one who asks them in this order.
struct Bench {
    authorities: [PkiService; 3],
    evidence: Arc<Evidence>,
    /// Seconds by which the asker's clock is ahead.
    ahead: Arc<AtomicI64>,
}

impl Bench {
    fn new() -> Self {
        let authorities = [(); 3].map(|()| PkiService::start());
        let ahead = Arc::new(AtomicI64::new(0));
        let seconds = Arc::clone(&ahead);
        let clock = Clock::new(move || {
            PkiService::now() + Duration::seconds(seconds.load(Ordering::SeqCst))
        });
        let named = authorities.iter().zip(NAMES);
        let named = named.map(|(service, name)| authority(service, name));
        Self {
            evidence: Arc::new(Evidence::new(egress(), named.collect(), clock)),
            authorities,
            ahead,
        }
    }

    fn set(&self, modes: [Mode; 3]) {
        for (authority, mode) in self.authorities.iter().zip(modes) {
            authority.set_tsa(mode);
        }
    }

    async fn ask(&self) -> Result<TimeStampToken, EvidenceError> {
        self.evidence
            .time_stamp(DigestAlgorithm::Sha256, &[7; 32])
            .await
    }

    /// Which of them made the token that is given.
    async fn asked(&self) -> usize {
        let token = self.ask().await.unwrap();
        let root = token.chain_der().last().unwrap();
        let is_of = |service: &PkiService| root_der(service) == *root;
        self.authorities.iter().position(is_of).unwrap()
    }

    /// How often each was asked.
    fn counts(&self) -> [usize; 3] {
        [0, 1, 2].map(|nth: usize| self.authorities[nth].asked(Part::Tsa))
    }

    fn advance(&self, by: Duration) {
        self.ahead.fetch_add(by.whole_seconds(), Ordering::SeqCst);
    }
}

fn authority(service: &PkiService, name: &str) -> Authority {
    let settings = TsaSettings {
        name: name.to_owned(),
        url: service.tsa_url(),
        timeout_s: PATIENCE_S,
        ..TsaSettings::default()
    };
    Authority {
        tsa: Tsa::open(&settings).unwrap(),
        anchors: TrustAnchors::from_pem_or_der(&service.root_pem()).unwrap(),
    }
}

fn root_der(service: &PkiService) -> Vec<u8> {
    service.certificate_der(crate::support::pki_service::Whose::Root)
}

#[tokio::test]
async fn the_first_that_answers_rightly_in_the_order_of_the_settings_is_used() {
    let bench = Bench::new();
    assert_eq!(bench.asked().await, 0);
    assert_eq!(bench.counts(), [1, 0, 0], "nobody else is asked");

    bench.set([Mode::Down, Mode::WrongNonce, Mode::Works]);
    assert_eq!(bench.asked().await, 2);
    assert_eq!(bench.counts(), [2, 1, 1]);

    // All at once, and why, in the order in which they were asked.
    bench.advance(Duration::minutes(2));
    bench.set([Mode::Unavailable, Mode::WrongNonce, Mode::Huge]);
    let Err(EvidenceError::NoTimeStamp(why)) = bench.ask().await else {
        panic!("none of them answers rightly");
    };
    let causes = ["status 503", "nonce", "an answer of more than"];
    for ((line, name), cause) in why.iter().zip(NAMES).zip(causes) {
        assert!(line.starts_with(name) && line.contains(cause), "{why:?}");
    }
    assert_eq!((why.len(), bench.counts()), (3, [3, 2, 2]));
}

#[tokio::test]
async fn one_that_failed_is_left_alone_for_a_minute_unless_no_other_is_left() {
    let bench = Bench::new();
    bench.set([Mode::Down, Mode::WrongNonce, Mode::Works]);
    for _ in 0..3 {
        assert_eq!(bench.asked().await, 2);
    }
    assert_eq!(bench.counts(), [1, 1, 3], "a batch waits for them once");

    // The one that is left fails: now the others are asked all the same.
    bench.set([Mode::Works, Mode::WrongNonce, Mode::Garbage]);
    assert_eq!(bench.asked().await, 0);
    assert_eq!(bench.counts(), [2, 1, 4]);
    assert_eq!(bench.asked().await, 0, "it is well again");
    assert_eq!(bench.counts(), [3, 1, 4]);

    bench.set([Mode::Down, Mode::Works, Mode::Works]);
    assert_eq!(bench.asked().await, 1);
    bench.advance(Duration::seconds(61));
    bench.set([Mode::Works; 3]);
    assert_eq!(
        bench.asked().await,
        0,
        "after a minute the order is the old one"
    );
}

/// Whoever waited for others first would else have every good token refused for its time.
#[tokio::test]
async fn an_answer_is_judged_by_the_time_at_which_it_comes() {
    let bench = Bench::new();
    let folder = tempfile::tempdir().unwrap();
    let source = folder.path().join("in.pdf");
    std::fs::write(&source, pdf("late")).unwrap();
    let begun_at: OffsetDateTime = PkiService::now() - Duration::minutes(10);
    let settings = ReaderSettings::of(reader());
    let sealing = Sealing::new(settings, Arc::new(TrustAnchors::default()));
    let signed = sealing
        .seal(
            Received {
                path: source,
                approved: None,
            },
            SealOrder {
                identity: &bench.authorities[0].agency(),
                appearance: Appearance::None,
                signed_at: begun_at,
                reason: None,
                location: None,
                reading: Reading::Either,
                level: LevelOrder::Higher(Level::BLta, &bench.evidence),
                scratch: folder.path(),
            },
        )
        .await
        .unwrap();
    assert_eq!(signed.shortfall(), None);
    assert_eq!(signed.level(), Level::BLta);
}
