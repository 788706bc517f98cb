//! The ballot box: the one writer of ballots in this process.
//!
//! A vote is a mark of the voter, a ballot without one, and a tally, in one transaction; the mark's key decides whether it is the
//! first. Up to 64 votes are committed together, each behind a savepoint of its own: one sync to the disk serves them all. A vote is acknowledged after the commit, when it is on the disk.

use std::collections::{BTreeSet, HashMap};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, FromQueryResult, TransactionTrait};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

use super::poll::State;
use super::store::BALLOTS;
use crate::accounts::session::find_verified;
use crate::clock::{Clock, Seconds};
use crate::db::{Db, execute, statement};
use crate::keys::{Keys, random};
use crate::web::refusal::Refusal;

/// How many votes are committed together at most.
const TOGETHER: usize = 64;
/// How many votes wait at most; beyond, casting waits.
const WAITING: usize = 1_024;

/// A vote that is to be cast.
#[derive(Clone, Debug)]
pub struct Vote {
    /// The session's key, from which the voter is read inside the transaction.
    pub session: Vec<u8>,
    /// The poll's id.
    pub poll: String,
    /// The positions that were chosen.
    pub choices: BTreeSet<i64>,
    /// The hash of the receipt.
    pub receipt: [u8; 32],
}

/// Why a vote does not count.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum VoteError {
    /// There is no such poll.
    #[error("There is no such poll.")]
    NoPoll,
    /// Voting has not begun.
    #[error("Voting has not begun yet.")]
    NotOpenYet,
    /// Voting has ended.
    #[error("Voting has ended, so this vote was not counted.")]
    Closed,
    /// Nothing was chosen.
    #[error("You didn't select a choice.")]
    NothingChosen,
    /// More than one was chosen.
    #[error("Please select one choice only.")]
    MoreThanOne,
    /// What was chosen is not of this poll.
    #[error("That is no choice of this poll. Please select one of these.")]
    ForeignChoice,
    /// The number has voted.
    #[error("You have voted in this poll already. Your first vote counts.")]
    AlreadyVoted,
    /// The session is not verified any more.
    #[error("To continue we need to verify your phone number.")]
    NotVerified,
    /// The database failed; nothing was stored.
    #[error("Your vote could not be stored just now. Please try again in a moment.")]
    Failed,
}

impl From<DbErr> for VoteError {
    fn from(error: DbErr) -> Self {
        tracing::error!(%error, "a vote could not be stored");
        Self::Failed
    }
}

impl From<VoteError> for Refusal {
    fn from(error: VoteError) -> Self {
        match error {
            VoteError::NoPoll => Self::NotFound,
            VoteError::NothingChosen | VoteError::MoreThanOne | VoteError::ForeignChoice => Self::field("choice", error),
            VoteError::NotOpenYet | VoteError::Closed | VoteError::AlreadyVoted => Self::form(error),
            VoteError::NotVerified => Self::Verify,
            VoteError::Failed => Self::Unavailable { message: error.to_string(), wait: 5 },
        }
    }
}

struct Cast {
    vote: Vote,
    reply: oneshot::Sender<Result<(), VoteError>>,
}

/// Where votes are cast. Clones share the writer, which ends when the last of them is gone.
#[derive(Clone, Debug)]
pub struct BallotBox(mpsc::Sender<Cast>);

impl BallotBox {
    /// Opens the box: starts its writer.
    #[must_use]
    pub fn open(db: Db, keys: Keys, clock: Clock) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(write(Writer { db, keys, clock }, receiver));
        Self(sender)
    }

    /// Casts a vote. When this returns `Ok`, it is stored.
    ///
    /// # Errors
    /// Why it does not count.
    pub async fn cast(&self, vote: Vote) -> Result<(), VoteError> {
        let (reply, answer) = oneshot::channel();
        self.0.send(Cast { vote, reply }).await.map_err(|_| VoteError::Failed)?;
        answer.await.unwrap_or(Err(VoteError::Failed))
    }
}

async fn write(writer: Writer, mut waiting: mpsc::Receiver<Cast>) {
    let mut batch = Vec::with_capacity(TOGETHER);
    while waiting.recv_many(&mut batch, TOGETHER).await > 0 {
        let (votes, replies): (Vec<Vote>, Vec<_>) = batch.drain(..).map(|cast| (cast.vote, cast.reply)).unzip();
        let outcomes = match writer.commit(&votes).await {
            Ok(outcomes) => outcomes,
            Err(error) => vec![Err(VoteError::from(error)); votes.len()],
        };
        for (reply, outcome) in replies.into_iter().zip(outcomes) {
            // Whoever has left meanwhile finds their vote counted when they come back.
            let _ = reply.send(outcome);
        }
    }
}

