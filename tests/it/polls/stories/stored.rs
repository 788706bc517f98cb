//! What the database holds after a batch, compared with the models.

use std::collections::{BTreeMap, BTreeSet};

use pollstr::platform::db::Db;
use sea_orm::{FromQueryResult, Statement};

use crate::polls::stories::model::Model;

#[derive(FromQueryResult)]
pub(super) struct BallotRow {
    poll: String,
    pub(super) choices: String,
    pub(super) receipt: Vec<u8>,
}

#[derive(FromQueryResult)]
struct TallyRow {
    poll: String,
    key: String,
    votes: i64,
}

#[derive(FromQueryResult)]
struct MarkRow {
    poll: String,
    voter: Vec<u8>,
}

/// Reads rows of polls from a row number on.
pub(super) async fn rows<T: FromQueryResult>(
    db: &Db,
    columns: &str,
    table: &str,
    first: i64,
) -> Vec<T> {
    let sql = format!(
        "SELECT poll.public_id AS poll, {columns} FROM {table} AS t JOIN poll ON poll.id = t.poll_id WHERE t.poll_id >= {first}"
    );
    T::find_by_statement(Statement::from_string(db.backend(), sql))
        .all(db.read())
        .await
        .unwrap()
}

/// Asserts that the database holds exactly what the models expect.
pub(super) async fn matches_models(db: &Db, models: &[Model], first: i64) {
    let mut ballots = BTreeMap::<String, BTreeMap<Vec<u8>, String>>::new();
    for row in rows::<BallotRow>(db, "choices, receipt", "ballot", first).await {
        ballots
            .entry(row.poll)
            .or_default()
            .insert(row.receipt, row.choices);
    }
    let mut marks = BTreeMap::<String, BTreeSet<Vec<u8>>>::new();
    for row in rows::<MarkRow>(db, "voter", "participation", first).await {
        marks.entry(row.poll).or_default().insert(row.voter);
    }
    let mut tallies = BTreeMap::<String, BTreeMap<String, i64>>::new();
    for row in rows::<TallyRow>(db, "key, votes", "tally", first).await {
        if row.key != "changes" && row.votes != 0 {
            tallies
                .entry(row.poll)
                .or_default()
                .insert(row.key, row.votes);
        }
    }
    for model in models {
        let expected: BTreeMap<Vec<u8>, String> = model
            .ballots
            .iter()
            .map(|(receipt, says)| (receipt.clone(), model.text(says)))
            .collect();
        assert_eq!(ballots.remove(&model.id).unwrap_or_default(), expected);
        assert_eq!(marks.remove(&model.id).unwrap_or_default(), model.marks);
        assert_eq!(tallies.remove(&model.id).unwrap_or_default(), model.tally());
    }
    assert!(ballots.is_empty() && marks.is_empty() && tallies.is_empty());
}
