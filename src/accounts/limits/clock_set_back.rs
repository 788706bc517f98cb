//! Moves timestamps in the future back to now, after a clock that ran ahead was corrected.
//! Otherwise a wait of half a minute would last until that future time. Rows are corrected at
//! start-up, or when they are next compared with the clock.

use sea_orm::{ConnectionTrait, DbErr};

use crate::accounts::limits::limit::MINUTE;
use crate::platform::clock::Seconds;
use crate::platform::db::execute;

/// Tolerated clock difference between processes on the same database: their newest rows are left
/// alone.
const CLOCK_TOLERANCE: Seconds = MINUTE;

/// Moves the timestamps of messages, their codes and pauses back to now.
pub async fn sends(db: &impl ConnectionTrait, now: Seconds) -> Result<(), DbErr> {
    // A message and its code are matched by timestamp, so both are corrected together.
    for (table, column) in [
        ("send", "at"),
        ("verification", "sent_at"),
        ("number_waitlist", "since"),
        ("circuit_breaker", "since"),
        ("circuit_breaker", "probe_at"),
        ("circuit_breaker", "judged_from"),
        ("draw", "asked_at"),
    ] {
        clamp_column(db, table, column, now).await?;
    }
    Ok(())
}

/// Moves the timestamps of failures back to now.
pub async fn failures(db: &impl ConnectionTrait, now: Seconds) -> Result<(), DbErr> {
    clamp_column(db, "failure", "at", now).await?;
    clamp_column(db, "password_failure", "last_at", now).await
}

/// Moves every timestamp that is compared with the clock back to now, at start-up.
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
        clamp_column(db, table, column, now).await?;
    }
    Ok(())
}

async fn clamp_column(
    db: &impl ConnectionTrait,
    table: &str,
    column: &str,
    now: Seconds,
) -> Result<(), DbErr> {
    let sql = format!("UPDATE {table} SET {column} = $1 WHERE {column} > $2");
    execute(db, &sql, [now.into(), (now + CLOCK_TOLERANCE).into()])
        .await
        .map(drop)
}
