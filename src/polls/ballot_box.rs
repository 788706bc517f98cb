//! The ballot box: the one writer of ballots in this process.
//!
//! A vote is a mark of the voter, a ballot without one, and a tally, in one transaction; the mark's key decides whether it is the
//! first. Up to 64 votes are committed together: one sync to the disk serves them all, and marks and ballots are each written in an
//! order of their own, so that neither tells which belong together. A vote is acknowledged after the commit, when it is on the disk.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, Value};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};

use super::poll::{Kind, State, takes};
use super::selection::{Selection, SelectionError};
use super::store::{BALLOTS, CHANGES};
use super::watching::Live;
use crate::accounts::session::find_verified;
use crate::clock::{Clock, Seconds};
use crate::db::{Db, execute, places, statement};
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
    /// The positions that were chosen; from the best to the worst in a ranking.
    pub chosen: Vec<i64>,
    /// The hash of the receipt.
    pub receipt: [u8; 32],
    /// The hash of the receipt of the ballot that this one takes the place of.
    pub replaces: Option<[u8; 32]>,
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
    /// What was chosen is no ballot of this poll.
    #[error(transparent)]
    Selection(#[from] SelectionError),
    /// The number is of a country that may not vote.
    #[error("This poll is for numbers of other countries.")]
    Foreign,
    /// The number has voted.
    #[error("You have voted in this poll already. Your first vote counts.")]
    AlreadyVoted,
    /// Ballots of this poll stay as they are.
    #[error("In this poll a vote is final.")]
    Final,
    /// The number has not voted, so there is nothing to change.
    #[error("You have not voted in this poll yet.")]
    NotVoted,
    /// No ballot has this receipt.
    #[error("No ballot of this poll has that receipt. Look for a typing error.")]
    WrongReceipt,
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
            VoteError::Selection(_) => Self::field("choice", error),
            VoteError::WrongReceipt => Self::field("receipt", error),
            VoteError::NotOpenYet
            | VoteError::Closed
            | VoteError::Foreign
            | VoteError::AlreadyVoted
            | VoteError::Final
            | VoteError::NotVoted => Self::form(error),
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
    /// Opens the box: starts its writer. It says in which polls there were votes, after they are stored and before they are
    /// acknowledged.
    #[must_use]
    pub fn open(db: Db, keys: Keys, clock: Clock, live: Live) -> Self {
        let (sender, receiver) = mpsc::channel(WAITING);
        tokio::spawn(write(Writer { db, keys, clock }, live, receiver));
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

async fn write(writer: Writer, live: Live, mut waiting: mpsc::Receiver<Cast>) {
    let mut batch = Vec::with_capacity(TOGETHER);
    while waiting.recv_many(&mut batch, TOGETHER).await > 0 {
        let (votes, replies): (Vec<Vote>, Vec<_>) = batch.drain(..).map(|cast| (cast.vote, cast.reply)).unzip();
        let outcomes = match writer.commit(&votes).await {
            Ok(outcomes) => outcomes,
            Err(error) => vec![Err(VoteError::from(error)); votes.len()],
        };
        let stored = votes.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok()).map(|(vote, _)| vote.poll.as_str());
        live.voted(&stored.collect());
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
    kind: Kind,
    changeable: bool,
    countries: Vec<String>,
    positions: BTreeSet<i64>,
}

/// A vote that was found right; whether it is the first one of its voter is the database's to say.
struct Checked<'a> {
    vote: &'a Vote,
    poll: &'a OpenPoll,
    voter: [u8; 32],
    selection: Selection,
}

/// What is to be added to the tally: for a poll and a key, how much.
type Additions = BTreeMap<(i64, String), i64>;

impl Writer {
    async fn commit(&self, votes: &[Vote]) -> Result<Vec<Result<(), VoteError>>, DbErr> {
        let transaction = self.db.begin().await?;
        let (polls, now) = read_polls(&transaction, votes, &self.clock).await?;
        let sessions: BTreeSet<&[u8]> = votes.iter().map(|vote| vote.session.as_slice()).collect();
        let verified = find_verified(&transaction, &sessions, now).await?;
        let checked: Vec<_> = votes.iter().map(|vote| self.checked(vote, &verified, &polls)).collect();
        let first = |checked: &Result<Checked<'_>, VoteError>| matches!(checked, Ok(checked) if checked.vote.replaces.is_none());
        let marks = checked.iter().filter(|checked| first(checked)).flatten().map(|checked| (checked.poll.row, checked.voter)).collect();
        let mut new_marks = mark(&transaction, &marks).await?;
        let (mut outcomes, mut ballots, mut additions) = (Vec::with_capacity(votes.len()), BTreeMap::new(), Additions::new());
        for checked in checked {
            let outcome = match checked {
                Err(error) => Err(error),
                Ok(checked) => match checked.vote.replaces {
                    // The first of several votes with one number in one batch takes the mark; the others find it gone.
                    None if new_marks.remove(&(checked.poll.row, checked.voter)) => {
                        add(&mut additions, &checked, BALLOTS);
                        Ok(checked)
                    }
                    None => Err(VoteError::AlreadyVoted),
                    Some(old) => match take_back(&transaction, &checked, &old).await? {
                        Ok(taken_back) => {
                            for key in taken_back.keys(checked.poll.kind) {
                                *additions.entry((checked.poll.row, key)).or_default() -= 1;
                            }
                            add(&mut additions, &checked, CHANGES);
                            Ok(checked)
                        }
                        Err(error) => Err(error),
                    },
                },
            };
            outcomes.push(outcome.map(|checked| {
                // Ballots lie in the order of their random ids, which is none that anybody voted in.
                ballots.insert(random::<16>(), (checked.poll.row, checked.selection.text(checked.poll.kind), checked.vote.receipt));
            }));
        }
        put_in(&transaction, ballots).await?;
        add_up(&transaction, additions).await?;
        transaction.commit().await?;
        Ok(outcomes)
    }

    fn checked<'a>(
        &self,
        vote: &'a Vote,
        verified: &HashMap<Vec<u8>, (i64, Vec<u8>)>,
        polls: &'a HashMap<&str, OpenPoll>,
    ) -> Result<Checked<'a>, VoteError> {
        let (account, number) = verified.get(&vote.session).ok_or(VoteError::NotVerified)?;
        let number = self.keys.open_sealed(*account, number).ok_or(VoteError::NotVerified)?;
        let poll = polls.get(vote.poll.as_str()).ok_or(VoteError::NoPoll)?;
        match poll.state {
            State::Draft => return Err(VoteError::NoPoll),
            State::NotOpenYet => return Err(VoteError::NotOpenYet),
            State::Closed => return Err(VoteError::Closed),
            State::Open => {}
        }
        if !takes(&poll.countries, &number) {
            return Err(VoteError::Foreign);
        }
        if vote.replaces.is_some() && !poll.changeable {
            return Err(VoteError::Final);
        }
        let selection = Selection::new(poll.kind, &poll.positions, vote.chosen.clone())?;
        Ok(Checked { vote, poll, voter: self.keys.voter(&vote.poll, &number), selection })
    }
}

