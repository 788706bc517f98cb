//! The ballot box: the one writer of ballots in this process.
//!
//! A vote is a mark of the voter, a ballot without one, and a tally, in one transaction; the mark's key decides whether it is the
//! first. Up to 64 votes are committed together: one sync to the disk serves them all, and marks and ballots are each written in an
//! order of their own, so that neither tells which belong together. A vote is acknowledged after the commit, when it is on the disk.
//!
//! Nobody waits for ever: a vote that does not come to its turn in time is not taken up any more, and one that is taken up has its
//! answer in time. A poll that somebody else holds, on PostgreSQL, is waited for apart from the others.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::fmt::Display;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures::FutureExt;
use sea_orm::{ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, FromQueryResult, Value};
use thiserror::Error;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, timeout};

use super::poll::{Kind, State, takes};
use super::selection::{Selection, SelectionError};
use super::votes::{BALLOTS, CHANGES};
use super::watching::Live;
use crate::accounts::sessions::find_verified;
use crate::clock::{Clock, Seconds};
use crate::db::{Db, execute, places, statement};
use crate::keys::{Keys, random};
use crate::web::refusal::Refusal;

/// How many votes are committed together at most.
const TOGETHER: usize = 64;
/// How many votes wait at most; beyond, casting waits.
const WAITING: usize = 1_024;
/// How long a vote waits until it is taken up, and how long it may take from then on: both together, and a page, come within 6 s.
const PATIENCE: Duration = Duration::from_secs(2);

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
    /// Somebody else holds the poll.
    #[error("This poll is being changed just now. Please try again in a moment.")]
    Held,
    /// The database failed; nothing was stored.
    #[error("Your vote could not be stored just now. Please try again in a moment.")]
    Failed,
    /// The database failed at the last step, and has not said whether it took it.
    #[error("We could not learn whether your vote was stored. Please look at the poll again in a moment.")]
    Unsure,
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
            VoteError::Held | VoteError::Failed | VoteError::Unsure => Self::Unavailable { message: error.to_string(), wait: 5 },
        }
    }
}

struct Cast {
    vote: Vote,
    asked: Asked,
}

/// Who waits for an answer, and since when.
struct Asked {
    since: Instant,
    reply: oneshot::Sender<Result<(), VoteError>>,
}

impl Asked {
    fn answer(self, outcome: Result<(), VoteError>) {
        // Whoever has left meanwhile finds their vote counted when they come back.
        let _ = self.reply.send(outcome);
    }
}

/// Where votes are cast. Clones share the writer, which ends when the last of them is gone.
#[derive(Clone, Debug)]
pub struct BallotBox(mpsc::Sender<Cast>);

impl BallotBox {
    /// Opens the box: starts its writer. It says in which polls there were votes, after they are stored and before they are
    /// acknowledged.
    #[must_use]
    pub fn open(db: Db, keys: Keys, clock: Clock, live: Live) -> Self {
        let writer = Arc::new(Writer { db, keys, clock, live });
        let ((sender, votes), (aside, held)) = (mpsc::channel(WAITING), mpsc::channel(WAITING));
        tokio::spawn(Arc::clone(&writer).write(votes, Some(aside)));
        tokio::spawn(writer.write(held, None));
        Self(sender)
    }

    /// Casts a vote. When this returns `Ok`, it is stored.
    ///
    /// # Errors
    /// Why it does not count.
    pub async fn cast(&self, vote: Vote) -> Result<(), VoteError> {
        let (reply, answer) = oneshot::channel();
        let cast = Cast { vote, asked: Asked { since: Instant::now(), reply } };
        self.0.send_timeout(cast, PATIENCE).await.map_err(|_| VoteError::Failed)?;
        answer.await.unwrap_or(Err(VoteError::Unsure))
    }

    /// Whether there is somebody who writes votes.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.0.is_closed()
    }
}

struct Writer {
    db: Db,
    keys: Keys,
    clock: Clock,
    live: Live,
}

/// What to do about a poll that somebody else holds.
#[derive(Clone, Copy, PartialEq)]
enum Held {
    PutAside,
    WaitFor,
}

impl Writer {
    /// Writes votes as they come: those of polls that are held go `aside`, to where polls are waited for one by one.
    async fn write(self: Arc<Self>, mut waiting: mpsc::Receiver<Cast>, aside: Option<mpsc::Sender<Cast>>) {
        let mut batch = Vec::with_capacity(TOGETHER);
        while waiting.recv_many(&mut batch, TOGETHER).await > 0 {
            let mut groups = BTreeMap::<_, Vec<Cast>>::new();
            for cast in batch.drain(..) {
                groups.entry(aside.is_none().then(|| cast.vote.poll.clone())).or_default().push(cast);
            }
            for casts in groups.into_values() {
                self.write_together(casts, aside.as_ref()).await;
            }
        }
    }

    async fn write_together(&self, casts: Vec<Cast>, aside: Option<&mpsc::Sender<Cast>>) {
        let (casts, late): (Vec<_>, Vec<_>) = casts.into_iter().partition(|cast| cast.asked.since.elapsed() < PATIENCE);
        for cast in late {
            cast.asked.answer(Err(VoteError::Failed));
        }
        let (votes, asked): (Vec<Vote>, Vec<Asked>) = casts.into_iter().map(|cast| (cast.vote, cast.asked)).unzip();
        let outcomes = self.commit(&votes, if aside.is_some() { Held::PutAside } else { Held::WaitFor }).await;
        let stored = votes.iter().zip(&outcomes).filter(|(_, outcome)| outcome.is_ok()).map(|(vote, _)| vote.poll.as_str());
        self.live.voted(&stored.collect());
        for ((vote, asked), outcome) in votes.into_iter().zip(asked).zip(outcomes) {
            match aside.filter(|_| outcome == Err(VoteError::Held)) {
                None => asked.answer(outcome),
                Some(aside) => {
                    if let Err(full) = aside.try_send(Cast { vote, asked }) {
                        full.into_inner().asked.answer(outcome);
                    }
                }
            }
        }
    }

