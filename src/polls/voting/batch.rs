//! A batch of votes: what is asked of the database for all of them at once, what is wrong with each, and what is written for all of
//! them at once.
//!
//! A vote is a mark of the voter, a ballot without one, and a tally; the mark's key decides whether it is the first. Marks and ballots
//! are each written in an order of their own, so that neither tells which belong together. A vote that was sent before is known by its
//! mark and its receipt.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbBackend, DbErr, FromQueryResult, QueryResult, Value};

use crate::accounts::sessions::active_sessions::{Verified, find_verified};
use crate::platform::clock::{Clock, Seconds};
use crate::platform::crypto::{Keys, Mac32, random};
use crate::platform::db::{Transaction, either, execute, places, rows, statement};
use crate::polls::model::nonce::Nonce;
use crate::polls::model::poll::{Kind, State, takes};
use crate::polls::model::receipt::Receipt;
use crate::polls::model::selection::Selection;
use crate::polls::store::votes::{
    BALLOTS, CHANGES, Mark, Marks, account_marks, is_mobile, marks, marks_of, read_marks,
};
use crate::polls::voting::vote::{AcceptedVote, Outcome, Vote, VoteError};

/// How many votes there are in a batch at most.
pub(crate) const TOGETHER: usize = 64;

/// What to do about a poll that somebody else holds.
#[derive(Clone, Copy, PartialEq)]
pub(crate) enum OnLocked {
    Skip,
    Wait,
}

/// Writes votes, and tells what becomes of each once this is committed.
pub(crate) async fn store(
    transaction: &Transaction,
    keys: &Keys,
    clock: &Clock,
    votes: &[Vote],
    held: OnLocked,
    mobile_only: bool,
) -> Result<Vec<Outcome>, DbErr> {
    let (polls, now) = read_polls(transaction, votes, held, clock, mobile_only).await?;
    let sessions: BTreeSet<&[u8]> = votes.iter().map(|vote| vote.session.as_slice()).collect();
    let verified = find_verified(transaction, &sessions, now).await?;
    let checked: Vec<_> = votes
        .iter()
        .map(|vote| check(keys, vote, &verified, &polls))
        .collect();
    let there = receipts(
        transaction,
        &checked.iter().flatten().map(Checked::slot).collect(),
    )
    .await?;
    let (first, others): (Vec<_>, Vec<_>) = checked
        .iter()
        .flatten()
        .partition(|checked| checked.may_be_first() && !there.contains(&checked.slot()));
    // The polls are held: between this look and the marks, no other process leaves one.
    let before = Before::read(transaction, &others, &first).await?;
    let new = mark(transaction, &before.fresh(&first)).await?;
    let accounts = first
        .iter()
        .filter(|checked| new.contains(&checked.mark))
        .filter_map(|checked| checked.account)
        .collect();
    mark_accounts(transaction, &accounts).await?;
    let changing = others
        .iter()
        .filter(|checked| checked.may_change() && before.has(checked));
    let ballots = take_out(
        transaction,
        &changing.flat_map(|checked| checked.changes()).collect(),
    )
    .await?;
    let mut batch = Batch {
        there,
        new,
        before,
        ballots,
        additions: Additions::default(),
    };
    let outcomes = checked
        .into_iter()
        .map(|checked| batch.take(checked?))
        .collect();
    put_in(transaction, batch.ballots).await?;
    add_up(transaction, batch.additions).await?;
    Ok(outcomes)
}

/// Where votes are taken one after the other, between what is read for all of them and what is written for all of them.
struct Batch {
    /// The receipts of these votes that were in the database before.
    there: HashSet<Slot>,
    /// The marks that were left just now; the first of several votes with one number takes it.
    new: Marks,
    before: Before,
    /// The ballots to be put in: new ones, and those that were taken out to be changed.
    ballots: HashMap<Slot, Ballot>,
    additions: Additions,
}

