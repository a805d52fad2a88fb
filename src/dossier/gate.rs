//! The gate. Its order is its strength (docs/threat-model.md):
//!
//! 1. syntax, which costs nothing and tells nothing;
//! 2. the throttle is charged, before anything is known; the bucket of agency and day last, on a
//!    link that somebody has;
//! 3. the link is looked up, and the code's index compared in constant time;
//! 4. the entry in the record and the grant are committed together; a right code gets its charges
//!    back, except for distinct results and for the same one again and again;
//! 5. only then is there a grant.
//!
//! Every way of not passing is one answer, after one floor of time: unknown link, wrong code, not
//! yet released, withdrawn, slowed down for this link or this day. Where the database does not
//! answer, nobody passes.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use subtle::ConstantTimeEq as _;
use thiserror::Error;
use time::OffsetDateTime;
use tokio::time::{Instant, sleep_until};

use super::alarm::Alarm;
use super::buckets::{Charges, Origin};
use super::code::DossierCode;
use super::spending::{Shared, Spending};
use crate::config::GateSettings;
use crate::database::{
    Actor, AuditEntry, Database, DatabaseError, GateRow, NewGrant, RetryAfterMs,
};
use crate::model::{
    ApiKeyId, Clock, CodeIndex, LinkId, ReleasePolicy, ResultId, ResultState, UnitDay,
};
use crate::secrets::{KeyRing, Token};

/// One try to open a result.
#[derive(Clone, Copy, Debug)]
pub struct Attempt<'a> {
    /// The link id as it stood in the address.
    pub link: &'a str,
    /// What was typed.
    pub code: &'a str,
    /// Where it comes from.
    pub client: IpAddr,
    /// The key of a program, if one came along and is good.
    pub key: Option<ApiKeyId>,
}

/// A grant that was just made.
#[derive(Debug)]
pub struct Issued {
    /// What opens the files.
    pub secret: Token,
    /// Until when.
    pub expires_at: OffsetDateTime,
    /// Which result.
    pub result: ResultId,
}

/// Why there is no grant.
#[derive(Clone, Copy, Debug, Error, PartialEq, Eq)]
pub enum GateRefusal {
    /// The one answer, to every way of not passing.
    #[error("the code and the link do not go together, or the result is not ready")]
    Denied,
    /// This client, its network or everybody is too fast; the same for known and unknown links.
    #[error("too many tries")]
    Throttled {
        /// When to try again.
        retry_after_s: u64,
    },
    /// The gate cannot check now, so it stays shut.
    #[error("the gate is unavailable")]
    Unavailable,
}

impl From<DatabaseError> for GateRefusal {
    fn from(error: DatabaseError) -> Self {
        tracing::error!(%error, "the gate stays shut");
        Self::Unavailable
    }
}

/// Guards every result of the installation.
#[derive(Clone)]
pub struct Gate {
    pub(super) db: Database,
    pub(super) keys: Arc<KeyRing>,
    pub(super) settings: Arc<GateSettings>,
    pub(super) clock: Clock,
}

/// What an attempt met.
struct Met {
    spending: Spending,
    link_sha256: [u8; 32],
    /// The result of the link.
    row: Option<GateRow>,
    /// The bucket of the link takes no further miss.
    is_link_full: bool,
    /// Nor does the one of this unit's day.
    full_day: Option<UnitDay>,
    /// One of them is empty, and the network has had its try: whatever the code, the answer is no.
    is_folded: bool,
}

impl Gate {
    /// Guards by these numbers. The throttle goes by the clock's steady time.
    #[must_use]
    pub fn new(db: Database, keys: Arc<KeyRing>, settings: GateSettings, clock: Clock) -> Self {
        Self {
            db,
            keys,
            settings: Arc::new(settings),
            clock,
        }
    }

    /// Lets a requester with the right code in.
    ///
    /// # Errors
    /// [`GateRefusal`].
    pub async fn release(
        &self,
        attempt: Attempt<'_>,
        now: OffsetDateTime,
    ) -> Result<Issued, GateRefusal> {
        let floor = Instant::now() + Duration::from_millis(self.settings.floor_ms);
        let outcome = self.attempt(attempt, now).await;
        if let Err(GateRefusal::Denied) = outcome {
            sleep_until(floor).await;
        }
        let label = match &outcome {
            Ok(_) => "granted",
            Err(GateRefusal::Denied) => "denied",
            Err(GateRefusal::Throttled { .. }) => "throttled",
            Err(GateRefusal::Unavailable) => "unavailable",
        };
        metrics::counter!("trao_gate_attempts_total", "outcome" => label).increment(1);
        outcome
    }

    async fn attempt(
        &self,
        attempt: Attempt<'_>,
        now: OffsetDateTime,
    ) -> Result<Issued, GateRefusal> {
        let code = DossierCode::parse(attempt.code).map_err(|_| GateRefusal::Denied)?;
        let link = attempt.link.parse::<LinkId>().ok();
        let origin = Origin::of(&self.keys, attempt.client, attempt.key);
        let link_key = link.map(|link| self.keys.client_index("link", &link.to_bytes()));
        let charges = self
            .settings
            .charges(&self.keys, &origin, link_key.as_ref());
        // A link of no shape is looked up too: every refusal costs the same.
        let link = link.unwrap_or(LinkId::from_bytes([0; 16]));
        let met = self.spend(&charges, &origin, link, &code, now).await?;
        let opens = is_right(met.row.as_ref(), &self.keys.code_indices(code.as_str()));
        match &met.row {
            Some(row) if opens && !met.is_folded => {
                self.grant_for(row, &met, &charges, &origin, now).await
            }
            _ => {
                self.refuse(&met, now).await?;
                Err(GateRefusal::Denied)
            }
        }
    }

