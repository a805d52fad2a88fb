//! The gate. Its order is its strength (docs/threat-model.md):
//!
//! 1. syntax, which costs nothing and tells nothing;
//! 2. the throttle is charged, before anything is known;
//! 3. the link is looked up, and the code's index compared in constant time;
//! 4. the entry in the record and the grant are committed together; a right code gets its charges
//!    back, except for distinct results;
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

use super::buckets::{Charges, GLOBAL, Origin};
use super::code::DossierCode;
use crate::config::GateSettings;
use crate::database::{
    Actor, AuditEntry, Charge, Database, DatabaseError, GateRow, NewGrant, RetryAfterMs, Tx,
};
use crate::model::{AgencyId, ApiKeyId, CodeIndex, LinkId, ReleasePolicy, ResultId, ResultState};
use crate::secrets::{KeyRing, Token};

/// A network that has missed on a link within so long gets no try of its own there.
const MISS_REMEMBERED: time::Duration = time::Duration::hours(24);
/// One alarm an hour for one thing.
const ALARM_EVERY: time::Duration = time::Duration::hours(1);

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
}

/// What was charged and may be given back.
struct Spent {
    charges: Vec<Charge>,
    /// The bucket of the link or of the day is empty: whatever the code, the answer is no.
    is_folded: bool,
}

impl Gate {
    /// Guards by these numbers.
    #[must_use]
    pub fn new(db: Database, keys: Arc<KeyRing>, settings: GateSettings) -> Self {
        Self {
            db,
            keys,
            settings: Arc::new(settings),
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
            .charges(&self.keys, &origin, link_key.as_ref(), Some(&code));
        let spent = self
            .spend(&charges, &origin, link_key.as_ref(), now)
            .await?;
        // A link of no shape is looked up too: every refusal costs the same.
        let looked_up = link.unwrap_or(LinkId::from_bytes([0; 16]));
        let row = self.db.gate_row(&link_sha256(looked_up)).await?;
        let opens = is_right(row.as_ref(), &self.keys.code_indices(code.as_str()));
        match row {
            Some(row) if opens && !spent.is_folded => {
                self.grant_for(&row, &origin, &charges.distinct, spent, now)
                    .await
            }
            row => {
                let agency = row.map(|row| row.agency);
                let link_key = link_key.unwrap_or_default();
                self.note_miss(&link_key, &origin, spent.is_folded, agency, now)
                    .await?;
                Err(GateRefusal::Denied)
            }
        }
    }

    /// Charges every bucket of the attempt, or none where one of those that may be told is empty.
    async fn spend(
        &self,
        charges: &Charges,
        origin: &Origin,
        link_key: Option<&[u8; 32]>,
        now: OffsetDateTime,
    ) -> Result<Spent, GateRefusal> {
        let mut tx = self.db.begin().await?;
        let answers = tx.charge(&charges.open, now).await?;
        let distinct = tx
            .probe(std::slice::from_ref(&charges.distinct), now)
            .await?;
        let is_global_empty = answers.get(GLOBAL).is_some_and(Result::is_err);
        if let Some(wait) = answers
            .iter()
            .chain(&distinct)
            .filter_map(|a| a.err())
            .max()
        {
            drop(tx);
            if is_global_empty {
                self.alarm("global", None, now).await?;
            }
            return Err(throttled(wait));
        }
        let mut spent = Spent {
            charges: charges.open.clone(),
            is_folded: false,
        };
        if let (Some(charge), Some(link_key)) = (&charges.link, link_key)
            && !try_charge(&mut tx, charge, &mut spent, now).await?
        {
            // Anybody can empty a link's bucket; a network that has not missed here today still
            // gets its try.
            let since = now - MISS_REMEMBERED;
            spent.is_folded |= tx.has_missed(link_key, &origin.net, since).await?;
        }
        if let Some(charge) = &charges.agency_day
            && !try_charge(&mut tx, charge, &mut spent, now).await?
        {
            spent.is_folded = true;
        }
        tx.commit().await?;
        Ok(spent)
    }

    async fn grant_for(
        &self,
        row: &GateRow,
        origin: &Origin,
        distinct: &Charge,
        spent: Spent,
        now: OffsetDateTime,
    ) -> Result<Issued, GateRefusal> {
        let secret = Token::draw();
        let expires_at = now + time::Duration::seconds(i64::from(self.settings.grant_s));
        let mut tx = self.db.begin().await?;
        // What was released when it was looked up may have been withdrawn meanwhile; this
        // transaction sees the state that its own commit goes with.
        if !tx.is_released(row.result).await? {
            return Err(GateRefusal::Denied);
        }
        if tx.note_opening(&origin.client, row.result, now).await? {
            let answers = tx.charge(std::slice::from_ref(distinct), now).await?;
            if let Some(wait) = answers.into_iter().filter_map(Result::err).max() {
                return Err(throttled(wait));
            }
        }
        tx.give_back(&spent.charges).await?;
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

    async fn note_miss(
        &self,
        link_key: &[u8; 32],
        origin: &Origin,
        is_folded: bool,
        agency: Option<AgencyId>,
        now: OffsetDateTime,
    ) -> Result<(), GateRefusal> {
        let mut tx = self.db.begin().await?;
        tx.note_miss(link_key, &origin.net, now).await?;
        tx.commit().await?;
        if is_folded {
            self.alarm("link_or_day", agency, now).await?;
        }
        Ok(())
    }

    /// Tells the agency that a range is being walked: an entry in the record, once an hour.
    async fn alarm(
        &self,
        bucket: &str,
        agency: Option<AgencyId>,
        now: OffsetDateTime,
    ) -> Result<(), DatabaseError> {
        const ACTION: &str = "gate_alarm";
        if self
            .db
            .audited_since(ACTION, agency, now - ALARM_EVERY)
            .await?
            > 0
        {
            return Ok(());
        }
        tracing::warn!(bucket, "the gate is being tried");
        metrics::counter!("trao_gate_alarms_total").increment(1);
        let mut tx = self.db.begin().await?;
        tx.audit(&AuditEntry {
            at: now,
            agency,
            actor: Actor::Service,
            action: ACTION,
            result: None,
            detail: json!({ "bucket": bucket }),
        })
        .await?;
        tx.commit().await
    }
}

async fn try_charge(
    tx: &mut Tx,
    charge: &Charge,
    spent: &mut Spent,
    now: OffsetDateTime,
) -> Result<bool, DatabaseError> {
    let answers = tx.charge(std::slice::from_ref(charge), now).await?;
    let is_admitted = answers.iter().all(Result::is_ok);
    if is_admitted {
        spent.charges.push(charge.clone());
    }
    Ok(is_admitted)
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

pub(super) fn throttled(RetryAfterMs(wait): RetryAfterMs) -> GateRefusal {
    GateRefusal::Throttled {
        retry_after_s: u64::try_from(wait / 1000 + 1).unwrap_or(1),
    }
}
