//! Levels in the service, with real authorities: what is asked before a key is used, what an outage
//! costs, and the sweep that makes up for it.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::time::Duration as StdDuration;

use time::Duration;
use trao::account::{NewIdentity, NewSealPolicy};
use trao::config::{Settings, TsaSettings};
use trao::database::Actor;
use trao::model::{ResultId, ResultState};
use trao::publication::RENEWED_AHEAD;

use crate::support::pdf::counted_from_one;
use crate::support::pki_service::{Mode, PkiService, Whose};
use crate::support::service::{TestService, pdf, reader};

/// A service with an agency whose certificate the authorities answer for.
pub(super) struct Bench {
    pub(super) service: TestService,
    pub(super) authorities: PkiService,
}

/// How many results were due, and how many came to where they should be.
#[derive(Debug, PartialEq)]
pub(super) struct Raised {
    pub(super) due: usize,
    pub(super) done: usize,
}

/// Settings that trust these authorities and reach their TSA.
pub(super) fn trusting(settings: &mut Settings, root: &[u8], tsa: String) {
    let folder = settings.data_dir.clone();
    std::fs::create_dir_all(&folder).unwrap();
    let anchor = folder.join("root.pem");
    std::fs::write(&anchor, root).unwrap();
    settings.trust.anchors = vec![anchor];
    settings.egress.allow_private = vec!["127.0.0.0/8".parse().unwrap()];
    settings.tsa = vec![TsaSettings {
        name: "tsa".to_owned(),
        url: tsa,
        ..TsaSettings::default()
    }];
}

impl Bench {
    pub(super) async fn new(policy: NewSealPolicy) -> Self {
        Self::with(policy, |_| {}).await
    }

    /// With settings that differ from the usual.
    pub(super) async fn with(policy: NewSealPolicy, change: impl FnOnce(&mut Settings)) -> Self {
        let authorities = PkiService::start();
        let (tsa, root) = (authorities.tsa_url(), authorities.root_pem());
        let service = TestService::with(|settings| {
            trusting(settings, &root, tsa);
            change(settings);
        });
        let service = service.await;
        // The authorities answer at the machine's time.
        service.clock.advance(PkiService::now() - service.now());
        let bench = Self {
            service,
            authorities,
        };
        bench.add_identity(policy).await;
        bench
    }

    async fn add_identity(&self, policy: NewSealPolicy) {
        let put = |name: &str, bytes: Vec<u8>| {
            let path = self.service.path().join(name);
            std::fs::write(&path, bytes).unwrap();
            path
        };
        let file = put("agency.p12", self.authorities.agency_p12("bí mật"));
        let secret = put("agency.pass", "bí mật".into());
        let new = NewIdentity {
            agency: self.service.agency,
            name: "levels".to_owned(),
            source: serde_json::json!({
                "kind": "pkcs12", "file": file, "passphrase_file": secret,
            }),
            scheme: None,
            policy,
        };
        let app = &self.service.app;
        let now = self.service.now();
        app.accounts
            .add_identity(new, Actor::Operator, now)
            .await
            .unwrap();
    }

    /// Hands a result in; its state when nothing moves any more.
    pub(super) async fn publish(&self, code: &str) -> (ResultId, ResultState) {
        let received = self.service.received(code, &[&pdf(code)]).await;
        let view = self.service.approved(&received).await;
        self.service.app.publication.settle().await;
        (view.id, self.state(view.id).await)
    }

    pub(super) async fn state(&self, id: ResultId) -> ResultState {
        self.service.app.db.result(id).await.unwrap().unwrap().state
    }

    /// The levels of a result's files and how many revisions led there.
    pub(super) async fn levels(&self, id: ResultId) -> Vec<(String, u32)> {
        let revisions = self.service.app.db.revisions(id).await.unwrap();
        let each = revisions.into_iter();
        each.map(|revision| (revision.level, revision.revision))
            .collect()
    }

    /// What is planned for so long from now is due now.
    pub(super) async fn hasten(&self, by: Duration) {
        let now = self.service.now();
        let mut tx = self.service.app.db.begin().await.unwrap();
        let until = now + by;
        tx.hasten_raises(now, until, until + RENEWED_AHEAD)
            .await
            .unwrap();
        tx.commit().await.unwrap();
    }

