//! Who watches which poll. Each poll that is watched is counted and rendered once for all of them, at most twice a second, and only
//! the newest is kept: whoever reads slowly skips what came between.

use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::DbErr;
use tokio::sync::{Notify, watch};
use tokio::time::{Instant, sleep, sleep_until};
use tokio_util::sync::CancellationToken;

use crate::accounts::sessions::active_sessions::numbers_of_verified;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::polls::live::frame::{Frame, event};
use crate::polls::live::grants::{SharedGrant, ViewGrant};
use crate::polls::live::pg_notify::PgNotifier;
use crate::polls::model::poll::Poll;
use crate::polls::store::cache::PollCache;
use crate::polls::store::release::Shown;
use crate::web::http::client_ip::ClientIp;

/// How many may watch at once from one address. A hall shares one.
pub const FROM_ONE_ADDRESS: usize = 500;
/// How many may watch at once. The rest of the connections is for those who vote.
pub const ALL: usize = 8_000;
/// The least time from one render of a poll to the next.
const BETWEEN: Duration = Duration::from_millis(500);
/// How often a poll is looked at when nothing is heard of it: votes of other processes may go unheard.
const AGAIN: Duration = Duration::from_secs(3);
/// How often, once it has closed and its ballot box is not shut yet, in seconds.
const SOON: u64 = 1;
/// How often it is asked whether those who watch still may.
const ASKING: Duration = Duration::from_secs(2);

/// Who watches which poll. Clones share it.
#[derive(Clone, Debug)]
pub struct LiveHub(Arc<Hub>);

#[derive(Debug)]
struct Hub {
    db: Db,
    clock: Clock,
    snapshots: PollCache,
    across: PgNotifier,
    watched: Mutex<Watchers>,
}

#[derive(Debug, Default)]
struct Watchers {
    polls: HashMap<String, Arc<Channel>>,
    addresses: HashMap<ClientIp, usize>,
    all: usize,
    rights: HashMap<ViewGrant, SharedGrant>,
    asking: bool,
}

/// What everybody who watches a poll gets.
#[derive(Debug)]
struct Channel {
    poll: Poll,
    frames: watch::Sender<Option<Arc<Frame>>>,
    again: Notify,
    /// How many have ever joined.
    joined: AtomicUsize,
}

impl Channel {
    /// Whether this is the poll that is watched: what it asks, and who may see the results.
    fn shows(&self, poll: &Poll) -> bool {
        (self.poll.results, self.poll.kind, &self.poll.choices)
            == (poll.results, poll.kind, &poll.choices)
    }
}

impl Watchers {
    /// Lets nobody else join a channel. Another one may have taken its place already, and stays.
    fn part_with(&mut self, channel: &Arc<Channel>) {
        let id = &channel.poll.id;
        if self
            .polls
            .get(id)
            .is_some_and(|there| Arc::ptr_eq(there, channel))
        {
            self.polls.remove(id);
        }
    }
}

/// Why there is no place to watch from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// Too many watch from this address.
    ClientIp,
    /// Too many watch.
    All,
}

/// A place to watch from. It is free again when this is dropped.
#[derive(Debug)]
pub struct Watcher {
    /// What is to be seen, the newest alone; closed when the poll is gone.
    pub frames: watch::Receiver<Option<Arc<Frame>>>,
    /// Cancelled when the right to see has ended.
    pub ended: CancellationToken,
    hub: Arc<Hub>,
    address: ClientIp,
    right: Option<ViewGrant>,
}

impl LiveHub {
    /// Nobody watches yet.
    #[must_use]
    pub fn new(db: Db, clock: Clock, snapshots: PollCache) -> Self {
        let across = PgNotifier::new(&db);
        Self(Arc::new(Hub {
            db,
            clock,
            snapshots,
            across,
            watched: Mutex::default(),
        }))
    }

    /// There were votes in these polls, and they are committed.
    pub fn voted(&self, polls: &BTreeSet<&str>) {
        for id in polls {
            self.0.snapshots.voted(id);
            self.0.look_again(id);
            self.0.across.tell(id);
        }
    }

    /// A place to watch a poll from.
    ///
    /// # Errors
    /// When there is none.
    pub fn watch(
        &self,
        poll: &Poll,
        address: ClientIp,
        right: Option<ViewGrant>,
    ) -> Result<Watcher, Full> {
        let hub = &self.0;
        let mut watched = hub.watched();
        if watched.all >= ALL {
            return Err(Full::All);
        }
        let here = watched.addresses.entry(address.clone()).or_default();
        if *here >= FROM_ONE_ADDRESS {
            return Err(Full::ClientIp);
        }
        *here += 1;
        watched.all += 1;
        let ended = right.as_ref().map(|right| {
            let shared = watched.rights.entry(right.clone()).or_default();
            shared.watchers += 1;
            shared.ended.clone()
        });
        if right.is_some() && !watched.asking {
            watched.asking = true;
            tokio::spawn(keep_asking(Arc::clone(hub)));
        }
        let there = watched
            .polls
            .get(&poll.id)
            .filter(|channel| channel.shows(poll))
            .cloned();
        let channel = there.unwrap_or_else(|| {
            let channel = Channel {
                poll: poll.clone(),
                frames: watch::Sender::default(),
                again: Notify::new(),
                joined: AtomicUsize::default(),
            };
            let channel = Arc::new(channel);
            watched.polls.insert(poll.id.clone(), Arc::clone(&channel));
            tokio::spawn(keep_up(Kept {
                hub: Arc::clone(hub),
                channel: Arc::clone(&channel),
            }));
            channel
        });
        channel.joined.fetch_add(1, Ordering::Relaxed);
        let frames = channel.frames.subscribe();
        drop(watched);
        hub.across.listen({
            let hub = Arc::downgrade(hub);
            move |id| {
                if let Some(hub) = hub.upgrade() {
                    hub.snapshots.forget(id);
                    hub.look_again(id);
                }
            }
        });
        Ok(Watcher {
            frames,
            ended: ended.unwrap_or_default(),
            hub: Arc::clone(hub),
            address,
            right,
        })
    }