struct Writer {
    db: Db,
    keys: Keys,
    clock: Clock,
}

/// A poll, as far as a vote in it must be checked.
struct OpenPoll {
    row: i64,
    state: State,
    positions: BTreeSet<i64>,
}

impl Writer {
    async fn commit(&self, votes: &[Vote]) -> Result<Vec<Result<(), VoteError>>, DbErr> {
        let transaction = self.db.begin().await?;
        let now = self.clock.now();
        let polls = read_polls(&transaction, votes, now).await?;
        let mut outcomes = Vec::with_capacity(votes.len());
        for vote in votes {
            let savepoint = transaction.begin().await?;
            let outcome = self.store(&savepoint, vote, &polls, now).await;
            match outcome {
                Ok(()) => savepoint.commit().await?,
                Err(_) => savepoint.rollback().await?,
            }
            outcomes.push(outcome);
        }
        transaction.commit().await?;
        Ok(outcomes)
    }

    async fn store(
        &self,
        savepoint: &DatabaseTransaction,
        vote: &Vote,
        polls: &HashMap<&str, OpenPoll>,
        now: Seconds,
    ) -> Result<(), VoteError> {
        let (account, number) = find_verified(savepoint, &vote.session, now).await?.ok_or(VoteError::NotVerified)?;
        let number = self.keys.open_sealed(account, &number).ok_or(VoteError::NotVerified)?;
        let poll = polls.get(vote.poll.as_str()).ok_or(VoteError::NoPoll)?;
        match poll.state {
            State::NotOpenYet => return Err(VoteError::NotOpenYet),
            State::Closed => return Err(VoteError::Closed),
            State::Open => {}
        }
        let choice = one_choice(vote, poll)?;
        let voter = self.keys.voter(&vote.poll, &number);
        let sql = "INSERT INTO participation (poll_id, voter) VALUES ($1, $2) ON CONFLICT DO NOTHING";
        if execute(savepoint, sql, [poll.row.into(), voter.to_vec().into()]).await? == 0 {
            return Err(VoteError::AlreadyVoted);
        }
        let sql = "INSERT INTO ballot (poll_id, id, choices, receipt) VALUES ($1, $2, $3, $4)";
        let values = [poll.row.into(), random::<16>().to_vec().into(), choice.to_string().into(), vote.receipt.to_vec().into()];
        execute(savepoint, sql, values).await?;
        for key in [choice.to_string().as_str(), BALLOTS] {
            let sql = "INSERT INTO tally (poll_id, key, votes) VALUES ($1, $2, 1)
                       ON CONFLICT (poll_id, key) DO UPDATE SET votes = tally.votes + 1";
            execute(savepoint, sql, [poll.row.into(), key.into()]).await?;
        }
        Ok(())
    }
}

/// The choice of a ballot with one choice.
fn one_choice(vote: &Vote, poll: &OpenPoll) -> Result<i64, VoteError> {
    let mut choices = vote.choices.iter();
    match (choices.next(), choices.next()) {
        (None, _) => Err(VoteError::NothingChosen),
        (Some(_), Some(_)) => Err(VoteError::MoreThanOne),
        (Some(choice), None) if poll.positions.contains(choice) => Ok(*choice),
        _ => Err(VoteError::ForeignChoice),
    }
}

/// Reads the polls of a batch, and holds them as they are until its commit. They are taken in one order by every instance, so that
/// none waits for another that waits for it.
async fn read_polls<'a>(transaction: &DatabaseTransaction, votes: &'a [Vote], now: Seconds) -> Result<HashMap<&'a str, OpenPoll>, DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        opens_at: Seconds,
        closes_at: Option<Seconds>,
    }
    let backend = transaction.get_database_backend();
    let hold = if backend == sea_orm::DbBackend::Postgres { " FOR UPDATE" } else { "" };
    let mut polls = HashMap::new();
    for id in votes.iter().map(|vote| vote.poll.as_str()).collect::<BTreeSet<_>>() {
        let sql = format!("SELECT id, opens_at, closes_at FROM poll WHERE public_id = $1{hold}");
        let Some(row) = Row::find_by_statement(statement(transaction, &sql, [id.into()])).one(transaction).await? else {
            continue;
        };
        let choices = statement(transaction, "SELECT position FROM choice WHERE poll_id = $1", [row.id.into()]);
        let choices = transaction.query_all_raw(choices).await?;
        let positions = choices.iter().map(|choice| choice.try_get("", "position")).collect::<Result<_, _>>()?;
        polls.insert(id, OpenPoll { row: row.id, state: State::at(row.opens_at, row.closes_at, now), positions });
    }
    Ok(polls)
}
