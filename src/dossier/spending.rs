//! What an attempt has charged, and what it may take back.
//!
//! A bucket that is everybody's can be emptied by anybody. So an empty one never shuts out a
//! network that has not missed there within a day: it has one try, which it takes in the
//! transaction that looks for it. Callers of one network that come together have one between them.

use time::OffsetDateTime;

use crate::database::{Charge, DatabaseError, RetryAfterMs, Tx};

/// A network that has missed within so long has no try of its own.
const MISS_REMEMBERED: time::Duration = time::Duration::hours(24);

/// What was charged, and where the network took its try.
pub(super) struct Spending {
    net: [u8; 32],
    /// The throttle's time.
    now: OffsetDateTime,
    charged: Vec<Charge>,
    /// Everybody's buckets, charged or empty: a miss is noted there.
    shared: Vec<[u8; 32]>,
    tries: Vec<[u8; 32]>,
}

impl Spending {
    /// Nothing yet.
    pub(super) fn of(net: [u8; 32], now: OffsetDateTime) -> Self {
        Self {
            net,
            now,
            charged: Vec::new(),
            shared: Vec::new(),
            tries: Vec::new(),
        }
    }

    /// Charges the caller's own buckets; how long it must wait where one of them is empty.
    pub(super) async fn charge_own(
        &mut self,
        tx: &mut Tx,
        charges: &[Charge],
    ) -> Result<Option<RetryAfterMs>, DatabaseError> {
        let answers = tx.charge(charges, self.now).await?;
        self.charged.extend_from_slice(charges);
        Ok(answers.into_iter().filter_map(Result::err).max())
    }

    /// Charges a bucket that is everybody's, or takes the network's try where it is empty.
    pub(super) async fn charge_shared(
        &mut self,
        tx: &mut Tx,
        charge: &Charge,
    ) -> Result<Shared, DatabaseError> {
        self.shared.push(charge.bucket);
        let answers = tx.charge(std::slice::from_ref(charge), self.now).await?;
        let Some(wait) = answers.into_iter().find_map(Result::err) else {
            self.charged.push(charge.clone());
            return Ok(Shared::Charged);
        };
        let since = self.now - MISS_REMEMBERED;
        if tx
            .take_try(&charge.bucket, &self.net, since, self.now)
            .await?
        {
            self.tries.push(charge.bucket);
            return Ok(Shared::Tried);
        }
        Ok(Shared::Empty(wait))
    }

    /// Charges a bucket that is everybody's and tells nobody: whether it takes no further miss, and
    /// whether it is shut for this network.
    pub(super) async fn fill(
        &mut self,
        tx: &mut Tx,
        charge: Option<&Charge>,
    ) -> Result<(bool, bool), DatabaseError> {
        let Some(charge) = charge else {
            return Ok((false, false));
        };
        let shared = self.charge_shared(tx, charge).await?;
        let is_full = self.wait_for(tx, charge).await?.is_some();
        Ok((is_full, matches!(shared, Shared::Empty(_))))
    }

    /// How long a bucket takes no charge; nothing where it would take one.
    pub(super) async fn wait_for(
        &self,
        tx: &mut Tx,
        charge: &Charge,
    ) -> Result<Option<RetryAfterMs>, DatabaseError> {
        let room = tx.probe(std::slice::from_ref(charge), self.now).await?;
        Ok(room.into_iter().find_map(Result::err))
    }

    /// Charges a bucket that counts right answers, or says how long to wait: nothing of it is given
    /// back.
    pub(super) async fn charge_for_good(
        &self,
        tx: &mut Tx,
        charge: &Charge,
    ) -> Result<Option<RetryAfterMs>, DatabaseError> {
        let answers = tx.charge(std::slice::from_ref(charge), self.now).await?;
        Ok(answers.into_iter().find_map(Result::err))
    }

    /// A right answer costs nothing.
    pub(super) async fn give_back(&self, tx: &mut Tx) -> Result<(), DatabaseError> {
        tx.give_back(&self.charged).await?;
        for bucket in &self.tries {
            tx.give_try_back(bucket, &self.net).await?;
        }
        Ok(())
    }

    /// A wrong one is remembered in all of everybody's buckets.
    pub(super) async fn note_miss(&self, tx: &mut Tx) -> Result<(), DatabaseError> {
        for bucket in &self.shared {
            tx.note_miss(bucket, &self.net, self.now).await?;
        }
        Ok(())
    }
}

/// How a bucket took it that is everybody's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shared {
    /// There was room.
    Charged,
    /// It is empty, and the network took its try.
    Tried,
    /// It is empty, and the network has missed lately.
    Empty(RetryAfterMs),
}

impl Shared {
    /// Whether the bucket had no room.
    pub(super) fn is_drained(self) -> bool {
        self != Self::Charged
    }
}
