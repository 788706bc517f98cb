//! Moves timestamps in the future back to now, after a clock that ran ahead was corrected.
//! Otherwise a wait of half a minute would last until that future time. Rows are corrected at
//! start-up, or when they are next compared with the clock.

use sea_orm::{ConnectionTrait, DbErr};

use crate::accounts::limits::limit::MINUTE;
use crate::platform::clock::Seconds;

/// Tolerated clock difference between processes on the same database: their newest rows are left
/// alone.
const CLOCK_TOLERANCE: Seconds = MINUTE;

/// The timestamps of messages, their codes and pauses. A message and its code are matched by
/// timestamp, so both are corrected together.
const SENDS: [(&str, &str); 7] = [
    ("send", "at"),
    ("verification", "sent_at"),
    ("number_waitlist", "since"),
    ("circuit_breaker", "since"),
    ("circuit_breaker", "probe_at"),
    ("circuit_breaker", "judged_from"),
    ("draw", "asked_at"),
];
/// The timestamps of failures.
const FAILURES: [(&str, &str); 2] = [("failure", "at"), ("password_failure", "last_at")];
/// All others that are compared with the clock.
const OTHERS: [(&str, &str); 7] = [
    ("session", "seen_at"),
    ("session", "created_at"),
    ("session", "password_at"),
    ("session", "recovered_at"),
    ("trusted_browser", "created_at"),
    ("authenticator", "pending_at"),
    ("known_address", "seen_at"),
];

/// Moves the timestamps of messages, their codes and pauses back to now.
pub async fn sends(db: &impl ConnectionTrait, now: Seconds) -> Result<(), DbErr> {
    clamp(db, &SENDS, now).await
}

/// Moves the timestamps of failures back to now.
pub async fn failures(db: &impl ConnectionTrait, now: Seconds) -> Result<(), DbErr> {
    clamp(db, &FAILURES, now).await
}

/// Moves every timestamp that is compared with the clock back to now, at start-up.
pub async fn all(db: &impl ConnectionTrait, now: Seconds) -> Result<(), DbErr> {
    clamp(db, &[&SENDS[..], &FAILURES, &OTHERS].concat(), now).await
}

/// Corrects all columns in one exchange with the database, as one statement each would take most
/// of the time of a start.
async fn clamp(
    db: &impl ConnectionTrait,
    columns: &[(&str, &str)],
    now: Seconds,
) -> Result<(), DbErr> {
    let latest = now + CLOCK_TOLERANCE;
    let updates: Vec<String> = columns
        .iter()
        .map(|(table, column)| {
            format!("UPDATE {table} SET {column} = {now} WHERE {column} > {latest}")
        })
        .collect();
    db.execute_unprepared(&updates.join("; ")).await.map(drop)
}
