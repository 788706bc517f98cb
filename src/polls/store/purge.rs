//! Drafts of nobody: their owner has left, or they are polls that were deleted. Nobody sees them and nobody votes in them, so they go,
//! with everything in them.

use sea_orm::{ConnectionTrait, DbErr};

use crate::platform::db::{Db, execute, statement};

/// How many rows go in one statement; others write meanwhile.
const BATCH: usize = 5_000;

/// Forgets the drafts of nobody.
///
/// # Errors
/// When the database fails; then they are forgotten when this is called again.
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

/// Forgets one of them. Marks go first: none is left beside fewer ballots than there were, among which its own could be guessed. The
/// poll goes last, so that what is half done is found again.
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
