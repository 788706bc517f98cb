//! What is asked of votes: who has voted, by marks; whether a receipt is there; how they stand. They are written by `ballot_box` alone.

use std::collections::HashSet;

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult};

use super::count::Tally;
use super::selection::Selection;
use crate::accounts::store::proved_number;
use crate::accounts::viewer::Viewer;
use crate::db::{Db, statement};
use crate::keys::{Keys, Mac32};

/// Whether a mark is among those of a poll.
///
/// # Errors
/// When the database fails.
pub async fn has_voted(db: &impl ConnectionTrait, poll: i64, voter: &[u8]) -> Result<bool, DbErr> {
    let sql = "SELECT 1 FROM participation WHERE poll_id = $1 AND voter = $2";
    let statement = statement(db, sql, [poll.into(), voter.to_vec().into()]);
    Ok(db.query_one_raw(statement).await?.is_some())
}

/// Whether a ballot of a poll has this receipt, given by its hash.
///
/// # Errors
/// When the database fails.
pub async fn has_receipt(db: &impl ConnectionTrait, poll: i64, receipt: &[u8]) -> Result<bool, DbErr> {
    let sql = "SELECT 1 FROM ballot WHERE poll_id = $1 AND receipt = $2";
    Ok(db.query_one_raw(statement(db, sql, [poll.into(), receipt.to_vec().into()])).await?.is_some())
}

/// In which of these polls these marks were left; all in one question.
///
/// # Errors
/// When the database fails.
pub async fn voted_in(db: &impl ConnectionTrait, marks: &[(i64, Mac32)]) -> Result<HashSet<i64>, DbErr> {
    if marks.is_empty() {
        return Ok(HashSet::new());
    }
    let pairs: Vec<String> = (1..=marks.len()).map(|n| format!("(poll_id = ${} AND voter = ${})", 2 * n - 1, 2 * n)).collect();
    let sql = format!("SELECT poll_id FROM participation WHERE {}", pairs.join(" OR "));
    let values = marks.iter().flat_map(|(poll, voter)| [(*poll).into(), voter.to_vec().into()]);
    let rows = db.query_all_raw(statement(db, &sql, values)).await?;
    rows.iter().map(|row| row.try_get("", "poll_id")).collect()
}

/// The proved number of a viewer, if the session is verified.
///
/// # Errors
/// When the database fails.
pub async fn number_of(db: &Db, keys: &Keys, viewer: &Viewer) -> Result<Option<String>, DbErr> {
    match viewer {
        Viewer::Verified(person) => proved_number(db, keys, person.id).await,
        Viewer::Anonymous | Viewer::LoggedIn(_) => Ok(None),
    }
}

/// The names under which a tally keeps how many ballots there are, and how often one was changed.
pub const BALLOTS: &str = "ballots";
/// See [`BALLOTS`].
pub const CHANGES: &str = "changes";

#[derive(FromQueryResult)]
struct TallyRow {
    key: String,
    votes: i64,
}

/// The tally of a poll, as the ballots are: their number, and how many of them say each thing.
///
/// # Errors
/// When the database fails.
pub async fn tally(db: &impl ConnectionTrait, poll: i64) -> Result<Tally, DbErr> {
    let sql = "SELECT key, votes FROM tally WHERE poll_id = $1";
    let rows = TallyRow::find_by_statement(statement(db, sql, [poll.into()])).all(db).await?;
    let mut tally = Tally::default();
    for TallyRow { key, votes } in rows {
        match key.as_str() {
            BALLOTS => tally.ballots = votes,
            CHANGES => tally.changes = votes,
            _ => tally.votes.extend(Selection::read(&key).filter(|_| votes > 0).map(|selection| (selection, votes))),
        }
    }
    tally.votes.sort_unstable();
    Ok(tally)
}

/// The version of a poll's count, without counting.
///
/// # Errors
/// When the database fails.
pub async fn version(db: &impl ConnectionTrait, poll: i64) -> Result<i64, DbErr> {
    let sql = "SELECT CAST(COALESCE(SUM(votes), 0) AS BIGINT) AS version FROM tally WHERE poll_id = $1 AND key IN ($2, $3)";
    let row = db.query_one_raw(statement(db, sql, [poll.into(), BALLOTS.into(), CHANGES.into()])).await?;
    row.map_or(Ok(0), |row| row.try_get("", "version"))
}
