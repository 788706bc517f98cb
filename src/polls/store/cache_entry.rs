//! A bounded cache whose entries are read once for all who wait.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::DbErr;
use tokio::time::Instant;

/// How many polls are kept at most; with one more, all are forgotten.
pub(crate) const KEPT: usize = 4_096;

/// Values by the id of their poll.
#[derive(Debug)]
pub(crate) struct Kept<T>(Mutex<HashMap<String, Arc<Slot<T>>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// One value.
#[derive(Debug)]
pub(crate) struct Slot<T> {
    /// Held by whoever reads, so that there is one reading at a time.
    newest: tokio::sync::Mutex<Option<Newest<T>>>,
    /// How often it was forgotten.
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

/// What was read last.
#[derive(Debug)]
pub(crate) struct Newest<T> {
    value: Arc<T>,
    /// When its reading began.
    since: Instant,
    /// How often the slot had been forgotten then.
    forgotten: u64,
}

impl<T> Kept<T> {
    /// What is kept, or else read; `read` is told what it was before. Whoever waits while another reads shares what is read from then
    /// on, so that nobody waits for more than two readings, however often it is forgotten meanwhile.
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
