//! What polls are and how they stand, kept for a moment, so that a thousand readers cost one look into the database.
//!
//! Whatever is done here is seen at once: a vote makes its poll's count be forgotten, and whoever changes a poll has it forgotten. What
//! another process did is seen within [`LASTS`]. Where a poll stands follows from the clock at each reading, and is never kept.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::DbErr;
use tokio::time::Instant;

use super::count::{self, Count};
use super::store::{self, Stored};
use super::votes;
use crate::clock::Clock;
use crate::db::Db;

/// How long what was read counts as read just now.
pub const LASTS: Duration = Duration::from_millis(500);
/// How many polls are kept at most; with one more, all are forgotten.
const KEPT: usize = 4_096;
/// A tally with more entries than this is counted beside the threads that answer.
const SMALL: usize = 2_000;

/// Polls and counts, kept for a moment. Clones share them.
#[derive(Clone, Debug)]
pub struct Snapshots(Arc<Ground>);

#[derive(Debug)]
struct Ground {
    db: Db,
    clock: Clock,
    lasts: Duration,
    polls: Kept<Option<Stored>>,
    counts: Kept<Count>,
}

impl Snapshots {
    /// None yet, of this database; kept for so long.
    #[must_use]
    pub fn new(db: Db, clock: Clock, lasts: Duration) -> Self {
        Self(Arc::new(Ground { db, clock, lasts, polls: Kept::default(), counts: Kept::default() }))
    }

    /// The poll of this id, as it stands now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn poll(&self, id: &str) -> Result<Option<Stored>, DbErr> {
        let here = &self.0;
        if !store::is_id(id) {
            return Ok(None);
        }
        let kept = here.polls.get(id, here.lasts, async |_| store::find(here.db.read(), id, here.clock.now()).await).await?;
        Ok((*kept).clone().map(|stored| stored.at(here.clock.now())))
    }

    /// The count of a poll. It is counted anew only when there were votes since.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn count(&self, stored: &Stored) -> Result<Arc<Count>, DbErr> {
        let here = &self.0;
        let read = async |last: Option<Arc<Count>>| {
            let db = here.db.read();
            if let Some(last) = last
                && last.is_of(&stored.poll)
                && last.version == votes::version(db, stored.row).await?
            {
                return Ok(Count::clone(&last));
            }
            let (poll, tally) = (stored.poll.clone(), votes::tally(db, stored.row).await?);
            if tally.votes.len() <= SMALL {
                return Ok(count::count(&poll, &tally));
            }
            tokio::task::spawn_blocking(move || count::count(&poll, &tally)).await.map_err(|error| DbErr::Custom(error.to_string()))
        };
        here.counts.get(&stored.poll.id, here.lasts, read).await
    }

    /// Forgets the count of a poll: there was a vote.
    pub fn forget_count(&self, id: &str) {
        self.0.counts.forget(id);
    }

    /// Forgets what is known of a poll.
    pub fn forget(&self, id: &str) {
        self.0.polls.forget(id);
        self.0.counts.forget(id);
    }
}

/// Values by the id of their poll.
#[derive(Debug)]
struct Kept<T>(Mutex<HashMap<String, Arc<Slot<T>>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// One value.
#[derive(Debug)]
struct Slot<T> {
    /// Held by whoever reads, so that there is one reading at a time.
    newest: tokio::sync::Mutex<Option<Newest<T>>>,
    /// How often it was forgotten.
    forgotten: AtomicU64,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { newest: tokio::sync::Mutex::default(), forgotten: AtomicU64::default() }
    }
}

/// What was read last.
#[derive(Debug)]
struct Newest<T> {
    value: Arc<T>,
    /// When its reading began.
    since: Instant,
    /// How often the slot had been forgotten then.
    forgotten: u64,
}

