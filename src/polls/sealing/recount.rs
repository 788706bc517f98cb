//! Recounts the polls of a database from their ballots.

use std::fmt;

use sea_orm::{ConnectionTrait, DbErr};

use crate::platform::clock::Seconds;
use crate::platform::db::{Db, Transaction, statement};
use crate::polls::sealing::bundle;
use crate::polls::sealing::recount_file::tally_of;
use crate::polls::store::polls::StoredPoll;
use crate::polls::store::{polls, votes};

/// Result of recounting a poll.
#[derive(Debug, PartialEq, Eq)]
pub struct Recounted {
    /// The poll's id.
    pub poll: String,
    /// The number of ballots.
    pub ballots: i64,
    /// The SHA-256 of its bundle, if sealed.
    pub fingerprint: Option<String>,
    /// The faults found.
    pub faults: Vec<String>,
}

impl fmt::Display for Recounted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            poll,
            ballots,
            fingerprint,
            faults,
        } = self;
        if !faults.is_empty() {
            return write!(f, "{poll}: WRONG; {}.", faults.join("; "));
        }
        write!(
            f,
            "{poll}: correct; {ballots} ballots match the voter marks and the tally."
        )?;
        fingerprint.as_ref().map_or(Ok(()), |fingerprint| {
            write!(f, " Sealed, SHA-256 {fingerprint}.")
        })
    }
}

/// Returns a batch of poll ids after a row number, and the row number of the last.
pub async fn polls(db: &Db, after: i64) -> Result<(Vec<String>, i64), DbErr> {
    let sql = "SELECT id, public_id FROM poll WHERE id > $1 AND NOT draft ORDER BY id LIMIT 500";
    let rows = db
        .read()
        .query_all_raw(statement(db.read(), sql, [after.into()]))
        .await?;
    let last = rows.last().map_or(Ok(after), |row| row.try_get("", "id"))?;
    Ok((
        rows.iter()
            .map(|row| row.try_get("", "public_id"))
            .collect::<Result<_, _>>()?,
        last,
    ))
}

/// Recounts a poll from its ballots in one snapshot, so votes can arrive meanwhile. Returns `None`
/// if there is no such poll.
pub async fn recount(db: &Db, id: &str, now: Seconds) -> Result<Option<Recounted>, DbErr> {
    let transaction = db.snapshot().await?;
    let Some(stored) = polls::find(&transaction, id, now).await? else {
        return Ok(None);
    };
    let (ballots, mut faults) = compare(&transaction, &stored).await?;
    transaction.commit().await?;
    if let Some(published) = &stored.fingerprint
        && *published
            != bundle::fingerprint(
                db,
                &StoredPoll {
                    fingerprint: None,
                    ..stored.clone()
                },
            )
            .await?
    {
        faults.push("its recount file differs from the published one".to_owned());
    }
    Ok(Some(Recounted {
        poll: stored.poll.id.clone(),
        ballots,
        fingerprint: stored.fingerprint,
        faults,
    }))
}

async fn how_many(transaction: &Transaction, marks: &str, poll: i64) -> Result<i64, DbErr> {
    let sql = format!("SELECT COUNT(*) AS marks FROM {marks} WHERE poll_id = $1");
    let row = transaction
        .query_one_raw(statement(transaction, &sql, [poll.into()]))
        .await?;
    row.map_or(Ok(0), |row| row.try_get("", "marks"))
}

async fn compare(
    transaction: &Transaction,
    stored: &StoredPoll,
) -> Result<(i64, Vec<String>), DbErr> {
    let (kind, choices) = (stored.poll.kind, &stored.poll.choices);
    let counts = bundle::count_ballots(transaction, stored.row).await?;
    let kept = votes::tally(transaction, stored.row).await?;
    let (marks, accounts) = (
        how_many(transaction, "participation", stored.row).await?,
        how_many(transaction, "account_participation", stored.row).await?,
    );
    let ballots: i64 = counts.values().sum();
    let mut faults = Vec::new();
    if marks != ballots {
        faults.push(format!("{ballots} ballots, but {marks} voter marks"));
    }
    if stored.poll.per_account && accounts != ballots {
        faults.push(format!("{ballots} ballots, but {accounts} account marks"));
    }
    match tally_of(kind, choices, &counts) {
        Err(says) => faults.push(format!(
            "a ballot says “{says}”, which isn't a valid ballot in this poll"
        )),
        Ok(tally) if tally.ballots != kept.ballots => faults.push(format!(
            "{ballots} ballots, but the tally says {}",
            kept.ballots
        )),
        Ok(tally) if tally.votes != kept.votes => {
            faults.push("the tally doesn't match the ballots".to_owned());
        }
        Ok(_) => {}
    }
    Ok((ballots, faults))
}
