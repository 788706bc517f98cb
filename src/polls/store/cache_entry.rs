//! A bounded cache in which concurrent readers of an entry share one database read.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::DbErr;
use tokio::time::Instant;

/// Maximum number of entries; the cache is cleared when it is full.
pub(crate) const KEPT: usize = 4_096;

/// Cache entries by poll id.
#[derive(Debug)]
pub(crate) struct Kept<T>(Mutex<HashMap<String, Arc<Slot<T>>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// A cache entry.
#[derive(Debug)]
pub(crate) struct Slot<T> {
    /// Locked while reading, so that only one read is in progress.
    newest: tokio::sync::Mutex<Option<Newest<T>>>,
    /// Number of times the entry was invalidated.
    forgotten: AtomicU64,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self {
            newest: tokio::sync::Mutex::default(),
            forgotten: AtomicU64::default(),
        }
    }
}

/// The last value read.
#[derive(Debug)]
pub(crate) struct Newest<T> {
    value: Arc<T>,
    /// When the read began.
    since: Instant,
    /// The entry's invalidation count when the read began.
    forgotten: u64,
}

impl<T> Kept<T> {
    /// Returns the cached value if it is fresh; otherwise calls `read` with the previous value. A
    /// caller that waits for another's read accepts a value whose read began after the call, so no
    /// caller waits for more than two reads, however often the entry is invalidated in the
    /// meantime.
    pub(super) async fn get(
        &self,
        id: &str,
        lasts: Duration,
        read: impl AsyncFnOnce(Option<Arc<T>>) -> Result<T, DbErr>,
    ) -> Result<Arc<T>, DbErr> {
        let (slot, came) = (self.slot(id), Instant::now());
        let mut newest = slot.newest.lock().await;
        let forgotten = slot.forgotten.load(Ordering::SeqCst);
        let fresh = |newest: &&Newest<T>| {
            newest.since > came || (newest.forgotten == forgotten && newest.since.elapsed() < lasts)
        };
        if let Some(newest) = newest.as_ref().filter(fresh) {
            return Ok(Arc::clone(&newest.value));
        }
        let since = Instant::now();
        let last = newest.as_ref().map(|newest| Arc::clone(&newest.value));
        let value = Arc::new(read(last).await?);
        *newest = Some(Newest {
            value: Arc::clone(&value),
            since,
            forgotten,
        });
        Ok(value)
    }

    fn slot(&self, id: &str) -> Arc<Slot<T>> {
        let mut slots = self.slots();
        if let Some(slot) = slots.get(id) {
            return Arc::clone(slot);
        }
        if slots.len() >= KEPT {
            slots.clear();
        }
        Arc::clone(slots.entry(id.to_owned()).or_default())
    }

    pub(super) fn forget(&self, id: &str) {
        if let Some(slot) = self.slots().get(id) {
            slot.forgotten.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<String, Arc<Slot<T>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
