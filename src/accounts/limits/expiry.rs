//! Deletes and anonymises rows that no limit needs any more.

use sea_orm::DbErr;

use crate::accounts::limits::limit::{DAY, RETENTION};
use crate::accounts::limits::sends::turns;
use crate::accounts::limits::{circuit_breaker, passwords};
use crate::platform::clock::Seconds;
use crate::platform::db::{Db, execute};

/// Deletes expired rows, and removes personal data from messages after a day.
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
    // The rest is kept for the operator: which country a message went to, and how it ended.
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
        [(now - RETENTION).into()],
    )
    .await
    .map(drop)
}