impl Batch {
    fn take(&mut self, checked: Checked<'_>) -> Outcome {
        let (slot, kind) = (checked.slot(), checked.poll.kind);
        let (row, _) = slot;
        let in_database = self.there.contains(&slot);
        // A ballot that was sent before has this voter's mark and this receipt. That is said before anything else, and whatever it
        // chooses now: to whoever sends it again the answer must not tell how they voted.
        if !checked.may_change()
            && (self.ballots.contains_key(&slot) || (in_database && self.before.has(&checked)))
        {
            return Ok(AcceptedVote {
                receipt: checked.receipt,
                stands: true,
            });
        }
        let selection = checked.says.clone()?;
        match (self.ballots.remove(&slot), &checked.vote.replaces) {
            // Sent again, it takes its own place.
            (Some(own), _) => {
                let changes = i64::from(own.selection != selection);
                self.additions.add(row, own.selection.keys(kind), -1);
                self.additions.add(row, [CHANGES.to_owned()], changes);
            }
            // By chance, two voters' receipts are the same. With another page this one's is another.
            (None, _) if in_database && !self.before.has(&checked) => {
                return Err(VoteError::Failed);
            }
            (None, None) if !self.new.remove(&checked.mark) => return Err(VoteError::AlreadyVoted),
            (None, None) => self.additions.add(row, [BALLOTS.to_owned()], 1),
            (None, Some(_)) if !self.before.has(&checked) => return Err(VoteError::NotVoted),
            (None, Some(replaced)) => {
                let old = self
                    .ballots
                    .remove(&(row, replaced.clone()?))
                    .ok_or(VoteError::WrongReceipt)?;
                self.additions.add(row, old.selection.keys(kind), -1);
                self.additions.add(row, [CHANGES.to_owned()], 1);
            }
        }
        self.additions.add(row, selection.keys(kind), 1);
        let text = selection.text(kind);
        self.ballots.insert(slot, Ballot { text, selection });
        Ok(AcceptedVote {
            receipt: checked.receipt,
            stands: false,
        })
    }
}

/// A poll, as far as a vote in it must be checked.
struct OpenPoll {
    row: i64,
    state: State,
    kind: Kind,
    changeable: bool,
    mobile_only: bool,
    per_account: bool,
    countries: Vec<String>,
    positions: BTreeSet<i64>,
}

/// The polls of a batch; one that was put aside is there, but empty.
type Polls = HashMap<String, Option<OpenPoll>>;

/// Reads the polls of a batch, and holds them as they are until its commit; then reads the clock, so that a vote that had to wait
/// while its poll was closed comes too late. Whoever puts aside what others hold waits for nobody, and whoever waits does so for one
/// poll: so none waits for another that waits for it.
async fn read_polls(
    transaction: &Transaction,
    votes: &[Vote],
    held: OnLocked,
    clock: &Clock,
    mobile_only: bool,
) -> Result<(Polls, Seconds), DbErr> {
    #[derive(FromQueryResult)]
    struct Row {
        id: i64,
        public_id: String,
        kind: String,
        #[sea_orm(from_alias = "max_choices")]
        most: i64,
        draft: bool,
        shut: bool,
        changeable: bool,
        mobile_only: bool,
        per_account: bool,
        countries: String,
        opens_at: Seconds,
        closes_at: Option<Seconds>,
    }
    // Whoever seals a poll does not wait for this at each row, though its votes do wait for each other.
    let lock = match (transaction.get_database_backend(), held) {
        (DbBackend::Postgres, OnLocked::Skip) => "FOR NO KEY UPDATE SKIP LOCKED",
        (DbBackend::Postgres, OnLocked::Wait) => "FOR NO KEY UPDATE",
        _ => "",
    };
    let ids: BTreeSet<&str> = votes.iter().map(|vote| vote.poll.as_str()).collect();
    let these = format!(
        "FROM poll WHERE hidden_reason IS NULL AND public_id IN ({})",
        places(1, ids.len())
    );
    let values = || ids.iter().map(|id| Value::from(*id));
    let sql = format!(
        "SELECT id, public_id, kind, max_choices, draft, sealing_state <> 'not_started' AS shut, changeable, mobile_only, per_account, countries, opens_at,
         closes_at {these} {lock}"
    );
    let found = Row::find_by_statement(statement(transaction, &sql, values()))
        .all(transaction)
        .await?;
    let mut polls = Polls::new();
    if found.len() < ids.len() && lock.ends_with("SKIP LOCKED") {
        let held = statement(transaction, &format!("SELECT public_id {these}"), values());
        for row in transaction.query_all_raw(held).await? {
            polls.insert(row.try_get("", "public_id")?, None);
        }
    }
    let now = clock.now();
    let mut positions = positions(
        transaction,
        &found.iter().map(|row| row.id).collect::<Vec<_>>(),
    )
    .await?;
    for row in found {
        let poll = OpenPoll {
            row: row.id,
            state: match () {
                () if row.draft => State::Draft,
                // It is being sealed: by another clock it was closed before this vote came.
                () if row.shut => State::Closed,
                () => State::at(row.opens_at, row.closes_at, now),
            },
            kind: Kind::of(&row.kind, row.most)
                .ok_or_else(|| DbErr::Type("a poll's kind is none that we know".to_owned()))?,
            changeable: row.changeable,
            mobile_only: mobile_only || row.mobile_only,
            per_account: row.per_account,
            countries: row
                .countries
                .split_whitespace()
                .map(str::to_owned)
                .collect(),
            positions: positions.remove(&row.id).unwrap_or_default(),
        };
        polls.insert(row.public_id, Some(poll));
    }
    Ok((polls, now))
}

