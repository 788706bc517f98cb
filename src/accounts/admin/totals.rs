//! Numbers of accounts, for the admin page.

use sea_orm::{ConnectionTrait, DbErr};

use crate::platform::clock::Seconds;
use crate::platform::db::statement;

/// Returns how many accounts there are, and how many of them are newer than `since`. The latter reads
/// the new ones only: ids grow with time.
pub async fn accounts(db: &impl ConnectionTrait, since: Seconds) -> Result<(i64, i64), DbErr> {
    let sql = "SELECT (SELECT COUNT(*) FROM account) AS everyone,
        (SELECT COUNT(*) FROM account WHERE id > COALESCE((SELECT id FROM account WHERE created_at <= $1 ORDER BY id DESC LIMIT 1), 0)) AS recent";
    let row = db.query_one_raw(statement(db, sql, [since.into()])).await?;
    row.map_or(Ok((0, 0)), |row| {
        Ok((row.try_get("", "everyone")?, row.try_get("", "recent")?))
    })
}
