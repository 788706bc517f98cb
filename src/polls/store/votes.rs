//! Queries about votes: participation marks, receipts and tallies. Only `batch` writes them.

use std::collections::{HashMap, HashSet};

use sea_orm::{ConnectionTrait, DbErr, FromQueryResult, QueryResult};

use crate::accounts::viewer::Viewer;
use crate::platform::clock::Seconds;
use crate::platform::crypto::{Keys, Mac32};
use crate::platform::db::{either, places, statement};
use crate::polls::model::counting::count::Tally;
use crate::polls::model::selection::Selection;
use crate::verification::Phone;
use crate::verification::numbers::spellings;

/// Whether a ballot of this poll has the receipt with this hash.
pub async fn has_receipt(
    db: &impl ConnectionTrait,
    poll: i64,
    receipt: &[u8],
) -> Result<bool, DbErr> {
    let sql = "SELECT 1 FROM ballot WHERE poll_id = $1 AND receipt = $2";
    Ok(db
        .query_one_raw(statement(db, sql, [poll.into(), receipt.to_vec().into()]))
        .await?
        .is_some())
}

/// Returns the hashes of up to `limit` receipts of a poll after this one, in order.
pub async fn receipts_after(
    db: &impl ConnectionTrait,
    poll: i64,
    after: Vec<u8>,
    limit: usize,
) -> Result<Vec<Vec<u8>>, DbErr> {
    let sql = format!(
        "SELECT receipt FROM ballot WHERE poll_id = $1 AND receipt > $2 ORDER BY receipt LIMIT {limit}"
    );
    let rows = db
        .query_all_raw(statement(db, &sql, [poll.into(), after.into()]))
        .await?;
    rows.iter().map(|row| row.try_get("", "receipt")).collect()
}

/// A participation mark, which records that a number or an account has voted: the poll's row id and
/// a MAC under the poll's key.
pub type Mark = (i64, Mac32);
/// A set of marks.
pub type Marks = HashSet<Mark>;

/// The marks that this number may have in a poll: its own first, then those of its other spellings.
#[must_use]
pub fn marks_of(keys: &Keys, row: i64, poll: &str, number: &str) -> Vec<Mark> {
    spellings::of(number)
        .iter()
        .map(|spelling| (row, keys.voter(poll, spelling)))
        .collect()
}

/// Whether a number is, or may be, a mobile number.
#[must_use]
pub fn is_mobile(number: &str) -> bool {
    Phone::from_stored(number.to_owned()).is_some_and(|phone| phone.is_mobile())
}

/// Returns which of these marks exist, in one query.
pub async fn marks(db: &impl ConnectionTrait, marks: &[Mark]) -> Result<Marks, DbErr> {
    if marks.is_empty() {
        return Ok(Marks::new());
    }
    let sql = format!(
        "SELECT poll_id, voter FROM participation WHERE {}",
        either(["poll_id", "voter"], marks.len())
    );
    let values = marks
        .iter()
        .flat_map(|(poll, voter)| [(*poll).into(), voter.to_vec().into()]);
    read_marks(&db.query_all_raw(statement(db, &sql, values)).await?)
}

/// Returns which of these account marks exist, in one query.
pub async fn account_marks(db: &impl ConnectionTrait, marks: &[Mark]) -> Result<Marks, DbErr> {
    if marks.is_empty() {
        return Ok(Marks::new());
    }
    let sql = format!(
        "SELECT poll_id, account AS voter FROM account_participation WHERE {}",
        either(["poll_id", "account"], marks.len())
    );
    let values = marks
        .iter()
        .flat_map(|(poll, account)| [(*poll).into(), account.to_vec().into()]);
    read_marks(&db.query_all_raw(statement(db, &sql, values)).await?)
}

/// Reads marks from rows with the columns `poll_id` and `voter`.
pub fn read_marks(rows: &[QueryResult]) -> Result<Marks, DbErr> {
    let voter = |voter: Vec<u8>| {
        voter
            .try_into()
            .map_err(|_| DbErr::Type("a mark has 32 bytes".to_owned()))
    };
    rows.iter()
        .map(|row| {
            Ok((
                row.try_get("", "poll_id")?,
                voter(row.try_get("", "voter")?)?,
            ))
        })
        .collect()
}

/// The viewer's verified number, if the session is verified.
#[must_use]
pub fn number_of(keys: &Keys, viewer: &Viewer) -> Option<String> {
    match viewer {
        Viewer::Verified(person) => keys.open_sealed(person.id, &person.number.as_ref()?.sealed),
        Viewer::Anonymous | Viewer::LoggedIn(_) => None,
    }
}

