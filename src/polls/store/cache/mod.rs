//! Cache of polls and counts, so that many readers cost one database query.
//!
//! Changes made by this process invalidate the cache immediately; those of other processes show
//! within [`LIFETIME`]. Votes in an open poll show later, as `release` decides. A poll's state is
//! computed from the clock on each read and never cached.

mod entry;
pub mod lists;
pub(super) mod voters;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::DbErr;
use tokio::time::sleep;

use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::polls::model::counting::count::{Count, Tally};
use crate::polls::model::counting::counted;
use crate::polls::model::poll::{ResultsRule, State};
use crate::polls::model::poll_id::is_id;
use crate::polls::model::turnout::ShownTurnout;
use crate::polls::store::cache::entry::EntryCache;
use crate::polls::store::cache::voters::Voters;
use crate::polls::store::polls::StoredPoll;
use crate::polls::store::release::{Releases, Rule, Shown, Step};
use crate::polls::store::search::Found;
use crate::polls::store::{counts, polls, turnout, votes};

/// How long an entry is fresh.
pub const LIFETIME: Duration = Duration::from_millis(500);
/// Minimum delay before the next check for a release, in milliseconds.
const MIN_DELAY: u64 = 20;

/// Cache of polls and counts. Clones share it.
#[derive(Clone, Debug)]
pub struct PollCache(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    db: Db,
    clock: Clock,
    lasts: Duration,
    polls: EntryCache<Option<StoredPoll>>,
    counts: EntryCache<Shown>,
    lists: EntryCache<Vec<Found>>,
    turnouts: EntryCache<ShownTurnout>,
    totals: EntryCache<i64>,
    releases: Releases,
    voters: Voters,
    /// Polls that have a task waiting for their next release.
    scheduled: Mutex<HashSet<String>>,
}

impl PollCache {
    /// Creates an empty cache whose entries are fresh for `lasts`. With a manual clock, as in
    /// tests, every vote is shown immediately.
    #[must_use]
    pub fn new(db: Db, clock: Clock, lasts: Duration) -> Self {
        let rule = if clock.is_manual() {
            Rule::AT_ONCE
        } else {
            Rule::PUBLIC
        };
        Self::releasing(db, clock, lasts, rule)
    }

    /// Like [`PollCache::new`], with an explicit release rule.
    #[must_use]
    pub fn releasing(db: Db, clock: Clock, lasts: Duration, rule: Rule) -> Self {
        let (releases, voters) = (Releases::new(&db, rule), Voters::new(lasts));
        Self(Arc::new(Shared {
            db,
            clock,
            lasts,
            polls: EntryCache::default(),
            counts: EntryCache::default(),
            lists: EntryCache::default(),
            turnouts: EntryCache::default(),
            totals: EntryCache::default(),
            releases,
            voters,
            scheduled: Mutex::default(),
        }))
    }

    /// Returns a poll in its current state.
    pub async fn poll(&self, id: &str) -> Result<Option<StoredPoll>, DbErr> {
        let here = &self.0;
        if !is_id(id) {
            return Ok(None);
        }
        let kept = here
            .polls
            .get(id, here.lasts, async |last| {
                let found = polls::find(here.db.read(), id, here.clock.now()).await?;
                if let Some(stored) = &found {
                    let version = votes::version(here.db.read(), stored.row).await?;
                    here.voters.poll_read(id, version, &stored.poll.countries);
                }
                let last = last.as_deref().and_then(Option::as_ref);
                Ok(found.map(|stored| stored.sharing_poll_of(last)))
            })
            .await?;
        Ok((*kept).clone().map(|stored| stored.at(here.clock.now())))
    }

    /// Returns the public count of a poll: all votes after the close, released votes before it.
    pub async fn count(&self, stored: &StoredPoll) -> Result<Arc<Count>, DbErr> {
        self.shown(stored).await.map(|shown| shown.count)
    }

