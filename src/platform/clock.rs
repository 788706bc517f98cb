//! The clock. Everything that needs the time gets a [`Clock`], so tests can move it. This file is
//! the only reader of the system clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustix::time::{ClockId, clock_gettime};

/// Unix time in seconds.
pub type Seconds = i64;

/// The system clock, or one that a test moves by hand.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    manual: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// Returns the system clock.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// Returns a clock that stays at `start` until [`Clock::advance`] moves it. Clones share the
    /// time.
    #[must_use]
    pub fn manual(start: Seconds) -> Self {
        Self {
            manual: Some(Arc::new(AtomicI64::new(start))),
        }
    }

    /// Returns the current time.
    #[must_use]
    pub fn now(&self) -> Seconds {
        match &self.manual {
            Some(time) => time.load(Ordering::SeqCst),
            None => i64::try_from(since_1970().as_secs()).unwrap_or(i64::MAX),
        }
    }

    /// Returns the current time in milliseconds.
    #[must_use]
    pub fn millis(&self) -> i64 {
        match &self.manual {
            Some(time) => time.load(Ordering::SeqCst) * 1_000,
            None => i64::try_from(since_1970().as_millis()).unwrap_or(i64::MAX),
        }
    }

    /// Returns whether this is a test's clock.
    #[must_use]
    pub fn is_manual(&self) -> bool {
        self.manual.is_some()
    }

    /// Moves a test's clock; does nothing to the system clock.
    pub fn advance(&self, seconds: Seconds) {
        if let Some(time) = &self.manual {
            time.fetch_add(seconds, Ordering::SeqCst);
        }
    }
}

/// Returns the time since the machine was started, including the time it was suspended.
#[must_use]
pub fn since_boot() -> Duration {
    #[cfg(target_os = "linux")]
    const CLOCK: ClockId = ClockId::Boottime;
    #[cfg(not(target_os = "linux"))]
    const CLOCK: ClockId = ClockId::Monotonic;
    clock_gettime(CLOCK).try_into().unwrap_or_default()
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one reader of the machine's clock"
)]
fn since_1970() -> Duration {
    // A system clock before 1970 reads as 1970.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
