//! Who watches which poll. Each poll that is watched is counted and rendered once for all of them, at most twice a second, and only
//! the newest is kept: whoever reads slowly skips what came between.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use sea_orm::DbErr;
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::polls::live::channels::{Channel, Hub};
use crate::polls::live::frame::Frame;
use crate::polls::live::grants::ViewGrant;
use crate::polls::live::pg_notify::PgNotifier;
use crate::polls::live::tasks::{Kept, keep_asking, keep_up};
use crate::polls::model::poll::Poll;
use crate::polls::store::cache::PollCache;
use crate::web::http::client_ip::ClientIp;

/// How many may watch at once from one address. A hall shares one.
pub const FROM_ONE_ADDRESS: usize = 500;
/// How many may watch at once. The rest of the connections is for those who vote.
pub const ALL: usize = 8_000;

/// Who watches which poll. Clones share it.
#[derive(Clone, Debug)]
pub struct LiveHub(Arc<Hub>);

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

#[cfg(test)]
#[path = "hub_tests.rs"]
mod tests;