    /// Charges every bucket of the attempt, or none where one of those that may be told is empty;
    /// looks the link up between.
    async fn spend(
        &self,
        charges: &Charges,
        origin: &Origin,
        link: LinkId,
        code: &DossierCode,
        now: OffsetDateTime,
    ) -> Result<Met, GateRefusal> {
        let mut tx = self.db.begin().await?;
        let mut spending = Spending::of(origin.net, self.clock.steady(now));
        let mut wait = spending.charge_own(&mut tx, &charges.own).await?;
        for charge in charges.repeats.iter().chain([&charges.distinct]) {
            wait = wait.max(spending.wait_for(&mut tx, charge).await?);
        }
        let mut is_global_drained = false;
        if let Some(global) = &charges.global {
            let global = spending.charge_shared(&mut tx, global).await?;
            is_global_drained = global.is_drained();
            if let Shared::Empty(until) = global {
                wait = wait.max(Some(until));
            }
        }
        if let Some(wait) = wait {
            drop(tx);
            self.raise_if(is_global_drained, Alarm::EVERYWHERE, now)
                .await?;
            return Err(throttled(wait));
        }
        let link_sha256 = link_sha256(link);
        let row = tx.gate_row(&link_sha256).await?;
        let link_key = self.keys.client_index("link", &link.to_bytes());
        let day = self
            .settings
            .agency_day(&self.keys, code, &link_key, row.is_some());
        let (is_link_full, is_link_shut) = spending.fill(&mut tx, charges.link.as_ref()).await?;
        let (is_day_full, is_day_shut) = spending.fill(&mut tx, day.as_ref()).await?;
        tx.commit().await?;
        self.raise_if(is_global_drained, Alarm::EVERYWHERE, now)
            .await?;
        Ok(Met {
            spending,
            link_sha256,
            row,
            is_link_full,
            full_day: code.unit_day().filter(|_| is_day_full),
            is_folded: is_link_shut || is_day_shut,
        })
    }

    async fn grant_for(
        &self,
        row: &GateRow,
        met: &Met,
        charges: &Charges,
        origin: &Origin,
        now: OffsetDateTime,
    ) -> Result<Issued, GateRefusal> {
        let secret = Token::draw();
        let expires_at = now + time::Duration::seconds(i64::from(self.settings.grant_s));
        let mut tx = self.db.begin().await?;
        // What was released when it was looked up may have been withdrawn or have a new link; this
        // transaction sees the state that its own commit goes with.
        if !tx.is_released_by(row.result, &met.link_sha256).await? {
            return Err(GateRefusal::Denied);
        }
        let is_new = tx.note_opening(&origin.client, row.result, now).await?;
        let granted = charges.repeats.iter();
        for charge in granted.chain(is_new.then_some(&charges.distinct)) {
            if let Some(wait) = met.spending.charge_for_good(&mut tx, charge).await? {
                return Err(throttled(wait));
            }
        }
        met.spending.give_back(&mut tx).await?;
        tx.insert_grant(&NewGrant {
            secret_sha256: secret.sha256(),
            result: row.result,
            client: origin.client,
            created_at: now,
            expires_at,
        })
        .await?;
        tx.audit(&AuditEntry {
            at: now,
            agency: Some(row.agency),
            actor: Actor::Requester(origin.client),
            action: "release_granted",
            result: Some(row.result),
            detail: json!({ "policy": row.policy.as_str() }),
        })
        .await?;
        tx.commit().await?;
        Ok(Issued {
            secret,
            expires_at,
            result: row.result,
        })
    }

    /// Remembers a miss.
    async fn refuse(&self, met: &Met, now: OffsetDateTime) -> Result<(), GateRefusal> {
        let mut tx = self.db.begin().await?;
        met.spending.note_miss(&mut tx).await?;
        tx.commit().await?;
        if let Some(row) = &met.row {
            // With the miss that fills the bucket, not with the one after it.
            self.raise_if(met.is_link_full, Alarm::link(row), now)
                .await?;
            if let Some(day) = &met.full_day {
                self.raise(Alarm::codes(row, day), now).await?;
            }
        }
        Ok(())
    }
}

/// Whether the result is out, by a policy that link and code satisfy, and the code is its own.
/// Every index is compared whatever the ones before said.
fn is_right(row: Option<&GateRow>, indices: &[CodeIndex]) -> bool {
    let (state, policy, expected) = match row {
        Some(row) => (row.state, row.policy, row.code),
        None => (
            ResultState::Released,
            ReleasePolicy::Link,
            CodeIndex {
                key_version: 0,
                bytes: [0; 32],
            },
        ),
    };
    let mut is_equal = subtle::Choice::from(0);
    for index in indices {
        let same_version = index.key_version.ct_eq(&expected.key_version);
        is_equal |= same_version & index.bytes.ct_eq(&expected.bytes);
    }
    // What is compared is known to nobody outside; from here on the answer's floor hides the rest.
    bool::from(is_equal) && state == ResultState::Released && policy == ReleasePolicy::Link
}

/// What the database knows of a link.
pub(super) fn link_sha256(link: LinkId) -> [u8; 32] {
    *crate::model::Sha256Digest::of(link.to_string().as_bytes()).as_bytes()
}

fn throttled(wait: RetryAfterMs) -> GateRefusal {
    GateRefusal::Throttled {
        retry_after_s: retry_after_s(wait),
    }
}

pub(super) fn retry_after_s(RetryAfterMs(wait): RetryAfterMs) -> u64 {
    u64::try_from(wait / 1000 + 1).unwrap_or(1)
}
