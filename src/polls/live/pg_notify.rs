//! Notifies other instances of votes through PostgreSQL. Notifications are batched and sent outside
//! the votes' transactions. They may be lost; instances also check for changes every few seconds.

use std::collections::BTreeSet;
use std::sync::Once;
use std::time::Duration;

use data_encoding::HEXLOWER;
use sea_orm::DbBackend;
use tokio::sync::mpsc;
use tokio::time::sleep;

use crate::platform::crypto::random;
use crate::platform::db::{Db, execute};

/// The notification channel.
const CHANNEL: &str = "pollstr_votes";
/// Time between two batches of notifications.
const BATCH_INTERVAL: Duration = Duration::from_millis(200);
/// Maximum number of queued notifications. Others are dropped.
const WAITING: usize = 1_024;
/// Delay before a failed listener reconnects.
const RETRY_DELAY: Duration = Duration::from_secs(3);

/// Sends and receives notifications; does nothing on SQLite.
#[derive(Debug)]
pub struct PgNotifier {
    channel: Option<Channel>,
    listening: Once,
}

#[derive(Debug)]
struct Channel {
    db: Db,
    instance: String,
    queue: mpsc::Sender<String>,
}

impl PgNotifier {
    /// Creates a notifier for this database, and starts its sender on PostgreSQL.
    #[must_use]
    pub fn new(db: &Db) -> Self {
        let channel = (db.backend() == DbBackend::Postgres).then(|| {
            let (queue, waiting) = mpsc::channel(WAITING);
            let instance = HEXLOWER.encode(&random::<8>());
            tokio::spawn(send_batches(db.clone(), instance.clone(), waiting));
            Channel {
                db: db.clone(),
                instance,
                queue,
            }
        });
        Self {
            channel,
            listening: Once::new(),
        }
    }

    /// Notifies other instances of votes in a poll.
    pub fn notify(&self, poll: &str) {
        if let Some(channel) = &self.channel {
            // If the queue is full, other instances find out by checking.
            let _ = channel.queue.try_send(poll.to_owned());
        }
    }

    /// Calls `on_votes` with the id of each poll that has votes elsewhere. Only the first call has an
    /// effect.
    pub fn listen(&self, on_votes: impl Fn(&str) + Send + Sync + 'static) {
        if let Some(channel) = &self.channel {
            self.listening.call_once(|| {
                drop(tokio::spawn(run_listener(
                    channel.db.clone(),
                    channel.instance.clone(),
                    on_votes,
                )));
            });
        }
    }
}

async fn send_batches(db: Db, instance: String, mut waiting: mpsc::Receiver<String>) {
    let mut polls = Vec::with_capacity(WAITING);
    while waiting.recv_many(&mut polls, WAITING).await > 0 {
        for poll in polls.drain(..).collect::<BTreeSet<_>>() {
            let sent = execute(
                db.write(),
                "SELECT pg_notify($1, $2)",
                [CHANNEL.into(), format!("{instance} {poll}").into()],
            )
            .await;
            if let Err(error) = sent {
                tracing::warn!(%error, "other instances were not notified of votes");
            }
        }
        sleep(BATCH_INTERVAL).await;
    }
}

async fn run_listener(db: Db, instance: String, on_votes: impl Fn(&str)) {
    loop {
        let Err(error) = listen(&db, &instance, &on_votes).await;
        if matches!(error, sea_orm::sqlx::Error::PoolClosed) {
            return;
        }
        tracing::warn!(%error, "votes of other instances are not received just now");
        sleep(RETRY_DELAY).await;
    }
}

async fn listen(
    db: &Db,
    instance: &str,
    on_votes: &impl Fn(&str),
) -> Result<std::convert::Infallible, sea_orm::sqlx::Error> {
    let mut listener = db.listener().await?;
    listener.listen(CHANNEL).await?;
    loop {
        let notification = listener.recv().await?;
        if let Some((sender, poll)) = notification.payload().split_once(' ')
            && sender != instance
        {
            on_votes(poll);
        }
    }
}
