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
const NAME: &str = "pollstr_votes";
/// Time between two batches of notifications.
const BATCH_INTERVAL: Duration = Duration::from_millis(200);
/// Maximum number of queued notifications. Others are dropped.
const WAITING: usize = 1_024;
/// Delay before a failed listener reconnects.
const RETRY_DELAY: Duration = Duration::from_secs(3);

/// Sends and receives notifications; does nothing on SQLite.
#[derive(Debug)]
pub struct PgNotifier {
    way: Option<Way>,
    listening: Once,
}

#[derive(Debug)]
struct Way {
    db: Db,
    me: String,
    out: mpsc::Sender<String>,
}

impl PgNotifier {
    /// Creates a notifier for this database, and starts its sender on PostgreSQL.
    #[must_use]
    pub fn new(db: &Db) -> Self {
        let way = (db.backend() == DbBackend::Postgres).then(|| {
            let (out, waiting) = mpsc::channel(WAITING);
            let me = HEXLOWER.encode(&random::<8>());
            tokio::spawn(spread(db.clone(), me.clone(), waiting));
            Way {
                db: db.clone(),
                me,
                out,
            }
        });
        Self {
            way,
            listening: Once::new(),
        }
    }

    /// Notifies other instances of votes in a poll.
    pub fn tell(&self, poll: &str) {
        if let Some(way) = &self.way {
            // If the queue is full, other instances find out by checking.
            let _ = way.out.try_send(poll.to_owned());
        }
    }

    /// Calls `heard` with the id of each poll that has votes elsewhere. Only the first call has an
    /// effect.
    pub fn listen(&self, heard: impl Fn(&str) + Send + Sync + 'static) {
        if let Some(way) = &self.way {
            self.listening.call_once(|| {
                drop(tokio::spawn(run_listener(
                    way.db.clone(),
                    way.me.clone(),
                    heard,
                )));
            });
        }
    }
}

async fn spread(db: Db, me: String, mut waiting: mpsc::Receiver<String>) {
    let mut gathered = Vec::with_capacity(WAITING);
    while waiting.recv_many(&mut gathered, WAITING).await > 0 {
        for poll in gathered.drain(..).collect::<BTreeSet<_>>() {
            let told = execute(
                db.write(),
                "SELECT pg_notify($1, $2)",
                [NAME.into(), format!("{me} {poll}").into()],
            )
            .await;
            if let Err(error) = told {
                tracing::warn!(%error, "other processes were not told of votes");
            }
        }
        sleep(BATCH_INTERVAL).await;
    }
}

async fn run_listener(db: Db, me: String, heard: impl Fn(&str)) {
    loop {
        let Err(error) = listen(&db, &me, &heard).await;
        if matches!(error, sea_orm::sqlx::Error::PoolClosed) {
            return;
        }
        tracing::warn!(%error, "votes elsewhere are not heard of just now");
        sleep(RETRY_DELAY).await;
    }
}

async fn listen(
    db: &Db,
    me: &str,
    heard: &impl Fn(&str),
) -> Result<std::convert::Infallible, sea_orm::sqlx::Error> {
    let mut listener = db.listener().await?;
    listener.listen(NAME).await?;
    loop {
        let word = listener.recv().await?;
        if let Some((who, poll)) = word.payload().split_once(' ')
            && who != me
        {
            heard(poll);
        }
    }
}