/// The choices of polls.
async fn positions(
    transaction: &Transaction,
    polls: &[i64],
) -> Result<HashMap<i64, BTreeSet<i64>>, DbErr> {
    let mut positions = HashMap::<_, BTreeSet<i64>>::new();
    if polls.is_empty() {
        return Ok(positions);
    }
    let sql = format!(
        "SELECT poll_id, position FROM choice WHERE poll_id IN ({})",
        places(1, polls.len())
    );
    for row in transaction
        .query_all_raw(statement(
            transaction,
            &sql,
            polls.iter().map(|poll| (*poll).into()),
        ))
        .await?
    {
        positions
            .entry(row.try_get("", "poll_id")?)
            .or_default()
            .insert(row.try_get("", "position")?);
    }
    Ok(positions)
}

/// A vote whose voter and poll are known; whether it is the first one of its voter is the database's to say.
struct Checked<'a> {
    vote: &'a Vote,
    poll: &'a OpenPoll,
    /// The mark that this vote leaves.
    mark: Mark,
    /// Those that this phone may have left before, under other spellings of its number.
    others: Vec<Mark>,
    /// The mark of the account, where it has one vote, too, whatever its number.
    account: Option<Mark>,
    receipt: Receipt,
    /// What it chooses, or why it does not count unless it was counted before.
    says: Result<Selection, VoteError>,
}

impl Checked<'_> {
    /// Every mark that this phone may have left.
    fn marks(&self) -> impl Iterator<Item = &Mark> {
        std::iter::once(&self.mark).chain(&self.others)
    }

    /// Where its ballot lies.
    fn slot(&self) -> Slot {
        (self.poll.row, self.receipt.hash())
    }

    fn may_be_first(&self) -> bool {
        self.says.is_ok() && self.vote.replaces.is_none()
    }

    /// Whether the ballots of its poll can be changed now.
    fn may_change(&self) -> bool {
        self.poll.changeable && self.poll.state == State::Open
    }

    /// The ballots that it may take the place of: its own, where it was sent before, and the one whose receipt was typed.
    fn changes(&self) -> Vec<Slot> {
        if self.says.is_err() {
            return Vec::new();
        }
        let typed = self
            .vote
            .replaces
            .iter()
            .flatten()
            .map(|receipt| (self.poll.row, *receipt));
        typed.chain([self.slot()]).collect()
    }
}

/// What was left before this batch, by those who vote in it.
struct Before {
    numbers: Marks,
    accounts: Marks,
}

