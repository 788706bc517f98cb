//! Purges orphaned drafts: those of deleted accounts, and deleted polls, which become drafts
//! without an owner. No page shows them, so they are removed with all their rows.

use sea_orm::{ConnectionTrait, DbErr};

use crate::platform::db::{Db, Transaction, execute, statement};

/// Rows per `DELETE`, so that other writers get their turn.
const BATCH: usize = 5_000;

/// Makes a poll an orphaned draft: from the commit on it is invisible and can't be voted in.
pub async fn orphan(transaction: &Transaction, poll: i64) -> Result<(), DbErr> {
    let sql = "UPDATE poll SET draft = TRUE, owner_id = NULL WHERE id = $1";
    execute(transaction, sql, [poll.into()]).await.map(drop)
}

/// Purges all orphaned drafts. After an error, the next call removes the rest.
pub async fn forget(db: &Db) -> Result<(), DbErr> {
    let sql = "SELECT id FROM poll WHERE owner_id IS NULL AND draft = TRUE";
    for row in db
        .read()
        .query_all_raw(statement(db.read(), sql, []))
        .await?
    {
        forget_one(db, row.try_get("", "id")?).await?;
    }
    Ok(())
}

/// Purges one orphaned draft. Marks are deleted first, so that they never outlive ballots and
/// voters can't be matched with the few that remain. The poll row is deleted last, so that an
/// interrupted purge is found again.
pub async fn forget_one(db: &Db, poll: i64) -> Result<(), DbErr> {
    for (table, key) in [
        ("participation", "voter"),
        ("account_participation", "account"),
        ("ballot", "id"),
        ("tally", "key"),
    ] {
        let some = format!("SELECT {key} FROM {table} WHERE poll_id = $1 LIMIT {BATCH}");
        let sql = format!("DELETE FROM {table} WHERE poll_id = $1 AND {key} IN ({some})");
        while execute(db.write(), &sql, [poll.into()]).await? > 0 {}
    }
    execute(
        db.write(),
        "DELETE FROM poll WHERE id = $1 AND owner_id IS NULL AND draft = TRUE",
        [poll.into()],
    )
    .await
    .map(drop)
}
