//! The time during which a cache may be trusted.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::Notify;

use crate::platform::clock::since_boot;

/// How long other processes' changes may stay unseen.
pub(super) const DURATION: Duration = Duration::from_millis(250);
/// How long the lease is renewed after its last use.
const IN_USE_FOR: Duration = Duration::from_secs(1);

/// Holds while all changes that were committed up to 250 ms ago have been reported. It is reckoned
/// on a clock that goes on while the machine or the process is suspended.
#[derive(Debug, Default)]
pub struct Lease {
    /// When it ends, in nanoseconds since the machine was started.
    until: AtomicU64,
    /// When it was last asked for.
    used: AtomicU64,
    wanted: Notify,
}

impl Lease {
    /// Returns whether the lease holds, and asks for its renewal.
    pub fn holds(&self) -> bool {
        let now = nanos(since_boot());
        let used = self.used.swap(now, Ordering::Relaxed);
        if now.saturating_sub(used) > nanos(IN_USE_FOR) {
            self.wanted.notify_one();
        }
        now < self.until.load(Ordering::Acquire)
    }

    /// Waits until the lease is in use.
    pub(crate) async fn used(&self) {
        let unused = || {
            let used = self.used.load(Ordering::Relaxed);
            used == 0 || nanos(since_boot()).saturating_sub(used) > nanos(IN_USE_FOR)
        };
        while unused() {
            self.wanted.notified().await;
        }
    }

    /// Renews the lease: at `asked`, since boot, all changes had been reported.
    pub(crate) fn renew(&self, asked: Duration) {
        self.until
            .fetch_max(nanos(asked + DURATION), Ordering::AcqRel);
    }

    /// Ends the lease.
    pub(crate) fn end(&self) {
        self.until.store(0, Ordering::Release);
    }
}

fn nanos(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lease_runs_from_the_asking_and_ends() {
        let lease = Lease::default();
        assert!(!lease.holds());
        let now = since_boot();
        lease.renew(now.saturating_sub(DURATION));
        assert!(!lease.holds(), "it was asked for too long ago");
        lease.renew(now + DURATION);
        assert!(lease.holds());
        lease.renew(now);
        assert!(lease.holds(), "an older answer does not shorten it");
        lease.end();
        assert!(!lease.holds());
    }

    #[tokio::test]
    async fn a_lease_that_is_asked_for_is_in_use() {
        let lease = Lease::default();
        let waits = tokio::time::timeout(Duration::from_millis(20), lease.used());
        assert!(waits.await.is_err());
        lease.holds();
        lease.used().await;
    }
}