    /// Like [`PollCache::count`], with the time of the next release, if votes are held back.
    pub async fn shown(&self, stored: &StoredPoll) -> Result<Shown, DbErr> {
        let (here, id) = (&self.0, &stored.poll.id);
        let held =
            here.releases.rule != Rule::AT_ONCE && stored.poll.state == State::Open && !stored.shut;
        let mut shown = here.kept_shown(stored, held).await?;
        let over = |due| !held || due <= here.clock.millis();
        if shown.due.is_some_and(over) || (stored.shut && shown.count.is_undrawn()) {
            // The cached count is out of date: its release is due, or the poll has closed.
            here.counts.forget(id);
            shown = here.kept_shown(stored, held).await?;
        }
        if shown.due.is_some() {
            self.schedule_release(id);
        }
        Ok(Shown::clone(&shown))
    }

    /// Returns how many have voted in an open poll, as shown while its results are hidden.
    pub async fn turnout(&self, stored: &StoredPoll) -> Result<Arc<ShownTurnout>, DbErr> {
        let (here, id) = (&self.0, &stored.poll.id);
        here.turnouts
            .get(id, here.lasts, async |_| {
                turnout::read(&here.db, stored, here.clock.millis()).await
            })
            .await
    }

    /// Records that a poll has new votes.
    pub fn voted(&self, id: &str) {
        self.0.counts.forget(id);
        self.0.voters.voted(id);
        if self.0.releases.rule != Rule::AT_ONCE {
            self.0.releases.voted(id);
            self.schedule_release(id);
        }
    }

    /// Starts a task that releases a poll's votes on time, even if no page asks for its count.
    fn schedule_release(&self, id: &str) {
        if !self.scheduled().insert(id.to_owned()) {
            return;
        }
        let (here, id) = (self.clone(), id.to_owned());
        tokio::spawn(async move {
            while let Some(due) = here.next_release(&id).await {
                let wait = u64::try_from(due - here.0.clock.millis()).unwrap_or_default();
                sleep(Duration::from_millis(wait.max(MIN_DELAY))).await;
            }
            here.scheduled().remove(&id);
            // A vote that arrived in the meantime found this task still registered, so check once
            // more.
            here.next_release(&id).await;
        });
    }

    /// Returns when an open poll's pending votes are released. Polls with results after the close
    /// only aren't counted before it.
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

    fn scheduled(&self) -> MutexGuard<'_, HashSet<String>> {
        self.0
            .scheduled
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Invalidates the count of a poll.
    pub fn forget_count(&self, id: &str) {
        self.0.counts.forget(id);
    }

    /// Invalidates a poll, its count and its voters.
    pub fn forget(&self, id: &str) {
        self.0.polls.forget(id);
        self.0.counts.forget(id);
        self.0.lists.forget_all();
        self.0.voters.forget(id);
    }

    /// Returns what is remembered of voters.
    pub(crate) fn voters(&self) -> &Voters {
        &self.0.voters
    }
}

impl Shared {
    async fn kept_shown(&self, stored: &StoredPoll, held: bool) -> Result<Arc<Shown>, DbErr> {
        self.counts
            .get(&stored.poll.id, self.lasts, async |last| {
                self.read_shown(stored, held, last).await
            })
            .await
    }

    /// Returns what is shown of a poll, releasing votes that are due. `last` is the previous cache
    /// value.
    async fn read_shown(
        &self,
        stored: &StoredPoll,
        held: bool,
        last: Option<Arc<Shown>>,
    ) -> Result<Shown, DbErr> {
        let newest = votes::version(self.db.read(), stored.row).await?;
        let last = last
            .map(|last| Arc::clone(&last.count))
            .filter(|last| last.is_of(&stored.poll) && last.version == newest)
            .filter(|last| !(stored.shut && last.is_undrawn()));
        if !held {
            return Ok(Shown {
                count: self.count_now(stored, last).await?,
                due: None,
            });
        }
        let nothing = Arc::new(counted::count(&stored.poll, &Tally::default(), None));
        // Another process may update it first; then retry with its state.
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

    /// Counts all ballots, unless `last` is that count already.
    async fn count_now(
        &self,
        stored: &StoredPoll,
        last: Option<Arc<Count>>,
    ) -> Result<Arc<Count>, DbErr> {
        match last {
            Some(last) => Ok(last),
            None => counts::count(self.db.read(), stored).await.map(Arc::new),
        }
    }
}

#[cfg(test)]
mod tests;