    /// Stores votes together, or none of them, in the time there is. What has gone wrong is every vote's fate.
    async fn commit(&self, votes: &[Vote], held: Held) -> Vec<Result<(), VoteError>> {
        if votes.is_empty() {
            return Vec::new();
        }
        let mut fate = VoteError::Failed;
        let outcomes = in_time(async {
            let (transaction, outcomes) = self.prepare(votes, held).await?;
            fate = VoteError::Unsure;
            transaction.commit().await?;
            Ok::<_, DbErr>(outcomes)
        });
        match outcomes.await {
            Ok(outcomes) => outcomes,
            Err(error) => {
                tracing::error!(%error, "votes could not be stored");
                vec![Err(fate); votes.len()]
            }
        }
    }
}

/// What comes of something, if it comes in time. Whatever happens to it, who waits goes on.
async fn in_time<T, E: Display>(what: impl Future<Output = Result<T, E>>) -> Result<T, String> {
    match AssertUnwindSafe(timeout(PATIENCE, what)).catch_unwind().await {
        Ok(Ok(outcome)) => outcome.map_err(|error| error.to_string()),
        Ok(Err(late)) => Err(late.to_string()),
        Err(_) => Err("it panicked".to_owned()),
    }
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
    /// Writes votes, and tells what becomes of each once this is committed.
    async fn prepare(&self, votes: &[Vote], held: Held) -> Result<(DatabaseTransaction, Vec<Result<(), VoteError>>), DbErr> {
        let transaction = self.db.begin().await?;
        let (polls, now) = read_polls(&transaction, votes, held, &self.clock).await?;
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
        Ok((transaction, outcomes))
    }

    fn checked<'a>(
        &self,
        vote: &'a Vote,
        verified: &HashMap<Vec<u8>, (i64, Vec<u8>)>,
        polls: &'a HashMap<&str, Option<OpenPoll>>,
    ) -> Result<Checked<'a>, VoteError> {
        let (account, number) = verified.get(&vote.session).ok_or(VoteError::NotVerified)?;
        let number = self.keys.open_sealed(*account, number).ok_or(VoteError::NotVerified)?;
        let poll = polls.get(vote.poll.as_str()).ok_or(VoteError::NoPoll)?.as_ref().ok_or(VoteError::Held)?;
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
    if !super::votes::has_voted(transaction, row, &checked.voter).await? {
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
/// while its poll was closed comes too late. Whoever puts aside what others hold waits for nobody, and whoever waits does so for one
/// poll: so none waits for another that waits for it. A poll that was put aside is there, but empty.
async fn read_polls<'a>(
    transaction: &DatabaseTransaction,
    votes: &'a [Vote],
    held: Held,
    clock: &Clock,
) -> Result<(HashMap<&'a str, Option<OpenPoll>>, Seconds), DbErr> {
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
    let lock = match (transaction.get_database_backend(), held) {
        (DbBackend::Postgres, Held::PutAside) => " FOR NO KEY UPDATE SKIP LOCKED",
        (DbBackend::Postgres, Held::WaitFor) => " FOR NO KEY UPDATE",
        _ => "",
    };
    let (mut rows, mut polls) = (Vec::new(), HashMap::new());
    for id in votes.iter().map(|vote| vote.poll.as_str()).collect::<BTreeSet<_>>() {
        let sql = format!(
            "SELECT id, kind, most, draft, hidden_reason IS NOT NULL AS hidden, fingerprint IS NOT NULL AS shut, changeable, countries, opens_at,
             closes_at FROM poll WHERE public_id = $1{lock}"
        );
        let row = Row::find_by_statement(statement(transaction, &sql, [id.into()])).one(transaction).await?;
        if row.is_none() && lock.ends_with("SKIP LOCKED") {
            let there = statement(transaction, "SELECT id FROM poll WHERE public_id = $1", [id.into()]);
            polls.extend(transaction.query_one_raw(there).await?.map(|_| (id, None)));
        }
        rows.extend(row.filter(|row| !row.hidden).map(|row| (id, row)));
    }
    let now = clock.now();
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
        polls.insert(id, Some(poll));
    }
    Ok((polls, now))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_value_of_each_row_has_its_place() {
        assert_eq!(rows(2, 3), "($1, $2, $3), ($4, $5, $6)");
    }

    #[tokio::test]
    async fn what_panics_or_never_ends_is_told_in_time() {
        assert_eq!(in_time(async { Ok::<_, DbErr>(1) }).await, Ok(1));
        assert_eq!(in_time(async { Err::<(), _>("no") }).await, Err("no".to_owned()));
        assert_eq!(in_time(std::future::pending::<Result<(), DbErr>>()).await, Err("deadline has elapsed".to_owned()));
        assert_eq!(
            in_time(async { if true { panic!("as a bug would") } else { Ok::<(), DbErr>(()) } }).await,
            Err("it panicked".to_owned())
        );
    }
}
