//! Turnouts of polls with hidden results, as shown. Each stays the same for a minute, on every
//! instance and across restarts: a `setting` row holds the rounded number and when it was read, and
//! one conditional statement replaces it.

use std::time::Duration;

use sea_orm::{ConnectionTrait, DbErr, Value};
use tokio::time::timeout;

use crate::platform::db::{Db, execute, statement};
use crate::polls::model::turnout::{ShownTurnout, Turnout};
use crate::polls::store::polls::StoredPoll;
use crate::polls::store::votes;

/// Prefix of the `setting` rows.
const ROW: &str = "turnout ";
/// How long a page waits for the new number to be stored.
const WRITE_TIMEOUT: Duration = Duration::from_millis(500);

/// Returns the turnout of a poll as shown at this time, in milliseconds.
pub(super) async fn read(db: &Db, stored: &StoredPoll, now: i64) -> Result<ShownTurnout, DbErr> {
    let name = format!("{ROW}{}", stored.poll.id);
    // Another instance may replace it first; then its number is shown.
    for _ in 0..3 {
        let before = stored_text(db, &name).await?;
        let shown = before.as_deref().and_then(ShownTurnout::parse);
        if let Some(shown) = shown.filter(|shown| shown.lasts(now)) {
            return Ok(shown);
        }
        let shown = ShownTurnout {
            turnout: Turnout::of(votes::ballots(db.read(), stored.row).await?),
            since: now,
        };
        let writing = replace(db, &name, before, &shown);
        let replaced = timeout(WRITE_TIMEOUT, writing)
            .await
            .map_err(|_| DbErr::Custom("a turnout could not be stored in time".to_owned()))?;
        if replaced? {
            return Ok(shown);
        }
    }
    Err(DbErr::Custom("a turnout kept changing".to_owned()))
}

async fn stored_text(db: &Db, name: &str) -> Result<Option<String>, DbErr> {
    let sql = "SELECT value FROM setting WHERE name = $1";
    let row = db
        .read()
        .query_one_raw(statement(db.read(), sql, [name.into()]))
        .await?;
    row.map(|row| row.try_get("", "value")).transpose()
}

/// Stores a turnout; returns `false` if the row was changed since `before` was read.
async fn replace(
    db: &Db,
    name: &str,
    before: Option<String>,
    after: &ShownTurnout,
) -> Result<bool, DbErr> {
    let mut values: Vec<Value> = vec![name.into(), after.to_string().into()];
    let sql = if let Some(before) = before {
        values.push(before.into());
        "UPDATE setting SET value = $2 WHERE name = $1 AND value = $3"
    } else {
        "INSERT INTO setting (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING"
    };
    Ok(execute(db.write(), sql, values).await? == 1)
}

/// Deletes the turnouts of polls that have closed or are gone.
pub async fn forget_closed(db: &Db) -> Result<(), DbErr> {
    let sql = "DELETE FROM setting WHERE name LIKE $1 || '%'
               AND NOT EXISTS (SELECT 1 FROM poll WHERE sealing_state = 'not_started' AND setting.name = $1 || public_id)";
    execute(db.write(), sql, [ROW.into()]).await.map(drop)
}