    /// Asks once whether those who watch still may, and ends the streams of those who may not.
    ///
    /// # Errors
    /// When the database fails; nobody learns anything new from it then.
    pub async fn ask_rights(&self) -> Result<(), DbErr> {
        self.0.ask_rights().await
    }

    /// How many watch.
    #[must_use]
    pub fn watchers(&self) -> usize {
        self.0.watched().all
    }
}

impl Hub {
    fn watched(&self) -> MutexGuard<'_, Watchers> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn look_again(&self, id: &str) {
        if let Some(channel) = self.watched().polls.get(id) {
            channel.again.notify_one();
        }
    }

    async fn ask_rights(&self) -> Result<(), DbErr> {
        let rights: Vec<ViewGrant> = self.watched().rights.keys().cloned().collect();
        for some in rights.chunks(500) {
            let keys: Vec<&[u8]> = some.iter().map(|right| right.session.as_slice()).collect();
            let numbers = numbers_of_verified(self.db.read(), &keys, self.clock.now()).await?;
            let watched = self.watched();
            for right in some
                .iter()
                .filter(|right| numbers.get(&right.session) != Some(&right.number))
            {
                if let Some(shared) = watched.rights.get(right) {
                    shared.ended.cancel();
                }
            }
        }
        Ok(())
    }

    /// What a poll looks like now: what is shown of it, whether that is the last, and when the poll closes. None when it is gone, or is
    /// not what was being watched any more.
    async fn look(&self, channel: &Channel) -> Result<Option<(Shown, bool, Option<i64>)>, DbErr> {
        let id = &channel.poll.id;
        let Some(stored) = self
            .snapshots
            .poll(id)
            .await?
            .filter(|stored| stored.public() && channel.shows(&stored.poll))
        else {
            return Ok(None);
        };
        if stored.shut {
            // What was counted before this was known may lack the last votes.
            self.snapshots.forget_count(id);
        }
        Ok(Some((
            self.snapshots.shown(&stored).await?,
            stored.shut,
            stored.poll.closes_at,
        )))
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let mut watched = self.hub.watched();
        watched.all -= 1;
        if let Some(here) = watched.addresses.get_mut(&self.address) {
            *here -= 1;
            if *here == 0 {
                watched.addresses.remove(&self.address);
            }
        }
        if let Some(right) = &self.right
            && let Some(shared) = watched.rights.get_mut(right)
        {
            shared.watchers -= 1;
            if shared.watchers == 0 {
                watched.rights.remove(right);
            }
        }
    }
}

/// A channel that is kept up to date. However that ends, nobody joins it afterwards.
struct Kept {
    hub: Arc<Hub>,
    channel: Arc<Channel>,
}

impl Drop for Kept {
    fn drop(&mut self) {
        self.hub.watched().part_with(&self.channel);
    }
}

/// Renders a poll for those who watch it, until nobody does. With the channel its last sender goes, which ends the streams.
async fn keep_up(kept: Kept) {
    let Kept { hub, channel } = &kept;
    loop {
        let begun = Instant::now();
        let mut again = AGAIN;
        let joined = channel.joined.load(Ordering::Relaxed);
        match hub.look(channel).await {
            Ok(Some((Shown { count, due }, last, closes_at))) => {
                let place = (count.version, last);
                if channel
                    .frames
                    .borrow()
                    .as_ref()
                    .is_none_or(|frame| frame.place < place)
                {
                    channel.frames.send_replace(Some(Arc::new(Frame {
                        place,
                        bytes: event(&count, last),
                    })));
                }
                let left = closes_at.map(|at| {
                    u64::try_from(at - hub.clock.now())
                        .unwrap_or_default()
                        .max(SOON)
                });
                again = left.map_or(AGAIN, |left| AGAIN.min(Duration::from_secs(left)));
                let held = due.map(|due| {
                    Duration::from_millis(
                        u64::try_from(due - hub.clock.millis()).unwrap_or_default(),
                    )
                });
                again = held.map_or(again, |held| again.min(held));
            }
            Ok(None) => {
                let mut watched = hub.watched();
                // Whoever came meanwhile has seen the poll later than this, and is looked for once more.
                if channel.joined.load(Ordering::Relaxed) == joined {
                    return watched.part_with(channel);
                }
                again = Duration::ZERO;
            }
            Err(error) => tracing::warn!(%error, "a poll that is watched could not be read"),
        }
        tokio::select! {
            () = channel.again.notified() => {}
            () = sleep(again) => {}
            () = channel.frames.closed() => {
                let mut watched = hub.watched();
                if channel.frames.receiver_count() == 0 {
                    return watched.part_with(channel);
                }
            }
        }
        // A poll that takes long to count is counted less often.
        sleep_until(begun + BETWEEN.max(begun.elapsed().min(AGAIN))).await;
    }
}

/// Asks every few seconds whether those who watch still may, until nobody watches by a right.
async fn keep_asking(hub: Arc<Hub>) {
    loop {
        sleep(ASKING).await;
        if let Err(error) = hub.ask_rights().await {
            tracing::warn!(%error, "rights to watch could not be asked for");
        }
        let mut watched = hub.watched();
        if watched.rights.is_empty() {
            watched.asking = false;
            return;
        }
    }
}

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
