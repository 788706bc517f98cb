//! After a clock that was ahead has been set right, rows bear moments of the future. They count as moments of now, from the first time
//! one of them is in the way: else a wait of half a minute would last until that day has come.

use sea_orm::{ConnectionTrait, DbErr};

use crate::accounts::limits::rules::MINUTE;
use crate::platform::clock::Seconds;
use crate::platform::db::execute;

/// How far ahead the clock of another process on the same database may be: its newest rows are left as they are.
const APART: Seconds = MINUTE;

/// Dates messages, the codes that went with them, and pauses back to now.
pub async fn sends(db: &impl ConnectionTrait, now: Seconds) -> Result<(), DbErr> {
    // A message and its code are found by the same moment, so they are dated together.
    for (table, column) in [
        ("send", "at"),
        ("verification", "sent_at"),
        ("number_waitlist", "since"),
        ("circuit_breaker", "since"),
        ("circuit_breaker", "probe_at"),
        ("circuit_breaker", "judged_from"),
        ("draw", "asked_at"),
    ] {
        column_back(db, table, column, now).await?;
    }
    Ok(())
}

/// Dates failures back to now.
pub async fn failures(db: &impl ConnectionTrait, now: Seconds) -> Result<(), DbErr> {
    column_back(db, "failure", "at", now).await?;
    column_back(db, "password_failure", "last_at", now).await
}

/// Dates everything that is compared with the clock back to now, at a start.
pub async fn all(db: &impl ConnectionTrait, now: Seconds) -> Result<(), DbErr> {
    sends(db, now).await?;
    failures(db, now).await?;
    let columns =
        ["seen_at", "created_at", "password_at", "recovered_at"].map(|column| ("session", column));
    for (table, column) in columns.into_iter().chain([
        ("trusted_browser", "created_at"),
        ("authenticator", "pending_at"),
        ("known_address", "seen_at"),
    ]) {
        column_back(db, table, column, now).await?;
    }
    Ok(())
}

async fn column_back(
    db: &impl ConnectionTrait,
    table: &str,
    column: &str,
    now: Seconds,
) -> Result<(), DbErr> {
    let sql = format!("UPDATE {table} SET {column} = $1 WHERE {column} > $2");
    execute(db, &sql, [now.into(), (now + APART).into()])
        .await
        .map(drop)
}
