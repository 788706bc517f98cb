//! The hub of live results. Each watched poll is counted and rendered once for all its subscribers,
//! at most twice a second. Only the newest frame is kept, so slow readers skip the ones in between.

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
use crate::polls::live::tasks::{ChannelTask, run_channel, run_grant_checks};
use crate::polls::model::poll::Poll;
use crate::polls::store::cache::PollCache;
use crate::web::http::client_ip::ClientIp;

/// Maximum number of streams per client IP. Everyone in a lecture hall may share one.
pub const MAX_STREAMS_PER_IP: usize = 500;
/// Maximum number of streams. The remaining connections are kept for voters.
pub const ALL: usize = 8_000;

/// The hub of live results. Clones share it.
#[derive(Clone, Debug)]
pub struct LiveHub(Arc<Hub>);

/// Why a stream was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Full {
    /// Too many streams from this client IP.
    ClientIp,
    /// Too many streams in total.
    All,
}

/// A subscription, which ends when it is dropped.
#[derive(Debug)]
pub struct Watcher {
    /// Receives the newest frame; closed when the poll is gone.
    pub frames: watch::Receiver<Option<Arc<Frame>>>,
    /// Cancelled when the grant has ended.
    pub ended: CancellationToken,
    hub: Arc<Hub>,
    address: ClientIp,
    right: Option<ViewGrant>,
}

impl LiveHub {
    /// Creates a hub without subscribers.
    #[must_use]
    pub fn new(db: Db, clock: Clock, cache: PollCache) -> Self {
        let notifier = PgNotifier::new(&db);
        Self(Arc::new(Hub {
            db,
            clock,
            cache,
            notifier,
            watched: Mutex::default(),
        }))
    }

    /// Announces committed votes in these polls.
    pub fn voted(&self, polls: &BTreeSet<&str>) {
        for id in polls {
            self.0.cache.voted(id);
            self.0.wake(id);
            self.0.notifier.notify(id);
        }
    }

    /// Subscribes to a poll.
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
        if *here >= MAX_STREAMS_PER_IP {
            return Err(Full::ClientIp);
        }
        *here += 1;
        watched.all += 1;
        let ended = right.as_ref().map(|right| {
            let shared = watched.rights.entry(right.clone()).or_default();
            shared.watchers += 1;
            shared.ended.clone()
        });
        if right.is_some() && !watched.checking {
            watched.checking = true;
            tokio::spawn(run_grant_checks(Arc::clone(hub)));
        }
        let existing = watched
            .polls
            .get(&poll.id)
            .filter(|channel| channel.shows(poll))
            .cloned();
        let channel = existing.unwrap_or_else(|| {
            let channel = Channel {
                poll: Arc::new(poll.clone()),
                frames: watch::Sender::default(),
                again: Notify::new(),
                joined: AtomicUsize::default(),
            };
            let channel = Arc::new(channel);
            watched.polls.insert(poll.id.clone(), Arc::clone(&channel));
            tokio::spawn(run_channel(ChannelTask {
                hub: Arc::clone(hub),
                channel: Arc::clone(&channel),
            }));
            channel
        });
        channel.joined.fetch_add(1, Ordering::Relaxed);
        let frames = channel.frames.subscribe();
        drop(watched);
        hub.notifier.listen({
            let hub = Arc::downgrade(hub);
            move |id| {
                if let Some(hub) = hub.upgrade() {
                    hub.cache.forget(id);
                    hub.wake(id);
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

    /// Rechecks all grants once, and ends the streams whose grant is no longer valid.
    pub async fn recheck_grants(&self) -> Result<(), DbErr> {
        self.0.recheck_grants().await
    }

    /// The number of open streams.
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
