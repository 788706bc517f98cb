//! Deletes rows that no limit needs any more.

use sea_orm::DbErr;

use crate::accounts::limits::rules::{DAY, REMEMBERED};
use crate::accounts::limits::{circuit_breaker, passwords, turns};
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, execute};

/// Forgets what no limit looks at any more.
pub async fn forget(db: &Db, now: Seconds) -> Result<(), DbErr> {
    execute(
        db.write(),
        "DELETE FROM failure WHERE at <= $1",
        [(now - DAY).into()],
    )
    .await?;
    execute(
        db.write(),
        "DELETE FROM limit_override WHERE expires_at <= $1",
        [now.into()],
    )
    .await?;
    circuit_breaker::forget(db, now).await?;
    turns::forget(db, now).await?;
    passwords::forget(db, now).await?;
    // What is left serves the breaker and the operator: that a message went to a country, and how it ended.
    let sql = "UPDATE send SET account_id = 0, number_mac = $2, address = '', network = '', prefix = '', wide_prefix = ''
               WHERE at <= $1 AND account_id <> 0";
    execute(
        db.write(),
        sql,
        [(now - DAY).into(), Vec::<u8>::new().into()],
    )
    .await?;
    execute(
        db.write(),
        "DELETE FROM send WHERE at <= $1",
        [(now - REMEMBERED).into()],
    )
    .await
    .map(drop)
}
