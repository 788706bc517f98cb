//! Writes the marks, ballots and tallies of a batch. No other file inserts new ballots.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr, QueryResult, Value};

use crate::platform::crypto::{Mac32, random};
use crate::platform::db::{Transaction, either, execute, rows, statement};
use crate::polls::model::selection::Selection;
use crate::polls::store::votes::{Mark, Marks, read_marks};

/// Inserts marks in key order and returns those that are new.
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

/// Inserts account marks in key order. The polls are locked, so existing marks have already been
/// seen.
pub(crate) async fn insert_account_marks(
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

/// The key of a ballot: its poll and the hash of its receipt.
pub(crate) type Slot = (i64, Mac32);

/// A ballot's selection, and its stored form.
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

/// Returns which of these receipts exist.
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

/// Deletes and returns the ballots to be replaced by new ones of the same voters.
pub(crate) async fn delete_ballots(
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

/// Inserts ballots with random ids in the order of those ids, so the order says nothing about when
/// they were cast.
pub(crate) async fn insert_ballots(
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

/// Changes to the tally, by poll and key.
#[derive(Default)]
pub(crate) struct Additions(BTreeMap<(i64, String), i64>);

impl Additions {
    pub(super) fn add(&mut self, poll: i64, keys: impl IntoIterator<Item = String>, votes: i64) {
        for key in keys {
            *self.0.entry((poll, key)).or_default() += votes;
        }
    }
}

/// Applies the changes of a batch to the tally.
pub(crate) async fn update_tally(
    transaction: &Transaction,
    additions: Additions,
) -> Result<(), DbErr> {
    let additions: Vec<_> = additions
        .0
        .into_iter()
        .filter(|(_, votes)| *votes != 0)
        .collect();
    for some in additions.chunks(MAX_BATCH) {
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

/// Maximum number of votes in a batch.
pub(crate) const MAX_BATCH: usize = 64;