impl Before {
    /// The mark that a first vote leaves itself is not asked for: its key decides.
    async fn read(
        transaction: &Transaction,
        changed: &[&Checked<'_>],
        first: &[&Checked<'_>],
    ) -> Result<Self, DbErr> {
        let others = first.iter().flat_map(|checked| &checked.others);
        let numbers: Vec<Mark> = changed
            .iter()
            .flat_map(|checked| checked.marks())
            .chain(others)
            .copied()
            .collect();
        let accounts: Vec<Mark> = changed
            .iter()
            .chain(first)
            .filter_map(|checked| checked.account)
            .collect();
        Ok(Self {
            numbers: marks(transaction, &numbers).await?,
            accounts: account_marks(transaction, &accounts).await?,
        })
    }

    fn has(&self, checked: &Checked<'_>) -> bool {
        checked.marks().any(|mark| self.numbers.contains(mark))
            || checked
                .account
                .is_some_and(|mark| self.accounts.contains(&mark))
    }

    /// The marks of those who have not voted, one for each phone and account.
    fn fresh(&self, first: &[&Checked<'_>]) -> BTreeSet<Mark> {
        let (mut fresh, mut numbers, mut accounts) = (BTreeSet::new(), Marks::new(), Marks::new());
        for checked in first.iter().filter(|checked| !self.has(checked)) {
            let known = checked.marks().any(|mark| numbers.contains(mark))
                || checked.account.is_some_and(|mark| accounts.contains(&mark));
            if !known {
                numbers.extend(checked.marks());
                accounts.extend(checked.account);
                fresh.insert(checked.mark);
            }
        }
        fresh
    }
}

fn check<'a>(
    keys: &Keys,
    vote: &'a Vote,
    verified: &HashMap<Vec<u8>, Verified>,
    polls: &'a Polls,
) -> Result<Checked<'a>, VoteError> {
    let Verified {
        account,
        number,
        former,
    } = verified.get(&vote.session).ok_or(VoteError::NotVerified)?;
    let number = keys
        .open_sealed(*account, number)
        .ok_or(VoteError::NotVerified)?;
    let poll = polls
        .get(&vote.poll)
        .ok_or(VoteError::NoPoll)?
        .as_ref()
        .ok_or(VoteError::Held)?;
    if poll.state == State::Draft {
        return Err(VoteError::NoPoll);
    }
    let mark = (poll.row, keys.voter(&vote.poll, &number));
    let others = marks_of(keys, poll.row, &vote.poll, &number).split_off(1);
    let account_mark = poll
        .per_account
        .then(|| (poll.row, keys.voting_account(&vote.poll, *account)));
    // A step up in another tab gives the session another key while its ballot pages are open.
    let sessions = [Some(vote.session.as_slice()), former.as_deref()]
        .into_iter()
        .flatten();
    let nonce = Nonce::open(keys, &vote.poll, sessions, &vote.nonce).unwrap_or_else(Nonce::fresh);
    let receipt = nonce.receipt(keys, &vote.poll, &mark.1);
    Ok(Checked {
        vote,
        poll,
        mark,
        others,
        account: account_mark,
        receipt,
        says: says(vote, poll, &number),
    })
}

/// What a vote chooses, or why it does not count.
fn says(vote: &Vote, poll: &OpenPoll, number: &str) -> Result<Selection, VoteError> {
    match poll.state {
        State::Draft => return Err(VoteError::NoPoll),
        State::NotOpenYet => return Err(VoteError::NotOpenYet),
        State::Closed => return Err(VoteError::Closed),
        State::Open => {}
    }
    if !takes(&poll.countries, number) {
        return Err(VoteError::Foreign);
    }
    if poll.mobile_only && !is_mobile(number) {
        return Err(VoteError::Landline);
    }
    if vote.replaces.is_some() && !poll.changeable {
        return Err(VoteError::Final);
    }
    Ok(Selection::new(
        poll.kind,
        &poll.positions,
        vote.chosen.clone()?,
    )?)
}

/// Leaves marks, in their own order, and tells which of them were not there before.
async fn mark(transaction: &Transaction, marks: &BTreeSet<Mark>) -> Result<Marks, DbErr> {
    if marks.is_empty() {
        return Ok(Marks::new());
    }
    let rows = rows(marks.len(), 2);
    let sql = format!(
        "INSERT INTO participation (poll_id, voter) VALUES {rows} ON CONFLICT DO NOTHING RETURNING poll_id, voter"
    );
    let values = marks
        .iter()
        .flat_map(|(poll, voter)| [Value::from(*poll), voter.to_vec().into()]);
    read_marks(
        &transaction
            .query_all_raw(statement(transaction, &sql, values))
            .await?,
    )
}

/// Leaves marks of accounts, in their own order. The polls are held, so those that were there before were seen.
async fn mark_accounts(transaction: &Transaction, marks: &BTreeSet<Mark>) -> Result<(), DbErr> {
    if marks.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO account_participation (poll_id, account) VALUES {}",
        rows(marks.len(), 2)
    );
    let values = marks
        .iter()
        .flat_map(|(poll, account)| [Value::from(*poll), account.to_vec().into()]);
    execute(transaction, &sql, values).await.map(drop)
}

