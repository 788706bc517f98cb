//! What polls are and how they stand, kept for a moment, so that a thousand readers cost one look into the database.
//!
//! Whatever is posted here is seen at once: a vote forgets its poll's count, every other post forgets all. What another process did
//! is seen within [`LASTS`]. Where a poll stands follows from the clock at each reading, and is never kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use axum::extract::{Request, State};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use sea_orm::DbErr;
use tokio::sync::OnceCell;
use tokio::time::Instant;

use super::count::{self, Count};
use super::store::{self, Stored};
use crate::clock::Clock;
use crate::db::Db;
use crate::web::log;

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
                && last.version == store::version(db, stored.row).await?
            {
                return Ok(Count::clone(&last));
            }
            let (poll, tally) = (stored.poll.clone(), store::tally(db, stored.row).await?);
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

    /// Forgets everything.
    pub fn forget_all(&self) {
        self.0.polls.slots().clear();
        self.0.counts.slots().clear();
    }
}

/// After a post that was not a vote, everything is read anew: it may have changed any poll. Votes tell by themselves.
pub async fn forget_after_posts(State(snapshots): State<Snapshots>, request: Request, next: Next) -> Response {
    let reads = matches!(*request.method(), Method::GET | Method::HEAD);
    let vote = log::is_ballot(&request);
    let response = next.run(request).await;
    if !reads && !vote {
        snapshots.forget_all();
    }
    response
}

/// Values by the id of their poll.
#[derive(Debug)]
struct Kept<T>(Mutex<HashMap<String, Slot<T>>>);

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// One value, that many wait for together while it is read.
#[derive(Debug)]
struct Slot<T> {
    cell: Arc<OnceCell<Arc<T>>>,
    /// When its reading began; none when it is forgotten.
    since: Option<Instant>,
    /// What it was before.
    last: Option<Arc<T>>,
}

impl<T> Kept<T> {
    /// What is kept, or else read, at most once at a time; `read` is told what it was before. Whoever reads while it is forgotten
    /// keeps nothing for those who come after.
    async fn get(&self, id: &str, lasts: Duration, read: impl AsyncFnOnce(Option<Arc<T>>) -> Result<T, DbErr>) -> Result<Arc<T>, DbErr> {
        let (cell, last) = {
            let mut slots = self.slots();
            let slot = slots.get(id);
            if let Some(slot) = slot.filter(|slot| slot.since.is_some_and(|since| since.elapsed() < lasts)) {
                (Arc::clone(&slot.cell), slot.last.clone())
            } else {
                let last = slot.and_then(Slot::newest);
                if slots.len() >= KEPT {
                    slots.clear();
                }
                let cell = Arc::<OnceCell<_>>::default();
                slots.insert(id.to_owned(), Slot { cell: Arc::clone(&cell), since: Some(Instant::now()), last: last.clone() });
                (cell, last)
            }
        };
        cell.get_or_try_init(async || read(last).await.map(Arc::new)).await.cloned()
    }

    fn forget(&self, id: &str) {
        if let Some(slot) = self.slots().get_mut(id) {
            *slot = Slot { last: slot.newest(), cell: Arc::default(), since: None };
        }
    }

    fn slots(&self) -> MutexGuard<'_, HashMap<String, Slot<T>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Slot<T> {
    fn newest(&self) -> Option<Arc<T>> {
        self.cell.get().or(self.last.as_ref()).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicI32, Ordering};

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
