//! How fast anybody may guess: the numbers of the throttle.

use serde::{Deserialize, Serialize};

use super::{ConfigError, within};

/// A bucket of the throttle (GCRA): so many at once, then one in each period.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// How many are admitted at once.
    pub burst: u32,
    /// After how many seconds one more is.
    pub every_s: u32,
}

/// The gate's numbers. The defaults are those whose outcome docs/threat-model.md reckons out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GateSettings {
    /// No answer of the gate comes sooner, in milliseconds.
    pub floor_ms: u64,
    /// How long a grant opens its result's files, in seconds.
    pub grant_s: u64,
    /// Misses of one client: an IPv4 address, an IPv6 /64.
    pub client: Bucket,
    /// Misses of one network: an IPv4 /24, an IPv6 /48.
    pub net: Bucket,
    /// Different results that one client opens within a day.
    pub opened: Bucket,
    /// The same for a program with a key of its own.
    pub opened_by_key: Bucket,
    /// Wrong codes of one client at one link.
    pub client_link: Bucket,
    /// Wrong codes of all clients at one link.
    pub link: Bucket,
    /// Misses at one dossier code where no link is asked for.
    pub code: Bucket,
    /// Misses within one agency's codes of one day.
    pub agency_day: Bucket,
    /// Misses of everybody.
    pub global: Bucket,
}

impl Default for GateSettings {
    fn default() -> Self {
        let bucket = |burst, every_s| Bucket { burst, every_s };
        Self {
            floor_ms: 250,
            grant_s: 600,
            client: bucket(5, 600),
            net: bucket(40, 75),
            opened: bucket(300, 120),
            opened_by_key: bucket(3_000, 12),
            client_link: bucket(5, 17_280),
            link: bucket(20, 1_800),
            code: bucket(5, 3_600),
            agency_day: bucket(30, 1_200),
            global: bucket(500, 5),
        }
    }
}

impl GateSettings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within("gate.floor_ms", self.floor_ms, 0..=5_000)?;
        within("gate.grant_s", self.grant_s, 30..=3_600)?;
        for (setting, bucket) in [
            ("gate.client", self.client),
            ("gate.net", self.net),
            ("gate.opened", self.opened),
            ("gate.opened_by_key", self.opened_by_key),
            ("gate.client_link", self.client_link),
            ("gate.link", self.link),
            ("gate.code", self.code),
            ("gate.agency_day", self.agency_day),
            ("gate.global", self.global),
        ] {
            within(setting, bucket.burst.into(), 1..=1_000_000)?;
            within(setting, bucket.every_s.into(), 1..=86_400)?;
        }
        Ok(())
    }
}
