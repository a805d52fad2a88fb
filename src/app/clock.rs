//! The clocks, read here alone.

use std::time::Duration;

use rustix::time::{ClockId, clock_gettime};
use time::OffsetDateTime;

use crate::model::{Clock, VIETNAM};

/// The time now, in Viet Nam's offset.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the one place that reads the clock"
)]
pub fn now() -> OffsetDateTime {
    OffsetDateTime::now_utc().to_offset(VIETNAM)
}

/// The machine's clocks: the one that tells the time, and one that nobody sets.
#[must_use]
pub fn clock() -> Clock {
    let began = since_boot();
    Clock::new(now).beside(move || since_boot().saturating_sub(began))
}

/// How long the machine has been up, its sleep included: [`std::time::Instant`] stands still in it,
/// and what had filled up meanwhile would stay empty until a restart.
fn since_boot() -> Duration {
    let at = clock_gettime(ClockId::Boottime);
    // It begins at zero and does not go back.
    Duration::try_from(at).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use rustix::time::{ClockId, clock_gettime};

    use super::since_boot;

    /// The kernel's clock that counts it; `/proc/uptime` may be a container's own.
    fn with_sleep() -> Duration {
        Duration::try_from(clock_gettime(ClockId::Boottime)).unwrap()
    }

    #[test]
    fn the_steady_clock_counts_the_machines_sleep() {
        let before = with_sleep();
        let read = since_boot();
        assert!(before <= read && read <= with_sleep());
    }
}
