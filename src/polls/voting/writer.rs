//! The vote writer, which stores all votes of this process.
//!
//! Up to 64 votes are committed together, so that one disk sync serves them all; `batch` writes
//! them. A vote is acknowledged after the commit.
//!
//! Waiting times are bounded: a vote that is not started in time is rejected, and one that is
//! started gets an answer in time. On PostgreSQL, votes in a poll locked by another transaction
//! wait in a separate queue, so that they don't delay others.

use std::collections::BTreeMap;
use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use sea_orm::DbErr;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};

use crate::platform::clock::Clock;
use crate::platform::crypto::Keys;
use crate::platform::db::Db;
use crate::polls::live::hub::LiveHub;
use crate::polls::voting::batch::store;
use crate::polls::voting::batch_read::OnLocked;
use crate::polls::voting::batch_write::MAX_BATCH;
use crate::polls::voting::vote::{Outcome, Vote, VoteError};

/// Queue length; when the queue is full, casting waits.
const QUEUE_LENGTH: usize = 1_024;
/// Time limit for a vote in the queue, and again for storing it. Both together, plus rendering a
/// page, take less than 6 seconds.
const TIME_LIMIT: Duration = Duration::from_secs(2);

struct QueuedVote {
    vote: Vote,
    caller: Caller,
}

/// The reply channel of a queued vote, and when it was queued.
struct Caller {
    since: Instant,
    reply: oneshot::Sender<Outcome>,
}

impl Caller {
    fn answer(self, outcome: Outcome) {
        // A voter who has disconnected sees the vote counted on their next visit.
        let _ = self.reply.send(outcome);
    }
}

/// Handle to the vote writer. Clones share the writer, which ends when the last one is dropped.
#[derive(Clone, Debug)]
pub struct VoteWriter(mpsc::Sender<QueuedVote>);

impl VoteWriter {
    /// Starts the writer. It notifies `live` of votes after they are stored and before they are
    /// acknowledged. `mobile_only` excludes landlines from all polls of this site.
    #[must_use]
    pub fn open(db: Db, keys: Keys, clock: Clock, live: LiveHub, mobile_only: bool) -> Self {
        let writer = Arc::new(Writer {
            db,
            keys,
            clock,
            live,
            mobile_only,
        });
        let ((sender, votes), (locked, waiting)) =
            (mpsc::channel(QUEUE_LENGTH), mpsc::channel(QUEUE_LENGTH));
        tokio::spawn(Arc::clone(&writer).write(votes, Some(locked)));
        tokio::spawn(writer.write(waiting, None));
        Self(sender)
    }

    /// Queues a vote and waits for its outcome. `Ok` means that it is stored.
    pub async fn cast(&self, vote: Vote) -> Outcome {
        let (reply, answer) = oneshot::channel();
        let queued = QueuedVote {
            vote,
            caller: Caller {
                since: Instant::now(),
                reply,
            },
        };
        self.0
            .send_timeout(queued, TIME_LIMIT)
            .await
            .map_err(|_| VoteError::Failed)?;
        answer.await.unwrap_or(Err(VoteError::OutcomeUnknown))
    }

    /// Whether the writer is running.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.0.is_closed()
    }
}

struct Writer {
    db: Db,
    keys: Keys,
    clock: Clock,
    live: LiveHub,
    mobile_only: bool,
}

impl Writer {
    /// Writes votes as they arrive. Votes in locked polls are sent to `locked`; without it, this is
    /// the queue that waits for locked polls, one at a time.
    async fn write(
        self: Arc<Self>,
        mut waiting: mpsc::Receiver<QueuedVote>,
        locked: Option<mpsc::Sender<QueuedVote>>,
    ) {
        let mut batch = Vec::with_capacity(MAX_BATCH);
        while waiting.recv_many(&mut batch, MAX_BATCH).await > 0 {
            let mut groups = BTreeMap::<_, Vec<QueuedVote>>::new();
            for queued in batch.drain(..) {
                groups
                    .entry(locked.is_none().then(|| queued.vote.poll.clone()))
                    .or_default()
                    .push(queued);
            }
            for group in groups.into_values() {
                self.write_batch(group, locked.as_ref()).await;
            }
        }
    }

    async fn write_batch(&self, batch: Vec<QueuedVote>, locked: Option<&mpsc::Sender<QueuedVote>>) {
        let (batch, late): (Vec<_>, Vec<_>) = batch
            .into_iter()
            .partition(|queued| queued.caller.since.elapsed() < TIME_LIMIT);
        for queued in late {
            queued.caller.answer(Err(VoteError::Failed));
        }
        let (votes, callers): (Vec<Vote>, Vec<Caller>) = batch
            .into_iter()
            .map(|queued| (queued.vote, queued.caller))
            .unzip();
        let outcomes = self
            .commit(
                &votes,
                if locked.is_some() {
                    OnLocked::Skip
                } else {
                    OnLocked::Wait
                },
            )
            .await;
        let stored = votes
            .iter()
            .zip(&outcomes)
            .filter(|(_, outcome)| outcome.is_ok())
            .map(|(vote, _)| vote.poll.as_str());
        self.live.voted(&stored.collect());
        for ((vote, caller), outcome) in votes.into_iter().zip(callers).zip(outcomes) {
            match locked.filter(|_| outcome == Err(VoteError::PollLocked)) {
                None => caller.answer(outcome),
                Some(locked) => {
                    if let Err(full) = locked.try_send(QueuedVote { vote, caller }) {
                        full.into_inner().caller.answer(outcome);
                    }
                }
            }
        }
    }

    /// Stores all votes or none within the time limit. If it fails, each vote gets the same error.
    async fn commit(&self, votes: &[Vote], on_locked: OnLocked) -> Vec<Outcome> {
        if votes.is_empty() {
            return Vec::new();
        }
        let mut failure = VoteError::Failed;
        let outcomes = in_time(async {
            let transaction = self.db.begin().await?;
            let outcomes = store(
                &transaction,
                &self.keys,
                &self.clock,
                votes,
                on_locked,
                self.mobile_only,
            )
            .await?;
            failure = VoteError::OutcomeUnknown;
            transaction.commit().await?;
            Ok::<_, DbErr>(outcomes)
        });
        match outcomes.await {
            Ok(outcomes) => outcomes,
            Err(error) => {
                tracing::error!(%error, "votes could not be stored");
                vec![Err(failure); votes.len()]
            }
        }
    }
}

/// Runs a future with a time limit, and turns a timeout or panic into an error.
async fn in_time<T, E: Display>(what: impl Future<Output = Result<T, E>>) -> Result<T, String> {
    match AssertUnwindSafe(timeout(TIME_LIMIT, what))
        .catch_unwind()
        .await
    {
        Ok(Ok(outcome)) => outcome.map_err(|error| error.to_string()),
        Ok(Err(late)) => Err(late.to_string()),
        Err(_) => Err("it panicked".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn what_panics_or_never_ends_is_told_in_time() {
        assert_eq!(in_time(async { Ok::<_, DbErr>(1) }).await, Ok(1));
        assert_eq!(
            in_time(async { Err::<(), _>("no") }).await,
            Err("no".to_owned())
        );
        assert_eq!(
            in_time(std::future::pending::<Result<(), DbErr>>()).await,
            Err("deadline has elapsed".to_owned())
        );
        assert_eq!(
            in_time(async {
                if true {
                    panic!("as a bug would")
                } else {
                    Ok::<(), DbErr>(())
                }
            })
            .await,
            Err("it panicked".to_owned())
        );
    }
}