impl<T> Kept<T> {
    /// What is kept, or else read; `read` is told what it was before. Whoever waits while another reads shares what is read from then
    /// on, so that nobody waits for more than two readings, however often it is forgotten meanwhile.
    async fn get(&self, id: &str, lasts: Duration, read: impl AsyncFnOnce(Option<Arc<T>>) -> Result<T, DbErr>) -> Result<Arc<T>, DbErr> {
        let (slot, came) = (self.slot(id), Instant::now());
        let mut newest = slot.newest.lock().await;
        let forgotten = slot.forgotten.load(Ordering::SeqCst);
        let fresh = |newest: &&Newest<T>| newest.since > came || (newest.forgotten == forgotten && newest.since.elapsed() < lasts);
        if let Some(newest) = newest.as_ref().filter(fresh) {
            return Ok(Arc::clone(&newest.value));
        }
        let since = Instant::now();
        let last = newest.as_ref().map(|newest| Arc::clone(&newest.value));
        let value = Arc::new(read(last).await?);
        *newest = Some(Newest { value: Arc::clone(&value), since, forgotten });
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

    fn forget(&self, id: &str) {
        if let Some(slot) = self.slots().get(id) {
            slot.forgotten.fetch_add(1, Ordering::SeqCst);
        }
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<String, Arc<Slot<T>>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicI32;

    const LONG: Duration = Duration::from_hours(1);

    #[tokio::test]
    async fn many_readers_make_one_reading_until_it_is_forgotten() {
        let (kept, readings) = (Kept::<i32>::default(), AtomicI32::new(0));
        let read = async |_| {
            let number = readings.fetch_add(1, Ordering::SeqCst);
            tokio::task::yield_now().await;
            Ok(number)
        };
        let all = futures::future::join_all((0..10).map(|_| kept.get("a", LONG, read))).await;
        assert!(all.into_iter().all(|value| *value.unwrap() == 0));
        kept.forget("a");
        assert_eq!(*kept.get("a", LONG, read).await.unwrap(), 1);
        assert_eq!(*kept.get("b", LONG, read).await.unwrap(), 2);
        assert_eq!(*kept.get("a", Duration::ZERO, read).await.unwrap(), 3);
    }

    #[tokio::test]
    async fn there_is_one_reading_at_a_time_and_all_who_wait_share_the_next() {
        let (kept, readings, under_way) = (Kept::<i32>::default(), AtomicI32::new(0), AtomicI32::new(0));
        let read = async |_| {
            assert_eq!(under_way.fetch_add(1, Ordering::SeqCst), 0);
            // It takes for ever, and there are votes all the while.
            for _ in 0..50 {
                kept.forget("a");
                tokio::task::yield_now().await;
            }
            under_way.fetch_sub(1, Ordering::SeqCst);
            Ok(readings.fetch_add(1, Ordering::SeqCst))
        };
        let all = futures::future::join_all((0..10).map(|_| kept.get("a", LONG, read))).await;
        let values: Vec<i32> = all.into_iter().map(|value| *value.unwrap()).collect();
        // The reading under way is not enough for those who came later: the first one alone has it.
        assert_eq!(values, [0, 1, 1, 1, 1, 1, 1, 1, 1, 1]);
    }

    #[tokio::test]
    async fn what_was_read_before_it_was_forgotten_is_kept_for_nobody() {
        let kept = Kept::<i32>::default();
        let slow = kept.get("a", LONG, async |_| {
            kept.forget("a");
            Ok(1)
        });
        assert_eq!(*slow.await.unwrap(), 1);
        assert_eq!(*kept.get("a", LONG, async |_| Ok(2)).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_reading_is_told_what_was_before_and_one_that_fails_is_not_kept() {
        let kept = Kept::<i32>::default();
        assert!(kept.get("a", LONG, async |_| Err(DbErr::Custom(String::new()))).await.is_err());
        assert_eq!(*kept.get("a", LONG, async |_| Ok(1)).await.unwrap(), 1);
        kept.forget("a");
        kept.forget("a");
        assert_eq!(*kept.get("a", LONG, async |last| Ok(*last.unwrap() + 10)).await.unwrap(), 11);
    }
}
