//! What polls are and how they stand, kept for a moment, so that a thousand readers cost one look into the database.
//!
//! Whatever is done here is seen at once: whoever changes a poll has it forgotten. What another process did is seen within [`LASTS`].
//! Votes alone are seen later, while a poll is open: `release` says when. Where a poll stands follows from the clock at each reading,
//! and is never kept.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::DbErr;
use tokio::time::sleep;

use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::polls::model::counting;
use crate::polls::model::counting::count::{Count, Tally};
use crate::polls::model::poll::{ResultsRule, State};
use crate::polls::model::poll_id::is_id;
use crate::polls::store::cache_entry::Kept;
use crate::polls::store::polls::StoredPoll;
use crate::polls::store::release::{Releases, Rule, Shown, Step};
use crate::polls::store::{polls, votes};

/// How long what was read counts as read just now.
pub const LASTS: Duration = Duration::from_millis(500);
/// How long it takes at least until a poll is looked at once more, in milliseconds.
const SOON: u64 = 20;
/// A tally with more entries than this is counted beside the threads that answer.
const SMALL: usize = 2_000;

/// Polls and counts, kept for a moment. Clones share them.
#[derive(Clone, Debug)]
pub struct PollCache(Arc<Ground>);

#[derive(Debug)]
struct Ground {
    db: Db,
    clock: Clock,
    lasts: Duration,
    polls: Kept<Option<StoredPoll>>,
    counts: Kept<Shown>,
    releases: Releases,
    /// The polls whose next release is seen to.
    awaited: Mutex<HashSet<String>>,
}

impl PollCache {
    /// None yet, of this database; kept for so long. A clock set by hand is that of a test, which sees each vote at once.
    #[must_use]
    pub fn new(db: Db, clock: Clock, lasts: Duration) -> Self {
        let rule = if clock.is_set_by_hand() {
            Rule::AT_ONCE
        } else {
            Rule::PUBLIC
        };
        Self::releasing(db, clock, lasts, rule)
    }

    /// The same, where new votes are seen by this rule.
    #[must_use]
    pub fn releasing(db: Db, clock: Clock, lasts: Duration, rule: Rule) -> Self {
        let releases = Releases::new(&db, rule);
        Self(Arc::new(Ground {
            db,
            clock,
            lasts,
            polls: Kept::default(),
            counts: Kept::default(),
            releases,
            awaited: Mutex::default(),
        }))
    }

    /// The poll of this id, as it stands now.
    pub async fn poll(&self, id: &str) -> Result<Option<StoredPoll>, DbErr> {
        let here = &self.0;
        if !is_id(id) {
            return Ok(None);
        }
        let kept = here
            .polls
            .get(id, here.lasts, async |_| {
                polls::find(here.db.read(), id, here.clock.now()).await
            })
            .await?;
        Ok((*kept).clone().map(|stored| stored.at(here.clock.now())))
    }

    /// The count of a poll, as everybody may see it now: every vote once it has closed, and before that those that are released.
    pub async fn count(&self, stored: &StoredPoll) -> Result<Arc<Count>, DbErr> {
        self.shown(stored).await.map(|shown| shown.count)
    }

    /// The same, and when votes that are not in it will be.
    pub async fn shown(&self, stored: &StoredPoll) -> Result<Shown, DbErr> {
        let (here, id) = (&self.0, &stored.poll.id);
        let held =
            here.releases.rule != Rule::AT_ONCE && stored.poll.state == State::Open && !stored.shut;
        let mut shown = here
            .counts
            .get(id, here.lasts, async |last| {
                here.look(stored, held, last).await
            })
            .await?;
        if shown
            .due
            .is_some_and(|due| !held || due <= here.clock.millis())
        {
            // It was read a moment before its time.
            here.counts.forget(id);
            shown = here
                .counts
                .get(id, here.lasts, async |last| {
                    here.look(stored, held, last).await
                })
                .await?;
        }
        if shown.due.is_some() {
            self.see_to(id);
        }
        Ok(Shown::clone(&shown))
    }