/// Where a ballot lies: its poll, and the hash of its receipt.
type Slot = (i64, Mac32);

/// What a ballot says, and how that is stored.
struct Ballot {
    text: String,
    selection: Selection,
}

fn slot(row: &QueryResult) -> Result<Slot, DbErr> {
    let receipt: Vec<u8> = row.try_get("", "receipt")?;
    let receipt = receipt
        .try_into()
        .map_err(|_| DbErr::Type("the hash of a receipt has 32 bytes".to_owned()))?;
    Ok((row.try_get("", "poll_id")?, receipt))
}

fn values(slots: &BTreeSet<Slot>) -> impl Iterator<Item = Value> {
    slots
        .iter()
        .flat_map(|(poll, receipt)| [Value::from(*poll), receipt.to_vec().into()])
}

/// Those of these receipts that are there.
async fn receipts(
    transaction: &Transaction,
    slots: &BTreeSet<Slot>,
) -> Result<HashSet<Slot>, DbErr> {
    if slots.is_empty() {
        return Ok(HashSet::new());
    }
    let sql = format!(
        "SELECT poll_id, receipt FROM ballot WHERE {}",
        either(["poll_id", "receipt"], slots.len())
    );
    transaction
        .query_all_raw(statement(transaction, &sql, values(slots)))
        .await?
        .iter()
        .map(slot)
        .collect()
}

/// Takes ballots out, so that others of the same voters can take their places.
async fn take_out(
    transaction: &Transaction,
    slots: &BTreeSet<Slot>,
) -> Result<HashMap<Slot, Ballot>, DbErr> {
    if slots.is_empty() {
        return Ok(HashMap::new());
    }
    let these = either(["poll_id", "receipt"], slots.len());
    let sql = format!("DELETE FROM ballot WHERE {these} RETURNING poll_id, receipt, choices");
    let rows = transaction
        .query_all_raw(statement(transaction, &sql, values(slots)))
        .await?;
    let ballots = rows.iter().map(|row| {
        let text: String = row.try_get("", "choices")?;
        let selection = Selection::read(&text)
            .ok_or_else(|| DbErr::Type("a ballot says something that is no choice".to_owned()))?;
        Ok((slot(row)?, Ballot { text, selection }))
    });
    ballots.collect()
}

/// Puts the ballots of a batch in, in the order of random ids, which is none that anybody voted in.
async fn put_in(transaction: &Transaction, ballots: HashMap<Slot, Ballot>) -> Result<(), DbErr> {
    if ballots.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "INSERT INTO ballot (poll_id, id, choices, receipt) VALUES {}",
        rows(ballots.len(), 4)
    );
    let ballots: BTreeMap<[u8; 16], _> = ballots
        .into_iter()
        .map(|ballot| (random(), ballot))
        .collect();
    let values = ballots
        .into_iter()
        .flat_map(|(id, ((poll, receipt), Ballot { text, .. }))| {
            [
                Value::from(poll),
                id.to_vec().into(),
                text.into(),
                receipt.to_vec().into(),
            ]
        });
    execute(transaction, &sql, values).await.map(drop)
}

/// What is to be added to the tally: for a poll and a key, how much.
#[derive(Default)]
struct Additions(BTreeMap<(i64, String), i64>);

impl Additions {
    fn add(&mut self, poll: i64, keys: impl IntoIterator<Item = String>, votes: i64) {
        for key in keys {
            *self.0.entry((poll, key)).or_default() += votes;
        }
    }
}

/// Brings the tally up to date with the ballots of a batch.
async fn add_up(transaction: &Transaction, additions: Additions) -> Result<(), DbErr> {
    let additions: Vec<_> = additions
        .0
        .into_iter()
        .filter(|(_, votes)| *votes != 0)
        .collect();
    for some in additions.chunks(TOGETHER) {
        let sql = format!(
            "INSERT INTO tally (poll_id, key, votes) VALUES {}
             ON CONFLICT (poll_id, key) DO UPDATE SET votes = tally.votes + excluded.votes",
            rows(some.len(), 3)
        );
        let values = some.iter().flat_map(|((poll, key), votes)| {
            [Value::from(*poll), key.as_str().into(), (*votes).into()]
        });
        execute(transaction, &sql, values).await?;
    }
    Ok(())
}
