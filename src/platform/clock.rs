//! The time, in one place.
//!
//! Everything that asks what time it is gets a [`Clock`] handed in, so that an expiry can be tested in a millisecond. This file
//! is the only reader of the system's clock.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Seconds since 1970-01-01T00:00:00Z, the form in which times are stored and compared.
pub type Seconds = i64;

/// Tells the time: the system's, or one that a test moves by hand.
#[derive(Clone, Debug, Default)]
pub struct Clock {
    by_hand: Option<Arc<AtomicI64>>,
}

impl Clock {
    /// The clock of the machine.
    #[must_use]
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still at `start` until [`Clock::advance`] moves it. Clones share the time.
    #[must_use]
    pub fn by_hand(start: Seconds) -> Self {
        Self {
            by_hand: Some(Arc::new(AtomicI64::new(start))),
        }
    }

    /// The time now.
    #[must_use]
    pub fn now(&self) -> Seconds {
        match &self.by_hand {
            Some(time) => time.load(Ordering::SeqCst),
            None => i64::try_from(since_1970().as_secs()).unwrap_or(i64::MAX),
        }
    }

    /// The time now, to the millisecond, for what is over in a few seconds.
    #[must_use]
    pub fn millis(&self) -> i64 {
        match &self.by_hand {
            Some(time) => time.load(Ordering::SeqCst) * 1_000,
            None => i64::try_from(since_1970().as_millis()).unwrap_or(i64::MAX),
        }
    }

    /// Whether it is moved by hand.
    #[must_use]
    pub fn is_set_by_hand(&self) -> bool {
        self.by_hand.is_some()
    }

    /// Moves a clock that is set by hand; the machine's clock is left alone.
    pub fn advance(&self, seconds: Seconds) {
        if let Some(time) = &self.by_hand {
            time.fetch_add(seconds, Ordering::SeqCst);
        }
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the one reader of the machine's clock"
)]
fn since_1970() -> Duration {
    // A machine whose clock stands before 1970 reads as 1970; nothing sensible could be done with less.
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