    pub(super) async fn raise(&self) -> Raised {
        let outcome = self.service.app.publication.raise_due().await.unwrap();
        Raised {
            due: outcome.due,
            done: outcome.due - outcome.short.len(),
        }
    }

    /// What the record says of the one act of this name.
    pub(super) async fn entry(&self, id: ResultId, action: &str) -> serde_json::Value {
        let mut rows = self.service.app.db.audit_of(id).await.unwrap();
        rows.retain(|row| row.action == action);
        let [row] = rows.try_into().unwrap();
        row.detail
    }

    async fn actions(&self, id: ResultId) -> Vec<String> {
        let rows = self.service.app.db.audit_of(id).await.unwrap();
        rows.into_iter().map(|row| row.action).collect()
    }
}

pub(super) fn policy(level: &str, unchecked: &str) -> NewSealPolicy {
    NewSealPolicy {
        level: level.to_owned(),
        level_min: "B-B".to_owned(),
        revocation: unchecked.to_owned(),
    }
}

#[tokio::test]
async fn a_result_goes_out_at_the_level_of_its_identity_and_is_renewed_in_time() {
    let bench = Bench::new(policy("B-LTA", "hold")).await;
    let (id, state) = bench.publish("H13.12-261123-0001").await;
    assert_eq!(state, ResultState::Released);
    assert_eq!(bench.levels(id).await, [("B-LTA".to_owned(), 1)]);
    let answers = bench.service.app.db.revocation_answers(id).await.unwrap();
    assert_eq!(answers.len(), 2, "about the agency and the issuing CA");

    // Nothing is due yet; by hand it is renewed all the same.
    assert_eq!(bench.raise().await.due, 0);
    let planned = bench.service.app.db.raises().await.unwrap();
    assert!(planned[0].due_at > bench.service.now() + Duration::days(300));
    bench.hasten(Duration::days(1000)).await;
    assert_eq!(bench.raise().await, Raised { due: 1, done: 1 });
    assert_eq!(bench.levels(id).await, [("B-LTA".to_owned(), 2)]);
    assert_eq!(bench.raise().await.due, 0);
}

#[tokio::test]
async fn an_outage_costs_a_level_until_the_sweep_makes_up_for_it() {
    let bench = Bench::new(policy("B-LTA", "warn")).await;
    for part in [
        PkiService::set_tsa,
        PkiService::set_ocsp,
        PkiService::set_crl,
    ] {
        part(&bench.authorities, Mode::Down);
    }
    let (id, state) = bench.publish("H13.12-261123-0001").await;
    assert_eq!(state, ResultState::Released);
    assert_eq!(bench.levels(id).await, [("B-B".to_owned(), 1)]);
    bench.service.clock.advance(Duration::minutes(3));
    assert_eq!(bench.raise().await, Raised { due: 1, done: 0 });
    assert_eq!(bench.raise().await.due, 0, "it waits before it asks again");

    // The authorities' clock is the machine's: theirs and ours must not part by much.
    bench.authorities.set_tsa(Mode::Works);
    bench.hasten(Duration::days(1)).await;
    assert_eq!(bench.raise().await, Raised { due: 1, done: 0 });
    assert_eq!(bench.levels(id).await, [("B-T".to_owned(), 2)]);

    bench.authorities.set_crl(Mode::Works);
    bench.hasten(Duration::days(1)).await;
    assert_eq!(bench.raise().await, Raised { due: 1, done: 1 });
    assert_eq!(bench.levels(id).await, [("B-LTA".to_owned(), 3)]);
    let actions = bench.actions(id).await;
    assert_eq!(
        actions
            .iter()
            .filter(|action| *action == "level_raised")
            .count(),
        2
    );
}

