//! How long the agencies' certificates last: said at 90, 30 and 7 days and in the last, so that
//! nobody learns of an end by held results.

use time::{Duration, OffsetDateTime};

use super::identities::{Identities, IdentityRefused};
use super::policy::SealPolicy;
use crate::database::{DatabaseError, IdentityRow};
use crate::model::{AgencyId, IdentityId};
use crate::pades::Unfit;

/// How near an identity's end is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Remaining {
    /// More than 90 days.
    Long,
    /// At most 90 days: time to ask for the next certificate.
    Quarter,
    /// At most 30 days.
    Month,
    /// At most 7 days.
    Week,
    /// At most 24 hours.
    Day,
    /// It has ended.
    Over,
}

impl Remaining {
    /// How near `expires_at` is at `now`.
    #[must_use]
    pub fn of(expires_at: OffsetDateTime, now: OffsetDateTime) -> Self {
        let left = expires_at - now;
        match left {
            left if left < Duration::ZERO => Self::Over,
            left if left <= Duration::DAY => Self::Day,
            left if left <= Duration::days(7) => Self::Week,
            left if left <= Duration::days(30) => Self::Month,
            left if left <= Duration::days(90) => Self::Quarter,
            _ => Self::Long,
        }
    }

    /// The word for it in texts and records.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Long => "long",
            Self::Quarter => "quarter",
            Self::Month => "month",
            Self::Week => "week",
            Self::Day => "day",
            Self::Over => "over",
        }
    }
}

/// What is known of one identity that is in use.
#[derive(Clone, Debug)]
pub struct IdentityHealth {
    /// Which.
    pub id: IdentityId,
    /// When the first certificate of its chain ends.
    pub expires_at: Option<OffsetDateTime>,
    /// Why it may not sign now, if it can be read.
    pub unfit: Option<Unfit>,
    /// Why it cannot be read, if it cannot, for operators.
    pub refused: Option<String>,
    /// What its seals shall be; nothing where it cannot be read.
    pub policy: Option<SealPolicy>,
}

impl IdentityHealth {
    /// The word for why it may not sign now.
    #[must_use]
    pub fn why_unfit(&self) -> Option<&'static str> {
        match self.refused {
            Some(_) => Some("unreadable"),
            None => self.unfit.map(Unfit::as_str),
        }
    }

    /// How near its end is; nothing where its certificate cannot be read.
    #[must_use]
    pub fn remaining(&self, now: OffsetDateTime) -> Option<Remaining> {
        let expires_at = self.expires_at?;
        Some(Remaining::of(expires_at, now))
    }
}

impl Identities {
    /// How every identity in use stands at `now`.
    ///
    /// # Errors
    /// The database; an identity that cannot be read is in the list.
    pub async fn health(&self, now: OffsetDateTime) -> Result<Vec<IdentityHealth>, DatabaseError> {
        let mut found = Vec::new();
        for row in self.rows().await? {
            found.push(self.health_of_row(row, now).await?);
        }
        Ok(found)
    }

    /// How the identity stands that seals an agency's results.
    ///
    /// # Errors
    /// The database.
    pub async fn health_of(
        &self,
        agency: AgencyId,
        now: OffsetDateTime,
    ) -> Result<Option<IdentityHealth>, DatabaseError> {
        match self.row_of(agency).await? {
            Some(row) => self.health_of_row(row, now).await.map(Some),
            None => Ok(None),
        }
    }

    async fn health_of_row(
        &self,
        row: IdentityRow,
        now: OffsetDateTime,
    ) -> Result<IdentityHealth, DatabaseError> {
        let id = row.id;
        Ok(match self.signing(row).await {
            Ok(active) => IdentityHealth {
                id,
                expires_at: Some(active.signing.expires_at()),
                unfit: active.signing.check(now).err(),
                refused: None,
                policy: Some(active.policy),
            },
            Err(IdentityRefused::Database(error)) => return Err(error),
            Err(refused) => {
                tracing::error!(identity = %id, error = %refused, "an identity cannot be used");
                IdentityHealth {
                    id,
                    expires_at: None,
                    unfit: None,
                    refused: Some(refused.to_string()),
                    policy: None,
                }
            }
        })
    }

    /// The identities that may not sign at `now`, and why.
    ///
    /// # Errors
    /// The database.
    pub async fn unfit(
        &self,
        now: OffsetDateTime,
    ) -> Result<Vec<(IdentityId, &'static str)>, DatabaseError> {
        let all = self.health(now).await?.into_iter();
        Ok(all
            .filter_map(|each| Some((each.id, each.why_unfit()?)))
            .collect())
    }
}

#[cfg(test)]
mod tests {
    use time::Duration;
    use time::macros::datetime;

    use super::Remaining;

    #[test]
    fn an_end_is_told_at_90_30_and_7_days_and_in_the_last() {
        let now = datetime!(2026-11-23 08:00 +7);
        let second = Duration::SECOND;
        for (left, remaining) in [
            (Duration::days(90) + second, Remaining::Long),
            (Duration::days(90), Remaining::Quarter),
            (Duration::days(30) + second, Remaining::Quarter),
            (Duration::days(30), Remaining::Month),
            (Duration::days(7) + second, Remaining::Month),
            (Duration::days(7), Remaining::Week),
            (Duration::DAY + second, Remaining::Week),
            (Duration::DAY, Remaining::Day),
            (Duration::ZERO, Remaining::Day),
            (-second, Remaining::Over),
        ] {
            assert_eq!(Remaining::of(now + left, now), remaining, "{left}");
        }
    }
}
