//! Asking for evidence: whose time-stamps and whose word about revocation are taken, and whose not.

mod authorities;
mod revocation;
mod time_stamps;

use trao::config::EgressSettings;
use trao::egress::Egress;

/// A client that reaches the tests' own servers.
fn egress() -> Egress {
    let settings = EgressSettings {
        allow_private: vec!["127.0.0.0/8".parse().unwrap()],
        connect_s: PATIENCE_S,
        answer_s: PATIENCE_S,
        crl_s: PATIENCE_S,
        ..EgressSettings::default()
    };
    Egress::open(&settings).unwrap()
}

/// What a loaded machine needs.
const PATIENCE_S: u64 = 60;