fn add(additions: &mut Additions, checked: &Checked<'_>, counter: &str) {
    for key in checked.selection.keys(checked.poll.kind).into_iter().chain([counter.to_owned()]) {
        *additions.entry((checked.poll.row, key)).or_default() += 1;
    }
}

/// Leaves the marks of voters, in their own order, and tells which of them were not there before.
async fn mark(transaction: &DatabaseTransaction, marks: &BTreeSet<(i64, [u8; 32])>) -> Result<HashSet<(i64, [u8; 32])>, DbErr> {
    if marks.is_empty() {
        return Ok(HashSet::new());
    }
    let rows = rows(marks.len(), 2);
    let sql = format!("INSERT INTO participation (poll_id, voter) VALUES {rows} ON CONFLICT DO NOTHING RETURNING poll_id, voter");
    let values = marks.iter().flat_map(|(poll, voter)| [Value::from(*poll), voter.to_vec().into()]);
    let new = transaction.query_all_raw(statement(transaction, &sql, values)).await?;
    let key = |voter: Vec<u8>| voter.try_into().map_err(|_| DbErr::Type("a mark has 32 bytes".to_owned()));
    new.iter().map(|row| Ok((row.try_get("", "poll_id")?, key(row.try_get("", "voter")?)?))).collect()
}

/// Takes a ballot out again, for another one of the same voter, and tells what it said.
async fn take_back(
    transaction: &DatabaseTransaction,
    checked: &Checked<'_>,
    receipt: &[u8; 32],
) -> Result<Result<Selection, VoteError>, DbErr> {
    let row = checked.poll.row;
    if !super::store::has_voted(transaction, row, &checked.voter).await? {
        return Ok(Err(VoteError::NotVoted));
    }
    let sql = "DELETE FROM ballot WHERE poll_id = $1 AND receipt = $2 RETURNING choices";
    let ballot = transaction.query_one_raw(statement(transaction, sql, [row.into(), receipt.to_vec().into()])).await?;
    let Some(ballot) = ballot else { return Ok(Err(VoteError::WrongReceipt)) };
    let choices: String = ballot.try_get("", "choices")?;
    Selection::read(&choices).map(Ok).ok_or_else(|| DbErr::Type("a ballot says something that is no choice".to_owned()))
}