#[tokio::test]
async fn a_revoked_certificate_seals_nothing_more_and_harms_nothing_older() {
    let bench = Bench::new(policy("B-LT", "hold")).await;
    let (older, _) = bench.publish("H13.12-261123-0001").await;
    bench.authorities.revoke(Whose::Agency);
    // What was known is believed for an hour.
    bench.service.clock.advance(Duration::minutes(4));
    let bench = Bench {
        service: bench.service.restart().await,
        ..bench
    };
    let (id, state) = bench.publish("H13.12-261123-0002").await;
    assert_eq!(state, ResultState::Held);
    let row = bench.service.app.db.result(id).await.unwrap().unwrap();
    assert_eq!(row.reason_code.as_deref(), Some("certificate_revoked"));
    assert!(bench.levels(id).await.is_empty(), "the key was not used");
    assert_eq!(bench.state(older).await, ResultState::Released);
}

#[tokio::test]
async fn where_nobody_tells_about_revocation_the_policy_decides() {
    for (unchecked, expected) in [
        ("warn", ResultState::Released),
        ("hold", ResultState::Approved),
    ] {
        let bench = Bench::new(policy("B-B", unchecked)).await;
        bench.authorities.set_ocsp(Mode::Unavailable);
        bench.authorities.set_crl(Mode::Stale);
        let (id, state) = bench.publish("H13.12-261123-0001").await;
        assert_eq!(state, expected, "{unchecked}");
        if unchecked == "warn" {
            let begun = bench.entry(id, "signing").await;
            assert_eq!(begun["revocation"], "unknown");
            assert_eq!(begun["warning"], "revocation_unavailable");
        }
        if unchecked == "hold" {
            assert!(bench.levels(id).await.is_empty(), "the key was not used");
            bench.authorities.set_ocsp(Mode::Works);
            bench.service.clock.advance(Duration::minutes(1));
            bench.service.app.publication.recover().await.unwrap();
            tokio::time::timeout(
                StdDuration::from_mins(1),
                bench.service.app.publication.settle(),
            )
            .await
            .unwrap();
            assert_eq!(bench.state(id).await, ResultState::Released);
        }
    }
}

#[tokio::test]
async fn a_certificate_that_was_revoked_after_sealing_began_seals_nothing_at_a_later_attempt() {
    let bench = Bench::new(NewSealPolicy {
        level_min: "B-T".to_owned(),
        ..policy("B-T", "hold")
    })
    .await;
    bench.authorities.set_tsa(Mode::Down);
    let (id, state) = bench.publish("H13.12-261123-0001").await;
    assert_eq!(state, ResultState::Signing, "it waits for a time-stamp");

    bench.authorities.revoke(Whose::Agency);
    bench.authorities.set_tsa(Mode::Works);
    bench.service.clock.advance(Duration::minutes(4));
    // A service that starts believes nothing that another was told.
    let bench = Bench {
        service: bench.service.restart().await,
        ..bench
    };
    bench.service.app.publication.recover().await.unwrap();
    bench.service.app.publication.settle().await;
    let row = bench.service.app.db.result(id).await.unwrap().unwrap();
    assert_eq!(row.state, ResultState::Held);
    assert_eq!(row.reason_code.as_deref(), Some("certificate_revoked"));
    assert!(bench.levels(id).await.is_empty(), "nothing was stored");
}

#[tokio::test]
async fn a_file_that_cannot_be_raised_goes_out_at_the_level_that_it_has() {
    let bench = Bench::new(policy("B-LT", "hold")).await;
    let code = "H13.12-261123-0001";
    let received = bench.service.received(code, &[&pdf(code)]).await;
    let lame = reads_once(&bench.service);
    let bench = Bench {
        service: bench.service.restart_with(lame).await,
        ..bench
    };
    let released = bench.service.approved(&received).await;
    assert_eq!(released.state, ResultState::Released);
    assert_eq!(bench.levels(released.id).await, [("B-T".to_owned(), 1)]);

    let bench = Bench {
        service: bench.service.restart().await,
        ..bench
    };
    bench.hasten(Duration::days(1)).await;
    assert_eq!(bench.raise().await, Raised { due: 1, done: 1 });
    assert_eq!(bench.levels(released.id).await, [("B-LT".to_owned(), 2)]);
}

