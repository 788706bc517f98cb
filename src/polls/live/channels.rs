//! Watched polls, with a channel for each, and the grants of their subscribers.

use std::collections::HashMap;
use std::sync::atomic::AtomicUsize;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use sea_orm::DbErr;
use tokio::sync::{Notify, watch};

use crate::accounts::sessions::active_sessions::verified_number_macs;
use crate::platform::clock::Clock;
use crate::platform::db::Db;
use crate::polls::live::frame::Frame;
use crate::polls::live::grants::{SharedGrant, ViewGrant};
use crate::polls::live::pg_notify::PgNotifier;
use crate::polls::model::poll::Poll;
use crate::polls::store::cache::PollCache;
use crate::polls::store::release::Shown;
use crate::web::http::client_ip::ClientIp;

/// Minimum time between two renders of a poll.
pub(super) const BETWEEN: Duration = Duration::from_millis(500);

#[derive(Debug)]
pub(super) struct Hub {
    pub(super) db: Db,
    pub(super) clock: Clock,
    pub(super) cache: PollCache,
    pub(super) notifier: PgNotifier,
    pub(super) watched: Mutex<Watchers>,
}

#[derive(Debug, Default)]
pub(crate) struct Watchers {
    pub(super) polls: HashMap<String, Arc<Channel>>,
    pub(super) addresses: HashMap<ClientIp, usize>,
    pub(super) all: usize,
    pub(super) rights: HashMap<ViewGrant, SharedGrant>,
    pub(super) checking: bool,
}

/// The channel of a watched poll.
#[derive(Debug)]
pub(super) struct Channel {
    pub(super) poll: Arc<Poll>,
    pub(super) frames: watch::Sender<Option<Arc<Frame>>>,
    pub(super) again: Notify,
    /// Number of subscribers so far, including those that have left.
    pub(super) joined: AtomicUsize,
}

impl Channel {
    /// Whether this channel still matches the poll's choices, voting method and results rule.
    pub(super) fn shows(&self, poll: &Poll) -> bool {
        (self.poll.results, self.poll.kind, &self.poll.choices)
            == (poll.results, poll.kind, &poll.choices)
    }
}

impl Watchers {
    /// Removes a channel, unless another one has already replaced it.
    pub(super) fn remove_channel(&mut self, channel: &Arc<Channel>) {
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

impl Hub {
    pub(super) fn watched(&self) -> MutexGuard<'_, Watchers> {
        self.watched.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn wake(&self, id: &str) {
        if let Some(channel) = self.watched().polls.get(id) {
            channel.again.notify_one();
        }
    }

    pub(super) async fn recheck_grants(&self) -> Result<(), DbErr> {
        let rights: Vec<ViewGrant> = self.watched().rights.keys().cloned().collect();
        for some in rights.chunks(500) {
            let keys: Vec<&[u8]> = some.iter().map(|right| right.session.as_slice()).collect();
            let numbers = verified_number_macs(self.db.read(), &keys, self.clock.now()).await?;
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

    /// Returns what is shown of a poll, whether that is final, and when the poll closes; `None` if
    /// the poll is gone or no longer matches the channel.
    pub(super) async fn read_shown(
        &self,
        channel: &Channel,
    ) -> Result<Option<(Shown, bool, Option<i64>)>, DbErr> {
        let id = &channel.poll.id;
        let Some(stored) = self
            .cache
            .poll(id)
            .await?
            .filter(|stored| stored.public() && channel.shows(&stored.poll))
        else {
            return Ok(None);
        };
        if stored.shut {
            // A count read before the poll was known to be shut may lack the last votes.
            self.cache.forget_count(id);
        }
        Ok(Some((
            self.cache.shown(&stored).await?,
            stored.shut,
            stored.poll.closes_at,
        )))
    }
}