/// Puts the ballots of a batch in.
async fn put_in(transaction: &DatabaseTransaction, ballots: BTreeMap<[u8; 16], (i64, String, [u8; 32])>) -> Result<(), DbErr> {
    if ballots.is_empty() {
        return Ok(());
    }
    let sql = format!("INSERT INTO ballot (poll_id, id, choices, receipt) VALUES {}", rows(ballots.len(), 4));
    let values = ballots
        .into_iter()
        .flat_map(|(id, (poll, choices, receipt))| [Value::from(poll), id.to_vec().into(), choices.into(), receipt.to_vec().into()]);
    execute(transaction, &sql, values).await.map(drop)
}

/// Brings the tally up to date with the ballots of a batch.
async fn add_up(transaction: &DatabaseTransaction, additions: Additions) -> Result<(), DbErr> {
    let additions: Vec<_> = additions.into_iter().filter(|(_, votes)| *votes != 0).collect();
    for some in additions.chunks(TOGETHER) {
        let sql = format!(
            "INSERT INTO tally (poll_id, key, votes) VALUES {}
             ON CONFLICT (poll_id, key) DO UPDATE SET votes = tally.votes + excluded.votes",
            rows(some.len(), 3)
        );
        let values = some.iter().flat_map(|((poll, key), votes)| [Value::from(*poll), key.as_str().into(), (*votes).into()]);
        execute(transaction, &sql, values).await?;
    }
    Ok(())
}

/// The places for the values of so many rows: `($1, $2), ($3, $4)`.
pub(super) fn rows(count: usize, columns: usize) -> String {
    (0..count).map(|row| format!("({})", places(row * columns + 1, columns))).collect::<Vec<_>>().join(", ")
}

/// Reads the polls of a batch, and holds them as they are until its commit; then reads the clock, so that a vote that had to wait
/// while its poll was closed comes too late. They are taken in one order by every instance, so that none waits for another that
/// waits for it.
async fn read_polls<'a>(
    transaction: &DatabaseTransaction,
    votes: &'a [Vote],
    clock: &Clock,
) -> Result<(HashMap<&'a str, OpenPoll>, Seconds), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        kind: String,
        most: i64,
        draft: bool,
        hidden: bool,
        shut: bool,
        changeable: bool,
        countries: String,
        opens_at: Seconds,
        closes_at: Option<Seconds>,
    }
    // Whoever seals a poll does not wait for this at each row, though its votes do wait for each other.
    let hold = if transaction.get_database_backend() == DbBackend::Postgres { " FOR NO KEY UPDATE" } else { "" };
    let mut rows = Vec::new();
    for id in votes.iter().map(|vote| vote.poll.as_str()).collect::<BTreeSet<_>>() {
        let sql = format!(
            "SELECT id, kind, most, draft, hidden_reason IS NOT NULL AS hidden, fingerprint IS NOT NULL AS shut, changeable, countries, opens_at,
             closes_at FROM poll WHERE public_id = $1{hold}"
        );
        let row = Row::find_by_statement(statement(transaction, &sql, [id.into()])).one(transaction).await?;
        rows.extend(row.filter(|row| !row.hidden).map(|row| (id, row)));
    }
    let (now, mut polls) = (clock.now(), HashMap::new());
    for (id, row) in rows {
        let choices = statement(transaction, "SELECT position FROM choice WHERE poll_id = $1", [row.id.into()]);
        let choices = transaction.query_all_raw(choices).await?;
        let poll = OpenPoll {
            row: row.id,
            state: match () {
                () if row.draft => State::Draft,
                // It is being sealed: by another clock it was closed before this vote came.
                () if row.shut => State::Closed,
                () => State::at(row.opens_at, row.closes_at, now),
            },
            kind: Kind::of(&row.kind, row.most).ok_or_else(|| DbErr::Type("a poll's kind is none that we know".to_owned()))?,
            changeable: row.changeable,
            countries: row.countries.split_whitespace().map(str::to_owned).collect(),
            positions: choices.iter().map(|choice| choice.try_get("", "position")).collect::<Result<_, _>>()?,
        };
        polls.insert(id, poll);
    }
    Ok((polls, now))
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_value_of_each_row_has_its_place() {
        assert_eq!(super::rows(2, 3), "($1, $2, $3), ($4, $5, $6)");
    }
}