    /// Notes that there were votes in a poll.
    pub fn voted(&self, id: &str) {
        self.0.counts.forget(id);
        if self.0.releases.rule != Rule::AT_ONCE {
            self.0.releases.voted(id);
            self.see_to(id);
        }
    }

    /// Looks at a poll until all its votes are released, though nobody else does: so they are, in time.
    fn see_to(&self, id: &str) {
        if !self.awaited().insert(id.to_owned()) {
            return;
        }
        let (here, id) = (self.clone(), id.to_owned());
        tokio::spawn(async move {
            while let Some(due) = here.next_release(&id).await {
                let wait = u64::try_from(due - here.0.clock.millis()).unwrap_or_default();
                sleep(Duration::from_millis(wait.max(SOON))).await;
            }
            here.awaited().remove(&id);
            // A vote that came meanwhile has found this task still there.
            here.next_release(&id).await;
        });
    }

    /// When votes of an open poll that are not shown yet will be. What nobody may see before the close is not counted before.
    async fn next_release(&self, id: &str) -> Option<i64> {
        let stored = self.poll(id).await.ok()??;
        if stored.poll.state != State::Open
            || !stored.public()
            || stored.poll.results == ResultsRule::AfterClose
        {
            self.0.releases.forget(id);
            return None;
        }
        self.shown(&stored).await.ok()?.due
    }

    fn awaited(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0
            .awaited
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Forgets the count of a poll.
    pub fn forget_count(&self, id: &str) {
        self.0.counts.forget(id);
    }

    /// Forgets what is known of a poll.
    pub fn forget(&self, id: &str) {
        self.0.polls.forget(id);
        self.0.counts.forget(id);
    }
}

impl Ground {
    /// Reads what is shown of a poll, which was `last`, and brings it up to date where that is allowed.
    async fn look(
        &self,
        stored: &StoredPoll,
        held: bool,
        last: Option<Arc<Shown>>,
    ) -> Result<Shown, DbErr> {
        let newest = votes::version(self.db.read(), stored.row).await?;
        let last = last
            .map(|last| Arc::clone(&last.count))
            .filter(|last| last.is_of(&stored.poll) && last.version == newest);
        if !held {
            return Ok(Shown {
                count: self.count_now(stored, last).await?,
                due: None,
            });
        }
        let nothing = Arc::new(counting::count(&stored.poll, &Tally::default()));
        // Another process may be quicker; then what it shows is shown.
        for _ in 0..3 {
            let before = self.releases.read(&stored.poll.id, &nothing).await?;
            let after = match self.releases.step(&before, newest, self.clock.millis()) {
                Step::Stay => return Ok(before.shown),
                Step::WaitUntil(due) => Shown {
                    due: Some(due),
                    count: Arc::clone(&before.shown.count),
                },
                Step::Release => Shown {
                    due: None,
                    count: self.count_now(stored, last.clone()).await?,
                },
            };
            if self
                .releases
                .replace(&stored.poll.id, before, &after)
                .await?
            {
                return Ok(after);
            }
        }
        Ok(self.releases.read(&stored.poll.id, &nothing).await?.shown)
    }

    /// Counts a poll as its ballots are now, unless that was done before.
    async fn count_now(
        &self,
        stored: &StoredPoll,
        last: Option<Arc<Count>>,
    ) -> Result<Arc<Count>, DbErr> {
        if let Some(last) = last {
            return Ok(last);
        }
        let (poll, tally) = (
            stored.poll.clone(),
            votes::tally(self.db.read(), stored.row).await?,
        );
        if tally.votes.len() <= SMALL {
            return Ok(Arc::new(counting::count(&poll, &tally)));
        }
        let counting = tokio::task::spawn_blocking(move || counting::count(&poll, &tally));
        counting
            .await
            .map(Arc::new)
            .map_err(|error| DbErr::Custom(error.to_string()))
    }
}

#[cfg(test)]
#[path = "cache_tests.rs"]
mod tests;
