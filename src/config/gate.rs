//! How fast anybody may guess: the numbers of the throttle.

use serde::{Deserialize, Serialize};

use super::{ConfigError, within};

/// How much a bucket of the throttle (GCRA) holds: so many at once, then one in each period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rate {
    /// How many are admitted at once.
    pub burst: u32,
    /// After how many seconds one more is.
    pub every_s: u32,
}

/// The gate's numbers. The defaults are those whose outcome docs/threat-model.md reckons out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GateSettings {
    /// No refusal of the gate comes sooner, in milliseconds.
    pub floor_ms: u64,
    /// How long a grant opens its result's files, in seconds.
    pub grant_s: u32,
    /// Wrong codes of one client: an IPv4 address, an IPv6 /64.
    pub client: Rate,
    /// Wrong codes of one network: an IPv4 /24, an IPv6 /48.
    pub net: Rate,
    /// Wrong codes of one client on one link.
    pub client_link: Rate,
    /// Wrong codes on one link by anybody. Where this bucket, or one of the next two, is empty, a
    /// network without a miss there within a day still has one try.
    pub link: Rate,
    /// Wrong codes of one agency and day, on links that exist, by anybody.
    pub agency_day: Rate,
    /// Wrong codes in all.
    pub global: Rate,
    /// Distinct results that one client opens.
    pub distinct: Rate,
    /// Statuses told to one client.
    pub statuses: Rate,
    /// Grants of one result to one client, or to one key.
    pub repeats: Rate,
    /// Wrong codes of one program's key, instead of client and network.
    pub key: Rate,
    /// Distinct results that one program's key opens.
    pub key_distinct: Rate,
}

impl Default for GateSettings {
    fn default() -> Self {
        let rate = |burst, every_s| Rate { burst, every_s };
        Self {
            floor_ms: 250,
            grant_s: 600,
            client: rate(5, 600),
            net: rate(40, 75),
            client_link: rate(5, 17_280),
            link: rate(20, 1_800),
            agency_day: rate(30, 1_200),
            global: rate(500, 5),
            distinct: rate(300, 120),
            statuses: rate(300, 120),
            repeats: rate(20, 60),
            key: rate(100, 30),
            key_distinct: rate(3_000, 12),
        }
    }
}

impl GateSettings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within("gate.floor_ms", self.floor_ms, 0..=5_000)?;
        within("gate.grant_s", self.grant_s.into(), 30..=3_600)?;
        for (burst, every_s, rate) in [
            ("gate.client.burst", "gate.client.every_s", self.client),
            ("gate.net.burst", "gate.net.every_s", self.net),
            (
                "gate.client_link.burst",
                "gate.client_link.every_s",
                self.client_link,
            ),
            ("gate.link.burst", "gate.link.every_s", self.link),
            (
                "gate.agency_day.burst",
                "gate.agency_day.every_s",
                self.agency_day,
            ),
            ("gate.global.burst", "gate.global.every_s", self.global),
            (
                "gate.distinct.burst",
                "gate.distinct.every_s",
                self.distinct,
            ),
            (
                "gate.statuses.burst",
                "gate.statuses.every_s",
                self.statuses,
            ),
            ("gate.repeats.burst", "gate.repeats.every_s", self.repeats),
            ("gate.key.burst", "gate.key.every_s", self.key),
            (
                "gate.key_distinct.burst",
                "gate.key_distinct.every_s",
                self.key_distinct,
            ),
        ] {
            within(burst, rate.burst.into(), 1..=1_000_000)?;
            within(every_s, rate.every_s.into(), 1..=86_400)?;
        }
        Ok(())
    }
}