#[tokio::test]
async fn a_file_that_cannot_be_raised_as_far_as_it_must_is_held_after_two_tries() {
    let least = NewSealPolicy {
        level_min: "B-LT".to_owned(),
        ..policy("B-LT", "hold")
    };
    let bench = Bench::new(least).await;
    let code = "H13.12-261123-0001";
    let received = bench.service.received(code, &[&pdf(code)]).await;
    let lame = reads_once(&bench.service);
    let bench = Bench {
        service: bench.service.restart_with(lame).await,
        ..bench
    };
    bench.service.approved(&received).await;
    assert_eq!(bench.state(received.id).await, ResultState::Signing);
    bench.service.clock.advance(Duration::minutes(1));
    bench.service.app.publication.recover().await.unwrap();
    bench.service.app.publication.settle().await;
    let row = bench.service.app.db.result(received.id).await.unwrap();
    let row = row.unwrap();
    assert_eq!(row.state, ResultState::Held);
    assert_eq!(row.reason_code.as_deref(), Some("child_died"));
    assert!(bench.levels(received.id).await.is_empty());
}

/// A file to which nothing can be appended that would not make its signature suspicious.
pub(super) fn odd(mark: &str) -> Vec<u8> {
    counted_from_one(&pdf(mark))
}

#[tokio::test]
async fn a_file_that_can_never_be_raised_is_tried_once_more_and_left_in_peace() {
    let bench = Bench::new(policy("B-LTA", "hold")).await;
    let code = "H13.12-261123-0001";
    let received = bench.service.received(code, &[&odd(code)]).await;
    let released = bench.service.approved(&received).await;
    assert_eq!(released.state, ResultState::Released);
    assert_eq!(bench.levels(released.id).await, [("B-T".to_owned(), 1)]);

    bench.hasten(Duration::days(1)).await;
    assert_eq!(bench.raise().await, Raised { due: 1, done: 0 });
    let told = bench.entry(released.id, "level_not_raised").await;
    assert_eq!(told["code"], "file_not_raisable");
    bench.hasten(Duration::days(1000)).await;
    assert_eq!(bench.raise().await.due, 0);
    assert_eq!(bench.levels(released.id).await, [("B-T".to_owned(), 1)]);
}

#[tokio::test]
async fn a_file_that_can_never_be_raised_as_far_as_it_must_is_held_at_once() {
    let least = NewSealPolicy {
        level_min: "B-LT".to_owned(),
        ..policy("B-LT", "hold")
    };
    let bench = Bench::new(least).await;
    let code = "H13.12-261123-0001";
    let received = bench.service.received(code, &[&odd(code)]).await;
    bench.service.approved(&received).await;
    bench.service.app.publication.settle().await;
    let row = bench.service.app.db.result(received.id).await.unwrap();
    let row = row.unwrap();
    assert_eq!(row.state, ResultState::Held);
    assert_eq!(row.reason_code.as_deref(), Some("file_not_raisable"));
    assert!(bench.levels(received.id).await.is_empty());
}

/// A reader whose first process works, and no further one: the first prepares the seal.
fn reads_once(service: &TestService) -> PathBuf {
    let path = service.path().join("reads-once");
    let script = format!(
        "#!/bin/sh\nmkdir {}.used 2>/dev/null && exec {} \"$@\"\nexit 1\n",
        path.display(),
        reader().display()
    );
    std::fs::write(&path, script).unwrap();
    std::fs::set_permissions(&path, Permissions::from_mode(0o700)).unwrap();
    path
}

#[tokio::test]
async fn a_held_result_says_what_its_tries_were_spent_on() {
    let strict = NewSealPolicy {
        level_min: "B-T".to_owned(),
        ..policy("B-T", "warn")
    };
    for (policy, reason) in [
        (policy("B-B", "hold"), "revocation_unavailable"),
        (strict, "time_stamp_unavailable"),
    ] {
        let bench = Bench::with(policy, |settings| settings.sealing.attempts_max = 1).await;
        bench.authorities.set_ocsp(Mode::Unavailable);
        bench.authorities.set_crl(Mode::Stale);
        bench.authorities.set_tsa(Mode::Garbage);
        let (id, state) = bench.publish("H13.12-261123-0001").await;
        assert_eq!(state, ResultState::Held);
        let row = bench.service.app.db.result(id).await.unwrap().unwrap();
        assert_eq!(row.reason_code.as_deref(), Some(reason));
        assert_eq!(bench.entry(id, "held").await["code"], reason);
    }
}
