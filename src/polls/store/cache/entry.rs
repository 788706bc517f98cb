//! A bounded cache in which concurrent readers of an entry share one database read.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::DbErr;
use tokio::time::Instant;

/// Maximum number of entries; the cache is cleared when it is full.
pub(crate) const MAX_ENTRIES: usize = 4_096;

/// Cache entries by poll id.
#[derive(Debug)]
pub(crate) struct EntryCache<T>(Mutex<HashMap<String, Arc<Entry<T>>>>);

impl<T> Default for EntryCache<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// A cache entry.
#[derive(Debug)]
pub(crate) struct Entry<T> {
    /// Locked while reading, so that only one read is in progress.
    newest: tokio::sync::Mutex<Option<CachedValue<T>>>,
    /// Number of times the entry was invalidated.
    invalidations: AtomicU64,
}

impl<T> Default for Entry<T> {
    fn default() -> Self {
        Self {
            newest: tokio::sync::Mutex::default(),
            invalidations: AtomicU64::default(),
        }
    }
}

/// The last value read.
#[derive(Debug)]
pub(crate) struct CachedValue<T> {
    value: Arc<T>,
    /// When the read began.
    read_at: Instant,
    /// The entry's invalidation count when the read began.
    invalidations: u64,
}

impl<T> EntryCache<T> {
    /// Returns the cached value if it is fresh; otherwise calls `read` with the previous value. A
    /// caller that waits for another's read accepts a value whose read began after the call, so no
    /// caller waits for more than two reads, however often the entry is invalidated in the
    /// meantime.
    pub(super) async fn get(
        &self,
        id: &str,
        ttl: Duration,
        read: impl AsyncFnOnce(Option<Arc<T>>) -> Result<T, DbErr>,
    ) -> Result<Arc<T>, DbErr> {
        let (entry, called_at) = (self.entry(id), Instant::now());
        let mut newest = entry.newest.lock().await;
        let invalidations = entry.invalidations.load(Ordering::SeqCst);
        let fresh = |newest: &&CachedValue<T>| {
            newest.read_at > called_at
                || (newest.invalidations == invalidations && newest.read_at.elapsed() < ttl)
        };
        if let Some(newest) = newest.as_ref().filter(fresh) {
            return Ok(Arc::clone(&newest.value));
        }
        let read_at = Instant::now();
        let last = newest.as_ref().map(|newest| Arc::clone(&newest.value));
        let value = Arc::new(read(last).await?);
        *newest = Some(CachedValue {
            value: Arc::clone(&value),
            read_at,
            invalidations,
        });
        Ok(value)
    }

    fn entry(&self, id: &str) -> Arc<Entry<T>> {
        let mut entries = self.entries();
        if let Some(entry) = entries.get(id) {
            return Arc::clone(entry);
        }
        if entries.len() >= MAX_ENTRIES {
            entries.clear();
        }
        Arc::clone(entries.entry(id.to_owned()).or_default())
    }

    pub(super) fn forget(&self, id: &str) {
        if let Some(entry) = self.entries().get(id) {
            entry.invalidations.fetch_add(1, Ordering::SeqCst);
        }
    }

    pub(super) fn forget_all(&self) {
        for entry in self.entries().values() {
            entry.invalidations.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn entries(&self) -> MutexGuard<'_, HashMap<String, Arc<Entry<T>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
