//! Writes the marks, ballots and tallies of a batch. No other file inserts ballots.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use crate::platform::crypto::{Mac32, random};
use crate::platform::db::{Transaction, either, execute, rows, statement};
use crate::polls::model::selection::Selection;
use crate::polls::store::votes::{Mark, Marks, read_marks};

/// Leaves marks, in their own order, and tells which of them were not there before.
pub(crate) async fn mark(
    transaction: &Transaction,
    marks: &BTreeSet<Mark>,
) -> Result<Marks, DbErr> {
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
pub(crate) async fn mark_accounts(
    transaction: &Transaction,
    marks: &BTreeSet<Mark>,
) -> Result<(), DbErr> {
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
pub(crate) type Slot = (i64, Mac32);

/// What a ballot says, and how that is stored.
pub(crate) struct Ballot {
    pub(super) text: String,
    pub(super) selection: Selection,
}

pub(crate) fn slot(row: &QueryResult) -> Result<Slot, DbErr> {
    let receipt: Vec<u8> = row.try_get("", "receipt")?;
    let receipt = receipt
        .try_into()
        .map_err(|_| DbErr::Type("the hash of a receipt has 32 bytes".to_owned()))?;
    Ok((row.try_get("", "poll_id")?, receipt))
}

pub(crate) fn values(slots: &BTreeSet<Slot>) -> impl Iterator<Item = Value> {
    slots
        .iter()
        .flat_map(|(poll, receipt)| [Value::from(*poll), receipt.to_vec().into()])
}

/// Those of these receipts that are there.
pub(crate) async fn receipts(
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
pub(crate) async fn take_out(
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
pub(crate) async fn put_in(
    transaction: &Transaction,
    ballots: HashMap<Slot, Ballot>,
) -> Result<(), DbErr> {
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
pub(crate) struct Additions(BTreeMap<(i64, String), i64>);

impl Additions {
    pub(super) fn add(&mut self, poll: i64, keys: impl IntoIterator<Item = String>, votes: i64) {
        for key in keys {
            *self.0.entry((poll, key)).or_default() += votes;
        }
    }
}

/// Brings the tally up to date with the ballots of a batch.
pub(crate) async fn add_up(transaction: &Transaction, additions: Additions) -> Result<(), DbErr> {
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

/// How many votes there are in a batch at most.
pub(crate) const TOGETHER: usize = 64;