/// Returns whether one of these marks exists, of numbers or of accounts.
pub async fn has_voted(
    db: &impl ConnectionTrait,
    numbers: &[Mark],
    account: Option<Mark>,
) -> Result<bool, DbErr> {
    if numbers.is_empty() && account.is_none() {
        return Ok(false);
    }
    let number = (!numbers.is_empty()).then(|| {
        let these = either(["poll_id", "voter"], numbers.len());
        format!("SELECT 1 FROM participation WHERE {these}")
    });
    let own = account.map(|_| {
        let (poll, mark) = (2 * numbers.len() + 1, 2 * numbers.len() + 2);
        format!("SELECT 1 FROM account_participation WHERE poll_id = ${poll} AND account = ${mark}")
    });
    let sql = number.into_iter().chain(own).collect::<Vec<_>>();
    let sql = format!("{} LIMIT 1", sql.join(" UNION ALL "));
    let values = numbers
        .iter()
        .chain(&account)
        .flat_map(|(poll, mark)| [(*poll).into(), mark.to_vec().into()]);
    Ok(db
        .query_one_raw(statement(db, &sql, values))
        .await?
        .is_some())
}

/// Tally key for the number of ballots.
pub const BALLOTS: &str = "ballots";
/// Tally key for the number of changed ballots.
pub const CHANGES: &str = "changes";

#[derive(FromQueryResult)]
struct TallyRow {
    key: String,
    votes: i64,
}

/// Loads the tally of a poll: the number of ballots and the votes for each selection.
pub async fn tally(db: &impl ConnectionTrait, poll: i64) -> Result<Tally, DbErr> {
    let sql = "SELECT key, votes FROM tally WHERE poll_id = $1";
    let rows = TallyRow::find_by_statement(statement(db, sql, [poll.into()]))
        .all(db)
        .await?;
    let mut tally = Tally::default();
    for TallyRow { key, votes } in rows {
        match key.as_str() {
            BALLOTS => tally.ballots = votes,
            CHANGES => tally.changes = votes,
            _ => tally.votes.extend(
                Selection::read(&key)
                    .filter(|_| votes > 0)
                    .map(|selection| (selection, votes)),
            ),
        }
    }
    tally.votes.sort_unstable();
    Ok(tally)
}

/// Returns the number of ballots of a poll without counting.
pub async fn ballots(db: &impl ConnectionTrait, poll: i64) -> Result<i64, DbErr> {
    let sql = "SELECT votes FROM tally WHERE poll_id = $1 AND key = $2";
    let row = db
        .query_one_raw(statement(db, sql, [poll.into(), BALLOTS.into()]))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "votes"))
}

/// Returns the numbers of ballots of these polls, by row, in one query. Polls without ballots may be
/// left out.
pub async fn ballots_of(
    db: &impl ConnectionTrait,
    polls: &[i64],
) -> Result<HashMap<i64, i64>, DbErr> {
    let sql = format!(
        "SELECT poll_id, votes FROM tally WHERE key = $1 AND poll_id IN ({})",
        places(2, polls.len())
    );
    let values = std::iter::once(BALLOTS.into()).chain(polls.iter().map(|poll| (*poll).into()));
    let rows = db.query_all_raw(statement(db, &sql, values)).await?;
    rows.iter()
        .map(|row| Ok((row.try_get("", "poll_id")?, row.try_get("", "votes")?)))
        .collect()
}

/// Returns how many ballots there are in all polls whose results everyone may see now.
pub async fn public_ballots(db: &impl ConnectionTrait, now: Seconds) -> Result<i64, DbErr> {
    let sql = "SELECT CAST(COALESCE(SUM((SELECT votes FROM tally WHERE poll_id = poll.id AND key = $1)), 0) AS BIGINT) AS votes
        FROM poll WHERE NOT poll.draft AND poll.hidden_reason IS NULL AND (poll.results = 'always' OR poll.closes_at <= $2)";
    let row = db
        .query_one_raw(statement(db, sql, [BALLOTS.into(), now.into()]))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "votes"))
}

/// Returns the version of a poll's count without counting.
pub async fn version(db: &impl ConnectionTrait, poll: i64) -> Result<i64, DbErr> {
    let sql = "SELECT CAST(COALESCE(SUM(votes), 0) AS BIGINT) AS version FROM tally WHERE poll_id = $1 AND key IN ($2, $3)";
    let row = db
        .query_one_raw(statement(
            db,
            sql,
            [poll.into(), BALLOTS.into(), CHANGES.into()],
        ))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "version"))
}
