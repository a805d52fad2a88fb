//! How much is taken: bytes, files, connections, seconds.

use serde::{Deserialize, Serialize};

use super::{ConfigError, within};

/// Limits of requests and connections; each has its own name and is tested on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LimitSettings {
    /// Bytes of the files of one result together.
    pub result_bytes: u64,
    /// Files of one result, the main one counted.
    pub result_files: u64,
    /// Bytes of a request's body that carries files.
    pub body_bytes: u64,
    /// Bytes of a JSON or form body.
    pub json_bytes: u64,
    /// Seconds until a request's header is there.
    pub header_s: u64,
    /// Seconds in which a body must move `pace_bytes`, both ways.
    pub pace_s: u64,
    /// Bytes that a body must move in `pace_s`.
    pub pace_bytes: u64,
    /// Connections in all.
    pub connections: u64,
    /// Connections of one client address; proxies that are trusted are exempt.
    pub client_connections: u64,
    /// Seconds that a stop waits for what runs.
    pub drain_s: u64,
}

impl Default for LimitSettings {
    fn default() -> Self {
        Self {
            result_bytes: 200 << 20,
            result_files: 20,
            body_bytes: 201 << 20,
            json_bytes: 64 << 10,
            header_s: 10,
            pace_s: 60,
            pace_bytes: 60 << 10,
            connections: 8_192,
            client_connections: 64,
            drain_s: 30,
        }
    }
}

impl LimitSettings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        within("limits.result_bytes", self.result_bytes, 1_024..=2 << 30)?;
        within("limits.result_files", self.result_files, 1..=20)?;
        within(
            "limits.body_bytes",
            self.body_bytes,
            self.result_bytes..=(2 << 30) + (1 << 20),
        )?;
        within("limits.json_bytes", self.json_bytes, 1_024..=16 << 20)?;
        within("limits.header_s", self.header_s, 1..=120)?;
        within("limits.pace_s", self.pace_s, 1..=600)?;
        within("limits.pace_bytes", self.pace_bytes, 1..=1 << 20)?;
        within("limits.connections", self.connections, 16..=1_000_000)?;
        within(
            "limits.client_connections",
            self.client_connections,
            1..=1_000_000,
        )?;
        within("limits.drain_s", self.drain_s, 1..=600)
    }
}
