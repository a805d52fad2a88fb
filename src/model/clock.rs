//! The time, as a thing that is handed over.

use std::fmt;
use std::sync::Arc;

use time::{Duration, OffsetDateTime, UtcOffset};

/// Viet Nam's time: what is printed on papers and shown to people, without daylight saving since
/// 1975.
pub const VIETNAM: UtcOffset = match UtcOffset::from_hms(7, 0, 0) {
    Ok(offset) => offset,
    Err(_) => UtcOffset::UTC,
};

/// A moment as the clocks of Viet Nam show it; at the very end of all time, where they show none, as
/// it was said. Signatures may claim any time.
#[must_use]
pub fn in_viet_nam(at: OffsetDateTime) -> OffsetDateTime {
    at.checked_to_offset(VIETNAM).unwrap_or(at)
}

/// How far the machine's clock may run ahead of the time that has passed: corrections by NTP are
/// smaller.
const JUMP: Duration = Duration::minutes(5);

/// What tells the time to work that outlives the request it began with. The service hands over the
/// machine's clocks, a test its own.
#[derive(Clone)]
pub struct Clock {
    now: Arc<dyn Fn() -> OffsetDateTime + Send + Sync>,
    passed: Option<Passed>,
}

/// What tells the time that has passed, whatever the clock is set to.
type Passed = Arc<dyn Fn() -> OffsetDateTime + Send + Sync>;

impl Clock {
    /// A clock that is read by `now`, and that nobody sets.
    pub fn new(now: impl Fn() -> OffsetDateTime + Send + Sync + 'static) -> Self {
        Self {
            now: Arc::new(now),
            passed: None,
        }
    }

    /// The same where it may be set, beside one that cannot be: `elapsed` is what has passed by that
    /// one from now on, also while the machine slept. What is not covered is a clock that was ahead
    /// already: the time that it tells now is taken as it is, and gone on from.
    #[must_use]
    pub fn beside(
        mut self,
        elapsed: impl Fn() -> std::time::Duration + Send + Sync + 'static,
    ) -> Self {
        let began = self.now();
        self.passed = Some(Arc::new(move || {
            let elapsed = Duration::try_from(elapsed()).unwrap_or(Duration::MAX);
            began.saturating_add(elapsed)
        }));
        self
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> OffsetDateTime {
        (self.now)()
    }

    /// The time that the throttle goes by: `now`, unless the clock was set forward by more than
    /// five minutes since the start; then what has really passed, so that no bucket is full again
    /// before its time.
    #[must_use]
    pub fn steady(&self, now: OffsetDateTime) -> OffsetDateTime {
        let passed = self.passed.as_ref().map(|passed| passed());
        passed
            .filter(|passed| now > passed.saturating_add(JUMP))
            .unwrap_or(now)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Clock(..)")
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration as Elapsed;

    use time::Duration;
    use time::macros::datetime;

    use super::{Clock, JUMP};

    #[test]
    fn only_a_clock_that_was_set_far_forward_is_not_gone_by() {
        let began = datetime!(2026-11-23 08:00 +7);
        let clock = Clock::new(move || began).beside(|| Elapsed::from_mins(1));
        let passed = began + Duration::minutes(1);
        for now in [began - Duration::days(1), passed, passed + JUMP] {
            assert_eq!(clock.steady(now), now);
        }
        for ahead in [JUMP + Duration::SECOND, Duration::days(400)] {
            assert_eq!(clock.steady(passed + ahead), passed);
        }
    }
}
